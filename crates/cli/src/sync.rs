//! `sync`: what is new in all chats since the cursor in a file.

use futures::TryStreamExt;
use wachats::{Message, SyncStart};

use crate::args::{Command, FormatArg, Global};
use crate::cursor_file::CursorFile;
use crate::failure::{Failure, Run};
use crate::input;
use crate::run::Session;

/// From where on, and where the cursor is kept.
pub(crate) struct Wish {
    start: SyncStart,
    file: CursorFile,
}

pub(crate) fn wish(command: &Command, global: &Global) -> Run<Option<Wish>> {
    let Command::Sync { cursor, since } = command else { return Ok(None) };
    if !matches!(global.format, None | Some(FormatArg::Jsonl)) {
        return Err(Failure::usage("sync prints lines as they come: --format jsonl alone").into());
    }
    let (since, _) = input::span(since.as_deref(), None)?;
    let wrong = |why: &str| Err(Failure::usage(format!("the cursor file {why}")).into());
    if cursor.as_os_str().is_empty() || cursor.file_name().is_none() || cursor.is_dir() {
        return wrong("is a folder or has no name");
    }
    let folder = cursor.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return wrong("is in a folder that doesn't exist");
    }
    // read once no other run can change it any more
    let file = CursorFile::open(cursor)?;
    let start = match (file.read()?, since) {
        (Some(cursor), _) => cursor.into(),
        (None, Some(since)) => since.into(),
        (None, None) => return wrong("isn't there yet: say with --since where to begin"),
    };
    Ok(Some(Wish { start, file }))
}

pub(crate) async fn run(mut session: Session, mut wish: Wish) -> Run {
    session.progress.show_items("messages");
    let outcome = catch_up(&mut session, &mut wish).await;
    session.progress.finish();
    outcome
}

async fn catch_up(session: &mut Session, wish: &mut Wish) -> Run {
    let mut list = session.out.list::<Message>()?;
    let mut stream = session.chats.sync(wish.start.clone()).stream();
    let outcome = loop {
        let new = match stream.try_next().await {
            Ok(Some(new)) => new,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        // printed and flushed before the file says so
        list.push(&new.message)?;
        wish.file.keep(&new.cursor(), false)?;
        session.progress.inc(1);
    };
    if let Some(cursor) = stream.cursor() {
        wish.file.keep(&cursor, true)?;
    }
    outcome?;
    list.end()
}
