//! Sending. Routes and answers differ by version and engine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::app::{App, Call};
use super::profile::Engine;
use super::reply::{Done, Outcome, Reply, crash, not_implemented, plus_only, refused};
use super::{dto, ids as message_ids, messages, raw_noweb, raw_web};
use crate::world::{Card, Content, Location, Media, MediaKind, Message, Poll};

/// Whether the version has the route.
pub(crate) fn knows(call: &Call<'_>, verb: &str) -> bool {
    match verb {
        "sendText" | "sendImage" | "sendFile" | "sendVideo" | "sendVoice" | "sendLocation"
        | "sendContactVcard" | "sendPoll" | "forwardMessage" | "sendSeen" | "startTyping" | "stopTyping"
        | "reply" => true,
        "sendSticker" => call.app.profile.since(2026, 8, 0),
        _ => false,
    }
}

pub(crate) async fn route(call: &Call<'_>, verb: &str) -> Outcome {
    let app = call.app;
    let Some(session) = call.text_field("session") else {
        return Err(refused(400, "Session name is required"));
    };
    call.working(session).await?;
    let media = matches!(verb, "sendImage" | "sendFile" | "sendVideo" | "sendVoice" | "sendSticker");
    if media && !app.profile.since(2026, 6, 1) {
        return Err(plus_only(app));
    }
    let Some(chat) = call.text_field("chatId") else {
        return Err(crash(
            call,
            "TypeError",
            "Cannot read properties of undefined (reading 'includes')",
            "ensureSuffix",
        ));
    };
    let content = match verb {
        "sendSeen" => return seen(call, chat),
        "startTyping" | "stopTyping" => return Ok(json!({"result": true}).into()),
        "forwardMessage" => return forward(call, chat),
        "sendText" | "reply" => Content::Text(call.text_field("text").unwrap_or_default().to_owned()),
        "sendLocation" => Content::Location(place(call)),
        "sendContactVcard" => Content::Contacts(cards(call)),
        "sendPoll" => Content::Poll(poll(call)),
        _ => Content::Media(file(call, verb)?),
    };
    let own_id = app.profile.since(2026, 4, 3) && !media;
    let key = if own_id { call.text_field("id").unwrap_or_default() } else { "" };
    let mut message = Message::new(chat, key, content);
    if let Some(answered) = call.text_field("reply_to") {
        // a full id names its chat: what a group holds may be answered privately
        let mut parts = answered.split('_').skip(1);
        let (of, key) = parts.next().zip(parts.next()).unwrap_or((&message.chat, answered));
        if let Some(original) = app.world.message(of, key) {
            let sender = app.world.sender_of(&original);
            message = message.quoting(key, &sender, Some(original.content));
        }
    }
    for id in call.field("mentions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        message = message.mention(id);
    }
    let message = app.world.send_message(message);
    Ok(answer(app, &message, verb))
}

fn answer(app: &App, message: &Message, verb: &str) -> Done {
    if app.profile.empty_sends {
        return Done::Empty;
    }
    match (app.engine(), verb) {
        (Engine::Webjs, "forwardMessage") => json!({"sent": true}).into(),
        (Engine::Webjs, _) => raw_web::library_message(app, message).into(),
        (Engine::Noweb, "sendPoll" | "forwardMessage") | (Engine::Wpp, _) => {
            dto::message(app, message, false).into()
        }
        (Engine::Noweb, _) => raw_noweb::sent(app, message).into(),
        (Engine::Gows, _) => {
            json!({"id": message_ids::full_id(&app.world, message), "_data": dto::raw(app, message)}).into()
        }
    }
}

fn seen(call: &Call<'_>, chat: &str) -> Outcome {
    let named = call.field("messageIds").and_then(Value::as_array);
    let Some(named) = named.filter(|list| !list.is_empty()) else {
        return Ok(json!({"ids": messages::mark_read(call.app, chat, None, 7)}).into());
    };
    let keys: Vec<String> = named
        .iter()
        .filter_map(Value::as_str)
        .map(|id| id.split('_').nth(2).unwrap_or(id).to_owned())
        .collect();
    call.app.world.mark_read(chat, &keys);
    Ok(json!({"ids": named}).into())
}

