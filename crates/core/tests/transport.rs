//! The transport over a real socket: each fault by its name in the matrix of faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::Method;
use scripted::{Act, KEY, NoFunnel, Server, ok, quick, reply, transport};
use serde_json::Value;
use wachats_core::layer::deadline;
use wachats_core::transport::{HttpOptions, Transport, TransportConfig};
use wachats_core::{Effect, Error, ErrorKind, Gateway, Operation, Result, Retry};

async fn read(t: &Transport) -> Result<Value> {
    t.send(t.call(Operation::ListChats, Method::GET, "/chats").path(["chats"]), |a| a.json()).await
}

async fn change(t: &Transport, operation: Operation) -> Result<Value> {
    let call = t
        .call(operation, Method::POST, "/send")
        .path(["send"])
        .json(&serde_json::json!({"text": "CANARY-TEXT"}));
    t.send(call, |a| a.json()).await
}

/// What the caller gets of a read, and of a send, when every attempt meets this; and how often each was sent.
async fn both(act: Act) -> ((Result<Value>, usize), (Result<Value>, usize)) {
    let server = Server::start(vec![act.clone()]).await;
    let first = read(&transport(&server.url, &quick())).await;
    let reads = server.requests().len();
    let server = Server::start(vec![act]).await;
    let second = change(&transport(&server.url, &quick()), Operation::SendText).await;
    ((first, reads), (second, server.requests().len()))
}

fn facts(error: &Error) -> (ErrorKind, Effect, Retry) {
    (error.kind(), error.effect(), error.retry())
}

#[tokio::test]
async fn row_01_a_refused_connection_is_retried_and_nothing_was_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let t = transport(&format!("http://{free}"), &quick());
    for result in [read(&t).await, change(&t, Operation::SendText).await] {
        assert_eq!(facts(&result.unwrap_err()), (ErrorKind::Network, Effect::NotSent, Retry::Exhausted(3)));
    }
}

#[tokio::test]
async fn row_05_a_reset_after_the_request_repeats_a_read_and_never_a_send() {
    let ((r, reads), (w, sends)) = both(Act::Close).await;
    assert_eq!(facts(&r.unwrap_err()), (ErrorKind::Network, Effect::Unknown, Retry::Exhausted(3)));
    assert_eq!(facts(&w.unwrap_err()), (ErrorKind::OutcomeUnknown, Effect::Unknown, Retry::Never));
    assert_eq!((reads, sends), (3, 1));
}

