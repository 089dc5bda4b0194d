//! What an application sees when something goes wrong, on every gateway: the table of outcomes, and how often a request
//! was sent. A change whose outcome isn't known is never sent twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::time::Duration;

use common::{Gateway, ONE_OF_EACH, Opened, quick, worlds};
use wachats::{Effect, Error, ErrorKind, Outcome, Result, Retry};
use wachats_simulator::{Fault, World};

use ErrorKind as K;

/// What a fault means for a read and for a send, and how many requests each costs.
struct Row {
    name: &'static str,
    fault: Fault,
    read: (K, usize),
    send: (K, Effect, usize),
}

fn row(name: &'static str, fault: Fault, read: (K, usize), send: (K, Effect, usize)) -> Row {
    Row { name, fault, read, send }
}

fn table() -> Vec<Row> {
    let unknown = (K::OutcomeUnknown, Effect::Unknown, 1);
    let wait = |fault: Fault| fault.header("Retry-After", "0");
    vec![
        row("reset", Fault::reset(), (K::Network, 3), unknown),
        row("close", Fault::close(), (K::Network, 3), unknown),
        row("502", Fault::status(502), (K::Unavailable, 3), unknown),
        row("503", Fault::status(503), (K::Unavailable, 3), unknown),
        row("504 as a web page", Fault::html(504), (K::Unavailable, 3), unknown),
        row(
            "503, come again",
            wait(Fault::status(503)),
            (K::Unavailable, 3),
            (K::Unavailable, Effect::Refused, 3),
        ),
        row("429", wait(Fault::status(429)), (K::RateLimited, 3), (K::RateLimited, Effect::Refused, 3)),
        row("a web page", Fault::html(200), (K::NotAGateway, 1), unknown),
        row("cut JSON", Fault::truncate_json(20), (K::Decode, 2), unknown),
        row("cut body", Fault::truncate(20), (K::Network, 3), unknown),
        row("hang", Fault::hang(), (K::Timeout, 3), unknown),
    ]
}

async fn opened(gateway: Gateway, world: &World) -> Opened {
    let http = quick().read_attempt(Duration::from_millis(300));
    let opened = gateway.open_with(world, |options| options.http(http).timeout(Duration::from_secs(3))).await;
    // What is probed once is probed before anything goes wrong.
    opened.chats.capabilities().await.expect("the probe answers");
    opened.chats.list().limit(2).page().await.expect("chats can be listed");
    opened.server.clear_requests();
    opened
}

async fn send(opened: &Opened, text: &str) -> Result<Outcome> {
    // A hang costs the whole operation: an attempt of a change may last as long as it.
    opened.chats.timeout(Duration::from_millis(900)).chat(worlds::ANNA)?.send(text).await
}

/// Requests that change something, as far as their route tells.
fn sends(opened: &Opened) -> usize {
    let requests = opened.server.requests();
    requests.iter().filter(|r| r.path_and_query.to_lowercase().contains("send")).count()
}

