//! Which GOWA is played: its version, its settings, its slots, and what WhatsApp refuses it.

use std::fmt;

use crate::Courier;
use crate::world::ids;

/// A version of the gateway; every quirk is switched by it, as the project's history tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number.
    pub patch: u16,
}

impl Version {
    /// A version by its three numbers. Versions from 7.2.0 on have a chat API.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `v8.3.2` or `8.3.2`; missing numbers count as 0.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().trim_start_matches('v').split('.');
        let major = numbers.next()?.parse().ok()?;
        let mut rest = || numbers.next().map_or(Some(0), |number| number.parse().ok());
        Some(Self { major, minor: rest()?, patch: rest()? })
    }

    pub(super) const V7_5_1: Self = Self::new(7, 5, 1);
    pub(super) const V7_9: Self = Self::new(7, 9, 0);
    pub(super) const V8: Self = Self::new(8, 0, 0);
    pub(super) const V8_1: Self = Self::new(8, 1, 0);
    pub(super) const V8_1_2: Self = Self::new(8, 1, 2);
    pub(super) const V8_2: Self = Self::new(8, 2, 0);
    pub(super) const V8_3: Self = Self::new(8, 3, 0);
    pub(super) const V8_3_3: Self = Self::new(8, 3, 3);
    pub(super) const V8_3_4: Self = Self::new(8, 3, 4);
    pub(super) const V8_4: Self = Self::new(8, 4, 0);
    pub(super) const V8_5: Self = Self::new(8, 5, 0);
    pub(super) const V8_6: Self = Self::new(8, 6, 0);
    pub(super) const V8_8: Self = Self::new(8, 8, 0);
    pub(super) const V8_9: Self = Self::new(8, 9, 0);
    pub(super) const V8_10: Self = Self::new(8, 10, 0);
    pub(super) const V8_11: Self = Self::new(8, 11, 0);
    pub(super) const V9: Self = Self::new(9, 0, 0);
    pub(super) const V9_0_1: Self = Self::new(9, 0, 1);
    /// The first version after 9.2.0, which removes its own row of a message that it revokes or deletes.
    pub(super) const AFTER_V9_2: Self = Self::new(9, 2, 1);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What WhatsApp answers the gateway about one chat.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The number has no account: 400 `INVALID_JID`.
    NotOnWhatsapp,
    /// Sends meet the reach-out time-lock: 429 `WA_REACHOUT_TIMELOCK` since v8.6.0, a plain 500 before.
    ReachOutTimelock,
    /// Sends are refused with this number: 500 `server returned error 479`.
    Nack(u16),
    /// The picture doesn't come in time: 408 `CONTEXT_ERROR`, here at once instead of after five seconds.
    PictureTimeout,
    /// The picture is hidden from the account: 500.
    PictureHidden,
    /// Everything that asks WhatsApp about the chat ends in 500 `INTERNAL_SERVER_ERROR` with this text.
    Text(String),
}

/// A slot for an account (v8.0.0 and later).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) id: String,
    /// Whether it holds the world's account; other slots were never paired.
    pub(super) main: bool,
    pub(super) created_ms: i64,
    pub(super) webhook: Option<Webhook>,
}

/// A slot's own webhook settings (v8.10.0 and later). They take the place of the gateway's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) events: String,
    pub(super) insecure: bool,
}

/// How the gateway is set up.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) version: Version,
    pub(super) basic_auth: Option<(String, String)>,
    pub(super) base_path: String,
    pub(super) slots: Vec<(String, bool)>,
    pub(super) account_validation: bool,
    pub(super) refusals: Vec<(String, Refusal)>,
    pub(super) webhooks: Vec<String>,
    pub(super) webhook_secret: String,
    pub(super) webhook_events: String,
    pub(super) auto_download: bool,
    pub(super) qr_seconds: u64,
    pub(super) courier: Courier,
}

