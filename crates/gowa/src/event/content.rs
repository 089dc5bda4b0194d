use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;
use wachats_core::delivery::Fields;
use wachats_core::{
    ChatId, ChatKind, ContactCard, DedupeKey, Event, EventKind, Location, MediaInfo, Message, MessageKey,
    MessageKind, Reply,
};

use super::Envelope;
use crate::translate::is_number;

/// The keys under which a message's media stand.
const MEDIA: [(&str, MessageKind); 6] = [
    ("image", MessageKind::Image),
    ("video", MessageKind::Video),
    ("video_note", MessageKind::Video),
    // voice notes too: the gateway doesn't tell the two apart
    ("audio", MessageKind::Audio),
    ("document", MessageKind::Document),
    ("sticker", MessageKind::Sticker),
];

/// A message as either form tells it.
pub(super) struct Told<'a> {
    pub(super) key: MessageKey,
    pub(super) chat: ChatId,
    pub(super) sender: Option<ChatId>,
    pub(super) from_me: bool,
    pub(super) name: Option<&'a str>,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) text: Option<&'a str>,
    pub(super) reply_to: Option<Reply>,
    /// What holds the keys of media, places and cards.
    pub(super) content: &'a Value,
}

impl<'a> Told<'a> {
    /// The payload of v8.0 and later.
    pub(super) fn of_payload(payload: &'a Value) -> Option<Self> {
        let sender = payload.chat("from");
        let chat = chat_of(payload)?;
        let mut reply_to = payload.key("replied_to_id").map(Reply::new);
        if let Some(reply) = &mut reply_to {
            reply.text = payload.text("quoted_body").map(str::to_owned);
        }
        Some(Self {
            key: payload.key("id")?,
            // before v8.3 it doesn't say whose it is; in a chat of two it is the other's who is the chat
            from_me: payload
                .flag("is_from_me")
                .unwrap_or_else(|| chat.kind() == ChatKind::User && sender.as_ref() != Some(&chat)),
            // v9.0.1 has the address book's name, else what the sender calls themselves
            name: payload.text("sender_display_name").filter(|n| !is_number(n)).or(payload.text("from_name")),
            at: payload.rfc3339("timestamp"),
            text: payload.text("body"),
            reply_to,
            content: payload,
            chat,
            sender,
        })
    }
}

/// The chat: by phone where the lid of the chat is the sender's and the sender is told by phone.
pub(super) fn chat_of(payload: &Value) -> Option<ChatId> {
    let chat = payload.chat("chat_id")?;
    match payload.chat("from") {
        Some(from)
            if chat.is_lid() && from.is_phone() && payload.chat("from_lid").as_ref() == Some(&chat) =>
        {
            Some(from)
        }
        _ => Some(chat),
    }
}

impl Envelope<'_> {
    pub(super) fn message(&self, told: Told<'_>) -> Option<Event> {
        let many = matches!(told.chat.kind(), ChatKind::Group | ChatKind::Status | ChatKind::Broadcast);
        let participant = told.sender.clone().filter(|_| many && !told.from_me);
        let mut message = Message::in_chat(told.chat, told.key, told.from_me, participant);
        message.sender_id = if told.from_me { told.sender.or_else(|| self.me.clone()) } else { told.sender };
        message.sender_name = told.name.filter(|name| !is_number(name)).map(str::to_owned);
        message.sent_at = told.at;
        message.reply_to = told.reply_to;
        // written where it is true
        message.forwarded = Some(told.content.flag("forwarded").unwrap_or(false));
        message.text = told.text.map(str::to_owned);
        self.fill(&mut message, told.content);
        let key = DedupeKey::message(&self.account, &message.chat_id, &message);
        let chat = Some(message.chat_id.clone());
        let from_me = message.from_me;
        let message = Box::new(message);
        let kind =
            if from_me { EventKind::MessageSent { message } } else { EventKind::MessageReceived { message } };
        Some(self.event(kind, key, chat))
    }

    fn fill(&self, message: &mut Message, content: &Value) {
        for (key, kind) in MEDIA {
            let value = content.inner(key);
            if value.is_null() {
                continue;
            }
            message.kind = kind;
            message.text = message.text.take().or_else(|| value.text("caption").map(str::to_owned));
            message.media = Some(media(value, self.source.base.as_ref()));
            return;
        }
        if let Some(place) =
            ["location", "live_location"].into_iter().find_map(|key| place(content.inner(key)))
        {
            message.kind = MessageKind::Location;
            message.location = Some(place);
            return;
        }
        let one = content.inner("contact");
        let cards: Vec<_> = if one.is_object() {
            vec![card(one)]
        } else {
            content.items("contacts_array").iter().map(card).collect()
        };
        if !cards.is_empty() {
            message.kind = MessageKind::Contact;
            message.contacts = Some(cards);
            return;
        }
        // polls, invitations and other kinds that the gateway doesn't read come without any content
        if message.text.is_some() {
            message.kind = MessageKind::Text;
        }
    }
}

/// A path, or an object of path (v7: `media_path`) and caption, or of WhatsApp's own address, whose bytes are
/// encrypted: the gateway fetches those by the message's id.
fn media(value: &Value, base: Option<&Url>) -> MediaInfo {
    let path = value.as_str().or_else(|| value.text("path")).or_else(|| value.text("media_path"));
    let path = path.filter(|path| !path.is_empty() && !path.contains(".."));
    let mut media = MediaInfo::new();
    media.url = path.and_then(|path| match base {
        Some(base) => base
            .join(path.trim_start_matches('/'))
            .ok()
            .filter(|url| url.origin() == base.origin())
            .map(String::from),
        None => Some(path.to_owned()),
    });
    media.mime_type = value.text("mime_type").map(str::to_owned);
    media.file_name = value.text("filename").map(str::to_owned);
    media
}

fn place(value: &Value) -> Option<Location> {
    let mut place = Location::new(value.number("degreesLatitude")?, value.number("degreesLongitude")?);
    place.name = value.text("name").map(str::to_owned);
    place.address = value.text("address").map(str::to_owned);
    Some(place)
}

fn card(value: &Value) -> ContactCard {
    let text = |key| value.text(key).map(str::to_owned);
    ContactCard::new(text("displayName"), text("vcard"))
}
