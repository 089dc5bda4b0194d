//! Notifications by polling: the head of the queue is given again and again until it is deleted.

use std::time::Duration;

use serde_json::{Value, json};

use super::entry::Object;
use super::gateway::{Gateway, Notice};
use super::journal::{Entry, What};
use super::reply::{Answer, Reply};
use super::route::Call;
use crate::world::{Content, Message};

/// `receiveNotification`: waits up to `receiveTimeout` seconds, then says `null`.
pub(super) async fn receive(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    if !gateway.profile.webhook_url.is_empty() {
        let text = "Message cannot be received because custom webhook url is set";
        return Err(call.error(400, text));
    }
    let seconds = call.query_number("receiveTimeout", 5)?;
    if !(5..=60).contains(&seconds) {
        return Err(call.invalid("'receiveTimeout' must be between 5 and 60"));
    }
    let wait = if gateway.profile.quick_polls { 0 } else { seconds };
    let until = tokio::time::Instant::now() + Duration::from_secs(wait);
    loop {
        collect(gateway);
        if let Some(notice) = gateway.inner().notices.front() {
            return Ok(Reply::json(&json!({"receiptId": notice.receipt, "body": notice.body})));
        }
        if tokio::time::Instant::now() >= until {
            return Ok(Reply::json(&Value::Null));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        gateway.flush();
    }
}

/// `deleteNotification/{token}/{receiptId}`
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let receipt: Option<u64> = call.rest.trim_matches('/').parse().ok();
    let mut inner = call.gateway.inner();
    let before = inner.notices.len();
    inner.notices.retain(|notice| Some(notice.receipt) != receipt);
    let result = inner.notices.len() < before;
    let reason = if result { "" } else { "NOTIFICATION_NOT_FOUND" };
    Ok(Reply::json(&json!({"result": result, "reason": reason})))
}

/// `getWebhooksCount`
pub(super) fn count(call: &Call<'_>) -> Answer {
    collect(call.gateway);
    Ok(Reply::json(&json!({"count": call.gateway.inner().notices.len()})))
}

/// `clearWebhooksQueue`
pub(super) fn clear(call: &Call<'_>) -> Answer {
    collect(call.gateway);
    call.gateway.inner().notices.clear();
    Ok(Reply::json(&json!({"isCleared": true, "reason": ""})))
}

/// Puts the messages that came since the last look into the queue.
fn collect(gateway: &Gateway) {
    let seen = gateway.inner().seen;
    let mut fresh: Vec<Message> = gateway.world.all_messages();
    fresh.retain(|message| message.seq > seen && super::entry::is_served(&message.chat));
    fresh.sort_by_key(|message| message.seq);
    for message in fresh {
        gateway.inner().seen = message.seq;
        let settings = &gateway.profile;
        let (kind, wanted) = match (message.from_me, message.via_api) {
            (false, _) => ("incomingMessageReceived", settings.incoming),
            (true, false) => ("outgoingMessageReceived", settings.outgoing_phone),
            (true, true) => ("outgoingAPIMessageReceived", settings.outgoing_api),
        };
        if wanted && !matches!(message.content, Content::Call(_) | Content::System(_)) {
            let data = payload(gateway, &message);
            push(gateway, kind, &message, &message.key, data);
        }
        if message.via_api && settings.outgoing_api {
            let status = json!({
                "typeWebhook": "outgoingMessageStatus",
                "chatId": message.chat,
                "idMessage": message.key,
                "status": "sent",
                "sendByApi": true,
            });
            enqueue(gateway, status, message.sent_at());
        }
    }
}

/// Tells of an edit through this gateway.
pub(super) fn edited(gateway: &Gateway, message: &Message, id: &str, text: &str) {
    if gateway.profile.edited {
        let data = json!({
            "typeMessage": "editedMessage",
            "editedMessageData": {"textMessage": text, "stanzaId": message.key},
        });
        collect(gateway);
        push(gateway, "outgoingAPIMessageReceived", message, id, data);
    }
}

