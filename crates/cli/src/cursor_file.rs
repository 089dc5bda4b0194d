//! The file in which `sync` keeps its cursor: one run at a time works with it, and it is replaced whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};
use tempfile::NamedTempFile;
use wachats::{ErrorKind, SyncCursor};

use crate::failure::{Failure, Run, Stop};

/// At the latest after so long, the file is brought to the disk: what was read is lost to a power cut alone.
const TO_DISK: Duration = Duration::from_secs(1);
/// How the names of files end that are about to replace the cursor's.
const NEW: &str = ".wachats-new";

/// The file, held against other runs until it is dropped.
pub(crate) struct CursorFile {
    path: PathBuf,
    on_disk: Instant,
    _lock: Option<Lock>,
}

impl CursorFile {
    /// Fails where another run works with the file or where it can't be written, before anything is asked of the gateway.
    pub(crate) fn open(path: &Path) -> Run<Self> {
        let path = target(path).map_err(|error| failed("read", &error))?;
        let lock = Lock::take(beside(&path, "lock"))?;
        if lock.is_some() {
            sweep(&path); // without a lock they may be another run's
        }
        let file = Self { path, on_disk: Instant::now(), _lock: lock };
        file.create().map_err(|error| failed("written", &error))?;
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
            file.as_file().sync_all()?;
            self.on_disk = Instant::now();
        }
        file.persist(&self.path).map_err(|failed| failed.error)?;
        if let (true, Ok(folder)) = (due, File::open(folder(&self.path))) {
            folder.sync_all().ok(); // not every system can; the file itself is on the disk
        }
        Ok(())
    }

    /// A new file beside the cursor's, of a name that nobody else has: some file systems know no locks, and two hosts
    /// that share one may give the same number to a process. It is gone when it is dropped.
    fn create(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(&new_of(&self.path)).suffix(NEW).tempfile_in(folder(&self.path))
    }
}

/// How the names of files begin that are about to replace this one.
fn new_of(path: &Path) -> OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name
}

/// Removes what runs left behind that were killed while they wrote.
fn sweep(path: &Path) {
    let begin = new_of(path);
    for entry in fs::read_dir(folder(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let rest = name.as_encoded_bytes().strip_prefix(begin.as_encoded_bytes());
        let random = rest.and_then(|rest| rest.strip_suffix(NEW.as_bytes()));
        if random.is_some_and(|random| random.iter().all(u8::is_ascii_alphanumeric)) {
            fs::remove_file(entry.path()).ok();
        }
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
                Err(TryLockError::Error(error)) if knows_no_locks(&error) => {
                    fs::remove_file(&path).ok(); // nobody can hold it
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

/// Does this tell that the file system has no locks? A mount without its lock service says that none is left (ENOLCK),
/// which has no kind of its own.
fn knows_no_locks(error: &io::Error) -> bool {
    const NO_LOCK: i32 = if cfg!(any(target_os = "linux", target_os = "android")) { 37 } else { 77 };
    error.kind() == io::ErrorKind::Unsupported || cfg!(unix) && error.raw_os_error() == Some(NO_LOCK)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Neither by a process of the same number on another host, nor by a run that was killed.
    #[test]
    fn the_file_is_written_under_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cursor");
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let left = folder.path().join("cursor.abc123.wachats-new");
        fs::write(&left, "half").unwrap();
        let others = folder.path().join("cursor.abc123.new");
        fs::write(&others, "not ours").unwrap();
        let file = CursorFile::open(&path).unwrap();
        assert!(!left.exists() && others.exists());
        let (one, other) = (file.create().unwrap(), file.create().unwrap());
        assert_ne!(one.path(), other.path());
        drop((one, other, file));
        assert_eq!(names(), 1, "what isn't ours alone");
    }

    #[test]
    fn a_share_without_its_lock_service_knows_no_locks() {
        assert!(knows_no_locks(&io::ErrorKind::Unsupported.into()));
        assert!(!knows_no_locks(&io::ErrorKind::PermissionDenied.into()));
        #[cfg(target_os = "linux")]
        assert!(knows_no_locks(&io::Error::from_raw_os_error(37)), "ENOLCK");
    }
}
