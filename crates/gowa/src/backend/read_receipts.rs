//! Marking a chat as read, which the gateway does message by message.

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::json;
use wachats_core::{
    ChatId, ChatKind, Effect, ErrorKind, ListMessages, MessageKey, MessageKind, Operation, Result,
};

use super::Gowa;
use super::lists::Filter;
use crate::error::local;

/// The newest incoming messages that get a receipt. WhatsApp may take one for all before it; that is not
/// documented, so each gets its own, within a bound.
const RECEIPTS: u32 = 25;
/// Receipts under way at a time: the gateway asks WhatsApp for the number before each.
const AT_A_TIME: usize = 4;

impl Gowa {
    /// Sends receipts for the newest incoming messages of a chat with one person; a warning where there are
    /// none.
    pub(super) async fn mark_read(&self, chat: &ChatId) -> Result<Option<String>> {
        let operation = Operation::MarkRead;
        if chat.kind() != ChatKind::User {
            return Err(local(
                ErrorKind::Unsupported,
                operation,
                "the gateway's receipts name no sender, so they count in chats with one person alone",
            ));
        }
        let mut query = ListMessages::new(chat.clone());
        query.from_me = Some(false);
        let filter = Filter { query: &query, until: None, offset: 0, size: RECEIPTS };
        // nothing was changed yet, whatever became of the look-up
        let page =
            self.rows_of(operation, chat, &filter).await.map_err(|e| e.with_effect(Effect::NotSent))?;
        if page.items.is_empty() {
            self.believe_empty(operation).await.map_err(|e| e.with_effect(Effect::NotSent))?;
        }
        let keys: Vec<MessageKey> =
            page.items.into_iter().filter(|m| m.kind != MessageKind::Call).map(|m| m.key).collect();
        if keys.is_empty() {
            return Ok(Some(
                "the gateway stores no incoming message of this chat: no receipt was sent".to_owned(),
            ));
        }
        let jid = chat.to_jid();
        let body = json!({"phone": &*jid});
        stream::iter(keys)
            .map(|key| {
                let call = self
                    .transport
                    .call(operation, Method::POST, "/message/{id}/read")
                    .path(["message", key.as_str(), "read"])
                    .json(&body);
                self.transport.send(call, |answer| answer.json::<serde_json::Value>().map(drop))
            })
            .buffered(AT_A_TIME)
            .try_collect::<()>()
            .await?;
        Ok(None)
    }
}
