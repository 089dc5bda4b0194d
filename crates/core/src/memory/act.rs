use chrono::{DateTime, Utc};

use super::{Data, Memory};
use crate::{
    Ack, Action, ChatId, ErrorKind, Message, MessageId, MessageKey, MessageKind, Missing, Operation, Outcome,
    Reaction, Reply, Result,
};

impl Memory {
    pub(super) fn act(&self, action: Action) -> Result<Outcome> {
        let operation = action.operation();
        let used: Vec<_> = action.capabilities().into_iter().map(|c| (true, c)).collect();
        let mut data = self.begin(operation, &used)?;
        let mut outcome = Outcome::of(&action);
        if let Action::SendText { chat, text, reply_to } = &action {
            outcome.message_id = Some(self.send(&mut data, chat, text, reply_to.as_ref())?);
            return Ok(outcome);
        }
        if let Some(id) = action.message() {
            let message = self.find(&mut data, action.chat(), id, operation)?;
            outcome.message_id = Some(message.id.clone());
            match action {
                Action::EditMessage { text, .. } => {
                    if !message.from_me {
                        return Err(self.error(
                            ErrorKind::InvalidInput,
                            operation,
                            "only own messages can be edited",
                        ));
                    }
                    (message.text, message.edited) = (Some(text), Some(true));
                }
                Action::React { emoji, .. } => {
                    let reactions = message.reactions.get_or_insert_default();
                    reactions.retain(|r| r.from_me != Some(true));
                    if !emoji.is_empty() {
                        let mut reaction = Reaction::new(emoji);
                        reaction.from_me = Some(true);
                        reactions.push(reaction);
                    }
                }
                Action::DeleteMessage { chat, id, for_me: true } => {
                    data.messages.retain(|m| m.chat_id != chat || m.key != *id.key());
                }
                Action::DeleteMessage { .. } => {
                    (message.text, message.media) = (None, None);
                    (message.kind, message.revoked) = (MessageKind::Revoked, Some(true));
                }
                _ => {} // the model doesn't tell stars and pins of messages
            }
            return Ok(outcome);
        }
        self.change_chat(&mut data, action)?;
        Ok(outcome)
    }

    fn change_chat(&self, data: &mut Data, action: Action) -> Result<()> {
        let id = action.chat().clone();
        let chat = data
            .chats
            .iter_mut()
            .find(|c| c.id == id)
            .ok_or_else(|| self.missing(Missing::Chat, action.operation()))?;
        match action {
            Action::Archive { .. } => chat.archived = Some(true),
            Action::Unarchive { .. } => chat.archived = Some(false),
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
        Ok(())
    }

    fn send(
        &self,
        data: &mut Data,
        chat: &ChatId,
        text: &str,
        reply_to: Option<&MessageId>,
    ) -> Result<MessageId> {
        data.sent += 1;
        let key: MessageKey = format!("MEM{:08}", data.sent).parse()?;
        let mut message = Message::new(chat.clone(), key, true);
        if let Some(id) = reply_to {
            let quoted = self.find(data, chat, id, Operation::SendText)?;
            let mut reply = Reply::new(quoted.key.clone());
            (reply.sender_id, reply.text) = (quoted.sender_id.clone(), quoted.text.clone());
            message.reply_to = Some(reply);
        }
        message.sent_at = DateTime::from_timestamp(Utc::now().timestamp(), 0);
        (message.kind, message.ack) = (MessageKind::Text, Some(Ack::Server));
        message.text = Some(text.to_owned());
        let id = message.id.clone();
        data.insert(message);
        Ok(id)
    }

    fn find<'a>(
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
