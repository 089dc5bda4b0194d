//! Raw messages of NOWEB, as Baileys stores them.

use serde_json::{Map, Value, json};

use super::app::App;
use super::proto;
use crate::world::{Ack, Content, Message, ids};

fn with_device(id: &str, device: Option<u16>) -> String {
    let id = ids::protocol(id);
    match (device, id.split_once('@')) {
        (Some(device), Some((user, server))) => format!("{user}:{device}@{server}"),
        _ => id,
    }
}

/// The raw key.
pub(crate) fn key(app: &App, message: &Message) -> Value {
    let mut key = Map::new();
    let mut put = |name: &str, value: Value| key.insert(name.to_owned(), value);
    put("remoteJid", json!(ids::protocol(&message.chat)));
    put("fromMe", json!(message.from_me));
    put("id", json!(message.key));
    let by_lid = |id: &str| ids::server_of(id) == "lid";
    if ids::has_participants(&message.chat) {
        let sender = app.world.sender_of(message);
        put("participant", json!(with_device(&sender, message.sender_device)));
        if let Some(other) = &message.sender_alt {
            put("participantAlt", json!(ids::protocol(other)));
            put("addressingMode", json!(if by_lid(&sender) { "lid" } else { "pn" }));
        }
    } else if let Some(other) = &message.sender_alt {
        put("remoteJidAlt", json!(ids::protocol(other)));
        put("addressingMode", json!(if by_lid(&message.chat) { "lid" } else { "pn" }));
        put("participant", json!(""));
    }
    Value::Object(key)
}

pub(crate) fn data(app: &App, message: &Message) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("key", key(app, message));
    put("messageTimestamp", json!(message.sent_at()));
    if let Some(name) = &message.sender_name {
        put("pushName", json!(name));
    }
    put("broadcast", json!(false));
    match &message.content {
        Content::Call(call) => {
            put("messageStubType", json!(if call.video { 41 } else { 40 }));
            put("messageStubParameters", json!([]));
        }
        _ => {
            put("message", proto::message(&app.world, message, false));
        }
    }
    if let Some(ack) = message.ack {
        put("status", json!(ack.level() + 1));
    }
    if message.starred {
        put("starred", json!(true));
    }
    if !message.reactions.is_empty() {
        put("reactions", reactions(message));
    }
    if !message.receipts.is_empty() {
        let receipts: Vec<Value> = message
            .receipts
            .iter()
            .map(|r| json!({"userJid": ids::protocol(&r.reader), "readTimestamp": r.read_at}))
            .collect();
        put("userReceipt", json!(receipts));
    }
    Value::Object(object)
}

fn reactions(message: &Message) -> Value {
    let grouped = ids::has_participants(&message.chat);
    let one = |reaction: &crate::world::Reaction| {
        let mut key = json!({
            "remoteJid": ids::protocol(&message.chat), "fromMe": reaction.from_me, "id": reaction.key,
        });
        if let (true, Some(members)) = (grouped, key.as_object_mut()) {
            members.insert("participant".to_owned(), json!(ids::protocol(&reaction.sender)));
        }
        json!({"key": key, "text": reaction.emoji, "senderTimestampMs": reaction.at_ms})
    };
    json!(message.reactions.iter().map(one).collect::<Vec<_>>())
}

/// The answer to a send: the raw object just made, its time as text and its state as a word.
pub(crate) fn sent(app: &App, message: &Message) -> Value {
    let mut object = data(app, &Message { ack: Some(Ack::Pending), ..message.clone() });
    if let Some(members) = object.as_object_mut() {
        members.insert("messageTimestamp".to_owned(), json!(message.sent_at().to_string()));
        members.insert("status".to_owned(), json!("PENDING"));
        members.remove("broadcast");
        members.remove("pushName");
    }
    object
}
