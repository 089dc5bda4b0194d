//! `sendFileByUpload`: a form with the file in it.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::http::Request;
use bytes::Bytes;
use serde_json::json;

use super::gateway::{Gateway, Queued};
use super::reply::{Answer, Reply};
use super::route::Arrival;
use super::send::by_extension;
use crate::world::{Content, Media, Message, ids};

/// Sends the file of a form. A form that can't be read is 500, as the gateway has it.
pub(super) async fn send(gateway: &Gateway, arrival: &Arrival) -> Answer {
    let broken = || Reply::json_status(500, &json!({"message": "Internal Server Error"}));
    let (fields, file) = read(arrival).await.ok_or_else(broken)?;
    let error = |text: &str| Reply::error(400, &arrival.path, text, gateway.world.now_ms());
    let chat = fields.get("chatId").filter(|id| matches!(ids::server_of(id), "c.us" | "g.us" | "lid"));
    let chat = chat.ok_or_else(|| error("Validation failed. Details: 'chatId' is required"))?;
    let (own_name, bytes) = file.ok_or_else(|| error("Validation failed. Details: 'file' is required"))?;
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
    let message = Message::new(chat, &id, Content::Media(media));
    let url = gateway.media_url(&message);
    let body = json!({"chatId": chat, "fileName": name, "urlFile": url});
    gateway.inner().outbox.push(Queued { messages: vec![message], method: "sendFileByUpload", body });
    gateway.flush();
    Ok(Reply::json(&json!({"idMessage": id, "urlFile": url})))
}

type File = (String, Bytes);

async fn read(arrival: &Arrival) -> Option<(BTreeMap<String, String>, Option<File>)> {
    let mut request = Request::new(Body::from(arrival.body.clone()));
    request.headers_mut().extend(arrival.headers.clone());
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let (mut fields, mut file) = (BTreeMap::new(), None);
    while let Some(part) = form.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            let own_name = part.file_name().unwrap_or("file").to_owned();
            file = Some((own_name, part.bytes().await.ok()?));
        } else {
            fields.insert(name, part.text().await.ok()?);
        }
    }
    Some((fields, file))
}
