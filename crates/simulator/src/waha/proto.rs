//! Message contents as WhatsApp's protocol names them, for the engines without a browser.

use serde_json::{Map, Value, json};

use crate::world::{Card, Content, Location, Media, MediaKind, Message, Poll, World, ids};

/// The `message` member of a raw object. `go` follows the spelling of whatsmeow's encoder.
pub(crate) fn message(world: &World, message: &Message, go: bool) -> Value {
    let context = context(world, message, go);
    let content = match &message.content {
        Content::Text(text) if context.is_none() && !message.via_api => json!({"conversation": text}),
        Content::Text(text) => with_context("extendedTextMessage", json!({"text": text}), context),
        content => {
            let (name, inner) = named(content, go);
            with_context(name, inner, context)
        }
    };
    let content = match message.content.media() {
        Some(Media { kind: MediaKind::Document, caption: Some(_), .. }) => {
            json!({"documentWithCaptionMessage": {"message": content}})
        }
        _ => content,
    };
    // An edited text replaces the stored one inside this wrapper.
    if message.edited_at_ms.is_some() { json!({"editedMessage": {"message": content}}) } else { content }
}

/// The copy of a message that an answer to it carries.
pub(crate) fn quoted(content: &Content, go: bool) -> Value {
    match content {
        Content::Text(text) => json!({"conversation": text}),
        content => {
            let (name, inner) = named(content, go);
            with_context(name, inner, None)
        }
    }
}

fn with_context(name: &str, mut inner: Value, context: Option<Value>) -> Value {
    if let (Some(members), Some(context)) = (inner.as_object_mut(), context) {
        members.insert("contextInfo".to_owned(), context);
    }
    let mut object = Map::new();
    object.insert(name.to_owned(), inner);
    Value::Object(object)
}

fn context(world: &World, message: &Message, go: bool) -> Option<Value> {
    let mut context = Map::new();
    if let Some(quote) = &message.quoted {
        context.insert(if go { "stanzaID" } else { "stanzaId" }.to_owned(), json!(quote.key));
        context.insert("participant".to_owned(), json!(ids::protocol(&quote.sender)));
        if let Some(content) = &quote.content {
            context.insert("quotedMessage".to_owned(), quoted(content, go));
        }
    }
    if message.forwarded {
        context.insert("isForwarded".to_owned(), json!(true));
        context.insert("forwardingScore".to_owned(), json!(1));
    }
    if !message.mentions.is_empty() {
        let mentioned: Vec<String> = message.mentions.iter().map(|id| ids::protocol(id)).collect();
        context.insert(if go { "mentionedJID" } else { "mentionedJid" }.to_owned(), json!(mentioned));
    }
    if message.ephemeral_seconds > 0 && world.chat(&message.chat).is_some() {
        context.insert("expiration".to_owned(), json!(message.ephemeral_seconds));
    }
    (!context.is_empty()).then_some(Value::Object(context))
}

/// Name and inner object of a content.
fn named(content: &Content, go: bool) -> (&str, Value) {
    match content {
        Content::Text(text) => ("extendedTextMessage", json!({"text": text})),
        Content::Link { text, url, title } => (
            "extendedTextMessage",
            json!({"text": text, "matchedText": url, "title": title, "previewType": 0}),
        ),
        Content::Media(media) => (media_name(media.kind), file(media, go)),
        Content::Location(place) => {
            (if place.live { "liveLocationMessage" } else { "locationMessage" }, location(place))
        }
        Content::Contacts(cards) => contacts(cards),
        Content::Poll(poll) => (poll_name(poll), poll_body(poll)),
        Content::Reaction { target, emoji } => {
            ("reactionMessage", json!({"key": {"id": target}, "text": emoji}))
        }
        Content::Call(call) => (
            "callLogMesssage",
            json!({"isVideo": call.video, "callOutcome": i32::from(call.seconds.is_none()), "durationSecs": call.seconds}),
        ),
        Content::Revoked => ("protocolMessage", json!({"type": 0})),
        Content::System(name) => ("protocolMessage", json!({"name": name})),
        Content::Unknown(name) => (name.as_str(), json!({})),
    }
}

fn media_name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "imageMessage",
        MediaKind::Video => "videoMessage",
        MediaKind::Audio | MediaKind::Voice => "audioMessage",
        MediaKind::Document => "documentMessage",
        MediaKind::Sticker => "stickerMessage",
    }
}

fn file(media: &Media, go: bool) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put(if go { "URL" } else { "url" }, json!("https://mmg.whatsapp.net/v/t62.7118-24/sample.enc"));
    put("directPath", json!("/v/t62.7118-24/sample.enc"));
    put("mimetype", json!(media.mime));
    put("mediaKey", json!("AAAA"));
    // Baileys writes 64-bit numbers as text.
    put("fileLength", if go { json!(media.size) } else { json!(media.size.to_string()) });
    if let Some(caption) = &media.caption {
        put("caption", json!(caption));
    }
    if let Some(name) = &media.file_name {
        put("fileName", json!(name));
    }
    if let Some(seconds) = media.seconds {
        put("seconds", json!(seconds));
    }
    if let Some((width, height)) = media.dimensions {
        put("width", json!(width));
        put("height", json!(height));
    }
    match media.kind {
        MediaKind::Voice => put(if go { "PTT" } else { "ptt" }, json!(true)),
        MediaKind::Audio => put(if go { "PTT" } else { "ptt" }, json!(false)),
        _ => None,
    };
    Value::Object(object)
}

fn location(place: &Location) -> Value {
    let mut object = Map::new();
    object.insert("degreesLatitude".to_owned(), json!(place.latitude));
    object.insert("degreesLongitude".to_owned(), json!(place.longitude));
    for (member, text) in [("name", &place.name), ("address", &place.address), ("url", &place.url)] {
        if let Some(text) = text {
            object.insert(member.to_owned(), json!(text));
        }
    }
    Value::Object(object)
}

fn contacts(cards: &[Card]) -> (&'static str, Value) {
    let one = |card: &Card| json!({"displayName": card.name, "vcard": card.vcard});
    match cards {
        [card] => ("contactMessage", one(card)),
        cards => {
            let displayed = format!("{} contacts", cards.len());
            let list: Vec<Value> = cards.iter().map(one).collect();
            ("contactsArrayMessage", json!({"displayName": displayed, "contacts": list}))
        }
    }
}

fn poll_name(poll: &Poll) -> &'static str {
    if poll.selectable == 1 { "pollCreationMessageV3" } else { "pollCreationMessage" }
}

fn poll_body(poll: &Poll) -> Value {
    let options: Vec<Value> = poll.options.iter().map(|option| json!({"optionName": option})).collect();
    json!({"name": poll.question, "options": options, "selectableOptionsCount": poll.selectable})
}
