use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sending::check;
use crate::{Attachment, Capability, ChatId, Error, ErrorKind, Location, MessageId, Operation, Typing};

/// How long a message stays pinned: the three times that WhatsApp knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinDuration {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl PinDuration {
    /// In seconds: 86,400, 604,800 or 2,592,000.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Day => 86_400,
            Self::Week => 604_800,
            Self::Month => 2_592_000,
        }
    }
}

impl FromStr for PinDuration {
    type Err = Error;

    /// `24h`, `7d` or `30d`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "24h" => Ok(Self::Day),
            "7d" => Ok(Self::Week),
            "30d" => Ok(Self::Month),
            _ => Err(Error::new(ErrorKind::InvalidInput, Operation::PinMessage)
                .with_message("a message is pinned for 24h, 7d or 30d")),
        }
    }
}

/// The disappearing timer of a chat: the four values that WhatsApp knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisappearingTimer {
    /// Messages stay.
    Off,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 90 days.
    Quarter,
}

impl DisappearingTimer {
    /// In seconds: 0, 86,400, 604,800 or 7,776,000.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Off => 0,
            Self::Day => 86_400,
            Self::Week => 604_800,
            Self::Quarter => 7_776_000,
        }
    }
}

impl FromStr for DisappearingTimer {
    type Err = Error;

    /// `off`, `24h`, `7d` or `90d`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "off" => Ok(Self::Off),
            "24h" => Ok(Self::Day),
            "7d" => Ok(Self::Week),
            "90d" => Ok(Self::Quarter),
            _ => Err(Error::new(ErrorKind::InvalidInput, Operation::Disappearing)
                .with_message("a disappearing timer is off, 24h, 7d or 90d")),
        }
    }
}

/// Everything that changes something.
///
/// A new action breaks no layer and no provider: what a provider doesn't know it answers with
/// `Unsupported`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what their names say; the variants are documented")]
pub enum Action {
    /// Archive a chat.
    Archive { chat: ChatId },
    /// Take a chat out of the archive.
    Unarchive { chat: ChatId },
    /// Mark a chat as read.
    MarkRead { chat: ChatId },
    /// Mark a chat as unread.
    MarkUnread { chat: ChatId },
    /// Delete a chat.
    DeleteChat { chat: ChatId },
    /// Delete all messages of a chat.
    ClearMessages { chat: ChatId },
    /// Pin a message for a time.
    PinMessage { chat: ChatId, id: MessageId, duration: PinDuration },
    /// Unpin a message.
    UnpinMessage { chat: ChatId, id: MessageId },
    /// Change the text or caption of an own message.
    EditMessage { chat: ChatId, id: MessageId, text: String },
    /// Delete a message, for everyone or for oneself alone.
    DeleteMessage { chat: ChatId, id: MessageId, for_me: bool },
    /// Send a text, in answer to a message or not.
    SendText { chat: ChatId, text: String, reply_to: Option<MessageId> },
    /// Send a file: picture, video, sound, voice note, document or sticker.
    SendMedia { chat: ChatId, attachment: Attachment, reply_to: Option<MessageId> },
    /// Send a place.
    SendLocation { chat: ChatId, location: Location, reply_to: Option<MessageId> },
    /// Send a contact card with one name and one phone number.
    SendContact { chat: ChatId, name: String, phone: String, reply_to: Option<MessageId> },
    /// Send a poll of which one option may be chosen, or several.
    SendPoll {
        chat: ChatId,
        question: String,
        options: Vec<String>,
        multiple: bool,
        reply_to: Option<MessageId>,
    },
    /// Forward a message of `chat` to another chat.
    Forward { chat: ChatId, id: MessageId, to: ChatId },
    /// Show the other side that the account is writing or recording, or stopped. `time` is for gateways that
    /// want to be told how long (Green-API: 1 to 20 s).
    Typing { chat: ChatId, typing: Typing, time: Option<Duration> },
    /// React with an emoji; an empty one takes the reaction back.
    React { chat: ChatId, id: MessageId, emoji: String },
    /// Star a message.
    Star { chat: ChatId, id: MessageId },
    /// Take the star away.
    Unstar { chat: ChatId, id: MessageId },
    /// Pin a chat to the top of the list.
    PinChat { chat: ChatId },
    /// Unpin a chat.
    UnpinChat { chat: ChatId },
    /// Set the disappearing timer.
    Disappearing { chat: ChatId, timer: DisappearingTimer },
    /// Start the session; one that runs already is a success.
    SessionStart,
    /// Stop the session and start it again.
    SessionRestart,
    /// Stop the session; the phone stays paired.
    SessionStop,
    /// Unpair the phone.
    SessionLogout,
    /// Ask for the code that pairs the phone of this number.
    PairCode { phone: ChatId },
}

