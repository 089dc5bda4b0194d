use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use wachats_core::{
    Chat, ChatId, Chats, Contact, GroupInfo, Message, MessageId, MessageKind, Operation, Result,
};

/// What the account behind a gateway holds, in values of the unified model: plain data, to be written by hand, made
/// from a test server's world, read from JSON, or observed ([`Expected::observe`]).
///
/// A field that is `None` is not compared; neither is one that the gateway doesn't tell.
#[derive(Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Expected {
    /// The chats that the gateway lists, most recently active first.
    pub chats: Vec<Chat>,
    /// Their messages, newest first within a chat.
    pub messages: Vec<Message>,
    /// These are all that there are; else only what is here is looked for.
    pub complete: bool,
    /// A chat with a person, holding own and incoming texts, in which cases write.
    pub user: Option<ChatId>,
    /// A group.
    pub group: Option<ChatId>,
    /// The chat with the most messages, read page by page.
    pub long: Option<ChatId>,
    /// A chat that may be emptied or deleted.
    pub spare: Option<ChatId>,
    /// A chat that has a picture.
    pub pictured: Option<ChatId>,
    /// A message with media and the bytes of it.
    pub media: Option<MediaSample>,
    /// The phone and the lid of one person, known to the gateway as such.
    pub lid_pair: Option<(ChatId, ChatId)>,
    /// The address book: people only, in any order.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// Groups with their members.
    #[serde(default)]
    pub groups: Vec<GroupInfo>,
    /// Changes that take effect at WhatsApp but stay unseen in what this gateway lists (GOWA's edits).
    pub unseen: Vec<Operation>,
}

/// A message with media and what a download of it gives.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaSample {
    /// The chat.
    pub chat: ChatId,
    /// The message.
    pub id: MessageId,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl MediaSample {
    /// The media of this message.
    pub fn new(message: &Message, bytes: impl Into<Vec<u8>>) -> Self {
        Self { chat: message.chat_id.clone(), id: message.id.clone(), bytes: bytes.into() }
    }
}

impl fmt::Debug for MediaSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaSample({} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("chats", &self.chats.len())
            .field("messages", &self.messages.len())
            .field("complete", &self.complete)
            .finish_non_exhaustive()
    }
}

impl Expected {
    /// Everything the account holds. The chats to read and write in are picked from it; the other fields may be set
    /// afterwards, cases that need them are skipped until then.
    pub fn new(chats: Vec<Chat>, messages: Vec<Message>) -> Self {
        let mut counts: BTreeMap<&ChatId, usize> = BTreeMap::new();
        for message in &messages {
            *counts.entry(&message.chat_id).or_default() += 1;
        }
        let has_text = |chat: &ChatId, from_me| {
            messages.iter().any(|m| m.chat_id == *chat && m.from_me == from_me && m.kind == MessageKind::Text)
        };
        let persons = || chats.iter().map(|c| &c.id).filter(|id| id.is_phone());
        let user = persons().find(|id| has_text(id, true) && has_text(id, false)).cloned();
        let group = chats.iter().map(|c| &c.id).find(|id| id.is_group() && counts.contains_key(id)).cloned();
        let long = counts.iter().max_by_key(|(_, count)| **count).map(|(id, _)| (*id).clone());
        let other = |id: &&ChatId| Some(*id) != user.as_ref() && Some(*id) != long.as_ref();
        let spare = persons().filter(other).filter(|id| counts.contains_key(id)).last().cloned();
        Self { complete: true, user, group, long, spare, chats, messages, ..Self::default() }
    }

    /// Reads a little of a real account, changing nothing: up to 20 chats, and up to 30 messages of the three most
    /// recently active ones.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn observe(chats: &Chats) -> Result<Self> {
        let list = chats.list().limit(20).collect().await?;
        let mut messages = Vec::new();
        for chat in list.iter().filter(|chat| chat.id.is_phone() || chat.id.is_group()).take(3) {
            messages.extend(chats.chat(&chat.id)?.messages().limit(30).collect().await?);
        }
        Ok(Self { complete: false, ..Self::new(list, messages) })
    }

    /// The messages of a chat, newest first.
    pub fn messages_of<'a>(&'a self, chat: &'a ChatId) -> impl Iterator<Item = &'a Message> {
        self.messages.iter().filter(move |m| m.chat_id == *chat)
    }

    /// The newest text of a chat, the account's own or another's.
    pub fn text_of<'a>(&'a self, chat: &'a ChatId, from_me: bool) -> Option<&'a Message> {
        self.messages_of(chat)
            .find(|m| m.from_me == from_me && m.kind == MessageKind::Text && m.text.is_some())
    }
}
