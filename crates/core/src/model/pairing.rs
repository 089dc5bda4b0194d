use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};

/// A QR code that pairs a phone with the account. Whoever scans it can read everything: show it to the owner
/// of the phone alone, store and log it nowhere. `Debug` shows neither value nor picture.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairingQr {
    /// What the code says, to be drawn; `None` where the gateway gives a picture alone (Green-API, GOWA).
    pub value: Option<String>,
    /// The code as a picture. WAHA and Wappfy make it in a request of its own: where only that failed, it is
    /// `None` beside a value.
    pub picture: Option<PairingPicture>,
    /// When the code lapses, in whole seconds: GOWA tells it. `None` where it isn't known (WAHA and Wappfy: 60 s
    /// the first, 20 s the later ones; Green-API: up to 20 s): ask again every few seconds, which voids nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// Each look begins a pairing of its own, and voids the code that was given before (GOWA): ask again only when
    /// this one lapses.
    pub voids_former: bool,
}

/// The picture of a QR code.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairingPicture {
    /// Its type; every gateway sends `image/png`.
    pub mime_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl PairingQr {
    /// A code by what it says.
    pub fn of_value(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), picture: None, expires_at: None, voids_former: false }
    }

    /// A code by its picture.
    pub fn of_picture(picture: PairingPicture) -> Self {
        Self { value: None, picture: Some(picture), expires_at: None, voids_former: false }
    }
}

impl PairingPicture {
    /// The first bytes of every PNG.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

    /// A picture of this type.
    pub fn new(mime_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { mime_type: mime_type.into(), bytes: bytes.into() }
    }

    /// A PNG; `None` for bytes that are none.
    pub fn png(bytes: impl Into<Bytes>) -> Option<Self> {
        let bytes = bytes.into();
        bytes.starts_with(Self::PNG).then(|| Self::new("image/png", bytes))
    }
}

impl fmt::Debug for PairingQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairingQr")
            .field("value", &self.value.is_some())
            .field("picture", &self.picture)
            .field("expires_at", &self.expires_at)
            .field("voids_former", &self.voids_former)
            .finish()
    }
}

impl fmt::Debug for PairingPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PairingPicture({} bytes)", self.bytes.len())
    }
}
