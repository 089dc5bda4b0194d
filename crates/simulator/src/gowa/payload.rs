//! What the payloads of webhooks have in common: ids, names, and the content of a message.

use serde_json::{Map, Value, json};

use super::gateway::Gateway;
use super::profile::Version;
use super::rows::shown_time;
use crate::world::{Card, Content, Location, Media, MediaKind, Message, Quote, ids};

pub(super) type Object = Map<String, Value>;

pub(super) fn put(object: &mut Object, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}

/// Who did something, and where.
pub(super) struct Actor<'a> {
    pub(super) chat: &'a str,
    pub(super) sender: &'a str,
    /// The phone behind the sender's lid, where the message tells it.
    pub(super) alt: Option<&'a str>,
    /// The name that came with the message.
    pub(super) push_name: Option<&'a str>,
}

impl Gateway {
    /// The phone behind a lid where it is known, any other id as it is.
    pub(super) fn resolved(&self, id: &str, alt: Option<&str>) -> String {
        if ids::server_of(id) != "lid" {
            return id.to_owned();
        }
        let alt = alt.filter(|alt| ids::server_of(alt) == "c.us").map(str::to_owned);
        self.world.phone_of(id).or(alt).unwrap_or_else(|| id.to_owned())
    }

    /// An id by its resolved JID, beside it the lid it came with.
    fn put_jid(&self, object: &mut Object, names: (&str, &str), id: &str, alt: Option<&str>) {
        put(object, names.0, ids::protocol(&self.resolved(id, alt)));
        if ids::server_of(id) == "lid" {
            put(object, names.1, id);
        }
    }

    pub(super) fn put_chat(&self, object: &mut Object, chat: &str, alt: Option<&str>) {
        self.put_jid(object, ("chat_id", "chat_lid"), chat, alt);
        if !self.profile.since(Version::V8_3) {
            object.remove("chat_lid");
        }
    }

    pub(super) fn put_sender(&self, object: &mut Object, actor: &Actor<'_>) {
        self.put_jid(object, ("from", "from_lid"), actor.sender, actor.alt);
        if self.profile.since(Version::V9_0_1) {
            put(object, "sender_display_name", self.shown_sender(actor));
        }
    }

    /// Address book, the name that came along, the number.
    fn shown_sender(&self, actor: &Actor<'_>) -> String {
        let account = self.world.account();
        if actor.sender == account.id {
            return account.name;
        }
        let id = self.resolved(actor.sender, actor.alt);
        let contact = self.world.contact(&id);
        let (saved, own) = contact.map_or((None, None), |contact| (contact.name, contact.push_name));
        let told = actor.push_name.map(str::to_owned);
        saved.or(told).or(own).unwrap_or_else(|| ids::user_of(&id).to_owned())
    }

    /// What every message event starts with.
    pub(super) fn message_head(&self, id: &str, actor: &Actor<'_>, from_me: bool, at_ms: i64) -> Object {
        let mut object = Object::new();
        put(&mut object, "id", id);
        // In a direct chat the person's other id is the chat's too.
        let direct = actor.alt.filter(|_| actor.chat == actor.sender);
        self.put_chat(&mut object, actor.chat, direct);
        self.put_sender(&mut object, actor);
        if let Some(name) = actor.push_name {
            put(&mut object, "from_name", name);
        }
        put(&mut object, "timestamp", shown_time(Some(at_ms)));
        if self.profile.since(Version::V8_3) {
            put(&mut object, "is_from_me", from_me);
        }
        object
    }

    /// Id and text of the message answered.
    pub(super) fn quoted(&self, message: &Message) -> Option<(String, String)> {
        let Quote { key, content, .. } = message.quoted.as_ref()?;
        let known = || self.world.message(&message.chat, key).map(|known| known.content);
        let content = content.clone().or_else(known);
        let text = content.as_ref().and_then(Content::text).unwrap_or_default().to_owned();
        Some((key.clone(), text))
    }

    /// Name and value of what is no text; `None` for kinds that come without any.
    pub(super) fn attachment(&self, message: &Message) -> Option<(&'static str, Value)> {
        Some(match &message.content {
            Content::Media(media) => (media_key(media), self.file_value(message, media)?),
            Content::Location(place) => {
                (if place.live { "live_location" } else { "location" }, location(place))
            }
            Content::Contacts(cards) => match cards.as_slice() {
                [card] => ("contact", self.card(card)),
                cards => ("contacts_array", cards.iter().map(|card| self.card(card)).collect()),
            },
            _ => return None,
        })
    }

    fn card(&self, card: &Card) -> Value {
        let mut object = Object::new();
        put(&mut object, "displayName", card.name.as_str());
        put(&mut object, "vcard", card.vcard.as_str());
        let number = card.vcard.split("waid=").nth(1).and_then(|rest| rest.split(':').next());
        if let Some(number) = number.filter(|_| self.profile.since(Version::V8_5)) {
            put(&mut object, "phone_number", number);
        }
        Value::Object(object)
    }

    /// A file as a path under `/statics` or, where files are left at WhatsApp, as their address there. One that can't
    /// be fetched is left out.
    fn file_value(&self, message: &Message, media: &Media) -> Option<Value> {
        let captioned = matches!(media.kind, MediaKind::Image | MediaKind::Video);
        let document = media.kind == MediaKind::Document;
        if !self.profile.auto_download {
            let url = format!("https://mmg.whatsapp.net/v/t62.7118-24/{}.enc", message.key);
            let mut object = Object::new();
            put(&mut object, "url", url);
            let caption = media.caption.clone();
            if captioned || (document && caption.is_some()) {
                put(&mut object, "caption", caption.unwrap_or_default());
            }
            if let Some(name) = media.file_name.clone().filter(|_| document) {
                put(&mut object, "filename", name);
            }
            return Some(Value::Object(object));
        }
        let path = self.stored(media)?;
        match media.caption.as_ref().filter(|caption| (captioned || document) && !caption.is_empty()) {
            Some(caption) => Some(json!({"path": path, "caption": caption})),
            None => Some(json!(path)),
        }
    }

    /// Puts a file under `/statics` and tells its path.
    pub(super) fn stored(&self, media: &Media) -> Option<String> {
        let bytes = media.bytes.clone()?;
        let path = format!("statics/media/{}-{}.{}", self.world.now(), self.file_id(), media.extension());
        self.inner().files.insert(path.clone(), (media.mime.clone(), bytes));
        Some(path)
    }
}

/// The member that has a file. Voice notes are no kind of their own.
pub(super) fn media_key(media: &Media) -> &'static str {
    match media.kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Audio | MediaKind::Voice => "audio",
        MediaKind::Document => "document",
        MediaKind::Sticker => "sticker",
    }
}

fn location(place: &Location) -> Value {
    let mut object = Object::new();
    put(&mut object, "degreesLatitude", place.latitude);
    put(&mut object, "degreesLongitude", place.longitude);
    for (name, text) in [("name", &place.name), ("address", &place.address), ("url", &place.url)] {
        if let Some(text) = text {
            put(&mut object, name, text.as_str());
        }
    }
    Value::Object(object)
}
