//! How events travel to their receivers, and the record of what was sent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use tokio::sync::Notify;

use crate::post::{Answer, Letter};
use crate::queue::Queue;
use crate::world::Change;

/// How events travel: by default each once, in order, with the gateway's own pauses between attempts.
///
/// ```
/// use std::time::Duration;
/// use wachats_simulator::Courier;
/// let courier = Courier::new().reordered(4).duplicated(3).retry_delay(Duration::from_millis(10));
/// # drop(courier);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Courier {
    group: usize,
    every: u64,
    delay: Option<Duration>,
    pub(crate) ping: Option<Duration>,
}

impl Courier {
    /// The well-behaved courier.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Delivers backwards in groups of up to so many events, as far as they happen within 50 ms. No gateway promises an
    /// order. Green-API's queue lets each newcomer before the last one that waits instead.
    #[must_use]
    pub fn reordered(mut self, group: usize) -> Self {
        self.group = group;
        self
    }

    /// Delivers every so many-th event twice, each time as a delivery of its own.
    #[must_use]
    pub fn duplicated(mut self, every: u64) -> Self {
        self.every = every;
        self
    }

    /// Replaces the pauses between attempts; their number stays the gateway's.
    #[must_use]
    pub fn retry_delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Sets how often a websocket is pinged; WAHA does every 60 s and ends one whose pong is missing by then.
    #[must_use]
    pub fn ping_every(mut self, pause: Duration) -> Self {
        self.ping = Some(pause);
        self
    }

    pub(crate) fn disorderly(&self) -> bool {
        self.group > 1
    }
}

/// One attempt to deliver an event to one receiver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// The event's name at its gateway.
    pub event: String,
    /// The receiver.
    pub url: String,
    /// Headers, without `host` and those about the body's length.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// 1 for the first attempt, then up.
    pub attempt: u32,
    /// What the receiver answered; `None` when it gave no answer. The simulator speaks to loopback addresses over
    /// plain HTTP alone, anything else counts as no answer.
    pub status: Option<u16>,
}

impl Delivery {
    /// The body as JSON, `null` when it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Delivers for one server.
#[derive(Debug, Default)]
pub(crate) struct Carrier {
    pub(crate) courier: Courier,
    counter: AtomicU64,
    log: Mutex<Vec<Delivery>>,
    logged: Notify,
}

impl Carrier {
    pub(crate) fn new(courier: &Courier) -> Arc<Self> {
        Arc::new(Self { courier: courier.clone(), ..Self::default() })
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a number of attempts, 10 s at most.
    pub(crate) async fn delivered(&self, count: usize) -> Vec<Delivery> {
        let wait = async {
            loop {
                let logged = self.logged.notified();
                if self.deliveries().len() >= count {
                    return;
                }
                logged.await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(10), wait).await;
        self.deliveries()
    }

    /// Makes an attempt and puts it on record.
    pub(crate) async fn attempt(&self, letter: &Letter, attempt: u32) -> Option<Answer> {
        let answer = letter.send().await.ok();
        let delivery = Delivery {
            event: letter.event.clone(),
            url: letter.url.clone(),
            headers: letter.headers.clone(),
            body: letter.body.clone(),
            attempt,
            status: answer.map(|answer| answer.status),
        };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
        self.logged.notify_waiters();
        answer
    }

    /// How many times the next event is delivered.
    pub(crate) fn copies(&self) -> usize {
        let count = self.counter.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let twice = self.courier.every > 0 && count.is_multiple_of(self.courier.every);
        if twice { 2 } else { 1 }
    }

    /// The pause before another attempt.
    pub(crate) fn pause(&self, own: Duration) -> Duration {
        self.courier.delay.unwrap_or(own)
    }

    /// What happened next, in the courier's order.
    pub(crate) async fn next(&self, queue: &Queue<Change>) -> Vec<Change> {
        let mut changes = vec![queue.next().await];
        let until = tokio::time::Instant::now() + Duration::from_millis(50);
        while changes.len() < self.courier.group {
            match tokio::time::timeout_at(until, queue.next()).await {
                Ok(change) => changes.push(change),
                Err(_) => break,
            }
        }
        changes.reverse();
        changes
    }
}
