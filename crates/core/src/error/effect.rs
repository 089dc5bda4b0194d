use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whether trying again makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// It would fail again, or could do a second thing.
    Never,
    /// It may succeed later: after the time given, or at the caller's own pace.
    After(Option<Duration>),
    /// wachats tried this many times already; later it may succeed.
    Exhausted(u32),
}

/// Whether the request may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// No byte of it left this machine.
    NotSent,
    /// The gateway refused it: it took no effect.
    Refused,
    /// It may have taken effect.
    Unknown,
}

impl Effect {
    /// The word printed for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// What was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Missing {
    /// The session, instance or device.
    Session,
    /// The chat.
    Chat,
    /// The message.
    Message,
    /// The media of a message, or its file.
    Media,
    /// Something else of the gateway.
    Other,
}

impl Missing {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Chat => "chat",
            Self::Message => "message",
            Self::Media => "media",
            Self::Other => "other",
        }
    }
}
