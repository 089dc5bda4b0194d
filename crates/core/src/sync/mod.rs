//! Catching up: the messages of all chats since a stored cursor, oldest first.

mod cursor;
mod run;
mod scope;
mod window;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::Stream;
use futures::stream::BoxStream;

use crate::{Chats, Error, ErrorKind, Message, Operation, Result};
pub use cursor::SyncCursor;
use window::Point;

/// How late a message may come where nobody says otherwise.
const OVERLAP: Duration = Duration::from_secs(600);
/// How many messages are held to be put in order where nobody says otherwise.
const BUFFER: usize = 10_000;

/// Where catching up begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SyncStart {
    /// At a time (inclusive, in whole seconds): the first run. One to come is refused.
    Since(DateTime<Utc>),
    /// Where an earlier run stood.
    After(Box<SyncCursor>),
}

impl From<DateTime<Utc>> for SyncStart {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Since(time)
    }
}

impl From<SyncCursor> for SyncStart {
    fn from(cursor: SyncCursor) -> Self {
        Self::After(Box::new(cursor))
    }
}

impl Chats {
    /// The messages of all chats since a stored cursor, or since a time where there is none yet: oldest
    /// first over all chats, each with the cursor to store once the message is stored.
    ///
    /// An application that stores both in one transaction may be stopped anywhere: nothing is lost and
    /// nothing is stored twice. Messages that arrive meanwhile come in this run or the next; those that reach
    /// the gateway late are found as long as they are late by no more than the
    /// [overlap](SyncRun::overlap). A message is given once: later edits, reactions and deletions of it are
    /// not told (Green-API's journals tell those of older messages as items of their own). A chat of which the
    /// gateway tells no time of activity is taken to have nothing new.
    ///
    /// # Cost
    /// A look at the status, one page of chats (200, or the gateway's own bound: GOWA 100) and the pages of
    /// messages of each chat that was active since the cursor less the overlap: where no more than 100 of its
    /// messages are new, one request on GOWA and up to three on WAHA and Wappfy, whose lists end with empty
    /// pages. So three changed chats of 1,000 cost 11 requests on WAHA and Wappfy and 5 or 6 on GOWA, and
    /// where nothing changed 2 or 3. Where more chats were active than a page holds, the pages of those are
    /// read too, the first of them twice. An engine that doesn't filter by time (WPP) reads each of these
    /// chats from its newest message on. Green-API, whose chats carry no time, costs 4 requests whatever
    /// changed: state and settings, and the two journals. A gateway that isn't known yet is probed once
    /// besides, with up to 2 requests.
    ///
    /// Memory: no more than the [buffer](SyncRun::buffer), whatever there is to catch up with; on Green-API
    /// the journals since the cursor.
    ///
    /// # Examples
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use chrono::{DateTime, Utc};
    /// use futures::TryStreamExt;
    /// use wachats_core::{ChatId, Chats, Memory, Message, SyncCursor};
    ///
    /// let anna: ChatId = "79001234567@c.us".parse()?;
    /// let at = |seconds: i64| DateTime::<Utc>::from_timestamp(1_760_000_000 + seconds, 0);
    /// let message = |key: &str, seconds: i64| {
    ///     let mut message = Message::new(anna.clone(), key.parse().unwrap(), false);
    ///     message.sent_at = at(seconds);
    ///     message
    /// };
    /// let memory = Memory::new([], [message("3EB0A", 10), message("3EB0B", 20)]);
    /// let chats = Chats::new(memory.clone());
    ///
    /// let mut stored = String::new(); // in a database, with the messages
    /// let mut run = chats.sync(at(0).unwrap()).stream();
    /// while let Some(new) = run.try_next().await? {
    ///     stored = new.cursor().to_string();
    /// }
    /// memory.insert(message("3EB0C", 30));
    /// let cursor: SyncCursor = stored.parse()?;
    /// let new: Vec<_> = chats.sync(cursor).stream().try_collect().await?;
    /// assert_eq!(new.len(), 1);
    /// assert_eq!(new[0].message.key.as_str(), "3EB0C");
    /// # Ok::<(), wachats_core::Error>(()) }).unwrap();
    /// ```
    pub fn sync(&self, start: impl Into<SyncStart>) -> SyncRun {
        SyncRun { chats: self.clone(), start: start.into(), overlap: OVERLAP, buffer: BUFFER }
    }
}

