//! Pages of a list of which only the newest `count` rows can be asked for: each is cut out of a larger window.

use std::collections::HashSet;
use std::hash::Hash;

use serde::{Deserialize, Serialize};
use wachats_core::{Message, MessageKey, Page, PageToken, RawJson, Skipped};

use crate::translate::Placed;

/// Windows tried for one page before it is given back empty, with a token to go on.
pub(super) const MAX_GROWTH: u32 = 3;
/// Rows told as skipped that a token remembers.
const MAX_SKIPPED: usize = 64;

/// Where a page of messages ended.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// How many rows were asked for.
    pub(super) window: u32,
    /// Of all chats: from when, in unix seconds.
    pub(super) since: Option<i64>,
    /// The second of the last message given.
    at: Option<i64>,
    /// Those given of that second.
    given: Vec<(bool, MessageKey)>,
    /// Hashes of rows that were told as skipped.
    skipped: Vec<u64>,
}

impl Cursor {
    /// Was it not given yet?
    fn is_new(&self, placed: &Placed) -> bool {
        self.at.is_none_or(|at| {
            placed.at < at
                || (placed.at == at
                    && !self
                        .given
                        .iter()
                        .any(|(own, key)| *own == placed.message.from_me && *key == placed.message.key))
        })
    }

    /// Takes up to `limit` messages that were not given yet off a window. Tells whether more of it are left.
    pub(super) fn take(&mut self, window: Vec<Placed>, limit: u32) -> (Vec<Message>, bool) {
        let mut fresh = window.into_iter().filter(|placed| self.is_new(placed)).collect::<Vec<_>>();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = fresh.len() > limit;
        fresh.truncate(limit);
        if let Some(last) = fresh.last().map(|placed| placed.at) {
            if self.at != Some(last) {
                self.given.clear();
            }
            self.at = Some(last);
            let of_last = fresh.iter().filter(|placed| placed.at == last);
            self.given.extend(of_last.map(|placed| (placed.message.from_me, placed.message.key.clone())));
        }
        (fresh.into_iter().map(|placed| placed.message).collect(), more)
    }

    /// Leaves out what an earlier page told as skipped.
    pub(super) fn take_skipped(&mut self, skipped: Vec<Skipped>) -> Vec<Skipped> {
        let hash = |raw: &RawJson| PageToken::fingerprint(&raw.get());
        let known: HashSet<u64> = self.skipped.iter().copied().collect();
        let fresh: Vec<Skipped> = skipped.into_iter().filter(|s| !known.contains(&hash(&s.raw))).collect();
        let room = MAX_SKIPPED.saturating_sub(self.skipped.len());
        self.skipped.extend(fresh.iter().take(room).map(|s| hash(&s.raw)));
        fresh
    }
}

/// Where a page of chats ended: chats have no time, so those given are remembered.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct ChatCursor {
    pub(super) window: u32,
    given: HashSet<u64>,
}

impl ChatCursor {
    /// Takes up to `limit` items that were not given yet off a window. Tells whether more of it are left.
    pub(super) fn take<T, I: Hash>(
        &mut self,
        window: Vec<T>,
        limit: u32,
        id: impl Fn(&T) -> I,
    ) -> (Vec<T>, bool) {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let hash = |item: &T| PageToken::fingerprint(&id(item));
        let mut fresh: Vec<T> = window.into_iter().filter(|item| !self.given.contains(&hash(item))).collect();
        let more = fresh.len() > limit;
        fresh.truncate(limit);
        self.given.extend(fresh.iter().map(hash));
        (fresh, more)
    }
}

/// How many rows the gateway gave.
pub(super) fn rows<T>(page: &Page<T>) -> u32 {
    u32::try_from(page.items.len() + page.skipped.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use wachats_core::ChatId;

    use super::*;

    fn placed(at: i64, key: &str) -> Placed {
        let chat: ChatId = "5511911111111@c.us".parse().unwrap();
        Placed { at, message: Message::new(chat, key.parse().unwrap(), false) }
    }

    #[test]
    fn a_page_goes_on_where_the_last_ended_although_messages_arrive() {
        let list = [(9, "I"), (8, "H"), (8, "G"), (8, "F"), (7, "E")];
        let mut cursor = Cursor::default();
        let keys = |messages: Vec<Message>| messages.iter().map(|m| m.key.to_string()).collect::<Vec<_>>();
        let (page, more) = cursor.take(list.iter().map(|(at, k)| placed(*at, k)).collect(), 2);
        assert_eq!((keys(page), more), (vec!["I".to_owned(), "H".to_owned()], true));
        let token = serde_json::to_string(&cursor).unwrap();
        let mut cursor: Cursor = serde_json::from_str(&token).unwrap();
        let grown: Vec<Placed> =
            [(10, "J")].iter().chain(&list).chain(&[(6, "D")]).map(|(at, k)| placed(*at, k)).collect();
        let (page, more) = cursor.take(grown, 3);
        assert_eq!((keys(page), more), (["G", "F", "E"].map(str::to_owned).to_vec(), true));
    }
}
