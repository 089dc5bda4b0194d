//! What happens in the world as notifications. The settings say which kinds there are.

use bytes::Bytes;
use serde_json::{Value, json};

use super::entry::{Object, is_served, status_of};
use super::gateway::Gateway;
use super::journal::{Entry, What};
use crate::world::{Ack, CallStage, Change, ChangeKind, Content, Message};

/// A notification's `typeWebhook` and its body.
type News = (String, Bytes);

/// The notifications of a change, one at most.
pub(super) fn of(gateway: &Gateway, change: &Change) -> Option<News> {
    let at = change.at_ms.div_euclid(1000);
    let own = gateway.world.account().id;
    let kind = |outgoing: bool| direction(gateway, outgoing, change.via_api);
    match &change.kind {
        ChangeKind::Message(message) if is_served(&message.chat) => {
            if matches!(message.content, Content::Call(_) | Content::System(_)) {
                return None;
            }
            let kind = direction(gateway, message.from_me, message.via_api)?;
            let sender = gateway.world.sender_of(message);
            let people = Told { message, sender: &sender, name: message.sender_name.as_deref() };
            Some(people.news(gateway, kind, &message.key, payload(gateway, message), message.sent_at()))
        }
        ChangeKind::Ack { message, ack, .. } if message.from_me && is_served(&message.chat) => {
            // Failures can't be switched off; waiting and being played are not told.
            let told = match ack {
                Ack::Error => true,
                Ack::Server | Ack::Device | Ack::Read => gateway.on("outgoingWebhook"),
                Ack::Pending | Ack::Played => false,
            };
            let body = json!({
                "chatId": message.chat,
                "idMessage": message.key,
                "status": status_of(Some(*ack)),
                "sendByApi": message.via_api,
            });
            told.then(|| news(gateway, "outgoingMessageStatus", body, at))
        }
        ChangeKind::Edited { before, key, text } if gateway.on("editedMessageWebhook") => {
            let member = if before.content.media().is_some() { "caption" } else { "textMessage" };
            let mut edit = Object::new();
            edit.insert(member.to_owned(), json!(text));
            edit.insert("stanzaId".to_owned(), json!(before.key));
            let data = json!({"typeMessage": "editedMessage", "editedMessageData": edit});
            let sender = gateway.world.sender_of(before);
            let people = Told { message: before, sender: &sender, name: before.sender_name.as_deref() };
            Some(people.news(gateway, kind(before.from_me)?, key, data, at))
        }
        ChangeKind::Revoked { before, key, by } if gateway.on("deletedMessageWebhook") => {
            let data =
                json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": before.key}});
            let people = Told { message: before, sender: by, name: None };
            Some(people.news(gateway, kind(*by == own)?, key, data, at))
        }
        ChangeKind::Reaction { message, reaction } if is_served(&message.chat) => {
            let data = json!({
                "typeMessage": "reactionMessage",
                "extendedTextMessageData": {"text": reaction.emoji},
                "quotedMessage": {"stanzaId": message.key, "participant": gateway.world.sender_of(message)},
            });
            let people = Told { message, sender: &reaction.sender, name: None };
            Some(people.news(gateway, kind(reaction.from_me)?, &reaction.key, data, at))
        }
        ChangeKind::PollVote { poll, key, voter, .. } if gateway.on("pollMessageWebhook") => {
            let people = Told { message: poll, sender: voter, name: None };
            Some(people.news(gateway, kind(voter == &own)?, key, votes(poll)?, at))
        }
        ChangeKind::Call { id, caller, stage, .. } if gateway.on("incomingCallWebhook") => {
            let status = match stage {
                CallStage::Offer => "offer",
                CallStage::Accept => "pickUp",
                CallStage::Reject => "declined",
                CallStage::End => "hangUp",
            };
            let body = json!({"from": caller, "status": status, "idMessage": id});
            (*caller != own).then(|| news(gateway, "incomingCall", body, at))
        }
        ChangeKind::Session(session) if gateway.on("stateWebhook") => {
            let body = json!({"stateInstance": gateway.state_in(*session)?});
            Some(news(gateway, "stateInstanceChanged", body, at))
        }
        ChangeKind::Quota { method, used, total } => {
            let quota = json!({
                "method": method, "used": used, "total": total, "status": "CORRESPONDENTS_QUOTA_EXCEEDED",
                "description": "the month's quota is used up",
            });
            Some(news(gateway, "quotaExceeded", json!({"quotaData": quota}), at))
        }
        ChangeKind::Raw(bytes) => Some(("raw".to_owned(), bytes.clone())),
        _ => None,
    }
}

/// The word for where a message came from; `None` where the settings don't want to know.
fn direction(gateway: &Gateway, outgoing: bool, via_api: bool) -> Option<&'static str> {
    let (kind, switch) = match (outgoing, via_api) {
        (false, _) => ("incomingMessageReceived", "incomingWebhook"),
        (true, false) => ("outgoingMessageReceived", "outgoingMessageWebhook"),
        (true, true) => ("outgoingAPIMessageReceived", "outgoingAPIMessageWebhook"),
    };
    gateway.on(switch).then_some(kind)
}

/// Who did something to which message.
struct Told<'a> {
    message: &'a Message,
    sender: &'a str,
    /// The name that came along.
    name: Option<&'a str>,
}

impl Told<'_> {
    fn news(&self, gateway: &Gateway, kind: &str, id: &str, data: Value, at: i64) -> News {
        let chat = &self.message.chat;
        let (name, saved) = gateway.names(self.sender, self.name);
        let chat_name = gateway.world.chat(chat).and_then(|chat| chat.name).unwrap_or_default();
        let body = json!({
            "idMessage": id,
            "senderData": {
                "chatId": chat,
                "chatName": chat_name,
                "sender": self.sender,
                "senderName": name,
                "senderContactName": saved,
            },
            "messageData": data,
        });
        news(gateway, kind, body, at)
    }
}

fn news(gateway: &Gateway, kind: &str, mut body: Value, at: i64) -> News {
    if let Some(body) = body.as_object_mut() {
        body.insert("typeWebhook".to_owned(), json!(kind));
        body.insert("timestamp".to_owned(), json!(at));
        body.insert(
            "instanceData".to_owned(),
            json!({
                "idInstance": gateway.profile.id,
                "wid": gateway.world.account().id,
                "typeInstance": "whatsapp",
            }),
        );
    }
    (kind.to_owned(), body.to_string().into())
}

/// All votes of a poll, by answer.
fn votes(message: &Message) -> Option<Value> {
    let Content::Poll(poll) = &message.content else { return None };
    let by_option = |option: &String| {
        let voters = message.votes.iter().filter(|vote| vote.options.contains(option));
        let voters: Vec<&str> = voters.map(|vote| vote.voter.as_str()).collect();
        json!({"optionName": option, "optionVoters": voters})
    };
    let votes: Vec<Value> = poll.options.iter().map(by_option).collect();
    Some(json!({
        "typeMessage": "pollUpdateMessage",
        "pollMessageData": {
            "stanzaId": message.key, "name": poll.question, "votes": votes,
            "multipleAnswers": poll.selectable != 1,
        },
    }))
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
