use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ChatId, Message, RawJson, open_enum};

open_enum! {
    /// What kind of chat: told by the server part of its id.
    ChatKind {
        /// One person.
        User = "user",
        /// A group.
        Group = "group",
        /// A channel (newsletter).
        Channel = "channel",
        /// A broadcast list.
        Broadcast = "broadcast",
        /// The status posts, `status@broadcast`.
        Status = "status",
    }
}

/// One chat.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Chat {
    /// The chat's id, canonical: `…@c.us` for people.
    pub id: ChatId,
    /// What kind of chat.
    pub kind: ChatKind,
    /// Its name; `None` where the gateway has none or makes one up (GOWA's "Group 1203…").
    pub name: Option<String>,
    /// When it was last active.
    pub last_message_at: Option<DateTime<Utc>>,
    /// How many messages are unread (WAHA's WEBJS and WPP).
    pub unread_count: Option<u64>,
    /// It was marked as unread by hand (WAHA's −1).
    pub marked_unread: Option<bool>,
    /// It is in the archive.
    pub archived: Option<bool>,
    /// It is pinned to the top.
    pub pinned: Option<bool>,
    /// It is muted.
    pub muted: Option<bool>,
    /// Its disappearing timer in seconds; 0 is off.
    pub ephemeral_seconds: Option<u64>,
    /// The address of its picture (overview alone).
    pub picture_url: Option<String>,
    /// Its newest message (overview, and WAHA's WEBJS).
    pub last_message: Option<Box<Message>>,
    /// The other id of the same person: the lid of a phone chat or the reverse.
    pub alternate_id: Option<ChatId>,
    /// The JSON the gateway sent, on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawJson>,
}

impl Chat {
    /// A chat of which only the id is known.
    pub fn new(id: ChatId) -> Self {
        Self {
            kind: id.kind(),
            id,
            name: None,
            last_message_at: None,
            unread_count: None,
            marked_unread: None,
            archived: None,
            pinned: None,
            muted: None,
            ephemeral_seconds: None,
            picture_url: None,
            last_message: None,
            alternate_id: None,
            raw: None,
        }
    }
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chat")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("last_message_at", &self.last_message_at)
            .field("archived", &self.archived)
            .finish_non_exhaustive()
    }
}
