//! Rows 1 to 6, 8 and 22 to 25: what can happen to a connection.

use std::time::Duration;

use wachats::{Effect, ErrorKind as K, Retry};
use wachats_simulator::Fault;

use crate::common::{CANARY, Gateway, quick, worlds};
use crate::support::*;

/// A read meets this for ever, then a send.
async fn both(gateway: Gateway, fault: Fault, read: (K, usize), written: (K, Effect)) {
    let (world, opened) = at_rest(gateway).await;
    opened.server.faults().push(fault);
    let error = list(&opened.chats).await.unwrap_err();
    assert_eq!((error.kind(), opened.server.requests().len()), read, "{error}");
    opened.server.clear_requests();
    let error = send(&opened.chats.timeout(Duration::from_millis(900)), "Once").await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), written, "{error}");
    assert_eq!(sends(&opened.server.requests()), 1, "{error}");
    assert!(truth(&world, "Once") <= 1);
}

const UNKNOWN: (K, Effect) = (K::OutcomeUnknown, Effect::Unknown);

pub(crate) async fn connect_refused(gateway: Gateway) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let chats = connect(gateway, &format!("http://{free}"), quick());
    for error in [list(&chats).await.unwrap_err(), send(&chats, "Once").await.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.effect(), error.retry()),
            (K::Network, Effect::NotSent, Retry::Exhausted(3))
        );
    }
}

pub(crate) async fn dns_failure(gateway: Gateway) {
    if ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].iter().any(|v| std::env::var_os(v).is_some())
    {
        return; // a proxy resolves the name
    }
    let chats = connect(gateway, "https://no-such-host.invalid", quick());
    for error in [list(&chats).await.unwrap_err(), send(&chats, "Once").await.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.effect(), error.retry()),
            (K::Network, Effect::NotSent, Retry::Exhausted(3)),
            "{error}"
        );
    }
}

/// The certificate that nobody vouches for is in the tests of wachats-core.
pub(crate) async fn tls_handshake(gateway: Gateway) {
    let wire = Wire::start(Act::Bytes(vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28])).await;
    let chats = connect(gateway, &wire.url.replace("http://", "https://"), quick());
    for error in [list(&chats).await.unwrap_err(), send(&chats, "Once").await.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.effect(), error.retry()),
            (K::Network, Effect::NotSent, Retry::Never)
        );
    }
    let seen = wire.seen();
    assert_eq!(seen.len(), 2, "no retry");
    assert!(seen.iter().all(|s| s.starts_with('\u{16}') && !s.contains(CANARY)), "never in plain text");
}

pub(crate) async fn reset_on_idle_connection(gateway: Gateway) {
    let (world, opened) = at_rest(gateway).await;
    opened.server.faults().push(Fault::reset().times(1));
    assert_eq!(list(&opened.chats).await.unwrap().items.len(), 6);
    assert_eq!(opened.server.requests().len(), 2);
    opened.server.faults().push(Fault::reset().times(1));
    assert_eq!(send(&opened.chats, "Once").await.unwrap_err().kind(), K::OutcomeUnknown);
    assert_eq!((sends(&opened.server.requests()), truth(&world, "Once")), (1, 0));

    // and such a connection is not kept long
    let empty = if matches!(gateway, Gateway::Gowa(_)) {
        r#"{"code":"SUCCESS","results":{"data":[],"pagination":{"limit":2,"offset":0,"total":0}}}"#
    } else {
        "[]"
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{empty}",
        empty.len()
    );
    let wire = Wire::start(Act::KeepAlive(answer.into_bytes())).await;
    let chats = connect(gateway, &wire.url, quick());
    list(&chats).await.ok();
    list(&chats).await.ok();
    let before = wire.connections();
    tokio::time::sleep(Duration::from_millis(4_600)).await;
    list(&chats).await.ok();
    assert!(before <= 2 && wire.connections() == before + 1, "{before} then {}", wire.connections());
}

pub(crate) async fn reset_after_request(gateway: Gateway) {
    both(gateway, Fault::reset(), (K::Network, 3), UNKNOWN).await;
    both(gateway, Fault::reset().after_effect(), (K::Network, 3), UNKNOWN).await;
    both(gateway, Fault::close(), (K::Network, 3), UNKNOWN).await;
}

pub(crate) async fn reset_mid_body(gateway: Gateway) {
    both(gateway, Fault::truncate(2).chunked(), (K::Network, 3), UNKNOWN).await;
}

pub(crate) async fn longer_length_than_body(gateway: Gateway) {
    both(gateway, Fault::truncate(2), (K::Network, 3), UNKNOWN).await;
}

pub(crate) async fn slow_headers(gateway: Gateway) {
    let slow = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]".to_vec();
    let wire = Wire::start(Act::Drip(slow, Duration::from_millis(100))).await;
    let chats = connect(gateway, &wire.url, quick().read_attempt(Duration::from_millis(300)));
    let chats = chats.timeout(Duration::from_millis(1_500));
    let started = std::time::Instant::now();
    assert_eq!(list(&chats).await.unwrap_err().kind(), K::Timeout);
    assert!(started.elapsed() < Duration::from_secs(3));
    let before = wire.seen().len();
    let error = send(&chats, "Once").await.unwrap_err();
    assert!(wire.seen().len() > before, "it was sent");
    assert_eq!((error.kind(), error.effect()), UNKNOWN, "{error}");
}

pub(crate) async fn slow_body(gateway: Gateway) {
    both(gateway, Fault::slow_body(1), (K::Timeout, 3), UNKNOWN).await;
}

pub(crate) async fn hang(gateway: Gateway) {
    both(gateway, Fault::hang(), (K::Timeout, 3), UNKNOWN).await;
}

pub(crate) async fn dropped_future(gateway: Gateway) {
    let (world, opened) = at_rest(gateway).await;
    opened.server.faults().push(Fault::delay(Duration::from_millis(300)).times(1));
    let dropped = tokio::time::timeout(Duration::from_millis(100), send(&opened.chats, "Once")).await;
    assert!(dropped.is_err());
    // another request at once gets its own answer, not what was left in the connection
    for _ in 0..3 {
        let page = list(&opened.chats).await.unwrap();
        assert!(page.items.iter().all(|m| m.chat_id.as_str() == worlds::ANNA));
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(truth(&world, "Once") <= 1);
    assert_eq!(sends(&opened.server.requests()), 1);
}
