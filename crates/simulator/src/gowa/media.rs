//! `GET /message/{id}/download` and the files under `/statics`.

use serde_json::json;

use super::call::Call;
use super::gateway::{Gateway, required, sanitized};
use super::profile::Version;
use super::reply::{Answer, Reply};
use crate::world::{Chat, ids};

/// Fetches a file from WhatsApp now and puts it under `/statics`; every call makes another copy.
pub(super) fn download(call: &Call<'_>) -> Answer {
    let phone = sanitized(call.query("phone"));
    let id = call.param();
    required(&[("phone", &phone), ("message_id", id)])?;
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    let chat = gateway.recipient(call.slot.as_ref(), &phone)?;
    let Some(row) = gateway.find_message(call.slot.as_ref(), id) else {
        return Err(Reply::internal(&format!("message with ID {id} not found")));
    };
    let Some(media) = row.message.content.media() else {
        return Err(Reply::internal(&format!("message {id} does not contain downloadable media")));
    };
    if row.message.chat != chat {
        let jid = ids::protocol(&chat);
        return Err(Reply::internal(&format!("message {id} does not belong to chat {jid}")));
    }
    let Some(bytes) = media.bytes.clone() else {
        return Err(Reply::internal("failed to download media: download failed with status code 410"));
    };
    let digits: String = ids::user_of(&row.message.chat).chars().take_while(char::is_ascii_digit).collect();
    let day = super::rows::shown_time(Some(row.at_ms)).chars().take(10).collect::<String>();
    let name = format!("{}-{}.{}", gateway.world.now(), gateway.uuid(), media.extension());
    let path = format!("statics/media/{digits}/{day}/{name}");
    let status = format!("Media downloaded successfully to {path}");
    let mut results = json!({
        "message_id": id,
        "status": status,
        "media_type": row.media_type,
        "filename": name,
        "file_path": path,
        "file_size": bytes.len(),
    });
    if call.since(Version::V8_8)
        && let Some(results) = results.as_object_mut()
    {
        results.insert("file_url".to_owned(), json!(format!("{}/{path}", call.origin())));
    }
    gateway.inner().files.insert(path, (media.mime.clone(), bytes));
    Ok(Reply::results(&status, results))
}

impl Gateway {
    /// A file that was put under `/statics`; served without credentials.
    pub(super) fn file(&self, path: &str) -> Option<Reply> {
        let path = percent_encoding::percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy();
        let inner = self.inner();
        let (mime, bytes) = inner.files.get(path.as_ref())?;
        Some(Reply::file(mime, bytes.clone()))
    }
}

/// Address of a chat's picture: the one it has at WhatsApp, or one that the simulator serves.
pub(super) fn picture_url(call: &Call<'_>, chat: &Chat) -> Option<String> {
    let picture = chat.picture.as_ref()?;
    if let Some(url) = &picture.url {
        return Some(url.clone());
    }
    let path = format!("statics/pictures/{}.jpg", ids::user_of(&chat.id));
    let url = format!("{}/{path}", call.origin());
    call.gateway.inner().files.insert(path, ("image/jpeg".to_owned(), picture.bytes.clone()));
    Some(url)
}

/// The number WhatsApp gives a picture, the same in every run.
pub(super) fn picture_id(chat: &Chat) -> String {
    let sum = chat.id.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    (1_600_000_000 + sum % 100_000_000).to_string()
}
