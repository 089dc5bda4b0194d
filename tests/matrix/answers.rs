//! Rows 7, 9 to 21 and 30 to 32: what a server can answer in place of what was asked for.

use std::time::{Duration, Instant};

use wachats::{Effect, Error, ErrorKind as K, Missing};
use wachats_simulator::Fault;

use crate::common::{CANARY, Gateway, quick, worlds};
use crate::support::*;

type Facts = (K, Effect, usize);

/// What a read and a send come to when every request meets this, and how many requests each takes.
async fn facts(gateway: Gateway, fault: Fault) -> ((Error, Facts), (Error, Facts)) {
    facts_with(gateway, fault, quick()).await
}

async fn facts_with(
    gateway: Gateway,
    fault: Fault,
    http: wachats::transport::HttpOptions,
) -> ((Error, Facts), (Error, Facts)) {
    let (world, opened) = at_rest_with(gateway, http).await;
    opened.server.faults().push(fault);
    let read = list(&opened.chats).await.unwrap_err();
    let reads = opened.server.requests().len();
    opened.server.clear_requests();
    let sent = send(&opened.chats, "Once").await.unwrap_err();
    let written = sends(&opened.server.requests());
    assert!(truth(&world, "Once") <= 1);
    for error in [&read, &sent] {
        let text = format!("{error} {error:?} {:?}", error.snippet());
        assert!(!text.contains(CANARY) && !text.contains("5511911111111"), "{text}");
        assert!(error.snippet().is_none_or(|s| s.len() <= 256));
    }
    let (r, w) = ((read.kind(), read.effect(), reads), (sent.kind(), sent.effect(), written));
    ((read, r), (sent, w))
}

const UNKNOWN: Facts = (K::OutcomeUnknown, Effect::Unknown, 1);

pub(crate) async fn truncated_json(gateway: Gateway) {
    let ((_, read), _) = facts(gateway, Fault::truncate_json(1)).await;
    assert_eq!((read.0, read.2), (K::Decode, 2));
    let cut = Fault::body(200, "application/json", r#"{"id":{"fromMe":true,"id":"3EB0"#);
    let (_, (_, written)) = facts(gateway, cut).await;
    assert_eq!(written, UNKNOWN);
}

pub(crate) async fn empty_body(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    opened.server.faults().push(Fault::status(200));
    let error = list(&opened.chats).await.unwrap_err();
    assert_eq!((error.kind(), opened.server.requests().len()), (K::Decode, 1), "{error}");
}

pub(crate) async fn null_body(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    for body in ["null", "{}", "7", "\"text\"", "true"] {
        opened.server.faults().clear();
        opened.server.faults().push(Fault::body(200, "application/json", body));
        let error = list(&opened.chats).await.expect_err(body);
        assert_eq!(error.kind(), K::Decode, "{body}: {error}");
    }
}

pub(crate) async fn web_page(gateway: Gateway) {
    let page =
        format!("<!DOCTYPE html><html><h1>Sign in</h1>{CANARY} 5511911111111 {}</html>", "x".repeat(9_000));
    let ((_, read), (_, written)) = facts(gateway, Fault::body(200, "text/html", page)).await;
    assert_eq!((read.0, read.2), (K::NotAGateway, 1));
    assert_eq!(written, UNKNOWN);
}

pub(crate) async fn proxy_failures(gateway: Gateway) {
    for status in [502, 503, 504] {
        let ((_, read), (_, written)) = facts(gateway, Fault::html(status)).await;
        assert_eq!((read, written), ((K::Unavailable, Effect::Unknown, 3), UNKNOWN), "{status}");
    }
    let ((_, read), (_, written)) = facts(gateway, Fault::html(503).header("Retry-After", "0")).await;
    assert_eq!((read, written), ((K::Unavailable, Effect::Refused, 3), (K::Unavailable, Effect::Refused, 3)));
}

pub(crate) async fn server_failure(gateway: Gateway) {
    let ((_, read), (_, written)) = facts(gateway, Fault::body(500, "application/json", "{}")).await;
    assert_eq!((read, written), ((K::ServerFault, Effect::Unknown, 2), UNKNOWN));
}

pub(crate) async fn refused_key(gateway: Gateway) {
    for (status, kind) in [(401, K::Unauthenticated), (403, K::Forbidden)] {
        let fault = Fault::json(status, &serde_json::json!({"message": format!("{CANARY} is wrong")}));
        let ((_, read), (_, written)) = facts(gateway, fault).await;
        assert_eq!((read, written), ((kind, Effect::Refused, 1), (kind, Effect::Refused, 1)));
    }
}

pub(crate) async fn missing_session_and_missing_message(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    let chat = opened.chats.chat(worlds::ANNA).unwrap();
    let error = chat.message("false_5511911111111@c.us_3EB0FFFFFFFFFFFFFF").unwrap().get().await.unwrap_err();
    assert_eq!((error.kind(), error.missing()), (K::NotFound, Some(Missing::Message)), "{error}");
    let (uri, option) = (gateway.uri(opened.server.url()), "default");
    let other = match gateway {
        Gateway::Gowa(_) => format!("{uri}?device=ghost"),
        // an instance of another number has another token: it is no session of this one
        Gateway::GreenApi => return,
        _ => uri.replace(option, "ghost"),
    };
    let chats =
        wachats::connect(&other, wachats::ConnectOptions::new(gateway.secrets()).http(quick())).unwrap();
    let error = list(&chats).await.unwrap_err();
    assert_eq!((error.kind(), error.missing()), (K::NotFound, Some(Missing::Session)), "{error}");
}

pub(crate) async fn refused_arguments(gateway: Gateway) {
    for status in [400, 422] {
        let fault = Fault::body(status, "application/json", r#"{"message":["limit must be a number"]}"#);
        let ((_, read), (_, written)) = facts(gateway, fault).await;
        let refused = (K::InvalidInput, Effect::Refused, 1);
        assert_eq!((read, written), (refused, refused), "{status}");
    }
}

pub(crate) async fn wait_in_seconds(gateway: Gateway) {
    waits(gateway, Fault::status(429).header("Retry-After", "1")).await;
}

pub(crate) async fn wait_as_a_date(gateway: Gateway) {
    // by the server's own clock, years away from ours
    let fault = Fault::status(429)
        .header("Date", "Wed, 25 Nov 2026 10:00:00 GMT")
        .header("Retry-After", "Wed, 25 Nov 2026 10:00:01 GMT");
    waits(gateway, fault).await;
}

/// All calls of the account wait. (GOWA's own 429, with its code, is WhatsApp's brake and final: see tests/faults.rs.)
async fn waits(gateway: Gateway, fault: Fault) {
    let (_, opened) = at_rest(gateway).await;
    opened.server.faults().push(fault.times(1));
    let started = Instant::now();
    let first = tokio::spawn({
        let chats = opened.chats.clone();
        async move { list(&chats).await.map(drop) }
    });
    while opened.server.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    list(&opened.chats).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(950), "the second call waits too");
    first.await.unwrap().unwrap();
    assert_eq!(opened.server.requests().len(), 3);
}

pub(crate) async fn brake_without_a_time(gateway: Gateway) {
    let ((_, read), (_, written)) = facts(gateway, Fault::status(429)).await;
    let limited = (K::RateLimited, Effect::Refused, 3);
    assert_eq!((read, written), (limited, limited));
}

pub(crate) async fn wait_of_a_day(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    opened.server.faults().push(Fault::status(429).header("Retry-After", "86400"));
    let started = Instant::now();
    let error = list(&opened.chats).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (K::RateLimited, Some(Duration::from_secs(86_400))));
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(opened.server.requests().len(), 1);
}

