use std::borrow::Cow;

use wachats_core::{Ack, ChatId, Message, MessageKey, MessageKind, RawJson, Reply, Source};

use super::content::content;
use super::told;
use crate::wire::{Entry, Id};

/// An entry of a journal, before it is folded into the message it is about.
pub(crate) struct Row {
    /// What it would be by itself.
    pub(crate) message: Message,
    /// What it is about, where it isn't a message of its own.
    pub(crate) about: Option<About>,
    /// It couldn't be decrypted: the real message may follow under the same id.
    pub(crate) marked: bool,
    /// The second by which it has its place in a window, once that is sorted.
    pub(crate) at: i64,
}

/// The message that an entry changes.
pub(crate) enum About {
    /// A reaction to it; an empty emoji takes it back.
    Reaction(MessageKey),
    /// Its text was changed to the entry's own.
    Edit(MessageKey),
    /// It was deleted for everyone.
    Deletion(MessageKey),
}

impl About {
    /// The message.
    pub(crate) fn target(&self) -> &MessageKey {
        match self {
            Self::Reaction(key) | Self::Edit(key) | Self::Deletion(key) => key,
        }
    }
}

/// Reads an entry of a journal, or a notification of one. `account` is the own id, where known.
///
/// # Errors
/// Why no message can be made of it: it has no id or no chat (an entry that a send to a number without
/// WhatsApp leaves behind).
pub(crate) fn row(
    mut entry: Entry,
    raw: Option<RawJson>,
    account: Option<&ChatId>,
) -> Result<Row, Cow<'static, str>> {
    unwrap_notification(&mut entry);
    let key = match entry.id_message.take() {
        Id::Is(key) => key,
        Id::Odd => return Err("its idMessage is no id".into()),
        Id::None => return Err("it has no idMessage".into()),
    };
    let chat = match entry.chat_id.take() {
        Id::Is(chat) => chat,
        Id::Odd => return Err("its chatId is no id".into()),
        Id::None => return Err("it has no chatId".into()),
    };
    let from_me = is_own(&entry);
    let wid = entry.instance_data.take().and_then(|data| data.wid).and_then(|id| ChatId::from_wire(&id).ok());
    let sender = if from_me { account.cloned().or(wid) } else { author(&entry, &chat) };
    let participant = sender.clone().filter(|_| chat.is_group() && !from_me);

    let about = about(&entry);
    let edited = flag(entry.is_edited, matches!(about, Some(About::Edit(_))));
    let revoked = flag(entry.is_deleted, matches!(about, Some(About::Deletion(_))));
    let content = content(&mut entry);
    let mut message = Message::in_chat(chat, key, from_me, participant);
    message.sender_id = sender;
    message.sender_name = told(entry.sender_name).or(told(entry.sender_contact_name));
    message.sent_at = entry.timestamp.and_then(|stamp| stamp.time());
    message.kind = content.kind;
    message.text = content.text;
    message.media = content.media;
    message.location = content.location;
    message.contacts = content.contacts;
    message.reply_to = content.reply_to;
    message.forwarded = content.forwarded;
    message.edited = edited;
    message.revoked = revoked;
    if from_me {
        message.ack = entry.status_message.as_deref().and_then(ack);
        message.source = entry.send_by_api.map(|api| if api { Source::Api } else { Source::App });
    }
    message.raw = raw;
    match &about {
        Some(About::Deletion(target)) => message.reply_to = Some(Reply::new(target.clone())),
        None if revoked == Some(true) => empty(&mut message),
        _ => {}
    }
    Ok(Row { message, about, marked: content.marked, at: 0 })
}

/// A deleted message says nothing any more, as on every gateway; its raw JSON keeps what the journal has.
pub(crate) fn empty(message: &mut Message) {
    message.kind = MessageKind::Revoked;
    message.revoked = Some(true);
    message.text = None;
    message.media = None;
    message.location = None;
    message.contacts = Some(Vec::new());
}

