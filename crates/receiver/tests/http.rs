//! Over real sockets: what is turned away, before anything of it is read; what is taken, and answered at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::{Client, Folder, JSON, KINDS, Kind, SECRET, request, within};
use tracing_subscriber::fmt::MakeWriter;
use wachats_core::webhook::WebhookKeys;
use wachats_core::{ErrorKind, EventKind};
use wachats_receiver::{Inbox, Receiver};

const TIME: Duration = Duration::from_secs(10);

async fn serve(receiver: &Receiver) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = receiver.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    address
}

fn receiver(kind: Kind) -> Receiver {
    Receiver::boxed(kind.webhook(), WebhookKeys::new("an older one").or(SECRET), Inbox::in_memory()).unwrap()
}

async fn status(address: &str, bytes: &[u8]) -> (u16, String) {
    within(TIME, "an answer", async {
        let mut client = Client::open(address).await.unwrap();
        client.write(bytes).await.unwrap();
        client.answer().await.unwrap()
    })
    .await
}

#[tokio::test]
async fn only_what_is_signed_is_read() {
    for kind in KINDS {
        let receiver = receiver(kind);
        let address = serve(&receiver).await;
        let body = kind.body(1);
        let (name, good) = kind.header(SECRET, body.as_bytes());
        let (_, other) = kind.header("another secret", body.as_bytes());
        let short = &good[..good.len() - 2];
        let odd = format!("{}zz", short);
        let of_other_body = kind.header(SECRET, b"{}").1;
        let mut bad = vec![other.as_str(), short, odd.as_str(), "", "sha256=", "Bearer ", "Basic x"];
        if kind != Kind::GreenApi {
            bad.push(&of_other_body);
        }
        for value in bad {
            let (status, _) =
                status(&address, &request("POST", &[JSON, (name, value)], Some(body.len()), body.as_bytes()))
                    .await;
            assert_eq!(status, 401, "{kind:?} {value:?}");
        }
        let unsigned = request("POST", &[JSON], Some(body.len()), body.as_bytes());
        assert_eq!(status(&address, &unsigned).await.0, 401);
        assert_eq!(receiver.inbox().counts().await.unwrap().waiting, 0);

        let signed = request("POST", &[JSON, (name, &good)], Some(body.len()), body.as_bytes());
        assert_eq!(status(&address, &signed).await.0, 200);
        // replayed: taken, and nothing comes of it
        assert_eq!(status(&address, &signed).await.0, 200);
        let event = receiver.inbox().next().await.unwrap();
        assert_eq!(event.message().unwrap().text.as_deref(), Some("number 1"), "{kind:?}");
        event.ack().await.unwrap();
        assert_eq!(status(&address, &signed).await.0, 200);
        assert!(receiver.inbox().try_next().await.unwrap().is_none());
        let verdicts = receiver.verdicts();
        assert_eq!((verdicts.accepted, verdicts.new_events), (3, 1));
    }
}

#[tokio::test]
async fn what_is_too_large_too_slow_or_of_another_type_is_turned_away() {
    let receiver = receiver(Kind::Waha).max_body(10_000).read_time(Duration::from_millis(400));
    let address = serve(&receiver).await;
    let huge = request("POST", &[JSON], Some(50 << 20), b"");
    assert_eq!(status(&address, &huge).await.0, 413, "by its length, before any of it");
    // a body that never ends, in chunks: refused as soon as it is too much
    let (name, formed) = Kind::Waha.header("a stranger's", b"");
    let mut endless = request("POST", &[JSON, (name, &formed), ("transfer-encoding", "chunked")], None, b"");
    for _ in 0..12 {
        endless.extend_from_slice(b"400\r\n");
        endless.extend_from_slice(&[b' '; 0x400]);
        endless.extend_from_slice(b"\r\n");
    }
    assert_eq!(status(&address, &endless).await.0, 413);
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
    {
        let bytes = request("POST", &[("content-type", kind)], Some(2), b"{}");
        assert_eq!(status(&address, &bytes).await.0, 415, "{kind}");
    }
    let gzip = request("POST", &[JSON, ("content-encoding", "gzip")], Some(2), b"{}");
    assert_eq!(status(&address, &gzip).await.0, 415);
    let (get, head) = status(&address, &request("GET", &[], None, b"")).await;
    assert_eq!(get, 405);
    assert!(head.to_ascii_lowercase().contains("allow: post"), "{head}");
    let slow = request("POST", &[JSON, (name, &formed)], Some(100), b"{");
    assert_eq!(status(&address, &slow).await.0, 408);
    let kinds = [("content-type", "Application/JSON; charset=utf-8")];
    assert_eq!(
        status(&address, &request("POST", &kinds, Some(2), b"{}")).await.0,
        401,
        "only the signature is missing"
    );
    assert_eq!(receiver.inbox().counts().await.unwrap().waiting, 0);
    assert_eq!(receiver.verdicts().refused, 9);
}

