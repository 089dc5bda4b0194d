//! The gateway's two tables, made from the world: what a row says and which messages have one.

use chrono::{DateTime, FixedOffset};

use super::gateway::Gateway;
use super::profile::{Slot, Version};
use crate::world::{Chat, Content, MediaKind, Message, Reaction, ids};

/// A row of the chats' table.
pub(super) struct ChatRow {
    pub(super) jid: String,
    /// The name kept, which is what a search looks at; groups and channels never learn their real one.
    pub(super) stored_name: String,
    pub(super) last_ms: Option<i64>,
    pub(super) created_ms: i64,
    pub(super) ephemeral: u32,
    pub(super) archived: bool,
}

/// A row of the messages' table.
pub(super) struct MessageRow {
    pub(super) id: String,
    pub(super) chat_jid: String,
    pub(super) sender: String,
    pub(super) content: String,
    pub(super) at_ms: i64,
    pub(super) from_me: bool,
    pub(super) media_type: &'static str,
    pub(super) call_metadata: Option<String>,
    pub(super) filename: String,
    pub(super) url: String,
    pub(super) length: u64,
    pub(super) reactions: Vec<Reaction>,
    pub(super) message: Message,
}

impl Gateway {
    /// The chats of a slot, last active first.
    pub(super) fn chat_rows(&self, slot: Option<&Slot>) -> Vec<ChatRow> {
        if !self.sees_rows(slot) {
            return Vec::new();
        }
        let mut rows: Vec<ChatRow> = self.world.chats().iter().map(|chat| self.chat_row(chat)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.last_ms));
        rows
    }

    /// The chat with exactly this JID.
    pub(super) fn find_chat(&self, slot: Option<&Slot>, jid: &str) -> Option<ChatRow> {
        let chat = self.world.chat(jid).filter(|_| self.sees_rows(slot))?;
        Some(self.chat_row(&chat)).filter(|row| row.jid == jid)
    }

    fn chat_row(&self, chat: &Chat) -> ChatRow {
        let user = ids::user_of(&chat.id);
        let stored_name = match ids::server_of(&chat.id) {
            "g.us" => format!("Group {user}"),
            "newsletter" => format!("Newsletter {user}"),
            "broadcast" => "Status".to_owned(),
            _ => chat.name.clone().unwrap_or_default(),
        };
        let inner = self.inner();
        ChatRow {
            jid: ids::protocol(&chat.id),
            stored_name,
            last_ms: chat.last_activity_ms,
            created_ms: chat.created_ms.or(chat.last_activity_ms).unwrap_or_else(|| self.world.now_ms()),
            ephemeral: inner.local.timers.get(&chat.id).copied().unwrap_or(chat.ephemeral_seconds),
            archived: inner.local.archived.get(&chat.id).copied().unwrap_or(chat.archived),
        }
    }

    /// The stored messages of a chat, newest first.
    pub(super) fn message_rows(&self, jid: &str) -> Vec<MessageRow> {
        let chat = ids::canonical(jid);
        let mut messages = self.world.messages(&chat);
        {
            let local = &self.inner().local;
            let place = |message: &Message| (message.chat.clone(), message.key.clone());
            messages.retain(|message| !local.gone.contains(&place(message)));
            messages.retain(|message| !local.kept.contains_key(&place(message)));
            messages.extend(local.kept.values().filter(|message| message.chat == chat).cloned());
        }
        messages.sort_by_key(|message| std::cmp::Reverse((message.sent_at_ms, message.seq)));
        messages.into_iter().filter_map(|message| self.message_row(message)).collect()
    }

    /// A stored message by its id, in whatever chat it is.
    pub(super) fn find_message(&self, slot: Option<&Slot>, id: &str) -> Option<MessageRow> {
        if !self.sees_rows(slot) {
            return None;
        }
        let key = id.strip_prefix("call:").unwrap_or(id);
        let kept = self.inner().local.kept.values().find(|message| message.key == key).cloned();
        let message =
            kept.or_else(|| self.world.find_message(key)).or_else(|| self.world.find_message(id))?;
        let place = (message.chat.clone(), message.key.clone());
        if self.inner().local.gone.contains(&place) {
            return None;
        }
        self.message_row(message).filter(|row| row.id == id)
    }

    /// Keeps the row of a message as it is now: the gateway is about to change the message, not its copy.
    pub(super) fn keep(&self, message: &Message) {
        let place = (message.chat.clone(), message.key.clone());
        self.inner().local.kept.entry(place).or_insert_with(|| message.clone());
    }

    /// Removes a row.
    pub(super) fn forget(&self, chat: &str, key: &str) {
        let place = (chat.to_owned(), key.to_owned());
        let mut inner = self.inner();
        inner.local.kept.remove(&place);
        inner.local.gone.insert(place);
    }

    /// `None` for what the gateway doesn't store: others' polls, notices, kinds it doesn't know, and messages deleted
    /// for everyone.
    fn message_row(&self, message: Message) -> Option<MessageRow> {
        let api = message.via_api && message.from_me;
        let content = match &message.content {
            Content::Text(text) | Content::Link { text, .. } => text.clone(),
            Content::Media(media) => media.caption.clone().unwrap_or_default(),
            Content::Location(place) if api => format!("📍 {}, {}", place.latitude, place.longitude),
            Content::Location(place) => {
                let link = format!("https://maps.google.com/?q={},{}", place.latitude, place.longitude);
                let named = [place.name.clone(), place.address.clone(), Some(link)];
                named.into_iter().flatten().collect::<Vec<_>>().join(" — ")
            }
            Content::Contacts(cards) => contact_summary(cards, api),
            Content::Poll(poll) if api => format!("📊 {}", poll.question),
            Content::Call(_) if self.profile.since(Version::V8_4) && !message.from_me => {
                "Incoming call".to_owned()
            }
            _ => return None,
        };
        let is_call = matches!(message.content, Content::Call(_));
        let (media_type, filename, url, length) = match message.content.media() {
            Some(media) => {
                let (kind, ending) = match media.kind {
                    MediaKind::Image => ("image", "jpg"),
                    MediaKind::Video => ("video", "mp4"),
                    MediaKind::Audio | MediaKind::Voice => ("audio", "ogg"),
                    MediaKind::Sticker => ("sticker", "webp"),
                    MediaKind::Document => ("document", ""),
                };
                let given = media.file_name.clone().filter(|_| media.kind == MediaKind::Document);
                let name = given.unwrap_or_else(|| made_up_name(kind, ending, &content, message.sent_at()));
                let url =
                    format!("https://mmg.whatsapp.net/v/t62.7118-24/{}.enc?ccb=11-4&oh=01", message.key);
                (kind, name, url, media.size)
            }
            None => (if is_call { "call" } else { "" }, String::new(), String::new(), 0),
        };
        let sender = if api { self.device_jid() } else { ids::protocol(&self.world.sender_of(&message)) };
        let call_id = message.key.strip_prefix("call:").unwrap_or(&message.key);
        let id = if is_call { format!("call:{call_id}") } else { message.key.clone() };
        let call_metadata =
            is_call.then(|| serde_json::json!({"auto_rejected": false, "call_id": call_id}).to_string());
        Some(MessageRow {
            id,
            chat_jid: ids::protocol(&message.chat),
            sender,
            content,
            at_ms: message.sent_at_ms,
            from_me: message.from_me,
            media_type,
            call_metadata,
            filename,
            url,
            length,
            reactions: message.reactions.clone(),
            message,
        })
    }

    /// The name shown beside a sender since v9.0.1: address book, then the sender's own, then the number.
    pub(super) fn display_name(&self, jid: &str, from_me: bool) -> String {
        let id = ids::canonical(jid);
        let account = self.world.account();
        if from_me || id == account.id {
            return account.name;
        }
        let id = self.world.phone_of(&id).unwrap_or(id);
        let contact = self.world.contact(&id);
        let name = contact.and_then(|contact| contact.name.or(contact.push_name));
        name.unwrap_or_else(|| ids::user_of(&id).to_owned())
    }
}

