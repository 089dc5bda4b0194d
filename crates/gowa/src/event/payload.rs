use serde_json::Value;
use wachats_core::delivery::Fields;
use wachats_core::{
    Ack, CallAction, ChatId, ChatKind, Event, EventKind, GroupAction, LabelAction, MessageKey, PresenceState,
};

use super::Envelope;
use super::content::chat_of;

/// Events that belong to a message, in the form of v8.0 and later.
impl Envelope<'_> {
    pub(super) fn reaction(&self, payload: &Value) -> Option<Event> {
        let emoji = payload.text("reaction").map(str::to_owned);
        self.reacted(
            chat_of(payload)?,
            payload.key("reacted_message_id")?,
            emoji,
            payload.chat("from"),
            payload.key("id"),
        )
    }

    pub(super) fn reacted(
        &self,
        chat: ChatId,
        target: MessageKey,
        emoji: Option<String>,
        sender_id: Option<ChatId>,
        own: Option<MessageKey>,
    ) -> Option<Event> {
        let key =
            self.key("reaction").part(&chat).part(&target).maybe(sender_id.as_ref()).maybe(emoji.as_ref());
        let key = key.maybe(own).at(self.at);
        // whose message it was isn't told
        let kind = EventKind::Reaction { message_key: target, message_from_me: None, emoji, sender_id };
        Some(self.event(kind, key, Some(chat)))
    }

    pub(super) fn edited(&self, payload: &Value) -> Option<Event> {
        let text = payload.text("body").map(str::to_owned);
        let target = payload.key("original_message_id")?;
        self.edit(chat_of(payload)?, target, payload.flag("is_from_me"), text, payload.key("id"))
    }

    pub(super) fn edit(
        &self,
        chat: ChatId,
        target: MessageKey,
        from_me: Option<bool>,
        text: Option<String>,
        own: Option<MessageKey>,
    ) -> Option<Event> {
        let key = self.key("message_edited").part(&chat).part(&target).maybe(own).at(self.at);
        let kind = EventKind::MessageEdited { message_key: target, message_from_me: from_me, text };
        Some(self.event(kind, key, Some(chat)))
    }

    pub(super) fn revoked(&self, payload: &Value) -> Option<Event> {
        self.revocation(chat_of(payload)?, payload, payload.flag("is_from_me"))
    }

    /// `revoked_from_me` is said by whoever revoked: of another's revocation it means "theirs".
    pub(super) fn revocation(&self, chat: ChatId, value: &Value, by_me: Option<bool>) -> Option<Event> {
        let target = value.key("revoked_message_id")?;
        let from_me = match (by_me, value.flag("revoked_from_me")) {
            (Some(true), told) => told,
            (Some(false), Some(true)) => Some(false),
            (by_me, _) if chat.kind() == ChatKind::User => by_me,
            _ => None,
        };
        Some(self.deletion(chat, target, from_me))
    }

    /// Deleted for the account alone.
    pub(super) fn deleted(&self, value: &Value) -> Option<Event> {
        let chat = value.chat("chat_id").or_else(|| value.chat("original_chat"))?;
        Some(self.deletion(chat, value.key("deleted_message_id")?, value.flag("was_from_me")))
    }

    fn deletion(&self, chat: ChatId, target: MessageKey, from_me: Option<bool>) -> Event {
        let whose = from_me.filter(|_| chat.kind() == ChatKind::User);
        let key = self.key("message_deleted").part(&chat).part(&target).flag(whose);
        let kind = EventKind::MessageDeleted { message_key: target, message_from_me: from_me };
        self.event(kind, key, Some(chat))
    }

    /// One event for each message. Receipts that say nothing of how far it got (`retry`, `sender`) are not known.
    pub(super) fn acks(&self, payload: &Value) -> Option<Vec<Event>> {
        let chat = chat_of(payload)?;
        let (ack, from_me) = match payload.text("receipt_type")?.replace('_', "-").as_str() {
            "delivered" => (Ack::Device, true),
            "read" => (Ack::Read, true),
            "played" => (Ack::Played, true),
            // the account read others' messages on another device
            "read-self" => (Ack::Read, false),
            "played-self" => (Ack::Played, false),
            _ => return None,
        };
        let reader = payload.chat("from").or_else(|| payload.chat("sender_id"));
        let of = |id: &Value| {
            let message_key: MessageKey = id.as_str()?.parse().ok()?;
            let key = self.key("message_ack").part(&chat).part(&message_key).flag(Some(from_me)).part(&ack);
            let key = key.maybe(reader.as_ref());
            let kind =
                EventKind::MessageAck { message_key, message_from_me: Some(from_me), ack: ack.clone() };
            Some(self.event(kind, key, Some(chat.clone())))
        };
        Some(payload.items("ids").iter().filter_map(of).collect())
    }
}

/// Events of chats, groups, labels and calls.
impl Envelope<'_> {
    pub(super) fn presence(&self, payload: &Value) -> Option<Event> {
        let chat = chat_of(payload)?;
        let sender_id = payload.chat("from");
        let presence = match (PresenceState::from(payload.text("state")?), payload.text("media")) {
            (PresenceState::Composing, Some("audio")) => PresenceState::Recording,
            (state, _) => state,
        };
        let key = self.key("presence").part(&chat).maybe(sender_id.as_ref()).part(&presence).at(self.at);
        Some(self.event(EventKind::Presence { sender_id, presence, last_seen_at: None }, key, Some(chat)))
    }

    /// Members changed, or the account itself joined (`group.joined`).
    pub(super) fn group(&self, payload: &Value) -> Option<Event> {
        let chat = payload.chat("chat_id")?;
        let action = GroupAction::from(payload.text("type")?);
        let participant_ids = payload.chats("jids");
        let mut key = self.key("group_changed").part(&chat).part(&action).at(self.at);
        for id in &participant_ids {
            key = key.part(id);
        }
        Some(self.event(EventKind::GroupChanged { action, participant_ids, by_id: None }, key, Some(chat)))
    }

    pub(super) fn call(&self, payload: &Value) -> Option<Event> {
        let call_id = payload.label("call_id")?;
        let group = payload.chat("group_jid");
        let key = self.key("call").part(&call_id).part(CallAction::Offer);
        let is_group = Some(group.is_some());
        let chat = group.or_else(|| payload.chat("from"));
        Some(self.event(
            EventKind::Call { call_id, action: CallAction::Offer, is_video: None, is_group },
            key,
            chat,
        ))
    }

    pub(super) fn label(&self, payload: &Value) -> Option<Event> {
        let label_id = payload.label("label_id")?;
        let deleted = payload.flag("deleted").unwrap_or(false);
        let action = if deleted { LabelAction::Deleted } else { LabelAction::Upserted };
        let label_name = payload.text("name").map(str::to_owned);
        let key = self.key("label").part(&label_id).part(&action).maybe(label_name.as_ref()).at(self.at);
        Some(self.event(EventKind::Label { label_id, label_name, action }, key, None))
    }

    pub(super) fn chat_label(&self, payload: &Value) -> Option<Event> {
        let chat = payload.chat("chat_id")?;
        let label_id = payload.label("label_id")?;
        let action = if payload.flag("labeled")? { LabelAction::Added } else { LabelAction::Removed };
        let key = self.key("label").part(&label_id).part(&action).part(&chat).at(self.at);
        Some(self.event(EventKind::Label { label_id, label_name: None, action }, key, Some(chat)))
    }
}
