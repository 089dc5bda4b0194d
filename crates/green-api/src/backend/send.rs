use std::time::Duration;

use serde_json::{Map, Value, json};
use wachats_core::transport::Answer;
use wachats_core::{
    Action, Capability, ChatId, Effect, ErrorKind, MessageId, MessageKey, Operation, Outcome, Result, Typing,
    sending,
};

use super::GreenApi;
use super::change::{done, new_key};
use crate::verb::{self, Verb};

/// How long typing is shown where nobody says: it stands in the queue and delays what follows.
const TYPING: Duration = Duration::from_secs(5);
/// What Green-API takes, in milliseconds.
const BOUNDS: (u64, u64) = (1000, 20_000);

impl GreenApi {
    pub(super) async fn send_more(&self, action: &Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(action);
        let operation = action.operation();
        let (chat, key) = match action {
            Action::SendMedia { chat, attachment, reply_to } => {
                (chat, self.send_file(chat, attachment, reply_to.as_ref()).await?)
            }
            Action::SendLocation { chat, location, reply_to } => {
                let place = json!({
                    "latitude": location.latitude, "longitude": location.longitude,
                    "nameLocation": location.name, "address": location.address,
                });
                (chat, self.send_to(operation, verb::SEND_LOCATION, chat, place, reply_to.as_ref()).await?)
            }
            Action::SendContact { chat, name, phone, reply_to } => {
                // the service writes the card itself
                let digits: u64 = sending::digits(phone)?.parse().map_err(|_| {
                    self.error(ErrorKind::InvalidInput, operation)
                        .with_message("the phone number is no number")
                })?;
                let card = json!({"contact": {"phoneContact": digits, "firstName": name}});
                (chat, self.send_to(operation, verb::SEND_CONTACT, chat, card, reply_to.as_ref()).await?)
            }
            Action::SendPoll { chat, question, options, multiple, reply_to } => {
                let options: Vec<Value> =
                    options.iter().map(|option| json!({"optionName": option})).collect();
                let poll = json!({"message": question, "options": options, "multipleAnswers": multiple});
                (chat, self.send_to(operation, verb::SEND_POLL, chat, poll, reply_to.as_ref()).await?)
            }
            Action::Forward { chat, id, to } => (to, self.forward(chat, id, to).await?),
            Action::Typing { chat, typing, time } => {
                self.show_typing(chat, *typing, *time).await?;
                // it stands in the queue, before what is sent after it
                outcome.queued = true;
                return Ok(outcome);
            }
            other => return Err(self.no_method(other)),
        };
        outcome.message_id = key.map(|key| MessageId::full(true, chat.clone(), key, None));
        outcome.queued = true;
        Ok(outcome)
    }

    pub(super) async fn send_to(
        &self,
        operation: Operation,
        verb: Verb,
        chat: &ChatId,
        more: Value,
        reply_to: Option<&MessageId>,
    ) -> Result<Option<MessageKey>> {
        let mut fields = match more {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.retain(|_, value| !value.is_null());
        fields.insert("chatId".to_owned(), json!(chat.as_str()));
        if let Some(key) = self.quoted(operation, chat, reply_to)? {
            fields.insert("quotedMessageId".to_owned(), json!(key));
        }
        self.send(self.post(operation, verb, &fields), new_key).await
    }

    /// The key of what is quoted: the service looks for it in the same chat alone, and else sends without it.
    pub(super) fn quoted<'a>(
        &self,
        operation: Operation,
        chat: &ChatId,
        reply_to: Option<&'a MessageId>,
    ) -> Result<Option<&'a str>> {
        let elsewhere = |id: &&MessageId| id.chat().is_some_and(|of| of.kind() != chat.kind());
        if reply_to.as_ref().is_some_and(elsewhere) {
            return Err(self
                .error(ErrorKind::InvalidInput, operation)
                .with_effect(Effect::NotSent)
                .with_message("Green-API quotes a message in its own chat only"));
        }
        Ok(reply_to.map(|id| id.key().as_str()))
    }

    /// A message that the journal doesn't know gets an id and never arrives: it is looked up first.
    async fn forward(&self, chat: &ChatId, id: &MessageId, to: &ChatId) -> Result<Option<MessageKey>> {
        let operation = Operation::Forward;
        self.read_message(operation, chat, id, false).await?;
        let body =
            json!({"chatId": to.as_str(), "chatIdFrom": chat.as_str(), "messages": [id.key().as_str()]});
        self.send(self.post(operation, verb::FORWARD_MESSAGES, &body), forwarded).await
    }

    async fn show_typing(&self, chat: &ChatId, typing: Typing, time: Option<Duration>) -> Result<()> {
        let operation = Operation::Typing;
        let millis = u64::try_from(time.unwrap_or(TYPING).as_millis()).unwrap_or(BOUNDS.1);
        let mut body = json!({"chatId": chat.as_str(), "typingTime": millis.clamp(BOUNDS.0, BOUNDS.1)});
        match (typing, &mut body) {
            (Typing::Paused, _) => {
                return Err(self
                    .error(ErrorKind::Unsupported, operation)
                    .with_capability(Capability::Typing)
                    .with_message("Green-API has no call that ends it: it ends by itself"));
            }
            (Typing::Recording, Value::Object(fields)) => {
                fields.insert("typingType".to_owned(), json!("recording"));
            }
            _ => {}
        }
        self.send(self.post(operation, verb::SEND_TYPING, &body), done).await
    }
}

/// The id of the copy.
fn forwarded(answer: &Answer) -> Result<Option<MessageKey>> {
    if answer.is_empty() {
        return Ok(None);
    }
    let body: Value = answer.json()?;
    Ok(body.pointer("/messages/0").and_then(Value::as_str).and_then(|id| id.parse().ok()))
}
