use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

use super::items::{Begun, Items};
use super::rules::Rules;
use super::source::{ChatSource, MessageSource, OverviewSource, Reader, Source};
use super::state::{Need, State};
use super::walk::{Batch, Walk};
use crate::layer::emulate::plan::{ChatPlan, MessagePlan, sort_chats};
use crate::{
    Capability, Chat, Error, ErrorKind, Gateway, ListChats, ListMessages, Message, Operation, OverviewQuery,
    Page, Result, Skipped, Support,
};

/// Who is told of items that could not be decoded.
pub(crate) type OnSkipped = Arc<dyn Fn(&Skipped) + Send + Sync>;

type Keep<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

/// A walk with what is done on this side of it: filters, the items left out at the start, the total.
pub(crate) struct Lister<S: Source> {
    walk: Walk<S>,
    gateway: Gateway,
    keep: Option<Keep<S::Item>>,
    /// Nothing older than this second passes `keep`: the walk ends there.
    since: Option<i64>,
    skip: u64,
    wanted: Option<u64>,
    bound: Option<u64>,
    begun_at: u64,
    capability: Option<Capability>,
    done: bool,
}

/// Where a list goes on that is composed here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cursor {
    state: State,
    skip: u64,
}

/// One page composed here.
pub(crate) struct Composed<T> {
    pub(crate) items: Vec<T>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) next: Option<Cursor>,
}

/// How a list is composed.
#[derive(Default)]
pub(crate) struct Listing {
    /// The page size wished for.
    pub(crate) page_size: Option<u32>,
    /// How many items in all.
    pub(crate) wanted: Option<u64>,
    /// How many rows may be read for it, where something is done here.
    pub(crate) bound: Option<u64>,
    /// Where it goes on.
    pub(crate) cursor: Option<Cursor>,
    /// How many pages may be asked for before their turn.
    pub(crate) ahead: usize,
}

impl Listing {
    /// A stream of so many items.
    fn stream(reader: &Reader, page_size: Option<u32>, wanted: Option<u64>, bound: Option<u64>) -> Self {
        let bound = bound.or(wanted.map(|_| reader.max_scan));
        Self { page_size, wanted, bound, cursor: None, ahead: reader.ahead }
    }
}

impl Lister<MessageSource> {
    /// Messages of this query.
    pub(crate) async fn messages(reader: Reader, query: &ListMessages, listing: Listing) -> Result<Self> {
        let mut needed = MessagePlan::arguments(query);
        let paging = reader.provider.info().capabilities.messages;
        let page = u64::from(paging.page_size(listing.page_size));
        if !needed.is_empty() || listing.wanted.is_none_or(|wanted| wanted > page) {
            needed.push(Capability::FilterUntil); // the walk goes on by it
        }
        let (gateway, capabilities) = reader.capabilities(&needed).await?;
        let native = |c| capabilities.support(c) == Support::Native;
        let plan = MessagePlan::new(query, &capabilities);
        let rules = Rules::messages(
            capabilities.messages,
            listing.page_size,
            native(Capability::FilterUntil),
            native(Capability::MessagesOffset),
            plan.native.offset,
        );
        let since = plan.filter.as_ref().and_then(|f| f.since).map(|t| t.timestamp());
        let keep = plan.filter.map(|filter| -> Keep<Message> { Box::new(move |m| filter.matches(m)) });
        let source = MessageSource { reader, query: plan.native };
        let mut lister = Self::new(source, rules, gateway, keep, plan.skip, listing);
        (lister.since, lister.capability) = (since, plan.emulated.first().copied());
        Ok(lister)
    }
}

impl Lister<ChatSource> {
    /// Chats of this query, in the gateway's own order where sorting is emulated.
    pub(crate) async fn chats(reader: Reader, query: &ListChats, listing: Listing) -> Result<Self> {
        let (gateway, capabilities) = reader.capabilities(&ChatPlan::arguments(query)).await?;
        let plan = ChatPlan::new(query, &capabilities);
        let offset = capabilities.support(Capability::ChatsOffset) == Support::Native;
        let native = plan.native;
        let rules = Rules::chats(
            capabilities.chats,
            listing.page_size,
            offset,
            native.offset,
            native.sort,
            native.order,
        );
        let filter = plan.filter;
        let keep = filter
            .is_some()
            .then(|| -> Keep<Chat> { Box::new(move |chat| filter.as_ref().is_none_or(|f| f.matches(chat))) });
        let source = ChatSource { reader, query: native };
        let mut lister = Self::new(source, rules, gateway, keep, plan.skip, listing);
        lister.capability = plan.emulated.first().copied();
        Ok(lister)
    }
}

