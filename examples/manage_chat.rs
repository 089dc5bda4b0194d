//! Changes a chat: archives it, marks it, sends, edits, reacts, deletes: `cargo run --example manage_chat [CHAT]`.
//!
//! Offline by default. With `WACHATS_GATEWAY` a real chat must be named: it is really changed.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use std::future::Future;

use wachats::{DisappearingTimer, Effect, ErrorKind, Outcome};

#[tokio::main]
async fn main() -> common::Result {
    let opened = common::open().await?;
    let id = match (std::env::args().nth(1), &opened.simulator) {
        (Some(id), _) => id,
        (None, Some(_)) => "5511911111111".to_owned(),
        (None, None) => return Err("name the chat to change: a phone number or an id".into()),
    };
    let chat = opened.chats.chat(id)?;

    attempt("archive", chat.archive()).await?;
    attempt("unarchive", chat.unarchive()).await?;
    attempt("mark unread", chat.mark_unread()).await?;
    attempt("mark read", chat.mark_read()).await?;
    attempt("pin the chat", chat.pin()).await?;
    attempt("disappear after a week", chat.disappearing(DisappearingTimer::Week)).await?;

    let sent = attempt("send", chat.send("Hello from wachats")).await?;
    if let Some(id) = sent.and_then(|outcome| outcome.message_id) {
        let message = chat.message(id)?;
        attempt("star", message.star()).await?;
        attempt("react", message.react("👍")).await?;
        attempt("take the reaction back", message.react("")).await?;
        attempt("edit", message.edit("Hello again from wachats")).await?;
        attempt("delete for everyone", message.delete_for_everyone()).await?;
    }
    Ok(())
}

/// What every program has to tell apart: done, not possible here, certainly not done, perhaps done.
async fn attempt(
    what: &str,
    change: impl Future<Output = wachats::Result<Outcome>>,
) -> common::Result<Option<Outcome>> {
    let error = match change.await {
        Ok(outcome) => {
            println!("{what:24} done{}", if outcome.queued { ", queued" } else { "" });
            return Ok(Some(outcome));
        }
        Err(error) => error,
    };
    match (error.kind(), error.effect()) {
        (ErrorKind::Unsupported, _) => println!("{what:24} not possible: {}", error.message()),
        (_, Effect::NotSent | Effect::Refused) => println!("{what:24} did not happen: {error}"),
        // Sending it again might do it twice: look first.
        _ => println!("{what:24} may have happened: {error}"),
    }
    if error.kind() == ErrorKind::Unsupported { Ok(None) } else { Err(error.into()) }
}
