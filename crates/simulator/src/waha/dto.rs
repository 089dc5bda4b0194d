//! The message object that WAHA makes of every engine's raw one.

use serde_json::{Map, Value, json};

use super::app::App;
use super::profile::Engine;
use super::{files, ids as message_ids, proto, raw_gows, raw_noweb, raw_web};
use crate::world::{Ack, Content, Location, Message, Quote, ids};

/// How long the server remembers that it sent a message itself.
const MEMORY_OF_SENDS_MS: i64 = 600_000;

pub(crate) fn ack_name(ack: Option<Ack>) -> &'static str {
    match ack {
        Some(Ack::Error) => "ERROR",
        Some(Ack::Pending) => "PENDING",
        Some(Ack::Server) => "SERVER",
        Some(Ack::Device) => "DEVICE",
        Some(Ack::Read) => "READ",
        Some(Ack::Played) => "PLAYED",
        None => "UNKNOWN",
    }
}

/// Whether the engine hands the row out as a message at all.
pub(crate) fn is_shown(app: &App, message: &Message) -> bool {
    match (&message.content, app.engine()) {
        (Content::Reaction { .. }, _) => false,
        (Content::System(_), engine) => engine == Engine::Wpp,
        (Content::Revoked, engine) => engine.in_browser(),
        _ => true,
    }
}

/// The message object; `download` makes its file ready and names it.
pub(crate) fn message(app: &App, message: &Message, download: bool) -> Value {
    let engine = app.engine();
    let world = &app.world;
    let file = message.content.media();
    let (from, to, participant) = sides(app, message);
    let ack = match (engine, message.ack) {
        (Engine::Gows, Some(Ack::Error)) => None,
        (Engine::Wpp, None) => Some(Ack::Pending),
        (_, ack) => ack,
    };
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(message_ids::full_id(world, message)));
    put("timestamp", json!(message.sent_at()));
    put("from", json!(from));
    put("fromMe", json!(message.from_me));
    if app.profile.since(2024, 9, 0) {
        put("source", json!(source(app, message)));
    }
    put("body", body(engine, &message.content));
    if let Some(to) = to {
        put("to", to);
    }
    if let Some(participant) = participant {
        put("participant", participant);
    }
    put("hasMedia", json!(file.is_some()));
    let media = if download { files::describe(app, message) } else { None };
    put("media", media.unwrap_or_default());
    if engine == Engine::Wpp {
        put("mediaUrl", Value::Null);
    }
    put("ack", json!(ack.map(Ack::level)));
    put("ackName", json!(ack_name(ack)));
    put("location", location(engine, &message.content));
    put("vCards", cards(engine, &message.content));
    match &message.quoted {
        Some(quote) => put("replyTo", reply_to(app, message, quote)),
        None if engine == Engine::Webjs => None,
        None => put("replyTo", Value::Null),
    };
    put("_data", raw(app, message));
    Value::Object(object)
}

/// The engine's own object, with the message's wire members in place.
pub(crate) fn raw(app: &App, message: &Message) -> Value {
    let mut object = match app.engine() {
        Engine::Webjs | Engine::Wpp => raw_web::data(app, message),
        Engine::Noweb => raw_noweb::data(app, message),
        Engine::Gows => raw_gows::data(app, message),
    };
    if let Some(members) = object.as_object_mut() {
        members.extend(message.wire.clone());
    }
    object
}

/// `from`, `to` and `participant`; `None` leaves the member out.
pub(crate) fn sides(app: &App, message: &Message) -> (String, Option<Value>, Option<Value>) {
    let world = &app.world;
    let chat = message.chat.clone();
    let own = world.account().id;
    let grouped = ids::has_participants(&chat);
    let sender = world.sender_of(message);
    match app.engine() {
        Engine::Noweb if grouped => (chat.clone(), Some(json!(chat)), Some(json!(sender))),
        Engine::Noweb => (chat, None, None),
        Engine::Gows if grouped => (chat, Some(json!(sender)), Some(json!(sender))),
        Engine::Gows => (chat, Some(Value::Null), Some(Value::Null)),
        Engine::Webjs | Engine::Wpp => {
            let (from, to) = if message.from_me { (own, chat) } else { (chat, own) };
            let participant = match (grouped, app.engine()) {
                (true, _) => Some(json!(sender)),
                (false, Engine::Wpp) => Some(Value::Null),
                (false, _) => None,
            };
            (from, Some(json!(to)), participant)
        }
    }
}

pub(crate) fn source(app: &App, message: &Message) -> &'static str {
    let age = app.world.now_ms().saturating_sub(message.sent_at_ms);
    let remembered = app.engine() == Engine::Gows || age <= MEMORY_OF_SENDS_MS;
    if message.via_api && remembered { "api" } else { "app" }
}

fn body(engine: Engine, content: &Content) -> Value {
    match content.text() {
        Some(text) => json!(text),
        None if engine == Engine::Webjs => json!(""),
        None => Value::Null,
    }
}

fn location(engine: Engine, content: &Content) -> Value {
    let Content::Location(place) = content else { return Value::Null };
    if engine == Engine::Wpp {
        return Value::Null;
    }
    let Location { latitude, longitude, name, address, url, live } = place;
    let mut object = Map::new();
    object.insert("live".to_owned(), json!(live));
    object.insert("latitude".to_owned(), json!(latitude.to_string()));
    object.insert("longitude".to_owned(), json!(longitude.to_string()));
    for (member, text) in [("name", name), ("address", address), ("url", url)] {
        if let Some(text) = text {
            object.insert(member.to_owned(), json!(text));
        }
    }
    Value::Object(object)
}

fn cards(engine: Engine, content: &Content) -> Value {
    match (content, engine) {
        (_, Engine::Wpp) => Value::Null,
        (Content::Contacts(cards), _) => json!(cards.iter().map(|card| &card.vcard).collect::<Vec<_>>()),
        (_, Engine::Webjs) => json!([]),
        _ => Value::Null,
    }
}

fn reply_to(app: &App, message: &Message, quote: &Quote) -> Value {
    let engine = app.engine();
    let content = quote.content.as_ref();
    let mut object = Map::new();
    let id = if engine == Engine::Wpp {
        let mine = quote.sender == app.world.account().id;
        format!("{mine}_{}_{}", message.chat, quote.key)
    } else {
        quote.key.clone()
    };
    object.insert("id".to_owned(), json!(id));
    object.insert("participant".to_owned(), json!(quote.sender));
    if let Some(text) = content.and_then(Content::text) {
        object.insert("body".to_owned(), json!(text));
    }
    if app.profile.since(2026, 4, 1) {
        object.insert("hasMedia".to_owned(), json!(content.is_some_and(|c| c.media().is_some())));
        object.insert("media".to_owned(), Value::Null);
    }
    let data = match (content, engine) {
        (None, _) => json!({}),
        (Some(content), Engine::Webjs | Engine::Wpp) => raw_web::quoted(content),
        (Some(content), _) => proto::quoted(content, engine == Engine::Gows),
    };
    object.insert("_data".to_owned(), data);
    Value::Object(object)
}
