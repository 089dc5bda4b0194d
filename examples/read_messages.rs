//! Reads messages: `cargo run --example read_messages [CHAT] [TEXT TO SEARCH FOR]`.
//!
//! Offline by default; `WACHATS_GATEWAY` names a real gateway (see `examples/common`).
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use chrono::TimeDelta;
use wachats::{ErrorKind, Message};

#[tokio::main]
async fn main() -> common::Result {
    let opened = common::open().await?;
    let chats = &opened.chats;
    let mut arguments = std::env::args().skip(1);
    let chat = match arguments.next() {
        Some(id) => chats.chat(id)?,
        None if opened.simulator.is_some() => chats.chat("5511966666666")?,
        None => match chats.list().limit(20).collect().await?.into_iter().find(|chat| chat.id.is_phone()) {
            Some(chat) => chats.chat(chat.id)?,
            None => return Err("no chat with a person among the first 20".into()),
        },
    };
    println!("The newest messages:");
    let newest = chat.messages().limit(10).collect().await?;
    newest.iter().for_each(show);

    if let Some(last) = newest.first().and_then(|message| message.sent_at) {
        let day =
            chat.messages().since(last - TimeDelta::hours(24)).from_me(false).limit(100).collect().await?;
        println!("\nReceived in the 24 hours before the last one: {}", day.len());
    }

    let text = arguments.next().unwrap_or_else(|| "invoice".to_owned());
    // A gateway without a search of its own is scanned, up to 10,000 messages; past that it is refused.
    match chat.messages().search(text).limit(5).collect().await {
        Ok(found) => {
            println!("\nFound: {}", found.len());
            found.iter().for_each(show);
        }
        Err(error) if error.kind() == ErrorKind::Unsupported => println!("\nNot searched: {error}"),
        Err(error) => return Err(error.into()),
    }

    // One page at a time, for a user interface: the token can be stored and given back later.
    let first = chat.messages().limit(5).page().await?;
    if let Some(next) = first.next {
        let second = chat.messages().limit(5).after(next).page().await?;
        println!("\nTwo pages: {} and {} messages", first.items.len(), second.items.len());
    }

    if let Some(message) = newest.iter().find(|message| message.media.is_some()) {
        let media = chats.media(message).bytes(64 << 20).await?;
        println!("\nThe media of one of them: {} bytes of {}", media.len(), message.kind);
    }
    Ok(())
}

fn show(message: &Message) {
    let time = message.sent_at.map_or("-".to_owned(), |at| at.format("%m-%d %H:%M").to_string());
    let who = if message.from_me { "me" } else { message.sender_name.as_deref().unwrap_or("them") };
    let text = message.text.as_deref().unwrap_or("-");
    println!("  {time} {who:>12} {:9} {text}", message.kind.as_str());
}
