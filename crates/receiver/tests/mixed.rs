//! The figure: 1,000,000 deliveries of all gateways, valid, forged, replayed and doubled; every verdict is right and the
//! effects are the distinct events. `WACHATS_DELIVERIES=1000000 cargo test -p wachats-receiver --test mixed -- --nocapture`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use support::{Dice, Folder, KINDS, Kind, SECRET, count};
use wachats_receiver::{Inbound, Inbox, Receiver, Verdict};

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.insert(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    map
}

/// A forgery of some kind.
fn forge(kind: Kind, n: u64, dice: &mut Dice) -> (HeaderMap, String) {
    let body = kind.body(n);
    let (name, good) = kind.header(SECRET, body.as_bytes());
    match dice.roll(5) {
        0 => (HeaderMap::new(), body),
        1 => (headers(&[(name, &kind.header("another secret", body.as_bytes()).1)]), body),
        2 => (headers(&[(name, &good[..good.len() - 1])]), body),
        3 => (headers(&[(name, "sha256=nonsense")]), body),
        // a good signature over another body; a token signs none, so there it is a wrong one
        _ if kind != Kind::GreenApi => (headers(&[(name, &good)]), body.replace("number", "numbers")),
        _ => (headers(&[(name, &format!("{good}x"))]), body),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verdict_is_right_and_each_event_has_one_effect() {
    let deliveries = count("WACHATS_DELIVERIES", 1_000_000);
    let folder = Folder::new("mixed");
    let inbox = Inbox::open(folder.file("events.db")).unwrap();
    let receivers = KINDS.map(|kind| Receiver::boxed(kind.webhook(), SECRET.into(), inbox.clone()).unwrap());

    let effects: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    let handled = Arc::new(AtomicU64::new(0));
    let handling = {
        let (effects, handled) = (Arc::clone(&effects), Arc::clone(&handled));
        inbox.handling().concurrency(64).run(move |event: Arc<Inbound>| {
            *effects.lock().unwrap().entry(format!("{} {}", event.gateway, event.dedupe_key)).or_default() +=
                1;
            handled.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, std::convert::Infallible>(()) }
        })
    };
    let handling = tokio::spawn(handling);

    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let distinct = Arc::new(AtomicU64::new(0));
    let forged = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for task in 0..16_u64 {
        let (next, distinct, forged) = (Arc::clone(&next), Arc::clone(&distinct), Arc::clone(&forged));
        let receivers = receivers.clone();
        tasks.push(tokio::spawn(async move {
            let mut dice = Dice(0x9e37_79b9 + task);
            let mut sent: Vec<(usize, u64)> = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < deliveries {
                let which = dice.roll(4) as usize;
                let (kind, receiver) = (KINDS[which], &receivers[which]);
                let fresh = (sent.len() as u64) * 16 + task;
                match dice.roll(10) {
                    0..=2 => {
                        let (headers, body) = forge(kind, dice.roll(1 << 40), &mut dice);
                        assert_eq!(
                            receiver.receive(&headers, body.as_bytes()).await,
                            Verdict::Forged,
                            "{body}"
                        );
                        forged.fetch_add(1, Ordering::Relaxed);
                    }
                    3..=4 if !sent.is_empty() => {
                        let (which, n) = sent[dice.roll(sent.len() as u64) as usize];
                        let body = KINDS[which].body(n);
                        let (name, value) = KINDS[which].header(SECRET, body.as_bytes());
                        let verdict =
                            receivers[which].receive(&headers(&[(name, &value)]), body.as_bytes()).await;
                        assert_eq!(verdict, Verdict::Accepted { new: 0 }, "replayed");
                    }
                    5 => {
                        let body = kind.body(fresh);
                        let (name, value) = kind.header(SECRET, body.as_bytes());
                        let headers = headers(&[(name, &value)]);
                        let (one, other) = tokio::join!(
                            receiver.receive(&headers, body.as_bytes()),
                            receiver.receive(&headers, body.as_bytes())
                        );
                        let new = |verdict| match verdict {
                            Verdict::Accepted { new } => new,
                            other => panic!("{other:?}"),
                        };
                        assert_eq!(new(one) + new(other), 1, "doubled");
                        next.fetch_add(1, Ordering::Relaxed);
                        distinct.fetch_add(1, Ordering::Relaxed);
                        sent.push((which, fresh));
                    }
                    _ => {
                        let body = kind.body(fresh);
                        let (name, value) = kind.header(SECRET, body.as_bytes());
                        let verdict = receiver.receive(&headers(&[(name, &value)]), body.as_bytes()).await;
                        assert_eq!(verdict, Verdict::Accepted { new: 1 }, "valid");
                        distinct.fetch_add(1, Ordering::Relaxed);
                        sent.push((which, fresh));
                    }
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let answered = began.elapsed();
    let distinct = distinct.load(Ordering::Relaxed);
    while handled.load(Ordering::Relaxed) < distinct {
        assert!(began.elapsed() < answered * 3 + Duration::from_secs(60), "handling lags behind");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    handling.abort();
    let effects = effects.lock().unwrap();
    assert_eq!(effects.len() as u64, distinct);
    assert!(effects.values().all(|count| *count == 1), "each once");
    println!(
        "{deliveries} deliveries of four gateways in {:.1} s: {} forged ones refused, {distinct} distinct events, {} effects",
        answered.as_secs_f32(),
        forged.load(Ordering::Relaxed),
        effects.len()
    );
}
