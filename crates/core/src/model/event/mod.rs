//! What happens, as it happens: the same events from every gateway.

mod dedupe;
mod json;
mod words;

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Ack, ChatId, Message, MessageKey, RawJson, SessionState};
use crate::Gateway;

pub use dedupe::DedupeKey;
pub use words::{CallAction, GroupAction, LabelAction, PresenceState};

/// One thing that happened, told by a webhook, a queue or a socket.
///
/// Deliveries come at least once and in any order: drop those whose [`dedupe_key`](Self::dedupe_key) was
/// handled before, and fold what belongs to a message with [`Upserts`](crate::Upserts).
///
/// Its JSON is flat: `event`, `gateway`, `account_id`, `at`, `dedupe_key` and `chat_id`, then the fields of its
/// kind under their names in [`EventKind`]; the fields of other kinds are absent.
///
/// ```
/// use wachats_core::{DedupeKey, Event, EventKind, Gateway};
/// let key = DedupeKey::new("chat_archived", "5511900000001@c.us").part("5511911111111@c.us").flag(Some(true));
/// let mut event = Event::new(Gateway::WAHA, EventKind::ChatArchived { archived: true }, key);
/// event.chat_id = Some("5511911111111@c.us".parse()?);
/// let json = serde_json::to_value(&event).map_err(|_| "json")?;
/// assert_eq!(json["event"], "chat_archived");
/// assert_eq!(json["archived"], true);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Which gateway told it.
    pub gateway: Gateway,
    /// The account's own id, where the delivery carries it (WAHA after login, GOWA since v8.0, Green-API).
    pub account_id: Option<ChatId>,
    /// When it happened; of a message, when it was sent. The unit on the wire is fixed per gateway and event.
    pub at: Option<DateTime<Utc>>,
    /// The same for every delivery of the same event, whatever the gateway counts its deliveries by.
    pub dedupe_key: String,
    /// The chat it belongs to; `None` for what concerns the account.
    pub chat_id: Option<ChatId>,
    /// What happened.
    pub kind: EventKind,
    /// The whole delivery as it came: on request, and always of [`EventKind::Unknown`].
    pub raw: Option<RawJson>,
}

impl Event {
    /// An event of which only what happened is known.
    pub fn new(gateway: Gateway, kind: EventKind, dedupe_key: DedupeKey) -> Self {
        Self {
            gateway,
            account_id: None,
            at: None,
            dedupe_key: dedupe_key.finish(),
            chat_id: None,
            kind,
            raw: None,
        }
    }

    /// The word for what happened: `event` in JSON.
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// The message that came or was sent.
    pub fn message(&self) -> Option<&Message> {
        match &self.kind {
            EventKind::MessageReceived { message } | EventKind::MessageSent { message } => Some(message),
            _ => None,
        }
    }

    /// What WhatsApp calls the message that came or that something happened to.
    pub fn message_key(&self) -> Option<&MessageKey> {
        match &self.kind {
            EventKind::MessageReceived { message } | EventKind::MessageSent { message } => Some(&message.key),
            EventKind::MessageAck { message_key, .. }
            | EventKind::MessageEdited { message_key, .. }
            | EventKind::MessageDeleted { message_key, .. }
            | EventKind::Reaction { message_key, .. }
            | EventKind::PollVote { message_key, .. } => Some(message_key),
            _ => None,
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("event", &self.name())
            .field("gateway", &self.gateway.as_str())
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// What happened.
///
/// Where an event belongs to an earlier message, `message_key` is that message's and `message_from_me` tells whose
/// it is, as far as the gateway does.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// A message came.
    MessageReceived {
        /// The message.
        message: Box<Message>,
    },
    /// The account sent a message, from the phone or through the gateway (GOWA tells those of the phone alone).
    MessageSent {
        /// The message.
        message: Box<Message>,
    },
    /// A message got further. A gateway that tells several messages at once (GOWA) gives an event each.
    MessageAck {
        /// The message.
        message_key: MessageKey,
        /// Whose message.
        message_from_me: Option<bool>,
        /// How far it got; in a group, with one participant.
        ack: Ack,
    },
    /// The text or caption of a message was changed.
    MessageEdited {
        /// The original message, never the edit itself.
        message_key: MessageKey,
        /// Whose message.
        message_from_me: Option<bool>,
        /// The new text; `None` where the gateway could not read it.
        text: Option<String>,
    },
    /// A message was deleted for everyone; of GOWA also for the account alone.
    MessageDeleted {
        /// The message.
        message_key: MessageKey,
        /// Whose message.
        message_from_me: Option<bool>,
    },
    /// Someone reacted to a message.
    Reaction {
        /// The message reacted to.
        message_key: MessageKey,
        /// Whose message.
        message_from_me: Option<bool>,
        /// The emoji; `None` when the reaction was taken back.
        emoji: Option<String>,
        /// Who reacted.
        sender_id: Option<ChatId>,
    },
    /// A chat went into the archive or came out of it (WAHA's WEBJS alone).
    ChatArchived {
        /// It is in the archive now.
        archived: bool,
    },
    /// Someone is there, writes, records or left.
    Presence {
        /// Who.
        sender_id: Option<ChatId>,
        /// What they do.
        presence: PresenceState,
        /// When they were last there.
        last_seen_at: Option<DateTime<Utc>>,
    },
    /// A group or its members changed.
    GroupChanged {
        /// How.
        action: GroupAction,
        /// Whom it concerns; empty for what concerns the group itself.
        participant_ids: Vec<ChatId>,
        /// Who did it, where told.
        by_id: Option<ChatId>,
    },
    /// A call.
    Call {
        /// The gateway's id of the call.
        call_id: String,
        /// What became of it.
        action: CallAction,
        /// It is a video call.
        is_video: Option<bool>,
        /// It is a call to a group.
        is_group: Option<bool>,
    },
    /// A label changed, or was put on a chat or taken off.
    Label {
        /// The label's id.
        label_id: String,
        /// Its name, where told.
        label_name: Option<String>,
        /// What happened to it.
        action: LabelAction,
    },
    /// The session went up or down.
    SessionState {
        /// Its state now.
        state: SessionState,
    },
    /// Someone voted in a poll.
    PollVote {
        /// The poll.
        message_key: MessageKey,
        /// Whose poll.
        message_from_me: Option<bool>,
        /// Who voted.
        voter_id: Option<ChatId>,
        /// All options they chose; empty when the vote was taken back.
        options: Vec<String>,
    },
    /// What the plan allows is used up (Green-API).
    Quota {
        /// What is counted, in the gateway's own word.
        method: String,
        /// How many were used.
        used: Option<u64>,
        /// How many are allowed.
        total: Option<u64>,
    },
    /// Something that wachats doesn't know or could not read; [`Event::raw`] holds it.
    Unknown,
}

impl EventKind {
    /// The word for it in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageReceived { .. } => "message_received",
            Self::MessageSent { .. } => "message_sent",
            Self::MessageAck { .. } => "message_ack",
            Self::MessageEdited { .. } => "message_edited",
            Self::MessageDeleted { .. } => "message_deleted",
            Self::Reaction { .. } => "reaction",
            Self::ChatArchived { .. } => "chat_archived",
            Self::Presence { .. } => "presence",
            Self::GroupChanged { .. } => "group_changed",
            Self::Call { .. } => "call",
            Self::Label { .. } => "label",
            Self::SessionState { .. } => "session_state",
            Self::PollVote { .. } => "poll_vote",
            Self::Quota { .. } => "quota",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Debug for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKind({})", self.name())
    }
}
