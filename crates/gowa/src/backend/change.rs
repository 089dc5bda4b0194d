//! Everything that changes something: one request each, but for read receipts.

use reqwest::Method;
use serde_json::{Value, json};
use wachats_core::transport::Answer;
use wachats_core::{Action, Capability, Error, ErrorKind, MessageId, MessageKey, Operation, Outcome, Result};

use super::Gowa;
use crate::error::{DONE_AT_WHATSAPP, local};
use crate::version::V8_3_4;
use crate::wire::{Envelope, Sent};

/// Up to this length of a key the gateway takes a message for the account's own.
const OWN_KEY: usize = 22;

impl Gowa {
    pub(super) async fn act(&self, action: &Action) -> Result<Outcome> {
        let operation = action.operation();
        let mut outcome = Outcome::of(action);
        match action {
            Action::Archive { .. } => self.change_chat(action, "archive", json!({"archived": true})).await?,
            Action::Unarchive { .. } => {
                self.change_chat(action, "archive", json!({"archived": false})).await?
            }
            Action::PinChat { .. } => self.change_chat(action, "pin", json!({"pinned": true})).await?,
            Action::UnpinChat { .. } => self.change_chat(action, "pin", json!({"pinned": false})).await?,
            Action::Disappearing { timer, .. } => {
                self.change_chat(action, "disappearing", json!({"timer_seconds": timer.seconds()})).await?;
            }
            Action::MarkRead { chat } => outcome.warnings.extend(self.mark_read(chat).await?),
            Action::EditMessage { chat, id, text } => {
                let key = self.change_message(action, id, "update", &[("message", text)]).await?;
                outcome.new_message_id = key.map(|key| MessageId::full(true, chat.clone(), key, None));
            }
            Action::DeleteMessage { id, for_me: false, .. } => {
                let done = self.change_message(action, id, "revoke", &[]).await;
                outcome.warnings.extend(partial(done)?);
            }
            Action::DeleteMessage { id, for_me: true, .. } => {
                let done = self.change_message(action, id, "delete", &[]).await.map_err(|error| {
                    let refused = error.kind() == ErrorKind::Unsupported;
                    if refused { error.with_capability(Capability::DeleteForMe) } else { error }
                });
                outcome.warnings.extend(partial(done)?);
                outcome.warnings.extend(guess(id));
            }
            Action::React { id, emoji, .. } => {
                let done = self.change_message(action, id, "reaction", &[("emoji", emoji)]).await;
                done.map_err(|error| if emoji.is_empty() { self.untaken(error) } else { error })?;
            }
            Action::Star { id, .. } => {
                self.change_message(action, id, "star", &[]).await?;
                outcome.warnings.extend(guess(id));
            }
            Action::Unstar { id, .. } => {
                self.change_message(action, id, "unstar", &[]).await?;
                outcome.warnings.extend(guess(id));
            }
            Action::SendText { chat, text, reply_to } => {
                let mut body = json!({"phone": &*chat.to_jid(), "message": text});
                if let (Some(reply_to), Some(body)) = (reply_to, body.as_object_mut()) {
                    body.insert("reply_message_id".to_owned(), json!(reply_to.key().as_str()));
                }
                let call =
                    self.transport.call(operation, Method::POST, "/send/message").path(["send", "message"]);
                let key = self.transport.send(call.json(&body), sent).await?;
                outcome.message_id = key.map(|key| MessageId::full(true, chat.clone(), key, None));
            }
            Action::SendMedia { .. }
            | Action::SendLocation { .. }
            | Action::SendContact { .. }
            | Action::SendPoll { .. }
            | Action::Forward { .. }
            | Action::Typing { .. } => outcome = self.send_more(action).await?,
            Action::PairCode { phone } => outcome.code = Some(self.request_code(phone).await?),
            Action::SessionStart | Action::SessionRestart | Action::SessionStop | Action::SessionLogout => {
                self.control(action).await?;
            }
            _ => {
                let lacking = action.capabilities().first().copied();
                return Err(self.refuse(operation, lacking.unwrap_or(Capability::PinMessage)));
            }
        }
        Ok(outcome)
    }

