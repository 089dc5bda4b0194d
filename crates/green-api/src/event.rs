//! What Green-API delivers by webhook or hands out of its queue, verified and read.
//!
//! Both carry the same notification; the queue's wrapper with its `receiptId` is taken off. All times are unix
//! seconds. Whose a message is follows from `typeWebhook` alone. Reactions, edits, deletions and votes come as
//! messages of their own and are told as what they are.

use chrono::{DateTime, Utc};
use serde_json::Value;
use wachats_core::delivery::{Delivery, Fields, typed};
use wachats_core::{
    Ack, CallAction, ChatId, ChatKind, DedupeKey, Event, EventKind, Gateway, MessageKey, Result, SessionState,
};

use crate::backend::state_of;
use crate::translate::{About, Row, row};
use crate::wire::Entry;

/// Reads what Green-API delivers.
///
/// ```
/// use wachats_green_api::event::GreenApiEvents;
/// let body = br#"{"typeWebhook":"stateInstanceChanged","instanceData":{"idInstance":1101000001},
///     "timestamp":1705902314,"stateInstance":"authorized"}"#;
/// let events = GreenApiEvents::new().decode(body)?;
/// assert_eq!(events[0].name(), "session_state");
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct GreenApiEvents {
    raw: bool,
}

impl GreenApiEvents {
    /// Without raw JSON.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the whole notification with every event.
    pub fn raw(mut self, raw: bool) -> Self {
        self.raw = raw;
        self
    }

    /// What a notification tells: one event, or none where the queue is empty (`null`). What isn't known is
    /// [`EventKind::Unknown`] with the notification.
    ///
    /// # Errors
    /// `Decode` for a body that is no JSON.
    pub fn decode(&self, body: &[u8]) -> Result<Vec<Event>> {
        let delivery = Delivery::parse(&Gateway::GREEN_API, body)?;
        let value = delivery.value();
        let queued = value.get("receiptId").is_some() && value.get("body").is_some();
        let value = if queued { value.inner("body") } else { value };
        if value.is_null() {
            return Ok(Vec::new());
        }
        let notification = Notification::new(value);
        let mut event = notification.event().unwrap_or_else(|| {
            let mut unknown = delivery.unknown(&Gateway::GREEN_API, &notification.account, value);
            unknown.account_id.clone_from(&notification.me);
            unknown.at = notification.at;
            unknown
        });
        if self.raw {
            event.raw = Some(delivery.raw());
        }
        Ok(vec![event])
    }

    /// Checks the bearer token in `Authorization`. Nothing is signed: whoever can replay a delivery has the
    /// token too, so a replay window would protect from nothing and is not held.
    ///
    /// # Errors
    /// `Unauthenticated` for a wrong or missing token; `ConfigInvalid` without a usable one to compare with.
    #[cfg(feature = "webhook")]
    pub fn verify(
        &self,
        keys: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
    ) -> Result<()> {
        keys.check(&Gateway::GREEN_API, None)?;
        wachats_core::webhook::verify_bearer(&Gateway::GREEN_API, keys, headers)
    }
}

#[cfg(feature = "webhook")]
impl wachats_core::webhook::Webhook for GreenApiEvents {
    fn gateway(&self) -> Gateway {
        Gateway::GREEN_API
    }

    fn verify(
        &self,
        keys: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
        _: &[u8],
    ) -> Result<()> {
        Self::verify(self, keys, headers)
    }

    /// The token stands in the headers, so this is the whole check.
    fn screen(
        &self,
        keys: &wachats_core::webhook::WebhookKeys,
        headers: &dyn wachats_core::webhook::HeaderView,
    ) -> Result<()> {
        Self::verify(self, keys, headers)
    }

    fn decode(&self, _: &dyn wachats_core::webhook::HeaderView, body: &[u8]) -> Result<Vec<Event>> {
        Self::decode(self, body)
    }
}

/// A notification, and what its events have in common.
struct Notification<'a> {
    value: &'a Value,
    me: Option<ChatId>,
    /// The instance, for keys.
    account: String,
    at: Option<DateTime<Utc>>,
}

impl<'a> Notification<'a> {
    fn new(value: &'a Value) -> Self {
        let instance = value.inner("instanceData");
        let account =
            instance.label("idInstance").or_else(|| instance.label("wid")).unwrap_or_else(|| "-".into());
        Self { value, me: instance.chat("wid"), account, at: value.seconds("timestamp") }
    }

    fn key(&self, event: &str) -> DedupeKey {
        DedupeKey::new(event, &self.account)
    }

    fn told(&self, kind: EventKind, key: DedupeKey, chat: Option<ChatId>) -> Option<Event> {
        let mut event = Event::new(Gateway::GREEN_API, kind, key);
        event.account_id = self.me.clone();
        event.chat_id = chat;
        event.at = self.at;
        Some(event)
    }

    /// The event; `None` where the notification isn't known or lacks what an event must have.
    fn event(&self) -> Option<Event> {
        // a published example of it bears another type
        if self.value.inner("quotaData").is_object() {
            return self.quota();
        }
        match self.value.text("typeWebhook")? {
            "incomingMessageReceived" | "outgoingMessageReceived" | "outgoingAPIMessageReceived" => {
                self.message()
            }
            "outgoingMessageStatus" => self.status(),
            "stateInstanceChanged" => self.session(state_of(self.value.text("stateInstance"))),
            // of old instances: whether the phone is reachable
            "statusInstanceChanged" => match self.value.text("statusInstance")? {
                "online" => self.session(SessionState::Working),
                "offline" => self.session(SessionState::Starting),
                _ => None,
            },
            "incomingCall" | "outgoingCall" => self.call(),
            _ => None,
        }
    }

