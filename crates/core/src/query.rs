use std::fmt;

use chrono::{DateTime, Utc};

use crate::{Ack, ChatId, Error, ErrorKind, Message, MessageId, Operation, PageToken, Result};

/// By what a list of chats is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChatSort {
    /// By the time of the last activity.
    #[default]
    Activity,
    /// By id.
    Id,
    /// By name.
    Name,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortOrder {
    /// Newest, or last in the alphabet, first.
    #[default]
    Desc,
    /// Oldest, or first in the alphabet, first.
    Asc,
}

/// One page of chats.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListChats {
    /// How many items the page should hold, at most; the gateway's own default where `None`.
    pub limit: Option<u32>,
    /// How many to leave out at the start. Ignored when `page` is given.
    pub offset: u64,
    /// By what to sort.
    pub sort: ChatSort,
    /// In which order.
    pub order: SortOrder,
    /// Only archived chats, or only the others.
    pub archived: Option<bool>,
    /// Only chats whose name contains this, letter case aside.
    pub name: Option<String>,
    /// Where an earlier page told to go on.
    pub page: Option<PageToken>,
    /// Keep the raw JSON of each chat.
    pub raw: bool,
}

impl ListChats {
    /// All chats, most recently active first.
    pub fn new() -> Self {
        Self::default()
    }

    /// What must be the same for a page token to fit.
    pub fn fingerprint(&self) -> u64 {
        PageToken::fingerprint(&("chats", self.sort, self.order, self.archived, &self.name, self.offset))
    }
}

impl fmt::Debug for ListChats {
    /// Without the name searched for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListChats")
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .field("sort", &self.sort)
            .field("order", &self.order)
            .field("archived", &self.archived)
            .field("name", &self.name.is_some())
            .finish_non_exhaustive()
    }
}

/// One page of chats with picture and last message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OverviewQuery {
    /// How many items the page should hold, at most.
    pub limit: Option<u32>,
    /// How many to leave out at the start. Ignored when `page` is given.
    pub offset: u64,
    /// Only these chats; empty for all.
    pub ids: Vec<ChatId>,
    /// Where an earlier page told to go on.
    pub page: Option<PageToken>,
    /// Keep the raw JSON of each chat.
    pub raw: bool,
}

impl OverviewQuery {
    /// All chats, most recently active first.
    pub fn new() -> Self {
        Self::default()
    }

    /// What must be the same for a page token to fit.
    pub fn fingerprint(&self) -> u64 {
        PageToken::fingerprint(&("overview", &self.ids, self.offset))
    }
}

/// The picture of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PictureQuery {
    /// The chat.
    pub chat: ChatId,
    /// Ask WhatsApp anew instead of taking a cached address.
    pub refresh: bool,
}

impl PictureQuery {
    /// The picture of this chat, cached where the gateway caches.
    pub fn new(chat: ChatId) -> Self {
        Self { chat, refresh: false }
    }
}

/// Which chats' messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChatScope {
    /// Those of one chat.
    One(ChatId),
    /// Those of all chats.
    All,
}

impl From<ChatId> for ChatScope {
    fn from(id: ChatId) -> Self {
        Self::One(id)
    }
}

impl ChatScope {
    /// The chat, unless all are meant.
    pub fn chat(&self) -> Option<&ChatId> {
        match self {
            Self::One(id) => Some(id),
            Self::All => None,
        }
    }
}

/// One page of messages, newest first.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListMessages {
    /// Of which chat.
    pub chat: ChatScope,
    /// How many items the page should hold, at most; the gateway's own default where `None`.
    pub limit: Option<u32>,
    /// How many to leave out at the start. Ignored when `page` is given.
    pub offset: u64,
    /// Not older than this (inclusive).
    pub since: Option<DateTime<Utc>>,
    /// Not newer than this (inclusive).
    pub until: Option<DateTime<Utc>>,
    /// How far back a gateway has to look whose list begins at a time (Green-API's messages of all chats): the
    /// `since` that is emulated. It filters nothing, and providers that don't need it ignore it.
    pub look_back: Option<DateTime<Utc>>,
    /// Only own messages, or only others'.
    pub from_me: Option<bool>,
    /// Only messages in this state of delivery.
    pub ack: Option<Ack>,
    /// Only messages with media.
    pub media_only: bool,
    /// Only messages whose text or caption contains this, letter case aside (Unicode).
    pub search: Option<String>,
    /// Let the gateway fetch the media of the page first (WAHA; slow).
    pub fetch_media: bool,
    /// Where an earlier page told to go on.
    pub page: Option<PageToken>,
    /// Keep the raw JSON of each message.
    pub raw: bool,
    /// The most messages that an emulated filter reads for this page; 10,000 where `None`.
    pub max_scan: Option<u64>,
}

