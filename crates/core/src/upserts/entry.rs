use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{Ack, ChatId, Message, MessageKind, Reaction};

/// Different tellings of one message that are kept; of more the latest.
const VERSIONS: usize = 8;

type At = Option<DateTime<Utc>>;

/// All that was told of one message. Every part of it is a maximum of what was told, so that neither order nor
/// repetition matters.
#[derive(Clone, Default)]
pub(super) struct Entry {
    /// Its place among those that wait for their message.
    pub(super) waiting: Option<u64>,
    /// Different tellings, the latest last.
    versions: Vec<(At, Message)>,
    facts: Facts,
    /// What was told of this key without saying whose message is meant, while that can only be this one.
    lent: Option<Box<Facts>>,
    shown: Option<Box<Message>>,
}

/// What became of a message.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Facts {
    ack: Option<Ack>,
    edit: Option<Edit>,
    deleted: bool,
    reactions: BTreeMap<Reactor, (At, Option<String>)>,
}

/// An edit without a text ranks below any that has one.
#[derive(Clone, PartialEq, PartialOrd)]
struct Edit {
    told: bool,
    at: At,
    text: Option<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reactor {
    Unknown,
    Own,
    Person(ChatId),
}

impl Entry {
    /// The message as it is now, once it has come.
    pub(super) fn message(&self) -> Option<&Message> {
        self.shown.as_deref()
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(super) fn version(&mut self, mut message: Message, at: At) {
        if message.edited == Some(true) {
            self.facts.raise_edit(at, message.text.clone());
        }
        self.facts.deleted |= message.revoked == Some(true) || message.kind == MessageKind::Revoked;
        if let Some(ack) = message.ack.take() {
            self.facts.raise_ack(&ack);
        }
        for reaction in message.reactions.iter().flatten() {
            let own = reaction.from_me == Some(true);
            self.facts.raise_reaction(
                reaction.sender_id.clone(),
                own,
                reaction.at.or(at),
                Some(reaction.emoji.clone()),
            );
        }
        match self.versions.iter_mut().find(|(_, known)| *known == message) {
            Some((known, _)) => *known = at.max(*known),
            None => self.versions.push((at, message)),
        }
        self.versions.sort_by(|(at_a, a), (at_b, b)| at_a.cmp(at_b).then_with(|| order(a).cmp(&order(b))));
        let surplus = self.versions.len().saturating_sub(VERSIONS);
        self.versions.drain(..surplus);
        self.show();
    }

    /// Changes what is known. False where it was known.
    pub(super) fn learn(&mut self, change: impl FnOnce(&mut Facts) -> bool) -> bool {
        let new = change(&mut self.facts);
        if new {
            self.show();
        }
        new
    }

    /// Takes what was told without saying whose message is meant for its own, or no longer.
    pub(super) fn lend(&mut self, facts: Option<&Facts>) {
        if self.lent.as_deref() != facts {
            self.lent = facts.cloned().map(Box::new);
            self.show();
        }
    }

    /// Makes the message of all that was told.
    fn show(&mut self) {
        let mut versions = self.versions.iter().map(|(_, message)| message);
        let Some(first) = versions.next() else { return };
        let mut shown = first.clone();
        for version in versions {
            overlay(&mut shown, version);
        }
        match &self.lent {
            None => self.facts.lay_over(&mut shown),
            Some(lent) => {
                let mut all = self.facts.clone();
                all.merge(lent);
                all.lay_over(&mut shown);
            }
        }
        self.shown = Some(Box::new(shown));
    }
}

impl Facts {
    pub(super) fn raise_ack(&mut self, ack: &Ack) -> bool {
        let higher = self.ack.as_ref().is_none_or(|known| rank(ack) > rank(known));
        if higher {
            self.ack = Some(ack.clone());
        }
        higher
    }

    pub(super) fn raise_edit(&mut self, at: At, text: Option<String>) -> bool {
        let edit = Edit { told: text.is_some(), at, text };
        let newer = self.edit.as_ref().is_none_or(|known| edit > *known);
        if newer {
            self.edit = Some(edit);
        }
        newer
    }

    pub(super) fn delete(&mut self) -> bool {
        !std::mem::replace(&mut self.deleted, true)
    }

    pub(super) fn raise_reaction(
        &mut self,
        sender: Option<ChatId>,
        own: bool,
        at: At,
        emoji: Option<String>,
    ) -> bool {
        let reactor = match sender {
            _ if own => Reactor::Own,
            Some(person) => Reactor::Person(person),
            None => Reactor::Unknown,
        };
        self.raise(reactor, at, emoji)
    }

    fn raise(&mut self, reactor: Reactor, at: At, emoji: Option<String>) -> bool {
        let newer = self.reactions.get(&reactor).is_none_or(|known| (at, &emoji) > (known.0, &known.1));
        if newer {
            self.reactions.insert(reactor, (at, emoji));
        }
        newer
    }

    fn merge(&mut self, other: &Self) {
        if let Some(ack) = &other.ack {
            self.raise_ack(ack);
        }
        if let Some(edit) = &other.edit {
            self.raise_edit(edit.at, edit.text.clone());
        }
        self.deleted |= other.deleted;
        for (reactor, (at, emoji)) in &other.reactions {
            self.raise(reactor.clone(), *at, emoji.clone());
        }
    }

    fn lay_over(&self, shown: &mut Message) {
        shown.ack = self.ack.clone();
        if let Some(edit) = &self.edit {
            shown.edited = Some(true);
            if edit.told {
                shown.text = edit.text.clone();
            }
        }
        if !self.reactions.is_empty() {
            shown.reactions = Some(self.reactions.iter().filter_map(reaction).collect());
        }
        if self.deleted {
            shown.kind = MessageKind::Revoked;
            shown.revoked = Some(true);
            (shown.text, shown.media, shown.location, shown.contacts) = (None, None, None, None);
        }
    }
}

/// Pending, failed, then on and on: a message that was sent at last did not fail.
fn rank(ack: &Ack) -> i8 {
    match ack.level() {
        None => -2,
        Some(0) => -1,
        Some(-1) => 0,
        Some(level) => level,
    }
}

/// An order of messages that were told at the same time: any will do that is always the same.
fn order(message: &Message) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

fn reaction((reactor, (at, emoji)): (&Reactor, &(At, Option<String>))) -> Option<Reaction> {
    let mut reaction = Reaction::new(emoji.clone()?);
    reaction.at = *at;
    match reactor {
        Reactor::Unknown => {}
        Reactor::Own => reaction.from_me = Some(true),
        Reactor::Person(person) => {
            reaction.sender_id = Some(person.clone());
            reaction.from_me = Some(false);
        }
    }
    Some(reaction)
}

/// Lays what `later` tells over what is known; what it doesn't tell stays.
fn overlay(known: &mut Message, later: &Message) {
    macro_rules! take {
        ($($field:ident),*) => {
            $(if later.$field.is_some() { known.$field.clone_from(&later.$field); })*
        };
    }
    take!(sender_id, sender_name, sent_at, text, media, location, contacts, reply_to);
    take!(reactions, edited, revoked, forwarded, source, raw);
    if later.id.participant().is_some() || known.id.participant().is_none() {
        known.id = later.id.clone();
    }
    if later.kind != MessageKind::Unknown {
        known.kind = later.kind.clone();
    }
}
