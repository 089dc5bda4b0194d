//! From the wire to the model. Pure: no I/O, no clock.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};
use wachats_core::{
    Chat, ChatId, ChatKind, MediaInfo, Message, MessageKey, MessageKind, RawJson, Reaction, Resolved,
    SessionState,
};

use crate::content::{self, Content};
use crate::wire;

type Translated<T> = std::result::Result<T, Cow<'static, str>>;

/// What the backend knows when it reads a page of messages.
pub(crate) struct Context {
    /// The chat that was asked for.
    pub(crate) chat: ChatId,
    /// The account's own id, where it was told before.
    pub(crate) account: Option<ChatId>,
    /// The server tells reactions (v8.6.0): a message without them has none.
    pub(crate) reactions_told: bool,
}

/// A time as RFC 3339. `""` (no row) and Go's zero time, of the year 1, are none.
pub(crate) fn time(text: Option<&str>) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text?).ok()?.with_timezone(&Utc);
    (time.year() > 1).then_some(time)
}

/// An id; `None` for what is empty or none. The device of a linked client is taken off.
pub(crate) fn id(text: Option<&str>) -> Option<ChatId> {
    ChatId::from_wire(text.filter(|text| text.contains('@'))?).ok()
}

/// A chat.
pub(crate) fn chat(wire: wire::Chat, raw: Option<RawJson>) -> Translated<Chat> {
    let id = id(wire.jid.as_deref()).ok_or("a chat without a jid that can be read")?;
    let mut chat = Chat::new(id);
    chat.name = wire.name.filter(|name| !is_made_up(name, &chat.id));
    chat.last_message_at = time(wire.last_message_time.as_deref());
    chat.archived = wire.archived;
    chat.ephemeral_seconds = wire.ephemeral_expiration;
    chat.raw = raw;
    Ok(chat)
}

/// Names that the gateway makes of the id where it knows none.
pub(crate) fn is_made_up(name: &str, id: &ChatId) -> bool {
    let user = id.user();
    match id.kind() {
        _ if name.trim().is_empty() || name == user || name.strip_prefix('+') == Some(user) => true,
        ChatKind::Group => name.strip_prefix("Group ") == Some(user),
        ChatKind::Channel => name.strip_prefix("Newsletter ") == Some(user),
        ChatKind::Status => name == "Status",
        _ => false,
    }
}

/// A message.
pub(crate) fn message(wire: wire::Message, raw: Option<RawJson>, known: &Context) -> Translated<Message> {
    let key: Option<MessageKey> = wire.id.as_deref().and_then(|id| id.parse().ok());
    let key = key.ok_or("a message without an id that can be read")?;
    let chat = id(wire.chat_jid.as_deref()).unwrap_or_else(|| known.chat.clone());
    let sender = id(wire.sender_jid.as_deref());
    let from_me = match wire.is_from_me {
        Some(from_me) => from_me,
        None if sender.is_some() && sender == known.account => true,
        None if sender.as_ref() == Some(&chat) => false,
        None => return Err("a message that doesn't tell whether it is one's own".into()),
    };
    // ids of messages in groups and of status posts carry who wrote them
    let many = matches!(chat.kind(), ChatKind::Group | ChatKind::Status | ChatKind::Broadcast);
    let participant = sender.clone().filter(|_| many && !from_me);
    let mut message = Message::in_chat(chat, key, from_me, participant);
    message.sender_id = match sender {
        Some(sender) if from_me && sender == message.chat_id && known.account.as_ref() != Some(&sender) => {
            known.account.clone()
        }
        None if from_me => known.account.clone(),
        sender => sender,
    };
    // since v9.0.1, and only where there are any since v8.6.0
    let reactions_told = known.reactions_told || wire.sender_display_name.is_some();
    message.sender_name = wire.sender_display_name.filter(|name| !is_number(name));
    message.sent_at = time(wire.timestamp.as_deref());
    message.reactions = match wire.reactions {
        Some(reactions) => Some(reactions.into_iter().filter_map(reaction).collect()),
        None => reactions_told.then(Vec::new),
    };
    let content = wire.content.filter(|content| !content.is_empty());
    match wire.media_type.as_deref().unwrap_or("") {
        "" => plain(&mut message, content),
        "call" => message.kind = MessageKind::Call,
        media => {
            message.kind = if media == "video_note" { MessageKind::Video } else { MessageKind::from(media) };
            // what the gateway writes for a voice note or an audio of its own
            message.text = content.filter(|text| media != "audio" || text != "🎵 Audio");
            let mut info = MediaInfo::new();
            // other kinds bring no name: the gateway makes one up as they come in
            info.file_name = wire.filename.filter(|name| media == "document" && !name.is_empty());
            info.size_bytes = wire.file_length.filter(|bytes| *bytes > 0);
            message.media = Some(info);
        }
    }
    message.raw = raw;
    Ok(message)
}

fn plain(message: &mut Message, content: Option<String>) {
    let Some(content) = content else {
        return;
    };
    match content::read(&content, message.from_me) {
        Content::Text => {
            message.kind = MessageKind::Text;
            message.text = Some(content);
        }
        Content::Place(place) => {
            message.kind = MessageKind::Location;
            message.location = Some(place);
        }
        Content::Cards(cards) => {
            message.kind = MessageKind::Contact;
            message.contacts = Some(cards);
        }
    }
}

/// A name that is but the number.
pub(crate) fn is_number(name: &str) -> bool {
    let name = name.trim();
    name.is_empty() || name.strip_prefix('+').unwrap_or(name).bytes().all(|b| b.is_ascii_digit())
}

fn reaction(wire: wire::Reaction) -> Option<Reaction> {
    let mut reaction = Reaction::new(wire.emoji.filter(|emoji| !emoji.is_empty())?);
    reaction.sender_id = id(wire.sender_jid.as_deref());
    reaction.from_me = wire.is_from_me;
    reaction.at = time(wire.timestamp.as_deref());
    Some(reaction)
}

/// Whether the account can be worked with, and a word more.
///
/// A socket that is down says "not logged in" of a paired account too: since v8.8.0 the JID tells it apart.
pub(crate) fn state(wire: &wire::AppStatus) -> (SessionState, Option<&'static str>) {
    let connected = wire.is_connected.unwrap_or(false);
    let paired = wire.jid.as_deref().is_some_and(|jid| !jid.is_empty());
    match wire.is_logged_in {
        Some(true) if connected => (SessionState::Working, None),
        Some(true) => (SessionState::Starting, Some("paired, not connected to WhatsApp")),
        Some(false) if paired && !connected => {
            (SessionState::Starting, Some("paired, not connected to WhatsApp"))
        }
        Some(false) => (SessionState::NeedsPairing, Some("no phone is paired")),
        None => (SessionState::Unknown, None),
    }
}

/// The account's own id in a status.
pub(crate) fn account(wire: &wire::AppStatus) -> Option<ChatId> {
    id(wire.jid.as_deref()).or_else(|| id(wire.device_id.as_deref()))
}

/// The two ids of a person of whom one was asked for.
pub(crate) fn resolved(asked: &ChatId, wire: &wire::UserInfo) -> Resolved {
    let phone = wire.resolved_phone.as_deref().and_then(|phone| match phone.contains('@') {
        true => id(Some(phone)),
        false => ChatId::phone(phone.trim_start_matches('+')).ok(),
    });
    let lid = id(wire.resolved_lid.as_deref());
    if asked.is_lid() {
        Resolved::new(phone.filter(ChatId::is_phone), Some(asked.clone()))
    } else {
        Resolved::new(Some(asked.clone()), lid.filter(ChatId::is_lid))
    }
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
