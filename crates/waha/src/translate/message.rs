use std::borrow::Cow;

use wachats_core::{ChatId, ChatKind, Message, MessageId, MessageKind, RawJson, Reply};

use super::{Context, contents, text, time};
use crate::wire::{Data, WireMessage, WireReply};

/// A message. Chat and sender follow from its id, the one part that means the same on every engine.
pub(crate) fn message(
    mut wire: WireMessage,
    raw: Option<RawJson>,
    cx: &Context<'_>,
) -> Result<Message, Cow<'static, str>> {
    let id = wire.id.take().and_then(|key| key.0).ok_or("it has no usable id")?;
    let key_chat = || wire.data.as_ref().and_then(|d| d.key.as_ref()?.remote_jid.as_ref()?.id.clone());
    let chat = id.chat().cloned().or_else(key_chat).or_else(|| cx.chat.clone()).ok_or("it tells no chat")?;
    let from_me = id.from_me().or(wire.from_me).ok_or("it doesn't tell whose it is")?;
    let participant = participant(&id, &wire, &chat);
    let mut message = Message::in_chat(chat, id.key().clone(), from_me, participant.clone());
    if id.is_full() {
        message.id = id;
    }
    message.raw = raw;
    message.sender_id = if from_me {
        cx.account.clone().or(participant).or_else(|| own_id(&wire, &message.chat_id))
    } else {
        participant.or_else(|| (!has_participants(&message.chat_id)).then(|| message.chat_id.clone()))
    };
    message.sent_at = time(wire.timestamp);
    message.kind = contents::kind(&wire);
    message.ack = contents::ack(wire.ack, wire.data.as_deref());
    message.media = contents::media(&mut wire, &message.kind, cx);
    message.location = contents::location(&mut wire);
    message.contacts = contents::contacts(&mut wire, &message.kind);
    message.source = wire.source.map(|word| word.0).filter(|_| from_me);
    message.reply_to = wire.reply_to.and_then(reply);
    // of these the body is a thumbnail, the card itself or nothing
    let worded = !matches!(message.kind, MessageKind::Location | MessageKind::Contact | MessageKind::Revoked);
    message.text = text(wire.body).filter(|_| worded);
    if let Some(mut data) = wire.data {
        message.reactions = contents::reactions(&mut data, &message.chat_id, cx.account.as_ref());
        engine_facts(&mut message, data);
    }
    Ok(message)
}

/// Who wrote a message of a group or a status post.
fn participant(id: &MessageId, wire: &WireMessage, chat: &ChatId) -> Option<ChatId> {
    if !has_participants(chat) {
        return None;
    }
    let of = |jid: &Option<crate::wire::Jid>| jid.as_ref().and_then(|jid| jid.id.clone());
    id.participant()
        .cloned()
        .or_else(|| of(&wire.participant))
        .or_else(|| of(&wire.author))
        .or_else(|| of(&wire.data.as_ref()?.key.as_ref()?.participant))
        .or_else(|| of(&wire.data.as_ref()?.info.as_ref()?.sender))
}

/// Of any other chat, channels too, what isn't one's own comes from the chat itself.
fn has_participants(chat: &ChatId) -> bool {
    matches!(chat.kind(), ChatKind::Group | ChatKind::Status | ChatKind::Broadcast)
}

/// The account's own id where an own message shows it: WEBJS and WPP in `from`, GOWS in its raw object.
fn own_id(wire: &WireMessage, chat: &ChatId) -> Option<ChatId> {
    let from = wire.from.as_ref().and_then(|jid| jid.id.clone());
    from.filter(|from| from != chat && from.kind() == ChatKind::User)
        .or_else(|| wire.data.as_ref()?.info.as_ref()?.sender.as_ref()?.id.clone().filter(|id| id != chat))
}

fn reply(wire: WireReply) -> Option<Reply> {
    let mut reply = Reply::new(wire.id?.0?.key().clone());
    reply.sender_id = wire.participant.and_then(|jid| jid.id);
    reply.text = text(wire.body);
    Some(reply)
}

/// What only the engine's own object tells. Where there is one and it doesn't say "edited", it is not.
fn engine_facts(message: &mut Message, data: Box<Data>) {
    let info = data.info;
    let web = data.kind.is_some();
    let protocol = data.message.is_some() || data.message_stub_type.is_some();
    if !(web || protocol) {
        return;
    }
    let name = data.notify_name.or(data.push_name).or_else(|| info.as_ref()?.push_name.clone());
    message.sender_name = text(name);
    let marked = data.is_edit == Some(true)
        || info.as_ref().and_then(|i| i.edit.as_deref()).is_some_and(|edit| edit == "1")
        || data.message.as_ref().is_some_and(|proto| proto.edited)
        || data.latest_edit_msg_key.is_some()
        || data.latest_edit_sender_timestamp_ms.is_some_and(|at| at.0 > 0.0);
    message.edited = Some(marked);
    message.revoked = Some(message.kind == MessageKind::Revoked);
    let forwarded = data.message.and_then(|proto| proto.inner?.context_info?.is_forwarded);
    message.forwarded = Some(data.is_forwarded.or(forwarded).unwrap_or(false));
}