#[tokio::test]
async fn faults_become_the_errors_of_the_table() {
    let mut wrong = Vec::new();
    for gateway in ONE_OF_EACH {
        for row in table() {
            let world = worlds::common();
            let opened = opened(gateway, &world).await;
            opened.server.faults().push(row.fault);
            let at = format!("{}, {}", gateway.name(), row.name);

            let error = opened.chats.list().limit(2).page().await.map(drop);
            let requests = opened.server.requests().len();
            match error {
                Ok(()) => wrong.push(format!("{at}: the read succeeded")),
                Err(error) if (error.kind(), requests) != row.read => {
                    wrong.push(format!(
                        "{at}: a read gave {error} after {requests} requests, {:?} wanted",
                        row.read
                    ));
                }
                Err(error) => names_its_gateway(&error, &at, &mut wrong),
            }

            opened.server.clear_requests();
            match send(&opened, "Once").await {
                Ok(_) => wrong.push(format!("{at}: the send succeeded")),
                Err(error) => {
                    let seen = (error.kind(), error.effect(), sends(&opened));
                    if seen != row.send {
                        wrong.push(format!("{at}: a send gave {error}, {seen:?}, {:?} wanted", row.send));
                    }
                    names_its_gateway(&error, &at, &mut wrong);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn names_its_gateway(error: &Error, at: &str, wrong: &mut Vec<String>) {
    if error.gateway().is_none() {
        wrong.push(format!("{at}: the error names no gateway: {error}"));
    }
}

/// The gateway did it and only its answer was lost: the caller is told so, and it was done once.
#[tokio::test]
async fn a_send_whose_answer_is_lost_happens_once() {
    for gateway in ONE_OF_EACH {
        for (name, fault) in
            [("reset", Fault::reset()), ("502", Fault::status(502)), ("cut", Fault::truncate_json(5))]
        {
            let world = worlds::common();
            let opened = opened(gateway, &world).await;
            opened.server.faults().push(fault.after_effect());
            let error = send(&opened, "Exactly once").await.expect_err("the answer was lost");
            assert_eq!(error.kind(), K::OutcomeUnknown, "{} {name}: {error}", gateway.name());
            let texts = world.messages(worlds::ANNA);
            let sent = texts.iter().filter(|m| m.content.text() == Some("Exactly once")).count();
            assert_eq!(sent, 1, "{} {name}", gateway.name());
        }
    }
}

#[tokio::test]
async fn one_failure_costs_a_read_one_more_request() {
    for gateway in ONE_OF_EACH {
        let faults = [
            Fault::status(503),
            Fault::reset(),
            Fault::status(504),
            Fault::truncate_json(10),
            Fault::html(502),
        ];
        for fault in faults {
            let world = worlds::common();
            let opened = opened(gateway, &world).await;
            opened.server.faults().push(fault.times(1));
            let page = opened.chats.list().limit(2).page().await;
            let page = page.unwrap_or_else(|error| panic!("{}: {error}", gateway.name()));
            assert_eq!((page.items.len(), opened.server.requests().len()), (2, 2), "{}", gateway.name());
        }
    }
}

/// GOWA's own 429 is WhatsApp's time-lock, which patience of this size doesn't open; a 429 without its code is a proxy's.
#[tokio::test]
async fn a_time_lock_is_not_tried_again() {
    let gateway = ONE_OF_EACH[3];
    let opened = opened(gateway, &worlds::common()).await;
    let body = serde_json::json!({"status": 429, "code": "WA_REACHOUT_TIMELOCK", "message": "wait", "results": null});
    opened.server.faults().push(Fault::json(429, &body));
    let error = send(&opened, "Hello").await.expect_err("it is locked");
    assert_eq!(
        (error.kind(), error.retry(), error.effect()),
        (K::RateLimited, Retry::Never, Effect::Refused)
    );
    assert_eq!(sends(&opened), 1);
}

/// Keys and texts never follow a redirect.
#[tokio::test]
async fn a_redirect_elsewhere_is_not_followed() {
    for gateway in ONE_OF_EACH {
        let elsewhere = gateway.serve(&World::sample()).await;
        for status in [301, 302, 303, 307, 308] {
            let opened = opened(gateway, &worlds::common()).await;
            opened.server.faults().push(Fault::redirect(status, &format!("{}/api", elsewhere.url())));
            let read = opened.chats.list().limit(2).page().await.expect_err("a redirect is no answer");
            assert_eq!(read.kind(), K::Redirected, "{} {status}: {read}", gateway.name());
            let sent = send(&opened, "Follow me").await.expect_err("a redirect is no answer");
            assert_eq!(sent.kind(), K::Redirected, "{} {status}: {sent}", gateway.name());
            assert_eq!(sends(&opened), 1, "{} {status}", gateway.name());
        }
        assert_eq!(elsewhere.requests().len(), 0, "{} followed", gateway.name());
    }
}

/// A redirect within the gateway's own place is followed for reads alone, and not for ever.
#[tokio::test]
async fn a_redirect_at_home_ends() {
    for gateway in ONE_OF_EACH {
        let opened = opened(gateway, &worlds::common()).await;
        opened.server.faults().push(Fault::redirect(302, "/round/and/round"));
        let read = opened.chats.list().limit(2).page().await.expect_err("it goes round");
        assert_eq!(read.kind(), K::Redirected, "{}: {read}", gateway.name());
        assert!(opened.server.requests().len() <= 4, "{}", gateway.name());
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_at_once() {
    for gateway in ONE_OF_EACH {
        let opened = opened(gateway, &worlds::common()).await;
        opened.server.faults().push(Fault::status(401));
        let read = opened.chats.list().limit(2).page().await.expect_err("the key is wrong");
        assert_eq!((read.kind(), read.effect()), (K::Unauthenticated, Effect::Refused), "{}", gateway.name());
        assert_eq!(opened.server.requests().len(), 1, "{}", gateway.name());
        let sent = send(&opened, "Hello").await.expect_err("the key is wrong");
        assert_eq!((sent.kind(), sent.effect()), (K::Unauthenticated, Effect::Refused), "{}", gateway.name());
        assert_eq!(sends(&opened), 1, "{}", gateway.name());
    }
}

/// A body that isn't what its headers say is an error, not a panic; so is a JSON of another shape.
#[tokio::test]
async fn strange_bodies_are_errors() {
    let json = |body: &'static str| Fault::body(200, "application/json", body);
    for gateway in ONE_OF_EACH {
        let faults = [
            json("not gzip at all").header("Content-Encoding", "gzip"),
            json("{\"results\": 7}"),
            json("[[[[[[1]]]]]]"),
            json("\"a string\""),
            json("{\"a\": NaN}"),
            json("\u{feff}"),
            Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n"),
            Fault::raw("SSH-2.0-OpenSSH\r\n"),
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            let opened = opened(gateway, &worlds::common()).await;
            opened.server.faults().push(fault);
            // An object or a list may be read as an empty page of rows that can't be decoded; it never is items.
            if let Ok(page) = opened.chats.list().limit(2).page().await {
                assert!(page.items.is_empty(), "{} body {number}", gateway.name());
            }
            let _ = send(&opened, "Hello").await;
            assert!(sends(&opened) <= 1, "{} body {number} was sent twice", gateway.name());
        }
    }
}
