//! From each gateway's simulator over HTTP into the receiver and out again: every event once, out of order and repeated.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wachats::webhook::{Webhook, WebhookKeys, Window};
use wachats::{Ack, Event, EventKind, Upserts, gowa, green_api, waha, wappfy};
use wachats_receiver::{Inbound, Inbox, Receiver};
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Ack as Level, CallStage, Caller, Content, Message, Session};
use wachats_simulator::{
    Courier, Server, World, gowa as gowa_sim, green_api as green_sim, waha as waha_sim, wappfy as wappfy_sim,
};

const ALICE: &str = "5511911111111@c.us";
const SECRET: &str = "the webhook's own secret";

/// The kinds of gateways, and what each tells of the same afternoon.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Waha,
    Wappfy,
    GreenApi,
    Gowa,
}

const KINDS: [Kind; 4] = [Kind::Waha, Kind::Wappfy, Kind::GreenApi, Kind::Gowa];

impl Kind {
    fn webhook(self) -> Box<dyn Webhook> {
        match self {
            Self::Waha => Box::new(waha::event::WahaEvents::new()),
            Self::Wappfy => Box::new(wappfy::event::events()),
            Self::GreenApi => Box::new(green_api::event::GreenApiEvents::new()),
            Self::Gowa => Box::new(gowa::event::GowaEvents::new()),
        }
    }

    async fn serve(self, world: &World, url: &str, courier: Courier) -> Server {
        let (world, secret) = (world.clone(), Some(SECRET));
        match self {
            Self::Waha => {
                let tags = serde_json::json!({"webjs": {"tagsEventsOn": true}});
                let profile = waha_sim::Profile::new(Engine::Webjs).config(tags);
                waha_sim::serve(world, profile.webhook(url, secret).courier(courier)).await
            }
            Self::Wappfy => {
                let profile = wappfy_sim::Profile::new().engine(Engine::Noweb);
                wappfy_sim::serve(world, profile.webhook(url, secret).courier(courier)).await
            }
            Self::GreenApi => {
                green_sim::serve(world, green_sim::Profile::new().webhook(url, secret).courier(courier)).await
            }
            Self::Gowa => {
                gowa_sim::serve(world, gowa_sim::Profile::v9_2().webhook(url, secret).courier(courier)).await
            }
        }
        .unwrap()
    }

    /// What it tells of the afternoon.
    fn tells(self) -> BTreeSet<&'static str> {
        let common = [
            "message_received",
            "message_sent",
            "message_ack",
            "message_edited",
            "message_deleted",
            "reaction",
            "call",
        ];
        let more: &[&str] = match self {
            Self::Waha => &["chat_archived", "session_state", "label", "poll_vote"],
            Self::Wappfy => &["session_state", "label", "poll_vote"],
            Self::GreenApi => &["session_state", "poll_vote", "quota"],
            Self::Gowa => &["label"],
        };
        common.iter().chain(more).copied().collect()
    }
}

fn afternoon(world: &World) {
    let later = |seconds: i64| world.set_clock(Some(1_800_000_000_000 + seconds * 1000));
    world.receive(Message::text(ALICE, "3EB0E1", "hello"));
    let own = world.send_from_phone(ALICE, Content::Text("hi".to_owned()));
    world.ack(ALICE, &own.key, Level::Device);
    world.ack(ALICE, &own.key, Level::Read);
    world.edit_message(ALICE, "3EB0E1", "hello!");
    world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
    // what is told with one time has no order
    later(60);
    world.react(ALICE, "3EB0E1", Some(ALICE), "");
    world.react(ALICE, &own.key, Some(ALICE), "❤");
    let gone = world.send_from_phone(ALICE, Content::Text("a mistake".to_owned()));
    world.revoke_message(ALICE, &gone.key);
    world.vote(ALICE, "3EB0A00000000000000B", ALICE, &["Pizza"]);
    world.call("CALL1", &Caller::new(ALICE), CallStage::Offer);
    world.set_label("5", "Important", 2);
    world.archive(ALICE, true);
    world.quota_used_up("correspondents", 3);
    world.set_session(Session::Starting);
    world.set_session(Session::Working);
}

