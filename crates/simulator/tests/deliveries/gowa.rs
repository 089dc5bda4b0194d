//! GOWA beyond what was recorded: versions, a device's own webhook, what is never told.

use serde_json::{Value, json};
use wachats_simulator::gowa::{self, Profile, Version};
use wachats_simulator::world::{Ack, Content, Media, MediaKind, Message, ParticipantAction, Presence, World};

use super::{header, json as body, receiver, sha256};

const ALICE: &str = "5511911111111@c.us";
const FAMILY: &str = "120363000000000001@g.us";

#[tokio::test]
async fn version_7_is_flat_and_chunked() {
    let (world, receiver) = (World::sample(), receiver().await);
    let server = gowa::serve(world.clone(), Profile::v7_8().webhook(receiver.url(), None)).await.unwrap();
    world.receive(Message::text(ALICE, "3EB0E1", "hello <b>").sender_name("Alice S."));
    let picture = Media::new(MediaKind::Image, "image/jpeg", "pixels").caption("look");
    world.receive(Message::media(FAMILY, "3EB0E2", picture).sender(ALICE));
    world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
    world.revoke_message(ALICE, "3EB0E1");
    world.ack(ALICE, "3EB0A000000000000002", Ack::Device);
    world.presence(ALICE, ALICE, Presence::Composing, None);
    world.change_participants(FAMILY, ParticipantAction::Leave, &[ALICE], None);
    server.delivered(6).await;
    let requests = receiver.requests();
    let bodies: Vec<Value> = requests.iter().map(body).collect();
    assert_eq!(bodies.len(), 6, "typing came later");
    assert!(requests.iter().all(|request| header(request, "transfer-encoding") == "chunked"));
    assert_eq!(bodies[0]["message"]["text"], "hello <b>");
    assert!(String::from_utf8_lossy(&requests[0].body).contains("\\u003cb\\u003e"), "as Go's encoder does");
    assert_eq!(bodies[0]["from"], "5511911111111@s.whatsapp.net");
    assert_eq!(bodies[0]["chat_id"], "5511911111111");
    assert!(bodies[0].get("event").is_none());
    assert_eq!(bodies[1]["from"], format!("5511911111111@s.whatsapp.net in {FAMILY}"));
    assert_eq!(bodies[1]["image"]["caption"], "look");
    assert_eq!(bodies[2]["reaction"], json!({"message": "👍", "id": "3EB0E1"}));
    assert_eq!(bodies[3]["action"], "message_revoked");
    assert_eq!((&bodies[4]["event"], bodies[4].get("device_id")), (&json!("message.ack"), None));
    assert_eq!(bodies[5]["payload"]["type"], "leave");
    let path = bodies[1]["image"]["media_path"].as_str().unwrap();
    let file = crate::client::client().get(format!("{}/{path}", server.url())).send().await.unwrap();
    assert_eq!(file.text().await.unwrap(), "pixels");
}

#[tokio::test]
async fn own_calls_of_the_api_are_not_echoed() {
    let (world, receiver) = (World::sample(), receiver().await);
    let server = gowa::serve(world.clone(), Profile::v9_2().webhook(receiver.url(), None)).await.unwrap();
    let client = crate::client::client();
    let post = |path: &str, body: Value| {
        let request = client.post(format!("{}{path}", server.url())).json(&body);
        async move { assert_eq!(request.send().await.unwrap().status(), 200) }
    };
    let phone = "5511911111111@s.whatsapp.net";
    post("/send/message", json!({"phone": phone, "message": "by the API"})).await;
    let own = "3EB0A000000000000002";
    post(&format!("/message/{own}/reaction"), json!({"phone": phone, "emoji": "👍"})).await;
    post(&format!("/message/{own}/revoke"), json!({"phone": phone})).await;
    post(&format!("/chat/{phone}/archive"), json!({"archived": true})).await;
    world.send_from_phone(ALICE, Content::Text("by the phone".to_owned()));
    server.delivered(1).await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(body(&requests[0])["payload"]["body"], "by the phone");
    assert_eq!(body(&requests[0])["payload"]["is_from_me"], true);
    assert_eq!(
        header(&requests[0], "x-hub-signature-256"),
        format!("sha256={}", sha256("secret", &requests[0].body))
    );
}

