//! WAHA beyond what was recorded: engines, configuration, the websocket.

use std::time::Duration;

use serde_json::{Value, json};
use wachats_simulator::waha::{self, Engine, Profile};
use wachats_simulator::world::{
    Ack, CallStage, Caller, Chat, Content, ParticipantAction, Presence, Session, World,
};
use wachats_simulator::{Courier, Server, wappfy};

use super::socket_client::Socket;
use super::{header, json as body, receiver};

const ALICE: &str = "5511911111111@c.us";
const FAMILY: &str = "120363000000000001@g.us";

fn events(receiver: &Server) -> Vec<String> {
    let name = |request| body(request)["event"].as_str().unwrap().to_owned();
    receiver.requests().iter().map(name).collect()
}

/// Everything that can happen.
fn everything(world: &World) {
    world.receive(wachats_simulator::world::Message::text(ALICE, "3EB0E1", "hello"));
    world.send_from_phone(ALICE, Content::Text("hi".to_owned()));
    world.ack(ALICE, "3EB0A000000000000002", Ack::Read);
    world.ack_by(FAMILY, "3EB0D000000000000002", Ack::Read, Some(ALICE));
    world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
    world.edit_message(ALICE, "3EB0E1", "hello!");
    world.revoke_message(ALICE, "3EB0E1");
    world.archive(ALICE, true);
    world.presence(ALICE, ALICE, Presence::Composing, None);
    world.join_group(Chat::group("120363000000000099").name("New"));
    world.update_group(FAMILY, Some("Kin"), None, Some(ALICE));
    world.change_participants(FAMILY, ParticipantAction::Join, &["5511977777777"], Some(ALICE));
    world.leave_group("120363000000000099@g.us");
    world.call("CALL1", &Caller::new(ALICE).video(), CallStage::Offer);
    world.set_label("1", "Lead", 0);
    world.label_chat("1", ALICE, true);
    world.vote(ALICE, "3EB0A00000000000000B", ALICE, &["Pizza"]);
    world.set_session(Session::Failed);
}

#[tokio::test]
async fn engines_tell_of_what_they_know() {
    for engine in Engine::ALL {
        let (world, receiver) = (World::sample(), receiver().await);
        let profile = Profile::new(engine).webhook(receiver.url(), None);
        let server = waha::serve(world.clone(), profile).await.unwrap();
        everything(&world);
        let last = async {
            while events(&receiver).last().is_none_or(|event| event != "session.status") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), last).await.unwrap();
        let told = events(&receiver);
        let tells = |name: &str| told.iter().any(|event| event == name);
        assert_eq!(tells("chat.archive"), engine == Engine::Webjs, "{engine:?}");
        // WEBJS wants to be asked for acks; nobody subscribed to presences.
        assert_eq!(tells("message.ack"), engine != Engine::Webjs, "{engine:?}");
        assert_eq!(tells("message.ack.group"), engine != Engine::Webjs, "{engine:?}");
        assert!(!tells("presence.update"));
        for name in ["message", "message.any", "message.reaction", "message.edited", "message.revoked"] {
            assert!(tells(name), "{engine:?} {name}");
        }
        let others = "group.v2.join group.v2.update group.v2.participants group.v2.leave call.received \
                      label.upsert label.chat.added poll.vote session.status";
        for name in others.split_whitespace() {
            assert!(tells(name), "{engine:?} {name}");
        }
        assert_eq!(told.iter().filter(|event| *event == "message").count(), 1, "own ones are no `message`");
        assert!(server.deliveries().iter().all(|delivery| delivery.status == Some(200)));
        assert!(receiver.requests().iter().all(|request| header(request, "x-webhook-hmac").is_empty()));
        assert!(receiver.requests().iter().all(|request| body(request)["engine"] == engine.name()));
    }
}

#[tokio::test]
async fn a_pair_shares_its_id_in_webhooks_alone() {
    let (world, receiver) = (World::sample(), receiver().await);
    let profile = Profile::new(Engine::Noweb).webhook(receiver.url(), None);
    let server = waha::serve(world.clone(), profile).await.unwrap();
    let (mut socket, head) = Socket::open(server.url(), "/ws?events=message,message.any", &[]).await.unwrap();
    assert!(
        head.to_ascii_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
        "{head}"
    );
    world.receive(wachats_simulator::world::Message::text(ALICE, "3EB0E1", "hello"));
    let frames: [Value; 2] = [
        serde_json::from_str(&socket.text().await).unwrap(),
        serde_json::from_str(&socket.text().await).unwrap(),
    ];
    server.delivered(2).await;
    let hooks: Vec<Value> = receiver.requests().iter().map(body).collect();
    assert_eq!(hooks[0]["id"], hooks[1]["id"]);
    assert_ne!(frames[0]["id"], frames[1]["id"]);
    assert_eq!(frames[0], hooks[0]);
    let id = hooks[0]["id"].as_str().unwrap();
    assert!(id.starts_with("evt_") && id.len() == 30 && id == id.to_lowercase(), "{id}");
}

