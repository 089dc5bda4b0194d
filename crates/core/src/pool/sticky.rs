use std::collections::HashMap;

use crate::ChatId;

/// Which member a chat stays with. What is learnt is bounded: two generations, the older of which is
/// forgotten when the younger is full, so that the chats in use are kept.
pub(super) struct Sticky {
    pinned: HashMap<ChatId, usize>,
    young: HashMap<ChatId, usize>,
    old: HashMap<ChatId, usize>,
    generation: usize,
}

impl Sticky {
    pub(super) fn new(at_least: usize) -> Self {
        let (pinned, young, old) = Default::default();
        Self { pinned, young, old, generation: at_least.max(1) }
    }

    pub(super) fn get(&mut self, chat: &ChatId) -> Option<usize> {
        if let Some(member) = self.pinned.get(chat).or_else(|| self.young.get(chat)) {
            return Some(*member);
        }
        let member = self.old.remove(chat)?;
        self.learn(chat.clone(), member);
        Some(member)
    }

    pub(super) fn learn(&mut self, chat: ChatId, member: usize) {
        if let Some(pinned) = self.pinned.get_mut(&chat) {
            *pinned = member;
            return;
        }
        if self.young.len() >= self.generation && !self.young.contains_key(&chat) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(chat, member);
    }

    pub(super) fn pin(&mut self, chat: ChatId, member: usize) {
        self.young.remove(&chat);
        self.old.remove(&chat);
        self.pinned.insert(chat, member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(n: usize) -> ChatId {
        ChatId::phone(&format!("7900{n:07}")).unwrap()
    }

    #[test]
    fn chats_in_use_and_those_told_are_kept_and_memory_is_bounded() {
        let mut sticky = Sticky::new(10);
        sticky.pin(chat(0), 7);
        sticky.learn(chat(1), 1);
        for n in 2..1_000 {
            sticky.learn(chat(n), n);
            assert_eq!(sticky.get(&chat(1)), Some(1));
        }
        assert_eq!(sticky.get(&chat(0)), Some(7));
        assert_eq!(sticky.get(&chat(500)), None);
        assert!(sticky.young.len() + sticky.old.len() <= 20);
        for n in 991..1_000 {
            assert_eq!(sticky.get(&chat(n)), Some(n));
        }
    }
}
