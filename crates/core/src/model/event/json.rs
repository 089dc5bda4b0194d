use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::{CallAction, Event, EventKind, GroupAction, LabelAction, PresenceState};
use crate::Gateway;
use crate::model::{Ack, ChatId, Message, MessageKey, RawJson, SessionState};

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event", self.name())?;
        map.serialize_entry("gateway", &self.gateway)?;
        map.serialize_entry("account_id", &self.account_id)?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("dedupe_key", &self.dedupe_key)?;
        map.serialize_entry("chat_id", &self.chat_id)?;
        fields(&self.kind, &mut map)?;
        if self.raw.is_some() || self.kind == EventKind::Unknown {
            map.serialize_entry("raw", &self.raw)?;
        }
        map.end()
    }
}

fn fields<M: SerializeMap>(kind: &EventKind, map: &mut M) -> Result<(), M::Error> {
    use EventKind as K;
    match kind {
        K::MessageReceived { message } | K::MessageSent { message } => {
            map.serialize_entry("message", message)
        }
        K::MessageAck { message_key, message_from_me, ack } => {
            of_message(map, message_key, message_from_me)?;
            map.serialize_entry("ack", ack)
        }
        K::MessageEdited { message_key, message_from_me, text } => {
            of_message(map, message_key, message_from_me)?;
            map.serialize_entry("text", text)
        }
        K::MessageDeleted { message_key, message_from_me } => of_message(map, message_key, message_from_me),
        K::Reaction { message_key, message_from_me, emoji, sender_id } => {
            of_message(map, message_key, message_from_me)?;
            map.serialize_entry("emoji", emoji)?;
            map.serialize_entry("sender_id", sender_id)
        }
        K::ChatArchived { archived } => map.serialize_entry("archived", archived),
        K::Presence { sender_id, presence, last_seen_at } => {
            map.serialize_entry("sender_id", sender_id)?;
            map.serialize_entry("presence", presence)?;
            map.serialize_entry("last_seen_at", last_seen_at)
        }
        K::GroupChanged { action, participant_ids, by_id } => {
            map.serialize_entry("action", action)?;
            map.serialize_entry("participant_ids", participant_ids)?;
            map.serialize_entry("by_id", by_id)
        }
        K::Call { call_id, action, is_video, is_group } => {
            map.serialize_entry("call_id", call_id)?;
            map.serialize_entry("action", action)?;
            map.serialize_entry("is_video", is_video)?;
            map.serialize_entry("is_group", is_group)
        }
        K::Label { label_id, label_name, action } => {
            map.serialize_entry("label_id", label_id)?;
            map.serialize_entry("label_name", label_name)?;
            map.serialize_entry("action", action)
        }
        K::SessionState { state } => map.serialize_entry("state", state),
        K::PollVote { message_key, message_from_me, voter_id, options } => {
            of_message(map, message_key, message_from_me)?;
            map.serialize_entry("voter_id", voter_id)?;
            map.serialize_entry("options", options)
        }
        K::Quota { method, used, total } => {
            map.serialize_entry("method", method)?;
            map.serialize_entry("used", used)?;
            map.serialize_entry("total", total)
        }
        K::Unknown => Ok(()),
    }
}

fn of_message<M: SerializeMap>(
    map: &mut M,
    key: &MessageKey,
    from_me: &Option<bool>,
) -> Result<(), M::Error> {
    map.serialize_entry("message_key", key)?;
    map.serialize_entry("message_from_me", from_me)
}

