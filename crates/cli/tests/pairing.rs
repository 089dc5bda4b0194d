//! `pair` and `session`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Gateway, KEY, both, first_line, gowa, waha};
use serde_json::{Value, json};
use tokio::process::{Child, ChildStdout};
use wachats_simulator::world::Session;
use wachats_simulator::{Fault, World, green_api, wappfy};

const ACCOUNT: &str = "5511900000000@c.us";

async fn green() -> Gateway {
    let world = World::sample();
    let profile = green_api::Profile::new().credentials(7_103_000_001, KEY);
    let server = green_api::serve(world.clone(), profile).await.unwrap();
    let uri = format!("green-api+{}?instance=7103000001", server.url());
    Gateway { world, server, uri, name: "green-api" }
}

fn unpaired(gateway: &Gateway) {
    gateway.world.set_session(Session::NeedsPairing);
}

/// The command while it runs.
struct Running {
    child: Child,
    out: ChildStdout,
}

impl Running {
    fn of(gateway: &Gateway, args: &[&str]) -> Self {
        let mut command = common::command(args);
        command.env("WACHATS_GATEWAY", &gateway.uri).env("GREEN_API_TOKEN", KEY);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        Self { child, out }
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(Duration::from_secs(30), first_line(&mut self.out));
        line.await.expect("a line in time")
    }

    /// The next change in this state.
    async fn told(&mut self, state: &str) -> Value {
        loop {
            let told: Value = serde_json::from_str(&self.line().await).unwrap();
            let keys: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["account_id", "code", "expires_at", "qr", "state"]);
            if told["state"] == state {
                return told;
            }
        }
    }

    async fn code(mut self) -> i32 {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait());
        ended.await.expect("it ends").unwrap().code().unwrap()
    }
}

#[tokio::test]
async fn every_gateways_code_is_told_renewed_and_scanned() {
    for gateway in [waha().await, gowa().await, green().await] {
        let name = gateway.name;
        unpaired(&gateway);
        let mut pair = Running::of(&gateway, &["pair", "--format", "jsonl"]);
        let state = pair.told("needs_pairing").await;
        assert_eq!(state["qr"], Value::Null, "{name}: the state is told first");
        let first = pair.told("needs_pairing").await;
        assert_eq!(
            first["qr"],
            gateway.world.pairing_qr(),
            "{name}: read from the picture where there is no value"
        );
        assert_eq!(first["expires_at"].is_null(), name != "gowa", "{name}");
        if name != "gowa" {
            // a code may lapse at any time after it was seen
            gateway.world.new_qr();
            let asked = Instant::now();
            let second = pair.told("needs_pairing").await;
            assert_eq!(second["qr"], gateway.world.pairing_qr(), "{name}");
            assert_ne!(second["qr"], first["qr"], "{name}");
            assert!(asked.elapsed() < Duration::from_secs(8), "{name}: a lapsed code was shown");
        }
        assert!(gateway.world.pair(), "{name}");
        let last = pair.told("working").await;
        assert_eq!((&last["account_id"], &last["qr"]), (&json!(ACCOUNT), &Value::Null), "{name}");
        assert_eq!(pair.code().await, 0, "{name}");
    }
}

#[tokio::test]
async fn a_stopped_session_is_started_first() {
    let gateway = waha().await;
    unpaired(&gateway);
    gateway.world.set_session(Session::Stopped);
    let mut pair = Running::of(&gateway, &["pair", "--format", "jsonl"]);
    pair.told("stopped").await;
    pair.told("needs_pairing").await;
    assert!(pair.told("needs_pairing").await["qr"].is_string());
    // six codes nobody scanned: it has to be restarted
    gateway.world.set_session(Session::Failed);
    pair.told("failed").await;
    pair.told("needs_pairing").await;
    gateway.world.pair();
    pair.told("working").await;
    assert_eq!(pair.code().await, 0);
}

#[tokio::test]
async fn the_code_is_drawn_and_the_number_said() {
    let gateway = waha().await;
    unpaired(&gateway);
    let mut pair = Running::of(&gateway, &["pair"]);
    assert!(pair.line().await.contains("Linked devices"));
    let drawn = pair.line().await;
    assert!(drawn.chars().count() > 30 && drawn.chars().all(|c| c == '█'), "{drawn}");
    gateway.world.pair();
    loop {
        let line = pair.line().await;
        if line.starts_with("paired") {
            assert_eq!(line, format!("paired: {ACCOUNT}"));
            break;
        }
    }
    assert_eq!(pair.code().await, 0);
}

