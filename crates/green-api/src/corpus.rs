//! Every recorded body is read without loss: what it says is in the model, or it is an error of the right kind.
//! The bodies lie beside the checkout (`WACHATS_CORPUS` names another place); without them there is nothing to show.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::Value;
use wachats_core::transport::{Answer, Funnel};
use wachats_core::{ErrorKind, Message, MessageKind, Operation, decode};

use crate::error::GreenFunnel;
use crate::secret::Token;
use crate::{translate, wire};

/// Bodies of methods and notifications that later issues bring; they are read as JSON alone.
const LATER: &[&str] = &[
    "034", "036", "040", "041", "046", // uploads, forwarding, queues, statuses
    "048", "051", // requests, not answers
    "118", "142", "161", // states of delivery
    "151", "154", "190", // states of the instance and its quota
];

/// Members whose texts must be found in the message again.
const TOLD: &[&str] = &[
    "textMessage",
    "text",
    "caption",
    "fileName",
    "mimeType",
    "downloadUrl",
    "vcard",
    "displayName",
    "nameLocation",
    "address",
    "contentText",
    "selectedDisplayText",
    "senderName",
];

fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("WACHATS_CORPUS").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    given.into_iter().chain([beside]).map(|root| root.join("green-api")).find(|folder| folder.is_dir())
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer {
        operation: Operation::GetMessage,
        status,
        headers: Default::default(),
        body: body.to_string().into(),
    }
}

fn strict<T: DeserializeOwned>(body: &Value) {
    serde_json::from_value::<T>(body.clone()).unwrap();
}

/// Reads entries and checks that nothing was skipped or left out, and that what they say is in the messages.
fn entries(file: &str, body: &Value) {
    let list = if body.is_array() { body.clone() } else { Value::Array(vec![body.clone()]) };
    let page =
        decode::page(&answer(200, &list), &[], true, |entry, raw| translate::row(entry, raw, None)).unwrap();
    assert!(page.skipped.is_empty() && page.notes.is_empty(), "{file}: {:?} {:?}", page.skipped, page.notes);
    for (row, entry) in page.items.iter().zip(list.as_array().unwrap()) {
        check(file, &row.message, entry, row.marked);
    }
}

fn check(file: &str, message: &Message, entry: &Value, marked: bool) {
    assert_eq!(message.key.as_str(), entry["idMessage"], "{file}");
    assert!(message.sent_at.is_some(), "{file}");
    assert_eq!(message.kind == MessageKind::Unknown, marked, "{file}: {}", message.kind);
    let outgoing = |word: &Value| word.as_str().is_some_and(|word| word.starts_with("outgoing"));
    assert_eq!(message.from_me, outgoing(&entry["type"]) || outgoing(&entry["typeWebhook"]), "{file}");
    let mut model = message.clone();
    model.raw = None;
    let shown = serde_json::to_value(&model).unwrap();
    let mut texts = Vec::new();
    leaves(&shown, "", &mut texts);
    let mut said = Vec::new();
    leaves(entry, "", &mut said);
    for (name, text) in said {
        let counts = TOLD.contains(&name.as_str()) && !text.is_empty() && !text.starts_with("{{SWE");
        let found = texts.iter().any(|(_, known)| *known == text);
        assert!(!counts || found, "{file}: {name} is lost");
    }
    for place in ["location", "locationMessageData"] {
        let place = if entry[place].is_object() { &entry[place] } else { &entry["messageData"][place] };
        if place.is_object() {
            assert_eq!(shown["location"]["latitude"], place["latitude"], "{file}");
        }
    }
}

fn leaves(value: &Value, name: &str, into: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => into.push((name.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, name, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(value, name, into)),
        _ => {}
    }
}

fn one(file: &str, number: &str, body: &Value) {
    let kind = |status| {
        GreenFunnel::new(Token::new("5e17d0c0ffee".into())).classify(&answer(status, body)).map(|e| e.kind())
    };
    match number {
        "184" => assert!(body.is_null()),
        "185" => assert_eq!(kind(200), Some(ErrorKind::NotFound)),
        "186" => {
            let list = Value::Array(vec![body.clone()]);
            let page =
                decode::page(&answer(200, &list), &[], false, |e, raw| translate::row(e, raw, None)).unwrap();
            assert_eq!((page.items.len(), page.skipped.len()), (0, 1));
        }
        "187" => assert_eq!(kind(400), Some(ErrorKind::NotFound)),
        "188" => assert_eq!(kind(404), Some(ErrorKind::Unsupported)),
        "189" => assert_eq!(kind(466), Some(ErrorKind::QuotaExceeded)),
        "025" | "183" => {
            let page = decode::page(&answer(200, body), &[], false, translate::chat).unwrap();
            assert_eq!((page.items.len(), page.skipped.len()), (body.as_array().unwrap().len(), 0));
            assert!(page.items.iter().all(|chat| chat.name.is_some()));
        }
        "026" => assert!(body["chatId"].is_string()), // getContactInfo: contacts are a later issue's
        "027" | "028" => strict::<wire::Avatar>(body),
        "029" | "033" => assert!(body["idMessage"].is_string()),
        "030" => assert!(body["ephemeralExpiration"].is_u64()),
        "031" => strict::<wire::Existence>(body),
        "037" => entries(file, &body["body"]),
        "039" => strict::<wire::File>(body),
        "042" => strict::<wire::GroupData>(body),
        "044" | "191" => strict::<wire::State>(body),
        "045" => strict::<wire::WaSettings>(body),
        _ => entries(file, body),
    }
}

#[test]
fn every_recorded_body_is_read_without_loss() {
    let Some(folder) = folder() else {
        return tell(
            "green-api corpus: skipped, the recorded bodies are not here (WACHATS_CORPUS names their folder)",
        );
    };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let mut read = 0;
    for path in &files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let number = file.get(..3).unwrap();
        let recorded: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        if !LATER.contains(&number) {
            one(&file, number, &recorded["body"]);
            read += 1;
        }
    }
    assert!(read > 0);
    tell(&format!(
        "green-api corpus: {read} bodies read without loss, {} of later issues",
        files.len() - read
    ));
}

#[allow(clippy::print_stderr, reason = "a test says what it showed, or that it was skipped")]
fn tell(line: &str) {
    eprintln!("{line}");
}
