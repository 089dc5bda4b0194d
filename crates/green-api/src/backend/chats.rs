use wachats_core::{
    Capability, Chat, ChatId, ChatSort, Effect, Error, ErrorKind, Gateway, ListChats, Operation, Page,
    PageToken, Result, Retry, SortOrder, decode,
};

use super::GreenApi;
use super::window::{ChatCursor, MAX_GROWTH, rows};
use crate::capabilities::CHATS;
use crate::{translate, verb, wire};

impl GreenApi {
    pub(super) async fn read_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let operation = Operation::ListChats;
        let emulated = [
            (query.page.is_none() && query.offset > 0, Capability::ChatsOffset),
            (query.sort != ChatSort::Activity || query.order != SortOrder::Desc, Capability::ChatsSort),
            (query.archived.is_some(), Capability::FilterArchived),
            (query.name.is_some(), Capability::FilterName),
        ];
        if let Some((_, capability)) = emulated.into_iter().find(|(given, _)| *given) {
            return Err(self.not_here(operation, capability));
        }
        let query_print = query.fingerprint();
        let cursor = match &query.page {
            Some(token) => token.open(&Gateway::GREEN_API, query_print, operation)?,
            None => ChatCursor::default(),
        };
        let limit = CHATS.page_size(query.limit);
        let (mut page, cursor) = self.chat_window(operation, cursor, limit, query.raw).await?;
        if let Some(cursor) = cursor {
            page.next = Some(PageToken::new(Gateway::GREEN_API, query_print, &cursor)?);
        }
        Ok(page)
    }

    /// The next `limit` chats after a cursor, and the cursor of those that follow, where any do.
    pub(super) async fn chat_window(
        &self,
        operation: Operation,
        mut cursor: ChatCursor,
        limit: u32,
        raw: bool,
    ) -> Result<(Page<Chat>, Option<ChatCursor>)> {
        let first = cursor.window == 0;
        let mut count = cursor.window.saturating_add(limit).min(CHATS.max_page_size);
        for growth in 0.. {
            let mut page = self.top_chats(operation, Some(count), raw).await?;
            let full = rows(&page) >= count && count < CHATS.max_page_size;
            let (items, left) = cursor.take(std::mem::take(&mut page.items), limit, |chat| chat.id.clone());
            cursor.window = count;
            if items.is_empty() && full && growth < MAX_GROWTH {
                count = count.saturating_mul(2).min(CHATS.max_page_size);
                continue;
            }
            page.items = items;
            if !first {
                page.skipped.clear(); // the first page told them
            }
            return Ok((page, (left || full).then_some(cursor)));
        }
        Ok((Page::default(), None))
    }

    /// The `count` chats that were active last; all of them where no count is given.
    pub(super) async fn top_chats(
        &self,
        operation: Operation,
        count: Option<u32>,
        raw: bool,
    ) -> Result<Page<Chat>> {
        let call = self.call(operation, verb::GET_CHATS).query_opt("count", count);
        self.send(call, |answer| decode::page(answer, &[], raw, translate::chat)).await
    }

    pub(super) async fn read_picture(&self, operation: Operation, chat: &ChatId) -> Result<Option<String>> {
        let body = serde_json::json!({ "chatId": chat.as_str() });
        let call = self.post(operation, verb::GET_AVATAR, &body);
        self.send(call, |answer| {
            let avatar: wire::Avatar = answer.json()?;
            let reason = avatar.reason.unwrap_or_default().to_lowercase();
            let refused = |kind: ErrorKind| Error::new(kind, operation).with_status(answer.status);
            if reason.contains("timeout") {
                return Err(
                    refused(ErrorKind::Timeout).with_message("WhatsApp gave the gateway no picture in time")
                );
            }
            if reason.contains("bad request") {
                return Err(refused(ErrorKind::InvalidInput)
                    .with_effect(Effect::Refused)
                    .with_retry(Retry::Never));
            }
            Ok(avatar.url_avatar.filter(|url| !url.is_empty()))
        })
        .await
    }
}