#[tokio::test]
async fn without_a_signature_the_body_is_not_waited_for() {
    for kind in KINDS {
        let receiver = receiver(kind).read_time(TIME * 6);
        let address = serve(&receiver).await;
        let mut headers = vec![vec![JSON]];
        let (name, good) = kind.header(SECRET, b"");
        let other = kind.header("another secret", b"").1;
        headers.extend(["", "00", &good[1..]].map(|value| vec![JSON, (name, value)]));
        if kind == Kind::GreenApi {
            headers.push(vec![JSON, (name, &other)]);
        }
        for headers in headers {
            let nothing_yet = request("POST", &headers, Some(100), b"");
            assert_eq!(status(&address, &nothing_yet).await.0, 401, "{kind:?} {headers:?}");
        }
        assert_eq!(receiver.verdicts().refused, 0, "none was too slow");
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up_long_before_its_time() {
    let receiver = receiver(Kind::Waha).read_time(TIME * 6);
    let address = serve(&receiver).await;
    let (name, formed) = Kind::Waha.header("a stranger's", b"");
    for begun in [&b""[..], b"{"] {
        let stalled = request("POST", &[JSON, (name, &formed)], Some(100), begun);
        assert_eq!(status(&address, &stalled).await.0, 408);
    }
}

/// As where packets are lost on the way: that costs a delivery a second or two.
#[tokio::test]
async fn a_body_that_pauses_for_two_seconds_is_waited_for() {
    let receiver = receiver(Kind::Waha).read_time(TIME * 6);
    let address = serve(&receiver).await;
    let body = Kind::Waha.body(1);
    let (name, value) = Kind::Waha.header(SECRET, body.as_bytes());
    let (first, rest) = body.as_bytes().split_at(1);
    let mut client = Client::open(&address).await.unwrap();
    client.write(&request("POST", &[JSON, (name, &value)], Some(body.len()), first)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.write(rest).await.unwrap();
    assert_eq!(client.answer().await.unwrap().0, 200);
}

/// Each looks like a delivery by its headers and brings a byte now and then.
#[tokio::test(flavor = "multi_thread")]
async fn slow_strangers_keep_no_delivery_waiting() {
    let receiver = receiver(Kind::Waha);
    let address = serve(&receiver).await;
    let (name, formed) = Kind::Waha.header("a stranger's", b"");
    let begun = request("POST", &[JSON, (name, &formed)], Some(1_000_000), b"{");
    let mut strangers = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let (address, begun) = (address.clone(), begun.clone());
        strangers.spawn(async move {
            loop {
                let mut client = Client::open(&address).await.unwrap();
                let mut sent = client.write(&begun).await;
                while sent.is_ok() {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    sent = client.write(b" ").await;
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut client = Client::open(&address).await.unwrap();
    for n in 0..20 {
        let body = Kind::Waha.body(n);
        let (name, value) = Kind::Waha.header(SECRET, body.as_bytes());
        let headers = [JSON, (name, value.as_str())];
        let answer = client.post(&headers, body.as_bytes());
        assert_eq!(within(TIME / 2, "an answer", answer).await.unwrap().0, 200);
    }
    assert_eq!(receiver.verdicts().new_events, 20);
}

/// Bodies that wait for their end take room; without room a large one is sent away, a small one is not.
#[tokio::test]
async fn without_room_large_bodies_come_again_and_small_ones_come_in() {
    let receiver = receiver(Kind::Waha).max_body(50_000).at_a_time(1);
    let address = serve(&receiver).await;
    let (name, formed) = Kind::Waha.header("a stranger's", b"");
    let mut holder = Client::open(&address).await.unwrap();
    holder.write(&request("POST", &[JSON, (name, &formed)], Some(50_000), &[b' '; 49_000])).await.unwrap();
    let large = format!("{}{}", " ".repeat(40_000), Kind::Waha.body(1));
    let (name, value) = Kind::Waha.header(SECRET, large.as_bytes());
    let bytes = request("POST", &[JSON, (name, &value)], Some(large.len()), large.as_bytes());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (code, head) = status(&address, &bytes).await;
    assert_eq!(code, 503);
    assert!(head.to_ascii_lowercase().contains("retry-after"), "{head}");
    let small = Kind::Waha.body(2);
    let (name, value) = Kind::Waha.header(SECRET, small.as_bytes());
    let headers = [JSON, (name, value.as_str())];
    let answer = Client::open(&address).await.unwrap().post(&headers, small.as_bytes()).await;
    assert_eq!(answer.unwrap().0, 200);
    holder.answer().await.unwrap();
    assert_eq!(status(&address, &bytes).await.0, 200, "the room is given back");
}

#[tokio::test]
async fn what_is_signed_and_cannot_be_read_is_kept_and_stands_in_nobodys_way() {
    for kind in KINDS {
        let receiver = receiver(kind);
        let address = serve(&receiver).await;
        let mut client = Client::open(&address).await.unwrap();
        for body in ["{not JSON", "[1,2,3]", r#"{"event":"something.new"}"#, "\u{fffd}", "7"] {
            let (name, value) = kind.header(SECRET, body.as_bytes());
            let (status, _) = client.post(&[JSON, (name, &value)], body.as_bytes()).await.unwrap();
            assert_eq!(status, 200, "{kind:?} {body}");
            let event = receiver.inbox().next().await.unwrap();
            assert_eq!(event.kind, EventKind::Unknown);
            assert!(event.raw.as_ref().unwrap().get().len() >= body.len());
            event.ack().await.unwrap();
        }
    }
}

#[tokio::test]
async fn where_nothing_can_be_kept_the_gateway_is_asked_to_come_again() {
    let folder = Folder::new("full");
    let receiver =
        Receiver::boxed(Kind::Waha.webhook(), SECRET.into(), Inbox::open(folder.file("events.db")).unwrap())
            .unwrap();
    let address = serve(&receiver).await;
    let body = Kind::Waha.body(1);
    let (name, value) = Kind::Waha.header(SECRET, body.as_bytes());
    let bytes = request("POST", &[JSON, (name, &value)], Some(body.len()), body.as_bytes());
    // the table goes from under it
    let other = rusqlite::Connection::open(folder.file("events.db")).unwrap();
    other.execute_batch("ALTER TABLE event RENAME TO away").unwrap();
    let (code, head) = status(&address, &bytes).await;
    assert_eq!(code, 503);
    assert!(head.to_ascii_lowercase().contains("retry-after: 5"), "{head}");
    other.execute_batch("ALTER TABLE away RENAME TO event").unwrap();
    assert_eq!(status(&address, &bytes).await.0, 200);
}

#[test]
fn without_a_usable_secret_nothing_is_received() {
    let keys = [WebhookKeys::default(), WebhookKeys::new(""), WebhookKeys::new(SECRET).or("")];
    for kind in KINDS {
        for keys in &keys {
            let error = Receiver::boxed(kind.webhook(), keys.clone(), Inbox::in_memory()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConfigInvalid, "{kind:?}");
        }
    }
    let default = WebhookKeys::new("secret");
    assert!(Receiver::boxed(Kind::Gowa.webhook(), default.clone(), Inbox::in_memory()).is_err());
    let allowed = default.allow_default_secret(true);
    assert!(Receiver::boxed(Kind::Gowa.webhook(), allowed, Inbox::in_memory()).is_ok());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_of_a_delivery_is_logged() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter("trace").with_writer(log.clone()).with_ansi(false).finish();
    // of the whole process: what the other tests do must not show anything either
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for kind in KINDS {
        let receiver = receiver(kind);
        let address = serve(&receiver).await;
        let body = kind.body(4711);
        let (name, value) = kind.header(SECRET, body.as_bytes());
        for value in [value.as_str(), "0123"] {
            let bytes = request("POST", &[JSON, (name, value)], Some(body.len()), body.as_bytes());
            status(&address, &bytes).await;
        }
        let event = receiver.inbox().next().await.unwrap();
        event.fail("no luck").await.unwrap();
        log.clone().write_all(format!("{receiver:?} {event:?} {:?}", receiver.inbox()).as_bytes()).unwrap();
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("a delivery was answered"), "the log is on: {text}");
    for canary in ["number 4711", "5511911111111", "4711", SECRET, "Alice"] {
        assert!(!text.contains(canary), "{canary}");
    }
}
