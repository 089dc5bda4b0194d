use wachats_core::delivery::Fields;
use wachats_core::{CallAction, ChatKind, Event, EventKind, GroupAction, LabelAction, PresenceState};

use super::{Envelope, dated};
use crate::backend::session_state;

/// Events of chats, groups, labels, calls and the session.
impl Envelope<'_> {
    pub(super) fn archived(&self) -> Option<Event> {
        let chat = self.payload.chat("id")?;
        let archived = self.payload.flag("archived")?;
        // the payload's time is that of the chat's last message, and the same for archiving it again
        let at = self.at.or_else(|| self.payload.seconds_or_millis("timestamp"));
        let key = self.key("chat_archived").part(&chat).flag(Some(archived));
        let key = dated(key, at, self.payload);
        Some(self.event(EventKind::ChatArchived { archived }, key, Some(chat), at))
    }

    /// One event for each person.
    pub(super) fn presences(&self) -> Option<Vec<Event>> {
        let chat = self.payload.chat("id")?;
        let of = |item: &serde_json::Value| {
            let alone = || (chat.kind() == ChatKind::User).then(|| chat.clone());
            let sender_id = item.chat("participant").or_else(alone);
            let presence = match item.text("lastKnownPresence")? {
                "online" => PresenceState::Available,
                "offline" => PresenceState::Unavailable,
                "typing" => PresenceState::Composing,
                word => PresenceState::from(word),
            };
            let last_seen_at = item.seconds("lastSeen");
            let key = self.key("presence").part(&chat).maybe(sender_id.as_ref()).part(&presence);
            let key = dated(key.at(last_seen_at), self.at.or(last_seen_at), item);
            let kind = EventKind::Presence { sender_id, presence, last_seen_at };
            Some(self.event(kind, key, Some(chat.clone()), None))
        };
        Some(self.payload.items("presences").iter().filter_map(of).collect())
    }

    /// The account itself came to a group or left it; the delivery lists all members, not who came.
    pub(super) fn own_membership(&self, action: GroupAction) -> Option<Event> {
        self.group(action, self.me.clone().into_iter().collect(), "")
    }

    pub(super) fn participants(&self) -> Option<Event> {
        let action = GroupAction::from(self.payload.text("type")?);
        let participants = self.payload.items("participants");
        let ids =
            participants.iter().filter_map(|p| p.chat("id").or_else(|| wachats_core::delivery::chat(p)));
        self.group(action, ids.collect(), "")
    }

    /// One event for each of name, description and the rest: an update has the changed fields alone.
    pub(super) fn group_changes(&self) -> Option<Vec<Event>> {
        let group = self.payload.inner("group");
        let mut actions = Vec::new();
        for key in group.as_object()?.keys() {
            let action = match key.as_str() {
                "id" => continue,
                "subject" => GroupAction::Subject,
                "description" => GroupAction::Description,
                _ => GroupAction::Settings,
            };
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        let content = group.to_string();
        actions.into_iter().map(|action| self.group(action, Vec::new(), &content)).collect()
    }

    fn group(
        &self,
        action: GroupAction,
        participant_ids: Vec<wachats_core::ChatId>,
        content: &str,
    ) -> Option<Event> {
        let payload = self.payload;
        let chat = payload.inner("group").chat("id")?;
        let by_id = payload.inner("_data").chat("author");
        let at = payload.seconds_or_millis("timestamp").or(self.at);
        let mut key = self.key("group_changed").part(&chat).part(&action).at(at);
        for id in &participant_ids {
            key = key.part(id);
        }
        if !content.is_empty() {
            key = key.digest(content.as_bytes());
        }
        Some(self.event(EventKind::GroupChanged { action, participant_ids, by_id }, key, Some(chat), at))
    }

    pub(super) fn call(&self, action: CallAction) -> Option<Event> {
        let payload = self.payload;
        let call_id = payload.label("id")?;
        let key = self.key("call").part(&call_id).part(&action);
        let kind = EventKind::Call {
            call_id,
            action,
            is_video: payload.flag("isVideo"),
            is_group: payload.flag("isGroup"),
        };
        Some(self.event(kind, key, payload.chat("from"), payload.seconds("timestamp")))
    }

    /// The label itself; its name is `""` when it is deleted.
    pub(super) fn label(&self, action: LabelAction) -> Option<Event> {
        let label_id = self.payload.label("id")?;
        let label_name = self.payload.text("name").map(str::to_owned);
        let key = self.key("label").part(&label_id).part(&action).maybe(label_name.as_ref());
        let key = dated(key, self.at, self.payload);
        Some(self.event(EventKind::Label { label_id, label_name, action }, key, None, None))
    }

    /// The label on a chat.
    pub(super) fn chat_label(&self, action: LabelAction) -> Option<Event> {
        let chat = self.payload.chat("chatId")?;
        let label_id = self.payload.label("labelId")?;
        let label_name = self.payload.inner("label").text("name").map(str::to_owned);
        let key = self.key("label").part(&label_id).part(&action).part(&chat);
        let key = dated(key, self.at, self.payload);
        Some(self.event(EventKind::Label { label_id, label_name, action }, key, Some(chat), None))
    }

    pub(super) fn session(&self) -> Option<Event> {
        let word = self.payload.text("status")?;
        let last = self.payload.items("statuses").last().and_then(|status| status.millis("timestamp"));
        let at = self.at.or(last);
        let key = dated(self.key("session_state").part(word), at, self.payload);
        Some(self.event(EventKind::SessionState { state: session_state(word) }, key, None, at))
    }
}
