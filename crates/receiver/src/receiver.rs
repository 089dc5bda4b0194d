use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use tokio::sync::Semaphore;
use wachats_core::events::unreadable;
use wachats_core::webhook::{Webhook, WebhookKeys};
use wachats_core::{ErrorKind, Result};

use crate::Inbox;
use crate::inbox::AHEAD;

const MAX_BODY: usize = 2 << 20;

/// What a delivery came to, and what it is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Its events are safe: 200.
    Accepted {
        /// How many of its events hadn't come before.
        new: usize,
    },
    /// It isn't the gateway's own, or too old: 401.
    Forged,
    /// It is no `POST`: 405.
    WrongMethod,
    /// It did not arrive in time: 408.
    TooSlow,
    /// Its body is larger than allowed: 413.
    TooLarge,
    /// It is no JSON by its content type, or is compressed: 415.
    WrongType,
    /// Its body broke off: 400.
    Broken,
    /// It could not be kept, so that the gateway has to come again: 503.
    NotKept,
}

impl Verdict {
    const COUNT: usize = 8;

    fn index(self) -> usize {
        match self {
            Self::Accepted { .. } => 0,
            Self::Forged => 1,
            Self::WrongMethod => 2,
            Self::TooSlow => 3,
            Self::TooLarge => 4,
            Self::WrongType => 5,
            Self::Broken => 6,
            Self::NotKept => 7,
        }
    }

    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Accepted { .. } => 200,
            Self::Forged => 401,
            Self::WrongMethod => 405,
            Self::TooSlow => 408,
            Self::TooLarge => 413,
            Self::WrongType => 415,
            Self::Broken => 400,
            Self::NotKept => 503,
        }
    }
}

/// How many deliveries were answered so far, by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdicts {
    /// Accepted.
    pub accepted: u64,
    /// Events of those that hadn't come before.
    pub new_events: u64,
    /// Refused for their signature or token, or as too old.
    pub forged: u64,
    /// Refused for their method, type or size, or as broken or too slow.
    pub refused: u64,
    /// Not kept.
    pub not_kept: u64,
}

/// Receives the deliveries of one gateway.
///
/// Cheap to clone. It is a tower `Service`, and [`router`](Self::router) makes an axum router of it. Several
/// receivers may share an inbox. It logs a delivery's verdict and size, never anything of its content.
#[derive(Clone)]
pub struct Receiver {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    webhook: Box<dyn Webhook>,
    keys: WebhookKeys,
    inbox: Inbox,
    pub(crate) max_body: usize,
    pub(crate) read_time: Duration,
    /// How many of the largest bodies there is room for, and the room in bytes.
    at_a_time: usize,
    pub(crate) room: Semaphore,
    verdicts: [AtomicU64; Verdict::COUNT],
    new_events: AtomicU64,
}

impl Receiver {
    /// Receives what this gateway signs with one of these keys, into this inbox: bodies up to 2 MiB that arrive within
    /// 10 s and without a pause of more than 3 s, 64 of the largest at a time.
    ///
    /// Where the keys bring no replay window, a signed time has to lie at most
    /// [`InboxOptions::keep`](crate::InboxOptions::keep) back and at most an hour ahead: the inbox remembers for longer
    /// than that, so that what is forgotten can't be handled once more. A window of the keys takes its place;
    /// `Window::new(Duration::MAX)` lets everything in.
    ///
    /// # Errors
    /// `ConfigInvalid` without a usable key: none, an empty one, or GOWA's well-known one unless it is allowed.
    pub fn new(webhook: impl Webhook + 'static, keys: impl Into<WebhookKeys>, inbox: Inbox) -> Result<Self> {
        Self::boxed(Box::new(webhook), keys.into(), inbox)
    }