/// Every field of every kind: a tagged or flattened type can't hold raw JSON.
#[derive(serde::Deserialize)]
struct Flat {
    event: String,
    gateway: Gateway,
    #[serde(default)]
    account_id: Option<ChatId>,
    #[serde(default)]
    at: Option<DateTime<Utc>>,
    dedupe_key: String,
    #[serde(default)]
    chat_id: Option<ChatId>,
    #[serde(default)]
    message: Option<Box<Message>>,
    #[serde(default)]
    message_key: Option<MessageKey>,
    #[serde(default)]
    message_from_me: Option<bool>,
    #[serde(default)]
    ack: Option<Ack>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    emoji: Option<String>,
    #[serde(default)]
    sender_id: Option<ChatId>,
    #[serde(default)]
    archived: Option<bool>,
    #[serde(default)]
    presence: Option<PresenceState>,
    #[serde(default)]
    last_seen_at: Option<DateTime<Utc>>,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    participant_ids: Vec<ChatId>,
    #[serde(default)]
    by_id: Option<ChatId>,
    #[serde(default)]
    call_id: Option<String>,
    #[serde(default)]
    is_video: Option<bool>,
    #[serde(default)]
    is_group: Option<bool>,
    #[serde(default)]
    label_id: Option<String>,
    #[serde(default)]
    label_name: Option<String>,
    #[serde(default)]
    state: Option<SessionState>,
    #[serde(default)]
    voter_id: Option<ChatId>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    used: Option<u64>,
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    raw: Option<RawJson>,
}

impl<'de> Deserialize<'de> for Event {
    /// An event of a kind that this version doesn't know becomes [`EventKind::Unknown`] with its whole JSON as `raw`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = Box::<RawValue>::deserialize(deserializer)?;
        let mut flat: Flat = serde_json::from_str(whole.get()).map_err(D::Error::custom)?;
        let word = std::mem::take(&mut flat.event);
        let known = kind(&word, &mut flat).map_err(D::Error::missing_field)?;
        let raw = match &known {
            None if word != "unknown" => {
                Some(RawJson::new(String::from(Box::<str>::from(whole)).into_bytes()))
            }
            _ => flat.raw,
        };
        Ok(Self {
            gateway: flat.gateway,
            account_id: flat.account_id,
            at: flat.at,
            dedupe_key: flat.dedupe_key,
            chat_id: flat.chat_id,
            kind: known.unwrap_or(EventKind::Unknown),
            raw,
        })
    }
}

/// The kind of an event; `None` for a word that isn't known, an error names the field that is missing.
fn kind(word: &str, flat: &mut Flat) -> Result<Option<EventKind>, &'static str> {
    use EventKind as K;
    let message_from_me = flat.message_from_me;
    let mut message_key = || flat.message_key.take().ok_or("message_key");
    Ok(Some(match word {
        "message_received" => K::MessageReceived { message: flat.message.take().ok_or("message")? },
        "message_sent" => K::MessageSent { message: flat.message.take().ok_or("message")? },
        "message_ack" => {
            K::MessageAck { message_key: message_key()?, message_from_me, ack: flat.ack.take().ok_or("ack")? }
        }
        "message_edited" => {
            K::MessageEdited { message_key: message_key()?, message_from_me, text: flat.text.take() }
        }
        "message_deleted" => K::MessageDeleted { message_key: message_key()?, message_from_me },
        "reaction" => K::Reaction {
            message_key: message_key()?,
            message_from_me,
            emoji: flat.emoji.take(),
            sender_id: flat.sender_id.take(),
        },
        "chat_archived" => K::ChatArchived { archived: flat.archived.ok_or("archived")? },
        "presence" => K::Presence {
            sender_id: flat.sender_id.take(),
            presence: flat.presence.take().ok_or("presence")?,
            last_seen_at: flat.last_seen_at,
        },
        "group_changed" => K::GroupChanged {
            action: GroupAction::from(flat.action.as_deref().ok_or("action")?),
            participant_ids: std::mem::take(&mut flat.participant_ids),
            by_id: flat.by_id.take(),
        },
        "call" => K::Call {
            call_id: flat.call_id.take().ok_or("call_id")?,
            action: CallAction::from(flat.action.as_deref().ok_or("action")?),
            is_video: flat.is_video,
            is_group: flat.is_group,
        },
        "label" => K::Label {
            label_id: flat.label_id.take().ok_or("label_id")?,
            label_name: flat.label_name.take(),
            action: LabelAction::from(flat.action.as_deref().ok_or("action")?),
        },
        "session_state" => K::SessionState { state: flat.state.take().ok_or("state")? },
        "poll_vote" => K::PollVote {
            message_key: message_key()?,
            message_from_me,
            voter_id: flat.voter_id.take(),
            options: std::mem::take(&mut flat.options),
        },
        "quota" => {
            K::Quota { method: flat.method.take().ok_or("method")?, used: flat.used, total: flat.total }
        }
        _ => return Ok(None),
    }))
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
