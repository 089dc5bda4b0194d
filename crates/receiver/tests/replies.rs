//! Answers: at most once each, whatever becomes of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::{ALICE, Folder, Kind, within};
use wachats_core::transport::HttpOptions;
use wachats_core::{Chats, ErrorKind, Event};
use wachats_receiver::{Inbound, Inbox, InboxOptions, Replied};
use wachats_simulator::waha::{self, Engine};
use wachats_simulator::{Fault, Server, World};
use wachats_waha::Waha;

fn options() -> InboxOptions {
    let mut options = InboxOptions::new();
    options.first_pause = Duration::from_millis(5);
    options.longest_pause = Duration::from_millis(20);
    options.lease = Duration::from_millis(300);
    options
}

async fn gateway(world: &World) -> (Server, Chats) {
    let server = waha::serve(world.clone(), waha::Profile::new(Engine::Gows).key("k")).await.unwrap();
    let http = HttpOptions::new().backoff(Duration::from_millis(1), Duration::from_millis(2));
    let chats = Chats::new(Waha::builder(server.url()).key("k").http(http).build().unwrap());
    (server, chats)
}

fn event(n: u64) -> Event {
    Kind::Waha
        .webhook()
        .decode(&Vec::<(String, String)>::new(), Kind::Waha.body(n).as_bytes())
        .unwrap()
        .remove(0)
}

fn answers(world: &World) -> usize {
    world.messages(ALICE).iter().filter(|message| message.content.text() == Some("the answer")).count()
}

async fn handle(inbox: &Inbox, chats: &Chats, events: u64) -> Vec<String> {
    let (told, mut all) = tokio::sync::mpsc::unbounded_channel();
    let handling = inbox.handling().replies_through(chats.clone()).run(move |event: Arc<Inbound>| {
        let told = told.clone();
        async move {
            let replied = event.reply("the answer").await;
            told.send(match &replied {
                Ok(Replied::Sent(_)) => "sent".to_owned(),
                Ok(Replied::Before { message_id }) => format!("before {}", message_id.is_some()),
                Ok(_) => "unknown".to_owned(),
                Err(error) => error.kind().to_string(),
            })
            .unwrap();
            replied.map(drop)
        }
    });
    let handling = tokio::spawn(handling);
    within(Duration::from_secs(20), "all are handled", async {
        while inbox.counts().await.unwrap().done < events {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    handling.abort();
    let mut outcomes = Vec::new();
    while let Ok(outcome) = all.try_recv() {
        outcomes.push(outcome);
    }
    outcomes
}

#[tokio::test]
async fn an_unknown_outcome_is_written_down_and_not_sent_again() {
    let world = World::sample();
    let (server, chats) = gateway(&world).await;
    let inbox = Inbox::in_memory_with(options());
    server.faults().push(Fault::reset().after_effect().on("POST", "sendText").times(1));
    inbox.put(&[event(1)]).await.unwrap();
    assert_eq!(handle(&inbox, &chats, 1).await, ["unknown"]);
    assert_eq!(answers(&world), 1);
    let unknown = inbox.unknown_replies(10).await.unwrap();
    assert!(unknown.iter().all(|reply| !format!("{reply:?}").contains("55119")), "{unknown:?}");
    assert_eq!((unknown.len(), unknown[0].number), (1, 0));
    assert!(unknown[0].dedupe_key.contains("3EB0"));
}

#[tokio::test]
async fn a_refusal_is_tried_again() {
    let world = World::sample();
    let (server, chats) = gateway(&world).await;
    let inbox = Inbox::in_memory_with(options());
    server.faults().push(Fault::status(403).on("POST", "sendText").times(2));
    inbox.put(&[event(1)]).await.unwrap();
    assert_eq!(handle(&inbox, &chats, 1).await, ["forbidden", "forbidden", "sent"]);
    assert_eq!(answers(&world), 1);
    assert!(inbox.unknown_replies(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_second_run_of_the_handler_sends_nothing_twice() {
    let folder = Folder::new("replies");
    let world = World::sample();
    let (_server, chats) = gateway(&world).await;
    let inbox = Inbox::open_with(folder.file("events.db"), options()).unwrap();
    inbox.put(&[event(1)]).await.unwrap();
    let handling = inbox.handling().replies_through(chats.clone()).run(|event: Arc<Inbound>| async move {
        event.reply("the answer").await.map_err(|error| error.to_string())?;
        if event.attempt() < 3 {
            return Err("after the answer".to_owned());
        }
        Ok(())
    });
    let handling = tokio::spawn(handling);
    within(Duration::from_secs(20), "it is handled", async {
        while inbox.counts().await.unwrap().done < 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    handling.abort();
    assert_eq!(answers(&world), 1);
}

#[tokio::test]
async fn a_handler_that_dies_while_it_sends_leaves_an_unknown_answer() {
    let world = World::sample();
    let (server, chats) = gateway(&world).await;
    let inbox = Inbox::in_memory_with(options());
    inbox.put(&[event(1)]).await.unwrap();
    server.faults().push(Fault::hang().on("POST", "sendText").times(1));
    let handling = inbox.handling().replies_through(chats.clone()).time_limit(Duration::from_millis(200));
    let handling = tokio::spawn(
        handling.run(|event: Arc<Inbound>| async move { event.reply("the answer").await.map(drop) }),
    );
    within(Duration::from_secs(20), "it is handled", async {
        while inbox.counts().await.unwrap().done < 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    handling.abort();
    assert!(answers(&world) <= 1);
    assert_eq!(inbox.unknown_replies(10).await.unwrap().len(), 1);
    let sends =
        server.requests().iter().filter(|request| request.path_and_query.contains("sendText")).count();
    assert_eq!(sends, 1);
}

#[tokio::test]
async fn without_an_account_or_a_chat_there_is_no_answer() {
    let inbox = Inbox::in_memory_with(options());
    inbox.put(&[event(1)]).await.unwrap();
    let error = inbox.next().await.unwrap().reply("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
}
