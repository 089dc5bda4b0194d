//! Which WAHA is served.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Courier;

/// The library inside WAHA that speaks to WhatsApp. Chats, raw messages and refusals differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// whatsapp-web.js in a browser.
    Webjs,
    /// WPPConnect in a browser.
    Wpp,
    /// Baileys, over WhatsApp's own protocol.
    Noweb,
    /// whatsmeow, over WhatsApp's own protocol.
    Gows,
}

impl Engine {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Webjs, Self::Wpp, Self::Noweb, Self::Gows];

    /// The engine's name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Webjs => "WEBJS",
            Self::Wpp => "WPP",
            Self::Noweb => "NOWEB",
            Self::Gows => "GOWS",
        }
    }

    /// Whether the engine runs WhatsApp Web in a browser.
    pub(crate) fn in_browser(self) -> bool {
        matches!(self, Self::Webjs | Self::Wpp)
    }
}

/// What differs between WAHA itself and services that offer its API under another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Header that carries the key.
    pub(crate) key_header: &'static str,
    /// Whether `merge`, and order on messages, are known.
    pub(crate) extended_query: bool,
    /// Whether the list of messages insists on `limit`.
    pub(crate) limit_required: bool,
    /// Whether messages can be pinned where the engine can.
    pub(crate) pins: bool,
}

impl Dialect {
    pub(crate) const WAHA: Self =
        Self { key_header: "x-api-key", extended_query: true, limit_required: false, pins: true };
    pub(crate) const WAPPFY: Self =
        Self { key_header: "apikey", extended_query: false, limit_required: true, pins: false };
}

/// Which WAHA is served: engine, version and configuration.
///
/// The default is version 2026.7.1 with one session `default`, NOWEB's store enabled, and no key asked for.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(crate) engine: Engine,
    pub(crate) version: String,
    pub(crate) key: Option<String>,
    pub(crate) session: String,
    pub(crate) config: Value,
    pub(crate) base_url: String,
    pub(crate) file_lifetime: Duration,
    pub(crate) real_waits: bool,
    pub(crate) empty_sends: bool,
    pub(crate) renamed_keys: bool,
    pub(crate) dialect: Dialect,
    pub(crate) webhooks: Vec<Value>,
    pub(crate) courier: Courier,
}

impl Profile {
    /// A server whose sessions use this engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        let noweb = json!({"noweb": {"markOnline": true, "store": {"enabled": true, "fullSync": false}}});
        Self {
            engine,
            version: "2026.7.1".to_owned(),
            key: None,
            session: "default".to_owned(),
            config: if engine == Engine::Noweb { noweb } else { json!({}) },
            base_url: "http://localhost:3000".to_owned(),
            file_lifetime: Duration::from_secs(180),
            real_waits: false,
            empty_sends: false,
            renamed_keys: false,
            dialect: Dialect::WAHA,
            webhooks: Vec::new(),
            courier: Courier::new(),
        }
    }

    /// Sets the version, as `year.month.number`. Routes, parameters and refusals follow it.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// Asks for this key in every request.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Names the session.
    #[must_use]
    pub fn session(mut self, name: &str) -> Self {
        name.clone_into(&mut self.session);
        self
    }

    /// Enables or disables NOWEB's store; without it chats and messages answer 400.
    #[must_use]
    pub fn store(mut self, enabled: bool) -> Self {
        self.config =
            json!({"noweb": {"markOnline": true, "store": {"enabled": enabled, "fullSync": false}}});
        self
    }

    /// Sets the session's configuration as it is answered.
    #[must_use]
    pub fn config(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    /// Adds a webhook for all events to the session's configuration, signed with a key or not at all.
    /// [`Profile::config`] and the API itself can say more: events, attempts, headers.
    ///
    /// WEBJS since 2025.8.3 tells of acks and presences only with `{"webjs": {"tagsEventsOn": true}}`.
    #[must_use]
    pub fn webhook(mut self, url: &str, key: Option<&str>) -> Self {
        let mut webhook = json!({"url": url, "events": ["*"]});
        if let (Some(key), Some(members)) = (key, webhook.as_object_mut()) {
            members.insert("hmac".to_owned(), json!({"key": key}));
        }
        self.webhooks.push(webhook);
        self
    }

    /// Sets how events travel.
    #[must_use]
    pub fn courier(mut self, courier: Courier) -> Self {
        self.courier = courier;
        self
    }

    /// The configuration with the profile's webhooks in it.
    pub(crate) fn full_config(&self) -> Value {
        let mut config = self.config.clone();
        if let (false, Some(members)) = (self.webhooks.is_empty(), config.as_object_mut()) {
            let list = members.entry("webhooks").or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.extend(self.webhooks.iter().cloned());
            }
        }
        config
    }

    /// Sets the address that media links start with. The default is WAHA's own, `http://localhost:3000`, wherever the
    /// server really listens: clients have to replace it. An empty one stands for the server's real address.
    #[must_use]
    pub fn base_url(mut self, url: &str) -> Self {
        url.trim_end_matches('/').clone_into(&mut self.base_url);
        self
    }

    /// Sets how long a downloaded file can be fetched; WAHA's default is 180 s.
    #[must_use]
    pub fn file_lifetime(mut self, lifetime: Duration) -> Self {
        self.file_lifetime = lifetime;
        self
    }

    /// Lets calls on an unready session wait as long as WAHA does (5 s when it isn't running, 10 s when it is).
    #[must_use]
    pub fn real_waits(mut self) -> Self {
        self.real_waits = true;
        self
    }

    /// Answers sends with nothing, as some builds do (WEBJS 2025.6.5).
    #[must_use]
    pub fn empty_sends(mut self) -> Self {
        self.empty_sends = true;
        self
    }

    /// Names the serialised form of message keys `$1` in place of `_serialized`, as WhatsApp Web did in July 2026
    /// before WAHA 2026.7.1 followed. Only WEBJS and WPP are concerned.
    #[must_use]
    pub fn renamed_keys(mut self) -> Self {
        self.renamed_keys = true;
        self
    }

    /// Whether the version is this one or newer.
    pub(crate) fn since(&self, year: u32, month: u32, number: u32) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let own = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
        own >= [year, month, number]
    }

    pub(crate) fn store_enabled(config: &Value) -> bool {
        config.pointer("/noweb/store/enabled").and_then(Value::as_bool).unwrap_or(false)
    }
}