/// Runs an afternoon into a receiver; what was handled, in the order in which it was.
async fn run(kind: Kind, courier: Courier, inbox: Inbox) -> (Vec<Event>, Receiver, World) {
    // the world's clock stands still, far from today
    let keys = WebhookKeys::new(SECRET).window(Window::new(Duration::MAX));
    let receiver = Receiver::boxed(kind.webhook(), keys, inbox.clone()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = receiver.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let world = World::sample();
    world.set_clock(Some(1_800_000_000_000));
    let _server = kind.serve(&world, &url, courier).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handling = {
        let seen = Arc::clone(&seen);
        inbox.handling().run(move |event: Arc<Inbound>| {
            seen.lock().unwrap().push(event.event().clone());
            async { Ok::<_, std::convert::Infallible>(()) }
        })
    };
    let handling = tokio::spawn(handling);
    afternoon(&world);
    // until nothing new came for a while
    let mut last = (0, std::time::Instant::now());
    while last.1.elapsed() < Duration::from_millis(1500) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let count = receiver.verdicts().accepted;
        if count != last.0 {
            last = (count, std::time::Instant::now());
        }
    }
    handling.abort();
    let seen = seen.lock().unwrap().clone();
    (seen, receiver, world)
}

#[tokio::test]
async fn all_four_tell_the_same_afternoon() {
    for kind in KINDS {
        let (events, receiver, _) = run(kind, Courier::new(), Inbox::in_memory()).await;
        let told: BTreeSet<&str> = events.iter().map(Event::name).collect();
        assert_eq!(told, kind.tells(), "{kind:?}");
        let verdicts = receiver.verdicts();
        assert_eq!((verdicts.forged, verdicts.refused, verdicts.not_kept), (0, 0, 0));
        let text = |event: &Event| event.message().and_then(|message| message.text.clone());
        let texts: Vec<String> = events.iter().filter_map(text).collect();
        assert_eq!(texts, ["hello", "hi", "a mistake"], "{kind:?}");
        for event in &events {
            assert_eq!(event.gateway, kind.webhook().gateway());
            if let EventKind::MessageEdited { message_key, text, .. } = &event.kind {
                assert_eq!((message_key.to_string(), text.as_deref()), ("3EB0E1".to_owned(), Some("hello!")));
            }
        }
    }
}

#[tokio::test]
async fn out_of_order_and_repeated_the_picture_is_the_same() {
    for kind in KINDS {
        let courier = Courier::new().reordered(5).duplicated(2).retry_delay(Duration::from_millis(5));
        let (events, receiver, world) = run(kind, courier, Inbox::in_memory()).await;
        let mut keys: Vec<&str> = events.iter().map(|event| event.dedupe_key.as_str()).collect();
        let verdicts = receiver.verdicts();
        assert_eq!(verdicts.new_events, keys.len() as u64);
        assert!(verdicts.accepted > verdicts.new_events, "some came twice");
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), events.len(), "{kind:?}: none was handled twice");

        let mut picture = Upserts::new();
        for event in &events {
            picture.apply(event);
        }
        let chat = ALICE.parse().unwrap();
        let message = |key: &str, from_me: bool| {
            let message = picture.get(&chat, &key.parse().unwrap(), from_me);
            message.unwrap_or_else(|| panic!("{kind:?} {key}"))
        };
        let hello = message("3EB0E1", false);
        assert_eq!((hello.text.as_deref(), hello.edited), (Some("hello!"), Some(true)), "{kind:?}");
        assert!(hello.reactions.as_ref().is_none_or(Vec::is_empty), "{kind:?}: it was taken back");
        let rows = world.messages(ALICE);
        let own = rows.iter().find(|row| row.content.text() == Some("hi")).unwrap();
        let hi = message(&own.key, true);
        assert_eq!((hi.ack.as_ref(), hi.from_me), (Some(&Ack::Read), true), "{kind:?}");
        assert_eq!(hi.reactions.as_ref().map(|all| all[0].emoji.as_str()), Some("❤"), "{kind:?}");
        let gone =
            rows.iter().filter(|row| row.from_me && row.key != own.key).max_by_key(|row| row.sent_at());
        assert_eq!(message(&gone.unwrap().key, true).revoked, Some(true), "{kind:?}");
    }
}
