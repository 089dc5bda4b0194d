use std::fmt;

use wachats_core::{Error, ErrorKind, Operation, Result};

/// What is known of an answer to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReplyState {
    /// It is being sent, or a process died while it was.
    Sending,
    /// It was sent; its message's id, where the gateway told it.
    Sent(Option<String>),
    /// It may have been sent.
    Unknown,
}

/// Proof of a claim: which row, whose claim, and the how many-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) id: i64,
    pub(crate) owner: i64,
    pub(crate) attempt: u32,
}

/// An event that was claimed.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) ticket: Ticket,
    /// The event's JSON.
    pub(crate) body: String,
    pub(crate) received_ms: i64,
}

/// How many events there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Those that wait to be handled, or are being handled.
    pub waiting: u64,
    /// Those that were handled and are still remembered.
    pub done: u64,
    /// Those that were given up.
    pub dead: u64,
}

/// A row of the dead, its event still JSON.
#[derive(Debug)]
pub(crate) struct DeadRow {
    pub(crate) id: i64,
    pub(crate) body: String,
    pub(crate) attempts: u32,
    pub(crate) reason: String,
}

/// An answer whose outcome is unknown, so that it was not sent again.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownReply {
    /// The inbox's number of the event that was answered.
    pub event_id: i64,
    /// The event's key. It holds the ids of chats.
    pub dedupe_key: String,
    /// Which answer to it, counted from 0.
    pub number: u32,
}

impl fmt::Debug for UnknownReply {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownReply")
            .field("event_id", &self.event_id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Where events are kept. All times are milliseconds since 1970. Changes count from [`commit`](Self::commit) on.
pub(crate) trait Store: Send {
    /// Begins a transaction; with `safe` its commit outlives a power cut, whatever the options say.
    fn begin(&mut self, safe: bool) -> Result<()>;
    /// The same where nothing has to be waited for: no other process, and the disk only if one has just written the log
    /// back and left it to be begun anew; false where it has.
    fn begin_at_once(&mut self) -> bool;
    fn commit(&mut self) -> Result<()>;
    fn rollback(&mut self);
    /// Whether there is work to be done while nobody waits, and doing it.
    fn untidy(&self) -> bool;
    fn tidy(&mut self);
    /// Whether the transaction still stands: a full disk ends it.
    fn stands(&self) -> bool;

    /// Keeps an event; false where one of this key is there already.
    fn put(&mut self, key: &str, body: &str, now: i64) -> Result<bool>;
    /// Claims the event that has waited longest, until `until`.
    fn claim(&mut self, owner: i64, now: i64, until: i64) -> Result<Option<Claimed>>;
    /// Holds a claim for longer; like all that takes a ticket, false where the claim isn't held any more.
    fn renew(&mut self, ticket: Ticket, until: i64) -> Result<bool>;
    /// Gives back what was never handed over: it doesn't count as an attempt.
    fn release(&mut self, ticket: Ticket, now: i64) -> Result<bool>;
    /// Handled: the content goes, the key stays.
    fn finish(&mut self, ticket: Ticket, now: i64) -> Result<bool>;
    /// Failed: it comes again.
    fn again(&mut self, ticket: Ticket, due: i64, reason: &str) -> Result<bool>;
    /// Failed for good.
    fn bury(&mut self, ticket: Ticket, reason: &str) -> Result<bool>;
    /// When the next event can be claimed, unless there is none.
    fn next_due(&mut self) -> Result<Option<i64>>;

    fn reply(&mut self, event: i64, number: u32) -> Result<Option<ReplyState>>;
    /// `None` forgets it.
    fn set_reply(&mut self, event: i64, number: u32, state: Option<&ReplyState>) -> Result<()>;
    fn unknown_replies(&mut self, limit: u32) -> Result<Vec<UnknownReply>>;

    fn dead(&mut self, limit: u32) -> Result<Vec<DeadRow>>;
    /// Gives a dead letter another life; false where it isn't one.
    fn revive(&mut self, id: i64, now: i64) -> Result<bool>;
    fn counts(&mut self) -> Result<Counts>;
    /// Forgets what was handled before this time, up to so many events; tells how many.
    fn prune(&mut self, before: i64, most: usize) -> Result<usize>;
}

/// The error of an inbox; `message` holds no content.
pub(crate) fn fault(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Io, Operation::WebhookEvents).with_message(message)
}
