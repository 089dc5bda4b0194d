use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use wachats_core::transport::Answer;
use wachats_core::{Operation, Page, decode};

use super::*;

/// The body of a recording.
fn recorded(text: &str) -> Answer {
    let recording: Value = serde_json::from_str(text).unwrap();
    let body = Bytes::from(recording["response"]["body"].to_string());
    Answer { operation: Operation::ListMessages, status: 200, headers: HeaderMap::new(), body }
}

fn known(chat: &str) -> Context {
    Context { chat: chat.parse().unwrap(), account: None, reactions_told: false }
}

const PATH: &[&str] = &["results", "data"];

fn messages(text: &str) -> Page<Message> {
    let known = known("628222000222");
    let page = decode::page(&recorded(text), PATH, false, |wire, raw| message(wire, raw, &known)).unwrap();
    assert!(page.skipped.is_empty() && page.notes.is_empty());
    page
}

fn chats(text: &str) -> Vec<Chat> {
    decode::page(&recorded(text), PATH, false, chat).unwrap().items
}

fn one(fields: Value, known: &Context) -> Message {
    let mut row = json!({"id": "3EB0AA", "chat_jid": "628222000222@s.whatsapp.net", "is_from_me": false,
        "sender_jid": "628222000222@s.whatsapp.net", "media_type": "", "content": "", "timestamp": ""});
    row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    message(serde_json::from_value(row).unwrap(), None, known).unwrap()
}

#[test]
fn a_page_of_messages() {
    let page = messages(include_str!("../tests/fixtures/messages_page.json"));
    let first = &page.items[0];
    assert_eq!(first.id.to_string(), "false_628222000222@c.us_AC1234567890ABCDEF1234567890ABCDEF");
    assert_eq!(first.sent_at.unwrap().to_rfc3339(), "2026-08-20T10:05:00+00:00");
    assert_eq!((first.kind.clone(), first.text.as_deref()), (MessageKind::Text, Some("Hello, how are you?")));
    assert_eq!(first.sender_name, None, "the number is no name");
    let reactions = first.reactions.as_ref().unwrap();
    assert_eq!((reactions[0].emoji.as_str(), reactions[0].from_me), ("👍", Some(true)));
    assert_eq!(page.items[1].reactions.as_deref(), Some(&[][..]), "v9 tells that there are none");
    assert!(
        first.ack.is_none()
            && first.reply_to.is_none()
            && first.edited.is_none()
            && first.forwarded.is_none()
    );
}

#[test]
fn older_servers_tell_no_reactions() {
    let page = messages(include_str!("../tests/fixtures/v8.3.2_messages.json"));
    assert!(page.items.iter().all(|m| m.reactions.is_none() && m.sender_name.is_none()));
    let mut known = known("628222000222");
    known.reactions_told = true;
    assert_eq!(one(json!({}), &known).reactions.as_deref(), Some(&[][..]));
}

#[test]
fn media_without_names_that_are_made_up_and_without_encrypted_addresses() {
    let page = messages(include_str!("../tests/fixtures/messages_media_only.json"));
    let (document, image) = (&page.items[0], &page.items[1]);
    let media = document.media.as_ref().unwrap();
    assert_eq!(
        (media.file_name.as_deref(), media.size_bytes, media.url.as_deref()),
        (Some("report.pdf"), Some(1024), None)
    );
    assert_eq!((document.kind.clone(), document.text.as_deref()), (MessageKind::Document, None));
    assert_eq!((image.kind.clone(), image.text.as_deref()), (MessageKind::Image, Some("Check this out!")));
    assert_eq!(image.media.as_ref().unwrap().file_name, None);
}

#[test]
fn groups_name_who_wrote() {
    let page = messages(include_str!("../tests/fixtures/messages_group.json"));
    assert_eq!(page.items[0].id.to_string(), "false_120363402106000001@g.us_3EB0GRP01_628222000222@c.us");
    assert_eq!(page.items[0].sender_name.as_deref(), Some("Alice Saved"));
    assert_eq!(page.items[1].sender_id.as_ref().unwrap().as_str(), "251556368777322@lid");
}

