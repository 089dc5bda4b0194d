//! Raw messages of WhatsApp Web, for WEBJS and WPP.

use serde_json::{Map, Value, json};

use super::app::App;
use super::ids as message_ids;
use crate::world::{Ack, Content, MediaKind, Message, ids};

/// A message key; its serialised form has the name the profile asks for.
pub(crate) fn key_object(app: &App, message: &Message) -> Value {
    let name = if app.profile.renamed_keys { "$1" } else { "_serialized" };
    let mut key = Map::new();
    key.insert("fromMe".to_owned(), json!(message.from_me));
    key.insert("remote".to_owned(), json!(message.chat));
    key.insert("id".to_owned(), json!(message.key));
    if ids::has_participants(&message.chat) {
        key.insert("participant".to_owned(), json!(app.world.sender_of(message)));
    }
    key.insert(name.to_owned(), json!(message_ids::full_id(&app.world, message)));
    Value::Object(key)
}

fn type_word(content: &Content) -> &str {
    match content {
        Content::Text(_) | Content::Link { .. } => "chat",
        Content::Media(media) => match media.kind {
            MediaKind::Image => "image",
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Voice => "ptt",
            MediaKind::Document => "document",
            MediaKind::Sticker => "sticker",
        },
        Content::Location(_) => "location",
        Content::Contacts(cards) if cards.len() == 1 => "vcard",
        Content::Contacts(_) => "multi_vcard",
        Content::Poll(_) => "poll_creation",
        Content::Reaction { .. } => "reaction",
        Content::Call(_) => "call_log",
        Content::Revoked => "revoked",
        Content::System(_) => "notification_template",
        Content::Unknown(name) => name,
    }
}

fn content_members(content: &Content, object: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    match content {
        Content::Text(text) => {
            put("body", json!(text));
        }
        Content::Link { text, url, title } => {
            put("body", json!(text));
            put("matchedText", json!(url));
            put("title", json!(title));
        }
        Content::Media(media) => {
            put("mimetype", json!(media.mime));
            put("size", json!(media.size));
            put("caption", json!(media.caption));
            put("filename", json!(media.file_name));
            put("deprecatedMms3Url", json!("https://mmg.whatsapp.net/v/t62.7118-24/sample.enc"));
            if let Some(seconds) = media.seconds {
                put("duration", json!(seconds.to_string()));
            }
            if let Some((width, height)) = media.dimensions {
                put("width", json!(width));
                put("height", json!(height));
            }
        }
        Content::Location(place) => {
            put("lat", json!(place.latitude));
            put("lng", json!(place.longitude));
            put(
                "loc",
                json!(
                    [place.name.as_deref(), place.address.as_deref()]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join("\n")
                ),
            );
            put("isLive", json!(place.live));
        }
        Content::Contacts(cards) => {
            put("body", json!(cards.first().map(|card| &card.vcard)));
            let list: Vec<Value> =
                cards.iter().map(|card| json!({"displayName": card.name, "vcard": card.vcard})).collect();
            put("vcardList", json!(list));
        }
        Content::Poll(poll) => {
            put("pollName", json!(poll.question));
            let options: Vec<Value> = (0_u32..)
                .zip(&poll.options)
                .map(|(n, option)| json!({"name": option, "localId": n}))
                .collect();
            put("pollOptions", json!(options));
            put("pollSelectableOptionsCount", json!(poll.selectable));
        }
        Content::Call(call) => {
            put("isVideoCall", json!(call.video));
            put("callDuration", json!(call.seconds));
        }
        Content::System(name) => {
            put("subtype", json!(name));
        }
        Content::Reaction { .. } | Content::Revoked | Content::Unknown(_) => {}
    }
}

/// The copy of a message that an answer to it carries.
pub(crate) fn quoted(content: &Content) -> Value {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!(type_word(content)));
    content_members(content, &mut object);
    Value::Object(object)
}

/// WhatsApp Web's own object.
pub(crate) fn data(app: &App, message: &Message) -> Value {
    let own = app.world.account().id;
    let (from, to) = if message.from_me { (own, message.chat.clone()) } else { (message.chat.clone(), own) };
    let mut object = Map::new();
    content_members(&message.content, &mut object);
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", key_object(app, message));
    put("type", json!(type_word(&message.content)));
    put("t", json!(message.sent_at()));
    put("from", json!(from));
    put("to", json!(to));
    if ids::has_participants(&message.chat) {
        put("author", json!(app.world.sender_of(message)));
    }
    put("notifyName", json!(message.sender_name.clone().unwrap_or_default()));
    put("ack", json!(message.ack.map_or(0, Ack::level)));
    put("star", json!(message.starred));
    put("isForwarded", json!(message.forwarded));
    put("forwardingScore", json!(u8::from(message.forwarded)));
    put("hasReaction", json!(!message.reactions.is_empty()));
    put("mentionedJidList", json!(message.mentions));
    if message.ephemeral_seconds > 0 {
        put("ephemeralDuration", json!(message.ephemeral_seconds));
    }
    if let Some(at) = message.edited_at_ms {
        put("latestEditSenderTimestampMs", json!(at));
        let edit = Message { key: format!("{}E", message.key), ..message.clone() };
        put("latestEditMsgKey", key_object(app, &edit));
    }
    if let Some(quote) = &message.quoted {
        put("quotedStanzaID", json!(quote.key));
        put("quotedParticipant", json!(quote.sender));
        if let Some(content) = &quote.content {
            put("quotedMsg", quoted(content));
        }
    }
    Value::Object(object)
}

/// The message object of whatsapp-web.js, which WEBJS hands out where WAHA doesn't translate.
pub(crate) fn library_message(app: &App, message: &Message) -> Value {
    let data = super::dto::raw(app, message);
    let member = |name: &str| data.get(name).cloned().unwrap_or_default();
    json!({
        "_data": data,
        "id": key_object(app, message),
        "ack": member("ack"),
        "hasMedia": message.content.media().is_some(),
        "body": message.content.text().unwrap_or_default(),
        "type": member("type"),
        "timestamp": message.sent_at(),
        "from": member("from"),
        "to": member("to"),
        "author": member("author"),
        "deviceType": "web",
        "isForwarded": message.forwarded,
        "isStatus": message.chat == "status@broadcast",
        "isStarred": message.starred,
        "fromMe": message.from_me,
        "hasQuotedMsg": message.quoted.is_some(),
        "hasReaction": !message.reactions.is_empty(),
        "vCards": [],
        "mentionedIds": message.mentions,
        "isGif": false,
        "links": [],
    })
}
