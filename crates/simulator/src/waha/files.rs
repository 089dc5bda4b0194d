//! Files: made ready by reading a message, fetched under `/api/files`, forgotten after their lifetime.

use std::time::Instant;

use serde_json::{Value, json};

use super::app::{App, Call, StoredFile};
use super::reply::{Done, Outcome, Reply, cannot, refused};
use crate::world::Message;

/// Makes a message's file ready and describes it; `None` when the message has none.
pub(crate) fn describe(app: &App, message: &Message) -> Option<Value> {
    let media = message.content.media()?;
    let Some(bytes) = &media.bytes else {
        return Some(json!({
            "url": null, "mimetype": media.mime, "filename": media.file_name,
            "error": {"details": "Failed to fetch stream from https://mmg.whatsapp.net/v/t62.7118-24/sample.enc"},
        }));
    };
    let name = format!("{}.{}", message.key, media.extension());
    let expires = Instant::now().checked_add(app.profile.file_lifetime);
    let file = StoredFile { mime: media.mime.clone(), bytes: bytes.clone(), expires };
    // A lifetime of zero means that files are kept.
    let kept = app.profile.file_lifetime.is_zero();
    let file = if kept { StoredFile { expires: None, ..file } } else { file };
    let session = &app.profile.session;
    app.memory().files.insert(format!("{session}/{name}"), file);
    let base = if app.profile.base_url.is_empty() { &app.own_url } else { &app.profile.base_url };
    let url = format!("{base}/api/files/{session}/{name}");
    Some(json!({"url": url, "mimetype": media.mime, "filename": media.file_name}))
}

pub(crate) fn get(call: &Call<'_>, name: &[&str]) -> Outcome {
    let name = name.join("/");
    let mut memory = call.app.memory();
    let now = Instant::now();
    memory.files.retain(|_, file| file.expires.is_none_or(|expires| expires > now));
    match memory.files.get(&name) {
        Some(file) => Ok(Done::Raw(Reply::bytes(&file.mime, file.bytes.clone()))),
        None => Err(refused(404, format!("ENOENT: no such file or directory, stat '/srv/app/files/{name}'"))),
    }
}

/// A chat's picture that the world holds itself, served where WhatsApp's own servers would.
pub(crate) fn picture(call: &Call<'_>, chat: &str) -> Outcome {
    let picture = call.app.world.chat(chat).and_then(|chat| chat.picture);
    match picture.filter(|picture| !picture.bytes.is_empty()) {
        Some(picture) => Ok(Done::Raw(Reply::bytes("image/jpeg", picture.bytes))),
        None => Err(cannot(call.method.as_str(), &call.target)),
    }
}
