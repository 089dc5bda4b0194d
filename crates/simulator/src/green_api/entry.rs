//! An entry of the journal as JSON.

use serde_json::{Map, Value, json};

use super::gateway::Gateway;
use super::journal::{Entry, What};
use crate::world::{Ack, Card, Content, Media, MediaKind, Message, Poll, ids};

/// Members of a JSON object under construction.
pub(super) type Object = Map<String, Value>;

fn put(object: &mut Object, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}

impl Gateway {
    /// The entry's JSON.
    pub(super) fn entry_json(&self, entry: &Entry) -> Value {
        let message = &entry.message;
        let outgoing = entry.outgoing();
        let mut object = Object::new();
        put(&mut object, "type", if outgoing { "outgoing" } else { "incoming" });
        put(&mut object, "idMessage", entry.id.as_str());
        put(&mut object, "timestamp", entry.at_ms.div_euclid(1000));
        put(&mut object, "chatId", message.chat.as_str());
        match &entry.what {
            What::Message => {
                object.append(&mut self.content_json(message));
                if let Content::Call(_) = message.content {
                    return Value::Object(self.call_json(message, object));
                }
            }
            What::Reaction(reaction) => {
                put(&mut object, "typeMessage", "reactionMessage");
                put(&mut object, "extendedTextMessageData", json!({"text": reaction.emoji}));
                put(
                    &mut object,
                    "quotedMessage",
                    json!({
                        "stanzaId": message.key,
                        "participant": self.world.sender_of(message),
                        "type": "",
                        "typeMessage": "",
                    }),
                );
            }
            What::Edit(text) => {
                put(&mut object, "typeMessage", "extendedTextMessage");
                object.append(&mut link_json(text, "", ""));
            }
            What::Deletion => {
                put(&mut object, "typeMessage", "deletedMessage");
                put(&mut object, "deletedMessageData", json!({"stanzaId": message.key}));
            }
        }
        self.put_people(entry, &mut object, outgoing);
        self.put_flags(entry, &mut object);
        Value::Object(object)
    }

    fn put_people(&self, entry: &Entry, object: &mut Object, outgoing: bool) {
        let message = &entry.message;
        if outgoing {
            let status = match &entry.what {
                What::Message | What::Reaction(_) => status_of(message.ack),
                What::Edit(_) | What::Deletion => "sent",
            };
            put(object, "statusMessage", status);
            put(object, "sendByApi", message.via_api);
            return;
        }
        let sender = match &entry.what {
            What::Reaction(reaction) => reaction.sender.clone(),
            _ => self.world.sender_of(message),
        };
        let own = matches!(entry.what, What::Message);
        let (name, saved) = self.names(&sender, message.sender_name.as_deref().filter(|_| own));
        put(object, "senderId", sender);
        put(object, "senderName", name);
        put(object, "senderContactName", saved);
    }

    fn put_flags(&self, entry: &Entry, object: &mut Object) {
        let flagged = self.on("editedMessageWebhook") || self.on("deletedMessageWebhook");
        if !flagged || matches!(entry.what, What::Deletion) {
            return;
        }
        let edited = matches!(entry.what, What::Edit(_));
        // The text of a message that was deleted elsewhere is gone; only the flag tells.
        let deleted = matches!(entry.what, What::Message) && entry.message.content == Content::Revoked;
        put(object, "deletedMessageId", "");
        put(object, "editedMessageId", if edited { entry.message.key.as_str() } else { "" });
        put(object, "isEdited", edited);
        put(object, "isDeleted", deleted);
    }

    /// (the name a person uses, the name in the address book), `""` where unknown.
    pub(super) fn names(&self, id: &str, told: Option<&str>) -> (String, String) {
        let contact = self.world.contact(id);
        let saved = contact.as_ref().and_then(|contact| contact.name.clone()).unwrap_or_default();
        let own = contact.and_then(|contact| contact.push_name);
        let chat = || self.world.chat(id).and_then(|chat| chat.name);
        let name = told.map(str::to_owned).or(own).or_else(chat).unwrap_or_else(|| saved.clone());
        (name, saved)
    }

    /// `typeMessage` and what belongs to it.
    pub(super) fn content_json(&self, message: &Message) -> Object {
        let mut object = self.plain_content_json(message);
        let Some(quote) = &message.quoted else { return object };
        let mut quoted = Object::new();
        put(&mut quoted, "stanzaId", quote.key.as_str());
        put(&mut quoted, "participant", quote.sender.as_str());
        let known = self.world.message(&message.chat, &quote.key);
        if let Some(content) = quote.content.clone().or(known.map(|known| known.content)) {
            let copy = Message::new(&message.chat, &quote.key, content);
            quoted.append(&mut self.plain_content_json(&copy));
        }
        if let Content::Text(text) = &message.content {
            object.clear();
            put(&mut object, "typeMessage", "quotedMessage");
            let reply = json!({"text": text, "stanzaId": quote.key, "participant": quote.sender});
            put(&mut object, "extendedTextMessage", reply);
        }
        put(&mut object, "quotedMessage", quoted);
        object
    }

