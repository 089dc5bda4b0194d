use chrono::{DateTime, Utc};

use super::{Data, Memory};
use crate::layer::emulate::plan::{ChatFilter, compare};
use crate::{
    Capability, Chat, ChatScope, ChatSort, Ending, ErrorKind, Gateway, ListChats, ListMessages, Message,
    Operation, OverviewQuery, Page, PageToken, Result, SortOrder,
};

/// A page cut out of a list, and the offset of the next one.
struct Cut<T> {
    items: Vec<T>,
    next: Option<u64>,
}

fn cut<T>(all: impl Iterator<Item = T>, offset: u64, limit: u32) -> Cut<T> {
    let size = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut rest = all.skip(size);
    let items: Vec<T> = rest.by_ref().take(limit as usize).collect();
    let next = rest.next().map(|_| offset + items.len() as u64);
    Cut { items, next }
}

impl Memory {
    fn start(&self, page: Option<&PageToken>, offset: u64, query: u64, operation: Operation) -> Result<u64> {
        page.map_or(Ok(offset), |page| page.open(&Gateway::MEMORY, query, operation))
    }

    pub(super) fn read_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let sorts = query.sort != ChatSort::Activity || query.order != SortOrder::Desc;
        let used = [
            (true, Capability::ListChats),
            (query.offset > 0, Capability::ChatsOffset),
            (sorts, Capability::ChatsSort),
            (query.archived.is_some(), Capability::FilterArchived),
            (query.name.is_some(), Capability::FilterName),
        ];
        let data = self.begin(Operation::ListChats, &used)?;
        let offset =
            self.start(query.page.as_ref(), query.offset, query.fingerprint(), Operation::ListChats)?;
        let chats = self.sorted(&data, query);
        let total = chats.len() as u64;
        let limit = self.capabilities.chats.page_size(query.limit);
        self.bounded(total, limit, Operation::ListChats)?;
        let cut = cut(chats.into_iter(), offset, limit);
        let bare = |chat: &Chat| {
            let mut chat = chat.clone();
            (chat.picture_url, chat.last_message) = (None, None);
            chat.last_message_at = chat.last_message_at.map(|at| self.time(at));
            chat
        };
        let mut page = Page::new(cut.items.into_iter().map(bare).collect());
        page.next = self.token(cut.next, query.fingerprint())?;
        page.total = Some(total);
        Ok(page)
    }

    fn sorted<'a>(&self, data: &'a Data, query: &ListChats) -> Vec<&'a Chat> {
        let filter = ChatFilter::of(query);
        let mut chats: Vec<&Chat> = data.chats.iter().filter(|chat| filter.matches(chat)).collect();
        chats.sort_by(|a, b| compare(query.sort, query.order, a, b));
        chats
    }

    pub(super) fn read_overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        let data = self.begin(Operation::Overview, &[(true, Capability::Overview)])?;
        let offset =
            self.start(query.page.as_ref(), query.offset, query.fingerprint(), Operation::Overview)?;
        let named = |chat: &&Chat| {
            let other = chat.alternate_id.as_ref();
            query.ids.is_empty()
                || query.ids.contains(&chat.id)
                || other.is_some_and(|id| query.ids.contains(id))
        };
        let chats = self.sorted(&data, &ListChats::new()).into_iter().filter(named);
        let cut = cut(chats, offset, self.capabilities.chats.page_size(query.limit));
        let whole = |chat: &Chat| {
            let mut chat = chat.clone();
            let newest = data.messages.iter().find(|m| m.chat_id == chat.id && !self.is_dropped(m));
            chat.last_message = newest.map(|m| Box::new(self.shown(m)));
            chat.last_message_at = chat.last_message_at.map(|at| self.time(at));
            chat
        };
        let mut page = Page::new(cut.items.into_iter().map(whole).collect());
        page.next = self.token(cut.next, query.fingerprint())?;
        Ok(page)
    }

    pub(super) fn read_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let all = query.chat == ChatScope::All;
        let used = [
            (!all, Capability::ListMessages),
            (all, Capability::AllMessages),
            (query.offset > 0, Capability::MessagesOffset),
            (query.since.is_some(), Capability::FilterSince),
            (query.until.is_some(), Capability::FilterUntil),
            (query.from_me.is_some(), Capability::FilterFromMe),
            (query.ack.is_some(), Capability::FilterAck),
            (query.media_only, Capability::FilterMedia),
            (query.search.is_some(), Capability::Search),
        ];
        let data = self.begin(Operation::ListMessages, &used)?;
        let offset =
            self.start(query.page.as_ref(), query.offset, query.fingerprint(), Operation::ListMessages)?;
        let paging = self.capabilities.messages;
        let limit = paging.page_size(query.limit);
        let matching = || data.messages.iter().filter(|m| self.belongs(m, query));
        if self.largest_answer.is_some() {
            self.bounded(matching().count() as u64, limit, Operation::ListMessages)?;
        }
        let mut cut = cut(matching(), offset, limit);
        if matches!(paging.ending, Ending::EmptyPages(_)) && cut.items.iter().any(|m| !self.is_dropped(m)) {
            cut.next = Some(offset + u64::from(limit)); // it can't tell whether more follows
        }
        let shown = cut.items.into_iter().filter(|m| !self.is_dropped(m)).map(|m| self.shown(m));
        let mut page = Page::new(shown.collect());
        page.next = self.token(cut.next, query.fingerprint())?;
        Ok(page)
    }

    fn belongs(&self, message: &Message, query: &ListMessages) -> bool {
        if query.chat.chat().is_some_and(|id| message.chat_id != *id) || !query.matches(message) {
            return false;
        }
        // finer than `matches`: what is stored, against the bound as it came
        !self.whole_seconds || query.until.is_none_or(|until| message.sent_at.is_some_and(|at| at <= until))
    }

    fn bounded(&self, there: u64, limit: u32, operation: Operation) -> Result<()> {
        match self.largest_answer {
            Some(most) if limit > most && there > u64::from(most) => {
                Err(self.error(ErrorKind::TooLarge, operation, "the answer is larger than allowed"))
            }
            _ => Ok(()),
        }
    }

    /// A token holds the offset of the next page.
    fn token(&self, next: Option<u64>, query: u64) -> Result<Option<PageToken>> {
        next.map(|offset| PageToken::new(Gateway::MEMORY, query, &offset)).transpose()
    }

    fn is_dropped(&self, message: &Message) -> bool {
        self.drops.as_ref().is_some_and(|drops| drops(message))
    }

    fn time(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let whole = DateTime::from_timestamp(at.timestamp(), 0);
        if self.whole_seconds { whole.unwrap_or(at) } else { at }
    }

    /// The message as the gateway shows it.
    pub(super) fn shown(&self, message: &Message) -> Message {
        let mut message = message.clone();
        message.sent_at = message.sent_at.map(|at| self.time(at));
        message
    }
}
