//! Sending places, contact cards, polls, forwards and presence. Files are in `upload`.

use reqwest::Method;
use serde_json::{Map, Value, json};
use wachats_core::{
    Action, Capability, ChatId, ErrorKind, Location, MessageId, MessageKey, Operation, Outcome, Result,
    Typing, sending,
};

use super::Gowa;
use super::change::sent;
use crate::error::local;
use crate::wire::{ChatInfo, Envelope};

/// The times that the gateway takes for a message's life, in seconds.
const TIMERS: [u64; 3] = [86_400, 604_800, 7_776_000];

impl Gowa {
    pub(super) async fn send_more(&self, action: &Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(action);
        let operation = action.operation();
        let (chat, key) = match action {
            Action::SendMedia { chat, attachment, reply_to } => {
                (chat, self.send_file(chat, attachment, reply_to.as_ref()).await?)
            }
            Action::SendLocation { chat, location, reply_to } => {
                self.no_reply(operation, reply_to.as_ref())?;
                bare(location)?;
                // numbers don't bind: the gateway takes degrees as texts
                let (latitude, longitude) = (location.latitude.to_string(), location.longitude.to_string());
                let body = json!({"latitude": latitude, "longitude": longitude});
                (chat, self.send_to(operation, chat, "location", body).await?)
            }
            Action::SendContact { chat, name, phone, reply_to } => {
                self.no_reply(operation, reply_to.as_ref())?;
                // the gateway writes the card itself, and unescaped
                if name.contains([';', '\\']) {
                    return Err(local(
                        ErrorKind::InvalidInput,
                        operation,
                        "the gateway writes a contact card without escaping: its name can't hold a semicolon or a backslash",
                    ));
                }
                let body = json!({"contact_name": name, "contact_phone": sending::digits(phone)?});
                (chat, self.send_to(operation, chat, "contact", body).await?)
            }
            Action::SendPoll { chat, question, options, multiple, reply_to } => {
                self.no_reply(operation, reply_to.as_ref())?;
                let most = if *multiple { options.len() } else { 1 };
                let body = json!({"question": question, "options": options, "max_answer": most});
                (chat, self.send_to(operation, chat, "poll", body).await?)
            }
            Action::Forward { id, to, .. } => (to, self.forward(id, to).await?),
            Action::Typing { chat, typing, .. } => {
                self.show_typing(chat, *typing).await?;
                return Ok(outcome);
            }
            _ => return Err(self.refuse(operation, Capability::SendMedia)),
        };
        outcome.message_id = key.map(|key| MessageId::full(true, chat.clone(), key, None));
        Ok(outcome)
    }

    pub(super) fn no_reply(&self, operation: Operation, reply_to: Option<&MessageId>) -> Result<()> {
        match reply_to {
            None => Ok(()),
            Some(_) => Err(local(
                ErrorKind::Unsupported,
                operation,
                "the gateway quotes in texts, pictures, videos, sound and documents alone",
            )
            .with_capability(Capability::Reply)),
        }
    }

    async fn send_to(
        &self,
        operation: Operation,
        chat: &ChatId,
        what: &'static str,
        body: Value,
    ) -> Result<Option<MessageKey>> {
        let route = match what {
            "location" => "/send/location",
            "contact" => "/send/contact",
            _ => "/send/poll",
        };
        let mut fields = body.as_object().cloned().unwrap_or_default();
        fields.insert("phone".to_owned(), json!(&*chat.to_jid()));
        if let Some(seconds) = self.timer(operation, chat).await? {
            fields.insert("duration".to_owned(), json!(seconds));
        }
        self.post(operation, route, &["send", what], &fields).await
    }

    pub(super) async fn post(
        &self,
        operation: Operation,
        route: &'static str,
        path: &[&str],
        fields: &Map<String, Value>,
    ) -> Result<Option<MessageKey>> {
        let call =
            self.transport.call(operation, Method::POST, route).path(path.iter().copied()).json(fields);
        self.transport.send(call, sent).await
    }

    /// The chat's own timer, which only texts and forwards take by themselves: everything else would stay for
    /// ever in a chat whose messages disappear.
    pub(super) async fn timer(&self, operation: Operation, chat: &ChatId) -> Result<Option<u64>> {
        let call = self
            .look(operation, "/chat/{jid}/messages", &["chat", &chat.to_jid(), "messages"])
            .query("limit", 1);
        let told = self.transport.send(call, |answer| answer.json::<Envelope<ChatInfo>>()).await;
        match told {
            Ok(told) => {
                let seconds = told.results.and_then(|page| page.chat_info?.ephemeral_expiration);
                Ok(seconds.filter(|seconds| TIMERS.contains(seconds)))
            }
            // before v8.9.0 a chat without a message yet is told as an error
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && error.missing() == Some(wachats_core::Missing::Chat) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// By the key alone: that the chat has it was seen to by the layer that looks messages up.
    async fn forward(&self, id: &MessageId, to: &ChatId) -> Result<Option<MessageKey>> {
        let mut fields = Map::new();
        fields.insert("phone".to_owned(), json!(&*to.to_jid()));
        let path = ["message", id.key().as_str(), "forward"];
        self.post(Operation::Forward, "/message/{id}/forward", &path, &fields).await
    }

    async fn show_typing(&self, chat: &ChatId, typing: Typing) -> Result<()> {
        let operation = Operation::Typing;
        let action = match typing {
            Typing::Composing => "start",
            Typing::Paused => "stop",
            _ => {
                let message = "the gateway shows that the account is writing, and nothing else";
                return Err(
                    local(ErrorKind::Unsupported, operation, message).with_capability(Capability::Typing)
                );
            }
        };
        let mut fields = Map::new();
        fields.insert("phone".to_owned(), json!(&*chat.to_jid()));
        fields.insert("action".to_owned(), json!(action));
        // what it tells as the message's id is none
        self.post(operation, "/send/chat-presence", &["send", "chat-presence"], &fields).await.map(drop)
    }
}

/// A place is two numbers there.
fn bare(location: &Location) -> Result<()> {
    if location.name.is_none() && location.address.is_none() {
        return Ok(());
    }
    Err(local(
        ErrorKind::Unsupported,
        Operation::SendLocation,
        "the gateway sends a place without name and address",
    )
    .with_capability(Capability::SendLocation))
}
