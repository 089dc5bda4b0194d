//! What happens in the world in the words of v8.0.0 and later. What this gateway itself did is not told, what
//! the phone and other gateways of the account did is.

use serde_json::{Value, json};

use super::gateway::Gateway;
use super::payload::{Actor, Object, put};
use super::profile::Version;
use super::rows::shown_time;
use crate::world::{
    Ack, CallStage, Change, ChangeKind, Content, Message, ParticipantAction, Presence, Reaction, ids,
};

/// An event without its envelope.
pub(super) struct Event {
    pub(super) name: &'static str,
    /// The time in the envelope; messages have theirs in the payload.
    pub(super) timestamp: Option<String>,
    pub(super) payload: Object,
}

fn event(name: &'static str, payload: Object) -> Option<Event> {
    Some(Event { name, timestamp: None, payload })
}

fn object(value: Value) -> Object {
    if let Value::Object(object) = value { object } else { Object::new() }
}

/// The events of a change, one at most.
pub(super) fn of(gateway: &Gateway, change: &Change) -> Option<Event> {
    let since = |version| gateway.profile.since(version);
    let timed = |name: &'static str, payload: Object| {
        let timestamp = Some(shown_time(Some(change.at_ms)));
        Some(Event { name, timestamp, payload })
    };
    match &change.kind {
        // WhatsApp doesn't echo to a device what it sent itself.
        ChangeKind::Message(_)
        | ChangeKind::Edited { .. }
        | ChangeKind::Revoked { .. }
        | ChangeKind::Reaction { .. }
        | ChangeKind::Deleted { .. }
        | ChangeKind::Read { .. }
            if gateway.world.did(change) =>
        {
            None
        }
        ChangeKind::Message(message) => message_event(gateway, message),
        ChangeKind::Reaction { message, reaction } => reacted(gateway, message, reaction),
        ChangeKind::Edited { before, key, text } => edited(gateway, before, key, text, change.at_ms),
        ChangeKind::Revoked { before, key, by } => revoked(gateway, before, key, by, change.at_ms),
        ChangeKind::Deleted { before } if since(Version::V8_1_2) => deleted(gateway, before, change.at_ms),
        ChangeKind::PollVote { poll, key, voter, .. } => {
            // Nothing of the vote itself is decrypted.
            let actor = Actor { chat: &poll.chat, sender: voter, alt: None, push_name: None };
            let own = *voter == gateway.world.account().id;
            event("message", gateway.message_head(key, &actor, own, change.at_ms))
        }
        ChangeKind::Ack { message, ack, reader } => {
            timed("message.ack", acked(gateway, message, *ack, reader.as_deref())?)
        }
        ChangeKind::Read { chat, keys } => timed("message.ack", read(gateway, chat, keys)),
        ChangeKind::Presence { chat, sender, presence, .. } if since(Version::V8_3_4) => {
            timed("chat_presence", typing(gateway, chat, sender, *presence)?)
        }
        ChangeKind::Participants { group, action, participants, .. } => {
            timed("group.participants", members(group, *action, participants))
        }
        ChangeKind::GroupLeft { group } => {
            let own = [gateway.world.account().id];
            timed("group.participants", members(group, ParticipantAction::Leave, &own))
        }
        ChangeKind::GroupJoined(group) if since(Version::V8_2) => {
            let own = ids::protocol(&gateway.world.account().id);
            let mut payload =
                object(json!({"chat_id": group.id, "type": "join", "jids": [own], "reason": "invite"}));
            if let Some(name) = &group.name {
                put(&mut payload, "group_name", name.as_str());
            }
            timed("group.joined", payload)
        }
        ChangeKind::Call { id, chat, caller, stage: CallStage::Offer, .. } if since(Version::V8_3) => {
            let actor = Actor { chat, sender: caller, alt: None, push_name: None };
            let mut payload = object(json!({"call_id": id, "auto_rejected": false}));
            gateway.put_sender(&mut payload, &actor);
            if ids::is_group(chat) {
                put(&mut payload, "group_jid", chat.as_str());
            }
            timed("call.offer", payload)
        }
        ChangeKind::Label { id, label, deleted } if since(Version::V8_6) => {
            let payload =
                json!({"label_id": id, "name": label.name, "color": label.color, "deleted": deleted});
            timed("label.edit", object(payload))
        }
        ChangeKind::LabelChat { id, chat, added, .. } if since(Version::V8_6) => {
            let mut payload = object(json!({"label_id": id, "labeled": added}));
            gateway.put_chat(&mut payload, chat, None);
            timed("label.association", payload)
        }
        _ => None,
    }
}

