//! Chats and messages as every gateway tells them: the same names in Rust and in JSON.
//!
//! What a gateway does not say is `None`, never `false` or `""`. `Debug` shows no number, name or text.

mod ack;
mod chat;
mod contact;
mod event;
mod group;
mod id;
mod media;
mod message;
mod pairing;
mod raw;
mod status;

pub use ack::Ack;
pub use chat::{Chat, ChatKind};
pub use contact::{Contact, NumberCheck};
pub use event::{CallAction, DedupeKey, Event, EventKind, GroupAction, LabelAction, PresenceState};
pub use group::{GroupInfo, Participant, Role};
pub use id::{ChatId, IdError, MessageId, MessageKey};
pub use media::{ContactCard, Location, MediaInfo};
pub use message::{Message, MessageKind, Reaction, Reply, Source};
pub use pairing::{PairingPicture, PairingQr};
pub use raw::RawJson;
pub use status::{Resolved, SessionState, Status};

/// An enum of known words that keeps an unknown one as it came.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A word that this version doesn't know, as it came.
            Other(String),
        }

        impl $name {
            /// The word for it, as in JSON.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $word,)* Self::Other(word) => word }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word { $($word => Self::$variant,)* other => Self::Other(other.to_owned()) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Ok(Self::from(word.as_ref()))
            }
        }
    };
}
use open_enum;
