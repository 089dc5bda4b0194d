//! Lists chats, most recently active first: `cargo run --example list_chats [PART OF A NAME]`.
//!
//! Offline by default; `WACHATS_GATEWAY` names a real gateway (see `examples/common`).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

mod common;

use futures::TryStreamExt;

#[tokio::main]
async fn main() -> common::Result {
    let opened = common::open().await?;
    // What can't be decoded is handed over instead of being lost.
    let chats = opened.chats.on_skipped(|skipped| eprintln!("{skipped}"));
    let mut list = chats.list().limit(200);
    if let Some(part) = std::env::args().nth(1) {
        list = list.name(part);
    }
    // A stream asks for one page after the other, as they are needed.
    let mut list = list.stream();
    while let Some(chat) = list.try_next().await? {
        let time = chat.last_message_at.map_or("-".to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string());
        // `None` means that this gateway doesn't tell, not "no".
        let flag = |told: Option<bool>, word| match told {
            Some(true) => word,
            Some(false) => "",
            None => "?",
        };
        println!(
            "{:40} {:8} {time:16} {:20} {} {}",
            chat.id.as_str(),
            chat.kind.as_str(),
            chat.name.as_deref().unwrap_or("-"),
            flag(chat.archived, "archived"),
            flag(chat.pinned, "pinned"),
        );
    }
    Ok(())
}
