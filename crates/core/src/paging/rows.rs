use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

use super::source::Source;
use super::state::State;
use crate::Page;

/// A number for what identifies a row.
pub(crate) fn number(parts: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// A map by numbers that [`number`] gave: they are spread already and are not hashed once more.
pub(crate) type Numbered<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;
type Numbers = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Takes a number as its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The odd number next to 2^64 divided by the golden ratio: multiplying by it spreads what differs little.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a row is and when, in one number.
fn anchor(ident: u64, at: Option<DateTime<Utc>>) -> u64 {
    let Some(at) = at else { return ident };
    let time = at.timestamp().cast_unsigned().rotate_left(30) ^ u64::from(at.timestamp_subsec_nanos());
    ident ^ time.wrapping_add(1).wrapping_mul(SPREAD)
}

/// What is looked at of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// What it is.
    pub(crate) ident: u64,
    /// When, in whole seconds.
    pub(crate) at: Option<i64>,
    /// What it is and when: a chat that was active since is at another place, so it holds no place.
    pub(crate) anchor: u64,
    /// It wasn't delivered before.
    pub(crate) new: bool,
}

/// What is looked at of one page.
#[derive(Debug)]
pub(crate) struct Rows {
    /// Its items in the gateway's order.
    pub(crate) items: Vec<Row>,
    /// Its rows that could not be decoded, and whether each is told for the first time.
    pub(crate) skipped: Vec<(u64, bool)>,
    /// The gateway says that more follows.
    pub(crate) next: bool,
}

impl Rows {
    /// Looks at a page, given where the walk stands.
    pub(crate) fn of<S: Source>(source: &S, page: &Page<S::Item>, state: &State) -> Self {
        let mut twice = Numbers::with_capacity_and_hasher(page.items.len(), BuildHasherDefault::default());
        let mut items: Vec<Row> = page
            .items
            .iter()
            .map(|item| {
                let (ident, at) = (source.ident(item), source.at(item));
                Row { ident, at: at.map(|t| t.timestamp()), anchor: anchor(ident, at), new: false }
            })
            .collect();
        let anchor = if state.by_anchor() {
            let last: Numbers = state.last.iter().copied().collect();
            items.iter().rposition(|row| last.contains(&row.anchor))
        } else {
            None
        };
        for (index, row) in items.iter_mut().enumerate() {
            row.new = twice.insert(row.ident) && state.is_new(row, index, anchor);
        }
        let skipped = page
            .skipped
            .iter()
            .map(|s| {
                let ident = number(&s.raw.get());
                (ident, twice.insert(ident) && !state.known.contains_key(&ident))
            })
            .collect();
        Self { items, skipped, next: page.next.is_some() }
    }

    /// How many rows the gateway gave.
    pub(crate) fn count(&self) -> u64 {
        (self.items.len() + self.skipped.len()) as u64
    }

    /// Is there anything that was not delivered or told before?
    pub(crate) fn fresh(&self) -> bool {
        self.items.iter().any(|r| r.new) || self.skipped.iter().any(|s| s.1)
    }

    /// Does it show a row of the page before?
    pub(crate) fn touches(&self, last: &[u64]) -> bool {
        let last: Numbers = last.iter().copied().collect();
        self.items.iter().any(|r| last.contains(&r.anchor))
            || self.skipped.iter().any(|s| last.contains(&s.0))
    }

    /// A number for which rows these are, in their order.
    pub(crate) fn print(&self) -> u64 {
        let mix = |print: u64, row: u64| (print.rotate_left(5) ^ row).wrapping_mul(SPREAD);
        let items = self.items.iter().map(|r| r.anchor).fold(self.count(), mix);
        self.skipped.iter().map(|s| s.0).fold(items, mix)
    }

    /// The time of the last row that has one, by place.
    pub(crate) fn last_time(&self, upto: usize) -> Option<i64> {
        self.items.iter().take(upto).rev().find_map(|r| r.at)
    }

    /// The newest time.
    pub(crate) fn newest(&self, upto: usize) -> Option<i64> {
        self.items.iter().take(upto).filter_map(|r| r.at).max()
    }

    /// The oldest time.
    pub(crate) fn oldest(&self, upto: usize) -> Option<i64> {
        self.items.iter().take(upto).filter_map(|r| r.at).min()
    }
}
