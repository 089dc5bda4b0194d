//! Chats as each engine hands them out.

use serde_json::{Map, Value, json};

use super::app::App;
use super::chats::Row;
use super::profile::Engine;
use super::{messages, raw_web};
use crate::world::{Chat, Mute, Participant, ids};

/// Lets the chat's own wire members win.
fn finish(mut object: Value, chat: &Chat) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.extend(chat.wire.clone());
    }
    object
}

pub(crate) fn raw(app: &App, row: &Row) -> Value {
    let object = match app.engine() {
        Engine::Webjs => webjs(app, row),
        Engine::Wpp => wpp(app, row),
        Engine::Noweb => noweb(row),
        Engine::Gows => json!({
            "id": row.id, "name": row.chat.name.clone().unwrap_or_default(), "conversationTimestamp": row.activity(),
        }),
    };
    finish(object, &row.chat)
}

fn id_object(id: &str) -> Value {
    json!({"server": ids::server_of(id), "user": ids::user_of(id), "_serialized": id})
}

fn mute_expiration(mute: Mute) -> i64 {
    match mute {
        Mute::No => 0,
        Mute::Always => -1,
        Mute::Until(seconds) => seconds,
    }
}

fn unread_count(chat: &Chat) -> i64 {
    if chat.marked_unread && chat.unread == 0 { -1 } else { i64::from(chat.unread) }
}

fn title(chat: &Chat) -> String {
    chat.name.clone().unwrap_or_else(|| format!("+{}", ids::user_of(&chat.id)))
}

fn web_participant(participant: &Participant) -> Value {
    json!({
        "id": id_object(&participant.id), "isAdmin": participant.admin, "isSuperAdmin": participant.owner,
    })
}

fn webjs(app: &App, row: &Row) -> Value {
    let chat = &row.chat;
    let last = messages::rows(app, &chat.id, false).into_iter().next();
    let mut object = json!({
        "id": id_object(&chat.id),
        "name": title(chat),
        "isGroup": ids::is_group(&chat.id),
        "isReadOnly": false,
        "isLocked": false,
        "unreadCount": unread_count(chat),
        "timestamp": row.activity(),
        "archived": chat.archived,
        "pinned": chat.pinned_at.is_some(),
        "isMuted": chat.mute != Mute::No,
        "muteExpiration": mute_expiration(chat.mute),
        "lastMessage": last.map(|message| raw_web::library_message(app, &message)),
    });
    if ids::is_group(&chat.id) {
        let owner = chat.participants.iter().find(|participant| participant.owner);
        let metadata = json!({
            "id": id_object(&chat.id), "subject": chat.name, "desc": chat.description,
            "creation": chat.created_ms.map(|ms| ms.div_euclid(1000)),
            "owner": owner.map(|owner| id_object(&owner.id)),
            "ephemeralDuration": chat.ephemeral_seconds,
            "participants": chat.participants.iter().map(web_participant).collect::<Vec<_>>(),
        });
        set(&mut object, "groupMetadata", metadata);
    }
    if ids::server_of(&chat.id) == "newsletter" {
        set(&mut object, "channelMetadata", json!({"id": id_object(&chat.id), "name": chat.name}));
    }
    object
}

fn wpp(app: &App, row: &Row) -> Value {
    let chat = &row.chat;
    let last = messages::rows(app, &chat.id, false).into_iter().find(|message| !message.from_me);
    let group = ids::is_group(&chat.id);
    let metadata = json!({
        "id": chat.id, "subject": chat.name, "desc": chat.description,
        "creation": chat.created_ms.map(|ms| ms.div_euclid(1000)),
        "participants": chat.participants.iter().map(web_participant).collect::<Vec<_>>(),
    });
    let mut object = json!({
        "id": chat.id,
        "formattedTitle": title(chat),
        "t": row.activity(),
        "unreadCount": unread_count(chat),
        "archive": chat.archived,
        "pin": chat.pinned_at.unwrap_or(0),
        "muteExpiration": mute_expiration(chat.mute),
        "isGroup": group,
        "isUser": ids::is_person(&chat.id),
        "isReadOnly": false,
        "ephemeralDuration": chat.ephemeral_seconds,
        "lastReceivedKey": last.map(|message| raw_web::key_object(app, &message)),
        "msgs": null,
        "kind": if group { "group" } else { "chat" },
        "groupMetadata": if group { metadata } else { Value::Null },
    });
    if let Some(name) = &chat.name {
        set(&mut object, "name", json!(name));
    }
    object
}

/// Everything but id and time is left out where it was never set; the unread count is stripped by the server.
fn noweb(row: &Row) -> Value {
    let chat = &row.chat;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(ids::protocol(&row.id)));
    put("conversationTimestamp", json!(row.activity()));
    if let Some(name) = &chat.name {
        put("name", json!(name));
    }
    if chat.archived {
        put("archived", json!(true));
    }
    if let Some(at) = chat.pinned_at {
        put("pinned", json!(at));
    }
    match chat.mute {
        Mute::No => None,
        Mute::Always => put("muteEndTime", json!(-1)),
        Mute::Until(seconds) => put("muteEndTime", json!(seconds.saturating_mul(1000))),
    };
    if chat.ephemeral_seconds > 0 {
        put("ephemeralExpiration", json!(chat.ephemeral_seconds));
    }
    if let Some(lid) = &chat.lid {
        put("lidJid", json!(lid));
    }
    Value::Object(object)
}

fn set(object: &mut Value, member: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}
