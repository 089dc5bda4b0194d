use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Ack, ChatId, ContactCard, Location, MediaInfo, MessageId, MessageKey, RawJson, open_enum};

open_enum! {
    /// What a message is.
    MessageKind {
        /// Text.
        Text = "text",
        /// A picture.
        Image = "image",
        /// A video.
        Video = "video",
        /// An audio file. GOWA names no type when listing: its voice notes are `audio` too.
        Audio = "audio",
        /// A voice note.
        Voice = "voice",
        /// A file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A place.
        Location = "location",
        /// One or more contact cards.
        Contact = "contact",
        /// A poll.
        Poll = "poll",
        /// A reaction that is an entry of its own (Green-API).
        Reaction = "reaction",
        /// A call.
        Call = "call",
        /// A message that was deleted for everyone.
        Revoked = "revoked",
        /// Something WhatsApp itself put there.
        System = "system",
        /// The gateway doesn't tell, or tells something that wachats doesn't know.
        Unknown = "unknown",
    }
}

open_enum! {
    /// Where an own message was written.
    Source {
        /// Through the gateway.
        Api = "api",
        /// On the phone or another device.
        App = "app",
    }
}

/// One message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The full id, `{true|false}_{chat}_{key}[_{participant}]`.
    pub id: MessageId,
    /// What WhatsApp itself calls the message. (chat, `key`, `from_me`) identify it on every gateway.
    pub key: MessageKey,
    /// The chat it belongs to.
    pub chat_id: ChatId,
    /// Who wrote it; of an own message the account's id where known.
    pub sender_id: Option<ChatId>,
    /// The sender's name as the gateway shows it.
    pub sender_name: Option<String>,
    /// The account itself wrote it.
    pub from_me: bool,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// What it is.
    pub kind: MessageKind,
    /// Its text, or the caption of its media; never a place's name.
    pub text: Option<String>,
    /// Its media: an object whenever it has some, unknown parts `None`.
    pub media: Option<MediaInfo>,
    /// The place.
    pub location: Option<Location>,
    /// Contact cards; `[]` = none, `None` = not told.
    pub contacts: Option<Vec<ContactCard>>,
    /// How far it got.
    pub ack: Option<Ack>,
    /// The message it answers.
    pub reply_to: Option<Reply>,
    /// Reactions to it; `[]` = none, `None` = not told.
    pub reactions: Option<Vec<Reaction>>,
    /// Its text was changed.
    pub edited: Option<bool>,
    /// It was deleted for everyone.
    pub revoked: Option<bool>,
    /// It was forwarded.
    pub forwarded: Option<bool>,
    /// Where it was written.
    pub source: Option<Source>,
    /// The JSON the gateway sent, on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawJson>,
}

impl Message {
    /// A message of which only its full id is known.
    ///
    /// A bare id takes the chat given to [`Message::in_chat`]; use that for it.
    pub fn new(chat: ChatId, key: MessageKey, from_me: bool) -> Self {
        Self::in_chat(chat, key, from_me, None)
    }

    /// The same with the participant that ids of group messages carry.
    pub fn in_chat(chat: ChatId, key: MessageKey, from_me: bool, participant: Option<ChatId>) -> Self {
        Self {
            id: MessageId::full(from_me, chat.clone(), key.clone(), participant),
            key,
            chat_id: chat,
            sender_id: None,
            sender_name: None,
            from_me,
            sent_at: None,
            kind: MessageKind::Unknown,
            text: None,
            media: None,
            location: None,
            contacts: None,
            ack: None,
            reply_to: None,
            reactions: None,
            edited: None,
            revoked: None,
            forwarded: None,
            source: None,
            raw: None,
        }
    }

    /// Does its text or caption contain `needle`, letter case aside (Unicode)? Search on every gateway
    /// means this.
    pub fn contains(&self, needle: &str) -> bool {
        self.text.as_deref().is_some_and(|text| text.to_lowercase().contains(&needle.to_lowercase()))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("from_me", &self.from_me)
            .field("sent_at", &self.sent_at)
            .field("kind", &self.kind)
            .field("ack", &self.ack)
            .finish_non_exhaustive()
    }
}

/// The message that another one answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reply {
    /// Its key.
    pub key: MessageKey,
    /// Who wrote it.
    pub sender_id: Option<ChatId>,
    /// Its text as quoted.
    pub text: Option<String>,
}

impl Reply {
    /// A reply to the message of this key.
    pub fn new(key: MessageKey) -> Self {
        Self { key, sender_id: None, text: None }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply(…)")
    }
}

/// One reaction to a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who reacted.
    pub sender_id: Option<ChatId>,
    /// The account itself reacted.
    pub from_me: Option<bool>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

impl Reaction {
    /// A reaction of which only the emoji is known.
    pub fn new(emoji: impl Into<String>) -> Self {
        Self { emoji: emoji.into(), sender_id: None, from_me: None, at: None }
    }
}

impl fmt::Debug for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reaction(…)")
    }
}
