//! What a message carries.

use bytes::Bytes;

/// The content of a message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Text with a link preview; gateways file it under another type.
    Link {
        /// The message.
        text: String,
        /// The address previewed.
        url: String,
        /// Title of the preview.
        title: String,
    },
    /// A file with an optional caption.
    Media(Media),
    /// A place.
    Location(Location),
    /// One contact card or several.
    Contacts(Vec<Card>),
    /// A poll.
    Poll(Poll),
    /// A row that reacts to another message, as some stores keep it beside the message's own list of reactions.
    Reaction {
        /// Key of the message reacted to.
        target: String,
        /// The emoji, empty when it was taken back.
        emoji: String,
    },
    /// A call.
    Call(Call),
    /// Deleted for everyone; what it said is gone.
    Revoked,
    /// A notice of the application (somebody joined, keys changed …), by WhatsApp's name of it.
    System(String),
    /// A kind that gateways don't know, by its name in WhatsApp's protocol.
    Unknown(String),
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound that is not a voice note.
    Audio,
    /// A voice note.
    Voice,
    /// Any file.
    Document,
    /// A sticker.
    Sticker,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Media {
    /// Kind of file.
    pub kind: MediaKind,
    /// MIME type.
    pub mime: String,
    /// Name; only documents carry one in WhatsApp.
    pub file_name: Option<String>,
    /// Caption.
    pub caption: Option<String>,
    /// The file itself; `None` means that it can no longer be fetched.
    pub bytes: Option<Bytes>,
    /// Size in bytes told by the message.
    pub size: u64,
    /// Duration in seconds of sound and films.
    pub seconds: Option<u32>,
    /// Width and height in pixels of pictures and films.
    pub dimensions: Option<(u32, u32)>,
}

impl Media {
    /// A file that can be fetched; its size is that of `bytes`.
    #[must_use]
    pub fn new(kind: MediaKind, mime: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        Self {
            kind,
            mime: mime.to_owned(),
            file_name: None,
            caption: None,
            bytes: Some(bytes),
            size,
            seconds: None,
            dimensions: None,
        }
    }

    /// A file that is gone from WhatsApp's servers.
    #[must_use]
    pub fn gone(kind: MediaKind, mime: &str, size: u64) -> Self {
        Self { bytes: None, size, ..Self::new(kind, mime, Bytes::new()) }
    }

    /// Sets the name.
    #[must_use]
    pub fn file_name(mut self, name: &str) -> Self {
        self.file_name = Some(name.to_owned());
        self
    }

    /// Sets the caption.
    #[must_use]
    pub fn caption(mut self, text: &str) -> Self {
        self.caption = Some(text.to_owned());
        self
    }

    /// Sets the duration in seconds.
    #[must_use]
    pub fn seconds(mut self, seconds: u32) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// Sets width and height in pixels.
    #[must_use]
    pub fn dimensions(mut self, width: u32, height: u32) -> Self {
        self.dimensions = Some((width, height));
        self
    }

    /// The usual ending of such a file, without the dot.
    #[must_use]
    pub fn extension(&self) -> &str {
        if let Some((_, ending)) = self.file_name.as_deref().and_then(|name| name.rsplit_once('.')) {
            return ending;
        }
        match self.mime.split(';').next().unwrap_or_default().trim() {
            "image/jpeg" => "jpeg",
            "image/png" => "png",
            "image/webp" => "webp",
            "video/mp4" => "mp4",
            "audio/ogg" => "oga",
            "audio/mpeg" => "mp3",
            "audio/mp4" => "m4a",
            "application/pdf" => "pdf",
            "text/plain" => "txt",
            _ => "bin",
        }
    }
}

/// A place.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Name of the place.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// A link to it.
    pub url: Option<String>,
    /// Whether it is a position that moves.
    pub live: bool,
}

/// A contact card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Name shown on it.
    pub name: String,
    /// The vCard's text.
    pub vcard: String,
}

impl Card {
    /// A card with one telephone number.
    #[must_use]
    pub fn new(name: &str, digits: &str) -> Self {
        let vcard =
            format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;type=CELL;waid={digits}:+{digits}\nEND:VCARD");
        Self { name: name.to_owned(), vcard }
    }
}

/// A poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The question.
    pub question: String,
    /// The answers offered.
    pub options: Vec<String>,
    /// How many may be chosen; 0 means any number.
    pub selectable: u32,
}

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// With pictures.
    pub video: bool,
    /// Duration in seconds; `None` when nobody answered.
    pub seconds: Option<u32>,
}

impl Content {
    /// The text or caption, `None` where the kind has none.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Link { text, .. } => Some(text),
            Self::Media(media) => media.caption.as_deref(),
            _ => None,
        }
    }

    /// The file, where there is one.
    #[must_use]
    pub fn media(&self) -> Option<&Media> {
        match self {
            Self::Media(media) => Some(media),
            _ => None,
        }
    }
}
