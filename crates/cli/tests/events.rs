//! `tail` and `webhook decode`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::{ALICE, Gateway, KEY, Ran, command};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use wachats_simulator::world::{Ack, Content, Message};
use wachats_simulator::{Fault, Server, World, gowa, green_api};

const SECRET: &str = "my-secret-key";
const VARIABLE: &str = "WACHATS_WEBHOOK_SECRET";
/// Of WAHA's own documentation: this body, by the secret above.
const BODY: &str = r#"{"event":"message","session":"default","engine":"WEBJS"}"#;
const HMAC: &str = "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";

async fn fed(mut command: Command, body: &str) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // a command that refuses its arguments doesn't read
    stdin.write_all(body.as_bytes()).await.ok();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

async fn decode(from: &str, secret: Option<&str>, more: &[&str], body: &str) -> Ran {
    let mut args = vec!["webhook", "decode", "--from", from, "--format", "json"];
    args.extend_from_slice(more);
    let mut command = command(&args);
    command.env_remove(VARIABLE);
    if let Some(secret) = secret {
        command.env(VARIABLE, secret);
    }
    fed(command, body).await
}

#[tokio::test]
async fn a_delivery_is_verified_before_it_is_decoded() {
    let good = format!("X-Webhook-Hmac: {HMAC}");
    let events = decode("waha", Some(SECRET), &["--header", &good], BODY).await.ok().json();
    assert_eq!((events.as_array().unwrap().len(), &events[0]["event"]), (1, &"unknown".into()));
    assert_eq!(events[0]["raw"]["engine"], "WEBJS");
    let bad = format!("x-webhook-hmac: {}", HMAC.replace('2', "3"));
    for headers in [vec!["--header", bad.as_str()], vec![], vec!["--header", "x-webhook-hmac:"]] {
        let ran = decode("waha", Some(SECRET), &headers, BODY).await;
        let error = ran.failed(4, "unauthenticated");
        assert_eq!((&error["gateway"], &error["operation"]), (&"waha".into(), &"webhook_events".into()));
    }
    // the body isn't read before the signature holds
    decode("waha", Some(SECRET), &[], "{not JSON").await.failed(4, "unauthenticated");
    decode("waha", Some(SECRET), &["--insecure"], "{not JSON").await.failed(9, "decode");
    decode("waha", None, &["--header", &good], BODY).await.failed(2, "config_invalid");
    decode("waha", Some(""), &["--header", &good], BODY).await.failed(2, "config_invalid");
    decode("waha", None, &["--insecure"], BODY).await.ok();
    decode("waha", Some(SECRET), &["--header", "no colon"], BODY).await.failed(2, "invalid_input");
    decode("telegram", Some(SECRET), &[], BODY).await.failed(2, "invalid_input");
}

#[tokio::test]
async fn the_secret_that_everybody_knows_is_refused() {
    let body = r#"{"event":"label.edit","device_id":"628111000111@s.whatsapp.net","timestamp":"2026-08-20T10:00:00Z","payload":{"label_id":"9","name":"Important","deleted":false}}"#;
    let signature = "X-Hub-Signature-256: sha256=00";
    decode("gowa", Some("secret"), &["--header", signature], body).await.failed(2, "config_invalid");
    let allowed = ["--allow-default-secret", "--header", signature];
    decode("gowa", Some("secret"), &allowed, body).await.failed(4, "unauthenticated");
    let events = decode("gowa", None, &["--insecure"], body).await.ok().json();
    assert_eq!((&events[0]["event"], &events[0]["label_name"]), (&"label".into(), &"Important".into()));
}

#[tokio::test]
async fn a_token_is_a_token_and_formats_are_formats() {
    let body = r#"{"typeWebhook":"stateInstanceChanged","instanceData":{"idInstance":1101000001,"wid":"5511900000000@c.us"},"timestamp":1705902314,"stateInstance":"authorized"}"#;
    let good = ["--header", "Authorization: Bearer my-secret-key"];
    let events = decode("green-api", Some(SECRET), &good, body).await.ok().json();
    assert_eq!(events[0]["state"], "working");
    assert_eq!(events[0].get("raw"), None);
    let raw = ["--raw", "--header", "Authorization: Bearer my-secret-key"];
    assert_eq!(
        decode("green-api", Some(SECRET), &raw, body).await.ok().json()[0]["raw"]["timestamp"],
        1_705_902_314
    );
    decode("green-api", Some(SECRET), &["--header", "Authorization: my-secret-key"], body)
        .await
        .failed(4, "unauthenticated");
    let run = async |format| {
        let mut command =
            command(&["webhook", "decode", "--from", "green-api", "--insecure", "--format", format]);
        command.env_remove(VARIABLE);
        fed(command, body).await.ok().out
    };
    assert_eq!(run("jsonl").await.lines().count(), 1);
    let csv = run("csv").await;
    assert!(csv.starts_with("event,gateway,account_id,at,dedupe_key,chat_id,message,"), "{csv}");
    assert!(
        csv.lines().nth(1).unwrap().starts_with("session_state,green-api,5511900000000@c.us,2024-01-22T05:"),
        "{csv}"
    );
    assert!(run("table").await.contains("session_state"));
}

