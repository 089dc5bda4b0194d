use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::plan::{ChatPlan, MessagePlan, by_place, compare, sort_chats};
use super::{Emulate, left_to_us};
use crate::paging::{Composed, Cursor, Lister, Listing};
use crate::{
    Capabilities, Capability, Chat, ChatId, Effect, Error, ErrorKind, Gateway, GetMessage, ListChats,
    ListMessages, Message, Missing, Operation, Page, PageToken, Pager, Result, Support,
};

/// The last chat of a page sorted here: the next one begins after it, whatever came in between.
#[derive(Serialize, Deserialize)]
struct After {
    id: ChatId,
    name: Option<String>,
    at: Option<DateTime<Utc>>,
}

impl After {
    fn chat(self) -> Chat {
        let mut chat = Chat::new(self.id);
        (chat.name, chat.last_message_at) = (self.name, self.at);
        chat
    }
}

fn page<T>(composed: Composed<T>, gateway: Gateway, query: u64) -> Result<Page<T>> {
    let mut page = Page::new(composed.items);
    page.skipped = composed.skipped;
    page.next = composed.next.map(|cursor| PageToken::new(gateway, query, &cursor)).transpose()?;
    Ok(page)
}

impl Emulate {
    pub(super) async fn messages_page(&self, query: &ListMessages) -> Result<Page<Message>> {
        let reader = self.reader();
        let (gateway, capabilities) = reader.capabilities(&MessagePlan::arguments(query)).await?;
        let paging = capabilities.messages;
        let plan = MessagePlan::new(query, &capabilities);
        let only_a_count = paging.pager == Pager::Window;
        if plan.emulated.is_empty() && !only_a_count {
            return self.inner.list_messages(query).await;
        }
        let limit = paging.page_size(query.limit);
        if let Some(found) = self.own_search(query, &capabilities).await?
            && found.items.len() <= limit as usize
        {
            return Ok(found);
        }
        let listing = Listing {
            page_size: Some(limit.max(paging.default_page_size)),
            wanted: Some(u64::from(limit)),
            bound: Some(query.max_scan.unwrap_or(self.max_scan)),
            cursor: self.cursor(
                query.page.as_ref(),
                &gateway,
                query.fingerprint(),
                Operation::ListMessages,
            )?,
            ..Listing::default()
        };
        page(Lister::messages(reader, query, listing).await?.page().await?, gateway, query.fingerprint())
    }

    /// What the gateway's own search gives, where the provider vouches for it: all matches in one page.
    async fn own_search(
        &self,
        query: &ListMessages,
        capabilities: &Capabilities,
    ) -> Result<Option<Page<Message>>> {
        if query.search.is_none()
            || query.page.is_some()
            || query.offset > 0
            || capabilities.support(Capability::Search) != Support::Emulated
        {
            return Ok(None);
        }
        let mut all = query.clone();
        all.limit = Some(capabilities.messages.max_page_size);
        match self.inner.list_messages(&all).await {
            Ok(mut page) if page.next.is_none() => {
                page.items.retain(|message| query.matches(message));
                Ok(Some(page))
            }
            Ok(_) => Ok(None),
            Err(error) if left_to_us(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn chats_page(&self, query: &ListChats) -> Result<Page<Chat>> {
        let reader = self.reader();
        let (gateway, capabilities) = reader.capabilities(&ChatPlan::arguments(query)).await?;
        let paging = capabilities.chats;
        let plan = ChatPlan::new(query, &capabilities);
        if plan.sorts {
            return self.sorted_page(query, gateway, &capabilities).await;
        }
        let only_a_count = paging.pager == Pager::Window;
        if plan.emulated.is_empty() && !only_a_count {
            return self.inner.list_chats(query).await;
        }
        let limit = paging.page_size(query.limit);
        let listing = Listing {
            page_size: Some(limit.max(paging.default_page_size)),
            wanted: Some(u64::from(limit)),
            bound: Some(self.max_scan),
            cursor: self.cursor(query.page.as_ref(), &gateway, query.fingerprint(), Operation::ListChats)?,
            ..Listing::default()
        };
        page(Lister::chats(reader, query, listing).await?.page().await?, gateway, query.fingerprint())
    }

    async fn sorted_page(
        &self,
        query: &ListChats,
        gateway: Gateway,
        capabilities: &Capabilities,
    ) -> Result<Page<Chat>> {
        let (limit, token) = (capabilities.chats.page_size(query.limit) as usize, query.fingerprint());
        let mut all_of = query.clone();
        all_of.limit = Some(capabilities.chats.max_page_size);
        let mut all = sort_chats(&self.reader(), &all_of, Some(self.max_scan)).await?;
        let total = all.items.len() as u64;
        let start = match &query.page {
            Some(page) => {
                let after: After = page.open(&gateway, token, Operation::ListChats)?;
                let after = after.chat();
                let passed =
                    |chat: &Chat| compare(query.sort, query.order, chat, &after) != Ordering::Greater;
                if by_place(query.sort, &all.items) {
                    all.items.iter().position(|chat| chat.id == after.id).map_or(0, |place| place + 1)
                } else {
                    all.items.partition_point(passed)
                }
            }
            None => usize::try_from(query.offset).unwrap_or(usize::MAX).min(all.items.len()),
        };
        let mut rest = all.items.split_off(start);
        let more = rest.len() > limit;
        rest.truncate(limit);
        let mut page = Page::new(rest);
        if let Some(last) = page.items.last().filter(|_| more) {
            let after = After { id: last.id.clone(), name: last.name.clone(), at: last.last_message_at };
            page.next = Some(PageToken::new(gateway, token, &after)?);
        }
        page.total = Some(total);
        page.skipped = if query.page.is_none() { all.skipped } else { Vec::new() };
        Ok(page)
    }

    fn cursor(
        &self,
        token: Option<&PageToken>,
        gateway: &Gateway,
        query: u64,
        operation: Operation,
    ) -> Result<Option<Cursor>> {
        token.map(|token| token.open(gateway, query, operation)).transpose()
    }

    pub(super) async fn find_message(&self, query: &GetMessage) -> Result<Message> {
        let mut list = ListMessages::new(query.chat.clone());
        list.raw = query.raw;
        let bound = query.max_scan.unwrap_or(self.max_scan);
        let (gateway, capabilities) = self.reader().capabilities(&[Capability::FilterUntil]).await?;
        let page_size =
            Some(capabilities.messages.max_page_size.min(capabilities.messages.default_page_size.max(100)));
        let listing = Listing { page_size, wanted: Some(1), bound: Some(bound), ..Listing::default() };
        let id = query.id.clone();
        let wanted =
            move |m: &Message| m.key == *id.key() && id.from_me().is_none_or(|from_me| m.from_me == from_me);
        let name = |e: Error| e.with_operation(Operation::GetMessage);
        let lister = Lister::messages(self.reader(), &list, listing).await.map_err(name)?.only(wanted, bound);
        let found = lister.page().await.map_err(|e| match e.kind() {
            ErrorKind::Unsupported if e.capability().is_none() => name(e).with_capability(Capability::GetMessage).with_message(
                format!("the {bound} newest messages don't hold it and the gateway can't look it up: allow a wider scan (max_scan)"),
            ),
            _ => name(e),
        })?;
        found.items.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, Operation::GetMessage)
                .with_gateway(gateway)
                .with_missing(Missing::Message)
                .with_effect(Effect::Unknown)
                .with_message("the chat doesn't hold this message")
        })
    }
}
