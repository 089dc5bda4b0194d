//! A right picture of messages from deliveries that come at least once and in any order.

mod entry;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use chrono::{DateTime, Utc};

use crate::{ChatId, Event, EventKind, Message, MessageKey};
use entry::{Entry, Facts};

/// How many messages may be waited for, unless [`Upserts::with_deferred`] says otherwise.
const DEFERRED: usize = 10_000;

/// Folds events into messages, forward only.
///
/// Acks only rise, of edits the newest counts, a deletion stays, of each person's reactions the newest counts. What
/// comes before its message is kept until the message comes: of so many messages at most, beyond which the one
/// waited for longest is given up and told as [`ChangeKind::Dropped`]. Whatever the order of the deliveries, and
/// however often each comes, the messages end up the same.
///
/// One `Upserts` is for one account. Messages are known by chat, key and whose they are (who writes to the account
/// chooses the key, and may choose that of another message), ids as the gateway gives them: a lid and a phone are not
/// taken for one. Where an event doesn't tell whose message it concerns, that is the only one of its key; it waits
/// while there is none, or two. It holds all it was given; [`remove`](Self::remove) what need not be held.
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
/// assert_eq!(picture.get(&message.chat_id, &message.key, true).and_then(|m| m.ack.clone()), Some(Ack::Read));
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Upserts {
    entries: HashMap<Id, Entry>,
    /// Those that wait for their message, the oldest first.
    waiting: BTreeMap<u64, Id>,
    next: u64,
    deferred: usize,
    /// How many messages have come.
    come: usize,
}

