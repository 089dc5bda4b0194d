//! `download`.

use std::path::PathBuf;

use futures::TryStreamExt;
use serde::Serialize;
use wachats::{ChatId, MediaStream, MessageId};

use crate::args::Command;
use crate::change::of_message;
use crate::failure::Run;
use crate::input;
use crate::run::Session;

/// What to save where.
pub(crate) struct Download {
    chat: ChatId,
    id: MessageId,
    path: PathBuf,
}

pub(crate) fn download(command: &Command) -> Run<Option<Download>> {
    let Command::Download { message, output } = command else { return Ok(None) };
    let (chat, id) = of_message(message)?;
    input::file(output)?;
    Ok(Some(Download { chat, id, path: output.clone() }))
}

#[derive(Serialize)]
struct Saved {
    ok: bool,
    path: PathBuf,
    size_bytes: u64,
    mime_type: Option<String>,
}

pub(crate) async fn run(mut session: Session, download: Download) -> Run {
    let media = session.chats.chat(download.chat)?.message(download.id)?.media().open().await?;
    let mime_type = media.mime_type.clone();
    session.progress.show_bytes(media.size_bytes);
    let bar = session.progress.clone();
    let counted = MediaStream::new(media.into_stream().inspect_ok(move |chunk| bar.inc(chunk.len() as u64)));
    let saved = counted.save_as(&download.path).await;
    session.progress.finish();
    session.out.object(&Saved { ok: true, path: download.path, size_bytes: saved?, mime_type })
}