/// Whether a message is told of at all.
pub(super) fn is_told(message: &Message) -> bool {
    let plain = !matches!(message.content, Content::System(_) | Content::Revoked | Content::Call(_));
    plain && message.chat != "status@broadcast"
}

/// A row that reacts to another message, as the reaction it is.
pub(super) fn row_reaction(gateway: &Gateway, message: &Message) -> Option<(String, Reaction)> {
    let Content::Reaction { target, emoji } = &message.content else { return None };
    let reaction = Reaction {
        emoji: emoji.clone(),
        sender: gateway.world.sender_of(message),
        from_me: message.from_me,
        at_ms: message.sent_at_ms,
        key: message.key.clone(),
    };
    Some((target.clone(), reaction))
}

fn message_event(gateway: &Gateway, message: &Message) -> Option<Event> {
    if !is_told(message) {
        return None;
    }
    if let Some((target, reaction)) = row_reaction(gateway, message) {
        let target = Message::new(&message.chat, &target, Content::Text(String::new()));
        return reacted(gateway, &target, &reaction);
    }
    let sender = gateway.world.sender_of(message);
    let actor = Actor {
        chat: &message.chat,
        sender: &sender,
        alt: message.sender_alt.as_deref(),
        push_name: message.sender_name.as_deref(),
    };
    let mut payload = gateway.message_head(&message.key, &actor, message.from_me, message.sent_at_ms);
    if let Some(text) = message.content.text().filter(|text| !text.is_empty()) {
        put(&mut payload, "body", text);
    }
    if let Some((key, text)) = gateway.quoted(message) {
        put(&mut payload, "replied_to_id", key);
        if !text.is_empty() {
            put(&mut payload, "quoted_body", text);
        }
    }
    if message.forwarded {
        put(&mut payload, "forwarded", true);
    }
    if let Some((name, value)) = gateway.attachment(message) {
        put(&mut payload, name, value);
    }
    event("message", payload)
}

/// The name under which the writer of a known message goes.
fn name_of(gateway: &Gateway, message: &Message, sender: &str) -> Option<String> {
    if gateway.world.sender_of(message) == sender {
        return message.sender_name.clone();
    }
    let own = gateway.world.account();
    if sender == own.id {
        return Some(own.name);
    }
    gateway.world.contact(&gateway.resolved(sender, None)).and_then(|contact| contact.push_name)
}

fn about(gateway: &Gateway, message: &Message, sender: &str, id: &str, at_ms: i64) -> Object {
    let name = name_of(gateway, message, sender);
    let written = gateway.world.sender_of(message) == sender;
    let alt = message.sender_alt.as_deref().filter(|_| written);
    let actor = Actor { chat: &message.chat, sender, alt, push_name: name.as_deref() };
    gateway.message_head(id, &actor, sender == gateway.world.account().id, at_ms)
}

fn reacted(gateway: &Gateway, target: &Message, reaction: &Reaction) -> Option<Event> {
    let mut payload = about(gateway, target, &reaction.sender, &reaction.key, reaction.at_ms);
    put(&mut payload, "reaction", reaction.emoji.as_str());
    put(&mut payload, "reacted_message_id", target.key.as_str());
    event("message.reaction", payload)
}

fn edited(gateway: &Gateway, before: &Message, key: &str, text: &str, at_ms: i64) -> Option<Event> {
    let sender = gateway.world.sender_of(before);
    let mut payload = about(gateway, before, &sender, key, at_ms);
    put(&mut payload, "body", text);
    put(&mut payload, "original_message_id", before.key.as_str());
    event("message.edited", payload)
}