/// Tells of a deletion through this gateway.
pub(super) fn deleted(gateway: &Gateway, message: &Message, id: &str) {
    if gateway.profile.deleted {
        let data = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": message.key}});
        collect(gateway);
        push(gateway, "outgoingAPIMessageReceived", message, id, data);
    }
}

fn push(gateway: &Gateway, kind: &str, message: &Message, id: &str, data: Value) {
    let sender = gateway.world.sender_of(message);
    let (name, saved) = gateway.names(&sender, message.sender_name.as_deref());
    let chat_name = gateway.world.chat(&message.chat).and_then(|chat| chat.name).unwrap_or_default();
    let body = json!({
        "typeWebhook": kind,
        "idMessage": id,
        "senderData": {
            "chatId": message.chat,
            "chatName": chat_name,
            "sender": sender,
            "senderName": name,
            "senderContactName": saved,
        },
        "messageData": data,
    });
    enqueue(gateway, body, message.sent_at());
}

fn enqueue(gateway: &Gateway, mut body: Value, at: i64) {
    if let Some(body) = body.as_object_mut() {
        body.insert("timestamp".to_owned(), Value::from(at));
        body.insert(
            "instanceData".to_owned(),
            json!({
                "idInstance": gateway.profile.id,
                "wid": gateway.world.account().id,
                "typeInstance": "whatsapp",
            }),
        );
    }
    let mut inner = gateway.inner();
    inner.last_receipt = inner.last_receipt.saturating_add(1);
    let receipt = inner.last_receipt;
    inner.notices.push_back(Notice { receipt, body });
}

/// The content in the shape of notifications: where the journal is flat, they have an object per kind.
fn payload(gateway: &Gateway, message: &Message) -> Value {
    let entry = Entry {
        id: message.key.clone(),
        at_ms: message.sent_at_ms,
        message: message.clone(),
        what: What::Message,
    };
    let Value::Object(mut flat) = gateway.entry_json(&entry) else { return Value::Null };
    let kind = flat.remove("typeMessage").unwrap_or_default();
    let mut data = Object::new();
    let mut take = |name: &str| flat.remove(name).unwrap_or_default();
    match kind.as_str().unwrap_or_default() {
        "textMessage" => {
            let text = json!({"textMessage": take("textMessage")});
            data.insert("textMessageData".to_owned(), text);
        }
        "extendedTextMessage" | "quotedMessage" => {
            data.insert("extendedTextMessageData".to_owned(), take("extendedTextMessage"));
        }
        "locationMessage" => {
            data.insert("locationMessageData".to_owned(), take("location"));
        }
        "contactMessage" => {
            data.insert("contactMessageData".to_owned(), take("contact"));
        }
        "contactsArrayMessage" => {
            let mut cards = take("messageData");
            for card in cards.get_mut("contacts").and_then(Value::as_array_mut).into_iter().flatten() {
                card.as_object_mut().map(|card| card.remove("contextInfo"));
            }
            data.insert("messageData".to_owned(), cards);
        }
        "pollMessage" => {
            data.insert("pollMessageData".to_owned(), take("pollMessageData"));
        }
        "reactionMessage" => {
            data.insert("extendedTextMessageData".to_owned(), take("extendedTextMessageData"));
        }
        _ => {
            let names = [
                "downloadUrl",
                "caption",
                "fileName",
                "jpegThumbnail",
                "mimeType",
                "isAnimated",
                "isForwarded",
                "forwardingScore",
            ];
            let file: Object = names.into_iter().map(|name| (name.to_owned(), take(name))).collect();
            data.insert("fileMessageData".to_owned(), Value::Object(file));
            if kind != "stickerMessage"
                && let Some(file) = data.get_mut("fileMessageData").and_then(Value::as_object_mut)
            {
                file.remove("isAnimated");
            }
        }
    }
    if let Some(mut quoted) = flat.remove("quotedMessage") {
        if kind == "reactionMessage"
            && let Some(quoted) = quoted.as_object_mut()
        {
            quoted.retain(|name, _| !matches!(name.as_str(), "type" | "typeMessage"));
        }
        data.insert("quotedMessage".to_owned(), quoted);
    }
    data.insert("typeMessage".to_owned(), kind);
    Value::Object(data)
}
