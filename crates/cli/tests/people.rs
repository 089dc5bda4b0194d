//! `contacts`, `contact`, `check` and `group`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{ALICE, both, gowa, waha};
use serde_json::{Value, json};

const FAMILY: &str = "120363000000000001@g.us";
const KEYS: [&str; 8] =
    ["id", "is_business", "is_my_contact", "lid", "name", "phone", "picture_url", "push_name"];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn contacts_are_listed_by_id() {
    for gateway in both().await {
        let all = gateway.run(&["contacts", "--all"]).await.ok().json();
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), 7, "{}", gateway.name);
        assert!(all.iter().all(|contact| keys(contact) == KEYS), "{}", gateway.name);
        let ids: Vec<_> = all.iter().map(|contact| contact["id"].as_str().unwrap()).collect();
        assert!(ids.is_sorted(), "{}", gateway.name);
        let some = gateway.run(&["contacts", "--limit", "2", "--format", "jsonl"]).await.ok().lines();
        assert_eq!(some, all[..2], "{}", gateway.name);
        let table = gateway.run(&["contacts", "--format", "table"]).await.ok();
        assert!(table.out.contains("Alice") && table.out.starts_with("ID"), "{}", table.out);
        gateway.run(&["contacts", "--limit", "0"]).await.failed(2, "invalid_input");
        let raw = gateway.run(&["contacts", "--limit", "1", "--raw"]).await.ok().json();
        assert!(raw[0]["raw"].is_object(), "{}", gateway.name);
    }
}

#[tokio::test]
async fn one_contact_with_its_picture() {
    let waha = waha().await;
    let shop = waha.run(&["contact", "5511955555555"]).await.ok().json();
    assert_eq!((&shop["is_business"], &shop["is_my_contact"]), (&json!(true), &json!(true)));
    assert_eq!((&shop["name"], &shop["phone"]), (&json!("Corner Shop"), &json!("5511955555555")));
    let alice = waha.run(&["contact", ALICE]).await.ok().json();
    assert!(alice["picture_url"].as_str().unwrap().starts_with("https://pps.whatsapp.net/"));
    assert_eq!(keys(&alice), KEYS);
    let error = waha.run(&["contact", "5511900009999"]).await.failed(5, "not_found");
    assert_eq!(error["operation"], "contact");
    let gowa = gowa().await;
    let alice = gowa.run(&["contact", ALICE]).await.ok().json();
    assert_eq!((&alice["name"], &alice["is_business"]), (&json!("Alice"), &Value::Null));
    for gateway in [waha, gowa] {
        let before = gateway.server.requests().len();
        gateway.run(&["contact", FAMILY]).await.failed(2, "invalid_input");
        assert_eq!(gateway.server.requests().len(), before, "{}", gateway.name);
    }
}

#[tokio::test]
async fn numbers_are_checked_as_typed() {
    for gateway in both().await {
        gateway.world.alias_number("5541988887777", "554188887777");
        gateway.world.add_chat(wachats_simulator::world::Chat::user("554188887777"));
        let typed = "+55 (41) 98888-7777";
        let found = gateway.run(&["check", typed, "5511911111111"]).await.ok().json();
        assert_eq!(
            found[0],
            json!({"number":typed,"exists":true,"chat_id":"554188887777@c.us"}),
            "{}",
            gateway.name
        );
        assert_eq!(found[1]["chat_id"], ALICE, "{}", gateway.name);
        let lines = gateway.run(&["check", "5511911111111", "--format", "jsonl"]).await.ok().lines();
        assert_eq!(lines.len(), 1);
        let before = gateway.server.requests().len();
        gateway.run(&["check", "5511911111111", "55 11 letters"]).await.failed(2, "invalid_input");
        gateway.run(&["check", FAMILY]).await.failed(2, "invalid_input");
        gateway.run(&["check"]).await.failed(2, "invalid_input");
        assert_eq!(gateway.server.requests().len(), before, "{}", gateway.name);
    }
    let waha = waha().await;
    let nobody = waha.run(&["check", "5511900009999"]).await.ok().json();
    assert_eq!(nobody, json!([{"number":"5511900009999","exists":false,"chat_id":null}]));
    let csv = waha.run(&["check", "5511900009999", "--format", "csv"]).await.ok().out;
    assert_eq!(csv.replace('\r', ""), "number,exists,chat_id\n5511900009999,false,\n");
    let refused = wachats_simulator::gowa::Refusal::NotOnWhatsapp;
    let profile = wachats_simulator::gowa::Profile::v9_2().refusal("5511900009999", refused);
    let server = wachats_simulator::gowa::serve(wachats_simulator::World::sample(), profile).await.unwrap();
    let mut command = common::command(&["check", "5511900009999"]);
    command
        .env("WACHATS_GATEWAY", format!("gowa+{}", server.url()))
        .env_remove("GOWA_USER")
        .env_remove("GOWA_PASS");
    let told = common::Ran::of(command).await.ok().json();
    assert_eq!(
        told,
        json!([{"number":"5511900009999","exists":null,"chat_id":null}]),
        "a no may be a failure"
    );
}

#[tokio::test]
async fn a_group_and_its_members() {
    for gateway in both().await {
        gateway.world.change_chat(FAMILY, |chat| chat.announce = true);
        let family = gateway.run(&["group", FAMILY]).await.ok().json();
        let created = family["created_at"].clone();
        assert_eq!(
            family,
            json!({"id":FAMILY,"subject":"Family","description":"Sunday lunches","owner_id":"5511900000000@c.us",
                "created_at":created,"announce":true,"locked":false,"participants":[
                    {"id":"5511900000000@c.us","role":"superadmin"},{"id":ALICE,"role":"admin"},
                    {"id":"5511988888888@c.us","role":"member"}]}),
            "{}",
            gateway.name
        );
        let table = gateway.run(&["group", FAMILY, "--format", "table"]).await.ok().out;
        assert!(table.contains("Sunday lunches") && table.contains("superadmin"), "{table}");
        let error = gateway.run(&["group", "120363000000000099@g.us"]).await.failed(5, "not_found");
        assert_eq!(error["operation"], "group_info");
        gateway.run(&["group", ALICE]).await.failed(2, "invalid_input");
    }
}
