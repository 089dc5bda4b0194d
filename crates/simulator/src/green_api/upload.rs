//! `sendFileByUpload`: a form with the file in it.

use serde_json::json;

use super::gateway::{Gateway, Queued};
use super::reply::{Answer, Reply};
use super::route::Arrival;
use super::send::by_extension;
use crate::form;
use crate::world::{Content, Media, Message, ids};

/// The largest file, in bytes.
const LARGEST: usize = 100_000_000;

/// Sends the file of a form. A form that can't be read is 500, as the gateway has it.
pub(super) async fn send(gateway: &Gateway, arrival: &Arrival) -> Answer {
    let broken = || Reply::json_status(500, &json!({"message": "Internal Server Error"}));
    let form::Upload { fields, mut files } =
        form::read(&arrival.headers, &arrival.body).await.ok_or_else(broken)?;
    let error = |text: &str| Reply::error(400, &arrival.path, text, gateway.world.now_ms());
    let chat = fields.get("chatId").filter(|id| matches!(ids::server_of(id), "c.us" | "g.us" | "lid"));
    let chat = chat.ok_or_else(|| error("Validation failed. Details: 'chatId' is required"))?;
    let file = files.remove("file");
    let file = file.ok_or_else(|| error("Validation failed. Details: 'file' is required"))?;
    if file.bytes.len() > LARGEST {
        return Err(Reply::json_status(413, &json!({"message": "request entity too large"})));
    }
    let (own_name, bytes) = (file.name, file.bytes);
    let name = fields.get("fileName").filter(|name| !name.is_empty()).cloned().unwrap_or(own_name);
    let (kind, mime) = by_extension(&name);
    let mut media = Media::new(kind, mime, bytes).file_name(&name);
    if let Some(caption) = fields.get("caption").filter(|caption| !caption.is_empty()) {
        if caption.chars().count() > 1024 {
            return Err(broken());
        }
        media = media.caption(caption);
    }
    let id = gateway.world.new_key();
    let mut message = Message::new(chat, &id, Content::Media(media));
    if let Some(quoted) = fields.get("quotedMessageId")
        && let Some(known) = gateway.world.message(chat, quoted)
    {
        let writer = gateway.world.sender_of(&known);
        message = message.quoting(&known.key, &writer, Some(known.content));
    }
    let url = gateway.media_url(&message);
    let body = json!({"chatId": chat, "fileName": name, "urlFile": url});
    gateway.inner().outbox.push(Queued { messages: vec![message], method: "sendFileByUpload", body });
    gateway.flush();
    Ok(Reply::json(&json!({"idMessage": id, "urlFile": url})))
}
