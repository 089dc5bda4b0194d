//! Events pulled from Green-API's queue and WAHA's websocket: in order, each until it is acknowledged, over faults and gaps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;
#[path = "events_pull/gaps.rs"]
mod gaps;

use std::collections::HashMap;
use std::time::Duration;

use common::{CANARY, Opened, quick};
use wachats::green_api::GreenApi;
use wachats::{ConnectOptions, ErrorKind, Event, EventKind, EventStream, Secrets, Upserts};
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Ack, Content, Message, Session};
use wachats_simulator::{Courier, Fault, World, green_api, waha};

const ALICE: &str = "5511911111111@c.us";
const TIME: Duration = Duration::from_secs(20);

/// The next event, acknowledged.
async fn take(events: &mut EventStream) -> Event {
    let event = peek(events).await;
    events.ack().await.expect("the gateway is told");
    event
}

async fn peek(events: &mut EventStream) -> Event {
    let next = tokio::time::timeout(TIME, events.next()).await.expect("an event in time");
    next.expect("no error").expect("an event")
}

async fn names(events: &mut EventStream, count: usize) -> Vec<&'static str> {
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(take(events).await.name());
    }
    names
}

/// Nothing more comes within a moment.
async fn silent(events: &mut EventStream) {
    let more = tokio::time::timeout(Duration::from_millis(700), events.next()).await;
    assert!(more.is_err(), "unexpected: {more:?}");
}

async fn green(change: impl FnOnce(green_api::Profile) -> green_api::Profile) -> (World, Opened) {
    let world = World::sample();
    let profile = change(green_api::Profile::new().quick_polls().credentials(7_103_000_001, CANARY));
    let server = green_api::serve(world.clone(), profile).await.unwrap();
    let uri = format!("green-api+{}?instance=7103000001", server.url());
    let options = ConnectOptions::new(Secrets::green_api(CANARY)).http(quick());
    let chats = wachats::connect(&uri, options).unwrap();
    (world, Opened { chats, server: std::sync::Arc::new(server) })
}

async fn socket(profile: waha::Profile) -> (World, Opened) {
    let world = World::sample();
    let server = waha::serve(world.clone(), profile.key(CANARY)).await.unwrap();
    let uri = format!("waha+{}?session=default", server.url());
    let chats = wachats::connect(&uri, ConnectOptions::new(Secrets::waha(CANARY)).http(quick())).unwrap();
    (world, Opened { chats, server: std::sync::Arc::new(server) })
}

fn happen(world: &World) {
    world.receive(Message::text(ALICE, "3EB0E1", "hello"));
    world.send_from_phone(ALICE, Content::Text("hi".to_owned()));
    world.ack(ALICE, "3EB0A000000000000002", Ack::Read);
    world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
    world.edit_message(ALICE, "3EB0E1", "hello!");
    world.set_session(Session::Starting);
}

#[tokio::test]
async fn the_queue_gives_each_until_it_is_acknowledged() {
    let (world, opened) = green(|profile| profile.courier(Courier::new().duplicated(2))).await;
    happen(&world);
    let mut events = opened.chats.events().open().await.unwrap();
    let first = peek(&mut events).await;
    assert_eq!(first, peek(&mut events).await);
    assert_eq!(first.message().unwrap().text.as_deref(), Some("hello"));
    drop(events);
    let mut events = opened.chats.events().raw(true).open().await.unwrap();
    let again = take(&mut events).await;
    assert_eq!(again.dedupe_key, first.dedupe_key, "a dropped stream has deleted nothing");
    assert!(again.raw.unwrap().get().contains("incomingMessageReceived"));
    assert_eq!(
        names(&mut events, 5).await,
        ["message_sent", "message_ack", "reaction", "message_edited", "session_state"]
    );
    silent(&mut events).await;
    let left =
        opened.server.requests().iter().filter(|r| r.path_and_query.contains("deleteNotification")).count();
    assert_eq!(left, 9, "six and the three that came twice");
}

