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

#[cfg(test)]
mod tests {
    use wachats_core::{DedupeKey, Gateway};

    use super::*;

    const CHAT: &str = "5511911111111@c.us";

    fn event(kind: EventKind, at: i64) -> Event {
        let mut event = Event::new(Gateway::WAHA, kind, DedupeKey::new("x", "y"));
        event.chat_id = Some(CHAT.parse().unwrap());
        event.at = DateTime::from_timestamp(at, 0);
        event
    }

    fn reaction(emoji: Option<&str>, sender: &str) -> Event {
        let kind = EventKind::Reaction {
            message_key: "A1".parse().unwrap(),
            message_from_me: Some(true),
            emoji: emoji.map(str::to_owned),
            sender_id: Some(sender.parse().unwrap()),
        };
        event(kind, 1)
    }

    fn edit(text: &str, at: i64) -> Event {
        let kind = EventKind::MessageEdited {
            message_key: "A1".parse().unwrap(),
            message_from_me: Some(true),
            text: Some(text.to_owned()),
        };
        event(kind, at)
    }

    #[tokio::test]
    async fn only_what_was_told_last_is_left_out() {
        let (mut told, now) = (LastTold::default(), DateTime::from_timestamp(100, 0).unwrap());
        let later = || async {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            Instant::now()
        };
        told.remember(&reaction(Some("👍"), CHAT));
        let began = later().await;
        assert_eq!(told.missed(reaction(Some("👍"), "222@lid"), began, now), None, "the partner's lid");
        told.remember(&reaction(None, CHAT));
        let began = later().await;
        assert!(
            told.missed(reaction(Some("👍"), CHAT), began, now).is_some(),
            "given again after it was taken back"
        );

        told.remember(&edit("one", 50));
        let began = later().await;
        assert_eq!(told.missed(edit("one", 40), began, now), None);
        assert_eq!(told.missed(edit("two", 40), began, now).unwrap().at, Some(now), "it replaced the other");
        let began = later().await;
        assert_eq!(told.missed(edit("three", 200), began, now).unwrap().at.unwrap().timestamp(), 200);
        // told while the list is read, which may be older
        let began = Instant::now();
        later().await;
        told.remember(&edit("four", 201));
        assert_eq!(told.missed(edit("three and a half", 0), began, now), None);
    }
}
