//! How deliveries travel: attempts, pauses, order, copies.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wachats_simulator::waha::{self, Engine, Profile};
use wachats_simulator::world::{Message, World};
use wachats_simulator::{Courier, Fault, gowa};

use super::{header, json as body, receiver};

const ALICE: &str = "5511911111111@c.us";

fn quick() -> Courier {
    Courier::new().retry_delay(Duration::from_millis(2))
}

fn keys(bodies: &[Value]) -> Vec<&str> {
    bodies.iter().map(|body| body["payload"]["id"].as_str().unwrap().rsplit('_').next().unwrap()).collect()
}

#[tokio::test]
async fn waha_tries_as_often_as_it_was_told() {
    let (world, receiver) = (World::sample(), receiver().await);
    receiver.faults().push(Fault::status(503));
    let retries = json!({"policy": "constant", "delaySeconds": 0, "attempts": 2});
    let webhook = json!({"url": receiver.url(), "events": ["message"], "retries": retries});
    let config = json!({"noweb": {"store": {"enabled": true}}, "webhooks": [webhook]});
    let server = waha::serve(world.clone(), Profile::new(Engine::Noweb).config(config)).await.unwrap();
    world.receive(Message::text(ALICE, "3EB0E1", "lost"));
    server.delivered(3).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let deliveries = server.deliveries();
    assert_eq!(deliveries.iter().map(|one| one.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(deliveries.iter().all(|one| one.status == Some(503) && one.event == "message"));
    let requests = receiver.requests();
    let ids: Vec<&str> = requests.iter().map(|request| header(request, "x-webhook-request-id")).collect();
    assert_eq!((ids[0], ids[1]), (ids[1], ids[2]), "one delivery, one id");
}

#[tokio::test]
async fn waha_waits_as_long_as_the_receiver_asks() {
    let (world, receiver) = (World::sample(), receiver().await);
    receiver.faults().push(Fault::status(429).header("Retry-After", "1").times(1));
    let retries = json!({"policy": "exponential", "delaySeconds": 60, "attempts": 2});
    let webhook = json!({"url": receiver.url(), "events": ["message"], "retries": retries});
    let config = json!({"noweb": {"store": {"enabled": true}}, "webhooks": [webhook]});
    let server = waha::serve(world.clone(), Profile::new(Engine::Noweb).config(config)).await.unwrap();
    let start = Instant::now();
    world.receive(Message::text(ALICE, "3EB0E1", "later"));
    assert_eq!(server.delivered(2).await.len(), 2);
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn gowa_tries_five_times_with_the_same_bytes() {
    let (world, receiver) = (World::sample(), receiver().await);
    receiver.faults().push(Fault::reset().times(1));
    receiver.faults().push(Fault::status(404));
    let profile = gowa::Profile::v9_2().webhook(receiver.url(), None).courier(quick());
    let server = gowa::serve(world.clone(), profile).await.unwrap();
    world.receive(Message::text(ALICE, "3EB0E1", "lost"));
    server.delivered(5).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let deliveries = server.deliveries();
    let statuses: Vec<Option<u16>> = deliveries.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [None, Some(404), Some(404), Some(404), Some(404)]);
    assert!(deliveries.iter().all(|one| one.body == deliveries[0].body));
}

#[tokio::test]
async fn order_and_number_can_be_wrong() {
    let (world, receiver) = (World::sample(), receiver().await);
    let courier = quick().reordered(3).duplicated(2);
    let profile = gowa::Profile::v9_2().webhook(receiver.url(), None).courier(courier);
    let server = gowa::serve(world.clone(), profile).await.unwrap();
    for key in ["A", "B", "C", "D"] {
        world.receive(Message::text(ALICE, key, "x"));
    }
    server.delivered(6).await;
    let bodies: Vec<Value> = receiver.requests().iter().map(body).collect();
    assert_eq!(keys(&bodies), ["C", "B", "B", "A", "D", "D"]);
}

#[tokio::test]
async fn a_refused_event_holds_up_nothing() {
    let (world, receiver) = (World::sample(), receiver().await);
    receiver.faults().push(Fault::status(500).times(1));
    let courier = Courier::new().retry_delay(Duration::from_millis(100));
    let config = json!({"noweb": {"store": {"enabled": true}},
        "webhooks": [{"url": receiver.url(), "events": ["message"]}]});
    let profile = Profile::new(Engine::Noweb).config(config).courier(courier);
    let server = waha::serve(world.clone(), profile).await.unwrap();
    world.receive(Message::text(ALICE, "A", "x"));
    world.receive(Message::text(ALICE, "B", "x"));
    server.delivered(3).await;
    let bodies: Vec<Value> = receiver.requests().iter().map(body).collect();
    assert_eq!(keys(&bodies), ["A", "B", "A"]);
}

#[tokio::test]
async fn what_was_injected_is_signed_like_anything_else() {
    let (world, receiver) = (World::sample(), receiver().await);
    let profile = Profile::new(Engine::Gows).webhook(receiver.url(), Some("k"));
    let server = waha::serve(world.clone(), profile).await.unwrap();
    server.inject(r#"{"event":"something.new","payload":1}"#);
    server.delivered(1).await;
    let request = &receiver.requests()[0];
    assert_eq!(header(request, "x-webhook-hmac"), super::sha512("k", &request.body));
    assert_eq!(server.deliveries()[0].event, "raw");
}

#[tokio::test]
async fn nothing_leaves_this_machine() {
    let world = World::sample();
    let profile = gowa::Profile::v9_2().webhook("http://203.0.113.1/", None).courier(quick());
    let server = gowa::serve(world.clone(), profile.webhook("https://localhost/", None)).await.unwrap();
    world.receive(Message::text(ALICE, "A", "x"));
    let deliveries = server.delivered(10).await;
    assert_eq!(deliveries.len(), 10);
    assert!(deliveries.iter().all(|one| one.status.is_none()));
}

#[tokio::test]
async fn listeners_hear_what_the_world_does() {
    let world = World::sample();
    let heard = world.subscribe();
    world.add_message(Message::text(ALICE, "A", "the scene, no news"));
    assert_eq!(heard.try_next(), None);
    world.archive(ALICE, true);
    world.archive(ALICE, true);
    world.through_api().mark_chat_read(ALICE);
    let (first, second) = (heard.next().await, heard.next().await);
    assert_eq!((first.via_api, second.via_api), (false, true));
    assert_eq!(heard.try_next(), None);
    assert_eq!(first.at_ms, world.now_ms());
}