    /// Before v8.3.4 an empty emoji is refused as a wrong argument. It is the server that lacks it.
    fn untaken(&self, error: Error) -> Error {
        let old = self.known(|known| known.version.at_least(V8_3_4) != Some(true));
        if old && error.kind() == ErrorKind::InvalidInput && error.code() == Some("VALIDATION_ERROR") {
            return error
                .with_kind(ErrorKind::Unsupported)
                .with_message("taking a reaction back came with v8.3.4 of the gateway");
        }
        error
    }

    async fn change_chat(&self, action: &Action, verb: &'static str, body: Value) -> Result<()> {
        let jid = jid_of(action)?;
        let route = match verb {
            "archive" => "/chat/{jid}/archive",
            "pin" => "/chat/{jid}/pin",
            _ => "/chat/{jid}/disappearing",
        };
        let call = self
            .transport
            .call(action.operation(), Method::POST, route)
            .path(["chat", &jid, verb])
            .json(&body);
        self.transport.send(call, sent).await.map(drop)
    }

    /// A change of one message; gives the key of the message that WhatsApp was sent for it.
    async fn change_message(
        &self,
        action: &Action,
        id: &MessageId,
        verb: &str,
        more: &[(&str, &String)],
    ) -> Result<Option<MessageKey>> {
        let mut body = serde_json::Map::new();
        body.insert("phone".to_owned(), json!(jid_of(action)?));
        body.extend(more.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        let call = self
            .transport
            .call(action.operation(), Method::POST, route(action.operation()))
            .path(["message", id.key().as_str(), verb])
            .json(&body);
        self.transport.send(call, sent).await
    }
}

/// The chat of an action that has one.
fn jid_of(action: &Action) -> Result<String> {
    let chat = action.chat().map(|chat| chat.to_jid().to_string());
    chat.ok_or_else(|| local(ErrorKind::Unexpected, action.operation(), "the action concerns no chat"))
}

/// For spans: the template of a message's route.
fn route(operation: Operation) -> &'static str {
    match operation {
        Operation::EditMessage => "/message/{id}/update",
        Operation::React => "/message/{id}/reaction",
        Operation::Star => "/message/{id}/star",
        Operation::Unstar => "/message/{id}/unstar",
        _ => "/message/{id}/revoke|delete",
    }
}

/// The key in the answer to a change; some tell none.
pub(super) fn sent(answer: &Answer) -> Result<Option<MessageKey>> {
    let envelope: Envelope<Sent> = answer.json()?;
    Ok(envelope.results.and_then(|sent| sent.message_id?.parse().ok()))
}

/// After v9.2.0 a deletion may succeed at WhatsApp and fail in the gateway's own list, which is told as a
/// failure.
fn partial(done: Result<Option<MessageKey>>) -> Result<Option<String>, Error> {
    match done {
        Ok(_) => Ok(None),
        Err(error) if error.code() == Some(DONE_AT_WHATSAPP) => Ok(Some(error.message().to_owned())),
        Err(error) => Err(error),
    }
}

/// The gateway guesses from the key's length whose message it is; told where it guesses wrong.
fn guess(id: &MessageId) -> Option<String> {
    let own = id.key().as_str().len() <= OWN_KEY;
    id.from_me().filter(|from_me| *from_me != own).map(|_| {
        "the gateway guesses whose message it is by its key's length, and wrongly here: WhatsApp may not find it".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_guess_is_told() {
        let id = |text: &str| text.parse::<MessageId>().unwrap();
        let long = "A".repeat(32);
        assert!(guess(&id("true_5511900000000@c.us_3EB0AA")).is_none());
        assert!(guess(&id("false_5511900000000@c.us_3EB0AA")).is_some());
        assert!(guess(&id(&format!("false_5511900000000@c.us_{long}"))).is_none());
        assert!(guess(&id(&long)).is_none());
    }
}
