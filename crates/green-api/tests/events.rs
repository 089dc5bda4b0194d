//! Every recorded delivery is read, and none as "unknown".
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells what it counted"
)]

use std::path::PathBuf;

use serde_json::Value;
use wachats_core::{Event, EventKind};
use wachats_green_api::event::decode;

/// The recordings, by file name; none where they aren't at hand.
fn recordings(gateway: &str) -> Vec<(String, Value)> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
    let corpus = std::env::var_os("WACHATS_CORPUS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let Ok(files) = std::fs::read_dir(corpus.join(gateway)) else {
        println!("{gateway} deliveries: skipped, there is no corpus (WACHATS_CORPUS)");
        return Vec::new();
    };
    let mut found: Vec<_> = files
        .filter_map(|file| {
            let file = file.ok()?;
            let json = serde_json::from_slice(&std::fs::read(file.path()).ok()?).ok()?;
            Some((file.file_name().to_string_lossy().into_owned(), json))
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

/// Reads an event back from its JSON.
fn round_trip(event: &Event) {
    let json = serde_json::to_string(event).unwrap();
    assert_eq!(*event, serde_json::from_str::<Event>(&json).unwrap());
}

/// What the vendor's documents show of notifications.
#[test]
fn documented_notifications() {
    let (mut all, mut read) = (0, 0);
    for (file, json) in recordings("green-api") {
        let body = &json["body"];
        let inner = if body.get("receiptId").is_some() { &body["body"] } else { body };
        let Some(kind) = inner.get("typeWebhook").and_then(Value::as_str) else { continue };
        all += 1;
        let events = decode(body.to_string().as_bytes()).unwrap();
        events.iter().for_each(round_trip);
        assert_eq!(events.len(), 1, "{file}");
        let event = &events[0];
        let of =
            |own: &'static str, others: &'static str| if kind.starts_with("outgoing") { own } else { others };
        let expected = match inner["messageData"]["typeMessage"].as_str() {
            Some("reactionMessage") => "reaction",
            Some("editedMessage") => "message_edited",
            Some("deletedMessage") => "message_deleted",
            Some("pollUpdateMessage") => "poll_vote",
            Some(_) => of("message_sent", "message_received"),
            None if inner.get("quotaData").is_some() => "quota",
            None => match kind {
                "outgoingMessageStatus" => "message_ack",
                "stateInstanceChanged" => "session_state",
                "incomingCall" => "call",
                other => panic!("a notification {other}"),
            },
        };
        assert_eq!((event.name(), event.kind == EventKind::Unknown), (expected, false), "{file}");
        assert_eq!(event.at.is_some(), inner.get("timestamp").is_some(), "{file}");
        assert!(event.account_id.is_some(), "{file}");
        read += 1;
    }
    println!("green-api notifications: {read} of {all}");
    assert_eq!(read, all);
}
