use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use super::follow::{follow, total};
use super::{Chats, MOST_AHEAD, not_zero, page_limit};
use crate::paging::{Reader, stream_chats};
use crate::{Chat, ChatSort, ListChats, Operation, Page, PageToken, Result, SortOrder};

/// A list of chats: most recently active first unless sorted otherwise.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use wachats_core::{Chat, ChatId, Chats, Memory};
/// # let id: ChatId = "79001234567@c.us".parse()?;
/// # let chats = Chats::new(Memory::new([Chat::new(id)], []));
/// let page = chats.list().limit(20).page().await?;
/// if let Some(token) = page.next {
///     let second = chats.list().limit(20).after(token).page().await?;
/// }
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a list sends nothing until a page is awaited or the stream is polled"]
pub struct ChatList {
    chats: Chats,
    query: ListChats,
    limit: Option<u64>,
    page_size: Option<u32>,
    ahead: usize,
}

impl ChatList {
    pub(super) fn new(chats: &Chats) -> Self {
        let mut query = ListChats::new();
        query.raw = chats.options.raw;
        Self { chats: chats.clone(), query, limit: None, page_size: None, ahead: 0 }
    }

    /// How many chats in all, whatever the pages. 0 is `InvalidInput`.
    pub fn limit(mut self, chats: u64) -> Self {
        self.limit = Some(chats);
        self
    }

    /// How many chats a page should hold: a hint, held within the gateway's own bound.
    pub fn page_size(mut self, chats: u32) -> Self {
        self.page_size = Some(chats);
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

    /// How many chats to leave out at the start.
    pub fn offset(mut self, chats: u64) -> Self {
        self.query.offset = chats;
        self
    }

    /// By what to sort.
    pub fn sort(mut self, sort: ChatSort) -> Self {
        self.query.sort = sort;
        self
    }

    /// In which order.
    pub fn order(mut self, order: SortOrder) -> Self {
        self.query.order = order;
        self
    }

    /// Only archived chats, or only the others.
    pub fn archived(mut self, archived: bool) -> Self {
        self.query.archived = Some(archived);
        self
    }

    /// Only chats whose name contains this, letter case aside.
    pub fn name(mut self, part: impl Into<String>) -> Self {
        self.query.name = Some(part.into());
        self
    }

    /// Keep the raw JSON of each chat.
    pub fn raw(mut self, keep: bool) -> Self {
        self.query.raw = keep;
        self
    }

    /// Goes on where a page ended. All else must be as it was for that page, `limit` and `page_size` aside.
    /// A stream then follows the gateway's own pages, which may repeat or miss a chat that moves meanwhile.
    pub fn after(mut self, token: PageToken) -> Self {
        self.query.page = Some(token);
        self
    }

    /// One page: one request where nothing is emulated.
    ///
    /// # Errors
    /// `InvalidInput` for a limit of 0 or a token of another query, `Unsupported` for what the gateway can't
    /// do; those of a read.
    pub async fn page(&self) -> Result<Page<Chat>> {
        not_zero(Operation::ListChats, self.limit, self.page_size)?;
        let paging = self.chats.info().capabilities.chats;
        let mut query = self.query.clone();
        query.limit = page_limit(self.page_size, self.limit).map(|n| paging.page_size(Some(n)));
        self.chats.run(self.chats.stack.list_chats(&query)).await
    }

    /// All of them, page by page as they are taken; one page is held at a time. A chat is given once even if
    /// it moves in the list meanwhile, and none is missed.
    ///
    /// # Errors
    /// The stream ends with the first error: those of [`page`](Self::page), and `PagingStuck` when the
    /// gateway gives the same page again and again.
    ///
    /// # Cancel safety
    /// Nothing is sent until it is polled; an item that is given is not given again.
    pub fn stream(&self) -> impl Stream<Item = Result<Chat>> + Send + Unpin + use<> {
        self.boxed()
    }

    fn reader(&self) -> Reader {
        Reader { ahead: self.ahead, ..self.chats.reader() }
    }

    fn boxed(&self) -> BoxStream<'static, Result<Chat>> {
        if let Err(error) = not_zero(Operation::ListChats, self.limit, self.page_size) {
            return stream::once(async { Err(error) }).boxed();
        }
        let mut query = self.query.clone();
        query.limit = self.page_size;
        let told = self.chats.options.on_skipped.clone();
        if query.page.is_none() {
            return stream_chats(self.reader(), query, self.limit, told);
        }
        let list = self.clone();
        let items = follow(Operation::ListChats, self.query.page.clone(), told, move |page| {
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
    pub async fn collect(&self) -> Result<Vec<Chat>> {
        self.boxed().try_collect().await
    }
}