#[tokio::test]
async fn json_tells_the_end_alone() {
    let gateway = gowa().await;
    let ran = gateway.run(&["pair", "--format", "json"]).await.ok();
    assert_eq!(
        ran.json(),
        json!({"state":"working","qr":null,"code":null,"expires_at":null,"account_id":ACCOUNT})
    );
    let drawn = gateway.run(&["pair"]).await.ok();
    assert_eq!(drawn.out, format!("paired: {ACCOUNT}\n"));
}

#[tokio::test]
async fn a_code_is_printed_once_and_typed() {
    for gateway in [waha().await, gowa().await, green().await] {
        unpaired(&gateway);
        let mut pair = Running::of(&gateway, &["pair", "--phone", "+55 11 90000-0000", "--format", "jsonl"]);
        pair.told("needs_pairing").await;
        let told = pair.told("needs_pairing").await;
        let letters = told["code"].as_str().unwrap().chars().filter(char::is_ascii_uppercase).count();
        assert_eq!((letters, &told["qr"]), (8, &Value::Null), "{}", gateway.name);
        gateway.world.pair();
        pair.told("working").await;
        assert_eq!(pair.code().await, 0);
        let asked = gateway.server.requests();
        let codes = asked.iter().filter(|r| {
            ["request-code", "login-with-code", "getAuthorizationCode"]
                .iter()
                .any(|part| r.path_and_query.contains(part))
        });
        assert_eq!(codes.count(), 1, "{}", gateway.name);
    }
    let gateway = waha().await;
    unpaired(&gateway);
    let mut pair = Running::of(&gateway, &["pair", "--phone", "5511900000000"]);
    let code = pair.line().await;
    assert_eq!((code.len(), code.as_bytes()[4]), (9, b'-'), "{code}");
}

/// How often a path was asked for.
fn asked(gateway: &Gateway, part: &str) -> usize {
    gateway.server.requests().iter().filter(|r| r.path_and_query.contains(part)).count()
}

async fn pair(gateway: &Gateway, args: &[&str]) -> common::Ran {
    let mut command = common::command(&[&["pair", "--format", "json"], args].concat());
    command.env("WACHATS_GATEWAY", &gateway.uri).env("GREEN_API_TOKEN", KEY);
    common::Ran::of(command).await
}

#[tokio::test]
async fn a_blocked_instance_is_not_restarted() {
    let gateway = green().await;
    unpaired(&gateway);
    gateway.world.set_session(Session::Failed);
    let ran = pair(&gateway, &[]).await;
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.err.contains("the session is failed: blocked"), "{ran:?}");
    assert_eq!(asked(&gateway, "/reboot/"), 0);
}

/// Wappfy's node knows a restart, and no start.
#[tokio::test]
async fn what_has_no_start_is_restarted() {
    let world = World::sample();
    let server = wappfy::serve(world.clone(), wappfy::Profile::new().key(KEY)).await.unwrap();
    let uri = format!("wappfy+{}?session=default", server.url());
    let gateway = Gateway { world, server, uri, name: "wappfy" };
    gateway.world.set_session(Session::Stopped);
    let message = "Cannot POST /api/sessions/default/start";
    let body = json!({"message": message, "error": "Not Found", "statusCode": 404});
    gateway.server.faults().push(Fault::json(404, &body).on("POST", "/start"));
    let mut command = common::command(&["pair", "--format", "json"]);
    command.env("WACHATS_GATEWAY", &gateway.uri).env("WAPPFY_API_KEY", KEY);
    let ran = common::Ran::of(command).await.ok();
    assert_eq!(ran.json()["account_id"], ACCOUNT, "it had a phone");
    assert_eq!(asked(&gateway, "/restart"), 1);
}

#[tokio::test]
async fn a_session_that_comes_to_no_code_is_started_three_times() {
    let gateway = waha().await;
    unpaired(&gateway);
    gateway.world.set_session(Session::Stopped);
    gateway.server.faults().push(Fault::json(201, &json!({"name": "default"})).on("POST", "/start"));
    let ran = pair(&gateway, &[]).await;
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.err.contains("started three times"), "{ran:?}");
    assert_eq!(asked(&gateway, "/start"), 3);
}

#[tokio::test]
async fn a_refused_code_is_asked_for_three_times() {
    let gateway = green().await;
    unpaired(&gateway);
    let refused = Fault::json(200, &json!({"status": false, "code": ""}));
    gateway.server.faults().push(refused.on("POST", "getAuthorizationCode"));
    let ran = pair(&gateway, &["--phone", "5511900000000"]).await;
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.err.contains("the instance gives no code now"), "{ran:?}");
    assert_eq!(asked(&gateway, "getAuthorizationCode"), 3);
}

