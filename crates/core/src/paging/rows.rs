use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::source::Source;
use super::state::State;
use crate::Page;

/// A number for what identifies a row.
pub(crate) fn number(parts: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
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
        let mut twice = HashSet::new();
        let mut items: Vec<Row> = page
            .items
            .iter()
            .map(|item| {
                let (ident, at) = (source.ident(item), source.at(item));
                Row { ident, at: at.map(|t| t.timestamp()), anchor: number(&(ident, at)), new: false }
            })
            .collect();
        let last: HashSet<u64> = state.last.iter().copied().collect();
        let anchor = items.iter().rposition(|row| last.contains(&row.anchor));
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
        let last: HashSet<&u64> = last.iter().collect();
        self.items.iter().any(|r| last.contains(&r.anchor))
            || self.skipped.iter().any(|s| last.contains(&s.0))
    }

    /// A number for which rows these are, in their order.
    pub(crate) fn print(&self) -> u64 {
        let items: Vec<u64> = self.items.iter().map(|r| r.anchor).collect();
        number(&(items, self.skipped.iter().map(|s| s.0).collect::<Vec<_>>()))
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
