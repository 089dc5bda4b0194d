mod chat;
mod message;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

pub use chat::ChatId;
pub use message::{MessageId, MessageKey};

use crate::{ErrorKind, Operation};

/// No id is longer, in bytes.
const MAX_ID: usize = 128;

/// Why a text is no id. It tells the rule, never the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// Nothing there.
    #[error("an id is empty")]
    Empty,
    /// Longer than any id.
    #[error("an id is longer than 128 bytes")]
    TooLong,
    /// A phone number has 5 to 15 digits.
    #[error("a phone number has 5 to 15 digits; other chats are written with their server, as in …@g.us")]
    Phone,
    /// The part before the `@`.
    #[error("the part of a chat id before the @ is not one of WhatsApp's")]
    User,
    /// The part after the `@`.
    #[error(
        "the part of a chat id after the @ is none of c.us, s.whatsapp.net, g.us, lid, newsletter, broadcast"
    )]
    Server,
    /// A message id with characters that none has.
    #[error("a message id is a key like 3EB0…, or true|false_CHAT_KEY with an optional _PARTICIPANT")]
    Message,
}

impl From<IdError> for crate::Error {
    fn from(error: IdError) -> Self {
        Self::new(ErrorKind::InvalidInput, Operation::Configure).with_message(error.to_string())
    }
}

/// What stands before and after the first such ASCII character: ids are short, and a plain loop is faster on them
/// than a search made for long texts.
fn parts(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|b| b == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Do all bytes pass? Without a way out at the first that doesn't, which keeps the loop free of branches.
fn all(text: &str, test: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, b| all & test(b))
}

macro_rules! text_conversions {
    ($($id:ident: $wire:path),*) => {$(
        impl TryFrom<&str> for $id {
            type Error = IdError;
            fn try_from(text: &str) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl TryFrom<&String> for $id {
            type Error = IdError;
            fn try_from(text: &String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl TryFrom<String> for $id {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<&$id> for $id {
            fn from(id: &$id) -> Self {
                id.clone()
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                $wire(&text).map_err(de::Error::custom)
            }
        }
    )*};
}

text_conversions!(ChatId: ChatId::from_wire, MessageId: MessageId::from_wire, MessageKey: MessageKey::from_str);
