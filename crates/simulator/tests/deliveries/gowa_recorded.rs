//! The recorded deliveries and frames of GOWA v9.2.0 against the simulator's: shape, signature, and where nothing is
//! made up on the way every value.

use serde_json::Value;
use wachats_simulator::gowa::{self, Profile, Version};
use wachats_simulator::world::{
    Account, Ack, Chat, Contact, Content, Location, Media, MediaKind, Message, ParticipantAction, Presence,
    World,
};

use super::socket_client::Socket;
use super::{corpus, header, json as body, receiver, sha256, shape};

const ALICE: &str = "628222000222@c.us";
const LID: &str = "251556368777322@lid";
const GROUP: &str = "120363402106000001@g.us";
const NOON: &str = "2026-08-20T10:00:00Z";

fn at(time: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(time).unwrap().timestamp()
}

fn world(time: &str) -> World {
    let world = World::new(Account::new("628111000111", "Me Myself"));
    world.set_clock(Some(at(time) * 1000));
    world.link_lid(LID, "628777000777");
    world.add_contact(Contact::new(ALICE).name("Alice Saved"));
    world.add_chat(Chat::new(GROUP).name("Offline Group"));
    for (key, text) in [("W_TEXT", "Hello webhook"), ("W_EXT", "extended text"), ("W_REPLY", "a reply")] {
        world.add_message(Message::text(ALICE, key, text).sender_name("alice~").at(at(NOON)));
    }
    world
}

fn text(chat: &str, key: &str, text: &str) -> Message {
    let message = Message::text(chat, key, text).at(at(NOON));
    if chat.ends_with("@newsletter") { message } else { message.sender_name("alice~") }
}

fn file(key: &str, media: Media) -> Message {
    Message::media(ALICE, key, media).at(at(NOON)).sender_name("alice~")
}

/// Lets happen what the recording tells of, by the last part of its name.
fn happen(world: &World, what: &str) {
    let own = |key: &str, words: &str| {
        Message::text(ALICE, key, words).from_me(true).sender_name("Me Myself").at(at(NOON))
    };
    let message = match what {
        "message_w_text" => text(ALICE, "W_TEXT", "Hello webhook"),
        "message_w_ext" => text(ALICE, "W_EXT", "extended text"),
        "message_w_reply" => text(ALICE, "W_REPLY", "a reply").quoting("W_TEXT", ALICE, None),
        "message_w_lid1" => text(LID, "W_LID1", "from mapped lid chat"),
        "message_w_lid2" => text("999000111222333@lid", "W_LID2", "from unmapped lid chat"),
        "message_w_grp" => text(GROUP, "W_GRP", "group text").sender(ALICE),
        "message_w_grplid" => text(GROUP, "W_GRPLID", "group text from lid").sender(LID),
        "message_w_me" => own("W_ME", "sent from phone"),
        "message_w_mead" => own("W_MEAD", "sent from desktop device"),
        "message_w_loc" => {
            let place = Location {
                latitude: -6.2088,
                longitude: 106.8456,
                name: Some("Jakarta".to_owned()),
                address: None,
                url: None,
                live: false,
            };
            Message::location(ALICE, "W_LOC", place).at(at(NOON)).sender_name("alice~")
        }
        "message_w_fwd" => text(ALICE, "W_FWD", "fwd").forwarded(),
        "message_w_eph" => text(ALICE, "W_EPH", "disappearing"),
        "message_w_nl" => text("120363123456789@newsletter", "W_NL", "channel post"),
        "message_w_doc" => file("W_DOC", Media::new(MediaKind::Document, "application/pdf", "%PDF")),
        "message_w_aud" => file("W_AUD", Media::new(MediaKind::Voice, "audio/ogg; codecs=opus", "sound")),
        "message_w_stk" => file("W_STK", Media::new(MediaKind::Sticker, "image/webp", "picture")),
        "message_w_retry" => text(ALICE, "W_RETRY", "retry me").at(at(NOON) + 1),
        "message_w_imgnc" => file("W_IMGNC", Media::gone(MediaKind::Image, "image/jpeg", 9)),
        "message_w_imgexp" => {
            file("W_IMGEXP", Media::gone(MediaKind::Image, "image/jpeg", 9).caption("gone"))
        }
        other => return happen_otherwise(world, other),
    };
    world.receive(message);
}

fn happen_otherwise(world: &World, what: &str) {
    match what {
        "message_reaction_w_react" => world.react_as(ALICE, "W_TEXT", Some(ALICE), "👍", "W_REACT"),
        "message_reaction_w_unreact" => world.react_as(ALICE, "W_TEXT", Some(ALICE), "", "W_UNREACT"),
        "message_reaction_w_react2" => world.react_as(ALICE, "W_TEXT", Some(ALICE), "❤️", "W_REACT2"),
        "message_edited_w_edit" => world.edit_message_as(ALICE, "W_TEXT", "Hello webhook (edited)", "W_EDIT"),
        "message_revoked_w_revoke" => world.revoke_message_as(ALICE, "W_EXT", None, "W_REVOKE"),
        "message_ack_delivered" | "message_ack_read" => {
            let read = what.ends_with("read");
            let chat = if read { LID } else { ALICE };
            world.add_message(Message::new(chat, "W_ME", Content::Text("x".to_owned())).from_me(true));
            world.ack(chat, "W_ME", if read { Ack::Read } else { Ack::Device })
        }
        "chat_presence_composing" => {
            world.presence(LID, LID, Presence::Recording, None);
            true
        }
        "group_participants_join" => {
            let members = ["628222000222", "628777000777"];
            world.change_participants(GROUP, ParticipantAction::Join, &members, None)
        }
        "group_joined_join" => {
            world.join_group(Chat::new(GROUP).name("Offline Group"));
            true
        }
        "label_edit_" => {
            world.set_label("9", "Important", 2);
            true
        }
        "label_association_" => {
            world.label_chat("9", LID, true);
            true
        }
        "message_deleted_" => world.delete_message(ALICE, "W_REPLY"),
        other => panic!("{other} is not played"),
    };
}

