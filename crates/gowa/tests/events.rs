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
use wachats_gowa::event::decode;

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
    let (mut all, mut read, mut verified) = (0, 0, 0);
    for (file, json) in recordings("gowa") {
        let Some(raw) = json.get("webhook").and_then(|webhook| webhook.get("raw")) else { continue };
        all += 1;
        let raw = raw.as_str().unwrap().as_bytes();
        let events = decode(raw).unwrap();
        events.iter().for_each(round_trip);
        let delivered: Value = serde_json::from_slice(raw).unwrap();
        let expected = match delivered["event"].as_str().unwrap() {
            "message" if delivered["payload"]["is_from_me"] == true => "message_sent",
            "message" => "message_received",
            "message.reaction" => "reaction",
            "message.edited" => "message_edited",
            "message.revoked" | "message.deleted" => "message_deleted",
            "message.ack" => "message_ack",
            "chat_presence" => "presence",
            "group.participants" | "group.joined" => "group_changed",
            "label.edit" | "label.association" => "label",
            other => panic!("a recording of {other}"),
        };
        assert!(
            events.iter().all(|event| event.name() == expected && event.kind != EventKind::Unknown),
            "{file}"
        );
        assert!(events.iter().all(|event| event.at.is_some() && event.account_id.is_some()), "{file}");
        verified += usize::from(is_genuine(&json["webhook"], raw));
        read += 1;
    }
    println!("gowa deliveries: {read} of {all}, signatures: {verified}");
    assert_eq!(read, all);
    assert_eq!(verified, if cfg!(feature = "webhook") { all } else { 0 });
}

#[cfg(feature = "webhook")]
fn is_genuine(webhook: &Value, raw: &[u8]) -> bool {
    use wachats_core::webhook::WebhookKeys;

    let headers: Vec<(String, String)> = webhook["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned()))
        .collect();
    let keys = WebhookKeys::new("another").or(webhook["secret"].as_str().unwrap()).allow_default_secret(true);
    let mut changed = raw.to_vec();
    changed[2] ^= 1;
    assert!(wachats_gowa::event::verify(&keys, &headers, &changed).is_err());
    wachats_gowa::event::verify(&keys, &headers, raw).is_ok()
}

#[cfg(not(feature = "webhook"))]
fn is_genuine(_: &Value, _: &[u8]) -> bool {
    false
}