#[tokio::test]
async fn what_is_the_same_done_twice_is_repeated_after_a_reset() {
    let server = Server::start(vec![Act::Close, ok("{}")]).await;
    change(&transport(&server.url, &quick()), Operation::Archive).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn rows_06_and_08_a_body_that_breaks_off_is_a_network_fault() {
    let cut = Act::Reply(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"a\":".to_vec(),
    );
    let ((r, reads), (w, sends)) = both(cut).await;
    assert_eq!(r.unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(w.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!((reads, sends), (3, 1));
}

#[tokio::test]
async fn row_07_truncated_json_of_the_right_length_is_asked_for_once_more() {
    let ((r, reads), (w, sends)) = both(ok(r#"{"a":[1,2"#)).await;
    assert_eq!(r.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(w.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!((reads, sends), (2, 1));
}

#[tokio::test]
async fn rows_09_and_11_an_empty_answer_and_a_web_page_are_told_apart() {
    let ((r, reads), _) = both(ok("")).await;
    assert_eq!((r.unwrap_err().kind(), reads), (ErrorKind::Decode, 1));
    let page = reply("200 OK", "content-type: text/html\r\n", "<html>Sign in, CANARY-NAME</html>");
    let ((r, reads), (w, sends)) = both(page).await;
    let error = r.unwrap_err();
    assert_eq!((error.kind(), reads), (ErrorKind::NotAGateway, 1));
    assert!(error.snippet().unwrap().len() <= 256 && !error.snippet().unwrap().contains("CANARY"));
    assert_eq!((w.unwrap_err().kind(), sends), (ErrorKind::OutcomeUnknown, 1));
}

#[tokio::test]
async fn row_12_502_and_504_repeat_a_read_and_leave_a_send_unknown() {
    for status in ["502 Bad Gateway", "504 Gateway Timeout", "503 Service Unavailable"] {
        let ((r, reads), (w, sends)) = both(reply(status, "", "<html></html>")).await;
        assert_eq!(facts(&r.unwrap_err()), (ErrorKind::Unavailable, Effect::Unknown, Retry::Exhausted(3)));
        assert_eq!(w.unwrap_err().kind(), ErrorKind::OutcomeUnknown, "{status}");
        assert_eq!((reads, sends), (3, 1));
    }
}

#[tokio::test]
async fn rows_12_and_17_a_send_is_repeated_after_an_explicit_refusal_alone() {
    for status in ["503 Service Unavailable", "429 Too Many Requests"] {
        let server = Server::start(vec![reply(status, "retry-after: 0\r\n", ""), ok("{}")]).await;
        change(&transport(&server.url, &quick()), Operation::SendText).await.unwrap();
        assert_eq!(server.requests().len(), 2, "{status}");
    }
}

#[tokio::test]
async fn row_13_a_500_repeats_a_read_once_and_never_a_send() {
    let ((r, reads), (w, sends)) = both(reply("500 Internal Server Error", "", "{}")).await;
    assert_eq!(r.unwrap_err().kind(), ErrorKind::ServerFault);
    assert_eq!(w.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!((reads, sends), (2, 1));
}

#[tokio::test]
async fn rows_14_16_and_21_refusals_are_final() {
    use ErrorKind as K;
    for (status, kind) in [
        ("401 Unauthorized", K::Unauthenticated),
        ("403 Forbidden", K::Forbidden),
        ("400 Bad Request", K::InvalidInput),
        ("422 Unprocessable Entity", K::InvalidInput),
        ("404 Not Found", K::NotFound),
        ("501 Not Implemented", K::Unsupported),
        ("466 Quota", K::QuotaExceeded),
    ] {
        let ((r, reads), (w, sends)) = both(reply(status, "", "{}")).await;
        assert_eq!((r.unwrap_err().kind(), w.unwrap_err().kind()), (kind, kind), "{status}");
        assert_eq!((reads, sends), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn rows_17_to_20_retry_after_in_seconds_and_as_a_date_binds_the_account() {
    let long = reply("429 Too Many Requests", "retry-after: 86400\r\n", "");
    let server = Server::start(vec![long]).await;
    let t = transport(&server.url, &quick());
    let error = read(&t).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ErrorKind::RateLimited, Some(Duration::from_secs(86_400)))
    );
    let error = read(&t).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::NotSent));
    assert_eq!(server.requests().len(), 1, "the second call of the account waits too, and sends nothing");

    let dated = "date: Wed, 25 Nov 2026 10:00:00 GMT\r\nretry-after: Wed, 25 Nov 2026 10:00:01 GMT\r\n";
    let server = Server::start(vec![reply("429 Too Many Requests", dated, ""), ok("{}")]).await;
    let started = tokio::time::Instant::now();
    read(&transport(&server.url, &quick())).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(900));
}

#[tokio::test]
async fn row_24_a_hang_ends_at_the_deadline() {
    let server = Server::start(vec![Act::Hang]).await;
    let t = transport(&server.url, &quick());
    let in_time = |operation| {
        let t = t.clone();
        async move {
            let memory = Fixed(t, operation);
            let provider = deadline::Deadline::new(Arc::new(memory));
            use wachats_core::ChatsProvider;
            deadline::with_timeout(Duration::from_millis(300), provider.status()).await.unwrap_err()
        }
    };
    assert_eq!(facts(&in_time(Operation::ListChats).await).0, ErrorKind::Timeout);
    assert_eq!(
        facts(&in_time(Operation::SendText).await),
        (ErrorKind::OutcomeUnknown, Effect::Unknown, Retry::Never)
    );
}

/// A provider whose status is one request of the operation given.
struct Fixed(Transport, Operation);

#[async_trait::async_trait]
impl wachats_core::ChatsProvider for Fixed {
    fn info(&self) -> wachats_core::ProviderInfo {
        wachats_core::ProviderInfo::new(Arc::new(wachats_core::Capabilities::none(
            Gateway::new("test"),
            "test",
        )))
    }
    async fn capabilities(&self) -> Result<Arc<wachats_core::Capabilities>> {
        Ok(self.info().capabilities)
    }
    async fn status(&self) -> Result<wachats_core::Status> {
        change(&self.0, self.1).await.map(|_| unreachable!())
    }
}

#[tokio::test]
async fn row_26_a_redirect_within_the_origin_is_followed_by_a_read_alone() {
    let moved = reply("302 Found", "location: /there\r\n", "");
    let server = Server::start(vec![moved.clone(), ok("[]")]).await;
    read(&transport(&server.url, &quick())).await.unwrap();
    assert!(server.requests()[1].starts_with("GET /there "));
    let ((r, reads), (w, sends)) = both(moved).await;
    assert_eq!((r.unwrap_err().kind(), reads), (ErrorKind::Redirected, 4));
    assert_eq!((w.unwrap_err().kind(), sends), (ErrorKind::Redirected, 1));
}

#[tokio::test]
async fn rows_27_and_28_a_redirect_to_another_place_is_never_followed() {
    let other = Server::start(vec![ok("[]")]).await;
    for status in
        ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let ((r, _), (w, _)) = both(reply(status, &format!("location: {}/x\r\n", other.url), "")).await;
        assert_eq!(
            (r.unwrap_err().kind(), w.unwrap_err().kind()),
            (ErrorKind::Redirected, ErrorKind::Redirected)
        );
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn rows_29_and_59_what_would_leak_a_key_is_refused_when_built() {
    let build = |url: &str| {
        let config = TransportConfig::new(Gateway::new("test"), url.parse().unwrap(), NoFunnel);
        config.build(&HttpOptions::new()).err().map(|e| e.kind())
    };
    assert_eq!(build("http://gateway.example.com"), Some(ErrorKind::ConfigInvalid));
    assert_eq!(build("http://127.0.0.1:1"), None);
    for key in ["a\r\nb", "a\0b"] {
        let config =
            TransportConfig::new(Gateway::new("test"), "http://localhost".parse().unwrap(), NoFunnel);
        let error = config.secret_header("x-api-key", &secrecy::SecretString::from(key)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    }
}

#[tokio::test]
async fn rows_30_and_31_a_body_over_its_cap_stops() {
    let big = ok(&format!("\"{}\"", "x".repeat(5000)));
    let server = Server::start(vec![big]).await;
    let t = transport(&server.url, &quick().body_cap(1000));
    assert_eq!(read(&t).await.unwrap_err().kind(), ErrorKind::TooLarge);
    let unknown = change(&t, Operation::SendText).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn row_58_a_hostile_segment_sends_nothing() {
    let server = Server::start(vec![ok("[]")]).await;
    let t = transport(&server.url, &quick());
    for bad in ["", ".", "..", "a\r\nb", "a\0b", &"x".repeat(4096)] {
        let call = t.call(Operation::ListChats, Method::GET, "/chats").path(["chats", bad]);
        let error = t.send(call, |a| a.json::<Value>()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent), "{bad:?}");
    }
    assert!(server.requests().is_empty());
    let call = t.call(Operation::ListChats, Method::GET, "/chats").path(["a/b", "%2e%2e", "x@c.us?y#z"]);
    t.send(call, |a| a.json::<Value>()).await.unwrap();
    assert!(
        server.requests()[0].starts_with("GET /a%2Fb/%252e%252e/x%40c.us%3Fy%23z "),
        "{}",
        server.requests()[0]
    );
}

#[tokio::test]
async fn row_60_media_at_a_private_place_is_refused() {
    let server = Server::start(vec![ok("bytes")]).await;
    let t = transport("http://localhost:1", &quick());
    for url in [
        "http://169.254.169.254/latest",
        "http://[::1]:9/",
        "http://127.0.0.1:9/",
        "file:///etc/passwd",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        let error = t.download(Operation::DownloadMedia, &url.parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent), "{url}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn row_61_media_elsewhere_gets_no_key() {
    let other = Server::start(vec![ok("bytes")]).await;
    let server =
        Server::start(vec![reply("302 Found", &format!("location: {}/file\r\n", other.url), "")]).await;
    let t = transport(&server.url, &quick());
    let media = t
        .download(Operation::DownloadMedia, &format!("{}/media", server.url).parse().unwrap())
        .await
        .unwrap();
    assert_eq!(&media.bytes(100).await.unwrap()[..], b"bytes");
    assert!(server.requests()[0].contains(KEY));
    assert!(!other.requests()[0].contains(KEY));
}

#[tokio::test]
async fn a_dead_gateway_gets_no_more_than_first_attempts_once_the_budget_is_drained() {
    let server = Server::start(vec![Act::Close]).await;
    let t = transport(&server.url, &quick());
    for _ in 0..100 {
        read(&t).await.unwrap_err();
    }
    assert_eq!(server.requests().len(), 110);
}

#[tokio::test]
async fn every_retry_is_told() {
    let told = Arc::new(AtomicU32::new(0));
    let count = told.clone();
    let options = quick().on_retry(move |event| {
        assert_eq!((event.route, event.kind), ("/chats", ErrorKind::Network));
        count.fetch_add(event.attempt, Ordering::Relaxed);
    });
    let server = Server::start(vec![Act::Close]).await;
    read(&transport(&server.url, &options)).await.unwrap_err();
    assert_eq!(told.load(Ordering::Relaxed), 1 + 2);
}

#[tokio::test]
async fn row_63_no_error_shows_key_address_or_text() {
    let acts = [
        Act::Close,
        ok("CANARY-TEXT"),
        reply("500 Oops", "", r#"{"message":"CANARY-TEXT 79001234567"}"#),
        reply("302 Found", "location: http://CANARY-KEY.example/79001234567\r\n", ""),
    ];
    for act in acts {
        let ((r, _), (w, _)) = both(act).await;
        for error in [r.unwrap_err(), w.unwrap_err()] {
            let mut shown = format!("{error} {error:?} {error:#?}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                shown += &format!(" {cause} {cause:?}");
                source = cause.source();
            }
            for canary in ["CANARY-KEY", "CANARY-TEXT", "79001234567", "/send", "/chats"] {
                assert!(!shown.contains(canary), "{canary} in {shown}");
            }
        }
    }
}
