//! The recorded deliveries of WAHA 2026.4.1 (NOWEB) against the simulator's, by shape.

use serde_json::{Value, json};
use wachats_simulator::waha::{self, Engine, Profile};
use wachats_simulator::world::{Account, Ack, Chat, Message, Participant, Presence, Session, World};

use super::{corpus, header, json as body, receiver, sha512, shape};

const KEY: &str = "hook-key";
const ANA: &str = "5511911111111@c.us";
const LID: &str = "222222222222222@lid";
const FAMILY: &str = "120363000000000001@g.us";

fn world() -> World {
    let world = World::new(Account::new("5511900000001", "Fake Me").lid("90000000000001@lid"));
    world.set_clock(Some(1_795_230_508_000));
    world.add_chat(Chat::new(ANA).name("Ana"));
    world.add_chat(Chat::new(FAMILY).name("Family"));
    world.add_message(Message::text(ANA, "EVIN1", "in").sender_name("Ana"));
    world.add_message(Message::text(FAMILY, "3EB0GRPME", "mine").from_me(true).sender("5511900000001"));
    world
}

/// Lets happen what the recording tells of.
fn happen(world: &World, name: &str) {
    match name {
        "session.status_1" => world.set_session(Session::Starting),
        "session.status_2" => {
            world.set_session(Session::Starting);
            world.set_session(Session::Working);
        }
        "message.any_1" => {
            world.receive(Message::text(ANA, "EVIN2", "in").sender_name("Ana"));
        }
        "message.any_3" | "message_3" => {
            let message = Message::text(LID, "EVLID", "lid in").sender_alt("5511922222222");
            world.receive(message.sender_name("Ana"));
        }
        "message.any_4" => {
            let message = Message::text(FAMILY, "EVG", "group").sender("444444444444444@lid");
            let message = message.sender_alt("5511944444444").sender_device(12);
            world.receive(message.sender_name("Ana"));
        }
        "message.revoked_1" => {
            world.revoke_message_as(ANA, "EVIN1", None, "EVREV");
        }
        "message.ack.group_1" => {
            world.ack_by(FAMILY, "3EB0GRPME", Ack::Read, Some("5511944444444"));
        }
        "presence.update_1" => world.presence(ANA, ANA, Presence::Composing, Some(1_795_230_508)),
        "group.v2.join_1" => {
            let group = Chat::group("120363000000000002").name("New").description("d");
            let group = group.participant(Participant::new(ANA));
            world.join_group(group.participant(Participant::new("5511900000001").owner()));
        }
        "label.upsert_1" => world.set_label("5", "L", 3),
        "label.deleted_1" => {
            world.set_label("5", "L", 3);
            world.delete_label("5");
        }
        other => panic!("{other} is not played"),
    }
}

/// What differs between a recorded delivery and the simulator's.
async fn compared(name: &str, recorded: &Value) -> Vec<String> {
    let event = recorded["event"].as_str().unwrap();
    let world = world();
    if event == "session.status" {
        world.set_session(Session::Stopped);
    }
    let receiver = receiver().await;
    let noweb = json!({"store": {"enabled": true, "fullSync": false}});
    let profile = Profile::new(Engine::Noweb)
        .version("2026.4.1")
        .config(json!({"noweb": noweb, "metadata": {"user.id": "1"}}))
        .webhook(&format!("{}/hook", receiver.url()), Some(KEY));
    let server = waha::serve(world.clone(), profile).await.unwrap();
    let subscribe = format!("{}/api/default/presence/{ANA}/subscribe", server.url());
    crate::client::client().post(subscribe).send().await.unwrap();
    happen(&world, name);
    // The last of its kind is the one recorded.
    let count = match name {
        "session.status_2" | "label.deleted_1" => 2,
        _ if name.starts_with("message.any") || name.starts_with("message_") => 2,
        _ => 1,
    };
    server.delivered(count).await;
    let requests = receiver.requests();
    let Some(request) = requests.iter().rev().find(|request| body(request)["event"] == event) else {
        return vec![format!("no {event} among {} deliveries", requests.len())];
    };
    let mut found = shape::compare(recorded, &body(request));
    if header(request, "user-agent") != "WAHA/2026.4.1" || header(request, "x-webhook-request-id").is_empty()
    {
        found.push(format!("headers {:?}", request.headers));
    }
    let told_at = body(request)["timestamp"].as_i64();
    if header(request, "x-webhook-timestamp").parse().ok() != told_at {
        found.push("the header's time is not the envelope's".to_owned());
    }
    if header(request, "x-webhook-hmac") != sha512(KEY, &request.body) {
        found.push("signature".to_owned());
    }
    for member in ["/payload/id", "/payload/body", "/payload/ackName", "/payload/revokedMessageId"] {
        let (wanted, got) = (recorded.pointer(member), body(request).pointer(member).cloned());
        if name != "message.any_1" && wanted != got.as_ref() {
            found.push(format!("{member} {got:?} in place of {wanted:?}"));
        }
    }
    found
}

#[tokio::test]
async fn recorded_deliveries_agree() {
    let Some(recordings) = corpus("waha") else {
        println!("waha deliveries: skipped, no recordings (set WACHATS_CORPUS to their folder)");
        return;
    };
    let (mut all, mut agree) = (0, 0);
    let mut surprises = Vec::new();
    for (name, recording) in recordings {
        let Some(name) = name.strip_prefix("webhook_") else { continue };
        all += 1;
        let found = compared(name, &recording["webhook"]).await;
        if found.is_empty() {
            agree += 1;
        } else {
            surprises.push(format!("{name}: {}", found.join("; ")));
        }
    }
    println!("waha deliveries: {agree} of {all} agree");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
