//! `sync`: what is new in all chats since the cursor in a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use wachats::{ErrorKind, Message, SyncCursor, SyncStart};

use crate::args::{Command, FormatArg, Global};
use crate::failure::{Failure, Run, Stop};
use crate::input;
use crate::run::Session;

/// At the latest after so long, the file is brought to the disk: what was read is lost to a power cut alone.
const TO_DISK: Duration = Duration::from_secs(1);

/// From where on, and where the cursor is kept.
pub(crate) struct Wish {
    start: SyncStart,
    path: PathBuf,
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
    let start = match (read(cursor)?, since) {
        (Some(cursor), _) => cursor.into(),
        (None, Some(since)) => since.into(),
        (None, None) => return wrong("isn't there yet: say with --since where to begin"),
    };
    Ok(Some(Wish { start, path: cursor.clone() }))
}

/// The cursor in a file; `None` where there is no file.
fn read(path: &Path) -> Run<Option<SyncCursor>> {
    match fs::read(path) {
        // a damaged one is told by what reads it
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().parse()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &error)),
    }
}

fn failed(what: &str, error: &io::Error) -> Stop {
    Failure::new(ErrorKind::Io, format!("the cursor file can't be {what}: {}", error.kind())).into()
}

pub(crate) async fn run(mut session: Session, wish: Wish) -> Run {
    let mut file = Keeper::new(&wish.path).map_err(|error| failed("written", &error))?;
    let mut list = session.out.list::<Message>()?;
    session.progress.show_items("messages");
    let mut stream = session.chats.sync(wish.start).stream();
    let outcome = loop {
        let new = match stream.try_next().await {
            Ok(Some(new)) => new,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        // printed and flushed before the file says so
        list.push(&new.message)?;
        file.keep(&new.cursor(), false).map_err(|error| failed("written", &error))?;
        session.progress.inc(1);
    };
    session.progress.finish();
    if let Some(cursor) = stream.cursor() {
        file.keep(&cursor, true).map_err(|error| failed("written", &error))?;
    }
    outcome?;
    list.end()
}

/// Replaces the file, whole or not at all.
struct Keeper {
    path: PathBuf,
    new: PathBuf,
    on_disk: Instant,
}

impl Keeper {
    /// Fails where the file can't be written, before anything is asked of the gateway.
    fn new(path: &Path) -> io::Result<Self> {
        // a link stays one
        let path = if path.exists() { fs::canonicalize(path)? } else { path.to_owned() };
        let mut new = path.clone().into_os_string();
        new.push(".new");
        let keeper = Self { path, new: new.into(), on_disk: Instant::now() };
        keeper.create()?;
        fs::remove_file(&keeper.new)?;
        Ok(keeper)
    }

    /// It names chats: others need not read it.
    fn create(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.new)
    }

    fn keep(&mut self, cursor: &SyncCursor, last: bool) -> io::Result<()> {
        let mut file = self.create()?;
        writeln!(file, "{cursor}")?;
        let due = last || self.on_disk.elapsed() >= TO_DISK;
        if due {
            file.sync_all()?;
            self.on_disk = Instant::now();
        }
        drop(file);
        fs::rename(&self.new, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let (true, Ok(folder)) = (due, File::open(folder.unwrap_or(Path::new(".")))) {
            folder.sync_all().ok(); // not every system can; the file itself is on the disk
        }
        Ok(())
    }
}
