use chrono::{DateTime, Utc};

use super::{Data, Memory};
use crate::sending::{Body, check, vcard};
use crate::{
    Ack, Action, AttachmentKind, ChatId, ContactCard, ErrorKind, MediaInfo, Message, MessageId, MessageKey,
    MessageKind, Operation, Outcome, Reply, Result,
};

/// The chat that a message without a file is written to, and the message it answers.
pub(super) fn written(action: &Action) -> Option<(&ChatId, Option<&MessageId>)> {
    match action {
        Action::SendText { chat, reply_to, .. }
        | Action::SendLocation { chat, reply_to, .. }
        | Action::SendContact { chat, reply_to, .. }
        | Action::SendPoll { chat, reply_to, .. } => Some((chat, reply_to.as_ref())),
        _ => None,
    }
}

/// What such a message holds.
pub(super) fn fill(message: &mut Message, action: &Action) {
    match action {
        Action::SendText { text, .. } => {
            (message.kind, message.text) = (MessageKind::Text, Some(text.clone()));
        }
        Action::SendLocation { location, .. } => {
            (message.kind, message.location) = (MessageKind::Location, Some(location.clone()));
        }
        Action::SendContact { name, phone, .. } => {
            let card = check::digits(phone).map(|digits| vcard(name, &digits)).ok();
            message.kind = MessageKind::Contact;
            message.contacts = Some(vec![ContactCard::new(Some(name.clone()), card)]);
        }
        Action::SendPoll { question, .. } => {
            (message.kind, message.text) = (MessageKind::Poll, Some(question.clone()));
        }
        _ => {}
    }
}

impl Memory {
    pub(super) async fn send_media(&self, action: Action) -> Result<Outcome> {
        let Action::SendMedia { chat, attachment, reply_to } = &action else {
            return Err(self.error(ErrorKind::Unexpected, action.operation(), "no file"));
        };
        let operation = Operation::SendMedia;
        let prepared = attachment.local().await.map_err(|e| e.with_gateway(crate::Gateway::MEMORY))?;
        let Some(prepared) = prepared else {
            return Err(self.error(
                ErrorKind::Unsupported,
                operation,
                "the memory provider fetches no address",
            ));
        };
        let bytes = match &prepared.body {
            Body::Content(content) => content.bytes().await?,
            Body::Url(_) => bytes::Bytes::new(),
        };
        let used: Vec<_> = action.capabilities().into_iter().map(|c| (true, c)).collect();
        let mut data = self.begin(operation, &used)?;
        let mut outcome = Outcome::of(&action);
        let size = bytes.len() as u64;
        let id = self.send(&mut data, operation, chat, reply_to.as_ref(), |message| {
            let mut info = MediaInfo::new();
            (info.mime_type, info.size_bytes) = (Some(prepared.mime_type.to_owned()), Some(size));
            // WhatsApp names documents alone
            info.file_name = (prepared.kind == AttachmentKind::Document).then(|| prepared.file_name.clone());
            message.media = Some(info);
            message.text.clone_from(&prepared.caption);
            message.kind = match prepared.kind {
                AttachmentKind::Image => MessageKind::Image,
                AttachmentKind::Video => MessageKind::Video,
                AttachmentKind::Audio => MessageKind::Audio,
                AttachmentKind::Voice => MessageKind::Voice,
                AttachmentKind::Document => MessageKind::Document,
                AttachmentKind::Sticker => MessageKind::Sticker,
            };
        })?;
        data.media.insert(id.key().clone(), bytes);
        outcome.message_id = Some(id);
        Ok(outcome)
    }

    /// Puts an own message in, filled by `content`.
    pub(super) fn send(
        &self,
        data: &mut Data,
        operation: Operation,
        chat: &ChatId,
        reply_to: Option<&MessageId>,
        content: impl FnOnce(&mut Message),
    ) -> Result<MessageId> {
        let mut message = new_message(data, chat)?;
        if let Some(id) = reply_to {
            let quoted = self.find(data, chat, id, operation)?;
            let mut reply = Reply::new(quoted.key.clone());
            (reply.sender_id, reply.text) = (quoted.sender_id.clone(), quoted.text.clone());
            message.reply_to = Some(reply);
        }
        content(&mut message);
        let id = message.id.clone();
        data.insert(message);
        Ok(id)
    }

    pub(super) fn forward(
        &self,
        data: &mut Data,
        chat: &ChatId,
        id: &MessageId,
        to: &ChatId,
    ) -> Result<MessageId> {
        let original = self.find(data, chat, id, Operation::Forward)?.clone();
        let mut copy = new_message(data, to)?;
        (copy.kind, copy.text, copy.media) = (original.kind, original.text, original.media);
        (copy.location, copy.contacts, copy.forwarded) = (original.location, original.contacts, Some(true));
        if let Some(bytes) = data.media.get(&original.key).cloned() {
            data.media.insert(copy.key.clone(), bytes);
        }
        let id = copy.id.clone();
        data.insert(copy);
        Ok(id)
    }
}

fn new_message(data: &mut Data, chat: &ChatId) -> Result<Message> {
    data.sent += 1;
    let key: MessageKey = format!("MEM{:08}", data.sent).parse()?;
    let mut message = Message::new(chat.clone(), key, true);
    message.sent_at = DateTime::from_timestamp(Utc::now().timestamp(), 0);
    message.ack = Some(Ack::Server);
    Ok(message)
}
