use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use tokio::task::AbortHandle;
use wachats_core::{Chats, Event, Result};

use crate::inbox::{Inbox, Ticket, as_millis, now};

pub(crate) use lease::Lease;

/// An event to be handled, claimed until it is acknowledged. Dereferences to [`Event`].
///
/// While it lives the claim is held. Dropped without a word it counts as failed and comes again after a pause.
pub struct Inbound {
    event: Event,
    received_at: Option<DateTime<Utc>>,
    pub(crate) inbox: Inbox,
    pub(crate) chats: Option<Chats>,
    /// How many answers were asked for so far.
    pub(crate) replies: AtomicU32,
    lease: Lease,
    settled: AtomicBool,
    heart: AbortHandle,
}

impl Inbound {
    pub(crate) fn new(
        inbox: Inbox,
        lease: Lease,
        event: Event,
        received_ms: i64,
        chats: Option<Chats>,
    ) -> Self {
        let (worker, time) = (inbox.worker().clone(), inbox.options().lease);
        let ticket = lease.ticket();
        let heart = tokio::spawn(async move {
            loop {
                tokio::time::sleep(time / 3).await;
                let until = move || now().saturating_add(as_millis(time));
                if let Ok(false) = worker.run(move |store| store.renew(ticket, until())).await {
                    break;
                }
            }
        });
        Self {
            event,
            received_at: DateTime::from_timestamp_millis(received_ms),
            inbox,
            chats,
            replies: AtomicU32::new(0),
            lease,
            settled: AtomicBool::new(false),
            heart: heart.abort_handle(),
        }
    }

    /// The event.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Which attempt this is, counted from 1.
    pub fn attempt(&self) -> u32 {
        self.lease.ticket().attempt
    }

    /// When it was delivered first.
    pub fn received_at(&self) -> Option<DateTime<Utc>> {
        self.received_at
    }

    /// The inbox's number of the event.
    pub fn id(&self) -> i64 {
        self.lease.ticket().id
    }

    /// It was handled: it never comes again. False where the claim had ended before, because this process was thought
    /// dead: then somebody else has the event.
    ///
    /// # Errors
    /// `Io`: it comes again.
    pub async fn ack(&self) -> Result<bool> {
        let ticket = self.lease.ticket();
        let held = self.inbox.worker().run(move |store| store.finish(ticket, now())).await?;
        self.settle();
        Ok(held)
    }

    /// It could not be handled: it comes again after a pause or, after the last attempt, is a dead letter. `reason` is
    /// kept with it, up to 200 characters.
    ///
    /// # Errors
    /// `Io`: it comes again.
    pub async fn fail(&self, reason: impl fmt::Display) -> Result<()> {
        let (ticket, reason) = (self.lease.ticket(), short(reason));
        let pause = self.inbox.pause(ticket.attempt);
        self.inbox.worker().run(move |store| failed(store, ticket, pause, &reason)).await?;
        self.settle();
        Ok(())
    }

    /// It can't be handled, and trying again would not help: it is a dead letter at once.
    ///
    /// # Errors
    /// `Io`: it comes again.
    pub async fn bury(&self, reason: impl fmt::Display) -> Result<()> {
        let (ticket, reason) = (self.lease.ticket(), short(reason));
        self.inbox.worker().run(move |store| store.bury(ticket, &reason)).await?;
        self.settle();
        Ok(())
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    fn settle(&self) {
        self.settled.store(true, Ordering::Release);
        self.heart.abort();
    }
}

fn failed(
    store: &mut dyn crate::inbox::Store,
    ticket: Ticket,
    pause: Option<std::time::Duration>,
    reason: &str,
) -> Result<bool> {
    match pause {
        Some(pause) => store.again(ticket, now().saturating_add(as_millis(pause)), reason),
        None => store.bury(ticket, reason),
    }
}

fn short(reason: impl fmt::Display) -> String {
    reason.to_string().chars().take(200).collect()
}

impl Deref for Inbound {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

impl Drop for Inbound {
    fn drop(&mut self) {
        self.heart.abort();
        self.lease.handed();
        if !self.is_settled() {
            let ticket = self.lease.ticket();
            let pause = self.inbox.pause(ticket.attempt);
            self.inbox.worker().post(move |store| failed(store, ticket, pause, "dropped without a word"));
        }
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("event", &self.event)
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}

mod lease {
    use wachats_core::Result;

    use crate::inbox::{Ticket, Worker, now};

    /// A claim on its way to whoever asked for it: given back at once when nobody waits any more.
    pub(crate) struct Lease {
        worker: Worker,
        ticket: Ticket,
        handed: bool,
    }

    impl Lease {
        pub(crate) fn new(worker: Worker, ticket: Ticket) -> Self {
            Self { worker, ticket, handed: false }
        }

        pub(crate) fn ticket(&self) -> Ticket {
            self.ticket
        }

        /// Whoever holds it now answers for it.
        pub(crate) fn handed(&mut self) {
            self.handed = true;
        }

        pub(crate) async fn bury(mut self, reason: &'static str) -> Result<bool> {
            self.handed = true;
            let ticket = self.ticket;
            self.worker.run(move |store| store.bury(ticket, reason)).await
        }
    }

    impl Drop for Lease {
        fn drop(&mut self) {
            if !self.handed {
                let ticket = self.ticket;
                self.worker.post(move |store| store.release(ticket, now()));
            }
        }
    }
}