    /// The same of a gateway chosen at run time.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn boxed(webhook: Box<dyn Webhook>, keys: WebhookKeys, inbox: Inbox) -> Result<Self> {
        // keys are judged before signatures, and this has none
        if let Err(error) = webhook.verify(&keys, &HeaderMap::new(), b"")
            && error.kind() == ErrorKind::ConfigInvalid
        {
            return Err(error);
        }
        let inner = Inner {
            webhook,
            keys,
            inbox,
            max_body: MAX_BODY,
            read_time: Duration::from_secs(10),
            at_a_time: 64,
            room: Semaphore::new(64 * MAX_BODY),
            verdicts: Default::default(),
            new_events: AtomicU64::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The most bytes of a body. Settings are made before the receiver is cloned; after that they change nothing.
    pub fn max_body(self, bytes: usize) -> Self {
        self.set(|inner| inner.max_body = bytes)
    }

    /// How long a delivery may take to arrive. One that brings nothing for 3 s is given up before, whatever this is.
    pub fn read_time(self, time: Duration) -> Self {
        self.set(|inner| inner.read_time = time)
    }

    /// How many deliveries of the largest size there is room for at a time, at least 1; one that finds no room is
    /// answered with 503, so that it comes again. Small ones, up to 16 KiB, need none.
    pub fn at_a_time(self, deliveries: usize) -> Self {
        self.set(|inner| inner.at_a_time = deliveries)
    }

    fn set(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            change(inner);
            let room = inner.at_a_time.max(1).saturating_mul(inner.max_body);
            inner.room = Semaphore::new(room.min(Semaphore::MAX_PERMITS));
        }
        self
    }

    /// The inbox that it fills.
    pub fn inbox(&self) -> &Inbox {
        &self.inner.inbox
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Whether these headers could be a delivery's.
    pub(crate) fn screen(&self, headers: &HeaderMap) -> bool {
        self.inner.webhook.screen(&self.inner.keys, headers).is_ok()
    }

    /// Judges a delivery that was read, and keeps its events: for servers of your own. What comes from where doesn't
    /// matter, only the bytes do: `body` is to be what was sent, to the byte.
    pub async fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Verdict {
        let inner = &*self.inner;
        if let Err(error) = inner.webhook.verify(&inner.keys, headers, body) {
            tracing::debug!(kind = error.kind().as_str(), "a delivery was refused");
            return Verdict::Forged;
        }
        if inner.keys.replay_window().is_none() && self.is_out_of_memory(body, Utc::now()) {
            tracing::warn!("a signed delivery was refused for its time: it is a replay, or a clock is wrong");
            return Verdict::Forged;
        }
        let events = inner.webhook.decode(headers, body);
        // signed, so it is the gateway's own: refused, it would only come again and stand before others
        let events = events.unwrap_or_else(|_| vec![unreadable(&inner.webhook.gateway(), "-", body)]);
        if events.is_empty() {
            return Verdict::Accepted { new: 0 };
        }
        match inner.inbox.put(&events).await {
            Ok(new) => Verdict::Accepted { new },
            Err(error) => {
                tracing::warn!(error = %error, "a delivery could not be kept");
                Verdict::NotKept
            }
        }
    }

    /// Whether the inbox could have forgotten the delivery, or could forget it while its time still counts: it remembers
    /// for `AHEAD` longer than a time counts, since a time may be told so much too early.
    fn is_out_of_memory(&self, body: &[u8], now: DateTime<Utc>) -> bool {
        let Some(at) = self.inner.webhook.told_at(body) else { return false };
        match now.signed_duration_since(at).to_std() {
            Ok(age) => age > self.inner.inbox.options().keep,
            Err(_) => at.signed_duration_since(now).to_std().unwrap_or_default() > AHEAD,
        }
    }

    pub(crate) fn count(&self, verdict: Verdict) {
        if let Some(count) = self.inner.verdicts.get(verdict.index()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Verdict::Accepted { new } = verdict {
            self.inner.new_events.fetch_add(new as u64, Ordering::Relaxed);
        }
    }

    /// How many deliveries were answered so far by this receiver and its clones, by verdict.
    pub fn verdicts(&self) -> Verdicts {
        let count = |verdict: Verdict| {
            self.inner.verdicts.get(verdict.index()).map_or(0, |count| count.load(Ordering::Relaxed))
        };
        use Verdict as V;
        Verdicts {
            accepted: count(V::Accepted { new: 0 }),
            new_events: self.inner.new_events.load(Ordering::Relaxed),
            forged: count(V::Forged),
            refused: [V::WrongMethod, V::TooSlow, V::TooLarge, V::WrongType, V::Broken]
                .map(count)
                .iter()
                .sum(),
            not_kept: count(V::NotKept),
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("webhook", &self.inner.webhook)
            .field("verdicts", &self.verdicts())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