impl Profile {
    /// A gateway of any version with one slot `dev1` for the world's account, no authentication and no base path.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self {
            version,
            basic_auth: None,
            base_path: String::new(),
            slots: vec![("dev1".to_owned(), true)],
            account_validation: true,
            refusals: Vec::new(),
            webhooks: Vec::new(),
            webhook_secret: "secret".to_owned(),
            webhook_events: String::new(),
            auto_download: true,
            qr_seconds: 30,
            courier: Courier::new(),
        }
    }

    /// v7.8.0: one account, no devices, no archive.
    #[must_use]
    pub fn v7_8() -> Self {
        Self::new(Version::new(7, 8, 0))
    }

    /// v8.3.2: devices, but an archive that lists don't show.
    #[must_use]
    pub fn v8_3() -> Self {
        Self::new(Version::new(8, 3, 2))
    }

    /// v8.10.0: the last one before messages can be forwarded.
    #[must_use]
    pub fn v8_10() -> Self {
        Self::new(Version::new(8, 10, 0))
    }

    /// v9.2.0.
    #[must_use]
    pub fn v9_2() -> Self {
        Self::new(Version::new(9, 2, 0))
    }

    /// The version played.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Asks for HTTP Basic credentials.
    #[must_use]
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        self.basic_auth = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Puts everything but `/health` under a path, for example `/gowa`.
    #[must_use]
    pub fn base_path(mut self, path: &str) -> Self {
        let path = path.trim_matches('/');
        self.base_path = if path.is_empty() { String::new() } else { format!("/{path}") };
        self
    }

    /// Names the slot of the world's account. Ids outside `[A-Za-z0-9_-]` can't be used in `/devices/…` paths.
    #[must_use]
    pub fn device(mut self, id: &str) -> Self {
        self.slots.retain(|(_, main)| !main);
        self.slots.insert(0, (id.to_owned(), true));
        self
    }

    /// Adds a slot that was never paired.
    #[must_use]
    pub fn idle_device(mut self, id: &str) -> Self {
        self.slots.push((id.to_owned(), false));
        self
    }

    /// Starts without any slot.
    #[must_use]
    pub fn no_devices(mut self) -> Self {
        self.slots.clear();
        self
    }

    /// Sends without asking first whether the number has an account (`WHATSAPP_ACCOUNT_VALIDATION=false`).
    #[must_use]
    pub fn without_account_validation(mut self) -> Self {
        self.account_validation = false;
        self
    }

    /// Adds an address to the gateway's list of webhooks (`WHATSAPP_WEBHOOK`). Every delivery is signed: without a
    /// secret of its own with the gateway's default, `secret`. The last secret given is that of the whole list.
    #[must_use]
    pub fn webhook(mut self, url: &str, secret: Option<&str>) -> Self {
        self.webhooks.push(url.to_owned());
        if let Some(secret) = secret {
            secret.clone_into(&mut self.webhook_secret);
        }
        self
    }

    /// Tells of these events alone: names with commas between them (`WHATSAPP_WEBHOOK_EVENTS`).
    #[must_use]
    pub fn webhook_events(mut self, names: &str) -> Self {
        names.clone_into(&mut self.webhook_events);
        self
    }

    /// Leaves files where they are: events then have their encrypted address instead of a path on the gateway.
    #[must_use]
    pub fn without_auto_download(mut self) -> Self {
        self.auto_download = false;
        self
    }

    /// How long QR codes are said to hold, in seconds; 30.
    #[must_use]
    pub fn qr_seconds(mut self, seconds: u64) -> Self {
        self.qr_seconds = seconds;
        self
    }

    /// Sets how events travel.
    #[must_use]
    pub fn courier(mut self, courier: Courier) -> Self {
        self.courier = courier;
        self
    }

    /// Lets WhatsApp refuse what concerns a chat. Several refusals of one chat add up.
    #[must_use]
    pub fn refusal(mut self, chat: &str, refusal: Refusal) -> Self {
        self.refusals.push((ids::canonical(chat), refusal));
        self
    }

    pub(super) fn since(&self, version: Version) -> bool {
        self.version >= version
    }
}
