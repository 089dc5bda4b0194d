//! Walking a list that changes while it is read: nothing lost, nothing twice, in bounded memory.
//!
//! [`Paging`](crate::Paging) of the provider tells how. By time, a page is asked for with `until` = the
//! oldest second reached; by offset, each page begins with the last row of the one before, and a page that
//! doesn't show it is asked for further up; by window, twice as many are asked for as before. What was seen
//! at the border is dropped: of messages the border alone is remembered, of chats (thousands at most) a hash
//! of each. The same page for another place is [`PagingStuck`](crate::ErrorKind::PagingStuck) after two
//! calls more.
//!
//! [`Chats`](crate::Chats) streams this way; [`messages`] and [`chats`] do it for any provider.

mod ahead;
mod items;
mod lister;
mod place;
mod rows;
mod rules;
mod source;
mod state;
mod walk;

use std::sync::Arc;

use futures::stream::BoxStream;

use crate::{Chat, ChatsProvider, ListChats, ListMessages, Message, Result};

pub(crate) use lister::{Composed, Cursor, Lister, Listing, OnSkipped, tell};
pub(crate) use lister::{chats as stream_chats, messages as stream_messages, overview as stream_overview};
pub(crate) use source::{MAX_SCAN, Reader};

/// All messages of `query`, at most `limit` of them, whatever the pages; `query.limit` is the page size
/// wished for, and `query.page` is not looked at.
///
/// # Errors
/// The stream ends with the first error: those of a read, `PagingStuck`, `TooLarge` past the last window.
///
/// # Cancel safety
/// Nothing is sent until the stream is polled; dropping it loses nothing but the stream.
pub fn messages(
    provider: Arc<dyn ChatsProvider>,
    query: ListMessages,
    limit: Option<u64>,
) -> BoxStream<'static, Result<Message>> {
    lister::messages(Reader::new(provider), query, limit, None)
}

/// All chats of `query`, at most `limit` of them: as [`messages`].
///
/// # Errors
/// The stream ends with the first error: those of a read, `PagingStuck`, `TooLarge` past the last window.
///
/// # Cancel safety
/// As for [`messages`].
pub fn chats(
    provider: Arc<dyn ChatsProvider>,
    query: ListChats,
    limit: Option<u64>,
) -> BoxStream<'static, Result<Chat>> {
    lister::chats(Reader::new(provider), query, limit, None)
}
