use std::fmt;

use serde::{Deserialize, Serialize};

/// The media of a message, as far as the gateway tells it without fetching it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaInfo {
    /// The MIME type.
    pub mime_type: Option<String>,
    /// The name of the file. It comes from a stranger: never use it as a path unsanitised.
    pub file_name: Option<String>,
    /// The size in bytes.
    pub size_bytes: Option<u64>,
    /// Where the gateway offers the bytes. Fetch them through
    /// [`Chats::media`](crate::Chats::media), which knows whether credentials belong there.
    pub url: Option<String>,
}

impl MediaInfo {
    /// Media of which nothing is known but that it is there.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for MediaInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaInfo")
            .field("mime_type", &self.mime_type)
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

/// A place.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The place's name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

impl Location {
    /// A place by its degrees.
    pub fn new(latitude: f64, longitude: f64) -> Self {
        Self { latitude, longitude, name: None, address: None }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Location(…)")
    }
}

/// A contact card sent in a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactCard {
    /// The name shown.
    pub name: Option<String>,
    /// The vCard as it was sent.
    pub vcard: Option<String>,
}

impl ContactCard {
    /// A card.
    pub fn new(name: Option<String>, vcard: Option<String>) -> Self {
        Self { name, vcard }
    }
}

impl fmt::Debug for ContactCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactCard(…)")
    }
}