/// Puts the parts of a notification where a journal has them.
fn unwrap_notification(entry: &mut Entry) {
    if let Some(sender) = entry.sender_data.take() {
        let sender = *sender;
        entry.chat_id = entry.chat_id.take().or(sender.chat_id);
        entry.sender_id = entry.sender_id.take().or(sender.sender);
        entry.sender_name = told(entry.sender_name.take()).or(sender.sender_name);
        entry.sender_contact_name = told(entry.sender_contact_name.take()).or(sender.sender_contact_name);
    }
    if let Some(webhook) = entry.type_webhook.as_deref() {
        let (direction, api, call) = match webhook {
            "incomingMessageReceived" => ("incoming", None, false),
            "outgoingMessageReceived" => ("outgoing", Some(false), false),
            "outgoingAPIMessageReceived" => ("outgoing", Some(true), false),
            "incomingCall" => ("incoming", None, true),
            "outgoingCall" => ("outgoing", None, true),
            _ => return,
        };
        entry.direction = Some(direction.into());
        entry.send_by_api = entry.send_by_api.or(api);
        if call {
            entry.type_message = Some(webhook.into());
            entry.chat_id = entry.chat_id.take().or(entry.from.take());
        }
    }
    if entry.type_webhook.is_some()
        && let Some(mut data) = entry.message_data.take()
    {
        data.id_message = entry.id_message.take();
        data.chat_id = entry.chat_id.take();
        data.timestamp = entry.timestamp;
        data.direction = entry.direction.take();
        data.sender_id = entry.sender_id.take();
        data.sender_name = entry.sender_name.take();
        data.sender_contact_name = entry.sender_contact_name.take();
        data.send_by_api = entry.send_by_api;
        data.instance_data = entry.instance_data.take();
        *entry = *data;
    }
}

/// `type` says it; where it is missing (as in the documents of 2023), what only own messages have.
fn is_own(entry: &Entry) -> bool {
    match entry.direction.as_deref() {
        Some("outgoing") => true,
        Some("incoming") => false,
        _ => {
            entry.status_message.is_some()
                || entry.send_by_api.is_some()
                || entry.type_message.as_deref() == Some("outgoingCall")
        }
    }
}

/// Who wrote a message that is not the account's: in a chat of two it is the other one.
fn author(entry: &Entry, chat: &ChatId) -> Option<ChatId> {
    entry.sender_id.get().cloned().or_else(|| (chat.is_phone() || chat.is_lid()).then(|| chat.clone()))
}

fn about(entry: &Entry) -> Option<About> {
    let key = |id: Option<&Id<MessageKey>>| id.and_then(Id::get).cloned();
    match entry.type_message.as_deref() {
        Some("reactionMessage") => {
            let quoted = entry.quoted_message.as_deref().map(|q| &q.stanza_id);
            let data = entry.extended_text_message_data.as_deref().map(|d| &d.stanza_id);
            key(quoted).or_else(|| key(data)).map(About::Reaction)
        }
        Some("deletedMessage") => {
            let data = entry.deleted_message_data.as_deref().map(|d| &d.stanza_id);
            key(data).or_else(|| key(Some(&entry.deleted_message_id))).map(About::Deletion)
        }
        Some("editedMessage") => {
            let data = entry.edited_message_data.as_deref().map(|d| &d.stanza_id);
            key(data).or_else(|| key(Some(&entry.edited_message_id))).map(About::Edit)
        }
        _ => key(Some(&entry.edited_message_id)).map(About::Edit),
    }
}

fn flag(told: Option<bool>, sure: bool) -> Option<bool> {
    if sure { Some(true) } else { told }
}

/// There is no word for "played".
fn ack(word: &str) -> Option<Ack> {
    Some(match word {
        "" => return None,
        "pending" => Ack::Pending,
        "sent" => Ack::Server,
        "delivered" => Ack::Device,
        "read" => Ack::Read,
        "failed" | "noAccount" | "notInGroup" | "yellowCard" => Ack::Error,
        other => Ack::Other(other.to_owned()),
    })
}