/// What differs, and whether even the values are the same.
async fn compared(what: &str, recording: &Value) -> (Vec<String>, bool) {
    let raw = recording["webhook"]["raw"].as_str().unwrap();
    let secret = recording["webhook"]["secret"].as_str().unwrap();
    let signature = recording["webhook"]["headers"]["X-Hub-Signature-256"].as_str().unwrap();
    assert_eq!(
        signature,
        format!("sha256={}", sha256(secret, raw.as_bytes())),
        "{what}: the recording's own"
    );
    let recorded: Value = serde_json::from_str(raw).unwrap();
    let told_at = [&recorded["timestamp"], &recorded["payload"]["timestamp"]];
    let world = world(told_at.iter().find_map(|time| time.as_str()).unwrap());
    let receiver = receiver().await;
    let mut profile = Profile::new(Version::parse(recording["server_version"].as_str().unwrap()).unwrap());
    profile = profile.webhook(receiver.url(), Some(secret).filter(|secret| *secret != "secret"));
    if what.starts_with("message_w_img") {
        profile = profile.without_auto_download();
    }
    let server = gowa::serve(world.clone(), profile).await.unwrap();
    happen(&world, what);
    server.delivered(1).await;
    let requests = receiver.requests();
    let [request] = requests.as_slice() else {
        return (vec![format!("{} deliveries", requests.len())], false);
    };
    let mut found = shape::compare(&recorded, &body(request));
    if recorded["event"] != body(request)["event"] {
        found.push(format!("event {}", body(request)["event"]));
    }
    if header(request, "x-hub-signature-256") != format!("sha256={}", sha256(secret, &request.body)) {
        found.push("signature".to_owned());
    }
    for (name, value) in recording["webhook"]["headers"].as_object().unwrap() {
        let varies = matches!(name.as_str(), "Host" | "Content-Length" | "X-Hub-Signature-256");
        if !varies && header(request, name) != value.as_str().unwrap() {
            found.push(format!("header {name} {:?}", header(request, name)));
        }
    }
    (found, request.body == raw.as_bytes())
}

#[tokio::test]
async fn recorded_deliveries_agree() {
    let Some(recordings) = corpus("gowa") else {
        println!("gowa deliveries: skipped, no recordings (set WACHATS_CORPUS to their folder)");
        return;
    };
    let (mut all, mut agree, mut same) = (0, 0, 0);
    let mut surprises = Vec::new();
    for (name, recording) in recordings {
        let Some((_, what)) = name.split_once("_hook_") else { continue };
        all += 1;
        let (found, bytes) = compared(what, &recording).await;
        same += usize::from(bytes);
        if found.is_empty() {
            agree += 1;
        } else {
            surprises.push(format!("{name}: {}", found.join("; ")));
        }
    }
    println!("gowa deliveries: {agree} of {all} agree ({same} to the byte)");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn recorded_frames_agree() {
    let Some(recordings) = corpus("gowa") else {
        println!("gowa frames: skipped, no recordings (set WACHATS_CORPUS to their folder)");
        return;
    };
    let (mut all, mut agree) = (0, 0);
    for (name, recording) in recordings {
        let Some((_, what)) = name.split_once("_ws_") else { continue };
        all += 1;
        let world = world(NOON);
        let server = gowa::serve(world.clone(), Profile::v9_2().idle_device("spare")).await.unwrap();
        let (mut socket, _) = Socket::open(server.url(), "/ws?device_id=dev1", &[]).await.unwrap();
        let client = crate::client::client();
        match what {
            "list_devices" => socket.say(r#"{"code":"FETCH_DEVICES"}"#).await,
            "device_logged_out" => {
                let url = format!("{}/devices/dev1/logout", server.url());
                client.post(url).send().await.unwrap();
            }
            "webhook_updated" => {
                let url = format!("{}/devices/dev1/webhook", server.url());
                client.patch(url).json(&serde_json::json!({"webhook_url": ""})).send().await.unwrap();
            }
            other => panic!("{other} is not played"),
        }
        let frame: Value = serde_json::from_str(&socket.text().await).unwrap();
        assert_eq!(shape::compare(&recording["frame"], &frame), Vec::<String>::new(), "{name}");
        assert_eq!(frame["code"], recording["frame"]["code"], "{name}");
        agree += 1;
    }
    println!("gowa frames: {agree} of {all} agree");
}