    fn plain_content_json(&self, message: &Message) -> Object {
        let mut object = Object::new();
        let mut kind = |kind: &str| put(&mut object, "typeMessage", kind);
        match &message.content {
            Content::Text(text) => {
                kind("textMessage");
                put(&mut object, "textMessage", text.as_str());
            }
            Content::Link { text, title, .. } => {
                kind("extendedTextMessage");
                object.append(&mut link_json(text, title, ""));
            }
            Content::Media(media) => {
                kind(media_type(media));
                self.put_media(message, media, &mut object);
            }
            Content::Location(place) => {
                kind("locationMessage");
                put(
                    &mut object,
                    "location",
                    json!({
                        "nameLocation": place.name.clone().unwrap_or_default(),
                        "address": place.address.clone().unwrap_or_default(),
                        "jpegThumbnail": "",
                        "latitude": place.latitude,
                        "longitude": place.longitude,
                        "forwardingScore": i32::from(message.forwarded),
                        "isForwarded": message.forwarded,
                    }),
                );
            }
            Content::Contacts(cards) => {
                if let [card] = cards.as_slice() {
                    kind("contactMessage");
                    put(&mut object, "contact", card_json(card, message.forwarded));
                } else {
                    kind("contactsArrayMessage");
                    put(&mut object, "messageData", cards_json(cards, message.forwarded));
                }
            }
            Content::Poll(poll) => {
                kind("pollMessage");
                put(&mut object, "pollMessageData", poll_json(poll));
            }
            Content::Reaction { target, emoji } => {
                kind("reactionMessage");
                put(&mut object, "extendedTextMessageData", json!({"text": emoji}));
                let quoted = json!({"stanzaId": target, "participant": "", "type": "", "typeMessage": ""});
                put(&mut object, "quotedMessage", quoted);
            }
            Content::Call(_) => kind(if message.from_me { "outgoingCall" } else { "incomingCall" }),
            // A deleted message that this gateway didn't delete itself: what it said is not known any more.
            Content::Revoked => {
                kind("textMessage");
                put(&mut object, "textMessage", "");
            }
            Content::System(_) => {
                kind("groupInviteMessage");
                put(&mut object, "groupInviteMessage", Value::Null);
            }
            // Not decrypted yet, or of a kind that the gateway can't read.
            Content::Unknown(name) => {
                let marker = if name == "ciphertext" { "{{SWE001}}" } else { "{{SWE003}}" };
                kind("textMessage");
                put(&mut object, "textMessage", marker);
            }
        }
        object
    }

    fn put_media(&self, message: &Message, media: &Media, object: &mut Object) {
        let name = media.file_name.clone();
        put(object, "downloadUrl", self.media_url(message));
        put(object, "caption", media.caption.clone().unwrap_or_default());
        put(object, "fileName", name.unwrap_or_else(|| format!("{}.{}", message.key, media.extension())));
        put(object, "jpegThumbnail", "");
        put(object, "mimeType", media.mime.as_str());
        put(object, "isAnimated", false);
        put(object, "isForwarded", message.forwarded);
        put(object, "forwardingScore", i32::from(message.forwarded));
    }

    /// Calls have members of their own, and outgoing ones their time in milliseconds.
    fn call_json(&self, message: &Message, mut object: Object) -> Object {
        let Content::Call(call) = message.content else { return object };
        let status = if call.seconds.is_some() { "pickUp" } else { "missed" };
        put(&mut object, "duration", call.seconds.unwrap_or(0));
        put(&mut object, "isVideo", call.video);
        put(&mut object, "status", status);
        if message.from_me {
            put(&mut object, "timestamp", message.sent_at_ms);
            put(&mut object, "participants", json!([{"id": message.chat, "status": status}]));
        }
        object
    }
}

/// The gateway's words for how far a message went; there is none for "played".
pub(super) fn status_of(ack: Option<Ack>) -> &'static str {
    match ack {
        Some(Ack::Error) => "failed",
        Some(Ack::Pending) => "pending",
        Some(Ack::Server) | None => "sent",
        Some(Ack::Device) => "delivered",
        Some(Ack::Read | Ack::Played) => "read",
    }
}

fn link_json(text: &str, title: &str, description: &str) -> Object {
    let mut object = Object::new();
    put(&mut object, "textMessage", text);
    put(
        &mut object,
        "extendedTextMessage",
        json!({
            "text": text,
            "description": description,
            "title": title,
            "previewType": "None",
            "jpegThumbnail": "",
            "forwardingScore": 0,
            "isForwarded": false,
        }),
    );
    object
}

/// A file of sound is a document, only voice notes are audio.
pub(super) fn media_type(media: &Media) -> &'static str {
    match media.kind {
        MediaKind::Image => "imageMessage",
        MediaKind::Video => "videoMessage",
        MediaKind::Voice => "audioMessage",
        MediaKind::Audio | MediaKind::Document => "documentMessage",
        MediaKind::Sticker => "stickerMessage",
    }
}

pub(super) fn card_json(card: &Card, forwarded: bool) -> Value {
    json!({
        "displayName": card.name,
        "vcard": card.vcard,
        "forwardingScore": i32::from(forwarded),
        "isForwarded": forwarded,
    })
}

pub(super) fn cards_json(cards: &[Card], forwarded: bool) -> Value {
    let cards: Vec<Value> = cards
        .iter()
        .map(|card| json!({"displayName": card.name, "vcard": card.vcard, "contextInfo": null}))
        .collect();
    json!({"contacts": cards, "forwardingScore": i32::from(forwarded), "isForwarded": forwarded})
}

pub(super) fn poll_json(poll: &Poll) -> Value {
    let options: Vec<Value> = poll.options.iter().map(|option| json!({"optionName": option})).collect();
    json!({"name": poll.question, "options": options, "multipleAnswers": poll.selectable != 1})
}

/// Whether a chat is one that this gateway knows: people and groups.
pub(super) fn is_served(chat: &str) -> bool {
    ids::is_person(chat) || ids::is_group(chat)
}
