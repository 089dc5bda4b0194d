//! Which instance is played: its number and token, its settings, its troubles.

use std::collections::BTreeSet;

use crate::Courier;

/// What the account at Green-API itself is like, apart from the session with WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Instance {
    /// In order.
    #[default]
    Usable,
    /// WhatsApp restricted it; it goes on working (`yellowCard`).
    YellowCard,
    /// Being created: its state is `null`.
    Unborn,
    /// Not paid for: everything is 400 with a plain text.
    Expired,
    /// Deleted: everything is 400 with a plain text.
    Deleted,
}

/// How an instance is set up. All journals and notifications are on, limits and quotas off; `setSettings` changes them.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) id: u64,
    pub(super) token: String,
    pub(super) instance: Instance,
    pub(super) incoming: bool,
    pub(super) outgoing_phone: bool,
    pub(super) outgoing_api: bool,
    pub(super) edited: bool,
    pub(super) deleted: bool,
    pub(super) other_events: bool,
    pub(super) webhook_url: String,
    pub(super) webhook_token: String,
    pub(super) courier: Courier,
    pub(super) lid_mode: bool,
    pub(super) rate_limits: bool,
    pub(super) quick_polls: bool,
    pub(super) quotas_used_up: BTreeSet<String>,
    pub(super) ghosts: BTreeSet<String>,
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

impl Profile {
    /// Instance 7103000001 with an invented token.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: 7_103_000_001,
            token: "5e17d0c0ffee".repeat(4),
            instance: Instance::Usable,
            incoming: true,
            outgoing_phone: true,
            outgoing_api: true,
            edited: true,
            deleted: true,
            other_events: true,
            webhook_url: String::new(),
            webhook_token: String::new(),
            courier: Courier::new(),
            lid_mode: false,
            rate_limits: false,
            quick_polls: false,
            quotas_used_up: BTreeSet::new(),
            ghosts: BTreeSet::new(),
        }
    }

    /// The number of the instance.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sets number and token.
    #[must_use]
    pub fn credentials(mut self, id: u64, token: &str) -> Self {
        self.id = id;
        token.clone_into(&mut self.token);
        self
    }

    /// Sets what the account at Green-API is like.
    #[must_use]
    pub fn instance(mut self, instance: Instance) -> Self {
        self.instance = instance;
        self
    }

    /// A new instance: every setting is off, so that no journal is ever filled and chats can't be archived.
    #[must_use]
    pub fn fresh(mut self) -> Self {
        (self.incoming, self.outgoing_phone, self.outgoing_api) = (false, false, false);
        self.other_events = false;
        self.without_edits_and_deletions()
    }

    /// Leaves edits and deletions, and the flags that tell of them, out of the journal: the gateway's own default.
    #[must_use]
    pub fn without_edits_and_deletions(mut self) -> Self {
        (self.edited, self.deleted) = (false, false);
        self
    }

    /// Pushes notifications to this address, with a token or without; polling is refused then.
    #[must_use]
    pub fn webhook(mut self, url: &str, token: Option<&str>) -> Self {
        url.clone_into(&mut self.webhook_url);
        token.unwrap_or_default().clone_into(&mut self.webhook_token);
        self
    }

    /// Sets how notifications travel.
    #[must_use]
    pub fn courier(mut self, courier: Courier) -> Self {
        self.courier = courier;
        self
    }

    /// Lets `checkWhatsapp` tell the chat's id, a lid where one is known.
    #[must_use]
    pub fn lid_mode(mut self) -> Self {
        self.lid_mode = true;
        self
    }

    /// Keeps the published limits per method: what exceeds them is 429.
    #[must_use]
    pub fn rate_limits(mut self) -> Self {
        self.rate_limits = true;
        self
    }

    /// Lets a poll of an empty queue return at once instead of after its time.
    #[must_use]
    pub fn quick_polls(mut self) -> Self {
        self.quick_polls = true;
        self
    }

    /// Answers a method with 466: its quota for the month is used up.
    #[must_use]
    pub fn quota_used_up(mut self, method: &str) -> Self {
        self.quotas_used_up.insert(method.to_ascii_lowercase());
        self
    }

    /// Puts an entry without id and chat on top of a chat's history, as a send to a number without WhatsApp leaves it.
    #[must_use]
    pub fn ghost(mut self, chat: &str) -> Self {
        self.ghosts.insert(crate::world::ids::canonical(chat));
        self
    }
}
