//! Replays the recorded GOWA exchanges against the simulator: status, content type, code, message and JSON shape.
//!
//! The recordings lie outside the package; without them the test says so and passes. `WACHATS_CORPUS` names their place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test tells what differs and fails loudly"
)]

mod client;

use std::path::PathBuf;

use serde_json::Value;
use wachats_simulator::gowa::{self, Profile, Refusal, Version};
use wachats_simulator::world::{
    Account, Call, Chat, Contact, Content, Media, MediaKind, Message, Participant, Session, World,
};

const ALICE: &str = "628222000222@c.us";
const GROUP: &str = "120363402106000001@g.us";

/// Exchanges that don't agree, and why that is accepted.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn corpus() -> Option<PathBuf> {
    let place = std::env::var_os("WACHATS_CORPUS").map(PathBuf::from);
    let place =
        place.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"));
    Some(place.join("gowa")).filter(|place| place.is_dir())
}

/// Seconds UTC of a time in August 2026, as the recordings have it.
fn at(day: u32, time: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(&format!("2026-08-{day:02}T{time}Z")).unwrap().timestamp()
}

/// The account that the recordings were made with.
fn world() -> World {
    let world = World::new(Account::new("628111000111", "628111000111"));
    world.set_clock(Some(at(20, "10:05:01") * 1000));
    world.add_chat(
        Chat::user("628222000222")
            .name("Alice")
            .ephemeral_seconds(86_400)
            .picture_url("https://pps.whatsapp.net/v/t61/x.jpg?oh=1"),
    );
    world.add_chat(Chat::user("628333000333").active_at(at(19, "08:00:00")));
    world.add_chat(
        Chat::hidden("251556368777322").name("Lid Contact").archived(true).active_at(at(18, "08:00:00")),
    );
    world.add_chat(Chat::newsletter("120363000000000009").active_at(at(17, "08:00:00")));
    world.add_chat(Chat::status().active_at(at(16, "08:00:00")));
    world.add_chat(Chat::user("628444000444").name("Bob").active_at(at(15, "08:00:00")));
    world.add_chat(Chat::user("628555000555").name("Carol").active_at(at(14, "08:00:00")));
    let owner = Participant::new("251556368777322@lid").phone("628777000777").owner();
    world.add_chat(Chat::group("120363402106000001").name("Offline Group").participant(owner));
    world.link_lid("251556368777322@lid", "628777000777");
    world.add_contact(Contact::new("628222000222").name("Alice Saved").about("Hey there!"));
    world.add_contact(Contact::new("628111111404")); // without a picture
    for number in 0..122 {
        let text = format!("msg {number} {}", if number % 7 == 0 { "hello" } else { "text" });
        let when = at(20, "06:00:00") + i64::from(number) * 60;
        world.add_message(Message::text(ALICE, &format!("3EB0{number:018X}"), &text).at(when));
    }
    world.add_message(
        Message::text(ALICE, "AC1234567890ABCDEF1234567890ABCDEF", "Hello, how are you?")
            .at(at(20, "10:05:00"))
            .reaction("👍", "628111000111", at(20, "10:05:30")),
    );
    world.add_message(Message::text(ALICE, "AC99", "fractional").at_ms(at(20, "10:04:30") * 1000 + 500));
    world.add_message(
        Message::text(ALICE, "3EB0RU000000000000001", "Привет, как дела?").at(at(20, "10:04:00")),
    );
    world.add_message(
        Message::media(
            ALICE,
            "3EB0DOC0000000000000001",
            Media::gone(MediaKind::Document, "application/pdf", 1024).file_name("report.pdf"),
        )
        .at(at(20, "10:01:00")),
    );
    world.add_message(
        Message::media(
            ALICE,
            "3EB0IMG0000000000000001",
            Media::new(MediaKind::Image, "image/jpeg", "not quite a picture").caption("Check this out!"),
        )
        .at(at(20, "10:00:00")),
    );
    world.add_message(
        Message::text(GROUP, "3EB0GRP01", "group hi").sender("628222000222").at(at(20, "09:00:00")),
    );
    world.add_message(
        Message::text(GROUP, "3EB0GRP02", "from a lid").sender("251556368777322@lid").at(at(20, "08:59:00")),
    );
    world.add_message(
        Message::new("628444000444", "ABC123DEF456", Content::Call(Call { video: false, seconds: None }))
            .at(at(15, "08:00:00")),
    );
    world
}

/// What has to be true before the exchange, told by the recording's name.
fn prepare(name: &str, profile: Profile, world: &World) -> Profile {
    match name {
        "030_err_not_paired" => world.set_session(Session::Stopped),
        "031_err_not_connected" | "094_v7.8.0_not_connected" => world.set_session(Session::Starting),
        "083_devices_empty" => return profile.no_devices(),
        _ => {}
    }
    profile
        .refusal("628111111000", Refusal::NotOnWhatsapp)
        .refusal("628463463463", Refusal::ReachOutTimelock)
        .refusal("628111111479", Refusal::Nack(479))
        .refusal("628111111504", Refusal::PictureTimeout)
}