impl<S: Source + 'static> Lister<S> {
    fn new(
        source: S,
        rules: Rules,
        gateway: Gateway,
        keep: Option<Keep<S::Item>>,
        skip: u64,
        listing: Listing,
    ) -> Self {
        let (state, skip) = listing.cursor.map_or((None, skip), |c| (Some(c.state), c.skip));
        let walk = Walk::new(source, rules, state, listing.ahead);
        let bound = if keep.is_some() || skip > 0 { listing.bound } else { None };
        let begun_at = walk.consumed();
        let wanted = listing.wanted;
        Self {
            walk,
            gateway,
            keep,
            since: None,
            skip,
            wanted,
            bound,
            begun_at,
            capability: None,
            done: false,
        }
    }

    /// Keeps only what also passes this, within the bound.
    pub(crate) fn only(mut self, test: impl Fn(&S::Item) -> bool + Send + Sync + 'static, bound: u64) -> Self
    where
        S::Item: 'static,
    {
        let keep = self.keep.take();
        self.keep = Some(Box::new(move |item| keep.as_ref().is_none_or(|keep| keep(item)) && test(item)));
        self.bound = Some(bound);
        self
    }

    /// The next page read; `None` at the end.
    pub(super) async fn batch(&mut self) -> Result<Option<Batch<S::Item>>> {
        if self.done || self.walk.finished()? {
            return Ok(None);
        }
        let read = self.walk.consumed() - self.begun_at;
        if let Some(bound) = self.bound
            && read >= bound
        {
            return Err(self.unsupported(bound));
        }
        let wanted =
            if self.keep.is_none() { self.wanted.map(|w| w.saturating_add(self.skip)) } else { None };
        let need = Need { wanted, at_most: self.bound.map(|bound| bound - read) };
        let batch = self.walk.next(need).await.map_err(|e| self.name(e))?;
        if let (Some(since), Some(newest)) = (self.since, batch.as_ref().and_then(|b| b.newest)) {
            self.done = newest < since;
        }
        Ok(batch)
    }

    fn name(&self, error: Error) -> Error {
        if error.gateway().is_some() { error } else { error.with_gateway(self.gateway.clone()) }
    }

    fn unsupported(&self, bound: u64) -> Error {
        let narrow = if S::OPERATION == Operation::ListMessages { "narrow it with since, or " } else { "" };
        let error = Error::new(ErrorKind::Unsupported, S::OPERATION)
            .with_gateway(self.gateway.clone())
            .with_message(format!(
                "the gateway can't do this itself, and the first {bound} rows, looked at one by one, don't hold enough \
                 matches: {narrow}allow a wider scan (max_scan)"
            ));
        match self.capability {
            Some(capability) => error.with_capability(capability),
            None => error,
        }
    }

    /// Does this item belong to the answer?
    pub(super) fn admits(&mut self, item: &S::Item) -> bool {
        if !self.keep.as_ref().is_none_or(|keep| keep(item)) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        true
    }

    /// At most `wanted` items and where to go on.
    pub(crate) async fn page(mut self) -> Result<Composed<S::Item>> {
        let wanted = self.wanted.unwrap_or(u64::MAX);
        let (mut items, mut skipped) = (Vec::new(), Vec::new());
        while let Some(batch) = self.batch().await? {
            skipped.extend(batch.skipped);
            let plain = self.keep.is_none() && self.skip == 0 && items.is_empty() && batch.items.is_whole();
            if plain && batch.items.most() as u64 <= wanted {
                items = batch.items.into_all();
                if items.len() as u64 == wanted {
                    return self.composed(items, skipped, usize::MAX);
                }
                continue;
            }
            items.reserve(batch.items.most());
            let mut rest = batch.items.peekable();
            while let Some((index, item)) = rest.next() {
                if self.admits(&item) {
                    items.push(item);
                }
                if items.len() as u64 == wanted {
                    let upto = if rest.peek().is_some() { index + 1 } else { usize::MAX };
                    return self.composed(items, skipped, upto);
                }
            }
        }
        Ok(Composed { items, skipped, next: None })
    }

    /// A page that ends with the item before `upto` of the batch read last.
    fn composed(self, items: Vec<S::Item>, skipped: Vec<Skipped>, upto: usize) -> Result<Composed<S::Item>> {
        let done = self.done && upto == usize::MAX;
        let state = self.walk.stop(upto)?;
        let next = (!done && !state.ended).then_some(Cursor { state, skip: self.skip });
        Ok(Composed { items, skipped, next })
    }

    /// Are there as many as were wanted?
    pub(super) fn is_full(&self) -> bool {
        self.wanted == Some(0)
    }

    /// One of those wanted was given out.
    pub(super) fn took_one(&mut self) {
        self.wanted = self.wanted.map(|wanted| wanted.saturating_sub(1));
    }
}

