//! What GOWA delivers by webhook, verified and read: the envelope of v8.0 and later, and v7's flat form.
//!
//! All its times are RFC 3339. Chats are told by phone where the gateway knows it; receipts and typing name the lid,
//! and beside it the phone, which is then taken. Media are told by a path below the gateway's address.

mod content;
mod flat;
mod payload;

use chrono::{DateTime, Utc};
use serde_json::Value;
#[cfg(feature = "webhook")]
use serde_json::json;
use url::Url;
use wachats_core::delivery::{Delivery, Fields};
use wachats_core::{ChatId, DedupeKey, Error, ErrorKind, Event, EventKind, Gateway, Operation, Result};

/// The secret that GOWA signs with unless it is given another.
pub const DEFAULT_SECRET: &str = "secret";

/// Reads what GOWA delivers.
///
/// ```
/// use wachats_gowa::event::GowaEvents;
/// let body = br#"{"event":"label.edit","device_id":"628111000111@s.whatsapp.net","timestamp":"2026-08-20T10:00:00Z",
///     "payload":{"label_id":"9","name":"Important","deleted":false}}"#;
/// let events = GowaEvents::new().decode(body)?;
/// assert_eq!(events[0].name(), "label");
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct GowaEvents {
    base: Option<Url>,
    raw: bool,
}

impl GowaEvents {
    /// Without raw JSON; media are told by their path alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the gateway is: media are told below `url` (they are open to everybody who knows the path).
    ///
    /// # Errors
    /// `ConfigInvalid` for what is no address.
    pub fn base(mut self, url: impl AsRef<str>) -> Result<Self> {
        let url = format!("{}/", url.as_ref().trim_end_matches('/'));
        let url = Url::parse(&url).ok().filter(|url| !url.cannot_be_a_base()).ok_or_else(|| {
            Error::new(ErrorKind::ConfigInvalid, Operation::Configure)
                .with_gateway(Gateway::GOWA)
                .with_message("the gateway's address can't be read")
        })?;
        self.base = Some(url);
        Ok(self)
    }

    /// Keeps the whole delivery with every event.
    pub fn raw(mut self, raw: bool) -> Self {
        self.raw = raw;
        self
    }

    /// What a delivery tells: one event, of a receipt one for each message. What isn't known is
    /// [`EventKind::Unknown`] with the delivery.
    ///
    /// # Errors
    /// `Decode` for a body that is no JSON.
    pub fn decode(&self, body: &[u8]) -> Result<Vec<Event>> {
        let delivery = Delivery::parse(&Gateway::GOWA, body)?;
        let envelope = Envelope::new(self, delivery.value());
        let mut events = envelope.events().unwrap_or_default();
        if events.is_empty() {
            let mut unknown = delivery.unknown(&Gateway::GOWA, &envelope.account, delivery.value());
            unknown.account_id.clone_from(&envelope.me);
            unknown.at = envelope.at;
            events.push(unknown);
        }
        if self.raw {
            events.iter_mut().for_each(|event| event.raw = Some(delivery.raw()));
        }
        Ok(events)
    }

    /// Checks `X-Hub-Signature-256`, `sha256=` and an HMAC-SHA256 over the raw body in hexadecimal digits.
    ///
    /// A replay window is held against the time the delivery tells. Of a message that is when it was sent: what
    /// comes late because a phone was offline falls outside.
    ///
    /// # Errors
    /// `Unauthenticated` for a wrong, damaged or missing signature and outside the window; `ConfigInvalid` without
    /// a usable key, and for [`DEFAULT_SECRET`] unless it is allowed.
    #[cfg(feature = "webhook")]
    pub fn verify(
        &self,
        keys: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
        body: &[u8],
    ) -> Result<()> {
        use wachats_core::webhook::{Hash, verify_hmac};

        keys.check(&Gateway::GOWA, Some(DEFAULT_SECRET))?;
        verify_hmac(&Gateway::GOWA, Hash::Sha256, keys, signature(headers), body)?;
        if let Some(window) = keys.replay_window() {
            let at = wachats_core::webhook::Webhook::told_at(self, body);
            window.check(&Gateway::GOWA, at, Utc::now())?;
        }
        Ok(())
    }
}

#[cfg(feature = "webhook")]
impl wachats_core::webhook::Webhook for GowaEvents {
    fn gateway(&self) -> Gateway {
        Gateway::GOWA
    }

    fn verify(
        &self,
        keys: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
        body: &[u8],
    ) -> Result<()> {
        Self::verify(self, keys, headers, body)
    }

