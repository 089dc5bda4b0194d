use std::borrow::Cow;

use wachats_core::{Chat, ChatId, RawJson};

use super::{Context, message, text, time};
use crate::engine::Engine;
use crate::wire::{Number, Summary, WireChat};

/// The id of a chat, without which there is none.
pub(crate) fn chat_id(wire: &WireChat) -> Result<ChatId, Cow<'static, str>> {
    wire.id.as_ref().and_then(|jid| jid.id.clone()).ok_or(Cow::Borrowed("it has no usable id"))
}

/// The same of a chat in the overview.
pub(crate) fn summary_id(wire: &Summary) -> Result<ChatId, Cow<'static, str>> {
    let own = wire.id.as_ref().and_then(|jid| jid.id.clone());
    own.map_or_else(|| chat_id(wire.chat.as_ref().ok_or("it has no usable id")?), Ok)
}

/// A chat of `GET /chats`.
pub(crate) fn chat(id: ChatId, wire: WireChat, raw: Option<RawJson>, cx: &Context<'_>) -> Chat {
    let mut chat = Chat::new(id);
    chat.raw = raw;
    fill(&mut chat, wire, cx);
    chat
}

/// A chat of the overview.
pub(crate) fn summary(id: ChatId, wire: Summary, raw: Option<RawJson>, cx: &Context<'_>) -> Chat {
    let mut chat = Chat::new(id);
    chat.raw = raw;
    fill(&mut chat, wire.chat.unwrap_or_default(), cx);
    if let Some(name) = text(wire.name).filter(|name| !is_made_up(name, &chat.id)) {
        chat.name = Some(name);
    }
    chat.picture_url = text(wire.picture);
    if let Some(last) = wire.last_message {
        take_last(&mut chat, last, cx);
    }
    chat
}

fn take_last(chat: &mut Chat, wire: crate::wire::WireMessage, cx: &Context<'_>) {
    let other = wire.data.as_ref().and_then(|d| d.key.as_ref()?.remote_jid_alt.as_ref()?.id.clone());
    let cx = Context { chat: Some(chat.id.clone()), ..cx.clone() };
    let Ok(last) = message(wire, None, &cx) else { return };
    // where two chats of one person are merged, the message names the other one
    let other = other.into_iter().chain([last.chat_id.clone()]).find(|other| is_other_half(&chat.id, other));
    chat.alternate_id = chat.alternate_id.take().or(other);
    chat.last_message = Some(Box::new(last));
}

fn is_other_half(id: &ChatId, other: &ChatId) -> bool {
    (id.is_phone() && other.is_lid()) || (id.is_lid() && other.is_phone())
}

fn fill(chat: &mut Chat, wire: WireChat, cx: &Context<'_>) {
    let engine = cx.engine;
    let named = text(wire.name).or_else(|| text(wire.formatted_title));
    chat.name = named.filter(|name| !is_made_up(name, &chat.id));
    let last = wire.conversation_timestamp.or(wire.last_message_recv_timestamp);
    chat.last_message_at = time(wire.timestamp.or(wire.t).or(last));
    if let Some(Number(unread)) = wire.unread_count {
        chat.marked_unread = Some(unread < 0.0);
        chat.unread_count = (unread >= 0.0).then_some(unread as u64);
    }
    // NOWEB leaves out what was never set; GOWS tells none of it
    let left_out = (engine == Some(Engine::Noweb)).then_some(false);
    chat.archived = wire.archived.or(wire.archive).map(|flag| flag.0).or(left_out);
    chat.pinned = wire.pinned.or(wire.pin).map(|flag| flag.0).or(left_out);
    chat.muted = match (wire.mute_expiration, wire.mute_end_time, wire.is_muted) {
        (Some(Number(until)), _, _) => Some(is_muted(until, cx.now.timestamp() as f64)),
        (None, Some(Number(until)), _) => Some(is_muted(until, cx.now.timestamp_millis() as f64)),
        // WEBJS says "muted" too where it doesn't know
        (None, None, Some(true)) => None,
        (None, None, Some(false)) => Some(false),
        (None, None, None) => left_out,
    };
    let group = wire.group_metadata.and_then(|group| group.ephemeral_duration);
    let ephemeral = wire.ephemeral_expiration.or(wire.ephemeral_duration).or(group);
    chat.ephemeral_seconds = ephemeral.and_then(Number::count).or(left_out.map(|_| 0));
    let lid = wire.lid_jid.and_then(|jid| jid.id).filter(|other| is_other_half(&chat.id, other));
    chat.alternate_id = lid;
    if let Some(last) = wire.last_message {
        take_last(chat, *last, cx);
    }
}

/// −1 is "always", 0 "not", anything else the time until when.
fn is_muted(until: f64, now: f64) -> bool {
    until < 0.0 || until > now
}

/// WhatsApp Web shows the number of who has no name; that is no name.
fn is_made_up(name: &str, id: &ChatId) -> bool {
    let spaced = |c: char| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || matches!(c, '+' | '-' | '(' | ')' | '\u{202a}'..='\u{202e}')
    };
    name == id.as_str()
        || (name.chars().all(spaced) && name.chars().filter(char::is_ascii_digit).eq(id.user().chars()))
}
