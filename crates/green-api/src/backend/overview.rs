use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::time::Instant;
use wachats_core::{Chat, ChatId, Gateway, Message, Operation, OverviewQuery, Page, PageToken, Result};

use super::GreenApi;
use super::window::ChatCursor;
use crate::capabilities::CHATS;

/// How far back last messages are looked for: 14 days, as Green-API's own client does.
const MINUTES: i64 = 14 * 24 * 60;
/// Pictures asked for at a time.
const PICTURES: usize = 4;
/// getChats itself is refreshed once a minute: an overview walked in growing windows asks for each picture once.
const KEEP: Duration = Duration::from_secs(60);

/// Pictures read by overviews a moment ago.
#[derive(Default)]
pub(super) struct Pictures(Mutex<HashMap<ChatId, (Instant, Option<String>)>>);

impl Pictures {
    fn get(&self, chat: &ChatId) -> Option<Option<String>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(chat).filter(|(at, _)| at.elapsed() < KEEP).map(|(_, url)| url.clone())
    }

    fn put(&self, chat: ChatId, url: Option<String>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (at, _)| at.elapsed() < KEEP);
        kept.insert(chat, (Instant::now(), url));
    }
}

impl GreenApi {
    /// `getChats`, both journals, and a picture for each chat.
    pub(super) async fn read_overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        let operation = Operation::Overview;
        let print = query.fingerprint();
        let limit = CHATS.page_size(query.limit);
        let cursor = match &query.page {
            Some(token) => token.open(&Gateway::GREEN_API, print, operation)?,
            None => ChatCursor::default(),
        };
        let first = query.page.is_none();
        let chats = async {
            if query.ids.is_empty() && (!first || query.offset == 0) {
                return self.chat_window(operation, cursor, limit, query.raw).await;
            }
            self.picked(query, cursor, limit).await
        };
        let journal = self.journal(operation, MINUTES, false);
        let ((mut page, cursor), journal) = futures::try_join!(chats, journal)?;
        let mut newest: HashMap<ChatId, Message> = HashMap::new();
        for placed in journal.items {
            newest.entry(placed.message.chat_id.clone()).or_insert(placed.message);
        }
        for chat in &mut page.items {
            chat.last_message = newest.remove(&chat.id).map(Box::new);
            chat.last_message_at = chat.last_message.as_ref().and_then(|message| message.sent_at);
        }
        self.put_pictures(&mut page.items).await;
        if let Some(cursor) = cursor {
            page.next = Some(PageToken::new(Gateway::GREEN_API, print, &cursor)?);
        }
        Ok(page)
    }

    /// Only certain chats, or those further down.
    async fn picked(
        &self,
        query: &OverviewQuery,
        mut cursor: ChatCursor,
        limit: u32,
    ) -> Result<(Page<Chat>, Option<ChatCursor>)> {
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        // the first page looks further down by itself; `given` does it from then on
        let wanted = query.offset.saturating_add(u64::from(limit)).saturating_add(1);
        let count =
            query.ids.is_empty().then(|| u32::try_from(wanted).unwrap_or(u32::MAX).min(CHATS.max_page_size));
        let mut page = self.top_chats(Operation::Overview, count, query.raw).await?;
        if !query.ids.is_empty() {
            page.items.retain(|chat| query.ids.contains(&chat.id));
        }
        if query.page.is_none() && offset > 0 {
            let mut items = std::mem::take(&mut page.items).into_iter();
            let above: Vec<Chat> = items.by_ref().take(offset).collect();
            cursor.take(above, u32::MAX, |chat| chat.id.clone());
            page.items = items.collect();
        }
        cursor.window = count.unwrap_or(CHATS.max_page_size);
        let (items, left) = cursor.take(std::mem::take(&mut page.items), limit, |chat| chat.id.clone());
        page.items = items;
        Ok((page, left.then_some(cursor)))
    }

    /// A picture that can't be read leaves the chat without one.
    async fn put_pictures(&self, chats: &mut [Chat]) {
        let ids: Vec<ChatId> = chats.iter().map(|chat| chat.id.clone()).collect();
        let read = stream::iter(ids).map(|id| self.picture(id)).buffered(PICTURES);
        let urls: Vec<Option<String>> = read.collect().await;
        for (chat, url) in chats.iter_mut().zip(urls) {
            chat.picture_url = url;
        }
    }

    async fn picture(&self, id: ChatId) -> Option<String> {
        if !id.is_phone() && !id.is_lid() && !id.is_group() {
            return None;
        }
        if let Some(url) = self.pictures.get(&id) {
            return url;
        }
        match self.read_picture(Operation::Overview, &id).await {
            Ok(url) => {
                self.pictures.put(id, url.clone());
                url
            }
            Err(error) => {
                tracing::warn!(
                    gateway = "green-api",
                    kind = error.kind().as_str(),
                    "a picture could not be read"
                );
                None
            }
        }
    }
}