    fn screen(
        &self,
        _: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
    ) -> Result<()> {
        let hash = wachats_core::webhook::Hash::Sha256;
        wachats_core::webhook::screen_hmac(&Gateway::GOWA, hash, signature(headers))
    }

    fn told_at(&self, body: &[u8]) -> Option<DateTime<Utc>> {
        match serde_json::from_slice::<Times>(body) {
            Ok(Times { timestamp, payload }) => {
                told_at(&json!({"timestamp": timestamp, "payload": {"timestamp": payload.timestamp}}))
            }
            // what is damaged may be read with more patience; what is no JSON tells nothing
            Err(_) => told_at(Delivery::parse(&Gateway::GOWA, body).ok()?.value()),
        }
    }

    fn decode(&self, _: &dyn wachats_core::webhook::HeaderView, body: &[u8]) -> Result<Vec<Event>> {
        Self::decode(self, body)
    }
}

#[cfg(feature = "webhook")]
fn signature(headers: &dyn wachats_core::webhook::HeaderView) -> Option<&[u8]> {
    headers.header("x-hub-signature-256")?.strip_prefix(b"sha256=")
}

/// What [`told_at`] reads of a delivery, and nothing else: it is asked before the delivery is read as a whole.
#[cfg(feature = "webhook")]
#[derive(serde::Deserialize)]
struct Times {
    #[serde(default)]
    timestamp: Value,
    #[serde(default)]
    payload: PayloadTime,
}

#[cfg(feature = "webhook")]
#[derive(Default, serde::Deserialize)]
struct PayloadTime {
    #[serde(default)]
    timestamp: Value,
}

/// The envelope's time, or the payload's: messages have theirs there.
fn told_at(value: &Value) -> Option<DateTime<Utc>> {
    value.rfc3339("timestamp").or_else(|| value.inner("payload").rfc3339("timestamp"))
}

/// A delivery, and what its events have in common.
struct Envelope<'a> {
    source: &'a GowaEvents,
    value: &'a Value,
    /// The account's own id, since v8.0.
    me: Option<ChatId>,
    /// The account for keys: its id, else the slot.
    account: String,
    at: Option<DateTime<Utc>>,
}

impl<'a> Envelope<'a> {
    fn new(source: &'a GowaEvents, value: &'a Value) -> Self {
        let me = value.chat("device_id");
        let account =
            me.as_ref().map(ChatId::as_str).or_else(|| value.text("session_id")).unwrap_or("-").to_owned();
        Self { source, value, me, account, at: told_at(value) }
    }

    fn key(&self, event: &str) -> DedupeKey {
        DedupeKey::new(event, &self.account)
    }

    fn event(&self, kind: EventKind, key: DedupeKey, chat: Option<ChatId>) -> Event {
        let mut event = Event::new(Gateway::GOWA, kind, key);
        event.account_id = self.me.clone();
        event.chat_id = chat;
        event.at = self.at;
        event
    }

    /// The events; none where the delivery isn't known or lacks what an event must have.
    fn events(&self) -> Option<Vec<Event>> {
        let payload = self.value.inner("payload");
        let one = |event: Option<Event>| Some(vec![event?]);
        match self.value.text("event") {
            Some("message") => one(self.message(content::Told::of_payload(payload)?)),
            Some("message.reaction") => one(self.reaction(payload)),
            Some("message.edited") => one(self.edited(payload)),
            Some("message.revoked") => one(self.revoked(payload)),
            Some("message.deleted") => one(self.deleted(payload)),
            Some("message.ack") => self.acks(payload),
            Some("chat_presence") => one(self.presence(payload)),
            Some("group.participants" | "group.joined") => one(self.group(payload)),
            Some("call.offer") => one(self.call(payload)),
            Some("label.edit") => one(self.label(payload)),
            Some("label.association") => one(self.chat_label(payload)),
            Some(_) => None,
            None => one(self.flat()),
        }
    }
}

/// [`GowaEvents::decode`] without an address and without raw JSON.
///
/// # Errors
/// `Decode` for a body that is no JSON.
pub fn decode(body: &[u8]) -> Result<Vec<Event>> {
    GowaEvents::new().decode(body)
}

/// [`GowaEvents::verify`].
///
/// # Errors
/// `Unauthenticated` and `ConfigInvalid`, as there.
#[cfg(feature = "webhook")]
pub fn verify(
    keys: &wachats_core::webhook::WebhookKeys,
    headers: &dyn wachats_core::webhook::HeaderView,
    body: &[u8],
) -> Result<()> {
    GowaEvents::new().verify(keys, headers, body)
}

#[cfg(test)]
mod tests;
