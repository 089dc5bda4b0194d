//! The same chat through two gateways: what one of them lacks, and what they tell differently.

mod fields;

use std::collections::{HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ChatHandle, ChatId, Chats, Effect, Error, ErrorKind, Message, MessageKey, Missing, Operation, Result,
};

impl Chats {
    /// Compares a chat as read here with the same chat as read there, through another gateway.
    ///
    /// Messages are matched by key and by whose they are. What one side doesn't tell (`None`) is no
    /// difference, nor are the id and the media's address, which are the gateway's own, nor the source. A
    /// chat that one side doesn't know is empty there. Both lists are held in memory. Where both are empty, the chat
    /// is looked for in the lists of chats ([`Chats::list`]), as far as [`max_scan`](Chats::max_scan) goes.
    ///
    /// # Examples
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use wachats_core::{ChatId, Chats, Memory, Message};
    ///
    /// let anna: ChatId = "79001234567@c.us".parse()?;
    /// let message = |key: &str, text: Option<&str>| {
    ///     let mut message = Message::new(anna.clone(), key.parse().unwrap(), false);
    ///     message.text = text.map(str::to_owned);
    ///     message
    /// };
    /// let old = Chats::new(Memory::new([], [message("3EB0A", Some("Hello")), message("3EB0B", Some("a"))]));
    /// let new = Chats::new(Memory::new([], [message("3EB0A", None), message("3EB0B", Some("b"))]));
    /// let diff = old.diff(&new, &anna)?.run().await?;
    /// assert!(diff.only_here.is_empty() && diff.only_there.is_empty());
    /// assert_eq!(diff.different[0].field, "text");
    /// assert_eq!(diff.different[0].there, "b");
    /// # Ok::<(), wachats_core::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` for what is no chat id.
    pub fn diff<I>(&self, there: &Chats, chat: I) -> Result<Comparison>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let here = self.chat(chat)?;
        let there = ChatHandle::new(there, here.id().clone());
        Ok(Comparison { here, there, since: None, limit: None })
    }
}

/// A comparison of one chat that is about to be made: see [`Chats::diff`].
#[derive(Clone)]
#[must_use = "nothing is sent until it runs"]
pub struct Comparison {
    here: ChatHandle,
    there: ChatHandle,
    since: Option<DateTime<Utc>>,
    limit: Option<u64>,
}

/// What two gateways tell of one chat.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChatDiff {
    /// Neither lacks a message, and they tell the same.
    pub equal: bool,
    /// Keys of messages that only the first side has, newest first.
    pub only_here: Vec<MessageKey>,
    /// Keys of messages that only the second side has, newest first.
    pub only_there: Vec<MessageKey>,
    /// What they tell differently of the same messages, newest first.
    pub different: Vec<FieldDiff>,
}

/// A field that two gateways tell differently.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldDiff {
    /// The message.
    pub key: MessageKey,
    /// The field's name in JSON; of a field of an object with the object's name before it:
    /// `media.size_bytes`.
    pub field: String,
    /// What the first side tells, as in JSON.
    pub here: Value,
    /// What the second side tells, as in JSON.
    pub there: Value,
}

/// The messages that one side gave.
struct Side {
    messages: Vec<Message>,
    /// The second up to which it may hold more than it gave; `None` where it gave all.
    border: Option<i64>,
}

impl Comparison {
    /// Only messages not older than this (inclusive, in whole seconds).
    pub fn since(mut self, time: DateTime<Utc>) -> Self {
        self.since = Some(time);
        self
    }

    /// Only the newest so many messages of each side. What lies beyond the end of the other side's is left
    /// out: a gateway that lacks some messages shows older ones in their place. 0 is `InvalidInput`.
    pub fn limit(mut self, messages: u64) -> Self {
        self.limit = Some(messages);
        self
    }

    /// Reads both sides and compares them.
    ///
    /// # Errors
    /// Those of a read of either side, which name its gateway; `NotFound` for a chat that neither side knows.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn run(&self) -> Result<ChatDiff> {
        let (here, there) = futures::try_join!(self.read(&self.here), self.read(&self.there))?;
        if here.messages.is_empty() && there.messages.is_empty() {
            self.known().await?;
        }
        let identity = |message: &Message| (message.key.clone(), message.from_me);
        let known: HashMap<_, &Message> = there.messages.iter().map(|m| (identity(m), m)).collect();
        let (mut only_here, mut different, mut matched) = (Vec::new(), Vec::new(), HashSet::new());
        for message in &here.messages {
            match known.get(&identity(message)) {
                Some(other) => {
                    different.extend(fields::compare(message, other)?);
                    matched.insert(identity(message));
                }
                None if there.covers(message) => only_here.push(message.key.clone()),
                None => {}
            }
        }
        let only_there: Vec<_> = there
            .messages
            .iter()
            .filter(|message| !matched.contains(&identity(message)) && here.covers(message))
            .map(|message| message.key.clone())
            .collect();
        let equal = only_here.is_empty() && only_there.is_empty() && different.is_empty();
        Ok(ChatDiff { equal, only_here, only_there, different })
    }

    /// Two empty lists are equal, but where no side lists the chat its id is most likely a wrong one: gateways answer
    /// an unknown one with an empty list.
    async fn known(&self) -> Result<()> {
        if self.here.is_listed().await? || self.there.is_listed().await? {
            return Ok(());
        }
        Err(Error::new(ErrorKind::NotFound, Operation::ListMessages)
            .with_missing(Missing::Chat)
            .with_effect(Effect::Unknown)
            .with_message("neither side knows this chat"))
    }

    async fn read(&self, chat: &ChatHandle) -> Result<Side> {
        let mut list = chat.messages().raw(false); // nobody sees it, and it is most of what is held
        if let Some(since) = self.since {
            list = list.since(since);
        }
        if let Some(limit) = self.limit {
            list = list.limit(limit);
        }
        let messages = match list.collect().await {
            Ok(messages) => messages,
            Err(error) if error.missing() == Some(Missing::Chat) => Vec::new(),
            Err(error) => return Err(error),
        };
        let cut = self.limit.is_some_and(|limit| messages.len() as u64 >= limit);
        let oldest = messages.iter().filter_map(|m| m.sent_at).min().map(|at| at.timestamp());
        Ok(Side { messages, border: oldest.filter(|_| cut) })
    }
}

impl Side {
    /// Would it have given this message if it had it?
    fn covers(&self, message: &Message) -> bool {
        match (self.border, message.sent_at) {
            (Some(border), Some(at)) => at.timestamp() > border,
            (border, _) => border.is_none(),
        }
    }
}

impl fmt::Debug for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comparison")
            .field("chat", self.here.id())
            .field("since", &self.since)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ChatDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatDiff")
            .field("equal", &self.equal)
            .field("only_here", &self.only_here.len())
            .field("only_there", &self.only_there.len())
            .field("different", &self.different)
            .finish()
    }
}

impl fmt::Debug for FieldDiff {
    /// Without what the sides tell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldDiff({})", self.field)
    }
}

fn unexpected() -> Error {
    Error::new(ErrorKind::Unexpected, Operation::ListMessages)
        .with_message("a message can't be written as JSON")
}