fn revoked(gateway: &Gateway, before: &Message, key: &str, by: &str, at_ms: i64) -> Option<Event> {
    let mut payload = about(gateway, before, by, key, at_ms);
    put(&mut payload, "revoked_message_id", before.key.as_str());
    // From the point of view of the one who deletes.
    put(&mut payload, "revoked_from_me", gateway.world.sender_of(before) == by);
    put(&mut payload, "revoked_chat", ids::protocol(&before.chat));
    event("message.revoked", payload)
}

fn deleted(gateway: &Gateway, before: &Message, at_ms: i64) -> Option<Event> {
    let sender = gateway.world.sender_of(before);
    let actor =
        Actor { chat: &before.chat, sender: &sender, alt: None, push_name: before.sender_name.as_deref() };
    let mut payload = Object::new();
    gateway.put_chat(&mut payload, &before.chat, None);
    gateway.put_sender(&mut payload, &actor);
    put(&mut payload, "deleted_message_id", before.key.as_str());
    put(&mut payload, "timestamp", shown_time(Some(at_ms)));
    put(&mut payload, "original_content", before.content.text().unwrap_or_default());
    put(&mut payload, "original_sender", ids::protocol(&sender));
    put(&mut payload, "original_timestamp", shown_time(Some(before.sent_at_ms)));
    put(&mut payload, "was_from_me", before.from_me);
    if let Some(media) = before.content.media() {
        put(&mut payload, "original_media_type", super::payload::media_key(media));
        if let Some(name) = &media.file_name {
            put(&mut payload, "original_filename", name.as_str());
        }
    }
    event("message.deleted", payload)
}

/// Receipts of others for own messages. The chat is not resolved here.
pub(super) fn acked(gateway: &Gateway, message: &Message, ack: Ack, reader: Option<&str>) -> Option<Object> {
    let (kind, words) = match ack {
        Ack::Device => (
            "delivered",
            "means the message was delivered to the device (but the user might not have noticed).",
        ),
        Ack::Read => ("read", "the user opened the chat and saw the message."),
        _ => return None,
    };
    if !message.from_me {
        return None;
    }
    let sender = reader.unwrap_or(&message.chat);
    Some(receipt(gateway, &message.chat, sender, std::slice::from_ref(&message.key), kind, words))
}

/// The account read messages on another of its devices.
pub(super) fn read(gateway: &Gateway, chat: &str, keys: &[String]) -> Object {
    let own = gateway.world.account().id;
    let words = "means the user read the message on another of their devices.";
    receipt(gateway, chat, &own, keys, "read-self", words)
}

fn receipt(gateway: &Gateway, chat: &str, sender: &str, keys: &[String], kind: &str, words: &str) -> Object {
    let mut payload = object(json!({
        "ids": keys, "chat_id": ids::protocol(chat), "receipt_type": kind, "receipt_type_description": words,
    }));
    gateway.put_sender(&mut payload, &Actor { chat, sender, alt: None, push_name: None });
    payload
}

/// Only typing and recording are told.
fn typing(gateway: &Gateway, chat: &str, sender: &str, presence: Presence) -> Option<Object> {
    let (state, media) = match presence {
        Presence::Composing => ("composing", ""),
        Presence::Recording => ("composing", "audio"),
        Presence::Paused => ("paused", ""),
        Presence::Available | Presence::Unavailable => return None,
    };
    let mut payload = object(json!({
        "chat_id": ids::protocol(chat), "state": state, "media": media, "is_group": ids::is_group(chat),
    }));
    gateway.put_sender(&mut payload, &Actor { chat, sender, alt: None, push_name: None });
    Some(payload)
}

/// Members of a group who came, went, rose or fell.
pub(super) fn members(group: &str, action: ParticipantAction, participants: &[String]) -> Object {
    let jids: Vec<String> = participants.iter().map(|id| ids::protocol(id)).collect();
    object(json!({"chat_id": group, "type": action.word(), "jids": jids}))
}