#[tokio::test]
async fn poison_is_handed_over_and_deleted_like_any_other() {
    let (world, opened) = green(|profile| profile).await;
    opened.server.inject(r#"{"typeWebhook":"somethingNew","instanceData":null,"x":[1,2]}"#);
    opened.server.inject("{not JSON");
    opened.server.inject(r#""just a text""#);
    world.receive(Message::text(ALICE, "3EB0E1", "behind"));
    let mut events = opened.chats.events().open().await.unwrap();
    for part in ["somethingNew", "{not JSON", "just a text"] {
        let event = take(&mut events).await;
        assert_eq!(event.kind, EventKind::Unknown);
        assert!(event.raw.unwrap().get().contains(part), "{part}");
    }
    assert_eq!(take(&mut events).await.message().unwrap().text.as_deref(), Some("behind"));
}

/// One that is larger than any answer may be must not be given again for ever, and no receipt may be rounded.
#[tokio::test]
async fn a_notification_past_the_cap_does_not_jam_the_queue() {
    let (world, opened) = green(|profile| profile).await;
    let http = quick().body_cap(200_000);
    let uri = format!("green-api+{}?instance=7103000001", opened.server.url());
    let chats = wachats::connect(&uri, ConnectOptions::new(Secrets::green_api(CANARY)).http(http)).unwrap();
    world.receive(Message::text(ALICE, "3EB0E1", &"large ".repeat(100_000)));
    world.receive(Message::text(ALICE, "3EB0E2", "behind"));
    let mut events = chats.events().open().await.unwrap();
    let event = take(&mut events).await;
    assert_eq!(event.kind, EventKind::Unknown);
    assert!(event.dedupe_key.starts_with("unknown|7103000001|"), "the account is named as ever");
    let raw = event.raw.unwrap();
    assert!(raw.get().contains("3EB0E1") && raw.get().len() < 70_000);
    assert_eq!(take(&mut events).await.message().unwrap().text.as_deref(), Some("behind"));
}

#[tokio::test]
async fn the_queue_survives_what_a_gateway_can_do_to_it() {
    let (world, opened) = green(|profile| profile).await;
    let mut events = opened.chats.events().open().await.unwrap();
    let faults = opened.server.faults();
    for fault in [
        Fault::status(500),
        Fault::status(502).text("<html>bad gateway</html>"),
        Fault::status(429),
        Fault::html(200),
        Fault::reset(),
        Fault::truncate_json(10),
        Fault::json(200, &serde_json::json!({"strange": true})),
        Fault::json(400, &serde_json::json!({"message": "instance in starting process try later"})),
    ] {
        faults.push(fault.on("GET", "receiveNotification").times(1));
    }
    faults.push(Fault::status(502).on("DELETE", "deleteNotification").times(2));
    faults.push(Fault::reset().after_effect().on("DELETE", "deleteNotification").times(1));
    for n in 0..5 {
        world.receive(Message::text(ALICE, &format!("3EB0E{n}"), &format!("number {n}")));
    }
    for n in 0..5 {
        let event = peek(&mut events).await;
        assert_eq!(event.message().unwrap().text, Some(format!("number {n}")));
        // what the gateway could not be told now, it is told before the next
        let _ = events.ack().await;
    }
    silent(&mut events).await;
    assert_eq!(faults.pending(), 0, "every fault struck");
}

#[tokio::test]
async fn nothing_is_polled_beside_a_webhook_or_another_poll() {
    let (_, opened) = green(|profile| profile.webhook("http://127.0.0.1:9/", Some("token"))).await;
    let error = opened.chats.events().open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert!(!opened.server.requests().iter().any(|r| r.path_and_query.contains("receiveNotification")));

    let (world, opened) = green(|profile| profile).await;
    let gateway = opened.chats.backend::<GreenApi>().unwrap();
    let mut events = opened.chats.events().open().await.unwrap();
    assert_eq!(opened.chats.events().open().await.unwrap_err().kind(), ErrorKind::Conflict);
    let pushed = wachats::green_api::WebhookConfig::pushed("http://127.0.0.1:9/", "token");
    assert_eq!(gateway.set_webhook(&pushed).await.unwrap_err().kind(), ErrorKind::Conflict);
    // somebody else sets one meanwhile: that is told, and not waited for
    let other =
        GreenApi::builder(opened.server.url()).instance(7_103_000_001_u64).token(CANARY).build().unwrap();
    other.set_webhook(&pushed).await.unwrap();
    let error = tokio::time::timeout(TIME, events.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    other.set_webhook(&wachats::green_api::WebhookConfig::polled()).await.unwrap();
    world.receive(Message::text(ALICE, "3EB0E1", "now"));
    assert_eq!(take(&mut events).await.name(), "message_received");
    drop(events);
    assert!(opened.chats.events().open().await.is_ok());
}

#[tokio::test]
async fn the_websocket_tells_each_event_once() {
    for engine in [Engine::Webjs, Engine::Wpp, Engine::Noweb, Engine::Gows] {
        let (world, opened) = socket(waha::Profile::new(engine).courier(Courier::new().duplicated(1))).await;
        let mut events = opened.chats.events().open().await.unwrap();
        world.receive(Message::text(ALICE, "3EB0E1", "hello"));
        world.send_from_phone(ALICE, Content::Text("hi".to_owned()));
        world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
        assert_eq!(
            names(&mut events, 3).await,
            ["message_received", "message_sent", "reaction"],
            "{engine:?}"
        );
        silent(&mut events).await;
        opened.server.inject("{not JSON");
        opened.server.inject(r#"{"event":"engine.new","session":"default","payload":{}}"#);
        assert_eq!(names(&mut events, 2).await, ["unknown", "unknown"]);
    }
}

/// The engine gives the time of the chat's last message with each of them.
#[tokio::test]
async fn a_chat_archived_again_is_told_again() {
    let (world, opened) = socket(waha::Profile::new(Engine::Webjs)).await;
    let mut events = opened.chats.events().open().await.unwrap();
    for (n, archived) in [true, false, true, false].into_iter().enumerate() {
        world.set_clock(Some(1_795_230_000_000 + n as i64));
        world.archive(ALICE, archived);
        assert_eq!(take(&mut events).await.kind, EventKind::ChatArchived { archived });
    }
}

#[tokio::test]
async fn what_came_in_a_gap_is_read_anew_and_told_once() {
    for engine in [Engine::Webjs, Engine::Wpp, Engine::Noweb, Engine::Gows] {
        let profile =
            waha::Profile::new(engine).courier(Courier::new().ping_every(Duration::from_millis(200)));
        let (world, opened) = socket(profile).await;
        world.set_clock(None);
        let mut events = opened.chats.events().open().await.unwrap();
        world.receive(Message::text(ALICE, "3EB0E0", "before"));
        assert_eq!(take(&mut events).await.message().unwrap().text.as_deref(), Some("before"));
        let mut seen: HashMap<String, u32> = HashMap::new();
        for gap in 0..3 {
            // nobody listens: the reconnection is refused meanwhile
            opened.server.faults().push(Fault::reset().on("GET", "/ws").times(4));
            opened.server.cut_websockets();
            // and what is read of the gap fails at first
            opened.server.faults().push(Fault::status(502).on("GET", "/api/").times(4));
            let group = "120363000000000001@g.us";
            for n in 0..4 {
                let chat = if n % 2 == 0 { ALICE } else { group };
                let text = format!("gap {gap} message {n}");
                let message = Message::text(chat, &format!("3EB0F{gap}{n}"), &text);
                world.receive(if n % 2 == 0 { message } else { message.sender(ALICE) });
            }
            let own = world.send_from_phone(ALICE, Content::Text(format!("gap {gap} own")));
            world.ack(ALICE, &own.key, Ack::Read);
            // five messages, and how far the own one got
            for _ in 0..6 {
                let event = take(&mut events).await;
                let text = event.message().and_then(|message| message.text.clone());
                *seen.entry(text.unwrap_or_else(|| format!("gap {gap} {}", event.name()))).or_default() += 1;
            }
        }
        world.receive(Message::text(ALICE, "3EB0E9", "after"));
        assert_eq!(take(&mut events).await.message().unwrap().text.as_deref(), Some("after"));
        silent(&mut events).await;
        assert_eq!(seen.len(), 18, "{engine:?}: {seen:?}");
        assert!(seen.values().all(|count| *count == 1), "{engine:?}: {seen:?}");
        assert_eq!(opened.server.faults().pending(), 0);
    }
}

/// The gateway's clock may be minutes behind or ahead: a gap is by the gateway's.
#[tokio::test]
async fn a_gap_is_read_anew_whatever_the_clocks_say() {
    for (minutes, told_before) in [(-9, true), (-9, false), (9, true), (9, false)] {
        let (world, opened) = socket(waha::Profile::new(Engine::Noweb)).await;
        let clock = |seconds: i64| {
            let now = chrono::Utc::now() + chrono::TimeDelta::minutes(minutes);
            world.set_clock(Some(now.timestamp_millis() + seconds * 1000));
        };
        clock(0);
        let mut events = opened.chats.events().open().await.unwrap();
        if told_before {
            world.receive(Message::text(ALICE, "3EB0E0", "before"));
            assert_eq!(take(&mut events).await.name(), "message_received");
        }
        opened.server.faults().push(Fault::reset().on("GET", "/ws").times(2));
        opened.server.cut_websockets();
        clock(1);
        world.receive(Message::text(ALICE, "3EB0E1", "in the gap"));
        let event = take(&mut events).await;
        let text = event.message().and_then(|message| message.text.clone());
        assert_eq!(text.as_deref(), Some("in the gap"), "{minutes} {told_before}");
        silent(&mut events).await;
    }
}

/// What became of a message in a gap is told although the message itself was told before.
#[tokio::test]
async fn edits_deletions_and_reactions_of_a_gap_are_told() {
    for engine in [Engine::Webjs, Engine::Noweb] {
        let (world, opened) = socket(waha::Profile::new(engine)).await;
        world.set_clock(None);
        let mut events = opened.chats.events().open().await.unwrap();
        let mut picture = Upserts::new();
        for key in ["3EB0E1", "3EB0E2", "3EB0E3"] {
            world.receive(Message::text(ALICE, key, "before"));
            picture.apply(&take(&mut events).await);
        }
        world.edit_message(ALICE, "3EB0E1", "edited once");
        picture.apply(&take(&mut events).await);
        opened.server.faults().push(Fault::reset().on("GET", "/ws").times(2));
        opened.server.cut_websockets();
        world.edit_message(ALICE, "3EB0E1", "edited in the gap");
        world.revoke_message(ALICE, "3EB0E2");
        world.react(ALICE, "3EB0E3", Some(ALICE), "👍");
        // WEBJS doesn't tell the reactions of a message, NOWEB lists none that was deleted
        for _ in 0..2 {
            picture.apply(&take(&mut events).await);
        }
        silent(&mut events).await;
        let message = |key: &str| picture.get(&ALICE.parse().unwrap(), &key.parse().unwrap(), false).unwrap();
        assert_eq!(message("3EB0E1").text.as_deref(), Some("edited in the gap"), "{engine:?}");
        let noweb = engine == Engine::Noweb;
        assert_eq!(message("3EB0E2").revoked, Some(!noweb), "{engine:?}");
        let reactions = message("3EB0E3").reactions.as_ref().map_or(0, Vec::len);
        assert_eq!(reactions, usize::from(noweb), "{engine:?}");
    }
}

#[tokio::test]
async fn a_new_program_begins_where_the_old_one_ended() {
    let (world, opened) = socket(waha::Profile::new(Engine::Noweb)).await;
    world.set_clock(None);
    let since = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    world.receive(Message::text(ALICE, "3EB0E1", "while it was away"));
    let mut events = opened.chats.events().since(since).open().await.unwrap();
    assert_eq!(take(&mut events).await.message().unwrap().text.as_deref(), Some("while it was away"));
    world.receive(Message::text(ALICE, "3EB0E2", "now"));
    assert_eq!(take(&mut events).await.message().unwrap().text.as_deref(), Some("now"));
    silent(&mut events).await;
}

#[tokio::test]
async fn a_wrong_key_and_an_old_server_are_told() {
    let server =
        waha::serve(World::sample(), waha::Profile::new(Engine::Gows).key("another key")).await.unwrap();
    let uri = format!("waha+{}?session=default", server.url());
    let chats = wachats::connect(&uri, ConnectOptions::new(Secrets::waha(CANARY)).http(quick())).unwrap();
    // the handshake succeeds: it is by the first frame that the key is refused
    let mut events = chats.events().open().await.unwrap();
    let error = tokio::time::timeout(TIME, events.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
    assert!(!format!("{error} {error:?} {events:?}").contains(CANARY));

    let (_, opened) = socket(waha::Profile::new(Engine::Gows)).await;
    opened
        .server
        .faults()
        .push(Fault::json(404, &serde_json::json!({"statusCode": 404, "message": "Cannot GET /ws"})));
    let error = opened.chats.events().open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[tokio::test]
async fn where_there_is_nothing_to_pull_that_is_told_before_any_request() {
    for gateway in
        [common::Gateway::Wappfy, common::Gateway::Gowa(wachats_simulator::gowa::Version::new(9, 2, 0))]
    {
        let opened = gateway.open(&World::sample()).await;
        let error = opened.chats.events().open().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("websocket"), "{error}");
        assert!(opened.server.requests().is_empty());
    }
}
