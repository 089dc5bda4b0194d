use serde::de::IgnoredAny;
use serde_json::{Value, json};
use wachats_core::transport::Answer;
use wachats_core::{
    Action, Capability, ChatId, Effect, Error, ErrorKind, MessageId, MessageKey, Operation, Outcome, Result,
    Retry,
};

use super::GreenApi;
use crate::error::ALREADY;
use crate::verb::{self, Verb};

/// The longest text, of a message or an edit.
const MAX_TEXT: usize = 20_000;

impl GreenApi {
    pub(super) async fn change(&self, action: Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(&action);
        match &action {
            Action::Archive { chat } => self.put_archive(&action, verb::ARCHIVE_CHAT, chat).await?,
            Action::Unarchive { chat } => self.put_archive(&action, verb::UNARCHIVE_CHAT, chat).await?,
            Action::MarkRead { chat } => self.mark_read(chat).await?,
            Action::Disappearing { chat, timer } => {
                let body = json!({ "chatId": chat.as_str(), "ephemeralExpiration": timer.seconds() });
                self.send(self.post(action.operation(), verb::SET_DISAPPEARING_CHAT, &body), done).await?;
            }
            Action::EditMessage { chat, id, text } => {
                self.check_text(action.operation(), text)?;
                let body =
                    json!({ "chatId": chat.as_str(), "idMessage": id.key().as_str(), "message": text });
                let key =
                    self.send(self.post(action.operation(), verb::EDIT_MESSAGE, &body), new_key).await?;
                outcome.new_message_id = key.map(|key| MessageId::full(true, chat.clone(), key, None));
                if !id.is_full() {
                    // only own messages can be edited
                    outcome.message_id = Some(MessageId::full(true, chat.clone(), id.key().clone(), None));
                }
            }
            Action::DeleteMessage { chat, id, for_me } => {
                let mut body = json!({ "chatId": chat.as_str(), "idMessage": id.key().as_str() });
                if let (true, Value::Object(fields)) = (*for_me, &mut body) {
                    fields.insert("onlySenderDelete".to_owned(), Value::Bool(true));
                }
                self.send(self.post(action.operation(), verb::DELETE_MESSAGE, &body), done).await?;
            }
            Action::SendText { chat, text, reply_to } => {
                self.check_text(action.operation(), text)?;
                let mut body = json!({ "chatId": chat.as_str(), "message": text });
                let quoted = self.quoted(action.operation(), chat, reply_to.as_ref())?;
                if let (Some(key), Value::Object(fields)) = (quoted, &mut body) {
                    fields.insert("quotedMessageId".to_owned(), Value::from(key));
                }
                let key =
                    self.send(self.post(action.operation(), verb::SEND_MESSAGE, &body), new_key).await?;
                outcome.message_id = key.map(|key| MessageId::full(true, chat.clone(), key, None));
                outcome.queued = true;
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
            other => return Err(self.no_method(other)),
        }
        Ok(outcome)
    }

    /// A chat that is there already is a success: a repeated request must not fail.
    async fn put_archive(&self, action: &Action, verb: Verb, chat: &ChatId) -> Result<()> {
        let body = json!({ "chatId": chat.as_str() });
        match self.send(self.post(action.operation(), verb, &body), done).await {
            Err(error) if error.code() == Some(ALREADY) => Ok(()),
            answered => answered,
        }
    }

    async fn mark_read(&self, chat: &ChatId) -> Result<()> {
        let body = json!({ "chatId": chat.as_str() });
        self.send(self.post(Operation::MarkRead, verb::READ_CHAT, &body), |answer| {
            done(answer)?;
            let refused =
                answer.json::<Value>().is_ok_and(|body| body.get("setRead") == Some(&Value::Bool(false)));
            if refused {
                return Err(Error::new(ErrorKind::ServerFault, Operation::MarkRead)
                    .with_status(answer.status)
                    .with_effect(Effect::Refused)
                    .with_retry(Retry::Never)
                    .with_message("WhatsApp did not mark the chat as read (groups are known for it)"));
            }
            Ok(())
        })
        .await
    }

    fn check_text(&self, operation: Operation, text: &str) -> Result<()> {
        if text.chars().count() > MAX_TEXT {
            return Err(self
                .error(ErrorKind::InvalidInput, operation)
                .with_message("the text is longer than Green-API's 20,000 characters"));
        }
        Ok(())
    }

    pub(super) fn no_method(&self, action: &Action) -> Error {
        let capability = action.capabilities().into_iter().next().unwrap_or(Capability::SendMedia);
        self.not_here(action.operation(), capability)
    }
}

/// A success is empty or JSON; a web page is neither.
pub(super) fn done(answer: &Answer) -> Result<()> {
    if answer.is_empty() { Ok(()) } else { answer.json::<IgnoredAny>().map(drop) }
}

/// The id of what was sent, where the answer tells one.
pub(super) fn new_key(answer: &Answer) -> Result<Option<MessageKey>> {
    if answer.is_empty() {
        return Ok(None);
    }
    let body: Value = answer.json()?;
    Ok(body.get("idMessage").and_then(Value::as_str).and_then(|id| id.parse().ok()))
}
