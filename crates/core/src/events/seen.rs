use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;

/// The keys of the last events that were handled, as their hashes: two of 64 bits that are equal by chance are
/// rarer than a lost delivery.
pub(super) struct Seen {
    hasher: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
    most: usize,
}

impl Seen {
    pub(super) fn new(most: usize) -> Self {
        Self { hasher: RandomState::new(), known: HashSet::new(), order: VecDeque::new(), most }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.known.contains(&self.hasher.hash_one(key))
    }

    pub(super) fn insert(&mut self, key: &str) {
        let hash = self.hasher.hash_one(key);
        if !self.known.insert(hash) {
            return;
        }
        self.order.push_back(hash);
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}
