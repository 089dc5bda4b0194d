//! Replays the recordings of WAHA 2026.4.1 (NOWEB) against the simulator: status, content type and the shape of every
//! body must agree. The recordings hold method and target only; bodies, headers and prior state are supplied here.
//!
//! `WACHATS_CORPUS` names the folder of the recordings; without one the test says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and prints its summary"
)]

#[path = "../client/mod.rs"]
mod client;

mod shape;
mod state;

use std::path::PathBuf;

use serde_json::{Value, json};
use wachats_simulator::waha;

/// Exchanges that are known to differ, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Recordings of what is no answer.
const OUT_OF_SCOPE: &[(&str, &str)] = &[("webhook_", "see the test `deliveries`")];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("WACHATS_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    Some(folder.join("waha")).filter(|folder| folder.is_dir())
}

/// What the recording doesn't hold: the request's body and key.
fn request_parts(name: &str) -> (Option<&'static str>, Option<String>) {
    let key = match name {
        "unpaired__401_file"
        | "unpaired__401_nokey"
        | "unpaired__401_query_key"
        | "unpaired__health_nokey" => None,
        "unpaired__401_wrongkey" => Some("wrong"),
        _ => Some(state::KEY),
    };
    let text_out = "true_5511911111111@c.us_3EB0TEXTOUT";
    let metadata = if name.starts_with("live__") { json!({"user.id": "1"}) } else { json!({"k": "v"}) };
    let store = json!({"noweb": {"store": {"enabled": true, "fullSync": false}}, "metadata": metadata});
    let body = match name {
        "unpaired__400_bad_json" => return (key, Some("{bad".to_owned())),
        "unpaired__400_session_create_bad" => {
            json!({"name": "bad name!", "config": {"webhooks": [{"url": "nope", "events": ["nope"]}]}})
        }
        "unpaired__422_session_create_core_other" => json!({"name": "other"}),
        "unpaired__422_session_create_exists" => json!({"name": "default"}),
        "live__put_session_store" | "unpaired__put_session_store" => json!({"config": store}),
        "live__block_501" => json!({"session": "default", "contactId": "5511911111111@c.us"}),
        "live__edit" => json!({"text": "edited"}),
        "live__overview_post_nopagination" => json!({}),
        "live__overview_post_strlimit" => json!({"pagination": {"limit": "2"}}),
        "live__pin_bad_duration_400" => json!({"duration": 5}),
        "live__presence_set_bad_400" => json!({"presence": "typing"}),
        "live__read_body_ignored" => json!({"messages": 2}),
        "live__sendImage_plus" => {
            json!({"session": "default", "chatId": "5511911111111@c.us", "file": {"mimetype": "image/png", "data": "AA=="}})
        }
        "live__sendText" => json!({"session": "default", "chatId": "5511911111111@c.us", "text": "x"}),
        "live__sendText_no_chatId" => json!({"session": "default", "text": "x"}),
        "live__star" => {
            json!({"session": "default", "chatId": "5511911111111@c.us", "messageId": text_out, "star": true})
        }
        _ => return (key, None),
    };
    (key, Some(body.to_string()))
}

/// One exchange; tells what differs, or whether even the values are the same.
async fn replay(name: &str, recording: &Value) -> Result<bool, String> {
    let world = state::world(name);
    let server = waha::serve(world, state::profile(name)).await.unwrap();
    let client = crate::client::client();
    let (key, body) = request_parts(name);
    if name == "live__presence_all" {
        let first = format!("{}/api/default/presence/5511911111111%40c.us", server.url());
        client.get(first).header("X-Api-Key", state::KEY).send().await.unwrap();
    }
    let method = recording["request"]["method"].as_str().unwrap().parse().unwrap();
    let target = recording["request"]["path"].as_str().unwrap();
    let mut request = client.request(method, format!("{}{target}", server.url()));
    if let Some(key) = key {
        request = request.header("X-Api-Key", key);
    }
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body);
    }
    let answer = request.send().await.unwrap();
    let status = u64::from(answer.status().as_u16());
    let content_type = answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    server.stop().await;

    let recorded = &recording["response"];
    if Some(status) != recorded["status"].as_u64() {
        return Err(format!("status {status}, recorded {}: {text}", recorded["status"]));
    }
    if content_type.as_deref() != recorded["content_type"].as_str() {
        return Err(format!("content type {content_type:?}, recorded {}", recorded["content_type"]));
    }
    let Some(expected) = recorded.get("body") else {
        let same = recorded["body_text"].as_str() == Some(text.as_str());
        return if same { Ok(true) } else { Err(format!("text {text:?}")) };
    };
    let body: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let differences = shape::compare(expected, &body);
    if differences.is_empty() { Ok(*expected == body) } else { Err(differences.join("; ")) }
}

#[tokio::test]
async fn recordings_agree() {
    let Some(folder) = corpus() else {
        println!("waha replay: skipped, no recordings (set WACHATS_CORPUS to their folder)");
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut total, mut agree, mut same, mut apart) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if OUT_OF_SCOPE.iter().any(|(prefix, _)| name.starts_with(prefix)) {
            apart += 1;
            continue;
        }
        let recording: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        total += 1;
        match replay(&name, &recording).await {
            Ok(values) => {
                agree += 1;
                same += usize::from(values);
            }
            Err(_) if EXCEPTIONS.iter().any(|(known, _)| *known == name) => {}
            Err(what) => failures.push(format!("{name}: {what}")),
        }
    }
    println!("waha replay: {agree} of {total} agree ({same} in every value), {apart} out of scope");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(agree * 100 >= total * 95, "too many exceptions");
}
