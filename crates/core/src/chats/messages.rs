use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use super::follow::{follow, total};
use super::{Chats, MOST_AHEAD, not_zero, page_limit};
use crate::paging::{Reader, stream_messages};
use crate::{Ack, ChatScope, ListMessages, Message, Operation, Page, PageToken, Result};

/// A list of messages, newest first.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use wachats_core::{ChatId, Chats, Memory, Message};
/// # let anna: ChatId = "79001234567@c.us".parse()?;
/// # let mut hello = Message::new(anna.clone(), "3EB0C431".parse()?, false);
/// # hello.text = Some("Hello".into());
/// # let chats = Chats::new(Memory::new([], [hello]));
/// let chat = chats.chat("79001234567")?;
/// let newest = chat.messages().from_me(false).search("HELLO").limit(50).collect().await?;
/// assert_eq!(newest.len(), 1);
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a list sends nothing until a page is awaited or the stream is polled"]
pub struct MessageList {
    chats: Chats,
    query: ListMessages,
    limit: Option<u64>,
    page_size: Option<u32>,
    ahead: usize,
}

impl MessageList {
    pub(super) fn new(chats: &Chats, scope: ChatScope) -> Self {
        let mut query = ListMessages::new(scope);
        query.raw = chats.options.raw;
        query.max_scan = chats.options.max_scan;
        Self { chats: chats.clone(), query, limit: None, page_size: None, ahead: 0 }
    }

    /// How many messages in all, whatever the pages. 0 is `InvalidInput`.
    pub fn limit(mut self, messages: u64) -> Self {
        self.limit = Some(messages);
        self
    }

    /// How many messages a page should hold: a hint, held within the gateway's own bound.
    pub fn page_size(mut self, messages: u32) -> Self {
        self.page_size = Some(messages);
        self
    }

    /// Asks for up to so many pages beyond the one that is needed (at most 32), which takes the gateway's delay out of a
    /// [`stream`](Self::stream) that is read to its end. Off unless told otherwise.
    ///
    /// Items come in the same order, each once, whatever arrives or is deleted meanwhile; at most so many pages are
    /// held, and up to so many requests are made in vain at the end of the list. They take places of the account's
    /// [concurrency](crate::transport::HttpOptions::concurrency), 8 by default, so more pages than that gain
    /// little and make other calls wait; they go on while nobody polls the stream, and end when it is dropped.
    /// Where a gateway takes only a count (Green-API), nothing is asked for ahead; neither is it for
    /// [`page`](Self::page), after [`after`](Self::after), or without tokio's runtime.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.ahead = pages.min(MOST_AHEAD);
        self
    }

    /// How many messages to leave out at the start.
    pub fn offset(mut self, messages: u64) -> Self {
        self.query.offset = messages;
        self
    }

    /// Not older than this (inclusive, in whole seconds).
    pub fn since(mut self, time: DateTime<Utc>) -> Self {
        self.query.since = Some(time);
        self
    }

    /// Not newer than this (inclusive, in whole seconds).
    pub fn until(mut self, time: DateTime<Utc>) -> Self {
        self.query.until = Some(time);
        self
    }

    /// Only own messages, or only others'.
    pub fn from_me(mut self, own: bool) -> Self {
        self.query.from_me = Some(own);
        self
    }

    /// Only messages in this state of delivery.
    pub fn ack(mut self, ack: Ack) -> Self {
        self.query.ack = Some(ack);
        self
    }

    /// Only messages with media.
    pub fn media_only(mut self, only: bool) -> Self {
        self.query.media_only = only;
        self
    }

    /// Only messages whose text or caption contains this, letter case aside (Unicode).
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.query.search = Some(text.into());
        self
    }

    /// The most messages that a filter the gateway lacks reads for one answer; 10,000 unless told otherwise,
    /// and no bound for a stream without [`limit`](Self::limit).
    pub fn max_scan(mut self, messages: u64) -> Self {
        self.query.max_scan = Some(messages);
        self
    }

    /// Keep the raw JSON of each message.
    pub fn raw(mut self, keep: bool) -> Self {
        self.query.raw = keep;
        self
    }

    /// Let the gateway fetch the media of a page before it answers (WAHA; slow).
    pub fn fetch_media(mut self, fetch: bool) -> Self {
        self.query.fetch_media = fetch;
        self
    }

    /// Goes on where a page ended. All else must be as it was for that page, `limit` and `page_size` aside.
    /// A stream then follows the gateway's own pages, which may repeat or miss a message when others arrive
    /// or are deleted meanwhile.
    pub fn after(mut self, token: PageToken) -> Self {
        self.query.page = Some(token);
        self
    }

    /// One page: one request where nothing is emulated.
    ///
    /// # Errors
    /// `InvalidInput` for a limit of 0 or a token of another query; `Unsupported` for what the gateway can't
    /// do, and when a filter that is emulated has read [`max_scan`](Self::max_scan) messages without
    /// enough matches; those of a read.
    pub async fn page(&self) -> Result<Page<Message>> {
        not_zero(Operation::ListMessages, self.limit, self.page_size)?;
        let paging = self.chats.info().capabilities.messages;
        let mut query = self.query.clone();
        query.limit = page_limit(self.page_size, self.limit).map(|n| paging.page_size(Some(n)));
        self.chats.run(self.chats.stack.list_messages(&query)).await
    }

    /// All of them, page by page as they are taken; one page is held at a time. Messages that arrive or are
    /// deleted meanwhile cost neither a loss nor a duplicate.
    ///
    /// # Errors
    /// The stream ends with the first error: those of [`page`](Self::page), `PagingStuck` when the gateway
    /// gives the same page again and again, and `TooLarge`, naming the oldest time reached, where it takes
    /// only a count and the list is longer than one answer may be.
    ///
    /// # Cancel safety
    /// Nothing is sent until it is polled; an item that is given is not given again.
    pub fn stream(&self) -> impl Stream<Item = Result<Message>> + Send + Unpin + use<> {
        self.boxed()
    }

    fn reader(&self) -> Reader {
        Reader { ahead: self.ahead, ..self.chats.reader() }
    }

    fn boxed(&self) -> BoxStream<'static, Result<Message>> {
        let checked =
            not_zero(Operation::ListMessages, self.limit, self.page_size).and_then(|()| self.query.check());
        if let Err(error) = checked {
            return stream::once(async { Err(error) }).boxed();
        }
        let mut query = self.query.clone();
        query.limit = self.page_size;
        let told = self.chats.options.on_skipped.clone();
        if query.page.is_none() {
            return stream_messages(self.reader(), query, self.limit, told);
        }
        let list = self.clone();
        let items = follow(Operation::ListMessages, self.query.page.clone(), told, move |page| {
            let mut list = list.clone();
            list.query.page = page;
            async move { list.page().await }
        });
        items.take(total(self.limit)).boxed()
    }

    /// All of them, up to [`limit`](Self::limit), in memory.
    ///
    /// # Errors
    /// Those of [`stream`](Self::stream).
    pub async fn collect(&self) -> Result<Vec<Message>> {
        self.boxed().try_collect().await
    }
}