/// Tells of items that could not be decoded.
pub(crate) fn tell(skipped: &[Skipped], on_skipped: Option<&OnSkipped>) {
    for item in skipped {
        match on_skipped {
            Some(told) => told(item),
            None => tracing::warn!("{item}"),
        }
    }
}

/// A stream of messages.
pub(crate) fn messages(
    reader: Reader,
    query: ListMessages,
    limit: Option<u64>,
    on_skipped: Option<OnSkipped>,
) -> BoxStream<'static, Result<Message>> {
    let told = on_skipped.clone();
    let beginning = async move {
        if let Some(found) = own_search(&reader, &query).await? {
            tell(&found.skipped, told.as_ref());
            let wanted = usize::try_from(limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
            return Ok(Begun::All(found.items.into_iter().take(wanted).collect()));
        }
        let listing = Listing::stream(&reader, query.limit, limit, query.max_scan);
        Ok(Begun::Pages(Box::new(Lister::messages(reader, &query, listing).await?)))
    };
    Items::new(beginning, on_skipped).boxed()
}

/// All matches, where the gateway's own search gives them for sure: asked for with nothing to be scanned, the
/// layer below answers by it or not at all.
async fn own_search(reader: &Reader, query: &ListMessages) -> Result<Option<Page<Message>>> {
    if query.search.is_none() {
        return Ok(None);
    }
    let (_, capabilities) = reader.capabilities(&MessagePlan::arguments(query)).await?;
    if capabilities.support(Capability::Search) != Support::Emulated {
        return Ok(None);
    }
    let mut own = query.clone();
    (own.max_scan, own.limit) = (Some(0), Some(capabilities.messages.max_page_size));
    match reader.run(reader.provider.list_messages(&own)).await {
        Ok(page) => Ok(page.next.is_none().then_some(page)),
        Err(error) if error.kind() == ErrorKind::Unsupported && error.status().is_none() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A stream of chats.
pub(crate) fn chats(
    reader: Reader,
    query: ListChats,
    limit: Option<u64>,
    on_skipped: Option<OnSkipped>,
) -> BoxStream<'static, Result<Chat>> {
    let told = on_skipped.clone();
    let beginning = async move {
        let (_, capabilities) = reader.capabilities(&ChatPlan::arguments(&query)).await?;
        let plan = ChatPlan::new(&query, &capabilities);
        if !plan.sorts {
            let listing = Listing::stream(&reader, query.limit, limit, None);
            return Ok(Begun::Pages(Box::new(Lister::chats(reader, &query, listing).await?)));
        }
        let bound = limit.map(|_| reader.max_scan);
        let all = sort_chats(&reader, &query, bound).await?;
        tell(&all.skipped, told.as_ref());
        let (offset, limit) = (query.offset, limit.unwrap_or(u64::MAX));
        let size = |n| usize::try_from(n).unwrap_or(usize::MAX);
        Ok(Begun::All(all.items.into_iter().skip(size(offset)).take(size(limit)).collect()))
    };
    Items::new(beginning, on_skipped).boxed()
}

/// A stream of chats with picture and last message, where the gateway gives them itself.
pub(crate) fn overview(
    reader: Reader,
    query: OverviewQuery,
    limit: Option<u64>,
    on_skipped: Option<OnSkipped>,
) -> BoxStream<'static, Result<Chat>> {
    let beginning = async move {
        let (gateway, capabilities) = reader.capabilities(&[Capability::Overview]).await?;
        let (sort, order) = (crate::ChatSort::Activity, crate::SortOrder::Desc);
        let rules = Rules::chats(capabilities.chats, query.limit, true, query.offset, sort, order);
        let listing = Listing { wanted: limit, ahead: reader.ahead, ..Listing::default() };
        let lister = Lister::new(OverviewSource { reader, query }, rules, gateway, None, 0, listing);
        Ok(Begun::Pages(Box::new(lister)))
    };
    Items::new(beginning, on_skipped).boxed()
}
