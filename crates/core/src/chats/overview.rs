use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use super::follow::{follow, total};
use super::{Chats, MOST_AHEAD, not_zero, page_limit};
use crate::paging::{Reader, stream_overview};
use crate::{Capability, Chat, ChatId, Operation, OverviewQuery, Page, PageToken, Result, Support};

/// A list of chats with picture and last message, most recently active first.
///
/// Where the gateway has no overview of its own, each chat costs up to two requests more.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use wachats_core::{Chat, ChatId, Chats, Memory};
/// # let id: ChatId = "79001234567@c.us".parse()?;
/// # let chats = Chats::new(Memory::new([Chat::new(id)], []));
/// for chat in chats.overview().limit(10).collect().await? {
///     let text = chat.last_message.and_then(|message| message.text);
///     println!("{}: {}", chat.id, text.as_deref().unwrap_or("-"));
/// }
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a list sends nothing until a page is awaited or the stream is polled"]
pub struct OverviewList {
    chats: Chats,
    query: OverviewQuery,
    limit: Option<u64>,
    page_size: Option<u32>,
    ahead: usize,
}

impl OverviewList {
    pub(super) fn new(chats: &Chats) -> Self {
        let mut query = OverviewQuery::new();
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

    /// Only these chats. One that the account doesn't have is left out.
    pub fn ids(mut self, ids: impl IntoIterator<Item = ChatId>) -> Self {
        self.query.ids.extend(ids);
        self
    }

    /// Keep the raw JSON of each chat.
    pub fn raw(mut self, keep: bool) -> Self {
        self.query.raw = keep;
        self
    }

    /// Goes on where a page ended; see [`ChatList::after`](super::ChatList::after).
    pub fn after(mut self, token: PageToken) -> Self {
        self.query.page = Some(token);
        self
    }

    /// One page.
    ///
    /// # Errors
    /// `InvalidInput` for a limit of 0 or a token of another query; those of a read. A picture that can't be
    /// looked up is no error: `picture_url` is `None` then.
    pub async fn page(&self) -> Result<Page<Chat>> {
        not_zero(Operation::Overview, self.limit, self.page_size)?;
        let paging = self.chats.info().capabilities.chats;
        let mut query = self.query.clone();
        query.limit = page_limit(self.page_size, self.limit).map(|n| paging.page_size(Some(n)));
        self.chats.run(self.chats.stack.overview(&query)).await
    }

    /// All of them, page by page as they are taken.
    ///
    /// # Errors
    /// The stream ends with the first error: those of [`page`](Self::page), and `PagingStuck`.
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
        if let Err(error) = not_zero(Operation::Overview, self.limit, self.page_size) {
            return stream::once(async { Err(error) }).boxed();
        }
        let list = self.clone();
        stream::once(async move { list.begin().await }).try_flatten().boxed()
    }

    async fn begin(self) -> Result<BoxStream<'static, Result<Chat>>> {
        let reader = self.reader();
        let (_, capabilities) = reader.capabilities(&[Capability::Overview]).await?;
        let told = self.chats.options.on_skipped.clone();
        let native = capabilities.support(Capability::Overview) == Support::Native;
        if native && self.query.page.is_none() && self.query.ids.is_empty() {
            let mut query = self.query.clone();
            query.limit = self.page_size;
            return Ok(stream_overview(reader, query, self.limit, told));
        }
        let (limit, start) = (self.limit, self.query.page.clone());
        let mut list = self;
        list.page_size = list.page_size.or(list.limit.is_none().then_some(20)); // each chat may cost requests
        let items = follow(Operation::Overview, start, told, move |page| {
            let mut list = list.clone();
            list.query.page = page;
            async move { list.page().await }
        });
        Ok(items.take(total(limit)).boxed())
    }

    /// All of them, up to [`limit`](Self::limit), in memory.
    ///
    /// # Errors
    /// Those of [`stream`](Self::stream).
    pub async fn collect(&self) -> Result<Vec<Chat>> {
        self.boxed().try_collect().await
    }
}
