use serde_json::Value;
use wachats_core::delivery::Fields;
use wachats_core::{ChatId, ChatKind, Event, Reply};

use super::Envelope;
use super::content::Told;

/// The form of v7: no envelope, the account isn't named.
impl Envelope<'_> {
    pub(super) fn flat(&self) -> Option<Event> {
        let value = self.value;
        let message = value.inner("message");
        if value.text("action") == Some("event.delete_for_me") {
            return self.deleted(value);
        }
        let (sender, chat, from_me) = parties(value)?;
        match value.text("action") {
            Some("message_revoked") => return self.revocation(chat, value, Some(from_me)),
            Some("message_edited") => {
                // before v7.9.0 the original isn't named
                let target = value.key("original_message_id")?;
                let text = value.text("edited_text").or_else(|| message.text("text")).map(str::to_owned);
                return self.edit(chat, target, Some(from_me), text, message.key("id"));
            }
            Some(_) => return None,
            None => {}
        }
        let reaction = value.inner("reaction");
        if reaction.is_object() {
            let emoji = reaction.text("message").map(str::to_owned);
            return self.reacted(chat, reaction.key("id")?, emoji, sender, message.key("id"));
        }
        let mut reply_to = message.key("replied_id").map(Reply::new);
        if let Some(reply) = &mut reply_to {
            reply.text = message.text("quoted_message").map(str::to_owned);
        }
        self.message(Told {
            key: message.key("id")?,
            chat,
            sender,
            from_me,
            name: value.text("pushname"),
            at: value.rfc3339("timestamp"),
            text: message.text("text"),
            reply_to,
            content: value,
        })
    }
}

/// Who wrote in which chat, and whether it was the account. `from` is `SENDER`, or `SENDER in CHAT` where the two
/// differ: in a chat of two that is where the account wrote.
fn parties(value: &Value) -> Option<(Option<ChatId>, ChatId, bool)> {
    let wire = |text: &str| ChatId::from_wire(text.trim()).ok().filter(|_| text.contains('@'));
    let from = value.text("from").unwrap_or_default();
    if let Some((sender, chat)) = from.split_once(" in ") {
        let chat = wire(chat)?;
        let own = chat.kind() == ChatKind::User;
        return Some((wire(sender), chat, own));
    }
    let sender = wire(from).or_else(|| user(value.text("sender_id")?));
    let chat = wire(from).or_else(|| user(value.text("chat_id")?))?;
    Some((sender, chat, false))
}

/// An id of which the part before the `@` alone is told: groups' are longer than any number.
fn user(part: &str) -> Option<ChatId> {
    if part.contains('@') {
        return ChatId::from_wire(part).ok();
    }
    ChatId::phone(part).or_else(|_| ChatId::from_wire(&format!("{part}@g.us"))).ok()
}
