use super::send::{fill, written};
use super::{Data, Memory};
use crate::{
    Action, ChatId, ErrorKind, EventKind, Message, MessageId, MessageKind, Missing, Operation, Outcome,
    Reaction, Result,
};

impl Memory {
    pub(super) fn act(&self, action: Action) -> Result<Outcome> {
        let operation = action.operation();
        let used: Vec<_> = action.capabilities().into_iter().map(|c| (true, c)).collect();
        let mut data = self.begin(operation, &used)?;
        let mut outcome = Outcome::of(&action);
        if let Some((chat, reply_to)) = written(&action) {
            let content = |message: &mut Message| fill(message, &action);
            outcome.message_id = Some(self.send(&mut data, operation, chat, reply_to, content)?);
            return Ok(outcome);
        }
        if let Action::Forward { chat, id, to } = &action {
            outcome.message_id = Some(self.forward(&mut data, chat, id, to)?);
            return Ok(outcome);
        }
        if let Action::Typing { .. } = action {
            return Ok(outcome); // nobody looks
        }
        let Some(chat) = action.chat() else { return self.control(&mut data, action) };
        if let Some(id) = action.message() {
            let message = self.find(&mut data, chat, id, operation)?;
            outcome.message_id = Some(message.id.clone());
            let (chat_id, message_key) = (message.chat_id.clone(), message.key.clone());
            let message_from_me = Some(message.from_me);
            let mut told = None;
            match action {
                Action::EditMessage { text, .. } => {
                    if !message.from_me {
                        return Err(self.error(
                            ErrorKind::InvalidInput,
                            operation,
                            "only own messages can be edited",
                        ));
                    }
                    (message.text, message.edited) = (Some(text.clone()), Some(true));
                    told = Some(EventKind::MessageEdited { message_key, message_from_me, text: Some(text) });
                }
                Action::React { emoji, .. } => {
                    let reactions = message.reactions.get_or_insert_default();
                    reactions.retain(|r| r.from_me != Some(true));
                    let emoji = Some(emoji).filter(|emoji| !emoji.is_empty());
                    if let Some(emoji) = &emoji {
                        let mut reaction = Reaction::new(emoji);
                        reaction.from_me = Some(true);
                        reactions.push(reaction);
                    }
                    let sender_id = None;
                    told = Some(EventKind::Reaction { message_key, message_from_me, emoji, sender_id });
                }
                Action::DeleteMessage { chat, id, for_me: true } => {
                    data.messages.retain(|m| m.chat_id != chat || m.key != *id.key());
                }
                Action::DeleteMessage { .. } => {
                    (message.text, message.media) = (None, None);
                    (message.kind, message.revoked) = (MessageKind::Revoked, Some(true));
                    told = Some(EventKind::MessageDeleted { message_key, message_from_me });
                }
                _ => {} // the model doesn't tell stars and pins of messages
            }
            if let Some(kind) = told {
                data.tell(kind, &chat_id);
            }
            return Ok(outcome);
        }
        self.change_chat(&mut data, action)?;
        Ok(outcome)
    }

    fn change_chat(&self, data: &mut Data, action: Action) -> Result<()> {
        let Some(id) = action.chat().cloned() else { return Ok(()) };
        let chat = data
            .chats
            .iter_mut()
            .find(|c| c.id == id)
            .ok_or_else(|| self.missing(Missing::Chat, action.operation()))?;
        let archived = match action {
            Action::Archive { .. } => Some(true),
            Action::Unarchive { .. } => Some(false),
            _ => None,
        };
        match action {
            Action::Archive { .. } | Action::Unarchive { .. } => chat.archived = archived,
            Action::MarkRead { .. } => (chat.unread_count, chat.marked_unread) = (Some(0), Some(false)),
            Action::MarkUnread { .. } => chat.marked_unread = Some(true),
            Action::PinChat { .. } => chat.pinned = Some(true),
            Action::UnpinChat { .. } => chat.pinned = Some(false),
            Action::Disappearing { timer, .. } => chat.ephemeral_seconds = Some(timer.seconds()),
            Action::ClearMessages { .. } => data.messages.retain(|m| m.chat_id != id),
            Action::DeleteChat { .. } => {
                data.messages.retain(|m| m.chat_id != id);
                data.chats.retain(|c| c.id != id);
            }
            other => {
                return Err(self.error(
                    ErrorKind::Unsupported,
                    other.operation(),
                    "not known to the memory provider",
                ));
            }
        }
        if let Some(archived) = archived {
            data.tell(EventKind::ChatArchived { archived }, &id);
        }
        Ok(())
    }

    pub(super) fn find<'a>(
        &self,
        data: &'a mut Data,
        chat: &ChatId,
        id: &MessageId,
        operation: Operation,
    ) -> Result<&'a mut Message> {
        let found = data.messages.iter_mut().find(|m| {
            m.chat_id == *chat
                && m.key == *id.key()
                && id.from_me().is_none_or(|from_me| from_me == m.from_me)
        });
        found.ok_or_else(|| self.missing(Missing::Message, operation))
    }
}
