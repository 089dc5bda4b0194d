//! A right picture of messages from deliveries that come at least once and in any order.

mod entry;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use chrono::{DateTime, Utc};

use crate::{ChatId, Event, EventKind, Message, MessageKey};
use entry::Entry;

/// How many messages may be waited for, unless [`Upserts::with_deferred`] says otherwise.
const DEFERRED: usize = 10_000;

/// Folds events into messages, forward only.
///
/// Acks only rise, of edits the newest counts, a deletion stays, of each person's reactions the newest counts. What
/// comes before its message is kept until the message comes: of so many messages at most, beyond which the one
/// waited for longest is given up and told as [`ChangeKind::Dropped`]. Whatever the order of the deliveries, and
/// however often each comes, the messages end up the same.
///
/// One `Upserts` is for one account. Messages are known by chat and key, ids as the gateway gives them: a lid and
/// a phone are not taken for one. It holds all it was given; [`remove`](Self::remove) what need not be held.
///
/// ```
/// use wachats_core::{Ack, ChangeKind, DedupeKey, Event, EventKind, Gateway, Message, Upserts};
/// let chat = "5511911111111@c.us".parse()?;
/// let key = "3EB0C431".parse()?;
/// let mut ack = Event::new(
///     Gateway::GOWA,
///     EventKind::MessageAck { message_key: key, message_from_me: Some(true), ack: Ack::Read },
///     DedupeKey::new("message_ack", "…"),
/// );
/// ack.chat_id = Some(chat);
/// let mut picture = Upserts::new();
/// assert_eq!(picture.apply(&ack)[0].kind, ChangeKind::Deferred);
/// let message = Message::new("5511911111111@c.us".parse()?, "3EB0C431".parse()?, true);
/// picture.put(message.clone(), None);
/// assert_eq!(picture.get(&message.chat_id, &message.key).and_then(|m| m.ack.clone()), Some(Ack::Read));
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Upserts {
    entries: HashMap<Id, Entry>,
    /// Those that wait for their message, the oldest first.
    waiting: BTreeMap<u64, Id>,
    next: u64,
    deferred: usize,
}

type Id = (ChatId, MessageKey);

/// What an event changed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// The chat of the message.
    pub chat_id: ChatId,
    /// The message; [`Upserts::get`] has it.
    pub message_key: MessageKey,
}

/// How a message changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new, with all that had come before it.
    Added,
    /// More of it became known, as when a message that couldn't be decrypted at first comes again.
    Updated,
    /// It got further.
    Acked,
    /// Its text changed.
    Edited,
    /// It was deleted; its content is gone.
    Deleted,
    /// Its reactions changed.
    Reacted,
    /// Something happened to a message that hasn't come yet; it is kept until then.
    Deferred,
    /// What was kept of a message that never came was given up, for this reason.
    Dropped {
        /// Why.
        reason: &'static str,
    },
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Upserts {
    /// Nothing yet; 10,000 messages may be waited for.
    pub fn new() -> Self {
        Self::with_deferred(DEFERRED)
    }

    /// Nothing yet; so many messages may be waited for.
    pub fn with_deferred(messages: usize) -> Self {
        Self { entries: HashMap::new(), waiting: BTreeMap::new(), next: 0, deferred: messages }
    }

    /// Folds an event in and tells what changed: nothing for one that came before or concerns no message.
    pub fn apply(&mut self, event: &Event) -> Vec<Change> {
        use EventKind as K;
        let chat = event.chat_id.as_ref();
        match &event.kind {
            K::MessageReceived { message } | K::MessageSent { message } => {
                self.put((**message).clone(), event.at)
            }
            K::MessageAck { message_key, ack, .. } => {
                self.fold(chat, message_key, ChangeKind::Acked, |entry| entry.ack(ack))
            }
            K::MessageEdited { message_key, text, .. } => {
                self.fold(chat, message_key, ChangeKind::Edited, |entry| entry.edit(event.at, text.clone()))
            }
            K::MessageDeleted { message_key, .. } => {
                self.fold(chat, message_key, ChangeKind::Deleted, Entry::delete)
            }
            K::Reaction { message_key, emoji, sender_id, .. } => {
                let own = sender_id.is_some() && *sender_id == event.account_id;
                self.fold(chat, message_key, ChangeKind::Reacted, |entry| {
                    entry.react(sender_id.clone(), own, event.at, emoji.clone())
                })
            }
            _ => Vec::new(),
        }
    }

    /// Folds a message in, from an event or read from the gateway to catch up. Of two that tell the same fact
    /// differently the later counts: `as_of` is when it was told, `None` for "before all others".
    pub fn put(&mut self, message: Message, as_of: Option<DateTime<Utc>>) -> Vec<Change> {
        let id = (message.chat_id.clone(), message.key.clone());
        let entry = self.entries.entry(id.clone()).or_default();
        let (new, before) = (entry.message().is_none(), entry.message().cloned());
        entry.version(message, as_of);
        if let Some(place) = entry.waiting.take() {
            self.waiting.remove(&place);
        }
        if new {
            return vec![change(ChangeKind::Added, id)];
        }
        if entry.message() == before.as_ref() {
            return Vec::new();
        }
        vec![change(ChangeKind::Updated, id)]
    }

    /// A message as it is now; `None` while it has not come.
    pub fn get(&self, chat: &ChatId, key: &MessageKey) -> Option<&Message> {
        // a pair of references can't look up a pair of values
        self.entries.get(&(chat.clone(), key.clone()))?.message()
    }

    /// All messages, in no order.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.entries.values().filter_map(Entry::message)
    }

    /// Takes a message out. What happens to it later is kept as of a message that hasn't come.
    pub fn remove(&mut self, chat: &ChatId, key: &MessageKey) -> Option<Message> {
        let entry = self.entries.remove(&(chat.clone(), key.clone()))?;
        if let Some(place) = entry.waiting {
            self.waiting.remove(&place);
        }
        entry.message().cloned()
    }

    /// How many messages have come.
    pub fn len(&self) -> usize {
        self.entries.len() - self.waiting.len()
    }

    /// Has none come?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages are waited for.
    pub fn deferred(&self) -> usize {
        self.waiting.len()
    }

    fn fold(
        &mut self,
        chat: Option<&ChatId>,
        key: &MessageKey,
        kind: ChangeKind,
        change_of: impl FnOnce(&mut Entry) -> bool,
    ) -> Vec<Change> {
        let Some(chat) = chat else { return Vec::new() };
        let id = (chat.clone(), key.clone());
        let entry = self.entries.entry(id.clone()).or_default();
        let before = entry.message().cloned();
        if !change_of(entry) {
            return Vec::new();
        }
        if before.is_some() {
            return if entry.message() == before.as_ref() { Vec::new() } else { vec![change(kind, id)] };
        }
        if entry.waiting.is_none() {
            entry.waiting = Some(self.next);
            self.waiting.insert(self.next, id.clone());
            self.next += 1;
        }
        let mut changes = vec![change(ChangeKind::Deferred, id)];
        while self.waiting.len() > self.deferred
            && let Some((_, oldest)) = self.waiting.pop_first()
        {
            self.entries.remove(&oldest);
            let reason = "too many messages are waited for; this was the oldest";
            changes.push(change(ChangeKind::Dropped { reason }, oldest));
        }
        changes
    }
}

impl Default for Upserts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Upserts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upserts").field("messages", &self.len()).field("deferred", &self.deferred()).finish()
    }
}

fn change(kind: ChangeKind, (chat_id, message_key): Id) -> Change {
    Change { kind, chat_id, message_key }
}

#[cfg(test)]
mod tests;
