//! What the changing commands do and print.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{ALICE, BEA, Gateway, HELLO, OWN, both, gowa, waha};
use serde_json::{Value, json};
use wachats_simulator::Fault;

async fn changed(gateway: &Gateway, args: &[&str], operation: &str, message: Option<&str>) -> Value {
    let ran = gateway.run(args).await.ok();
    assert_eq!(ran.err, "", "{args:?}");
    let told = ran.json();
    assert_eq!((&told["ok"], &told["operation"]), (&json!(true), &json!(operation)), "{args:?}");
    match message {
        Some(key) => assert!(told["message_id"].as_str().unwrap().contains(key), "{told}"),
        None => assert_eq!(told["message_id"], Value::Null, "{told}"),
    }
    told
}

#[tokio::test]
async fn chats_are_archived_and_back() {
    for gateway in both().await {
        let told = changed(&gateway, &["archive", BEA], "archive", None).await;
        assert_eq!(told, json!({"ok":true,"operation":"archive","chat_id":BEA,"message_id":null}));
        assert!(gateway.world.chat(BEA).unwrap().archived, "{}", gateway.name);
        changed(&gateway, &["unarchive", BEA], "unarchive", None).await;
        assert!(!gateway.world.chat(BEA).unwrap().archived, "{}", gateway.name);
        changed(&gateway, &["mark-read", ALICE], "mark_read", None).await;
        assert_eq!(gateway.world.chat(ALICE).unwrap().unread, 0, "{}", gateway.name);
    }
}

#[tokio::test]
async fn a_sent_text_is_exactly_the_one_given() {
    for gateway in both().await {
        let text = "-- é \"quoted\" \\n 🙂\n second line ";
        let told = changed(&gateway, &["send", ALICE, text], "send_text", Some("_")).await;
        assert_eq!(told["queued"], false, "{told}");
        assert!(told.get("new_message_id").is_none(), "{told}");
        let key = told["message_id"].as_str().unwrap().rsplit('_').next().unwrap().to_owned();
        let sent = gateway.world.message(ALICE, &key).unwrap();
        assert_eq!(sent.content.text(), Some(text), "{}", gateway.name);
        let reply = ["send", ALICE, "-5", "--reply-to", HELLO];
        changed(&gateway, &reply, "send_text", Some("_")).await;
        let sent =
            gateway.world.messages(ALICE).into_iter().find(|m| m.content.text() == Some("-5")).unwrap();
        assert_eq!(sent.quoted.unwrap().key, HELLO, "{}", gateway.name);
    }
}

#[tokio::test]
async fn messages_are_edited_starred_and_deleted() {
    for gateway in both().await {
        let told = changed(&gateway, &["edit", ALICE, OWN, "Keep that"], "edit_message", Some(OWN)).await;
        assert!(told.as_object().unwrap().contains_key("new_message_id"), "{told}");
        assert!(told.get("queued").is_none(), "{told}");
        assert_eq!(gateway.world.message(ALICE, OWN).unwrap().content.text(), Some("Keep that"));
        changed(&gateway, &["react", ALICE, HELLO, "👍"], "react", Some(HELLO)).await;
        assert_eq!(gateway.world.message(ALICE, HELLO).unwrap().reactions.len(), 1, "{}", gateway.name);
        changed(&gateway, &["react", ALICE, HELLO, ""], "react", Some(HELLO)).await;
        assert_eq!(gateway.world.message(ALICE, HELLO).unwrap().reactions.len(), 0, "{}", gateway.name);
        changed(&gateway, &["star", ALICE, HELLO], "star", Some(HELLO)).await;
        assert!(gateway.world.message(ALICE, HELLO).unwrap().starred, "{}", gateway.name);
        changed(&gateway, &["unstar", ALICE, HELLO], "unstar", Some(HELLO)).await;
        changed(&gateway, &["delete", ALICE, OWN], "delete_message", Some(OWN)).await;
    }
}

#[tokio::test]
async fn what_one_gateway_can_and_the_other_cannot() {
    let waha = waha().await;
    changed(&waha, &["pin", ALICE, HELLO, "--for", "7d"], "pin_message", Some(HELLO)).await;
    changed(&waha, &["unpin", ALICE, HELLO], "unpin_message", Some(HELLO)).await;
    changed(&waha, &["mark-unread", ALICE], "mark_unread", None).await;
    changed(&waha, &["clear", BEA], "clear_messages", None).await;
    changed(&waha, &["delete-chat", BEA], "delete_chat", None).await;
    let error = waha.run(&["pin-chat", ALICE]).await.failed(3, "unsupported");
    assert_eq!((&error["gateway"], &error["operation"]), (&json!("waha"), &json!("pin_chat")));
    waha.run(&["delete", ALICE, OWN, "--for-me"]).await.failed(3, "unsupported");
    let gowa = gowa().await;
    changed(&gowa, &["pin-chat", ALICE], "pin_chat", None).await;
    changed(&gowa, &["unpin-chat", ALICE], "unpin_chat", None).await;
    changed(&gowa, &["disappearing", ALICE, "7d"], "disappearing", None).await;
    assert_eq!(gowa.world.chat(ALICE).unwrap().ephemeral_seconds, 604_800);
    changed(&gowa, &["delete", ALICE, OWN, "--for-me"], "delete_message", Some(OWN)).await;
    gowa.run(&["pin", ALICE, HELLO, "--for", "24h"]).await.failed(3, "unsupported");
}

#[tokio::test]
async fn a_send_without_an_answer_is_unknown_and_not_repeated() {
    for gateway in both().await {
        gateway.server.faults().push(Fault::reset().after_effect().on("POST", "send"));
        let error = gateway.run(&["send", ALICE, "Once"]).await.failed(10, "outcome_unknown");
        assert_eq!((&error["operation"], &error["effect"]), (&json!("send_text"), &json!("unknown")));
        let sent = gateway.world.messages(ALICE).iter().filter(|m| m.content.text() == Some("Once")).count();
        assert_eq!(sent, 1, "{}", gateway.name);
    }
}