#[tokio::test]
async fn out_of_time_the_last_failure_is_told() {
    let gateway = waha().await;
    unpaired(&gateway);
    gateway.server.faults().push(Fault::status(500).on("GET", "/auth/qr"));
    let ran = pair(&gateway, &["--timeout", "6"]).await;
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.err.contains("within 6 s; the last failure was server_fault: "), "{ran:?}");
    // a look at the state that fails is told of what it was for
    gateway.server.faults().push(Fault::status(401).on("GET", "/api/sessions/"));
    for (args, operation) in [(&[][..], "pair_qr"), (&["--phone", "5511900000000"], "pair_code")] {
        let error = pair(&gateway, args).await.failed(4, "unauthenticated");
        assert_eq!(error["operation"], operation);
    }
}

/// A wait that the gateway asks for is told at once where it is longer than what is left, and where nothing tells when it
/// ends.
#[tokio::test]
async fn a_long_wait_is_told() {
    let gateway = waha().await;
    unpaired(&gateway);
    let brake = || Fault::status(429).header("retry-after", "75");
    for (path, args) in [("/auth/qr", &[][..]), ("/request-code", &["--phone", "5511900000000"])] {
        gateway.server.faults().clear();
        gateway.server.faults().push(brake().on(if args.is_empty() { "GET" } else { "POST" }, path));
        let asked = Instant::now();
        let error = pair(&gateway, &[args, &["--timeout", "60"]].concat()).await.failed(7, "rate_limited");
        assert!(asked.elapsed() < Duration::from_secs(20), "it waited for nothing");
        assert_eq!(error["retry_after_seconds"], 75);
    }
    gateway.server.faults().clear();
    gateway.server.faults().push(brake().on("GET", "/auth/qr"));
    let mut running = Running::of(&gateway, &["pair"]);
    let mut told = running.child.stderr.take().unwrap();
    let line = async {
        loop {
            let line = first_line(&mut told).await;
            if line.contains("asks to wait") {
                break line;
            }
        }
    };
    let line = tokio::time::timeout(Duration::from_secs(20), line).await.expect("a line in time");
    assert_eq!(line, "the gateway asks to wait 75 s");
    running.child.kill().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_paired() {
    for gateway in both().await {
        let error = gateway.run(&["pair", "--phone", "5511900000000"]).await.failed(1, "conflict");
        assert_eq!((&error["operation"], &error["effect"]), (&json!("pair_code"), &json!("not_sent")));
        gateway.run(&["pair", "--phone", "letters"]).await.failed(2, "invalid_input");
        gateway.run(&["pair", "--phone", "120363000000000001@g.us"]).await.failed(2, "invalid_input");
        unpaired(&gateway);
        let mut pair = common::command(&["pair", "--timeout", "2", "--format", "jsonl"]);
        pair.env("WACHATS_GATEWAY", &gateway.uri);
        let ran = common::Ran::of(pair).await;
        assert_eq!(ran.code, 6, "{ran:?}");
        assert!(ran.err.contains("error: session_not_ready: no phone was paired within 2 s"), "{ran:?}");
    }
}

#[tokio::test]
async fn sessions_are_controlled_where_the_gateway_can() {
    let gateway = waha().await;
    let told = |operation: &str| json!({"ok":true,"operation":operation,"chat_id":null,"message_id":null});
    let ran = gateway.run(&["session", "stop"]).await.ok();
    assert_eq!(ran.json(), told("session_stop"));
    assert_eq!(gateway.world.session(), Session::Stopped);
    assert_eq!(gateway.run(&["session", "start"]).await.ok().json(), told("session_start"));
    // it runs: that is what was asked for
    gateway.run(&["session", "start"]).await.ok();
    assert_eq!(gateway.run(&["session", "restart"]).await.ok().json(), told("session_restart"));
    let before = gateway.server.requests().len();
    gateway.run(&["session", "logout"]).await.failed(2, "invalid_input");
    assert_eq!(gateway.server.requests().len(), before);
    assert_eq!(gateway.run(&["session", "logout", "--yes"]).await.ok().json(), told("session_logout"));
    assert_eq!(gateway.world.session(), Session::NeedsPairing);
    let gowa = gowa().await;
    let error = gowa.run(&["session", "start"]).await.failed(3, "unsupported");
    assert_eq!(error["operation"], "session_start");
    gowa.run(&["session", "restart"]).await.ok();
    gowa.run(&["session", "logout", "--yes"]).await.ok();
    assert!(!gowa.world.is_paired());
}
