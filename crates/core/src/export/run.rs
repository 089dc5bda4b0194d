use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;

use super::file::{self, Part};
use super::place::{Place, Written};
use super::state::{Query, State};
use super::{Export, ExportProgress, ExportReport, OnProgress, OnSkipped};
use crate::{Capability, ChatId, ChatScope, Chats, Message, Missing, Result, Skipped, Support};

/// At the latest after so many messages, or so long, the state beside the file is renewed.
const STEP_MESSAGES: u64 = 2_000;
const STEP_TIME: Duration = Duration::from_secs(1);

/// An export that is running.
pub(super) struct Run {
    chats: Chats,
    path: PathBuf,
    state: State,
    part: Option<Part>,
    /// What streams could not decode, since it was last looked at.
    skipped: Arc<Mutex<Vec<Skipped>>>,
    on_skipped: Option<OnSkipped>,
    on_progress: Option<OnProgress>,
    started: Instant,
    new_messages: u64,
    saved: (u64, Instant),
}

impl Run {
    pub(super) async fn begin(export: Export, query: Query) -> Result<Self> {
        let skipped: Arc<Mutex<Vec<Skipped>>> = Arc::default();
        let heap = Arc::clone(&skipped);
        let chats = export.chats.on_skipped(move |skipped| {
            heap.lock().unwrap_or_else(PoisonError::into_inner).push(skipped.clone())
        });
        let found = if export.resume { State::load(&export.path, &query).await? } else { None };
        let now = Instant::now();
        let mut run = Self {
            chats,
            path: export.path,
            state: State::new(query, Vec::new(), 0),
            part: None,
            skipped,
            on_skipped: export.on_skipped,
            on_progress: export.on_progress,
            started: now,
            new_messages: 0,
            saved: (0, now),
        };
        match found {
            Some(state) => run.state = state,
            None => {
                run.state.chats = run.scope().await?;
                run.take_skipped();
                let query = &run.state.query;
                run.part = Some(Part::create(&run.path, query.format, query.raw).await?);
                run.save().await?;
            }
        }
        Ok(run)
    }

    async fn scope(&self) -> Result<Vec<ChatId>> {
        match self.state.query.scope() {
            ChatScope::One(chat) => Ok(vec![chat]),
            ChatScope::All => self.chats.list().stream().map_ok(|chat| chat.id).try_collect().await,
        }
    }

    pub(super) async fn finish(mut self) -> Result<ExportReport> {
        if !self.state.complete {
            let query = &self.state.query;
            if self.part.is_none() {
                self.part = Some(Part::open(&self.path, query.format, query.raw, self.state.bytes).await?);
            }
            while let Some(chat) = self.state.chats.get(self.state.done).cloned() {
                if let Err(error) = self.walk(&chat).await {
                    // The error is what the caller must know; a state that can't be saved costs a second's work.
                    self.save().await.ok();
                    return Err(error);
                }
                self.state.done += 1;
                self.state.place = Place::default();
                self.progress();
                self.save_if_due().await?;
            }
            self.state.complete = true;
            self.save().await?;
        }
        self.part = None;
        file::publish(&self.path).await?;
        Ok(ExportReport {
            path: self.path,
            chats: self.state.done as u64,
            messages: self.state.messages,
            skipped: self.state.skipped,
        })
    }

    /// Writes one chat from where it stands.
    async fn walk(&mut self, chat: &ChatId) -> Result<()> {
        let (written, until) = self.resumed().await?;
        let query = &self.state.query;
        let mut list = self.chats.chat(chat)?.messages().raw(query.raw);
        if let Some(since) = query.since {
            list = list.since(since);
        }
        if let Some(until) = until {
            list = list.until(until);
        }
        let mut stream = list.stream();
        loop {
            let next = stream.try_next().await;
            self.take_skipped();
            match next {
                Ok(Some(message)) if written.holds(&message) => {}
                Ok(Some(message)) => self.add(&message).await?,
                Ok(None) => return Ok(()),
                // Of all chats, one may be deleted before its turn comes.
                Err(error) if self.state.query.chat.is_none() && error.missing() == Some(Missing::Chat) => {
                    tracing::warn!("a chat of the export is not there any more");
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What an earlier run wrote of the chat at hand, and up to when to ask. A gateway that doesn't filter by
    /// time itself is read from the top, which emulation would do as well, and without a loss of messages
    /// that have no time.
    async fn resumed(&self) -> Result<(Written, Option<DateTime<Utc>>)> {
        let asked = self.state.query.until;
        if self.state.place.is_start() {
            return Ok((Written::default(), asked));
        }
        let capabilities = self.chats.capabilities().await?;
        let bound = self.state.place.bound().and_then(|at| DateTime::from_timestamp(at, 0));
        let until = match (asked, bound) {
            (_, Some(bound)) if capabilities.support(Capability::FilterUntil) == Support::Native => {
                Some(asked.map_or(bound, |asked| asked.min(bound)))
            }
            _ => asked,
        };
        Ok((self.state.place.written(), until))
    }

    async fn add(&mut self, message: &Message) -> Result<()> {
        if let Some(part) = &mut self.part {
            part.add(message).await?;
        }
        self.state.place.add(message);
        self.state.messages += 1;
        self.new_messages += 1;
        self.progress();
        self.save_if_due().await
    }

    fn take_skipped(&mut self) {
        let skipped = std::mem::take(&mut *self.skipped.lock().unwrap_or_else(PoisonError::into_inner));
        for skipped in skipped {
            if self.state.place.add_skipped(&skipped) {
                self.state.skipped += 1;
                match &self.on_skipped {
                    Some(hook) => hook(&skipped),
                    None => tracing::warn!("{skipped}"),
                }
            }
        }
    }

    fn progress(&mut self) {
        if let Some(hook) = &mut self.on_progress {
            hook(&ExportProgress {
                chats: self.state.done as u64,
                chats_total: self.state.chats.len() as u64,
                messages: self.state.messages,
                skipped: self.state.skipped,
                new_messages: self.new_messages,
                elapsed: self.started.elapsed(),
            });
        }
    }

    async fn save_if_due(&mut self) -> Result<()> {
        let (messages, at) = self.saved;
        if self.new_messages - messages >= STEP_MESSAGES || at.elapsed() >= STEP_TIME {
            self.save().await?;
        }
        Ok(())
    }

    /// Messages first, then the state that counts them.
    async fn save(&mut self) -> Result<()> {
        if let Some(part) = &mut self.part {
            self.state.bytes = part.sync().await?;
        }
        self.state.save(&self.path).await?;
        self.saved = (self.new_messages, Instant::now());
        Ok(())
    }
}
