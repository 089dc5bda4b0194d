//! What the reading commands print, in every format.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{ALICE, BEA, Folder, HELLO, both, waha, waha_with};
use serde_json::Value;
use wachats_simulator::waha::Engine;

const CHAT_KEYS: &str = "id,kind,name,last_message_at,unread_count,marked_unread,archived,pinned,muted,\
    ephemeral_seconds,picture_url,last_message,alternate_id";
const MESSAGE_KEYS: &str = "id,key,chat_id,sender_id,sender_name,from_me,sent_at,kind,text,media,location,contacts,\
    ack,reply_to,reactions,edited,revoked,forwarded,source";

/// The keys of the first object in a text, in the order in which they stand.
fn keys_in_order(line: &str, keys: &str) {
    let mut from = 0;
    for key in keys.split(',') {
        let at = line[from..]
            .find(&format!("\"{key}\":"))
            .unwrap_or_else(|| panic!("{key} is not in order: {line}"));
        from += at;
    }
}

#[tokio::test]
async fn a_list_of_chats_in_every_format() {
    for gateway in both().await {
        let json = gateway.run(&["chats", "--limit", "5"]).await.ok();
        assert_eq!(json.out.lines().count(), 1, "one array on one line");
        let chats = json.json();
        assert_eq!(chats.as_array().unwrap().len(), 5, "{}", gateway.name);
        let lines = gateway.run(&["chats", "--limit", "5", "--format", "jsonl"]).await.ok();
        assert_eq!(Value::Array(lines.lines()), chats, "{}", gateway.name);
        keys_in_order(lines.out.lines().next().unwrap(), CHAT_KEYS);
        let csv = gateway.run(&["chats", "--limit", "5", "--format", "csv"]).await.ok();
        assert_eq!(csv.out.lines().next(), Some(CHAT_KEYS), "{}", gateway.name);
        let table = gateway.run(&["--format", "table", "chats", "--limit", "5"]).await.ok();
        assert!(table.out.starts_with("LAST ACTIVE (UTC)"), "{}", table.out);
        assert_eq!(table.out.lines().count(), 6, "{}", table.out);
        for run in [json, lines, csv, table] {
            assert_eq!(run.err, "", "{}", gateway.name);
        }
    }
}

#[tokio::test]
async fn a_list_of_messages_in_every_format() {
    for gateway in both().await {
        let json = gateway.run(&["messages", ALICE]).await.ok();
        let messages = json.json();
        let messages = messages.as_array().unwrap();
        assert_eq!(messages.len(), gateway.of_alice(), "{}", gateway.name);
        assert!(messages.iter().all(|m| m["chat_id"] == ALICE));
        let csv = gateway.run(&["messages", ALICE, "--format", "csv"]).await.ok();
        assert_eq!(csv.out.lines().next(), Some(MESSAGE_KEYS));
        let raw = gateway.run(&["messages", ALICE, "--raw", "--limit", "1", "--format", "jsonl"]).await.ok();
        keys_in_order(raw.out.trim(), &format!("{MESSAGE_KEYS},raw"));
        assert!(raw.lines()[0]["raw"].is_object(), "{}", raw.out);
        let table = gateway.run(&["messages", ALICE, "--format", "table"]).await.ok();
        assert!(table.out.starts_with("SENT (UTC)"), "{}", table.out);
        assert!(!table.out.contains("CHAT"), "one chat needs no column: {}", table.out);
    }
}

