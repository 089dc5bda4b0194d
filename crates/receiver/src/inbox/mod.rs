mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::Notify;
use wachats_core::{Chats, Event, EventStream, Gateway, Result};

use crate::inbound::{Inbound, Lease};
use crate::{Handling, source};
use memory::MemoryStore;
pub(crate) use store::Store;
pub use store::{Counts, UnknownReply};
pub(crate) use store::{ReplyState, Ticket, fault};
pub(crate) use worker::Worker;

/// How far a gateway's clock may be ahead. What was handled is remembered for so much longer than
/// [`InboxOptions::keep`]: a time that was told too early still counts then.
pub(crate) const AHEAD: Duration = Duration::from_secs(3600);
/// The least [`InboxOptions::keep`]: less would not outlast the difference of two clocks.
const LEAST_KEEP: Duration = Duration::from_secs(20 * 60);
/// How long another process's events may wait to be noticed.
const LOOK: Duration = Duration::from_millis(500);

/// How an inbox works.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InboxOptions {
    /// How long an event is held by one that died before it comes again; who lives holds on for as long as it takes.
    pub lease: Duration,
    /// How often an event is tried before it is a dead letter, also where the process dies of it.
    pub attempts: u32,
    /// The pause after the first failure; it doubles with each.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How long what was handled is remembered at least, so that it is known when it is delivered again. Less than 20
    /// minutes count as 20 minutes. What is older than this a [`Receiver`](crate::Receiver) refuses, where a delivery
    /// tells its time; the key is forgotten an hour later, since clocks may be so far ahead.
    pub keep: Duration,
    /// Waits for the disk with every delivery. Without it, an event survives every crash of the process; after a power
    /// cut, the last moments before it may be missing. That an answer is about to be sent, the disk always has before.
    pub full_sync: bool,
}

impl InboxOptions {
    /// 10 attempts with pauses from a second to 10 minutes, a lease of a minute, a memory of 31 days: WhatsApp itself
    /// keeps for 30 what waits for a device that is away.
    pub fn new() -> Self {
        Self {
            lease: Duration::from_secs(60),
            attempts: 10,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(600),
            keep: Duration::from_secs(31 * 86_400),
            full_sync: false,
        }
    }
}

impl Default for InboxOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Events that were received and wait to be handled, each once.
///
/// Cheap to clone. On disk ([`open`](Self::open)) it survives the process, and several processes may share it: one
/// effect comes of it, since an event has one row and one holder at a time. The file holds messages, so it is made
/// readable by its owner alone; the content goes once an event is handled.
#[derive(Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Worker,
    options: InboxOptions,
    came: Notify,
}

/// An event that was given up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The inbox's number of the event, for [`Inbox::revive`].
    pub id: i64,
    /// The event; `None` where it can't be read, as after a change of versions.
    pub event: Option<Event>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed the last time.
    pub reason: String,
}

impl Inbox {
    /// The inbox in this file, made where it isn't there.
    ///
    /// # Errors
    /// `Io` where the file can't be opened or is no inbox.
    #[cfg(feature = "sqlite")]
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Self::open_with(path, InboxOptions::new())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[cfg(feature = "sqlite")]
    pub fn open_with(path: impl AsRef<std::path::Path>, options: InboxOptions) -> Result<Self> {
        let store = sqlite::SqliteStore::open(path.as_ref(), options.full_sync)?;
        Self::start(Box::new(store), options)
    }

    /// An inbox that ends with the process: what was answered and not handled by then is lost.
    /// Where no thread can be started for it, every use of it is an error.
    pub fn in_memory() -> Self {
        Self::in_memory_with(InboxOptions::new())
    }

    /// The same with other options.
    pub fn in_memory_with(options: InboxOptions) -> Self {
        Self::start(Box::<MemoryStore>::default(), options.clone())
            .unwrap_or_else(|_| Self::of(Worker::closed(), options))
    }

    fn start(store: Box<dyn Store>, options: InboxOptions) -> Result<Self> {
        let worker = Worker::start(store, remembered(&options))?;
        Ok(Self::of(worker, options))
    }

    fn of(worker: Worker, mut options: InboxOptions) -> Self {
        options.keep = options.keep.max(LEAST_KEEP);
        Self { inner: Arc::new(Inner { worker, options, came: Notify::new() }) }
    }

    /// How it works: as it was told to, [`keep`](InboxOptions::keep) being 20 minutes at least.
    pub fn options(&self) -> &InboxOptions {
        &self.inner.options
    }

    pub(crate) fn worker(&self) -> &Worker {
        &self.inner.worker
    }