    fn message(&self) -> Option<Event> {
        let vote = self.value.at(&["messageData", "typeMessage"]).as_str() == Some("pollUpdateMessage");
        let row = row(typed::<Entry>(self.value)?, None, self.me.as_ref()).ok()?;
        if vote {
            return self.vote(&row);
        }
        let Row { message, about, .. } = row;
        let (chat, own, from_me) = (message.chat_id.clone(), message.key.clone(), message.from_me);
        let Some(about) = about else {
            let key = DedupeKey::message(&self.account, &chat, &message);
            let message = Box::new(message);
            let kind = if from_me {
                EventKind::MessageSent { message }
            } else {
                EventKind::MessageReceived { message }
            };
            return self.told(kind, key, Some(chat));
        };
        let key = |event: &str, target: &MessageKey| self.key(event).part(&chat).part(target);
        match about {
            About::Reaction(target) => {
                let (emoji, sender_id) = (message.text, message.sender_id);
                let key = key("reaction", &target).maybe(sender_id.as_ref()).maybe(emoji.as_ref()).part(&own);
                let kind =
                    EventKind::Reaction { message_key: target, message_from_me: None, emoji, sender_id };
                self.told(kind, key, Some(chat))
            }
            About::Edit(target) => {
                let key = key("message_edited", &target).part(&own);
                let (message_from_me, text) = (Some(from_me), message.text);
                let kind = EventKind::MessageEdited { message_key: target, message_from_me, text };
                self.told(kind, key, Some(chat))
            }
            About::Deletion(target) => {
                // admins of a group delete others' messages too
                let message_from_me = Some(from_me).filter(|_| chat.kind() == ChatKind::User);
                let key = key("message_deleted", &target).flag(message_from_me);
                let kind = EventKind::MessageDeleted { message_key: target, message_from_me };
                self.told(kind, key, Some(chat))
            }
        }
    }

    /// All options of the poll come with all who chose them: those of whoever voted now are told.
    fn vote(&self, row: &Row) -> Option<Event> {
        let poll = self.value.at(&["messageData", "pollMessageData"]);
        let target = poll.key("stanzaId")?;
        let voter_id = row.message.sender_id.clone();
        let chose =
            |vote: &&Value| voter_id.as_ref().is_some_and(|voter| vote.chats("optionVoters").contains(voter));
        let options =
            poll.items("votes").iter().filter(chose).filter_map(|vote| vote.label("optionName")).collect();
        let chat = row.message.chat_id.clone();
        let key =
            self.key("poll_vote").part(&chat).part(&target).maybe(voter_id.as_ref()).part(&row.message.key);
        let kind = EventKind::PollVote { message_key: target, message_from_me: None, voter_id, options };
        self.told(kind, key, Some(chat))
    }

    fn status(&self) -> Option<Event> {
        let mut entry: Entry = typed(self.value)?;
        entry.direction = Some("outgoing".into());
        entry.status_message = self.value.text("status").map(Into::into);
        let message = row(entry, None, self.me.as_ref()).ok()?.message;
        let ack: Ack = message.ack?;
        let key =
            self.key("message_ack").part(&message.chat_id).part(&message.key).flag(Some(true)).part(&ack);
        let kind = EventKind::MessageAck { message_key: message.key, message_from_me: Some(true), ack };
        self.told(kind, key, Some(message.chat_id))
    }

    fn session(&self, state: SessionState) -> Option<Event> {
        let word = self.value.text("stateInstance").or_else(|| self.value.text("statusInstance"));
        let key = self.key("session_state").maybe(word).at(self.at);
        self.told(EventKind::SessionState { state }, key, None)
    }

    fn call(&self) -> Option<Event> {
        let call_id = self.value.label("idMessage")?;
        let action = match self.value.text("status")? {
            "offer" => CallAction::Offer,
            "pickUp" => CallAction::Accept,
            "declined" => CallAction::Reject,
            "hangUp" | "missed" => CallAction::End,
            word => CallAction::from(word),
        };
        let chat = self.value.chat("from").or_else(|| self.value.chat("chatId"));
        let key = self.key("call").part(&call_id).part(&action);
        let is_group = chat.as_ref().map(ChatId::is_group);
        let kind = EventKind::Call { call_id, action, is_video: self.value.flag("isVideo"), is_group };
        self.told(kind, key, chat)
    }

    fn quota(&self) -> Option<Event> {
        let quota = self.value.inner("quotaData");
        let method = quota.label("method")?;
        let (used, total) = (quota.count("used"), quota.count("total"));
        let key =
            self.key("quota").part(&method).maybe(used).maybe(total).maybe(quota.text("status")).at(self.at);
        self.told(EventKind::Quota { method, used, total }, key, None)
    }
}

/// [`GreenApiEvents::decode`] without raw JSON.
///
/// # Errors
/// `Decode` for a body that is no JSON.
pub fn decode(body: &[u8]) -> Result<Vec<Event>> {
    GreenApiEvents::new().decode(body)
}

/// [`GreenApiEvents::verify`].
///
/// # Errors
/// `Unauthenticated` and `ConfigInvalid`, as there.
#[cfg(feature = "webhook")]
pub fn verify(
    keys: &wachats_core::webhook::WebhookKeys,
    headers: &dyn wachats_core::webhook::HeaderView,
) -> Result<()> {
    GreenApiEvents::new().verify(keys, headers)
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
