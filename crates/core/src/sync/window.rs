use std::sync::Arc;

use super::cursor::{Seen, SyncCursor};
use crate::{ChatId, Message};

/// Of which chats a run reads everything.
pub(super) struct Scope {
    /// These; `None` for all, which is told by one look at the list.
    pub(super) chats: Option<Vec<ChatId>>,
    /// How far back each run reads again, in seconds.
    pub(super) depth: i64,
}

/// A stretch of time of which everything was read.
pub(super) struct Window {
    /// Where it begins.
    base: SyncCursor,
    scope: Arc<Scope>,
    /// Messages in the order in which they are given, by their seconds.
    given: Vec<(i64, Seen)>,
    /// No cursor goes beyond: what arrived while it was read may be older.
    top: i64,
    /// Its last second; `None` where nothing lies behind it.
    until: Option<i64>,
}

impl Window {
    /// The messages in the order in which they are to be given, by the seconds at which they stand.
    pub(super) fn new<'a>(
        base: SyncCursor,
        scope: Arc<Scope>,
        messages: impl Iterator<Item = (i64, &'a Message)>,
        top: i64,
        until: Option<i64>,
    ) -> Self {
        // one without a time of its own is remembered longer: where it stands depends on its neighbours
        let seen = |at: i64, message: &Message| {
            Seen::new(message, message.sent_at.map_or(at.max(top), |sent| sent.timestamp()))
        };
        let given = messages.map(|(at, message)| (at, seen(at, message))).collect();
        Self { base, scope, given, top, until }
    }

    /// Where a run stands that gave the first so many of its messages, or all and its end.
    fn cursor(&self, given: Option<usize>) -> SyncCursor {
        let given = given.and_then(|count| self.given.get(..count)).unwrap_or(&self.given);
        let end = given.len() == self.given.len();
        let last = given.last().map(|(at, _)| *at);
        let at = match last {
            Some(at) if !end => at,
            _ => self.until.unwrap_or(self.top),
        };
        let at = at.min(self.top);
        let mut cursor = self.base.clone();
        let again = at.saturating_sub(self.scope.depth);
        let seen = given.iter().filter(|(_, seen)| seen.at >= again).map(|(_, seen)| seen.clone());
        cursor.advance(self.scope.chats.as_deref(), at, seen, self.scope.depth);
        cursor
    }
}

/// A place in a run of which the cursor can be asked for.
#[derive(Clone)]
pub(super) struct Point {
    window: Arc<Window>,
    /// How many of the window's messages were given; `None` for all and its end.
    given: Option<usize>,
}

impl Point {
    /// After so many of a window's messages.
    pub(super) fn after(window: &Arc<Window>, given: usize) -> Self {
        Self { window: window.clone(), given: Some(given) }
    }

    /// At the end of a window.
    pub(super) fn end(window: &Arc<Window>) -> Self {
        Self { window: window.clone(), given: None }
    }

    pub(super) fn cursor(&self) -> SyncCursor {
        self.window.cursor(self.given)
    }
}
