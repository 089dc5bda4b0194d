use reqwest::Method;
use serde_json::{Value, json};
use wachats_core::transport::Call;
use wachats_core::{
    Action, Capability, ChatId, Effect, Error, ErrorKind, MessageId, Operation, Outcome, Result,
};

use super::Waha;
use super::reply::{accepted, deleted, sent_id};

/// A call marks as many messages as read; one chat is marked in at most this many calls.
const READ: (u32, u32) = (100, 20);
/// WAHA marks only messages newer than this many days.
const DAYS: u32 = 36_500;

impl Waha {
    pub(super) async fn change(&self, action: Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(&action);
        let operation = action.operation();
        match &action {
            Action::Archive { chat } => self.about_chat(operation, chat, "archive").await?,
            Action::Unarchive { chat } => self.about_chat(operation, chat, "unarchive").await?,
            Action::MarkUnread { chat } => self.about_chat(operation, chat, "unread").await?,
            Action::MarkRead { chat } => self.mark_read(chat).await?,
            Action::DeleteChat { chat } => {
                let call =
                    self.chats(operation, Method::DELETE, "/api/{session}/chats/{chat}", &[chat.as_str()]);
                self.transport.send(call, deleted).await?;
            }
            Action::ClearMessages { chat } => {
                let route = "/api/{session}/chats/{chat}/messages";
                let call = self.chats(operation, Method::DELETE, route, &[chat.as_str(), "messages"]);
                self.transport.send(call, deleted).await?;
            }
            Action::SendText { chat, text, reply_to } => {
                outcome.message_id = self.send_text(chat, text, reply_to.as_ref()).await?;
            }
            Action::DeleteMessage { for_me: true, .. } => {
                return Err(self.unsupported(operation, Capability::DeleteForMe));
            }
            Action::PinMessage { chat, id, .. }
            | Action::UnpinMessage { chat, id }
            | Action::EditMessage { chat, id, .. }
            | Action::DeleteMessage { chat, id, .. }
            | Action::React { chat, id, .. }
            | Action::Star { chat, id }
            | Action::Unstar { chat, id } => {
                self.offered(operation)?;
                let full = self.full_id(operation, chat, id).await?;
                let call = self.about_message(&action, chat, &full)?;
                self.transport.send(call, accepted).await?;
                outcome.message_id = Some(full);
            }
            Action::SendMedia { .. }
            | Action::SendLocation { .. }
            | Action::SendContact { .. }
            | Action::SendPoll { .. }
            | Action::Forward { .. }
            | Action::Typing { .. } => outcome = self.send_more(&action).await?,
            Action::PairCode { phone } => outcome.code = Some(self.request_code(phone).await?),
            Action::SessionStart | Action::SessionRestart | Action::SessionStop | Action::SessionLogout => {
                self.control(&action).await?;
            }
            _ => {
                let Some(capability) = operation.capability() else { return Err(self.unknown(operation)) };
                return Err(self.unsupported(operation, capability));
            }
        }
        Ok(outcome)
    }

    fn unknown(&self, operation: Operation) -> Error {
        Error::new(ErrorKind::Unsupported, operation)
            .with_gateway(self.dialect.gateway.clone())
            .with_effect(Effect::NotSent)
    }

    /// Spares the look-up of a bare key for what isn't offered anyway.
    fn offered(&self, operation: Operation) -> Result<()> {
        match operation.capability() {
            Some(capability) => self.native(operation, &[(true, capability)]),
            None => Ok(()),
        }
    }

    async fn about_chat(&self, operation: Operation, chat: &ChatId, verb: &'static str) -> Result<()> {
        let route = match verb {
            "archive" => "/api/{session}/chats/{chat}/archive",
            "unarchive" => "/api/{session}/chats/{chat}/unarchive",
            _ => "/api/{session}/chats/{chat}/unread",
        };
        let call = self.chats(operation, Method::POST, route, &[chat.as_str(), verb]);
        // whatsapp-web.js answers `false` to an unarchive that went well
        self.transport.send(call, accepted).await.map(drop)
    }