pub(crate) async fn quota(gateway: Gateway) {
    let ((_, read), (_, written)) = facts(gateway, Fault::status(466)).await;
    let used_up = (K::QuotaExceeded, Effect::Refused, 1);
    assert_eq!((read, written), (used_up, used_up));
}

pub(crate) async fn gzip_bomb(gateway: Gateway) {
    let bomb = &include_bytes!("fixtures/sixteen_mebibytes_of_zeros.gz")[..];
    let fault = Fault::body(200, "application/json", bomb).header("Content-Encoding", "gzip");
    let ((_, read), (_, written)) = facts_with(gateway, fault, quick().body_cap(1 << 20)).await;
    assert_eq!((read.0, read.2), (K::TooLarge, 1));
    assert_eq!(written, UNKNOWN);
}

pub(crate) async fn ten_gigabytes(gateway: Gateway) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    for head in
        [format!("{head}Content-Length: 10737418240\r\n\r\n"), format!("{head}Connection: close\r\n\r\n")]
    {
        let wire = Wire::start(Act::Endless(head.into_bytes(), b'[')).await;
        let chats = connect(gateway, &wire.url, quick().body_cap(4 << 20));
        let error = list(&chats).await.unwrap_err();
        assert_eq!(error.kind(), K::TooLarge, "{error}");
        let error = send(&chats, "Once").await.unwrap_err();
        assert!(matches!(error.kind(), K::OutcomeUnknown | K::TooLarge), "{error}");
    }
}

pub(crate) async fn deep_nesting(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    for body in [deep(130), deep(100_000), "[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        if let Ok(page) = canned.read(body).await {
            assert!(page.items.is_empty() && !page.skipped.is_empty());
        }
    }
    // one item deep down doesn't take the others with it
    let mut items = canned.items();
    items[1][canned.text_field()] = "DEEP".into();
    let body = String::from_utf8(canned.with(items)).unwrap().replace("\"DEEP\"", &deep(5_000));
    let page = canned.read(body).await.unwrap();
    assert_eq!(page.items.len() + page.skipped.len(), canned.items().len());
    assert!(page.items.len() >= canned.items().len() - 1);
}