#[test]
fn own_messages() {
    let own = json!({"is_from_me": true, "sender_jid": "628111000111:12@s.whatsapp.net", "content": "hi"});
    let message = one(own, &known("628222000222"));
    assert_eq!(message.sender_id.as_ref().unwrap().as_str(), "628111000111@c.us");
    let unnamed = json!({"is_from_me": true, "sender_jid": "628222000222@s.whatsapp.net"});
    assert_eq!(one(unnamed.clone(), &known("628222000222")).sender_id, None, "never the chat's");
    let mut known = known("628222000222");
    known.account = Some("628111000111".parse().unwrap());
    assert_eq!(one(unnamed, &known).sender_id, known.account);
    let unsaid = json!({"is_from_me": null, "sender_jid": "628111000111@s.whatsapp.net"});
    assert!(one(unsaid, &known).from_me);
}

#[test]
fn kinds() {
    let kind = |media: &str, content: &str| {
        let message = one(json!({"media_type": media, "content": content}), &known("628222000222"));
        (message.kind.as_str().to_owned(), message.text, message.media.is_some())
    };
    let named = |kind: &str, text: Option<&str>, media| (kind.to_owned(), text.map(str::to_owned), media);
    assert_eq!(kind("video_note", ""), named("video", None, true));
    assert_eq!(kind("audio", "🎵 Audio"), named("audio", None, true));
    assert_eq!(kind("call", "Incoming call"), named("call", None, false));
    assert_eq!(kind("", ""), named("unknown", None, false));
    assert_eq!(kind("hologram", "x"), named("hologram", Some("x"), true));
    assert_eq!(kind("", "Contact: Bob (+6281234567)"), named("contact", None, false));
    assert_eq!(kind("", "Monas — https://maps.google.com/?q=-6.2,106.8"), named("location", None, false));
}

#[test]
fn an_item_without_id_is_not_a_message() {
    let known = known("628222000222");
    assert!(message(wire::Message::default(), None, &known).is_err());
    let row = wire::Message { id: Some("3EB0".into()), ..wire::Message::default() };
    assert!(message(row, None, &known).is_err(), "whose it is, is not told");
    assert!(chat(wire::Chat::default(), None).is_err());
}

#[test]
fn names_that_the_gateway_makes_up_are_none() {
    let old = chats(include_str!("../tests/fixtures/v7.8.0_chats.json"));
    let names: Vec<_> = old.iter().map(|c| c.name.as_deref()).collect();
    assert_eq!(names, [Some("Alice"), None, None]);
    assert!(old.iter().all(|c| c.archived.is_none() && c.pinned.is_none() && c.unread_count.is_none()));
    assert_eq!(old[0].ephemeral_seconds, Some(86_400));
    for (jid, name) in [
        ("628222000222@s.whatsapp.net", "628222000222"),
        ("628222000222@s.whatsapp.net", "+628222000222"),
        ("123@newsletter", "Newsletter 123"),
        ("status@broadcast", "Status"),
        ("628111-1600000000@g.us", "Group 628111-1600000000"),
        ("251556368777322@lid", "251556368777322"),
    ] {
        let row = wire::Chat { jid: Some(jid.into()), name: Some(name.into()), ..wire::Chat::default() };
        assert_eq!(chat(row, None).unwrap().name, None, "{name}");
    }
    let archived = chats(include_str!("../tests/fixtures/chats_archived_true.json"));
    assert_eq!((archived[0].archived, archived[0].name.as_deref()), (Some(true), Some("Lid Contact")));
}

