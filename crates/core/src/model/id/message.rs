use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

use super::{ChatId, IdError, MAX_ID, all, parts};

/// What WhatsApp itself calls a message, as in `3EB0…`.
///
/// It is unique with its chat and whether it is one's own. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey(SmolStr);

impl MessageKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > MAX_ID {
            return Err(IdError::TooLong);
        }
        let safe =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'=' | b'+' | b'~');
        if !all(text, safe) || text.bytes().all(|b| b == b'.') {
            return Err(IdError::Message);
        }
        Ok(Self(SmolStr::new(text)))
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageKey(…)")
    }
}

/// The id of a message: in full `{true|false}_{chat}_{key}[_{participant}]`, or the bare key.
///
/// Applications store (chat, [`key`](Self::key), from-me), never a printed id: its chat and participant
/// may change between a lid and a phone. `Display` is the id, `Debug` hides it.
///
/// ```
/// use wachats_core::MessageId;
/// let full: MessageId = "false_79001234567@c.us_3EB0C431".parse()?;
/// let bare: MessageId = "3EB0C431".parse()?;
/// assert_eq!(full.key(), bare.key());
/// assert_eq!(full.from_me(), Some(false));
/// assert!(bare.chat().is_none());
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageId {
    scope: Option<Scope>,
    key: MessageKey,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Scope {
    from_me: bool,
    chat: ChatId,
    participant: Option<ChatId>,
}

impl MessageId {
    /// A full id.
    pub fn full(from_me: bool, chat: ChatId, key: MessageKey, participant: Option<ChatId>) -> Self {
        Self { scope: Some(Scope { from_me, chat, participant }), key }
    }

    /// What WhatsApp itself calls the message.
    pub fn key(&self) -> &MessageKey {
        &self.key
    }

    /// Whether the account itself wrote it; `None` for a bare key.
    pub fn from_me(&self) -> Option<bool> {
        self.scope.as_ref().map(|s| s.from_me)
    }

    /// The chat; `None` for a bare key.
    pub fn chat(&self) -> Option<&ChatId> {
        self.scope.as_ref().map(|s| &s.chat)
    }

    /// Who wrote it, where the id says so (groups).
    pub fn participant(&self) -> Option<&ChatId> {
        self.scope.as_ref().and_then(|s| s.participant.as_ref())
    }

    /// Is it a full id?
    pub fn is_full(&self) -> bool {
        self.scope.is_some()
    }

    fn parse(text: &str, chat: fn(&str) -> Result<ChatId, IdError>) -> Result<Self, IdError> {
        if text.len() > 3 * MAX_ID {
            return Err(IdError::TooLong);
        }
        let (from_me, rest) = match parts(text, b'_') {
            Some(("true", rest)) => (true, rest),
            Some(("false", rest)) => (false, rest),
            _ => return Ok(Self { scope: None, key: text.parse()? }),
        };
        let (chat_text, rest) = parts(rest, b'_').ok_or(IdError::Message)?;
        // a bare key has no @: most ids end with one
        let participant = if rest.bytes().any(|b| b == b'@') { rest.rsplit_once('_') } else { None };
        let (key, participant) = match participant {
            Some((key, participant)) if participant.contains('@') => (key, Some(chat(participant)?)),
            _ => (rest, None),
        };
        Ok(Self::full(from_me, chat(chat_text)?, key.parse()?, participant))
    }

    /// Reads an id that a gateway sent, by the rules of [`ChatId::from_wire`].
    ///
    /// # Errors
    /// [`IdError`] for what can't be an id.
    pub fn from_wire(text: &str) -> Result<Self, IdError> {
        Self::parse(text, ChatId::from_wire)
    }
}

impl From<MessageKey> for MessageId {
    fn from(key: MessageKey) -> Self {
        Self { scope: None, key }
    }
}

impl FromStr for MessageId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text, ChatId::from_str)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Scope { from_me, chat, participant }) = &self.scope {
            write!(f, "{from_me}_{chat}_{}", self.key)?;
            return participant.as_ref().map_or(Ok(()), |p| write!(f, "_{p}"));
        }
        write!(f, "{}", self.key)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "MessageId(full)" } else { "MessageId(bare)" })
    }
}
