use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Operation};

/// How a file is shown in the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A video.
    Video,
    /// An audio file.
    Audio,
    /// A voice note: Ogg with Opus, or what the gateway converts to it.
    Voice,
    /// A file as it is, whatever its type.
    Document,
    /// A sticker.
    Sticker,
}

impl AttachmentKind {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Image, Self::Video, Self::Audio, Self::Voice, Self::Document, Self::Sticker];

    /// The word for it, as in [`MessageKind`](crate::MessageKind).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// May a file of this type be shown so?
    pub(crate) fn takes(self, mime: &str) -> bool {
        match self {
            Self::Image | Self::Sticker => mime.starts_with("image/"),
            Self::Video => mime.starts_with("video/"),
            Self::Audio | Self::Voice => mime.starts_with("audio/"),
            Self::Document => true,
        }
    }

    /// Does WhatsApp show a caption with it?
    pub(crate) const fn has_caption(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document)
    }

    /// The type assumed where the bytes are not seen and the name tells nothing.
    pub(crate) const fn usual_type(self) -> &'static str {
        match self {
            Self::Image => "image/jpeg",
            Self::Video => "video/mp4",
            Self::Audio => "audio/mpeg",
            Self::Voice => "audio/ogg",
            Self::Document => "application/octet-stream",
            Self::Sticker => "image/webp",
        }
    }
}

impl fmt::Display for AttachmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AttachmentKind {
    type Err = Error;

    /// `image`, `video`, `audio`, `voice`, `document` or `sticker`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, Operation::SendMedia)
                .with_message("a file is sent as image, video, audio, voice, document or sticker")
        })
    }
}
