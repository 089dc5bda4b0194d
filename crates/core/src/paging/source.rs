use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::place::Place;
use super::rows::number;
use crate::layer::deadline;
use crate::{
    Capabilities, Capability, Chat, ChatScope, ChatsProvider, Gateway, ListChats, ListMessages, Message,
    Operation, OverviewQuery, Page, Result,
};

/// How many rows an emulated filter reads where nobody says.
pub(crate) const MAX_SCAN: u64 = 10_000;

/// A provider as lists read it: with the caller's time for each operation.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) provider: Arc<dyn ChatsProvider>,
    pub(crate) timeout: Option<Duration>,
    /// How many rows an emulated filter reads for a list with a limit.
    pub(crate) max_scan: u64,
    /// How many pages a list may ask for before their turn.
    pub(crate) ahead: usize,
}

impl Reader {
    /// With the default time and bound.
    pub(crate) fn new(provider: Arc<dyn ChatsProvider>) -> Self {
        Self { provider, timeout: None, max_scan: MAX_SCAN, ahead: 0 }
    }

    /// What the gateway can do; probed where it isn't sure of something that is needed.
    pub(crate) async fn capabilities(&self, needed: &[Capability]) -> Result<(Gateway, Arc<Capabilities>)> {
        let info = self.provider.info();
        if needed.iter().any(|c| info.unsure.contains(c)) {
            return Ok((info.gateway, self.run(self.provider.capabilities()).await?));
        }
        Ok((info.gateway, info.capabilities))
    }

    /// Runs one operation in the caller's time.
    pub(crate) async fn run<F: Future>(&self, future: F) -> F::Output {
        match self.timeout {
            Some(time) => deadline::with_timeout(time, future).await,
            None => future.await,
        }
    }
}

/// A list that can be walked.
#[async_trait]
pub(crate) trait Source: Send + Sync {
    /// What it lists.
    type Item: Send;
    /// Under which name its errors go.
    const OPERATION: Operation;

    /// One page: one request of the provider.
    async fn read(&self, place: &Place) -> Result<Page<Self::Item>>;
    /// What makes an item the same item.
    fn ident(&self, item: &Self::Item) -> u64;
    /// What it is sorted by, where that is a time.
    fn at(&self, item: &Self::Item) -> Option<DateTime<Utc>>;
}

/// Messages of one chat or of all.
pub(crate) struct MessageSource {
    pub(crate) reader: Reader,
    pub(crate) query: ListMessages,
}

#[async_trait]
impl Source for MessageSource {
    type Item = Message;
    const OPERATION: Operation = Operation::ListMessages;

    async fn read(&self, place: &Place) -> Result<Page<Message>> {
        let mut query = self.query.clone();
        query.page = None;
        query.limit = Some(place.limit);
        query.offset = place.offset;
        query.until = match (place.until_time(), query.until) {
            (Some(walk), Some(user)) => Some(walk.min(user)),
            (walk, user) => walk.or(user),
        };
        if let (Some(since), Some(until)) = (query.since, &mut query.until) {
            *until = since.max(*until); // a message older than `since` was shown: ask for that second alone
        }
        self.reader.run(self.reader.provider.list_messages(&query)).await
    }

    fn ident(&self, message: &Message) -> u64 {
        let chat = (self.query.chat == ChatScope::All).then_some(&message.chat_id);
        number(&(chat, &message.key, message.from_me))
    }

    fn at(&self, message: &Message) -> Option<DateTime<Utc>> {
        message.sent_at
    }
}

/// Chats.
pub(crate) struct ChatSource {
    pub(crate) reader: Reader,
    pub(crate) query: ListChats,
}

#[async_trait]
impl Source for ChatSource {
    type Item = Chat;
    const OPERATION: Operation = Operation::ListChats;

    async fn read(&self, place: &Place) -> Result<Page<Chat>> {
        let mut query = self.query.clone();
        query.page = None;
        query.limit = Some(place.limit);
        query.offset = place.offset;
        self.reader.run(self.reader.provider.list_chats(&query)).await
    }

    fn ident(&self, chat: &Chat) -> u64 {
        number(&chat.id)
    }

    fn at(&self, chat: &Chat) -> Option<DateTime<Utc>> {
        chat.last_message_at
    }
}

/// Chats with picture and last message, where the gateway gives them in pages of its own.
pub(crate) struct OverviewSource {
    pub(crate) reader: Reader,
    pub(crate) query: OverviewQuery,
}

#[async_trait]
impl Source for OverviewSource {
    type Item = Chat;
    const OPERATION: Operation = Operation::Overview;

    async fn read(&self, place: &Place) -> Result<Page<Chat>> {
        let mut query = self.query.clone();
        query.page = None;
        query.limit = Some(place.limit);
        query.offset = place.offset;
        self.reader.run(self.reader.provider.overview(&query)).await
    }

    fn ident(&self, chat: &Chat) -> u64 {
        number(&chat.id)
    }

    fn at(&self, chat: &Chat) -> Option<DateTime<Utc>> {
        chat.last_message_at
    }
}