fn forward(call: &Call<'_>, chat: &str) -> Outcome {
    let app = call.app;
    if app.engine() == Engine::Gows && !app.profile.since(2026, 8, 0) {
        return Err(not_implemented(app, ""));
    }
    let text = call.text_field("messageId").unwrap_or_default();
    let id = message_ids::parse(call, text, "forwardMessage")?;
    let Some(original) = id.chat.as_deref().and_then(|chat| app.world.message(chat, &id.key)) else {
        return Err(refused(422, format!("Message with id '{text}' not found")));
    };
    let copy = Message::new(chat, "", original.content).forwarded();
    let message = app.world.send_message(copy);
    Ok(answer(app, &message, "forwardMessage"))
}

fn place(call: &Call<'_>) -> Location {
    let number = |name: &str| call.field(name).and_then(Value::as_f64).unwrap_or_default();
    Location {
        latitude: number("latitude"),
        longitude: number("longitude"),
        name: call.text_field("title").map(str::to_owned),
        address: None,
        url: None,
        live: false,
    }
}

/// Cards come as vCards or as name and number, of which the server makes one without escaping.
fn cards(call: &Call<'_>) -> Vec<Card> {
    let list = call.field("contacts").and_then(Value::as_array);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    list.into_iter()
        .flatten()
        .map(|contact| match text(contact, "vcard") {
            Some(vcard) => {
                let name =
                    vcard.lines().find_map(|line| line.strip_prefix("FN:")).unwrap_or_default().to_owned();
                Card { name, vcard }
            }
            None => {
                let name = text(contact, "fullName").unwrap_or_default();
                let digits =
                    text(contact, "whatsappId").or_else(|| text(contact, "phoneNumber")).unwrap_or_default();
                Card::new(&name, digits.trim_start_matches('+'))
            }
        })
        .collect()
}

fn poll(call: &Call<'_>) -> Poll {
    let poll = call.field("poll").cloned().unwrap_or_default();
    let options = poll.get("options").and_then(Value::as_array);
    let several = poll.get("multipleAnswers").and_then(Value::as_bool).unwrap_or(false);
    let options: Vec<String> =
        options.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Poll {
        question: poll.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        options,
        selectable: u32::from(!several),
    }
}

fn file(call: &Call<'_>, verb: &str) -> Result<Media, Reply> {
    let Some(file) = call.field("file") else {
        return Err(crash(call, "TypeError", "Cannot read properties of undefined (reading 'url')", verb));
    };
    let text = |name: &str| file.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (kind, mime) = match verb {
        "sendImage" => (MediaKind::Image, "image/jpeg"),
        "sendVideo" => (MediaKind::Video, "video/mp4"),
        "sendVoice" => (MediaKind::Voice, "audio/ogg; codecs=opus"),
        "sendSticker" => (MediaKind::Sticker, "image/webp"),
        _ => (MediaKind::Document, "application/octet-stream"),
    };
    let mime = text("mimetype").unwrap_or(mime);
    let mut media = match (text("url"), text("data")) {
        // The simulator never goes out to fetch: such a file is sent and can't be fetched back.
        (Some(_), _) => Media::gone(kind, mime, 0),
        (None, Some(data)) => match STANDARD.decode(data) {
            Ok(bytes) => Media::new(kind, mime, bytes),
            Err(_) => return Err(crash(call, "Error", "Invalid base64 data", verb)),
        },
        (None, None) => return Err(refused(422, "Either \"file.url\" or \"file.data\" must be specified.")),
    };
    if let (MediaKind::Document, Some(name)) = (kind, text("filename")) {
        media = media.file_name(name);
    }
    match call.text_field("caption").filter(|caption| !caption.is_empty() && has_caption(kind)) {
        Some(caption) => Ok(media.caption(caption)),
        None => Ok(media),
    }
}

/// Voice notes and stickers carry no caption.
fn has_caption(kind: MediaKind) -> bool {
    !matches!(kind, MediaKind::Voice | MediaKind::Sticker)
}
