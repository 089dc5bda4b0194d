//! Errors: both lines, the exit code, and what was not sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::{Duration, Instant};

use common::{ALICE, BEA, Folder, HELLO, Ran, both, command, gowa, run, waha};
use serde_json::{Value, json};
use wachats_simulator::Fault;

#[tokio::test]
async fn usage_errors_are_told_in_one_line_and_as_json() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "command"),
        (&["chat"], "did you mean"),
        (&["chats", "--limit", "ten"], "--limit"),
        (&["chats", "--limit", "0"], "--limit"),
        (&["chats", "--limit", "-1"], "--limit"),
        (&["chats", "--limit", "5", "--all"], "exclude"),
        (&["chats", "--sort", "size"], "activity, id, name"),
        (&["chats", "--archived", "maybe"], "true, false"),
        (&["chats", "--frm", "x"], "--frm"),
        (&["chats", "--max-scan", "0", "--gateway", "waha+http://localhost"], "--max-scan"),
        (&["chats", "--timeout", "0", "--gateway", "waha+http://localhost"], "--timeout"),
        (&["messages"], "CHAT"),
        (&["messages", ALICE, "--since", "yesterday"], "RFC 3339"),
        (&["messages", ALICE, "--ack", "seen"], "played"),
        (&["pin", ALICE, HELLO], "--for"),
        (&["pin", ALICE, HELLO, "--for", "1h"], "24h"),
        (&["disappearing", ALICE, "1h"], "90d"),
        (&["send", ALICE, "two", "words"], "too many"),
        (&["export", "-o", "x.jsonl"], "CHAT"),
        (&["export", "--all", "-o", "x.txt"], "jsonl"),
        (&["--format", "xml", "chats"], "jsonl"),
    ];
    for (args, told) in cases {
        let ran = run(args).await;
        let error = ran.failed(2, "invalid_input");
        assert_eq!(ran.err.lines().count(), 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(told), "{args:?}: {}", ran.err);
        assert_eq!((&error["status"], &error["retry_after_seconds"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn what_was_typed_by_mistake_is_not_repeated() {
    let ran = run(&["send", ALICE, "my", "secret words"]).await;
    assert!(!ran.err.contains("secret") && !ran.err.contains("5511"), "{}", ran.err);
    let ran = run(&["chats", "--gateway", "waha+http://user:secret@localhost"]).await;
    ran.failed(2, "config_invalid");
    assert!(!ran.err.contains("secret@"), "{}", ran.err);
}

#[tokio::test]
async fn people_get_one_line() {
    let ran = run(&["chats", "--limit", "x", "--format", "table"]).await;
    assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{}", ran.err);
    let ran = run(&["chats", "--format=csv"]).await;
    assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{}", ran.err);
    assert!(ran.err.starts_with("error: config_invalid: no gateway"), "{}", ran.err);
    assert!(ran.err.trim_end().ends_with("[list_chats]"), "{}", ran.err);
}

#[tokio::test]
async fn configuration_is_checked_before_anything_is_sent() {
    let cases = [
        ("other+http://localhost", "green-api"),
        ("waha+http://localhost?sesion=x", "sesion"),
        ("waha+http://example.org?session=default", "insecure"),
        ("waha+ftp://localhost", "http"),
        ("gowa+http://localhost?env_prefix=CRM_", "CRM_"),
    ];
    for (uri, _) in cases.iter().filter(|(uri, _)| !uri.starts_with("gowa")) {
        run(&["status", "--gateway", uri]).await.failed(2, "config_invalid");
    }
    let mut without = command(&["status", "--gateway", "waha+http://localhost?session=default"]);
    without.env_remove("WAHA_API_KEY");
    let ran = Ran::of(without).await;
    let error = ran.failed(2, "config_invalid");
    assert!(ran.err.contains("WAHA_API_KEY"), "{}", ran.err);
    assert_eq!((&error["gateway"], &error["operation"]), (&json!("waha"), &json!("status")));
}

#[tokio::test]
async fn hostile_ids_send_nothing() {
    let long = "9".repeat(4096);
    for gateway in both().await {
        for id in [
            "",
            "..",
            "../x",
            "%2e%2e",
            "a/b",
            "a\r\nb",
            &long,
            "x@evil.example",
            "5511911111111@c.us/../logout",
        ] {
            let error = gateway.run(&["archive", id]).await.failed(2, "invalid_input");
            assert_eq!((&error["operation"], &error["effect"]), (&json!("archive"), &json!("not_sent")));
            let error = gateway.run(&["message", ALICE, id]).await;
            if id != long && id != "x@evil.example" && !id.is_empty() {
                assert!(!error.err.contains(id), "{}", error.err);
            }
            error.failed(2, "invalid_input");
        }
        gateway.run(&["messages", ALICE, "--since", "20", "--until", "10"]).await.failed(2, "invalid_input");
        gateway.run(&["messages", ALICE, "--search", " "]).await.failed(2, "invalid_input");
        gateway.run(&["send", ALICE, "  "]).await.failed(2, "invalid_input");
        gateway.run(&["download", ALICE, HELLO, "-o", "/nowhere/at/all"]).await.failed(2, "invalid_input");
        gateway.run(&["resolve", "120363000000000001@g.us"]).await.failed(2, "invalid_input");
        assert_eq!(gateway.server.requests().len(), 0, "{}", gateway.name);
    }
}

#[tokio::test]
async fn an_unplugged_server_and_a_wrong_key() {
    for gateway in both().await {
        let mut wrong = command(&["chats"]);
        wrong.env("WACHATS_GATEWAY", &gateway.uri).env("WAHA_API_KEY", "wrong").env("GOWA_PASS", "wrong");
        let error = Ran::of(wrong).await.failed(4, "unauthenticated");
        assert_eq!(
            (&error["gateway"], &error["status"], &error["effect"]),
            (&json!(gateway.name), &json!(401), &json!("refused"))
        );
        let (name, uri) = (gateway.name, gateway.uri.clone());
        gateway.server.stop().await;
        let error = run(&["chats", "--timeout", "3", "--gateway", &uri]).await.failed(8, "network");
        assert_eq!(
            (&error["gateway"], &error["operation"], &error["status"], &error["effect"]),
            (&json!(name), &json!("list_chats"), &Value::Null, &json!("not_sent"))
        );
    }
}

#[tokio::test]
async fn the_time_of_an_operation_is_bounded() {
    for gateway in both().await {
        gateway.server.faults().push(Fault::hang().on("GET", ""));
        let begun = Instant::now();
        gateway.run(&["messages", ALICE, "--timeout", "1"]).await.failed(8, "timeout");
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_wait_is_told_in_seconds() {
    let gateway = gowa().await;
    gateway.server.faults().push(Fault::status(429).header("Retry-After", "120").on("GET", "/chats"));
    let ran = gateway.run(&["chats"]).await;
    let error = ran.failed(7, "rate_limited");
    assert_eq!(error["retry_after_seconds"], 120);
    assert!(ran.err.contains("(try again in 120 s) [gowa, list_chats, 429]"), "{}", ran.err);
}

#[tokio::test]
async fn a_page_of_something_else_is_not_a_gateway() {
    for gateway in both().await {
        gateway.server.faults().push(Fault::html(200).on("GET", ""));
        gateway.run(&["chats"]).await.failed(9, "not_a_gateway");
        gateway.run(&["message", ALICE, HELLO]).await.failed(9, "not_a_gateway");
    }
}

#[tokio::test]
async fn a_list_that_fails_midway() {
    let gateway = waha().await;
    let broken = || gateway.server.faults().push(Fault::status(403).on("GET", "/messages").after(1));
    broken();
    gateway.run(&["messages", BEA, "--all"]).await.failed(4, "forbidden");
    gateway.server.faults().clear();
    broken();
    let lines = gateway.run(&["messages", BEA, "--all", "--format", "jsonl"]).await;
    assert_eq!(lines.code, 4, "{lines:?}");
    assert!(!lines.lines().is_empty(), "what arrived is kept");
}

#[tokio::test]
async fn a_message_that_is_not_there() {
    for gateway in both().await {
        gateway.run(&["message", ALICE, "3EB0DEAD"]).await.failed(5, "not_found");
    }
}

#[tokio::test]
async fn no_secret_is_printed_at_any_level() {
    let folder = Folder::new();
    for gateway in both().await {
        gateway.server.faults().push(Fault::status(503).on("GET", "").times(2));
        let commands: [&[&str]; 6] = [
            &["chats"],
            &["send", ALICE, "canary-text"],
            &["message", ALICE, "3EB0DEAD"],
            &["download", ALICE, "3EB0A000000000000007", "-o", &folder.file("x")],
            &["chats", "--timeout", "0.001"],
            &["status"],
        ];
        for args in commands {
            let mut loud = command(args);
            loud.env("WACHATS_GATEWAY", &gateway.uri).env("RUST_LOG", "trace");
            let ran = Ran::of(loud).await;
            for canary in [common::KEY, "canary-text", "5511911111111", "Alice", "127.0.0.1"] {
                assert!(!ran.err.contains(canary), "{canary} in {}", ran.err);
            }
            assert!(!ran.out.contains(common::KEY), "{args:?}");
            assert!(ran.err.contains("wachats"), "{args:?} says nothing: {}", ran.err);
        }
    }
}

#[tokio::test]
async fn help_says_it_all_and_fails_nothing() {
    for args in [&["--help"][..], &["chats", "--help"], &["--version"], &["export", "-h"]] {
        let ran = run(args).await.ok();
        assert!(ran.out.contains("wachats") && ran.err.is_empty(), "{ran:?}");
    }
}
