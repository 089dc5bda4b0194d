//! What happens in the world in the words of version 7: messages flat, without a name of the event.

use serde_json::{Value, json};

use super::events::{acked, is_told, members, read, row_reaction};
use super::gateway::Gateway;
use super::payload::{Object, media_key, put};
use super::profile::Version;
use super::rows::shown_time;
use crate::world::{Change, ChangeKind, Content, Media, Message, Reaction, ids};

/// The body of a change, and what it is called in the record of deliveries.
pub(super) fn of(gateway: &Gateway, change: &Change) -> Option<(&'static str, Value)> {
    if let Some((name, payload)) = named(gateway, change) {
        let timestamp = shown_time(Some(change.at_ms));
        return Some((name, json!({"event": name, "payload": payload, "timestamp": timestamp})));
    }
    if gateway.world.did(change) {
        return None;
    }
    let (name, object) = match &change.kind {
        ChangeKind::Message(message) if is_told(message) => match row_reaction(gateway, message) {
            Some((target, reaction)) => reacted(gateway, &message.chat, &target, &reaction),
            None => ("message", message_object(gateway, message)),
        },
        ChangeKind::Reaction { message, reaction } => reacted(gateway, &message.chat, &message.key, reaction),
        ChangeKind::Edited { before, key, text } => {
            let sender = gateway.world.sender_of(before);
            let mut object = head(gateway, &before.chat, &sender, change.at_ms);
            put(&mut object, "action", "message_edited");
            put(&mut object, "edited_text", text.as_str());
            put(
                &mut object,
                "message",
                json!({"text": text, "id": key, "replied_id": "", "quoted_message": ""}),
            );
            if gateway.profile.since(Version::V7_9) {
                put(&mut object, "original_message_id", before.key.as_str());
            }
            ("message", object)
        }
        ChangeKind::Revoked { before, key, by } => {
            let mut object = head(gateway, &before.chat, by, change.at_ms);
            put(&mut object, "action", "message_revoked");
            put(
                &mut object,
                "message",
                json!({"text": "", "id": key, "replied_id": "", "quoted_message": ""}),
            );
            put(&mut object, "revoked_message_id", before.key.as_str());
            put(&mut object, "revoked_from_me", gateway.world.sender_of(before) == *by);
            put(&mut object, "revoked_chat", ids::protocol(&before.chat));
            ("message", object)
        }
        ChangeKind::Deleted { before } => {
            let sender = gateway.world.sender_of(before);
            let mut object = head(gateway, &before.chat, &sender, change.at_ms);
            put(&mut object, "action", "event.delete_for_me");
            put(&mut object, "deleted_message_id", before.key.as_str());
            put(&mut object, "original_content", before.content.text().unwrap_or_default());
            put(&mut object, "original_sender", ids::protocol(&sender));
            put(&mut object, "original_timestamp", shown_time(Some(before.sent_at_ms)));
            put(&mut object, "was_from_me", before.from_me);
            ("message", object)
        }
        _ => return None,
    };
    Some((name, Value::Object(object)))
}

/// The two events that have a name and an envelope already.
fn named(gateway: &Gateway, change: &Change) -> Option<(&'static str, Object)> {
    let since = |minor| gateway.profile.since(Version::new(7, minor, 0));
    match &change.kind {
        ChangeKind::Ack { message, ack, reader } if since(3) => {
            Some(("message.ack", acked(gateway, message, *ack, reader.as_deref())?))
        }
        ChangeKind::Read { chat, keys } if since(3) && !gateway.world.did(change) => {
            Some(("message.ack", read(gateway, chat, keys)))
        }
        ChangeKind::Participants { group, action, participants, .. } if since(4) => {
            Some(("group.participants", members(group, *action, participants)))
        }
        _ => None,
    }
}

/// Who and where: in groups `from` has both in one text.
fn head(gateway: &Gateway, chat: &str, sender: &str, at_ms: i64) -> Object {
    let mut object = Object::new();
    let (shown, place) = (gateway.resolved(sender, None), gateway.resolved(chat, None));
    put(&mut object, "sender_id", ids::user_of(&shown));
    put(&mut object, "chat_id", ids::user_of(&place));
    let jid = ids::protocol(&shown);
    let from = if ids::is_person(chat) { jid } else { format!("{jid} in {}", ids::protocol(&place)) };
    put(&mut object, "from", from);
    if ids::server_of(sender) == "lid" {
        put(&mut object, "from_lid", sender);
    }
    put(&mut object, "timestamp", shown_time(Some(at_ms)));
    object
}

fn message_object(gateway: &Gateway, message: &Message) -> Object {
    let sender = gateway.world.sender_of(message);
    let mut object = head(gateway, &message.chat, &sender, message.sent_at_ms);
    put(&mut object, "pushname", message.sender_name.clone().unwrap_or_default());
    let (replied, quoted) = gateway.quoted(message).unwrap_or_default();
    let text = match &message.content {
        Content::Text(text) | Content::Link { text, .. } => text.as_str(),
        _ => "",
    };
    put(
        &mut object,
        "message",
        json!({"text": text, "id": message.key, "replied_id": replied, "quoted_message": quoted}),
    );
    if message.forwarded {
        put(&mut object, "forwarded", true);
    }
    match &message.content {
        Content::Media(media) => {
            if let Some(value) = file(gateway, media) {
                put(&mut object, media_key(media), value);
            }
        }
        _ => object.extend(gateway.attachment(message).map(|(name, value)| (name.to_owned(), value))),
    }
    object
}

fn file(gateway: &Gateway, media: &Media) -> Option<Value> {
    let path = gateway.stored(media)?;
    let caption = media.caption.clone().unwrap_or_default();
    Some(json!({"media_path": path, "mime_type": media.mime, "caption": caption}))
}

fn reacted(gateway: &Gateway, chat: &str, target: &str, reaction: &Reaction) -> (&'static str, Object) {
    let mut object = head(gateway, chat, &reaction.sender, reaction.at_ms);
    put(&mut object, "reaction", json!({"message": reaction.emoji, "id": target}));
    let id = reaction.key.as_str();
    put(&mut object, "message", json!({"text": "", "id": id, "replied_id": "", "quoted_message": ""}));
    ("message", object)
}
