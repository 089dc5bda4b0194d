use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Chats;
use crate::{EventStream, PollEvents, Result};

/// What happens, to be pulled. Made by [`Chats::events`]; nothing is sent before [`open`](Self::open).
#[derive(Clone, Debug)]
pub struct Events {
    chats: Chats,
    query: PollEvents,
}

impl Events {
    pub(super) fn new(chats: &Chats) -> Self {
        let mut query = PollEvents::new();
        query.raw = chats.options.raw;
        Self { chats: chats.clone(), query }
    }

    /// Keeps what the gateway sent with every event, or doesn't.
    pub fn raw(mut self, keep: bool) -> Self {
        self.query.raw = keep;
        self
    }

    /// Where to begin, for gateways that don't keep events themselves: see [`PollEvents::since`].
    pub fn since(mut self, time: DateTime<Utc>) -> Self {
        self.query.since = Some(time);
        self
    }

    /// How long faults are survived in a row before one is told; ten minutes unless said otherwise.
    pub fn patience(mut self, time: Duration) -> Self {
        self.query.patience = time;
        self
    }

    /// Begins to pull.
    ///
    /// # Errors
    /// `Unsupported` where the gateway has nothing to pull from: it tells by webhook alone. `Conflict` where events are
    /// pushed to a webhook at the same time, or are pulled already. Those of a read.
    pub async fn open(self) -> Result<EventStream> {
        self.chats.run(self.chats.stack.poll_events(&self.query)).await
    }
}
