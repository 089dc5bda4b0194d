//! The gateway's own search, where it can't be wrong.
//!
//! It drops every other filter, takes `%` and `_` as wildcards, folds ASCII alone and stops at 100 rows.
//! Fewer than 100 rows are all there are: they are checked, filtered and cut here. Everything else is left
//! to a scan.

use wachats_core::{Capability, ChatId, Gateway, ListMessages, Message, Operation, Page, PageToken, Result};

use super::Gowa;
use super::lists::{MessagesCursor, known_chat, length, rows};
use crate::capabilities::MAX_PAGE;
use crate::translate;

impl Gowa {
    /// A page of the messages that hold a text; `Unsupported` where the gateway's own search could be wrong
    /// or can't be complete, so that the chat is read instead.
    pub(super) async fn page_of_matches(&self, query: &ListMessages, chat: &ChatId) -> Result<Page<Message>> {
        let operation = Operation::ListMessages;
        let needle = query.search.as_deref().unwrap_or_default();
        if !is_plain(needle) {
            return Err(self.refuse(operation, Capability::Search));
        }
        let cursor = match &query.page {
            Some(token) => token.open(&Gateway::GOWA, query.fingerprint(), operation)?,
            None => MessagesCursor { until: None, offset: query.offset },
        };
        let call = self
            .look(operation, "/chat/{jid}/messages", &["chat", &chat.to_jid(), "messages"])
            .query("limit", MAX_PAGE)
            .query("search", needle);
        let known = self.context(chat);
        let found = self
            .transport
            .send(call, |answer| rows(answer, query.raw, |wire, raw| translate::message(wire, raw, &known)));
        let mut page = known_chat(found.await)?;
        match length(&page) {
            0 => self.believe_empty(operation).await?,
            n if n >= u64::from(MAX_PAGE) => return Err(self.refuse(operation, Capability::Search)),
            _ => {}
        }
        page.items.retain(|message| query.matches(message));
        let size = self.known(|known| known.capabilities.messages.page_size(query.limit));
        let start = usize::try_from(cursor.offset).unwrap_or(usize::MAX).min(page.items.len());
        page.items.drain(..start);
        if page.items.len() > size as usize {
            page.items.truncate(size as usize);
            let next = MessagesCursor { until: None, offset: cursor.offset.saturating_add(u64::from(size)) };
            page.next = Some(PageToken::new(Gateway::GOWA, query.fingerprint(), &next)?);
        }
        if query.page.is_some() {
            // they were handed over with the first page
            page.skipped.clear();
            page.notes.clear();
        }
        Ok(page)
    }
}

/// Can the gateway's search miss nothing that a search here would find?
///
/// Wildcards and escapes aside, a Unicode search also finds the Kelvin sign by `k`, and an `İ` by an `i` at
/// the needle's end. Blanks at the ends are cut off by the gateway.
fn is_plain(needle: &str) -> bool {
    needle.is_ascii()
        && !needle.is_empty()
        && needle.trim() == needle
        && !needle.bytes().any(|b| b.is_ascii_control() || matches!(b, b'%' | b'_' | b'\\' | b'k' | b'K'))
        && !needle.ends_with(['i', 'I'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_needle_that_both_searches_read_alike_is_plain() {
        for needle in ["hello", "Hello, you!", "a b", "in 5"] {
            assert!(is_plain(needle), "{needle}");
        }
        for needle in ["", " a", "a ", "100%", "a_b", "a\\b", "Привет", "ok", "hi", "a\nb"] {
            assert!(!is_plain(needle), "{needle}");
        }
    }
}
