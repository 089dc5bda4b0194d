//! Holds the simulator's Green-API bodies against the documented ones: the same members of the same types.
//!
//! The documented bodies lie outside the package and only their shape is used; without them the test says so and
//! passes. `WACHATS_CORPUS` names their place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test tells what differs and fails loudly"
)]

#[path = "../client/mod.rs"]
mod client;

mod scene;

use std::path::PathBuf;

use reqwest::Response;
use serde_json::{Value, json};
use wachats_simulator::Server;
use wachats_simulator::green_api::{self, Instance, Profile};
use wachats_simulator::world::{Ack, CallStage, Caller, Session, World};

use scene::{messages, world};

const ANN: &str = "79990000001@c.us";
const GROUP: &str = "120363000000000001@g.us";

/// What gives the body that a document shows.
enum Ask {
    /// The journal's entry with this id.
    Entry(String),
    /// The notification about the message with this key, added while the server runs.
    Notice(String),
    /// The notification of what happens.
    NoticeOf(fn(&World)),
    /// The notification that follows this call.
    NoticeAfter(&'static str, Value),
    Get(&'static str),
    Post(&'static str, Value),
    Delete(&'static str),
}

/// Members that differ, and why. The number is the document's.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("005", ".quotedMessage.type", "the journal's example has it, the one of getMessage has not"),
    ("005", ".quotedMessage.typeMessage", "as above"),
    ("006", ".quotedMessage.type", "as above"),
    ("006", ".quotedMessage.typeMessage", "as above"),
    ("021", "[].quotedMessage.type", "as above"),
    ("021", "[].quotedMessage.typeMessage", "as above"),
    ("022", "[].quotedMessage.type", "as above"),
    ("022", "[].quotedMessage.typeMessage", "as above"),
    ("016", ".quotedMessage.pollMessageData.options", "the example's options are empty"),
    ("017", ".quotedMessage.pollMessageData.options", "as above"),
    ("026", ".products", "the world has no shops"),
    ("037", ".body.senderData.chatName", "an older example without it"),
    ("037", ".body.senderData.senderContactName", "as above"),
    ("158", ".senderId", "the example lacks it"),
    ("161", ".description", "only this one failure is explained"),
];

/// Journal entries and notifications, by the words of their documents: `journal-in-Image-message`.
fn by_name(name: &str) -> Option<Ask> {
    let (form, rest) = name.split_once('-')?;
    let (direction, kind) = rest.split_once('-')?;
    let direction = match direction {
        "in" => "IN",
        "outPhone" | "out" => "PHONE",
        "outApi" => "API",
        _ => return None,
    };
    let (kind, suffix) = match kind.strip_suffix("-message").unwrap_or(kind) {
        "Text" => ("TEXT", ""),
        "quoted-Text" => ("REPLY", ""),
        "Extended-text" => ("LINK", ""),
        "Image" => ("IMAGE", ""),
        "Video" => ("VIDEO", ""),
        "Audio" => ("AUDIO", ""),
        "Document" => ("DOCUMENT", ""),
        "Sticker" => ("STICKER", ""),
        "Location" => ("LOCATION", ""),
        "Contact" => ("CARD", ""),
        "Contacts-array" => ("CARDS", ""),
        "Poll" => ("POLL", ""),
        "Group-invitation" if form == "journal" => ("INVITE", ""),
        "Calls-Incoming-call" | "Calls-Outgoing-call" => ("CALL", ""),
        "Reaction" if form == "webhook" => ("REACTION", ""),
        "Edited" if form == "journal" => ("EDITED", "E1"),
        "Deleted-Message" if form == "journal" => ("DELETED", "D0"),
        _ => return None,
    };
    let key = format!("{direction}_{kind}{suffix}");
    Some(if form == "journal" { Ask::Entry(key) } else { Ask::Notice(key) })
}

fn ask(number: u32, name: &str) -> Option<Ask> {
    let chat = || json!({"chatId": ANN});
    let entry = |key: &str| Ask::Entry(key.to_owned());
    let notice = |key: &str| Ask::Notice(key.to_owned());
    let edit = json!({"chatId": ANN, "idMessage": "API_TEXT", "message": "x"});
    Some(match number {
        2 => entry("API_TEXT"),
        4 => entry("PHONE_IMAGE"),
        5 | 81 => entry("IN_TEXTR0"),
        6 | 115 => entry("IN_LINKR0"),
        7 => entry("IN_LOCATION"),
        11 => entry("IN_LINK"),
        13 => entry("IN_POLL"),
        16 => entry("IN_REPLY_POLL"),
        17 => entry("PHONE_REPLY_POLL"),
        21 => Ask::Get("lastIncomingMessages?minutes=1"),
        22 => Ask::Get("lastOutgoingMessages?minutes=1"),
        23 => Ask::Get("lastIncomingCalls?minutes=100000"),
        25 => Ask::Get("getContacts"),
        26 => Ask::Post("getContactInfo", chat()),
        27 => Ask::Post("getAvatar", chat()),
        28 => Ask::Post("getAvatar", json!({"chatId": GROUP})),
        29 => Ask::Post("editMessage", edit),
        30 => Ask::Post("setDisappearingChat", json!({"chatId": ANN, "ephemeralExpiration": 0})),
        31 => Ask::Post("checkWhatsapp", json!({"phoneNumber": 79_990_000_001_u64})),
        33 => Ask::Post("sendMessage", json!({"chatId": ANN, "message": "x"})),
        36 => {
            let forward = json!({"chatId": GROUP, "chatIdFrom": ANN, "messages": ["API_TEXT"]});
            Ask::Post("forwardMessages", forward)
        }
        37 | 155 | 159 => notice("IN_TEXT"),
        84 => Ask::NoticeOf(|world| assert!(world.vote(ANN, "IN_POLL", ANN, &["Blue"]))),
        118 => Ask::NoticeOf(|world| assert!(world.ack(ANN, "PHONE_TEXT", Ack::Server))),
        151 => Ask::NoticeOf(|world| world.set_session(Session::Starting)),
        152 => Ask::NoticeOf(|world| world.call("CALL", &Caller::new(ANN), CallStage::Accept)),
        161 => Ask::NoticeOf(|world| assert!(world.ack(ANN, "API_TEXT", Ack::Error))),
        190 => Ask::NoticeOf(|world| world.quota_used_up("correspondents", 3)),
        39 => Ask::Post("downloadFile", json!({"chatId": ANN, "idMessage": "PHONE_IMAGE"})),
        40 => Ask::Get("showMessagesQueue"),
        41 => Ask::Delete("clearWebhooksQueue"),
        42 => Ask::Post("getGroupData", json!({"groupId": GROUP})),
        44 | 191 => Ask::Get("getStateInstance"),
        45 => Ask::Get("getWaSettings"),
        121 | 145 => Ask::NoticeAfter("deleteMessage", json!({"chatId": ANN, "idMessage": "API_TEXT"})),
        142 => Ask::NoticeAfter("sendMessage", json!({"chatId": ANN, "message": "x"})),
        143 => Ask::NoticeAfter("editMessage", edit),
        156 => entry("IN_CIPHERTEXT"),
        157 => notice("IN_DOCUMENT"),
        158 => entry("IN_HUGE"),
        160 => entry("IN_UNKNOWN"),
        183 => Ask::Get("getChats"),
        184 => Ask::Get("receiveNotification"),
        185 => Ask::Post("getGroupData", json!({"groupId": "120363000000000099@g.us"})),
        186 => Ask::Post("getChatHistory", json!({"chatId": ANN, "count": 1})),
        187 => Ask::Post("getMessage", json!({"chatId": ANN, "idMessage": "NONE"})),
        188 => Ask::Get("getChatHistory"),
        189 => Ask::Get("lastOutgoingMessages"),
        _ => return by_name(name.get(4..)?),
    })
}

/// Not played: stories, requests, buttons, invitations, multipart, a notification under another one's name (154).
const OUT_OF_SCOPE: &[u32] = &[15, 34, 46, 48, 51, 75, 76, 77, 85, 86, 116, 147, 154];

struct Running {
    server: Server,
    profile: Profile,
}

impl Running {
    fn url(&self, method: &str) -> String {
        let (name, query) = method.split_once('?').unwrap_or((method, ""));
        let (id, token) = (self.profile.id(), self.profile.token());
        format!("{}/waInstance{id}/{name}/{token}?{query}", self.server.url())
    }

    async fn post(&self, method: &str, body: &Value) -> Response {
        crate::client::client().post(self.url(method)).json(body).send().await.unwrap()
    }

    async fn get(&self, method: &str) -> Value {
        crate::client::client().get(self.url(method)).send().await.unwrap().json().await.unwrap()
    }
}

async fn simulated(number: u32, ask: Ask, documented: &Value) -> Value {
    let world = world(number);
    let mut profile = Profile::new().quick_polls();
    if documented.get("isEdited").is_none() && matches!(ask, Ask::Entry(_)) && number != 146 {
        profile = profile.without_edits_and_deletions();
    }
    profile = match number {
        186 => profile.ghost(ANN),
        189 => profile.quota_used_up("lastOutgoingMessages"),
        191 => profile.instance(Instance::Unborn),
        _ => profile,
    };
    let server = green_api::serve(world.clone(), profile.clone()).await.unwrap();
    let run = Running { server, profile };
    match ask {
        Ask::Entry(id) => {
            let answer = run.post("getMessage", &json!({"chatId": ANN, "idMessage": id})).await;
            answer.json().await.unwrap()
        }
        Ask::Notice(key) => {
            world.receive(messages().remove(&key).unwrap());
            let notice = run.get("receiveNotification").await;
            if number == 37 { notice } else { notice["body"].clone() }
        }
        Ask::NoticeOf(happen) => {
            happen(&world);
            run.get("receiveNotification").await["body"].clone()
        }
        Ask::NoticeAfter(method, body) => {
            assert_eq!(run.post(method, &body).await.status(), 200);
            if number == 142 {
                let first = run.get("receiveNotification").await;
                let url = run.url("deleteNotification").replace('?', &format!("/{}?", first["receiptId"]));
                crate::client::client().delete(url).send().await.unwrap();
            }
            run.get("receiveNotification").await["body"].clone()
        }
        Ask::Get(method) => {
            if number == 40 {
                world.set_session(Session::NeedsPairing);
                run.post("sendMessage", &json!({"chatId": ANN, "message": "x"})).await;
                let forward = json!({"chatId": GROUP, "chatIdFrom": ANN, "messages": ["API_TEXT"]});
                run.post("forwardMessages", &forward).await;
            }
            run.get(method).await
        }
        Ask::Post(method, body) => {
            let answer: Value = run.post(method, &body).await.json().await.unwrap();
            if number == 186 { answer[0].clone() } else { answer }
        }
        Ask::Delete(method) => {
            crate::client::client().delete(run.url(method)).send().await.unwrap().json().await.unwrap()
        }
    }
}

fn merged(items: &[Value]) -> Value {
    let mut all = serde_json::Map::new();
    for item in items.iter().filter_map(Value::as_object) {
        all.extend(item.clone());
    }
    Value::Object(all)
}

/// Members and types; of an array the union of its elements, and whether it has any.
fn differences(path: &str, documented: &Value, simulated: &Value, found: &mut Vec<(String, String)>) {
    match (documented, simulated) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().filter(|key| !b.contains_key(*key)) {
                found.push((format!("{path}.{key}"), "is missing".to_owned()));
            }
            for key in b.keys().filter(|key| !a.contains_key(*key)) {
                found.push((format!("{path}.{key}"), "is too much".to_owned()));
            }
            for (key, value) in a {
                if let Some(other) = b.get(key) {
                    differences(&format!("{path}.{key}"), value, other, found);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.is_empty() != b.is_empty() {
                found.push((path.to_owned(), format!("has {} elements, documented {}", b.len(), a.len())));
            } else {
                differences(&format!("{path}[]"), &merged(a), &merged(b), found);
            }
        }
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {}
        (a, b) => found.push((path.to_owned(), format!("is {b}, documented {a}"))),
    }
}

#[tokio::test]
async fn documented_bodies_have_the_same_shape() {
    let place = std::env::var_os("WACHATS_CORPUS").map(PathBuf::from);
    let place =
        place.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"));
    let place = place.join("green-api");
    if !place.is_dir() {
        println!("green-api shapes: skipped, no documents (set WACHATS_CORPUS)");
        return;
    }
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let (mut agreed, mut all, mut skipped, mut notices) = (0, 0, 0, 0);
    let mut surprises = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let code = name.get(..3).unwrap();
        let number: u32 = code.parse().unwrap();
        let Some(ask) = ask(number, &name) else {
            skipped += 1;
            if !OUT_OF_SCOPE.contains(&number) {
                surprises.push(format!("{name}: neither asked nor out of scope"));
            }
            continue;
        };
        all += 1;
        notices += usize::from(matches!(ask, Ask::Notice(_) | Ask::NoticeOf(_) | Ask::NoticeAfter(..)));
        let document: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let mut found = Vec::new();
        differences("", &document["body"], &simulated(number, ask, &document["body"]).await, &mut found);
        found.retain(|(path, _)| !EXCEPTIONS.iter().any(|(n, p, _)| *n == code && p == path));
        if found.is_empty() {
            agreed += 1;
        }
        surprises.extend(found.into_iter().map(|(path, what)| format!("{name}: {path} {what}")));
    }
    println!(
        "green-api shapes: {agreed} of {all} agree, {notices} of them deliveries ({skipped} out of scope)"
    );
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