/// A run of catching up that is about to begin: see [`Chats::sync`].
#[derive(Clone)]
#[must_use = "nothing is sent until the stream is polled"]
pub struct SyncRun {
    chats: Chats,
    start: SyncStart,
    overlap: Duration,
    buffer: usize,
}

impl SyncRun {
    /// How late a message may reach the gateway, after others that were sent later, and still be given: 10
    /// minutes unless told otherwise, in whole seconds rounded up. It is settled where a cursor begins; a run
    /// that goes on keeps its cursor's. Each run reads so much again.
    pub fn overlap(mut self, time: Duration) -> Self {
        self.overlap = time;
        self
    }

    /// How many messages are held at a time to be put in order: 10,000 unless told otherwise. Where there
    /// are more to catch up with, they are read in several passes, one stretch of time after the other. More
    /// are held only where more have one and the same second.
    pub fn buffer(mut self, messages: usize) -> Self {
        self.buffer = messages.max(2);
        self
    }

    /// Runs it as it is polled.
    ///
    /// # Errors
    /// The stream ends with the first error; the cursor of the last message given stays good.
    /// `InvalidInput` for a time to come or a cursor of another gateway (before any request) or of another account;
    /// `Unsupported` where the gateway can't list what is needed; those of a read.
    ///
    /// # Cancel safety
    /// Nothing is sent until it is polled. Dropping it costs nothing but what was read ahead.
    pub fn stream(&self) -> SyncStream {
        SyncStream { steps: run::steps(self.clone()), at: None }
    }
}

impl fmt::Debug for SyncRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncRun")
            .field("start", &self.start)
            .field("overlap", &self.overlap)
            .field("buffer", &self.buffer)
            .finish_non_exhaustive()
    }
}

/// A message that is new since the cursor.
#[derive(Clone)]
#[non_exhaustive]
pub struct Synced {
    /// The message.
    pub message: Message,
    at: Point,
}

impl Synced {
    /// The cursor to store once this message and all before it are stored. It is made here: an application
    /// that stores one for many messages asks only the last of them.
    pub fn cursor(&self) -> SyncCursor {
        self.at.cursor()
    }
}

impl fmt::Debug for Synced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Synced").field("message", &self.message).finish_non_exhaustive()
    }
}

/// Messages since a cursor, oldest first: see [`Chats::sync`].
#[must_use = "nothing is sent until it is polled"]
pub struct SyncStream {
    steps: BoxStream<'static, Result<Step>>,
    at: Option<Point>,
}

impl SyncStream {
    /// The cursor after all that was given so far, and at the end the one to store although nothing may have
    /// been given: the next run then begins where this one ended. `None` before the first message and before
    /// the end.
    pub fn cursor(&self) -> Option<SyncCursor> {
        self.at.as_ref().map(Point::cursor)
    }
}

impl Stream for SyncStream {
    type Item = Result<Synced>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.steps.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(Step::Given(synced)))) => {
                    self.at = Some(synced.at.clone());
                    return Poll::Ready(Some(Ok(*synced)));
                }
                Poll::Ready(Some(Ok(Step::Passed(at)))) => self.at = Some(at),
                // whichever read failed: it was asked for nothing else
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(error.with_operation(Operation::Sync))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for SyncStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SyncStream")
    }
}

/// What a run does next.
enum Step {
    /// A message is given.
    Given(Box<Synced>),
    /// Everything up to here was given.
    Passed(Point),
}

fn error(kind: ErrorKind, message: &'static str) -> Error {
    Error::new(kind, Operation::Sync).with_message(message)
}