async fn green() -> Gateway {
    let world = World::sample();
    let profile = green_api::Profile::new().quick_polls().credentials(7_103_000_001, KEY);
    let server = green_api::serve(world.clone(), profile).await.unwrap();
    let uri = format!("green-api+{}?instance=7103000001", server.url());
    Gateway { world, server, uri, name: "green-api" }
}

fn tail(gateway: &Gateway, args: &[&str]) -> Child {
    let mut all = vec!["tail"];
    all.extend_from_slice(args);
    let mut command = command(&all);
    command.env("WACHATS_GATEWAY", &gateway.uri).env("GREEN_API_TOKEN", KEY).env(VARIABLE, SECRET);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn happen(world: &World) {
    world.receive(Message::text(ALICE, "3EB0E1", "hello"));
    let own = world.send_from_phone(ALICE, Content::Text("hi".to_owned()));
    world.react(ALICE, &own.key, Some(ALICE), "👍");
    world.ack(ALICE, &own.key, Ack::Read);
}

async fn ended(mut child: Child) -> Ran {
    let ended = async {
        let (mut out, mut err) = (String::new(), String::new());
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_string(&mut out).await.unwrap();
        }
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut err).await.unwrap();
        }
        Ran { code: child.wait().await.unwrap().code().unwrap(), out, err }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("it ends by itself")
}

#[tokio::test]
async fn tail_pulls_where_the_gateway_lets_it() {
    for gateway in [common::waha().await, green().await] {
        let child = tail(&gateway, &["--limit", "3", "--format", "jsonl"]);
        // a websocket keeps nothing: it has to be there first
        let asked = |server: &Server| {
            server
                .requests()
                .iter()
                .any(|r| r.path_and_query.contains("/ws") || r.path_and_query.contains("receiveNotification"))
        };
        for _ in 0..500 {
            if asked(&gateway.server) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        happen(&gateway.world);
        let lines = ended(child).await.ok().lines();
        let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["message_received", "message_sent", "reaction"], "{}", gateway.name);
        let message = &lines[0]["message"];
        assert_eq!((&message["text"], &lines[0]["chat_id"]), (&"hello".into(), &ALICE.into()));
    }
}

#[tokio::test]
async fn tail_receives_where_nothing_can_be_pulled_and_tells_where() {
    let gateway = {
        let world = World::sample();
        let server = gowa::serve(world.clone(), gowa::Profile::v9_2().basic_auth("demo", KEY)).await.unwrap();
        let uri = format!("gowa+{}", server.url());
        Gateway { world, server, uri, name: "gowa" }
    };
    let mut child = tail(&gateway, &["--limit", "2", "--format", "json"]);
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).await.unwrap();
    let url =
        line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
    let port =
        gowa::serve(gateway.world.clone(), gowa::Profile::v9_2().webhook(&url, Some(SECRET))).await.unwrap();
    happen(&gateway.world);
    let events = ended(child).await.ok().json();
    assert_eq!(events.as_array().unwrap().len(), 2);
    assert_eq!(events[0]["message"]["text"], "hello");
    drop(port);

    let mut command = command(&["tail", "--for", "1", "--format", "json"]);
    command.env("WACHATS_GATEWAY", &gateway.uri).env_remove(VARIABLE);
    Ran::of(command).await.failed(2, "config_invalid");
}

/// What was acknowledged is gone from the queue: it has been printed, however the program ends.
#[cfg(unix)]
#[tokio::test]
async fn tail_has_printed_what_it_acknowledged_however_it_ends() {
    for how in ["-TERM", "-INT", "-KILL", "fault"] {
        let gateway = green().await;
        happen(&gateway.world);
        let mut child = tail(&gateway, &["--format", "json"]);
        let deleted = || {
            let requests = gateway.server.requests();
            requests.iter().filter(|r| r.path_and_query.contains("deleteNotification")).count()
        };
        for _ in 0..500 {
            if deleted() >= 4 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(deleted(), 4);
        let code = if how == "fault" {
            let refused = Fault::status(401).on("GET", "receiveNotification").times(100);
            gateway.server.faults().push(refused);
            Some(4)
        } else {
            let pid = child.id().unwrap().to_string();
            assert!(Command::new("kill").args([how, &pid]).status().await.unwrap().success());
            (how != "-KILL").then_some(0)
        };
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await.unwrap().unwrap();
        assert_eq!(ended.code(), code, "{how}");
        if how == "-KILL" {
            out.push(']');
        }
        let events: Vec<Value> = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{how}: {out}"));
        let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["message_received", "message_sent", "reaction", "message_ack"], "{how}");
    }
}

#[tokio::test]
async fn tail_ends_when_its_time_is_over_and_fails_when_nobody_is_there() {
    let gateway = common::waha().await;
    let ran = ended(tail(&gateway, &["--for", "0.6", "--format", "json"])).await.ok();
    assert_eq!(ran.json(), Value::Array(Vec::new()));
    for wrong in [["--limit", "0"], ["--for", "0"], ["--for", "-1"]] {
        assert_eq!(
            ended(tail(&gateway, &[wrong[0], wrong[1], "--format", "json"])).await.code,
            2,
            "{wrong:?}"
        );
    }
    let Gateway { server, uri, world, name } = gateway;
    server.stop().await;
    let gone = Gateway { server: common::waha().await.server, uri, world, name };
    ended(tail(&gone, &["--limit", "1", "--timeout", "2", "--format", "json"])).await.failed(8, "network");
}
