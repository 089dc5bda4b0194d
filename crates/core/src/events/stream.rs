use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use futures::Stream;
use tokio::time::Instant;

use super::seen::Seen;
use super::{Batch, EventSource};
use crate::{Error, ErrorKind, Event, Gateway, Result, Retry};

/// How many events that were handled are remembered, so that none of them is handed over again.
const REMEMBERED: usize = 10_000;
/// The bounds of the first and of the longest pause after a fault; the pause is drawn between 0 and the bound.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Events as they come, each handed over until it is acknowledged.
///
/// Every event comes at least once: what was not acknowledged when a program ended comes again where the source
/// keeps it. An event delivered twice by a gateway is handed over once, as far as the last 10,000 are remembered. Faults of the
/// network and of the gateway are survived, with growing pauses, for as long as
/// [`PollEvents::patience`](super::PollEvents::patience) says.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use wachats_core::{ChatId, Chats, Memory};
/// let chats = Chats::new(Memory::new([], []));
/// let mut events = chats.events().open().await?;
/// chats.chat("79001234567")?.send("Hello").await?;
/// while let Some(event) = events.next().await? {
///     assert_eq!(event.name(), "message_sent");
///     // … handle it, then say so: without that, the same event comes again
///     events.ack().await?;
/// #   break;
/// }
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
pub struct EventStream {
    source: Box<dyn EventSource>,
    gateway: Gateway,
    waiting: VecDeque<Event>,
    /// The first of those that wait was handed over.
    handed: bool,
    receipt: Option<u64>,
    /// The receipt of what was handled and is still to be told.
    unsettled: Option<u64>,
    seen: Seen,
    patience: Duration,
    faults: Option<Faults>,
}

struct Faults {
    since: Instant,
    bound: Duration,
}

impl EventStream {
    /// Hands over what this source has.
    pub fn new(gateway: Gateway, source: impl EventSource + 'static) -> Self {
        Self {
            source: Box::new(source),
            gateway,
            waiting: VecDeque::new(),
            handed: false,
            receipt: None,
            unsettled: None,
            seen: Seen::new(REMEMBERED),
            patience: super::PollEvents::new().patience,
            faults: None,
        }
    }

    /// How long faults are survived in a row before one is told; zero tells each.
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// Whose events.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Waits for the next event; the one handed over last comes again unless it was acknowledged. `None` when no
    /// event will ever come any more.
    ///
    /// # Errors
    /// At once what no patience helps against (`Unauthenticated`, `Forbidden`, `NotFound`, and `Conflict` where
    /// events are pushed to a webhook at the same time), else a fault that outlasted the patience. The stream may
    /// be asked again after an error.
    ///
    /// # Cancel safety
    /// A future dropped midway loses nothing.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(receipt) = self.unsettled {
                match self.source.settle(receipt).await {
                    Ok(()) => self.unsettled = None,
                    Err(error) => {
                        self.endure(error).await?;
                        continue;
                    }
                }
            }
            if let Some(event) = self.waiting.front() {
                if self.handed || !self.seen.contains(event) {
                    self.handed = true;
                    return Ok(Some(event.clone()));
                }
                tracing::debug!(gateway = self.gateway.as_str(), event = event.name(), "told twice");
                self.done();
                continue;
            }
            match self.source.fetch().await {
                Ok(Some(batch)) => self.take(batch),
                Ok(None) => return Ok(None),
                Err(error) => self.endure(error).await?,
            }
        }
    }

    /// Tells that the event handed over last was handled: it comes no more, and a gateway that kept it may forget it.
    /// Without one it does nothing.
    ///
    /// # Errors
    /// When the gateway could not be told. The event counts as handled all the same, and the gateway is told before
    /// the next one is asked for; only if the program ends before that, the event comes again.
    pub async fn ack(&mut self) -> Result<()> {
        self.done();
        if let Some(receipt) = self.unsettled {
            self.source.settle(receipt).await?;
            self.unsettled = None;
        }
        Ok(())
    }

    /// The events as a [`Stream`] that acknowledges each when the next is asked for. It goes on after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Event>> + Send {
        futures::stream::unfold(self, |mut events| async move {
            events.done();
            let next = events.next().await.transpose()?;
            Some((next, events))
        })
    }

    fn take(&mut self, batch: Batch) {
        self.faults = None;
        self.waiting.extend(batch.events);
        self.receipt = batch.receipt;
        if self.waiting.is_empty() {
            self.unsettled = self.receipt.take();
        }
    }

    /// The first of those that wait is done with, unless it was never handed over.
    fn done(&mut self) {
        let known = self.waiting.front().is_some_and(|event| self.seen.contains(event));
        if !self.handed && !known {
            return;
        }
        self.handed = false;
        if let Some(event) = self.waiting.pop_front() {
            self.seen.insert(&event);
        }
        if self.waiting.is_empty() {
            self.unsettled = self.receipt.take();
        }
    }

    /// Pauses after a fault that may pass; gives back one that won't, or that lasts too long.
    async fn endure(&mut self, error: Error) -> Result<()> {
        if !may_pass(&error) {
            return Err(error);
        }
        let now = Instant::now();
        let faults = self.faults.get_or_insert(Faults { since: now, bound: PAUSES.0 });
        let left = self.patience.saturating_sub(now - faults.since);
        if left.is_zero() {
            self.faults = None;
            return Err(error);
        }
        let drawn = faults.bound.mul_f64(fastrand::f64());
        let pause = error.retry_after().unwrap_or(drawn).min(left);
        faults.bound = (faults.bound * 2).min(PAUSES.1);
        tracing::warn!(
            gateway = self.gateway.as_str(),
            kind = error.kind().as_str(),
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "no events can be had at the moment"
        );
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Whether it is worth waiting.
fn may_pass(error: &Error) -> bool {
    use ErrorKind as K;
    match error.kind() {
        // a certificate doesn't get better
        K::Network => error.retry() != Retry::Never,
        K::Timeout
        | K::Unavailable
        | K::ServerFault
        | K::RateLimited
        | K::SessionNotReady
        | K::Decode
        | K::NotAGateway
        | K::OutcomeUnknown => true,
        _ => false,
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("gateway", &self.gateway.as_str()).finish_non_exhaustive()
    }
}
