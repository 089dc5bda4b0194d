use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;

use crate::Event;

/// The last events that were handled, as the hashes of gateway and key: two of 64 bits that are equal by chance are
/// rarer than a lost delivery. A key alone says nothing of the gateway: two of one account make equal ones.
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

    pub(super) fn contains(&self, event: &Event) -> bool {
        self.known.contains(&self.hash(event))
    }

    pub(super) fn insert(&mut self, event: &Event) {
        let hash = self.hash(event);
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

    fn hash(&self, event: &Event) -> u64 {
        self.hasher.hash_one((event.gateway.as_str(), &event.dedupe_key))
    }
}
