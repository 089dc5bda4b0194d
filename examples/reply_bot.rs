//! A bot that answers each text once, whatever happens: `cargo run --example reply_bot`.
//!
//! Offline: a simulated WAHA delivers every message twice and breaks the connection in the middle of an answer. Whether that
//! answer went out nobody knows, so it is written down with its event and not sent again.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use wachats::waha::event::WahaEvents;
use wachats::{EventKind, MessageKind, Secrets};
use wachats_receiver::{Inbound, Inbox, Receiver, Replied};
use wachats_simulator::waha::{self, Engine, Profile};
use wachats_simulator::world::Message;
use wachats_simulator::{Courier, Fault, World};

const ALICE: &str = "5511911111111@c.us";
const SECRET: &str = "the webhook's secret";

#[tokio::main]
async fn main() -> common::Result {
    // On disk it is `Inbox::open("events.db")?`; a bot that must not forget uses that.
    let inbox = Inbox::in_memory();
    let receiver = Receiver::new(WahaEvents::new(), SECRET, inbox.clone())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move { receiver.serve(listener, std::future::pending()).await });

    let world = World::sample();
    // a delivery of months ago would be refused as a replay
    world.set_clock(None);
    let profile = Profile::new(Engine::Gows).key("demo").webhook(&url, Some(SECRET));
    let server = waha::serve(world.clone(), profile.courier(Courier::new().duplicated(1))).await?;
    let chats = wachats::connect(&format!("waha+{}", server.url()), Secrets::waha("demo"))?;

    // The second answer takes effect and its confirmation is lost.
    server.faults().push(Fault::reset().after_effect().on("POST", "sendText").after(1).times(1));
    for n in 1..=3 {
        world.receive(Message::text(ALICE, &format!("3EB0E{n}"), &format!("question {n}")));
    }
    let stop = tokio::time::sleep(Duration::from_millis(1500));
    inbox.handling().replies_through(chats).run_until(stop, answer).await;

    let texts: Vec<_> =
        world.messages(ALICE).iter().filter_map(|m| m.content.text().map(str::to_owned)).collect();
    let answers: Vec<_> = texts.iter().filter(|text| text.starts_with("You asked")).collect();
    println!("Alice got {} answers to 3 questions: {answers:?}", answers.len());
    for reply in inbox.unknown_replies(10).await? {
        println!(
            "Of unknown outcome, for a person to look at: answer {} to event {}",
            reply.number, reply.event_id
        );
    }
    Ok(())
}

async fn answer(event: Arc<Inbound>) -> wachats::Result<()> {
    let EventKind::MessageReceived { message } = &event.kind else { return Ok(()) };
    let (MessageKind::Text, Some(text)) = (&message.kind, &message.text) else { return Ok(()) };
    // An error that certainly sent nothing is given back: the event comes again, and with it the answer.
    match event.reply(format!("You asked: {text}")).await? {
        Replied::Sent(_) => println!("{text}: answered"),
        Replied::Before { .. } => println!("{text}: had been answered"),
        _ => println!("{text}: it isn't known whether the answer went out"),
    }
    Ok(())
}
