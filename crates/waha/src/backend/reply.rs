//! What a change is answered with: each engine hands out an object of its own, or nothing.

use serde_json::Value;
use wachats_core::transport::Answer;
use wachats_core::{ChatId, Effect, Error, ErrorKind, MessageId, MessageKey, Missing, Result, Retry};

/// The value of an accepted change, `null` for an empty body.
///
/// # Errors
/// `ServerFault` where it says that nothing was done; what can't be read is told as such.
pub(super) fn accepted(answer: &Answer) -> Result<Value> {
    if answer.is_empty() {
        return Ok(Value::Null);
    }
    // a bare `true` comes with the content type of a web page: the body is looked at first
    let value: Value = answer.json()?;
    if value.get("success") == Some(&Value::Bool(false)) {
        return Err(Error::new(ErrorKind::ServerFault, answer.operation)
            .with_status(answer.status)
            .with_effect(Effect::Refused)
            .with_retry(Retry::Never)
            .with_message("the gateway answered that it was not done"));
    }
    Ok(value)
}

/// The same of a deletion, where `false` means that the engine knows no such chat.
///
/// # Errors
/// As [`accepted`]; `NotFound`.
pub(super) fn deleted(answer: &Answer) -> Result<Value> {
    match accepted(answer)? {
        Value::Bool(false) => Err(Error::new(ErrorKind::NotFound, answer.operation)
            .with_missing(Missing::Chat)
            .with_status(answer.status)
            .with_effect(Effect::Refused)
            .with_retry(Retry::Never)
            .with_message("the engine knows no such chat")),
        value => Ok(value),
    }
}

/// The id of the message just sent, in the shapes that are known; `None` where none is there.
pub(super) fn sent_id(value: &Value, chat: &ChatId) -> Option<MessageId> {
    let places = [value.get("id"), value.pointer("/_data/id"), value.get("key"), value.get("messageId")];
    places
        .into_iter()
        .flatten()
        .find_map(id_of)
        .map(|id| if id.is_full() { id } else { MessageId::full(true, chat.clone(), id.key().clone(), None) })
}

fn id_of(value: &Value) -> Option<MessageId> {
    if let Some(text) = value.as_str() {
        return MessageId::from_wire(text).ok();
    }
    let whole = value.get("_serialized").or_else(|| value.get("$1")).and_then(Value::as_str);
    if let Some(id) = whole.and_then(|text| MessageId::from_wire(text).ok()) {
        return Some(id);
    }
    let key: MessageKey = value.get("id")?.as_str()?.parse().ok()?;
    let jid = |name: &str| {
        let jid = value.get(name)?;
        let text =
            jid.as_str().or_else(|| jid.get("_serialized")?.as_str()).or_else(|| jid.get("$1")?.as_str())?;
        ChatId::from_wire(text).ok()
    };
    let Some(chat) = jid("remoteJid").or_else(|| jid("remote")) else { return Some(key.into()) };
    let from_me = value.get("fromMe").and_then(Value::as_bool).unwrap_or(true);
    Some(MessageId::full(from_me, chat, key, jid("participant")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_of_a_send_is_found_in_every_engines_answer() {
        let chat: ChatId = "5511911111111@c.us".parse().unwrap();
        let id = |value: Value| sent_id(&value, &chat).map(|id| id.to_string());
        let full = Some("true_5511911111111@c.us_3EB0A".to_owned());
        assert_eq!(id(json!({"id": "true_5511911111111@c.us_3EB0A", "_data": {}})), full);
        assert_eq!(id(json!({"id": {"_serialized": "true_5511911111111@c.us_3EB0A"}})), full);
        assert_eq!(id(json!({"id": {"$1": "true_5511911111111@c.us_3EB0A"}})), full);
        assert_eq!(
            id(
                json!({"id": {"fromMe": true, "remote": {"_serialized": "5511911111111@c.us"}, "id": "3EB0A"}})
            ),
            full
        );
        assert_eq!(id(json!({"_data": {"id": {"_serialized": "true_5511911111111@c.us_3EB0A"}}})), full);
        let key =
            json!({"key": {"remoteJid": "5511911111111@s.whatsapp.net", "fromMe": true, "id": "3EB0A"}});
        assert_eq!(id(key), full);
        assert_eq!(id(json!({"success": true, "messageId": "3EB0A"})), full);
        assert_eq!(id(json!({"sent": true})), None);
        assert_eq!(id(Value::Null), None);
    }
}