#[test]
fn special_times_are_none() {
    for text in ["", "0001-01-01T00:00:00Z", "yesterday"] {
        assert_eq!(time(Some(text)), None, "{text}");
    }
    assert!(time(Some("2026-08-20T10:05:00Z")).is_some());
}

#[test]
fn states() {
    let of = |body: Value| state(&serde_json::from_value(body).unwrap()).0;
    assert_eq!(of(json!({"is_connected": true, "is_logged_in": true})), SessionState::Working);
    assert_eq!(of(json!({"is_connected": false, "is_logged_in": true})), SessionState::Starting);
    assert_eq!(
        of(json!({"is_connected": true, "is_logged_in": false, "jid": ""})),
        SessionState::NeedsPairing
    );
    assert_eq!(of(json!({"is_connected": false, "is_logged_in": false})), SessionState::NeedsPairing);
    assert_eq!(
        of(json!({"is_connected": false, "is_logged_in": false, "jid": "628@s.whatsapp.net"})),
        SessionState::Starting
    );
    assert_eq!(of(json!({})), SessionState::Unknown);
}

#[test]
fn the_account_is_told_by_jid_or_by_v7s_device() {
    let of = |body: Value| account(&serde_json::from_value(body).unwrap()).map(|id| id.to_string());
    assert_eq!(
        of(json!({"jid": "628111000111@s.whatsapp.net", "device_id": "dev1"})).as_deref(),
        Some("628111000111@c.us")
    );
    assert_eq!(
        of(json!({"device_id": "628111000111:12@s.whatsapp.net"})).as_deref(),
        Some("628111000111@c.us")
    );
    assert_eq!(of(json!({"device_id": "5511900000000"})), None, "a slot may be named after a number");
}

#[test]
fn two_ids_of_one_person() {
    let info =
        wire::UserInfo { resolved_phone: Some("628222000222".into()), resolved_lid: Some("111@lid".into()) };
    let lid: ChatId = "111@lid".parse().unwrap();
    let phone: ChatId = "628222000222".parse().unwrap();
    for asked in [&lid, &phone] {
        assert_eq!(resolved(asked, &info), Resolved::new(Some(phone.clone()), Some(lid.clone())));
    }
    assert_eq!(resolved(&lid, &wire::UserInfo::default()), Resolved::new(None, Some(lid.clone())));
}

#[test]
fn every_recorded_page_decodes_without_loss() {
    let mixed = messages(include_str!("../tests/fixtures/messages_mixed.json"));
    assert!(!mixed.items.is_empty());
    assert!(messages(include_str!("../tests/fixtures/messages_unknown_chat.json")).items.is_empty());
}

/// Recordings that are not part of the crate, where they are at hand.
#[test]
#[allow(clippy::print_stderr, reason = "a test that skips says so")]
fn the_corpus_decodes_without_loss() {
    let folder = std::env::var("WACHATS_CORPUS").map_or_else(
        |_| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        std::path::PathBuf::from,
    );
    let Ok(files) = std::fs::read_dir(folder.join("gowa")) else {
        eprintln!("skipped: no corpus at hand (WACHATS_CORPUS)");
        return;
    };
    let mut pages = 0;
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let recording: Value = serde_json::from_str(&text).unwrap();
        let path = recording["request"]["path"].as_str().unwrap_or_default();
        let get = recording["request"]["method"] == "GET" && recording["response"]["status"] == 200;
        if get && path.starts_with("/chats") {
            let page = decode::page(&recorded(&text), PATH, true, chat).unwrap();
            assert!(page.skipped.is_empty() && page.notes.is_empty(), "{path}");
            pages += 1;
        } else if get && path.starts_with("/chat/") {
            let known = known("628222000222");
            let page = decode::page(&recorded(&text), PATH, true, |w, raw| message(w, raw, &known)).unwrap();
            assert!(page.skipped.is_empty() && page.notes.is_empty(), "{path}");
            pages += 1;
        }
    }
    assert!(pages > 10, "{pages}");
}
