//! Shows what happens, as it happens: `cargo run --example tail`.
//!
//! Offline by default, and then it ends by itself; `WACHATS_GATEWAY` names a real gateway (see `examples/common`) that events
//! can be pulled from: WAHA by websocket, Green-API from its queue. Ctrl-C ends it.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use wachats::{Change, Chats, Upserts};
use wachats_simulator::World;
use wachats_simulator::world::{Ack, Content, Message};

const ALICE: &str = "5511911111111@c.us";

#[tokio::main]
async fn main() -> common::Result {
    if let Some(chats) = common::real()? {
        return tail(&chats, None).await;
    }
    let world = World::sample();
    let opened = common::waha_simulator(&world).await?;
    let happening = tokio::spawn(async move {
        // the websocket has to be there first: it keeps nothing
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.receive(Message::text(ALICE, "3EB0E1", "See you at eigth"));
        world.edit_message(ALICE, "3EB0E1", "See you at eight");
        let own = world.send_from_phone(ALICE, Content::Text("I'll be there".to_owned()));
        world.react(ALICE, &own.key, Some(ALICE), "👍");
        world.ack(ALICE, &own.key, Ack::Read);
        world.archive(ALICE, true);
    });
    tail(&opened.chats, Some(5)).await?;
    happening.await?;
    Ok(())
}

async fn tail(chats: &Chats, limit: Option<usize>) -> common::Result {
    let mut events = chats.events().open().await?;
    // Deliveries come at least once and in any order; this keeps the right picture of their messages.
    let mut picture = Upserts::new();
    let mut seen = 0;
    while limit.is_none_or(|limit| seen < limit) {
        let next = tokio::select! {
            next = events.next() => next?,
            _ = tokio::signal::ctrl_c() => break,
        };
        let Some(event) = next else { break };
        seen += 1;
        let at = event.at.map_or("-".to_owned(), |at| at.format("%H:%M:%S").to_string());
        let chat = event.chat_id.as_ref().map(ToString::to_string).unwrap_or_default();
        println!("{at} {:18} {chat}", event.name());
        for change in picture.apply(&event) {
            println!("         {}", describe(&picture, &change));
        }
        // Without this the same event comes again.
        events.ack().await?;
    }
    Ok(())
}

fn describe(picture: &Upserts, change: &Change) -> String {
    let whose = change.message_from_me;
    let Some(message) = whose.and_then(|own| picture.get(&change.chat_id, &change.message_key, own)) else {
        return format!("{:?}", change.kind);
    };
    let text = message.text.as_deref().unwrap_or("-");
    let reactions: Vec<_> = message.reactions.iter().flatten().map(|r| r.emoji.as_str()).collect();
    format!("{:?}: \"{text}\" {}", change.kind, reactions.join(" "))
}
