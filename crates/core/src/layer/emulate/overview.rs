use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::Emulate;
use crate::paging::{Lister, Listing};
use crate::{
    Capabilities, Capability, Chat, ChatId, ListChats, ListMessages, Message, Operation, OverviewQuery, Page,
    PageToken, PictureQuery, Result, Support,
};

/// How many chats are completed at the same time.
const AT_ONCE: usize = 4;

#[derive(Serialize, Deserialize)]
enum Next {
    /// The list of chats goes on there.
    Chats(PageToken),
    /// So many of the ids given were told already.
    Ids(u64),
}

impl Emulate {
    pub(super) async fn compose_overview(
        &self,
        query: &OverviewQuery,
        capabilities: &Capabilities,
    ) -> Result<Page<Chat>> {
        let gateway = capabilities.gateway.clone();
        let next: Option<Next> = query
            .page
            .as_ref()
            .map(|t| t.open(&gateway, query.fingerprint(), Operation::Overview))
            .transpose()?;
        let (mut page, next) = match next {
            Some(Next::Ids(told)) => self.named(query, told, capabilities).await?,
            next if query.ids.is_empty() => {
                let mut list = ListChats::new();
                (list.limit, list.offset, list.raw) = (query.limit, query.offset, query.raw);
                list.page = match next {
                    Some(Next::Chats(token)) => Some(token),
                    _ => None,
                };
                let mut page =
                    self.chats_page(&list).await.map_err(|e| e.with_operation(Operation::Overview))?;
                let next = page.next.take().map(Next::Chats);
                (page, next)
            }
            _ => self.named(query, query.offset, capabilities).await?,
        };
        let chats = std::mem::take(&mut page.items);
        page.items = stream::iter(chats)
            .map(|chat| self.complete(chat, query.raw, capabilities))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        page.next = next.map(|next| PageToken::new(gateway, query.fingerprint(), &next)).transpose()?;
        Ok(page)
    }

    /// The chats of the query's ids, found in the list.
    async fn named(
        &self,
        query: &OverviewQuery,
        told: u64,
        capabilities: &Capabilities,
    ) -> Result<(Page<Chat>, Option<Next>)> {
        let wanted: HashSet<ChatId> = query.ids.iter().cloned().collect();
        let mut list = ListChats::new();
        list.raw = query.raw;
        let listing = Listing { wanted: Some(wanted.len() as u64), ..Listing::default() };
        let named = move |chat: &Chat| {
            wanted.contains(&chat.id) || chat.alternate_id.as_ref().is_some_and(|id| wanted.contains(id))
        };
        let lister = Lister::chats(self.reader(), &list, listing).await?.only(named, self.max_scan);
        let found = lister.page().await.map_err(|e| e.with_operation(Operation::Overview))?;
        let limit = u64::from(capabilities.chats.page_size(query.limit));
        let more = found.items.len() as u64 > told.saturating_add(limit);
        let size = |n| usize::try_from(n).unwrap_or(usize::MAX);
        let mut page = Page::new(found.items.into_iter().skip(size(told)).take(size(limit)).collect());
        page.skipped = found.skipped;
        Ok((page, more.then(|| Next::Ids(told + limit))))
    }

    /// Adds what the list didn't tell: at most two requests.
    async fn complete(&self, mut chat: Chat, raw: bool, capabilities: &Capabilities) -> Result<Chat> {
        let can = |c| capabilities.support(c) != Support::No;
        let message = async {
            if chat.last_message.is_some() || !can(Capability::ListMessages) {
                return Ok(None);
            }
            let mut newest = ListMessages::new(chat.id.clone());
            (newest.limit, newest.raw) = (Some(1), raw);
            let page =
                self.messages_page(&newest).await.map_err(|e| e.with_operation(Operation::Overview))?;
            Ok(page.items.into_iter().next())
        };
        let picture = async {
            if chat.picture_url.is_some() || !can(Capability::ChatPicture) {
                return None;
            }
            match self.inner.chat_picture(&PictureQuery::new(chat.id.clone())).await {
                Ok(url) => url,
                Err(error) => {
                    tracing::warn!(kind = %error.kind(), "the picture of a chat could not be looked up");
                    None
                }
            }
        };
        let (message, picture): (Result<Option<Message>>, _) = futures::join!(message, picture);
        if let Some(message) = message? {
            chat.last_message_at = chat.last_message_at.or(message.sent_at);
            chat.last_message = Some(Box::new(message));
        }
        chat.picture_url = chat.picture_url.or(picture);
        Ok(chat)
    }
}