/// Each gateway is a device of the account: WhatsApp tells it what the others send.
#[tokio::test]
async fn what_another_gateway_of_the_account_sends_is_told() {
    for profile in [Profile::v7_8(), Profile::v9_2()] {
        let elsewhere = profile.clone().webhook("http://127.0.0.1:9/", None);
        let (world, receiver) = (World::sample(), receiver().await);
        let server = gowa::serve(world.clone(), profile.webhook(receiver.url(), None)).await.unwrap();
        let other = gowa::serve(world.clone(), elsewhere).await.unwrap();
        for url in [server.url(), other.url()] {
            let sent = json!({"phone": "5511911111111@s.whatsapp.net", "message": format!("by {url}")});
            let request = crate::client::client().post(format!("{url}/send/message")).json(&sent);
            assert_eq!(request.send().await.unwrap().status(), 200);
        }
        world.through_api().revoke_message(ALICE, "3EB0A000000000000002");
        server.delivered(2).await;
        let told: Vec<Value> = receiver.requests().iter().map(body).collect();
        assert_eq!(told.len(), 2);
        let message = told[0].to_string();
        assert!(message.contains(&format!("by {}", other.url())), "{message}");
        assert!(told[1].to_string().contains("revoked"), "{}", told[1]);
    }
}

#[tokio::test]
async fn a_devices_own_webhook_takes_the_place_of_the_list() {
    let world = World::sample();
    let (listed, own) = (receiver().await, receiver().await);
    let profile = Profile::v8_10().webhook(listed.url(), Some("global"));
    let server = gowa::serve(world.clone(), profile).await.unwrap();
    world.receive(Message::text(ALICE, "3EB0E1", "to the list"));
    server.delivered(1).await;
    let setting = json!({"webhook_url": own.url(), "webhook_events": "message.ack, MESSAGE.REACTION"});
    let url = format!("{}/devices/dev1/webhook", server.url());
    crate::client::client().patch(url).json(&setting).send().await.unwrap();
    world.receive(Message::text(ALICE, "3EB0E2", "to nobody"));
    world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
    server.delivered(2).await;
    assert_eq!((listed.requests().len(), own.requests().len()), (1, 1));
    let told = &own.requests()[0];
    assert_eq!(body(told)["event"], "message.reaction");
    assert_eq!(body(told)["session_id"], "dev1");
    assert!(body(told)["payload"].get("sender_display_name").is_none(), "since v9.0.1");
    assert_eq!(header(told, "x-hub-signature-256"), format!("sha256={}", sha256("global", &told.body)));
    assert!(!String::from_utf8_lossy(&told.body).contains("dev1@"));
}

#[tokio::test]
async fn every_version_says_what_it_knew() {
    for (version, members) in [
        (Version::new(8, 0, 0), &["is_from_me", "chat_lid", "sender_display_name"][..]),
        (Version::new(8, 3, 0), &["sender_display_name"]),
        (Version::new(9, 0, 1), &[]),
    ] {
        let (world, receiver) = (World::sample(), receiver().await);
        let server =
            gowa::serve(world.clone(), Profile::new(version).webhook(receiver.url(), None)).await.unwrap();
        world.receive(Message::text("222222222222222@lid", "3EB0E1", "hi"));
        server.delivered(1).await;
        let told = body(&receiver.requests()[0]);
        assert_eq!(told["payload"]["chat_id"], "5511922222222@s.whatsapp.net");
        for member in ["is_from_me", "chat_lid", "sender_display_name"] {
            assert_eq!(
                told["payload"].get(member).is_none(),
                members.contains(&member),
                "{version} {member}"
            );
        }
        assert_eq!(told.get("session_id").is_some(), version >= Version::new(8, 8, 0));
    }
}

#[tokio::test]
async fn a_crash_ends_everything() {
    let (world, receiver) = (World::sample(), receiver().await);
    let server = gowa::serve(world.clone(), Profile::v7_8().webhook(receiver.url(), None)).await.unwrap();
    world.set_session(wachats_simulator::world::Session::Starting);
    let client = crate::client::client();
    let crash = format!("{}/user/avatar?phone=5511911111111", server.url());
    assert!(client.get(crash).send().await.is_err());
    world.receive(Message::text(ALICE, "3EB0E1", "to the dead"));
    let again = client.get(format!("{}/app/status", server.url())).send().await.unwrap_err();
    assert!(again.is_connect(), "nobody listens: {again:?}");
    assert_eq!(server.deliveries().len(), 0);
    server.stop().await;
}