/// What was told without saying whose message is meant is kept by itself, under `None`.
type Id = (ChatId, MessageKey, Option<bool>);

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
    /// Whose message it is; `None` where that wasn't told and the message hasn't come.
    pub message_from_me: Option<bool>,
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
        Self { entries: HashMap::new(), waiting: BTreeMap::new(), next: 0, deferred: messages, come: 0 }
    }

    /// Folds an event in and tells what changed: nothing for one that came before or concerns no message.
    pub fn apply(&mut self, event: &Event) -> Vec<Change> {
        use EventKind as K;
        let chat = event.chat_id.as_ref();
        match &event.kind {
            K::MessageReceived { message } | K::MessageSent { message } => {
                self.put((**message).clone(), event.at)
            }
            K::MessageAck { message_key: key, message_from_me: whose, ack } => {
                self.fold(chat, key, *whose, ChangeKind::Acked, |facts| facts.raise_ack(ack))
            }
            K::MessageEdited { message_key: key, message_from_me: whose, text } => {
                self.fold(chat, key, *whose, ChangeKind::Edited, |facts| {
                    facts.raise_edit(event.at, text.clone())
                })
            }
            K::MessageDeleted { message_key: key, message_from_me: whose } => {
                self.fold(chat, key, *whose, ChangeKind::Deleted, Facts::delete)
            }
            K::Reaction { message_key: key, message_from_me: whose, emoji, sender_id } => {
                let own = sender_id.is_some() && *sender_id == event.account_id;
                self.fold(chat, key, *whose, ChangeKind::Reacted, |facts| {
                    facts.raise_reaction(sender_id.clone(), own, event.at, emoji.clone())
                })
            }
            _ => Vec::new(),
        }
    }

    /// Folds a message in, from an event or read from the gateway to catch up. Of two that tell the same fact
    /// differently the later counts: `as_of` is when it was told, `None` for "before all others".
    pub fn put(&mut self, message: Message, as_of: Option<DateTime<Utc>>) -> Vec<Change> {
        let id = (message.chat_id.clone(), message.key.clone(), Some(message.from_me));
        let entry = self.entries.entry(id.clone()).or_default();
        let (new, before) = (entry.message().is_none(), entry.message().cloned());
        entry.version(message, as_of);
        if let Some(place) = entry.waiting.take() {
            self.waiting.remove(&place);
        }
        if !new {
            if entry.message() == before.as_ref() {
                return Vec::new();
            }
            return vec![change(ChangeKind::Updated, id)];
        }
        self.come += 1;
        let (open, whose) = ((id.0.clone(), id.1.clone(), None), id.2);
        let mut changes = vec![change(ChangeKind::Added, id)];
        if self.entries.contains_key(&open) {
            let others = self.assign(open, &ChangeKind::Updated);
            changes.extend(others.into_iter().filter(|other| other.message_from_me != whose));
        }
        changes
    }

    /// A message as it is now; `None` while it has not come.
    pub fn get(&self, chat: &ChatId, key: &MessageKey, from_me: bool) -> Option<&Message> {
        // references can't look up values in a tuple
        self.entries.get(&(chat.clone(), key.clone(), Some(from_me)))?.message()
    }

    /// All messages, in no order.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.entries.values().filter_map(Entry::message)
    }

    /// Takes a message out. What happens to it later is kept as of a message that hasn't come.
    pub fn remove(&mut self, chat: &ChatId, key: &MessageKey, from_me: bool) -> Option<Message> {
        let of = |whose| (chat.clone(), key.clone(), whose);
        let gone = self.take(&of(Some(from_me)));
        let message = gone.as_ref().and_then(Entry::message).cloned();
        self.come -= usize::from(message.is_some());
        // what may have meant this one must not come to mean the other
        if message.is_some() || self.get(chat, key, !from_me).is_none() {
            self.take(&of(None));
        }
        message
    }

    fn take(&mut self, id: &Id) -> Option<Entry> {
        let entry = self.entries.remove(id)?;
        if let Some(place) = entry.waiting {
            self.waiting.remove(&place);
        }
        Some(entry)
    }

    /// How many messages have come.
    pub fn len(&self) -> usize {
        self.come
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
        whose: Option<bool>,
        kind: ChangeKind,
        learn: impl FnOnce(&mut Facts) -> bool,
    ) -> Vec<Change> {
        let Some(chat) = chat else { return Vec::new() };
        let id = (chat.clone(), key.clone(), whose);
        let entry = self.entries.entry(id.clone()).or_default();
        let before = entry.message().cloned();
        if !entry.learn(learn) {
            return Vec::new();
        }
        if whose.is_none() {
            return self.assign(id, &kind);
        }
        if before.is_some() {
            return if entry.message() == before.as_ref() { Vec::new() } else { vec![change(kind, id)] };
        }
        self.wait(id)
    }

    /// Gives what was told without saying whose message is meant to the only message of its key, and takes it back
    /// where there are two. So the order in which all this came doesn't matter.
    fn assign(&mut self, open: Id, kind: &ChangeKind) -> Vec<Change> {
        let Some(told) = self.entries.get(&open).map(|entry| entry.facts().clone()) else {
            return Vec::new();
        };
        let of = |whose| (open.0.clone(), open.1.clone(), Some(whose));
        let come = |whose| self.entries.get(&of(whose)).is_some_and(|entry| entry.message().is_some());
        let messages: Vec<_> = [true, false].into_iter().filter(|whose| come(*whose)).collect();
        let lent = Some(&told).filter(|_| messages.len() == 1);
        let mut changes = Vec::new();
        for id in messages.iter().map(|whose| of(*whose)) {
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            let before = entry.message().cloned();
            entry.lend(lent);
            if entry.message() != before.as_ref() {
                changes.push(change(kind.clone(), id));
            }
        }
        if lent.is_none() {
            changes.extend(self.wait(open));
        } else if let Some(place) = self.entries.get_mut(&open).and_then(|entry| entry.waiting.take()) {
            self.waiting.remove(&place);
        }
        changes
    }

    /// Keeps what was told until its message comes, and gives up the oldest where that is too much.
    fn wait(&mut self, id: Id) -> Vec<Change> {
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.waiting.is_none()
        {
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

fn change(kind: ChangeKind, (chat_id, message_key, message_from_me): Id) -> Change {
    Change { kind, chat_id, message_key, message_from_me }
}

#[cfg(test)]
mod tests;