impl ListMessages {
    /// All messages of a chat, or of all chats.
    pub fn new(chat: impl Into<ChatScope>) -> Self {
        Self {
            chat: chat.into(),
            limit: None,
            offset: 0,
            since: None,
            until: None,
            look_back: None,
            from_me: None,
            ack: None,
            media_only: false,
            search: None,
            fetch_media: false,
            page: None,
            raw: false,
            max_scan: None,
        }
    }

    /// What must be the same for a page token to fit.
    pub fn fingerprint(&self) -> u64 {
        PageToken::fingerprint(&(
            ("messages", &self.chat, self.offset, self.since, self.until),
            (self.from_me, &self.ack, self.media_only, &self.search),
        ))
    }

    /// Refuses what asks for nothing, before any request: a limit of 0, an empty text to search for, a time
    /// before which nothing can be.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: &'static str| {
            Err(Error::new(ErrorKind::InvalidInput, Operation::ListMessages).with_message(message))
        };
        match (self.since, self.until) {
            _ if self.limit == Some(0) => refuse("a limit of 0 asks for nothing"),
            _ if self.search.as_deref().is_some_and(|text| text.trim().is_empty()) => {
                refuse("the text to search for is empty")
            }
            (Some(since), Some(until)) if since > until => refuse("since is later than until"),
            _ => Ok(()),
        }
    }

    /// Does this message pass the filters? Times are compared in whole seconds, as gateways do.
    pub fn matches(&self, message: &Message) -> bool {
        let seconds = |t: &DateTime<Utc>| t.timestamp();
        let sent = message.sent_at.as_ref().map(seconds);
        self.since.as_ref().is_none_or(|since| sent.is_some_and(|at| at >= seconds(since)))
            && self.until.as_ref().is_none_or(|until| sent.is_some_and(|at| at <= seconds(until)))
            && self.from_me.is_none_or(|from_me| message.from_me == from_me)
            && self.ack.as_ref().is_none_or(|ack| message.ack.as_ref() == Some(ack))
            && (!self.media_only || message.media.is_some())
            && self.search.as_deref().is_none_or(|needle| message.contains(needle))
    }
}

impl fmt::Debug for ListMessages {
    /// Without the text searched for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListMessages")
            .field("chat", &self.chat)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .field("since", &self.since)
            .field("until", &self.until)
            .field("from_me", &self.from_me)
            .field("ack", &self.ack)
            .field("media_only", &self.media_only)
            .field("search", &self.search.is_some())
            .finish_non_exhaustive()
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetMessage {
    /// The chat it is in.
    pub chat: ChatId,
    /// Its id, in full or the bare key.
    pub id: MessageId,
    /// Let the gateway fetch its media first (WAHA).
    pub fetch_media: bool,
    /// Keep the raw JSON.
    pub raw: bool,
    /// The most messages that an emulated look-up reads; 10,000 where `None`.
    pub max_scan: Option<u64>,
}

impl GetMessage {
    /// The message of this id.
    pub fn new(chat: ChatId, id: MessageId) -> Self {
        Self { chat, id, fetch_media: false, raw: false, max_scan: None }
    }
}

/// The media of a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OpenMedia {
    /// The chat the message is in.
    pub chat: ChatId,
    /// The message's id.
    pub id: MessageId,
    /// The message itself where it was read already, which saves a look-up.
    pub message: Option<Box<Message>>,
}

impl OpenMedia {
    /// The media of the message of this id.
    pub fn new(chat: ChatId, id: MessageId) -> Self {
        Self { chat, id, message: None }
    }

    /// The media of this message.
    pub fn of(message: &Message) -> Self {
        Self {
            chat: message.chat_id.clone(),
            id: message.id.clone(),
            message: Some(Box::new(message.clone())),
        }
    }
}