/// Keys and types; of an array the union of its elements, and whether it has any.
fn differences(path: &str, recorded: &Value, simulated: &Value, found: &mut Vec<String>) {
    match (recorded, simulated) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().filter(|key| !b.contains_key(*key)) {
                found.push(format!("{path}.{key} is missing"));
            }
            for key in b.keys().filter(|key| !a.contains_key(*key)) {
                found.push(format!("{path}.{key} is too much"));
            }
            for (key, value) in a {
                if let Some(other) = b.get(key) {
                    differences(&format!("{path}.{key}"), value, other, found);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.is_empty() != b.is_empty() {
                found.push(format!("{path} has {} elements, recorded {}", b.len(), a.len()));
            }
            let merged = |items: &[Value]| {
                let mut all = serde_json::Map::new();
                for item in items.iter().filter_map(Value::as_object) {
                    all.extend(item.clone());
                }
                Value::Object(all)
            };
            differences(&format!("{path}[]"), &merged(a), &merged(b), found);
        }
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {}
        (a, b) => found.push(format!("{path} is {b}, recorded {a}")),
    }
}

async fn replay(name: &str, recording: &Value) -> Vec<String> {
    let version = Version::parse(recording["server_version"].as_str().unwrap()).unwrap();
    let world = world();
    let profile = prepare(name, Profile::new(version), &world);
    let server = gowa::serve(world, profile).await.unwrap();
    let client = crate::client::client();
    let request = &recording["request"];
    if name == "085_device_webhook" {
        let setting = serde_json::json!({
            "webhook_url": "http://127.0.0.1:3998/fail",
            "webhook_secret": "devsecret",
            "webhook_events": "message,message.ack",
        });
        client.patch(format!("{}/devices/dev1/webhook", server.url())).json(&setting).send().await.unwrap();
    }
    let method = request["method"].as_str().unwrap().parse().unwrap();
    let url = format!("{}{}", server.url(), request["path"].as_str().unwrap());
    let mut built = client.request(method, url);
    for (name, value) in request["request_headers"].as_object().into_iter().flatten() {
        built = built.header(name, value.as_str().unwrap());
    }
    built = match &request["body"] {
        Value::Null => built,
        // A body that is no JSON was recorded as text.
        Value::String(text) => built.header("content-type", "application/json").body(text.clone()),
        body => built.json(body),
    };
    let answer = built.send().await.unwrap();
    let response = &recording["response"];
    let mut found = Vec::new();
    if response["status"].as_u64() != Some(u64::from(answer.status().as_u16())) {
        found.push(format!("status {}, recorded {}", answer.status(), response["status"]));
    }
    let content_type = answer.headers().get("content-type").map_or("", |value| value.to_str().unwrap());
    if response["content_type"].as_str() != Some(content_type) {
        found.push(format!("content type {content_type}, recorded {}", response["content_type"]));
    }
    let text = answer.text().await.unwrap();
    if let Some(recorded) = response["body_text"].as_str() {
        if recorded != text {
            found.push(format!("text {text}, recorded {recorded}"));
        }
        return found;
    }
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let recorded = &response["body"];
    differences("", recorded, &body, &mut found);
    if recorded["code"] != body["code"] {
        found.push(format!("code {}, recorded {}", body["code"], recorded["code"]));
    }
    let message = recorded["message"].as_str().unwrap_or_default();
    // Times and generated names can't be the same.
    let repeatable = !message.contains("server timestamp") && !message.contains("statics/");
    if repeatable && recorded["message"] != body["message"] {
        found.push(format!("message {}, recorded {}", body["message"], recorded["message"]));
    }
    found
}

#[tokio::test]
async fn recorded_exchanges_agree() {
    let Some(place) = corpus() else {
        println!("gowa replay: skipped, no recordings (set WACHATS_CORPUS)");
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut agreed, mut all, mut pushed) = (0, 0, 0);
    let mut surprises = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let recording: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        if !recording["request"]["method"].is_string() || recording["response"].is_null() {
            // Webhooks and websocket frames: the gateway speaks first.
            pushed += 1;
            continue;
        }
        all += 1;
        let found = replay(&name, &recording).await;
        let excused = EXCEPTIONS.iter().any(|(exception, _)| *exception == name);
        match (found.is_empty(), excused) {
            (true, false) => agreed += 1,
            (true, true) => surprises.push(format!("{name} agrees: take it off the list of exceptions")),
            (false, true) => {}
            (false, false) => surprises.push(format!("{name}: {}", found.join("; "))),
        }
    }
    println!("gowa replay: {agreed} of {all} agree ({pushed} pushed frames out of scope)");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    assert!(agreed * 100 >= all * 95, "{agreed} of {all}");
}
