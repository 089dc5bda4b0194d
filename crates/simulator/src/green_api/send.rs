//! Sending: 200 means that the message is in the queue.

use serde_json::{Value, json};

use super::gateway::Queued;
use super::reply::{Answer, Reply};
use super::route::Call;
use crate::world::{Card, Content, Location, Media, MediaKind, Message, Poll};

/// Puts a message into the queue, from which it goes at once while the account is connected.
fn enqueue(call: &Call<'_>, method: &'static str, chat: &str, content: Content) -> Answer {
    let gateway = call.gateway;
    let id = gateway.world.new_key();
    let mut message = Message::new(chat, &id, content);
    if let Some(quoted) = call.optional_text("quotedMessageId")?
        && let Some(known) = gateway.world.message(chat, quoted)
    {
        let writer = gateway.world.sender_of(&known);
        message = message.quoting(&known.key, &writer, Some(known.content));
    }
    gateway.inner().outbox.push(Queued { messages: vec![message], method, body: call.body.clone() });
    gateway.flush();
    Ok(Reply::json(&json!({"idMessage": id})))
}

fn bounded<'a>(call: &Call<'_>, name: &str, text: &'a str, most: usize) -> Result<&'a str, Reply> {
    if text.chars().count() <= most {
        return Ok(text);
    }
    let text = format!("'{name}' length must be less than or equal to {most} characters long");
    Err(call.invalid(&text))
}

/// `sendMessage`
pub(super) fn text(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let text = bounded(call, "message", call.text("message")?, 20_000)?;
    enqueue(call, "sendMessage", &chat, Content::Text(text.to_owned()))
}

/// `sendLocation`
pub(super) fn location(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let degrees = |name: &str| {
        let number = call.body.get(name).and_then(Value::as_f64);
        number.ok_or_else(|| call.invalid(&format!("'{name}' must be a number")))
    };
    let place = Location {
        latitude: degrees("latitude")?,
        longitude: degrees("longitude")?,
        name: call.optional_text("nameLocation")?.map(str::to_owned),
        address: call.optional_text("address")?.map(str::to_owned),
        url: None,
        live: false,
    };
    enqueue(call, "sendLocation", &chat, Content::Location(place))
}

/// `sendContact`: the card is written by the gateway.
pub(super) fn contact(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let given = call.body.get("contact");
    let phone = given.and_then(|contact| contact.get("phoneContact")).and_then(Value::as_u64);
    let Some(phone) = phone else {
        return Err(call.invalid("'contact.phoneContact' must be a number"));
    };
    let part = |name: &str| given.and_then(|contact| contact.get(name)).and_then(Value::as_str);
    let named: Vec<&str> = ["firstName", "middleName", "lastName"].into_iter().filter_map(part).collect();
    let name =
        if named.is_empty() { part("company").unwrap_or_default().to_owned() } else { named.join(" ") };
    if name.is_empty() {
        return Err(call.invalid("'contact' must have a name or a company"));
    }
    let card = Card::new(&name, &phone.to_string());
    enqueue(call, "sendContact", &chat, Content::Contacts(vec![card]))
}

/// `sendPoll`
pub(super) fn poll(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let question = bounded(call, "message", call.text("message")?, 255)?;
    let given = call.body.get("options").and_then(Value::as_array);
    let options: Vec<String> = given
        .into_iter()
        .flatten()
        .filter_map(|option| option.get("optionName").and_then(Value::as_str))
        .map(str::to_owned)
        .collect();
    let distinct: std::collections::BTreeSet<&String> = options.iter().collect();
    if !(2..=12).contains(&options.len()) || distinct.len() < options.len() {
        return Err(call.invalid("'options' must contain 2 to 12 different items"));
    }
    let selectable = u32::from(!call.flag("multipleAnswers"));
    let poll = Poll { question: question.to_owned(), options, selectable };
    enqueue(call, "sendPoll", &chat, Content::Poll(poll))
}

/// The kind and MIME type that a file's name stands for; nothing else decides.
pub(super) fn by_extension(name: &str) -> (MediaKind, &'static str) {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    match ending.as_str() {
        "jpg" | "jpeg" => (MediaKind::Image, "image/jpeg"),
        "png" => (MediaKind::Image, "image/png"),
        "mp4" => (MediaKind::Video, "video/mp4"),
        "ogg" => (MediaKind::Voice, "audio/ogg; codecs=opus"),
        "mp3" => (MediaKind::Audio, "audio/mpeg"),
        "pdf" => (MediaKind::Document, "application/pdf"),
        "txt" => (MediaKind::Document, "text/plain"),
        _ => (MediaKind::Document, "application/octet-stream"),
    }
}

/// `sendFileByUrl`. The simulator fetches nothing: the file is one that can't be downloaded.
pub(super) fn file_by_url(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    call.text("urlFile")?;
    let name = call.text("fileName")?;
    let (kind, mime) = by_extension(name);
    let mut media = Media::gone(kind, mime, 0).file_name(name);
    if let Some(caption) = call.optional_text("caption")? {
        media = media.caption(bounded(call, "caption", caption, 20_000)?);
    }
    enqueue(call, "sendFileByUrl", &chat, Content::Media(media))
}

/// `sendTyping`: 200 with an empty body.
pub(super) fn typing(call: &Call<'_>) -> Answer {
    call.chat("chatId")?;
    match call.number("typingTime")?.unwrap_or(1000) {
        1000..=20_000 => Ok(Reply::empty()),
        _ => Err(call.invalid("'typingTime' must be between 1000 and 20000")),
    }
}

/// `forwardMessages`: ids that the journal doesn't know get an id too, and never arrive.
pub(super) fn forward(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let from = call.chat("chatIdFrom")?;
    let given = call.body.get("messages").and_then(Value::as_array);
    let wanted: Vec<&str> = given.into_iter().flatten().filter_map(Value::as_str).collect();
    if wanted.is_empty() {
        return Err(call.invalid("'messages' must contain at least 1 items"));
    }
    let gateway = call.gateway;
    let (mut sent, mut messages) = (Vec::new(), Vec::new());
    for key in wanted {
        let id = gateway.world.new_key();
        if let Some(known) = gateway.world.message(&from, key) {
            messages.push(Message::new(&chat, &id, known.content).forwarded());
        }
        sent.push(id);
    }
    gateway.inner().outbox.push(Queued { messages, method: "forwardMessages", body: call.body.clone() });
    gateway.flush();
    Ok(Reply::json(&json!({"messages": sent})))
}

/// `showMessagesQueue`
pub(super) fn show_queue(call: &Call<'_>) -> Answer {
    let inner = call.gateway.inner();
    let waiting: Vec<Value> = inner
        .outbox
        .iter()
        .map(|queued| {
            let keys: Vec<&str> = queued.messages.iter().map(|message| message.key.as_str()).collect();
            let (kind, body) = (queued.method, &queued.body);
            match keys.as_slice() {
                [key] if kind != "forwardMessages" => json!({"messageID": key, "type": kind, "body": body}),
                keys => json!({"messagesIDs": keys, "type": kind, "body": body}),
            }
        })
        .collect();
    Ok(Reply::json(&waiting))
}

/// `getMessagesCount`
pub(super) fn count_queue(call: &Call<'_>) -> Answer {
    Ok(Reply::json(&json!({"count": call.gateway.inner().outbox.len()})))
}

/// `clearMessagesQueue`: a GET that wipes what wasn't sent.
pub(super) fn clear_queue(call: &Call<'_>) -> Answer {
    call.gateway.inner().outbox.clear();
    Ok(Reply::json(&json!({"isCleared": true})))
}
