//! The process among others: pipes that break, signals, the demo, exports that are killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::{ALICE, BEA, Folder, Ran, both, command, first_line, gowa, waha};
use serde_json::Value;
use wachats_simulator::Fault;

#[tokio::test]
async fn whoever_stops_reading_breaks_nothing() {
    let gateway = waha().await;
    for format in ["jsonl", "json", "csv", "table"] {
        let mut child = command(&["messages", BEA, "--all", "--format", format])
            .env("WACHATS_GATEWAY", &gateway.uri)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told() {
    let gateway = gowa().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = command(&["chats", "--format", "json"]);
    command.env("WACHATS_GATEWAY", &gateway.uri).stdout(full).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: io: "));
}

#[tokio::test]
async fn lines_come_as_they_arrive() {
    let gateway = gowa().await;
    gateway.server.faults().push(Fault::hang().on("GET", "/messages").after(1));
    let mut child = command(&["messages", BEA, "--all", "--format", "jsonl"])
        .env("WACHATS_GATEWAY", &gateway.uri)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let line = tokio::time::timeout(Duration::from_secs(10), first_line(&mut out)).await.unwrap();
    assert!(serde_json::from_str::<Value>(&line).unwrap()["id"].is_string());
    child.kill().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_demo_serves_until_it_is_interrupted() {
    let mut child = command(&["demo", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let ready: Value = serde_json::from_str(&first_line(&mut out).await).unwrap();
    for name in ["waha", "wappfy", "green-api", "gowa"] {
        let mut status = command(&["status", "--gateway", ready[name]["uri"].as_str().unwrap()]);
        for (key, value) in ready[name]["env"].as_object().unwrap() {
            status.env(key, value.as_str().unwrap());
        }
        assert_eq!(Ran::of(status).await.ok().json()["state"], "working", "{name}");
    }
    let pid = child.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn exports_of_one_chat_and_of_all() {
    for gateway in both().await {
        let folder = Folder::new();
        let one = folder.file("one.csv");
        let report = gateway.run(&["export", ALICE, "-o", &one]).await.ok().json();
        let expected = gateway.of_alice();
        assert_eq!(
            report,
            serde_json::json!({"ok":true,"path":one,"chats":1,"messages":expected,"skipped":0})
        );
        assert!(std::fs::read_to_string(&one).unwrap().starts_with("id,key,chat_id,"));
        let all = folder.file("all.jsonl");
        let report = gateway.run(&["export", "--all", "-o", &all]).await.ok().json();
        let lines = std::fs::read_to_string(&all).unwrap().lines().count();
        assert_eq!(report["messages"], lines, "{}", gateway.name);
        assert!(lines > 250, "{}: {lines}", gateway.name);
        let since = folder.file("since.any");
        let args = ["export", BEA, "-o", &since, "--format", "jsonl", "--since", "1790600000"];
        gateway.run(&args).await.ok();
        assert_eq!(folder.names(), ["all.jsonl", "one.csv", "since.any"]);
    }
}

#[tokio::test]
async fn a_broken_export_is_resumed() {
    for gateway in both().await {
        let folder = Folder::new();
        let file = folder.file("all.jsonl");
        gateway.server.faults().push(Fault::status(403).on("GET", "/messages").after(4).times(1));
        gateway.run(&["export", "--all", "-o", &file, "--resume"]).await.failed(4, "forbidden");
        assert_eq!(folder.names(), ["all.jsonl.part", "all.jsonl.state"]);
        let report = gateway.run(&["export", "--all", "-o", &file, "--resume"]).await.ok().json();
        let whole = folder.file("whole.jsonl");
        gateway.run(&["export", "--all", "-o", &whole]).await.ok();
        let sorted = |path: &str| {
            let text = std::fs::read_to_string(path).unwrap();
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&file), sorted(&whole), "{}", gateway.name);
        assert_eq!(report["messages"], sorted(&file).len(), "{}", gateway.name);
    }
}