#[tokio::test]
async fn limits_offsets_and_filters() {
    for gateway in both().await {
        let count = |ran: common::Ran| ran.ok().json().as_array().unwrap().len();
        let all = gateway.world.messages(BEA).len();
        assert_eq!(count(gateway.run(&["messages", BEA]).await), 50, "{}", gateway.name);
        assert_eq!(count(gateway.run(&["messages", BEA, "--all"]).await), all, "{}", gateway.name);
        assert_eq!(count(gateway.run(&["messages", BEA, "--limit", "170"]).await), 170);
        let head = gateway.run(&["messages", BEA, "--limit", "20"]).await.ok().json();
        let tail = gateway.run(&["messages", BEA, "--limit", "10", "--offset", "10"]).await.ok().json();
        assert_eq!(head.as_array().unwrap()[10..], tail.as_array().unwrap()[..], "{}", gateway.name);
        let found = gateway.run(&["messages", BEA, "--all", "--search", "INVOICE"]).await.ok().json();
        assert_eq!(found.as_array().unwrap().len(), 7, "{}", gateway.name);
        let own = gateway.run(&["messages", BEA, "--all", "--from-me", "true"]).await.ok().json();
        assert_eq!(own.as_array().unwrap().len(), 90, "{}", gateway.name);
        let since = gateway.run(&["messages", ALICE, "--since", "1790683800"]).await.ok().json();
        let same =
            gateway.run(&["messages", ALICE, "--since", "2026-09-29T14:10:00+02:00"]).await.ok().json();
        assert_eq!(since, same, "{}", gateway.name);
        assert!(since.as_array().unwrap().len() < 21 && !since.as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn single_objects() {
    for gateway in both().await {
        let message = gateway.run(&["message", ALICE, HELLO]).await.ok();
        keys_in_order(&message.out, MESSAGE_KEYS);
        assert_eq!(message.json()["text"], "Hello!");
        let full = message.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(gateway.run(&["message", "+55 11 91111-1111", &full]).await.ok().out, message.out);
        let status = gateway.run(&["status"]).await.ok().json();
        assert_eq!((&status["gateway"], &status["state"]), (&gateway.name.into(), &"working".into()));
        let picture = gateway.run(&["picture", ALICE]).await.ok();
        keys_in_order(&picture.out, "chat_id,url");
        assert_eq!(picture.json()["chat_id"], ALICE);
        let resolved = gateway.run(&["resolve", ALICE]).await.ok();
        keys_in_order(&resolved.out, "phone_id,lid");
        assert_eq!(resolved.json()["phone_id"], ALICE);
        let csv = gateway.run(&["resolve", ALICE, "--format", "csv"]).await.ok();
        assert!(csv.out.starts_with("phone_id,lid\n5511911111111@c.us,"), "{}", csv.out);
        let table = gateway.run(&["message", ALICE, HELLO, "--format", "table"]).await.ok();
        assert!(table.out.contains("text         Hello!\n"), "{}", table.out);
        assert!(table.out.contains("location     -\n"), "{}", table.out);
    }
}

#[tokio::test]
async fn capabilities_are_an_object_and_a_table() {
    for gateway in both().await {
        let told = gateway.run(&["capabilities"]).await.ok();
        keys_in_order(
            &told.out,
            "gateway,engine,version,operations,list_chats,chats_offset,chats_sort,overview",
        );
        let told = told.json();
        assert_eq!(told["operations"].as_object().unwrap().len(), wachats::Capability::ALL.len());
        assert_eq!(told["operations"]["list_messages"]["support"], "native");
        assert!(told["operations"]["list_messages"].as_object().unwrap().contains_key("reason"));
        let table = gateway.run(&["capabilities", "--format", "table"]).await.ok();
        assert!(table.out.contains("OPERATION"), "{}", table.out);
    }
}

#[tokio::test]
async fn an_overview_of_some_chats() {
    for gateway in both().await {
        let chats = gateway.run(&["overview", "--id", ALICE, "--id", BEA]).await.ok().json();
        let chats = chats.as_array().unwrap();
        assert_eq!(chats.len(), 2, "{}", gateway.name);
        assert!(chats.iter().all(|chat| chat["last_message"].is_object()), "{}", gateway.name);
    }
}

#[tokio::test]
async fn messages_of_all_chats_where_the_gateway_can() {
    let noweb = waha_with(Engine::Noweb).await;
    let table = noweb.run(&["messages", "all", "--limit", "30", "--format", "table"]).await.ok();
    assert!(table.out.lines().next().unwrap().contains("CHAT"), "{}", table.out);
    let webjs = waha().await;
    webjs.run(&["messages", "all"]).await.failed(3, "unsupported");
}

#[tokio::test]
async fn a_filter_that_is_not_honoured_is_refused() {
    let [_, gowa] = both().await;
    for args in [&["messages", ALICE, "--ack", "read"][..], &["chats", "--sort", "name"]] {
        let error = gowa.run(args).await.failed(3, "unsupported");
        assert_eq!((&error["gateway"], &error["effect"]), (&"gowa".into(), &"not_sent".into()));
    }
    assert_eq!(gowa.server.requests().len(), 0);
}

#[tokio::test]
async fn a_download_is_a_file_and_an_object() {
    let folder = Folder::new();
    for gateway in both().await {
        let path = folder.file(gateway.name);
        let ran = gateway.run(&["download", ALICE, "3EB0A000000000000007", "-o", &path]).await.ok();
        keys_in_order(&ran.out, "ok,path,size_bytes,mime_type");
        assert_eq!(std::fs::read(&path).unwrap(), b"%PDF-1.4 sample", "{}", gateway.name);
        assert_eq!(ran.json()["size_bytes"], 15);
        gateway.run(&["download", ALICE, HELLO, "-o", &folder.file("none")]).await.failed(5, "not_found");
    }
    assert_eq!(folder.names(), ["gowa", "waha"], "a failed download leaves nothing");
}

#[tokio::test]
async fn text_of_strangers_does_not_reach_the_terminal_unfiltered() {
    let gateway = waha().await;
    gateway.world.add_message(
        wachats_simulator::world::Message::text(ALICE, "3EB0FF", "\u{1b}[2Jevil\nline\u{202e}")
            .at(1_790_855_000),
    );
    let table = gateway.run(&["messages", ALICE, "--limit", "1", "--format", "table"]).await.ok();
    assert!(table.out.contains("[2Jevil⏎line\n"), "{}", table.out);
    assert!(!table.out.contains('\u{1b}') && !table.out.contains('\u{202e}'), "{}", table.out);
}
