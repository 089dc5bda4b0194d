use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::{Message, Skipped};

/// How far out of order a list may be and still be resumed exactly, in messages.
const WINDOW: usize = 256;

/// Where the walk through one chat, newest first, stands: enough to go on without a loss or a duplicate.
///
/// It remembers the last messages written, and of earlier ones those that a list asked for up to
/// [`bound`](Self::bound) would hold again: all of the same second, however many.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Place {
    seen: VecDeque<Seen>,
    /// Hashes of what could not be decoded, so that it is counted once.
    #[serde(default)]
    skipped: Vec<u64>,
    #[serde(skip)]
    prune_at: usize,
}

#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    /// Seconds since 1970, where the message has a time.
    at: Option<i64>,
    id: String,
}

impl Place {
    /// Was nothing of the chat written yet?
    pub(super) fn is_start(&self) -> bool {
        self.seen.is_empty()
    }

    /// Remembers a message that was written.
    pub(super) fn add(&mut self, message: &Message) {
        self.seen.push_back(Seen { at: message.sent_at.map(|at| at.timestamp()), id: identity(message) });
        if self.seen.len() >= self.prune_at.max(2 * WINDOW) {
            let bound = self.bound();
            let old = self.seen.len() - WINDOW;
            let mut i = 0;
            self.seen.retain(|seen| {
                i += 1;
                i > old || seen.at.is_none_or(|at| bound.is_none_or(|bound| at <= bound))
            });
            // Thousands of one second stay: looking at them again for each message would take for ever.
            self.prune_at = 2 * self.seen.len();
        }
    }

    /// Remembers what could not be decoded; `false` when it was remembered already.
    pub(super) fn add_skipped(&mut self, skipped: &Skipped) -> bool {
        let mut hasher = DefaultHasher::new();
        skipped.raw.get().hash(&mut hasher);
        let hash = hasher.finish();
        let new = !self.skipped.contains(&hash);
        if new {
            self.skipped.push(hash);
        }
        new
    }

    /// Up to which second to ask when going on. One more than the newest of the window, because gateways
    /// show seconds and filter by fractions.
    pub(super) fn bound(&self) -> Option<i64> {
        self.seen.iter().rev().take(WINDOW).filter_map(|seen| seen.at).max().map(|at| at + 1)
    }

    /// What must not be written again, as it stands now.
    pub(super) fn written(&self) -> Written {
        Written { bound: self.bound(), ids: self.seen.iter().map(|seen| seen.id.clone()).collect() }
    }
}

/// What an earlier run wrote of a chat.
#[derive(Default)]
pub(super) struct Written {
    bound: Option<i64>,
    ids: HashSet<String>,
}

impl Written {
    /// Was this one written, or did it arrive after the walk had passed its place?
    pub(super) fn holds(&self, message: &Message) -> bool {
        if self.ids.is_empty() {
            return false;
        }
        let newer = |at: i64| self.bound.is_some_and(|bound| at > bound);
        message.sent_at.is_some_and(|at| newer(at.timestamp())) || self.ids.contains(&identity(message))
    }
}

fn identity(message: &Message) -> String {
    format!("{}{}", if message.from_me { '>' } else { '<' }, message.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn message(n: usize, at: i64) -> Message {
        let mut message =
            Message::new("79001234567".parse().unwrap(), format!("K{n}").parse().unwrap(), false);
        message.sent_at = DateTime::from_timestamp(at, 0);
        message
    }

    #[test]
    fn a_whole_second_is_remembered_and_older_ones_are_not() {
        let mut place = Place::default();
        for n in 0..3_000 {
            place.add(&message(n, 1_000_000 - n as i64));
        }
        assert!(place.seen.len() < 4 * WINDOW, "{}", place.seen.len());
        for n in 3_000..5_000 {
            place.add(&message(n, 500));
        }
        let written = place.written();
        assert!((3_000..5_000).all(|n| written.holds(&message(n, 500))));
        assert!(!written.holds(&message(9_000, 500)) && !written.holds(&message(9_001, 499)));
        assert!(written.holds(&message(9_002, 1_000_001)));
    }
}