#[tokio::test]
async fn the_configuration_follows_the_api() {
    let (world, receiver) = (World::sample(), receiver().await);
    let server = waha::serve(world.clone(), Profile::new(Engine::Webjs).version("2026.4.1")).await.unwrap();
    let client = crate::client::client();
    let webhook = json!({
        "url": format!("{}/x?y=1", receiver.url()), "events": ["message.ack", "chat.archive"],
        "customHeaders": [{"name": "X-Mine", "value": "yes"}],
    });
    let config = json!({"webhooks": [webhook], "webjs": {"tagsEventsOn": true}, "metadata": {"a": "b"}});
    let url = format!("{}/api/sessions/default", server.url());
    let put = client.put(&url).json(&json!({"config": config})).send().await.unwrap();
    assert_eq!(put.status(), 200);
    world.receive(wachats_simulator::world::Message::text(ALICE, "3EB0E1", "not asked for"));
    world.ack(ALICE, "3EB0A000000000000002", Ack::Read);
    // The dialect's own API makes events too.
    client.post(format!("{}/api/default/chats/{ALICE}/archive", server.url())).send().await.unwrap();
    server.delivered(2).await;
    assert_eq!(events(&receiver), ["message.ack", "chat.archive"]);
    let last = receiver.requests().pop().unwrap();
    assert_eq!((last.path_and_query.as_str(), header(&last, "x-mine")), ("/x?y=1", "yes"));
    assert_eq!(body(&last)["metadata"]["a"], "b");
    assert_eq!(body(&last)["payload"]["id"], ALICE);
    assert_eq!(body(&last)["payload"]["archived"], true);
    let shown: Value = client.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["config"]["webhooks"][0]["events"][0], "message.ack");
}

#[tokio::test]
async fn chats_of_a_kind_can_be_ignored_and_sends_are_told_of() {
    let (world, receiver) = (World::sample(), receiver().await);
    let config = json!({"ignore": {"groups": true}, "noweb": {"store": {"enabled": true}}});
    let profile = Profile::new(Engine::Noweb).config(config).webhook(receiver.url(), None);
    let server = waha::serve(world.clone(), profile).await.unwrap();
    world.receive(wachats_simulator::world::Message::text(FAMILY, "3EB0E1", "x").sender(ALICE));
    let sent = json!({"session": "default", "chatId": ALICE, "text": "by the API"});
    let url = format!("{}/api/sendText", server.url());
    crate::client::client().post(url).json(&sent).send().await.unwrap();
    server.delivered(2).await;
    assert_eq!(events(&receiver), ["message.any", "message.ack"]);
    let bodies: Vec<Value> = receiver.requests().iter().map(body).collect();
    assert_eq!((&bodies[0]["payload"]["source"], &bodies[0]["payload"]["ack"]), (&json!("api"), &json!(0)));
    assert_eq!(bodies[1]["payload"]["ackName"], "SERVER");
    assert_eq!(bodies[0]["payload"]["id"], bodies[1]["payload"]["id"]);
}

#[tokio::test]
async fn a_wrong_key_is_told_after_the_handshake() {
    let server = waha::serve(World::sample(), Profile::new(Engine::Gows).key("right")).await.unwrap();
    let (mut socket, _) = Socket::open(server.url(), "/ws?x-api-key=wrong", &[]).await.unwrap();
    let (kind, payload) = socket.frame().await.unwrap();
    assert_eq!((kind, &payload[..2]), (8, &1008_u16.to_be_bytes()[..]));
    assert_eq!(&payload[2..], b"Unauthorized");
    assert!(Socket::open(server.url(), "/ws?X-Api-Key=right", &[]).await.is_ok());
    let plain = crate::client::client().get(format!("{}/ws", server.url())).send().await.unwrap();
    assert_eq!(plain.status(), 404);
}

#[tokio::test]
async fn a_websocket_is_pinged_and_can_be_cut() {
    let world = World::sample();
    let courier = Courier::new().ping_every(Duration::from_millis(100));
    let server = waha::serve(world.clone(), Profile::new(Engine::Noweb).courier(courier)).await.unwrap();
    let (mut silent, _) = Socket::open(server.url(), "/ws", &[]).await.unwrap();
    assert_eq!(silent.frame().await.unwrap().0, 9);
    assert_eq!(silent.frame().await, None, "no pong, no websocket");
    let (mut socket, _) = Socket::open(server.url(), "/ws?session=default&events=*", &[]).await.unwrap();
    world.archive(ALICE, true);
    world.set_session(Session::Starting);
    let frame: Value = serde_json::from_str(&socket.text().await).unwrap();
    assert_eq!((&frame["event"], &frame["me"]), (&json!("session.status"), &Value::Null));
    server.inject("not even JSON");
    assert_eq!(socket.text().await, "not even JSON");
    server.cut_websockets();
    while let Some((kind, _)) = socket.frame().await {
        assert_eq!(kind, 9);
    }
    let (mut other, _) = Socket::open(server.url(), "/ws?session=other", &[]).await.unwrap();
    world.set_session(Session::Working);
    assert_eq!(other.frame().await.unwrap().0, 9, "another session's events are none of this one's");
    server.stop().await;
    while other.frame().await.is_some() {}
}

#[tokio::test]
async fn wappfy_tells_as_waha_does() {
    let (world, receiver) = (World::sample(), receiver().await);
    let profile = wappfy::Profile::new().key("k").webhook(receiver.url(), Some("s"));
    let server = wappfy::serve(world.clone(), profile).await.unwrap();
    world.receive(wachats_simulator::world::Message::text(ALICE, "3EB0E1", "hello"));
    server.delivered(2).await;
    assert_eq!(events(&receiver), ["message.any", "message"]);
    let first = &receiver.requests()[0];
    assert_eq!(header(first, "x-webhook-hmac"), super::sha512("s", &first.body));
    assert!(Socket::open(server.url(), "/ws?apikey=k", &[]).await.is_ok());
}
