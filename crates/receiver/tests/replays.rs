//! Replays: what the inbox has forgotten is refused by its signed time, what a gateway delivers late is not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod support;

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use chrono::{TimeDelta, Utc};
use support::{KINDS, Kind, SECRET};
use wachats_core::webhook::{WebhookKeys, Window};
use wachats_receiver::{Inbox, InboxOptions, Receiver, Verdict};

const TAKEN: Verdict = Verdict::Accepted { new: 1 };

fn receiver(kind: Kind, keys: WebhookKeys, keep: Duration) -> Receiver {
    let mut options = InboxOptions::new();
    options.keep = keep;
    Receiver::boxed(kind.webhook(), keys, Inbox::in_memory_with(options)).unwrap()
}

async fn deliver(kind: Kind, receiver: &Receiver, n: u64, age: TimeDelta) -> Verdict {
    deliver_body(kind, receiver, &kind.body_at(n, Utc::now() - age)).await
}

async fn deliver_body(kind: Kind, receiver: &Receiver, body: &str) -> Verdict {
    let (name, value) = kind.header(SECRET, body.as_bytes());
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::try_from(value).unwrap());
    receiver.receive(&headers, body.as_bytes()).await
}

#[tokio::test]
async fn what_may_be_forgotten_is_refused_by_default() {
    for kind in KINDS {
        // nothing of Green-API's deliveries is signed: whoever replays one has the token
        let (stale, days) = (if kind == Kind::GreenApi { TAKEN } else { Verdict::Forged }, TimeDelta::days);
        let receiver = Receiver::boxed(kind.webhook(), SECRET.into(), Inbox::in_memory()).unwrap();
        assert_eq!(deliver(kind, &receiver, 1, days(32)).await, stale, "{kind:?}: captured long ago");
        assert_eq!(deliver(kind, &receiver, 2, days(-2)).await, stale, "{kind:?}: it would count too long");
        // a phone that was off for a month, a gateway that tried for days, clocks that differ
        for (n, age) in
            [days(30), days(5), TimeDelta::minutes(10), TimeDelta::minutes(-10)].into_iter().enumerate()
        {
            assert_eq!(deliver(kind, &receiver, 10 + n as u64, age).await, TAKEN, "{kind:?} {age}");
        }
    }
}

#[tokio::test]
async fn the_window_follows_the_memory_and_is_never_shorter_than_clocks_differ() {
    let short = receiver(Kind::Waha, SECRET.into(), Duration::ZERO);
    for (n, minutes) in [9, -9].into_iter().enumerate() {
        assert_eq!(deliver(Kind::Waha, &short, n as u64, TimeDelta::minutes(minutes)).await, TAKEN);
    }
    assert_eq!(deliver(Kind::Waha, &short, 3, TimeDelta::minutes(21)).await, Verdict::Forged);
    let long = receiver(Kind::Waha, SECRET.into(), Duration::MAX);
    assert_eq!(deliver(Kind::Waha, &long, 1, TimeDelta::days(9_000)).await, TAKEN);
}

#[tokio::test]
async fn a_window_of_the_keys_takes_its_place() {
    let day = Duration::from_secs(86_400);
    let strict = receiver(Kind::Gowa, WebhookKeys::new(SECRET).window(Window::minutes(5)), day);
    assert_eq!(deliver(Kind::Gowa, &strict, 1, TimeDelta::minutes(6)).await, Verdict::Forged);
    assert_eq!(deliver(Kind::Gowa, &strict, 1, TimeDelta::minutes(4)).await, TAKEN);
    let open = receiver(Kind::Gowa, WebhookKeys::new(SECRET).window(Window::new(Duration::MAX)), day);
    assert_eq!(deliver(Kind::Gowa, &open, 1, TimeDelta::days(9_000)).await, TAKEN);
}

/// What is signed is the gateway's own, also where no time can be read of it.
#[tokio::test]
async fn what_tells_no_time_is_kept_with_and_without_a_window() {
    for kind in [Kind::Waha, Kind::Wappfy, Kind::Gowa] {
        let keys = WebhookKeys::new(SECRET);
        for keys in [keys.clone(), keys.window(Window::minutes(5))] {
            let receiver = receiver(kind, keys, Duration::from_secs(86_400));
            for body in ["{not JSON", "[1,2,3]", r#"{"event":"x"}"#, r#"{"timestamp":"soon"}"#, "\u{fffd}"] {
                assert_eq!(deliver_body(kind, &receiver, body).await, TAKEN, "{kind:?} {body}");
            }
        }
    }
}

/// Two times of one name, a lone surrogate: read with patience, and judged all the same.
#[tokio::test]
async fn a_damaged_delivery_of_long_ago_is_refused() {
    let receiver = receiver(Kind::Waha, SECRET.into(), Duration::from_secs(86_400));
    for body in [
        r#"{"event":"x","timestamp":1700000000000,"timestamp":1700000000001}"#,
        r#"{"event":"x","timestamp":1700000000000,"payload":{"body":"\ud800"}}"#,
        r#"{"event":"x","timestamp":"1700000000000"}"#,
    ] {
        assert_eq!(deliver_body(Kind::Waha, &receiver, body).await, Verdict::Forged, "{body}");
    }
}
