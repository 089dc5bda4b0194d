//! What WAHA delivers by webhook or websocket, verified and read.
//!
//! Both carry the same envelope. Its `id` identifies nothing: the same event bears different ones (measured on
//! 2026.4.1). The envelope's time is in milliseconds, a message's in seconds; a group's is in milliseconds on NOWEB
//! and in seconds elsewhere, an archived chat's and a vote's are told apart by their size.

mod account;
#[cfg(feature = "websocket")]
mod last_told;
mod message;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;
use wachats_core::delivery::{Delivery, Fields};
use wachats_core::{ChatId, DedupeKey, Error, ErrorKind, Event, EventKind, Gateway, Operation, Result};

use crate::dialect::Dialect;
#[cfg(feature = "websocket")]
pub(crate) use last_told::LastTold;
#[cfg(feature = "websocket")]
pub(crate) use message::of_message;

/// Reads what WAHA and services of its dialect deliver.
///
/// ```
/// use wachats_waha::event::WahaEvents;
/// let body = br#"{"event":"session.status","session":"default","me":null,"payload":{"status":"WORKING"}}"#;
/// let events = WahaEvents::new().decode(body)?;
/// assert_eq!(events[0].name(), "session_state");
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WahaEvents {
    gateway: Gateway,
    base: Option<Url>,
    raw: bool,
}

impl WahaEvents {
    /// WAHA's own deliveries, without raw JSON.
    pub fn new() -> Self {
        Self::of(&Dialect::WAHA)
    }

    /// Those of a service of WAHA's dialect, as far as is known the same (nothing of Wappfy was ever recorded).
    pub fn of(dialect: &Dialect) -> Self {
        Self { gateway: dialect.gateway.clone(), base: None, raw: false }
    }

    /// Where the gateway really is: it names its own files on a host that is `localhost` unless configured, and
    /// with this they are told below `url`.
    ///
    /// # Errors
    /// `ConfigInvalid` for what is no address.
    pub fn base(mut self, url: impl AsRef<str>) -> Result<Self> {
        let url = Url::parse(url.as_ref()).ok().filter(|url| !url.cannot_be_a_base()).ok_or_else(|| {
            Error::new(ErrorKind::ConfigInvalid, Operation::Configure)
                .with_gateway(self.gateway.clone())
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

    /// What a delivery tells: mostly one event, of presences and changed groups several. What isn't known is
    /// [`EventKind::Unknown`] with the delivery.
    ///
    /// The same body always gives the same [`dedupe_key`](Event::dedupe_key)s. Where it bears no time (servers before
    /// 2024.7), a session's state, a label, a presence or an archived chat is known by what is said of it: said again
    /// in the same words, it is the same event.
    ///
    /// # Errors
    /// `Decode` for a body that is no JSON.
    pub fn decode(&self, body: &[u8]) -> Result<Vec<Event>> {
        self.read(body).map(|(events, _)| events)
    }

    /// Reads a delivery; tells also when the gateway made it, by the gateway's clock.
    pub(crate) fn read(&self, body: &[u8]) -> Result<(Vec<Event>, Option<DateTime<Utc>>)> {
        let delivery = Delivery::parse(&self.gateway, body)?;
        let envelope = Envelope::new(self, delivery.value());
        let mut events = envelope.events().unwrap_or_default();
        if events.is_empty() {
            // the envelope's id is left out: it is another one by webhook and by websocket
            let part = match envelope.name {
                // no envelope at all
                "" => delivery.value().clone(),
                name => json!([name, envelope.payload, envelope.at]),
            };
            let mut unknown = delivery.unknown(&self.gateway, &envelope.account, &part);
            unknown.account_id.clone_from(&envelope.me);
            unknown.at = envelope.at;
            events.push(unknown);
        }
        if self.raw {
            events.iter_mut().for_each(|event| event.raw = Some(delivery.raw()));
        }
        Ok((events, envelope.at))
    }

    /// Checks `X-Webhook-Hmac`, HMAC-SHA512 over the raw body in hexadecimal digits. A replay window is held
    /// against the envelope's `timestamp`: the header of that name is not signed. Envelopes before 2024.7 have none.
    ///
    /// # Errors
    /// `Unauthenticated` for a wrong, damaged or missing signature and outside the window; `ConfigInvalid` without
    /// a usable key.
    #[cfg(feature = "webhook")]
    pub fn verify(
        &self,
        keys: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
        body: &[u8],
    ) -> Result<()> {
        use wachats_core::webhook::{Hash, verify_hmac};

        keys.check(&self.gateway, None)?;
        verify_hmac(&self.gateway, Hash::Sha512, keys, headers.header("x-webhook-hmac"), body)?;
        if let Some(window) = keys.replay_window() {
            window.check(&self.gateway, wachats_core::webhook::Webhook::told_at(self, body), Utc::now())?;
        }
        Ok(())
    }
}

/// The envelope's time alone.
#[cfg(feature = "webhook")]
#[derive(serde::Deserialize)]
struct Told {
    #[serde(default)]
    timestamp: Value,
}

impl Default for WahaEvents {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "webhook")]
impl wachats_core::webhook::Webhook for WahaEvents {
    fn gateway(&self) -> Gateway {
        self.gateway.clone()
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
        let signature = headers.header("x-webhook-hmac");
        wachats_core::webhook::screen_hmac(&self.gateway, wachats_core::webhook::Hash::Sha512, signature)
    }

    fn told_at(&self, body: &[u8]) -> Option<DateTime<Utc>> {
        match serde_json::from_slice::<Told>(body) {
            Ok(told) => json!({"timestamp": told.timestamp}).millis("timestamp"),
            // what is damaged may be read with more patience; what is no JSON tells nothing
            Err(_) => Delivery::parse(&self.gateway, body).ok()?.value().millis("timestamp"),
        }
    }

    fn decode(&self, _: &dyn wachats_core::webhook::HeaderView, body: &[u8]) -> Result<Vec<Event>> {
        Self::decode(self, body)
    }
}

/// Session and account, for keys: two servers may both have a session `default`.
fn account(session: &str, me: Option<&ChatId>) -> String {
    format!("{session}/{}", me.map_or("-", ChatId::as_str))
}

/// Adds what tells an event from the next that says the same: when it was. Where nothing tells (before 2024.7) it is
/// all that the delivery says, so that a delivery repeated, or read twice, is the same event each time.
fn dated(key: DedupeKey, at: Option<DateTime<Utc>>, content: &Value) -> DedupeKey {
    match at {
        Some(_) => key.at(at),
        None => key.digest(content.to_string().as_bytes()),
    }
}

/// A delivery's envelope, and what its events have in common.
struct Envelope<'a> {
    source: &'a WahaEvents,
    name: &'a str,
    payload: &'a Value,
    /// The account's own id; absent before login, and in some deliveries after.
    me: Option<ChatId>,
    /// See [`account`].
    account: String,
    /// When the gateway made the delivery.
    at: Option<DateTime<Utc>>,
}

impl<'a> Envelope<'a> {
    fn new(source: &'a WahaEvents, value: &'a Value) -> Self {
        let me = value.inner("me").chat("id");
        let session = value.text("session").unwrap_or("-");
        Self {
            source,
            name: value.text("event").unwrap_or_default(),
            payload: value.inner("payload"),
            account: account(session, me.as_ref()),
            me,
            at: value.millis("timestamp"),
        }
    }

