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
use wachats_waha::event::decode;

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

#[test]
fn recorded_deliveries() {
    let (mut all, mut read) = (0, 0);
    for (file, json) in recordings("waha") {
        let Some(webhook) = json.get("webhook") else { continue };
        all += 1;
        let events = decode(webhook.to_string().as_bytes()).unwrap();
        events.iter().for_each(round_trip);
        let name = webhook["event"].as_str().unwrap();
        let expected = match name {
            "message" | "message.any" => "message_received",
            "message.ack.group" => "message_ack",
            "message.revoked" => "message_deleted",
            "presence.update" => "presence",
            "group.v2.join" => "group_changed",
            "label.upsert" | "label.deleted" => "label",
            "session.status" => "session_state",
            other => panic!("a recording of {other}"),
        };
        assert!(
            events.iter().all(|event| event.name() == expected && event.kind != EventKind::Unknown),
            "{file}"
        );
        assert!(events.iter().all(|event| event.at.is_some()), "{file}");
        read += 1;
    }
    println!("waha deliveries: {read} of {all}");
    assert_eq!(read, all);
}
