//! The file in which `sync` keeps its cursor: one run at a time works with it, and it is replaced whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};
use wachats::{ErrorKind, SyncCursor};

use crate::failure::{Failure, Run, Stop};

/// At the latest after so long, the file is brought to the disk: what was read is lost to a power cut alone.
const TO_DISK: Duration = Duration::from_secs(1);

/// The file, held against other runs until it is dropped.
pub(crate) struct CursorFile {
    path: PathBuf,
    /// Each process writes beside the file under a name of its own: some file systems know no locks.
    new: PathBuf,
    on_disk: Instant,
    _lock: Option<Lock>,
}

impl CursorFile {
    /// Fails where another run works with the file or where it can't be written, before anything is asked of the gateway.
    pub(crate) fn open(path: &Path) -> Run<Self> {
        let path = target(path).map_err(|error| failed("read", &error))?;
        let lock = Lock::take(beside(&path, "lock"))?;
        let new = beside(&path, &format!("{}.new", std::process::id()));
        let file = Self { path, new, on_disk: Instant::now(), _lock: lock };
        file.create().and_then(|_| fs::remove_file(&file.new)).map_err(|error| failed("written", &error))?;
        Ok(file)
    }

    /// The cursor in it; `None` where there is no file yet.
    pub(crate) fn read(&self) -> Run<Option<SyncCursor>> {
        match fs::read(&self.path) {
            // a damaged one is told by what reads it
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().parse()?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &error)),
        }
    }

    /// Replaces what is in it.
    pub(crate) fn keep(&mut self, cursor: &SyncCursor, last: bool) -> Run {
        self.replace(cursor, last).map_err(|error| failed("written", &error))
    }

    fn replace(&mut self, cursor: &SyncCursor, last: bool) -> io::Result<()> {
        let mut file = self.create()?;
        writeln!(file, "{cursor}")?;
        let due = last || self.on_disk.elapsed() >= TO_DISK;
        if due {
            file.sync_all()?;
            self.on_disk = Instant::now();
        }
        drop(file);
        fs::rename(&self.new, &self.path)?;
        if let (true, Ok(folder)) = (due, File::open(folder(&self.path))) {
            folder.sync_all().ok(); // not every system can; the file itself is on the disk
        }
        Ok(())
    }

    fn create(&self) -> io::Result<File> {
        private().truncate(true).open(&self.new)
    }
}

/// A file beside the cursor's, held by this process and by no other; gone when it is dropped.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// `None` where the file system knows no locks.
    fn take(path: PathBuf) -> Run<Option<Self>> {
        loop {
            let file = private().open(&path).map_err(|error| failed("written", &error))?;
            match FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let message = "another run works with this cursor file: wait until it ends";
                    return Err(Failure::new(ErrorKind::Conflict, message).into());
                }
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(None);
                }
                Err(TryLockError::Error(error)) => return Err(failed("locked", &error)),
            }
            // the run that held it before may have removed it in between: then others lock another one
            if is_there(&file, &path).map_err(|error| failed("locked", &error))? {
                return Ok(Some(Self { path, _file: file }));
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if cfg!(unix) {
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Is this open file the one that the path names? Elsewhere than on Unix it is never removed.
#[cfg(unix)]
fn is_there(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_there(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// It names chats: others need not read it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// What a path leads to: a link stays one, also where nothing is at its end yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    const LINKS: usize = 40; // as many as Linux follows
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::symlink_metadata(&path) {
            Ok(info) if info.is_symlink() => path = folder(&path).join(fs::read_link(&path)?),
            Ok(_) => return fs::canonicalize(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many links"))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn failed(what: &str, error: &io::Error) -> Stop {
    Failure::new(ErrorKind::Io, format!("the cursor file can't be {what}: {}", error.kind())).into()
}