impl ChatRow {
    /// The name shown: since v8.8.0 an empty one is filled from the JID.
    pub(super) fn shown_name(&self, version: Version) -> String {
        shown_name(&self.jid, &self.stored_name, version)
    }
}

/// See [`ChatRow::shown_name`].
pub(super) fn shown_name(jid: &str, stored: &str, version: Version) -> String {
    if !stored.is_empty() || version < Version::V8_8 {
        return stored.to_owned();
    }
    let user = ids::user_of(jid);
    match ids::server_of(jid) {
        "g.us" => format!("Group {user}"),
        "newsletter" => format!("Newsletter {user}"),
        "broadcast" => "Status".to_owned(),
        _ => user.to_owned(),
    }
}

fn contact_summary(cards: &[crate::world::Card], api: bool) -> String {
    let phone = |card: &crate::world::Card| {
        let digits =
            card.vcard.split("waid=").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or_default();
        if digits.is_empty() { String::new() } else { format!(" (+{digits})") }
    };
    match cards {
        [card] if api => format!("👤 {}{}", card.name, phone(card)),
        [card] => format!("Contact: {}{}", card.name, phone(card)),
        cards => {
            let names: Vec<String> =
                cards.iter().map(|card| format!("{}{}", card.name, phone(card))).collect();
            format!("Contacts: {}", names.join(", "))
        }
    }
}

/// Only documents bring a name; for the rest the gateway makes one up when the message comes in.
fn made_up_name(kind: &str, ending: &str, caption: &str, at: i64) -> String {
    let time = DateTime::from_timestamp(at, 0).unwrap_or_default();
    let mut name = format!("{kind}_{}", time.format("%Y%m%d_%H%M%S"));
    if !caption.is_empty() {
        let clean = caption.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        name.push('_');
        name.extend(clean.take(30));
    }
    if !ending.is_empty() {
        name.push('.');
        name.push_str(ending);
    }
    name
}

/// A time as rows show it; without one Go's zero time.
pub(super) fn shown_time(ms: Option<i64>) -> String {
    match ms.and_then(DateTime::from_timestamp_millis) {
        Some(time) => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        None => "0001-01-01T00:00:00Z".to_owned(),
    }
}

/// A time as SQLite keeps it. Filters compare these texts, so an offset other than UTC gives wrong answers.
pub(super) fn stored_time(time: &DateTime<FixedOffset>) -> String {
    let mut text = time.format("%Y-%m-%d %H:%M:%S").to_string();
    let fraction = time.timestamp_subsec_nanos();
    if fraction > 0 {
        let digits = format!("{fraction:09}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push_str(&time.format("%:z").to_string());
    text
}

/// SQLite's `LIKE`: `%` and `_` are wildcards, letters match without case in ASCII only.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().map(|c| c.to_ascii_lowercase()).collect();
    let text: Vec<char> = text.chars().map(|c| c.to_ascii_lowercase()).collect();
    like_chars(&pattern, &text)
}

fn like_chars(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => {
            (0..=text.len()).any(|skip| like_chars(rest, text.get(skip..).unwrap_or_default()))
        }
        ['_', rest @ ..] => text.split_first().is_some_and(|(_, text)| like_chars(rest, text)),
        [wanted, rest @ ..] => {
            text.split_first().is_some_and(|(first, text)| first == wanted && like_chars(rest, text))
        }
    }
}
