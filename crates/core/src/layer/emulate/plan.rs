use std::cmp::Ordering;

use crate::paging::{Composed, Lister, Listing, Reader};
use crate::{
    Capabilities, Capability, Chat, ChatScope, ChatSort, ListChats, ListMessages, Result, SortOrder, Support,
};

/// What of a list of messages the provider does, and what is done here.
#[derive(Debug)]
pub(crate) struct MessagePlan {
    /// What the provider is asked for.
    pub(crate) native: ListMessages,
    /// What its rows are filtered by here.
    pub(crate) filter: Option<ListMessages>,
    /// How many of those are left out here.
    pub(crate) skip: u64,
    /// What is emulated.
    pub(crate) emulated: Vec<Capability>,
}

impl MessagePlan {
    /// The capabilities whose absence is made up for here that a query uses.
    pub(crate) fn arguments(query: &ListMessages) -> Vec<Capability> {
        let used = [
            (query.since.is_some(), Capability::FilterSince),
            (query.until.is_some(), Capability::FilterUntil),
            (query.from_me.is_some(), Capability::FilterFromMe),
            (query.ack.is_some(), Capability::FilterAck),
            (query.media_only, Capability::FilterMedia),
            (query.search.is_some(), Capability::Search),
            (query.offset > 0, Capability::MessagesOffset),
        ];
        used.into_iter().filter_map(|(used, c)| used.then_some(c)).collect()
    }

    pub(crate) fn new(query: &ListMessages, capabilities: &Capabilities) -> Self {
        let emulated: Vec<_> = Self::arguments(query)
            .into_iter()
            .filter(|c| capabilities.support(*c) == Support::Emulated)
            .collect();
        let (mut native, mut filter) = (query.clone(), ListMessages::new(ChatScope::All));
        for capability in &emulated {
            match capability {
                Capability::FilterSince => {
                    filter.since = native.since.take();
                    native.look_back = filter.since;
                }
                Capability::FilterUntil => filter.until = native.until.take(),
                Capability::FilterFromMe => filter.from_me = native.from_me.take(),
                Capability::FilterAck => filter.ack = native.ack.take(),
                Capability::FilterMedia => filter.media_only = std::mem::take(&mut native.media_only),
                Capability::Search => filter.search = native.search.take(),
                _ => {}
            }
        }
        // a filter applied here changes what an offset counts
        let skip = if emulated.is_empty() { 0 } else { std::mem::take(&mut native.offset) };
        let filters = emulated.iter().any(|c| *c != Capability::MessagesOffset);
        Self { native, filter: filters.then_some(filter), skip, emulated }
    }
}

/// What of a list of chats the provider does, and what is done here.
#[derive(Debug)]
pub(crate) struct ChatPlan {
    /// What the provider is asked for.
    pub(crate) native: ListChats,
    /// What its rows are filtered by here.
    pub(crate) filter: Option<ChatFilter>,
    /// How many of those are left out here.
    pub(crate) skip: u64,
    /// They are sorted here, which takes all of them.
    pub(crate) sorts: bool,
    /// What is emulated.
    pub(crate) emulated: Vec<Capability>,
}

/// Filters of chats that are applied here. A flag that is not told doesn't match.
#[derive(Debug, Default)]
pub(crate) struct ChatFilter {
    archived: Option<bool>,
    name: Option<String>,
}

impl ChatFilter {
    /// The filters of a query.
    pub(crate) fn of(query: &ListChats) -> Self {
        Self { archived: query.archived, name: query.name.as_deref().map(str::to_lowercase) }
    }

    /// Does this chat pass?
    pub(crate) fn matches(&self, chat: &Chat) -> bool {
        let name = || chat.name.as_deref().map(str::to_lowercase);
        self.archived.is_none_or(|archived| chat.archived == Some(archived))
            && self.name.as_ref().is_none_or(|part| name().is_some_and(|name| name.contains(part)))
    }
}

impl ChatPlan {
    /// The capabilities whose absence is made up for here that a query uses.
    pub(crate) fn arguments(query: &ListChats) -> Vec<Capability> {
        let used = [
            (query.archived.is_some(), Capability::FilterArchived),
            (query.name.is_some(), Capability::FilterName),
            ((query.sort, query.order) != (ChatSort::Activity, SortOrder::Desc), Capability::ChatsSort),
            (query.offset > 0, Capability::ChatsOffset),
        ];
        used.into_iter().filter_map(|(used, c)| used.then_some(c)).collect()
    }

    pub(crate) fn new(query: &ListChats, capabilities: &Capabilities) -> Self {
        let emulated: Vec<_> = Self::arguments(query)
            .into_iter()
            .filter(|c| capabilities.support(*c) == Support::Emulated)
            .collect();
        let (mut native, mut filter, mut sorts) = (query.clone(), ListChats::new(), false);
        for capability in &emulated {
            match capability {
                Capability::FilterArchived => filter.archived = native.archived.take(),
                Capability::FilterName => filter.name = native.name.take(),
                Capability::ChatsSort => {
                    (native.sort, native.order, sorts) = (ChatSort::Activity, SortOrder::Desc, true);
                }
                _ => {}
            }
        }
        let skip = if emulated.is_empty() { 0 } else { std::mem::take(&mut native.offset) };
        let filters = filter.archived.is_some() || filter.name.is_some();
        Self { native, filter: filters.then(|| ChatFilter::of(&filter)), skip, sorts, emulated }
    }
}

/// The order of chats: what has no time or no name comes last whatever the order, equals go by id.
pub(crate) fn compare(sort: ChatSort, order: SortOrder, a: &Chat, b: &Chat) -> Ordering {
    fn known<T: Ord>(a: Option<T>, b: Option<T>, order: SortOrder) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if order == SortOrder::Asc => a.cmp(&b),
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
    let name = |chat: &Chat| chat.name.as_deref().map(str::to_lowercase);
    match sort {
        ChatSort::Activity => {
            known(a.last_message_at, b.last_message_at, order).then_with(|| a.id.cmp(&b.id))
        }
        ChatSort::Name => known(name(a), name(b), order).then_with(|| a.id.cmp(&b.id)),
        ChatSort::Id => known(Some(&a.id), Some(&b.id), order),
    }
}

/// All chats that pass the query's filters, sorted here; its offset and limit are left to the caller.
pub(crate) async fn sort_chats(
    reader: &Reader,
    query: &ListChats,
    bound: Option<u64>,
) -> Result<Composed<Chat>> {
    let (mut query, page_size) = (query.clone(), query.limit);
    query.offset = 0;
    let listing = Listing { page_size, bound, ..Listing::default() };
    let lister = Lister::chats(reader.clone(), &query, listing).await?;
    let lister = match bound {
        Some(bound) => lister.only(|_| true, bound),
        None => lister,
    };
    let mut all = lister.page().await?;
    if by_place(query.sort, &all.items) {
        if query.order == SortOrder::Asc {
            all.items.reverse();
        }
    } else {
        all.items.sort_by(|a, b| compare(query.sort, query.order, a, b));
    }
    Ok(all)
}

/// A gateway may list chats by their activity and not tell its time (Green-API): then their place tells it.
pub(crate) fn by_place(sort: ChatSort, chats: &[Chat]) -> bool {
    sort == ChatSort::Activity && chats.iter().all(|chat| chat.last_message_at.is_none())
}
