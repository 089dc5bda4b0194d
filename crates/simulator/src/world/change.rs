//! What happens in the world, as it is told to those who listen.

use std::sync::Arc;

use bytes::Bytes;

use super::{Ack, Chat, Message, Reaction, Session};
use crate::queue::Queue;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// When, in milliseconds UTC by the world's clock.
    pub at_ms: i64,
    /// Whether a gateway's API did it. Some gateways tell only of what others, or the phone, did.
    pub via_api: bool,
    /// The handle of the gateway that did it: each is a device of its own and told of what the others do.
    pub(crate) by: Option<u64>,
    /// What it was.
    pub kind: ChangeKind,
}

/// What happened. Ids are canonical.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A message came, or the account sent one.
    Message(Box<Message>),
    /// A message went further.
    Ack {
        /// The message, as it is now.
        message: Box<Message>,
        /// How far it went. It may be less than the message already has: such news come late.
        ack: Ack,
        /// Who has it, where it is told; in a direct chat the chat itself.
        reader: Option<String>,
    },
    /// The account read messages.
    Read {
        /// Their chat.
        chat: String,
        /// Their keys.
        keys: Vec<String>,
    },
    /// The writer changed a text or caption.
    Edited {
        /// The message as it was.
        before: Box<Message>,
        /// Key of the edit itself.
        key: String,
        /// The new text.
        text: String,
    },
    /// A message was deleted for everyone.
    Revoked {
        /// The message as it was.
        before: Box<Message>,
        /// Key of the deletion itself.
        key: String,
        /// Who deleted it: its writer, or an admin of the group.
        by: String,
    },
    /// The account deleted a message for itself.
    Deleted {
        /// The message as it was.
        before: Box<Message>,
    },
    /// Somebody reacted, or took a reaction back (an empty emoji).
    Reaction {
        /// The message reacted to.
        message: Box<Message>,
        /// The reaction.
        reaction: Reaction,
    },
    /// A chat went into the archive or came out.
    ChatArchived {
        /// The chat.
        chat: String,
        /// Whether it lies there now.
        archived: bool,
    },
    /// Somebody is there, or types.
    Presence {
        /// The chat where it shows.
        chat: String,
        /// The person.
        sender: String,
        /// What the person does.
        presence: Presence,
        /// When the person was last there, in seconds UTC, where it is told.
        last_seen: Option<i64>,
    },
    /// The account became a member of a group.
    GroupJoined(Box<Chat>),
    /// The account left a group.
    GroupLeft {
        /// The group.
        group: String,
    },
    /// A group got another subject or description.
    GroupUpdated {
        /// The group.
        group: String,
        /// The new subject.
        subject: Option<String>,
        /// The new description.
        description: Option<String>,
        /// Who changed it.
        by: Option<String>,
    },
    /// Members of a group changed.
    Participants {
        /// The group.
        group: String,
        /// What happened to them.
        action: ParticipantAction,
        /// The members.
        participants: Vec<String>,
        /// Who did it.
        by: Option<String>,
    },
    /// A call.
    Call {
        /// Its id.
        id: String,
        /// The chat it is made in.
        chat: String,
        /// Who calls.
        caller: String,
        /// How far it is.
        stage: CallStage,
        /// With pictures.
        video: bool,
    },
    /// A label was made, changed or removed.
    Label {
        /// Its number.
        id: String,
        /// The label.
        label: Label,
        /// Whether it is gone.
        deleted: bool,
    },
    /// A label was put on a chat or taken off.
    LabelChat {
        /// Number of the label.
        id: String,
        /// The label, where it is known.
        label: Option<Label>,
        /// The chat.
        chat: String,
        /// Whether it was put on.
        added: bool,
    },
    /// The session with WhatsApp changed its state.
    Session(Session),
    /// Somebody voted in a poll.
    PollVote {
        /// The poll, with all votes as they are now.
        poll: Box<Message>,
        /// Key of the vote itself.
        key: String,
        /// The person.
        voter: String,
        /// The answers chosen.
        options: Vec<String>,
    },
    /// A quota of the gateway is used up; only Green-API has any.
    Quota {
        /// What it counts.
        method: String,
        /// How many were used.
        used: u64,
        /// How many the tariff has.
        total: u64,
    },
    /// Bytes that a gateway sends in place of an event ([`crate::Server::inject`]).
    Raw(Bytes),
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Presence {
    /// The application is open.
    Available,
    /// It is not.
    Unavailable,
    /// Types.
    Composing,
    /// Records a voice note.
    Recording,
    /// Has stopped typing.
    Paused,
}

/// What happened to members of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParticipantAction {
    /// They came in.
    Join,
    /// They left or were removed.
    Leave,
    /// They became admins.
    Promote,
    /// They are no admins any more.
    Demote,
}

impl ParticipantAction {
    /// The gateways' word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Promote => "promote",
            Self::Demote => "demote",
        }
    }
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallStage {
    /// It rings.
    Offer,
    /// It was taken.
    Accept,
    /// It was declined.
    Reject,
    /// It is over.
    End,
}

/// A label of a business account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Number of its colour, 0 to 19.
    pub color: u8,
}

/// Everything that happens in a world from the moment of the subscription on, in order.
#[derive(Debug)]
pub struct Subscription(pub(crate) Arc<Queue<Change>>);

impl Subscription {
    /// Waits for the next change.
    pub async fn next(&self) -> Change {
        self.0.next().await
    }

    /// The next change, if one waits.
    #[must_use]
    pub fn try_next(&self) -> Option<Change> {
        self.0.try_next()
    }
}
