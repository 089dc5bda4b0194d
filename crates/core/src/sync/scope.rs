use std::collections::BTreeMap;

use chrono::Utc;
use futures::TryStreamExt;

use super::cursor::SyncCursor;
use super::window::Scope;
use crate::{Capability, Chat, ChatId, ChatScope, Chats, Pager, Result, Support};

/// Chats of a page.
const PAGE: u32 = 200;
/// So many chats in a row that were active too long ago are the end: a few may stand out of order (pinned).
const OLDER: usize = 32;
/// Two journals are read one beside the other: what reached one of them meanwhile may be so much older than
/// what the other already told, in seconds.
const JOURNALS_APART: i64 = 60;

/// What a run reads.
pub(super) struct Plan {
    pub(super) scope: Scope,
    pub(super) lists: Vec<List>,
    /// What was the newest when it began; `None` where only reading the list shows it.
    pub(super) top: Option<i64>,
    /// The machine's time when it began: no cursor goes beyond, whatever times the gateway tells.
    pub(super) now: i64,
}

/// One list of messages.
pub(super) struct List {
    pub(super) scope: ChatScope,
    /// When the chat was active last, in unix seconds. On GOWA it's the time of the message that came last,
    /// which may be older than others.
    pub(super) last: Option<i64>,
}

impl Plan {
    /// Finds the chats in which something may be new.
    pub(super) async fn make(chats: &Chats, cursor: &SyncCursor) -> Result<Self> {
        let now = Utc::now().timestamp();
        let capabilities = chats.info().capabilities;
        let all = capabilities.support(Capability::AllMessages) == Support::Native;
        if all && capabilities.messages.pager == Pager::Window {
            return Ok(Self::journals(cursor, now));
        }
        let depth = cursor.overlap;
        let active_since = cursor.listed(depth);
        let list = chats.list().page_size(PAGE);
        let page = list.page().await?;
        chats.tell(&page.skipped);
        let top = page.items.iter().filter_map(last).find(|at| *at <= now);
        let whole = match page.items.iter().rev().find_map(last) {
            Some(oldest) => page.next.is_none() || oldest < active_since,
            None if all && !page.items.is_empty() => return Ok(Self::journals(cursor, now)),
            None => true, // no chat was ever active
        };
        let mut active: BTreeMap<ChatId, i64> = BTreeMap::new();
        let is_active = |chat: &Chat| last(chat).filter(|at| *at >= active_since);
        for chat in page.items {
            if let Some(at) = is_active(&chat) {
                active.insert(chat.id, at);
            }
        }
        if !whole {
            let mut older = 0;
            let mut stream = list.stream();
            while let Some(chat) = stream.try_next().await? {
                older += 1;
                if let Some(at) = is_active(&chat) {
                    active.insert(chat.id, at);
                    older = 0;
                }
                if older > OLDER {
                    break;
                }
            }
        }
        // Of a list of several pages some chat may have been missed that jumped to its top meanwhile. Only
        // the chats that were seen go forward then: the next run finds it at the top, and reads it from
        // where it stood.
        let seen = (!whole).then(|| active.keys().cloned().collect());
        let lists = active.into_iter().map(|(id, at)| List { scope: id.into(), last: Some(at) });
        Ok(Self {
            scope: Scope { chats: seen, depth },
            lists: lists.collect(),
            top: top.or(Some(i64::MIN)),
            now,
        })
    }

    fn journals(cursor: &SyncCursor, now: i64) -> Self {
        let depth = cursor.overlap.saturating_add(JOURNALS_APART);
        let lists = vec![List { scope: ChatScope::All, last: None }];
        Self { scope: Scope { chats: None, depth }, lists, top: None, now }
    }
}

fn last(chat: &Chat) -> Option<i64> {
    chat.last_message_at.map(|at| at.timestamp())
}