    fn key(&self, event: &str) -> DedupeKey {
        DedupeKey::new(event, &self.account)
    }

    fn event(
        &self,
        kind: EventKind,
        key: DedupeKey,
        chat: Option<ChatId>,
        at: Option<DateTime<Utc>>,
    ) -> Event {
        let mut event = Event::new(self.source.gateway.clone(), kind, key);
        event.account_id = self.me.clone();
        event.chat_id = chat;
        event.at = at.or(self.at);
        event
    }

    /// The events; none where the delivery isn't known or lacks what an event must have.
    fn events(&self) -> Option<Vec<Event>> {
        let one = |event: Option<Event>| Some(vec![event?]);
        match self.name {
            "message" | "message.any" | "message.waiting" => one(self.message()),
            "message.ack" | "message.ack.group" => one(self.ack()),
            "message.reaction" => one(self.reaction()),
            "message.edited" => one(self.edited()),
            "message.revoked" => one(self.revoked()),
            "poll.vote" => one(self.vote()),
            "chat.archive" => one(self.archived()),
            "presence.update" => self.presences(),
            "group.v2.join" => one(self.own_membership(wachats_core::GroupAction::Join)),
            "group.v2.leave" => one(self.own_membership(wachats_core::GroupAction::Leave)),
            "group.v2.participants" => one(self.participants()),
            "group.v2.update" => self.group_changes(),
            "call.received" => one(self.call(wachats_core::CallAction::Offer)),
            "call.accepted" => one(self.call(wachats_core::CallAction::Accept)),
            "call.rejected" => one(self.call(wachats_core::CallAction::Reject)),
            "label.upsert" => one(self.label(wachats_core::LabelAction::Upserted)),
            "label.deleted" => one(self.label(wachats_core::LabelAction::Deleted)),
            "label.chat.added" => one(self.chat_label(wachats_core::LabelAction::Added)),
            "label.chat.deleted" => one(self.chat_label(wachats_core::LabelAction::Removed)),
            "session.status" => one(self.session()),
            _ => None,
        }
    }
}

/// [`WahaEvents::decode`] as WAHA's own deliveries come, without raw JSON.
///
/// # Errors
/// `Decode` for a body that is no JSON.
pub fn decode(body: &[u8]) -> Result<Vec<Event>> {
    WahaEvents::new().decode(body)
}

/// [`WahaEvents::verify`] of WAHA's own deliveries.
///
/// # Errors
/// `Unauthenticated` and `ConfigInvalid`, as there.
#[cfg(feature = "webhook")]
pub fn verify(
    keys: &wachats_core::webhook::WebhookKeys,
    headers: &dyn wachats_core::webhook::HeaderView,
    body: &[u8],
) -> Result<()> {
    WahaEvents::new().verify(keys, headers, body)
}

#[cfg(test)]
mod tests;
