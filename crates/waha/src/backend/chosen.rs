use reqwest::Method;
use serde_json::{Value, json};
use wachats_core::{
    Action, Capability, ChatId, ChatsProvider, Effect, Error, ErrorKind, MessageId, MessageKey, Operation,
    Outcome, Result,
};

use super::Waha;
use super::reply::{accepted, sent_id};
use crate::engine::Version;

/// The first version whose `sendText` takes an id; earlier ones ignore it in silence.
const SINCE: Version = Version::new(2026, 4, 3);

impl Waha {
    /// A fresh key for a message that is about to be sent: with [`send_text_as`](Self::send_text_as), whether a
    /// send whose outcome is unknown took effect can be looked up exactly.
    ///
    /// ```no_run
    /// use wachats_core::{Action, Attempt, ChatId, Chats, Effect};
    /// use wachats_waha::Waha;
    /// # async fn sent(chats: Chats, chat: ChatId) -> wachats_core::Result<()> {
    /// let Some(waha) = chats.backend::<Waha>() else { return Ok(()) };
    /// let key = waha.new_message_key().await?;
    /// let send = Action::SendText { chat: chat.clone(), text: "Hello".into(), reply_to: None };
    /// let attempt = Attempt::new(send).with_id(key.clone().into());
    /// match waha.send_text_as(&key, &chat, "Hello", None).await {
    ///     Err(error) if error.effect() == Effect::Unknown => {
    ///         println!("{:?}", chats.reconcile(&attempt).await?); // by the key: no guess
    ///     }
    ///     sent => drop(sent?),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `Unsupported` before WAHA 2026.4.3, where the version isn't known, and on services that only speak
    /// WAHA's dialect; those of a read.
    pub async fn new_message_key(&self) -> Result<MessageKey> {
        self.takes_ids().await?;
        let operation = Operation::RawRead;
        let route = "/api/{session}/new-message-id";
        let path = ["api", self.session(), "new-message-id"];
        let call = self.transport.call(operation, Method::GET, route).path(path);
        let answer: Value = self.transport.send(call, |answer| answer.json()).await?;
        let id = answer.get("id").and_then(Value::as_str).and_then(|id| MessageId::from_wire(id).ok());
        id.map(|id| id.key().clone()).ok_or_else(|| {
            Error::new(ErrorKind::Decode, operation)
                .with_gateway(self.dialect.gateway.clone())
                .with_message("the server gave no id for a message")
        })
    }

    /// Sends a text under a key of [`new_message_key`](Self::new_message_key). As any send, it is never
    /// repeated on its own; the same key twice is not known to be refused.
    ///
    /// # Errors
    /// As [`new_message_key`](Self::new_message_key), and those of a send; `InvalidInput` for an empty text.
    pub async fn send_text_as(
        &self,
        key: &MessageKey,
        chat: &ChatId,
        text: &str,
        reply_to: Option<&MessageId>,
    ) -> Result<Outcome> {
        let action =
            Action::SendText { chat: chat.clone(), text: text.to_owned(), reply_to: reply_to.cloned() };
        let operation = action.operation();
        action.check().map_err(|e| e.with_gateway(self.dialect.gateway.clone()))?;
        self.takes_ids().await.map_err(|e| e.with_operation(operation))?;
        let mut body =
            json!({"session": self.session, "chatId": chat.as_str(), "text": text, "id": key.as_str()});
        if let (Some(id), Some(fields)) = (reply_to, body.as_object_mut()) {
            let id = self.full_id(operation, chat, id).await?;
            fields.insert("reply_to".to_owned(), json!(id.to_string()));
        }
        let call = self.transport.call(operation, Method::POST, "/api/sendText").path(["api", "sendText"]);
        let answer = self.transport.send(call.json(&body), accepted).await?;
        let mut outcome = Outcome::of(&action);
        // an answer without an id is a success: the key is known
        outcome.message_id =
            sent_id(&answer, chat).or_else(|| Some(MessageId::full(true, chat.clone(), key.clone(), None)));
        Ok(outcome)
    }

    async fn takes_ids(&self) -> Result<()> {
        self.capabilities().await?;
        let version = self.known().seen.version.as_deref().and_then(Version::from_wire);
        if self.dialect.tells_version && version.is_some_and(|version| version >= SINCE) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unsupported, Operation::RawRead)
            .with_gateway(self.dialect.gateway.clone())
            .with_capability(Capability::SendText)
            .with_effect(Effect::NotSent)
            .with_message("a message's id can be chosen on WAHA 2026.4.3 and later alone"))
    }
}