    /// Keeps events and waits until they are safe; tells how many of them are new. One that was kept before is left
    /// out, whether it was handled since or not.
    ///
    /// # Errors
    /// `Io`; of several events none, some or all may be kept then.
    pub async fn put(&self, events: &[Event]) -> Result<usize> {
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            let body =
                serde_json::to_string(event).map_err(|_| fault("an event can't be written as JSON"))?;
            rows.push((format!("{}|{}", event.gateway, event.dedupe_key), body));
        }
        let new = self.inner.worker.run_here(move |store| {
            let now = now();
            let mut new = 0;
            for (key, body) in &rows {
                new += usize::from(store.put(key, body, now)?);
            }
            Ok(new)
        });
        let new = new.await?;
        if new > 0 {
            self.inner.came.notify_waiters();
        }
        Ok(new)
    }

    /// Claims the event that has waited longest; `None` where none is due.
    ///
    /// # Errors
    /// `Io`.
    ///
    /// # Cancel safety
    /// A future dropped midway gives back what it claimed.
    pub async fn try_next(&self) -> Result<Option<Inbound>> {
        self.claim(None).await
    }

    /// Waits for an event and claims it. Nobody else has it until it is acknowledged, fails, is dropped, or this
    /// process dies.
    ///
    /// # Errors
    /// `Io`.
    ///
    /// # Cancel safety
    /// As [`try_next`](Self::try_next).
    pub async fn next(&self) -> Result<Inbound> {
        self.next_for(None).await
    }

    pub(crate) async fn next_for(&self, chats: Option<&Chats>) -> Result<Inbound> {
        loop {
            let mut came = std::pin::pin!(self.inner.came.notified());
            came.as_mut().enable();
            if let Some(inbound) = self.claim(chats).await? {
                return Ok(inbound);
            }
            let due = self.inner.worker.run(|store| store.next_due()).await?;
            let wait = due.map_or(LOOK, |due| millis(due.saturating_sub(now())).min(LOOK));
            let _ = tokio::time::timeout(wait.max(Duration::from_millis(1)), came).await;
        }
    }

    async fn claim(&self, chats: Option<&Chats>) -> Result<Option<Inbound>> {
        loop {
            let lease = self.inner.options.lease;
            let worker = self.inner.worker.clone();
            let claimed = self.inner.worker.run(move |store| {
                let claimed = claim_due(store, lease)?;
                Ok(claimed.map(|claimed| (Lease::new(worker, claimed.ticket), claimed)))
            });
            let Some((lease, claimed)) = claimed.await? else { return Ok(None) };
            // whoever handles it says when it failed; who had it last said nothing
            if claimed.ticket.attempt > self.inner.options.attempts.max(1) {
                lease.bury("the process died while handling it").await?;
                tracing::warn!("an event was given up: the process died while handling it, each time");
                continue;
            }
            match serde_json::from_str(&claimed.body) {
                Ok(event) => {
                    let inbound =
                        Inbound::new(self.clone(), lease, event, claimed.received_ms, chats.cloned());
                    return Ok(Some(inbound));
                }
                // written by another version: it must not stand in the way
                Err(_) => lease.bury("the event can't be read").await?,
            };
        }
    }

    /// Handles events as they come: see [`Handling`].
    pub fn handling(&self) -> Handling {
        Handling::new(self.clone())
    }

    /// The events as an [`EventStream`], one at a time, like those that are pulled.
    pub fn events(&self, gateway: Gateway) -> EventStream {
        source::open(self.clone(), gateway)
    }

    /// The oldest of those that were given up.
    ///
    /// # Errors
    /// `Io`.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>> {
        let rows = self.inner.worker.run(move |store| store.dead(limit)).await?;
        let letter = |row: store::DeadRow| DeadLetter {
            id: row.id,
            event: serde_json::from_str(&row.body).ok(),
            attempts: row.attempts,
            reason: row.reason,
        };
        Ok(rows.into_iter().map(letter).collect())
    }

    /// Has a dead letter handled again, as if it had just come; false where it isn't one.
    ///
    /// # Errors
    /// `Io`.
    pub async fn revive(&self, id: i64) -> Result<bool> {
        let revived = self.inner.worker.run(move |store| store.revive(id, now())).await?;
        self.inner.came.notify_waiters();
        Ok(revived)
    }

    /// Answers of which it isn't known whether they were sent: a person may look.
    ///
    /// # Errors
    /// `Io`.
    pub async fn unknown_replies(&self, limit: u32) -> Result<Vec<UnknownReply>> {
        self.inner.worker.run(move |store| store.unknown_replies(limit)).await
    }

    /// How many events there are.
    ///
    /// # Errors
    /// `Io`.
    pub async fn counts(&self) -> Result<Counts> {
        self.inner.worker.run(|store| store.counts()).await
    }

    /// The pause after so many attempts; `None` where there is no other.
    pub(crate) fn pause(&self, attempts: u32) -> Option<Duration> {
        let options = &self.inner.options;
        if attempts >= options.attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1).min(20));
        let bound = options.first_pause.saturating_mul(doubled).min(options.longest_pause);
        // between half of it and all of it
        Some(bound.mul_f64(0.5 + fastrand::f64() / 2.0))
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("options", &self.inner.options).finish_non_exhaustive()
    }
}

/// How long what was handled is remembered.
fn remembered(options: &InboxOptions) -> Duration {
    options.keep.max(LEAST_KEEP).saturating_add(AHEAD)
}

fn claim_due(store: &mut dyn Store, lease: Duration) -> Result<Option<store::Claimed>> {
    let now = now();
    // of this claim alone: one that was undone must not be taken for the next of the same event
    let owner = fastrand::i64(1..i64::MAX);
    store.claim(owner, now, now.saturating_add(as_millis(lease)))
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    Utc::now().timestamp_millis()
}

pub(crate) fn as_millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn millis(count: i64) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or(0))
}

#[cfg(all(test, feature = "sqlite"))]
mod disk_tests;
#[cfg(test)]
mod tests;
