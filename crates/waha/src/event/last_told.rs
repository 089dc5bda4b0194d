//! What was told last of edits and reactions, for those that are read back from a list after a gap: their keys can't be
//! the ones of the deliveries.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use wachats_core::{ChatKind, Event, EventKind};

use super::message::place;

/// How many messages' edits and persons' reactions are remembered.
const REMEMBERED: usize = 10_000;

/// The last edit told of each message, and the last reaction of each person to it.
#[derive(Default)]
pub(crate) struct LastTold {
    hasher: RandomState,
    told: HashMap<u64, Told>,
    order: VecDeque<u64>,
}

struct Told {
    /// The hash of the text or emoji.
    what: u64,
    /// The event's own time.
    at: Option<DateTime<Utc>>,
    when: Instant,
}

impl LastTold {
    /// This event is told.
    pub(crate) fn remember(&mut self, event: &Event) {
        let Some((of, what)) = self.known_by(event) else { return };
        let told = Told { what, at: event.at, when: Instant::now() };
        if self.told.insert(of, told).is_none() {
            self.order.push_back(of);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.told.remove(&oldest);
        }
    }

    /// What is to be told of an event that a list tells which is read since `began`, at `now` by the gateway's clock:
    /// nothing where it is what was told last, or where more was told meanwhile than the list may know. A new edit
    /// must come after the one it replaced: where its own time doesn't say so, it has the time it is read at.
    pub(crate) fn missed(&mut self, mut event: Event, began: Instant, now: DateTime<Utc>) -> Option<Event> {
        if let Some((of, what)) = self.known_by(&event)
            && let Some(told) = self.told.get(&of)
        {
            if told.what == what || told.when > began {
                return None;
            }
            if matches!(event.kind, EventKind::MessageEdited { .. }) && event.at <= told.at {
                event.at = Some(now);
            }
        }
        self.remember(&event);
        Some(event)
    }

    /// Which message's edit or whose reaction it is, and what it says. A partner's id may be their phone or their lid.
    fn known_by(&self, event: &Event) -> Option<(u64, u64)> {
        let chat = event.chat_id.as_ref()?;
        let hash = |what: Option<&str>| self.hasher.hash_one(what.unwrap_or_default());
        match &event.kind {
            EventKind::MessageEdited { message_key, message_from_me, text } => {
                let of = ("edit", place(chat), message_key.as_str(), message_from_me);
                Some((self.hasher.hash_one(of), hash(text.as_deref())))
            }
            EventKind::Reaction { message_key, message_from_me, emoji, sender_id } => {
                let by_me = sender_id.is_some() && *sender_id == event.account_id;
                let person = sender_id.as_ref().filter(|_| !by_me && chat.kind() != ChatKind::User);
                let who = (by_me, person.map(|person| person.as_str()));
                let of = ("reaction", place(chat), message_key.as_str(), message_from_me, who);
                Some((self.hasher.hash_one(of), hash(emoji.as_deref())))
            }
            _ => None,
        }
    }
}