impl Action {
    /// The operation it is.
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Archive { .. } => Operation::Archive,
            Self::Unarchive { .. } => Operation::Unarchive,
            Self::MarkRead { .. } => Operation::MarkRead,
            Self::MarkUnread { .. } => Operation::MarkUnread,
            Self::DeleteChat { .. } => Operation::DeleteChat,
            Self::ClearMessages { .. } => Operation::ClearMessages,
            Self::PinMessage { .. } => Operation::PinMessage,
            Self::UnpinMessage { .. } => Operation::UnpinMessage,
            Self::EditMessage { .. } => Operation::EditMessage,
            Self::DeleteMessage { .. } => Operation::DeleteMessage,
            Self::SendText { .. } => Operation::SendText,
            Self::SendMedia { .. } => Operation::SendMedia,
            Self::SendLocation { .. } => Operation::SendLocation,
            Self::SendContact { .. } => Operation::SendContact,
            Self::SendPoll { .. } => Operation::SendPoll,
            Self::Forward { .. } => Operation::Forward,
            Self::Typing { .. } => Operation::Typing,
            Self::React { .. } => Operation::React,
            Self::Star { .. } => Operation::Star,
            Self::Unstar { .. } => Operation::Unstar,
            Self::PinChat { .. } => Operation::PinChat,
            Self::UnpinChat { .. } => Operation::UnpinChat,
            Self::Disappearing { .. } => Operation::Disappearing,
            Self::SessionStart => Operation::SessionStart,
            Self::SessionRestart => Operation::SessionRestart,
            Self::SessionStop => Operation::SessionStop,
            Self::SessionLogout => Operation::SessionLogout,
            Self::PairCode { .. } => Operation::PairCode,
        }
    }

    /// The chat it is about: of a forward the one that it goes to; `None` for what concerns the session.
    pub const fn chat(&self) -> Option<&ChatId> {
        match self {
            Self::Archive { chat }
            | Self::Unarchive { chat }
            | Self::MarkRead { chat }
            | Self::MarkUnread { chat }
            | Self::DeleteChat { chat }
            | Self::ClearMessages { chat }
            | Self::PinMessage { chat, .. }
            | Self::UnpinMessage { chat, .. }
            | Self::EditMessage { chat, .. }
            | Self::DeleteMessage { chat, .. }
            | Self::SendText { chat, .. }
            | Self::SendMedia { chat, .. }
            | Self::SendLocation { chat, .. }
            | Self::SendContact { chat, .. }
            | Self::SendPoll { chat, .. }
            | Self::Forward { to: chat, .. }
            | Self::Typing { chat, .. }
            | Self::React { chat, .. }
            | Self::Star { chat, .. }
            | Self::Unstar { chat, .. }
            | Self::PinChat { chat }
            | Self::UnpinChat { chat }
            | Self::Disappearing { chat, .. } => Some(chat),
            Self::SessionStart
            | Self::SessionRestart
            | Self::SessionStop
            | Self::SessionLogout
            | Self::PairCode { .. } => None,
        }
    }

    /// The message it is about, where it changes one.
    pub const fn message(&self) -> Option<&MessageId> {
        match self {
            Self::PinMessage { id, .. }
            | Self::UnpinMessage { id, .. }
            | Self::EditMessage { id, .. }
            | Self::DeleteMessage { id, .. }
            | Self::React { id, .. }
            | Self::Star { id, .. }
            | Self::Unstar { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The capabilities it needs, its arguments looked at.
    pub fn capabilities(&self) -> Vec<Capability> {
        match self {
            Self::DeleteMessage { for_me: true, .. } => vec![Capability::DeleteForMe],
            Self::SendText { reply_to: Some(_), .. }
            | Self::SendMedia { reply_to: Some(_), .. }
            | Self::SendLocation { reply_to: Some(_), .. }
            | Self::SendContact { reply_to: Some(_), .. }
            | Self::SendPoll { reply_to: Some(_), .. } => {
                self.operation().capability().into_iter().chain([Capability::Reply]).collect()
            }
            _ => self.operation().capability().into_iter().collect(),
        }
    }

    /// How long it may take where the caller names no time: 50 s, and 200 s where it carries or names media.
    pub const fn default_time(&self) -> Duration {
        match self {
            Self::SendMedia { .. } | Self::Forward { .. } => Duration::from_secs(200),
            _ => Duration::from_secs(50),
        }
    }

    /// Refuses what no gateway takes, before any request: an empty text, an emoji that is none, a place that is
    /// not on the earth, a poll without a choice, a message whose full id names another chat. (A phone's chat and a
    /// lid's may be one and the same: that is left to the gateway, and so is the answer to a status or to a group's
    /// message in the chat with its writer.) Files are looked at when they are sent.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |message: &'static str| {
            Err(Error::new(ErrorKind::InvalidInput, self.operation()).with_message(message))
        };
        check::chat_of_the_message(self)?;
        match self {
            Self::SendText { text, .. } | Self::EditMessage { text, .. } if text.trim().is_empty() => {
                refuse("the text is empty")
            }
            Self::SendText { text, .. } | Self::EditMessage { text, .. } if text.chars().count() > 65_536 => {
                refuse("the text is longer than WhatsApp's 65,536 characters")
            }
            Self::React { emoji, .. }
                if emoji.len() > 64 || emoji.chars().any(|c| c.is_ascii_alphabetic() || c.is_control()) =>
            {
                refuse("a reaction is one emoji; an empty one takes it back")
            }
            Self::PairCode { phone } if !phone.is_phone() => {
                refuse("a pairing code is for a phone number, with its country code")
            }
            Self::SendLocation { location, .. } => check::location(location),
            Self::SendContact { name, phone, .. } => check::contact(name, phone),
            Self::SendPoll { question, options, .. } => check::poll(question, options),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Action {
    /// Without the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chat() {
            Some(chat) => write!(f, "Action({}, {chat:?})", self.operation()),
            None => write!(f, "Action({})", self.operation()),
        }
    }
}

/// What became of an action.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The operation.
    pub operation: Operation,
    /// The chat it was about; `None` for what concerned the session.
    pub chat_id: Option<ChatId>,
    /// The message it was about or, of a send, the new one; in full where known, else the key given;
    /// `None` where the gateway tells none.
    pub message_id: Option<MessageId>,
    /// The id that the gateway gave an edit, where it gives one (GOWA, Green-API).
    pub new_message_id: Option<MessageId>,
    /// A send: the gateway only queued it (Green-API).
    pub queued: bool,
    /// The code that pairs a phone, as `ABCD-EFGH`; of [`Action::PairCode`] alone. Whoever types it in can read
    /// everything. Green-API's holds for about 2.5 minutes.
    #[serde(default)]
    pub code: Option<String>,
    /// What went wrong beside the action itself, without content: the local store of a gateway failed.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// Success of this action, with the message id given to it.
    pub fn of(action: &Action) -> Self {
        Self {
            operation: action.operation(),
            chat_id: action.chat().cloned(),
            message_id: action.message().cloned(),
            new_message_id: None,
            queued: false,
            code: None,
            warnings: Vec::new(),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("operation", &self.operation)
            .field("queued", &self.queued)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