    /// WAHA marks the newest messages that are unread, so many a call: it is asked until there are no more.
    async fn mark_read(&self, chat: &ChatId) -> Result<()> {
        let (step, most) = READ;
        let mut before = Value::Null;
        for _ in 0..most {
            let route = "/api/{session}/chats/{chat}/messages/read";
            let call = self
                .chats(Operation::MarkRead, Method::POST, route, &[chat.as_str(), "messages", "read"])
                .query("messages", step)
                .query("days", DAYS);
            let mut answer = self.transport.send(call, accepted).await?;
            let ids = answer.get_mut("ids").map(Value::take).unwrap_or_default();
            // WEBJS and WPP tell no ids: they mark the whole chat
            let full = ids.as_array().is_some_and(|ids| ids.len() >= step as usize);
            if !full || ids == before {
                break;
            }
            before = ids;
        }
        Ok(())
    }

    async fn send_text(
        &self,
        chat: &ChatId,
        text: &str,
        reply_to: Option<&MessageId>,
    ) -> Result<Option<MessageId>> {
        let operation = Operation::SendText;
        let mut body = json!({"session": self.session, "chatId": chat.as_str(), "text": text});
        if let (Some(id), Some(fields)) = (reply_to, body.as_object_mut()) {
            let id = self.full_id(operation, chat, id).await?;
            fields.insert("reply_to".to_owned(), json!(id.to_string()));
        }
        let call = self
            .transport
            .call(operation, Method::POST, "/api/sendText")
            .path(["api", "sendText"])
            .json(&body);
        let answer = self.transport.send(call, accepted).await?;
        Ok(sent_id(&answer, chat))
    }

    /// The full id that every change of a message needs; a bare key is looked up.
    pub(super) async fn full_id(
        &self,
        operation: Operation,
        chat: &ChatId,
        id: &MessageId,
    ) -> Result<MessageId> {
        if id.is_full() {
            return Ok(id.clone());
        }
        Ok(self.find(operation, chat, id, false, false).await?.id)
    }

    fn about_message(&self, action: &Action, chat: &ChatId, id: &MessageId) -> Result<Call> {
        const ROUTE: &str = "/api/{session}/chats/{chat}/messages/{message}";
        const PIN: &str = "/api/{session}/chats/{chat}/messages/{message}/pin";
        const UNPIN: &str = "/api/{session}/chats/{chat}/messages/{message}/unpin";
        let operation = action.operation();
        let id = id.to_string();
        let message = |method, route| self.chats(operation, method, route, &[chat.as_str(), "messages", &id]);
        let top = |route, verb, body: &Value| {
            self.transport.call(operation, Method::PUT, route).path(["api", verb]).json(body)
        };
        let session = &self.session;
        Ok(match action {
            Action::PinMessage { duration, .. } => {
                message(Method::POST, PIN).segment("pin").json(&json!({"duration": duration.seconds()}))
            }
            Action::UnpinMessage { .. } => message(Method::POST, UNPIN).segment("unpin"),
            Action::EditMessage { text, .. } => message(Method::PUT, ROUTE).json(&json!({"text": text})),
            Action::DeleteMessage { .. } => message(Method::DELETE, ROUTE),
            Action::React { emoji, .. } => {
                let body = json!({"session": session, "messageId": id, "reaction": emoji});
                top("/api/reaction", "reaction", &body)
            }
            Action::Star { .. } | Action::Unstar { .. } => {
                let star = matches!(action, Action::Star { .. });
                let body =
                    json!({"session": session, "chatId": chat.as_str(), "messageId": id, "star": star});
                top("/api/star", "star", &body)
            }
            _ => return Err(self.unknown(operation)),
        })
    }
}
