use std::fmt;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::attachment::Hook;
use super::sniff::HEAD;
use crate::{Effect, Error, ErrorKind, Operation, Result};

/// Read at once; a multiple of 3, so that base64 has no padding before the end.
const CHUNK: usize = 96 * 1024;

/// The bytes of a file to be sent, of a length that is known. Clones share them.
#[derive(Clone)]
pub struct Content {
    place: Place,
    len: u64,
    hook: Option<Hook>,
}

#[derive(Clone)]
enum Place {
    Memory(Bytes),
    Disk(PathBuf),
    /// Removed with the last clone.
    #[cfg(feature = "fetch")]
    Temporary(Arc<tempfile::TempPath>),
}

/// What went wrong with a file while it was sent; shared with the body that was.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    fault: Option<&'static str>,
    begun: bool,
}

impl Faults {
    fn tell(&self, fault: &'static str) -> io::Error {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fault = Some(fault);
        io::Error::new(io::ErrorKind::UnexpectedEof, fault)
    }

    /// The first byte of the body was handed on.
    pub(crate) fn begun(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).begun = true;
    }

    /// The error of a file that failed while it was sent. A part of the request may have left by then; since it
    /// was broken off before its declared end, no gateway that follows HTTP takes it for whole.
    pub(crate) fn error(&self, operation: Operation) -> Option<Error> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let effect = if state.begun { Effect::Unknown } else { Effect::NotSent };
        state.fault.map(|fault| {
            Error::new(ErrorKind::InvalidInput, operation).with_effect(effect).with_message(fault)
        })
    }
}

fn refuse(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidInput, Operation::SendMedia)
        .with_effect(Effect::NotSent)
        .with_message(message)
}

fn unreadable(error: &io::Error) -> Error {
    refuse(match error.kind() {
        io::ErrorKind::NotFound => "the file to send isn't there".to_owned(),
        kind => format!("the file to send can't be read: {kind}"),
    })
}

impl Content {
    /// These bytes.
    pub(super) fn of_bytes(bytes: Bytes) -> Result<Self> {
        let len = bytes.len() as u64;
        if len == 0 {
            return Err(refuse("the file to send is empty"));
        }
        Ok(Self { place: Place::Memory(bytes), len, hook: None })
    }

    /// A file on disk.
    pub(super) async fn of_file(path: &Path) -> Result<Self> {
        // looked at before it is opened: to open a pipe would wait for its other end
        let info = tokio::fs::metadata(path).await.map_err(|error| unreadable(&error))?;
        if info.is_dir() {
            return Err(refuse("what is to be sent is a folder"));
        }
        if !info.is_file() {
            return Err(refuse("what is to be sent is no regular file: its length can't be known"));
        }
        Self::on_disk(Place::Disk(path.to_owned()), info.len())
    }

    /// A file of our own, removed afterwards.
    #[cfg(feature = "fetch")]
    pub(crate) fn of_temporary(path: tempfile::TempPath, len: u64) -> Result<Self> {
        Self::on_disk(Place::Temporary(Arc::new(path)), len)
    }

    fn on_disk(place: Place, len: u64) -> Result<Self> {
        if len == 0 {
            return Err(refuse("the file to send is empty"));
        }
        Ok(Self { place, len, hook: None })
    }

    pub(super) fn told(mut self, hook: Option<Hook>) -> Self {
        self.hook = hook;
        self
    }

    /// How many bytes there are; never 0.
    #[allow(clippy::len_without_is_empty, reason = "an empty one can't be made")]
    pub fn len(&self) -> u64 {
        self.len
    }

    fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Memory(_) => None,
            Place::Disk(path) => Some(path),
            #[cfg(feature = "fetch")]
            Place::Temporary(path) => Some(path),
        }
    }

    /// Its beginning, for finding its type.
    pub(super) async fn head(&self) -> Result<Bytes> {
        let path = match (&self.place, self.path()) {
            (Place::Memory(bytes), _) => return Ok(bytes.slice(..bytes.len().min(HEAD))),
            (_, path) => path.ok_or_else(|| refuse("the file to send isn't there"))?,
        };
        let file = File::open(path).await.map_err(|error| unreadable(&error))?;
        let mut head = Vec::with_capacity(HEAD);
        file.take(HEAD as u64).read_to_end(&mut head).await.map_err(|error| unreadable(&error))?;
        if head.is_empty() {
            return Err(refuse("the file to send is empty"));
        }
        Ok(head.into())
    }

    /// All of it in memory.
    ///
    /// # Errors
    /// `InvalidInput` for a file that can't be read any more, or that became shorter.
    pub async fn bytes(&self) -> Result<Bytes> {
        if let Place::Memory(bytes) = &self.place {
            return Ok(bytes.clone());
        }
        let (mut all, mut chunks) = (BytesMut::new(), self.chunks(Faults::default()));
        while let Some(chunk) = chunks.next().await {
            all.extend_from_slice(&chunk.map_err(|error| unreadable(&error))?);
        }
        Ok(all.freeze())
    }

    /// Refuses a file that is gone or became shorter since it was looked at.
    pub(crate) async fn still_there(&self) -> Result<()> {
        let Some(path) = self.path() else { return Ok(()) };
        let info = tokio::fs::metadata(path).await.map_err(|error| unreadable(&error))?;
        if info.len() < self.len { Err(refuse("the file to send became shorter")) } else { Ok(()) }
    }

    /// Its bytes from the beginning, exactly as many as it has. Each call opens it anew.
    pub(crate) fn chunks(&self, faults: Faults) -> BoxStream<'static, io::Result<Bytes>> {
        let (len, hook) = (self.len, self.hook.clone());
        let chunks = match &self.place {
            Place::Memory(bytes) => {
                let bytes = bytes.clone();
                stream::unfold(0, move |at| {
                    let chunk = bytes.slice(at..bytes.len().min(at + CHUNK));
                    async move { (!chunk.is_empty()).then(|| (Ok(chunk.clone()), at + chunk.len())) }
                })
                .boxed()
            }
            _ => stream::unfold(Reading::Closed(self.clone(), faults), Reading::next).boxed(),
        };
        let mut done = 0;
        chunks
            .inspect(move |chunk| {
                if let Ok(chunk) = chunk {
                    done += chunk.len() as u64;
                    if let Some(hook) = &hook {
                        hook(done, len);
                    }
                }
            })
            .boxed()
    }

    /// The same in base64, with padding at its end.
    pub(crate) fn base64(&self, faults: Faults) -> BoxStream<'static, io::Result<Bytes>> {
        self.chunks(faults).map(|chunk| chunk.map(|bytes| Bytes::from(STANDARD.encode(bytes)))).boxed()
    }

    /// How long it is in base64.
    pub(crate) fn base64_len(&self) -> u64 {
        self.len.div_ceil(3) * 4
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.len)
    }
}

/// A file while it is read.
enum Reading {
    Closed(Content, Faults),
    Open { file: File, left: u64, faults: Faults, keep: Content },
    Over,
}

impl Reading {
    async fn next(self) -> Option<(io::Result<Bytes>, Self)> {
        let (mut file, left, faults, keep) = match self {
            Self::Over | Self::Open { left: 0, .. } => return None,
            Self::Open { file, left, faults, keep } => (file, left, faults, keep),
            Self::Closed(content, faults) => match Self::open(&content).await {
                Ok(file) => (file, content.len, faults, content),
                Err(_) => {
                    return Some((Err(faults.tell("the file to send can't be read any more")), Self::Over));
                }
            },
        };
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        let mut chunk = BytesMut::with_capacity(wanted);
        while chunk.len() < wanted {
            let more = wanted.saturating_sub(chunk.len()) as u64;
            let fault = match (&mut file).take(more).read_buf(&mut chunk).await {
                Ok(0) => "the file became shorter while it was sent: the request was broken off",
                Ok(_) => continue,
                Err(_) => "reading the file failed while it was sent: the request was broken off",
            };
            return Some((Err(faults.tell(fault)), Self::Over));
        }
        let left = left.saturating_sub(chunk.len() as u64);
        Some((Ok(chunk.freeze()), Self::Open { file, left, faults, keep }))
    }

    async fn open(content: &Content) -> io::Result<File> {
        let path = content.path().ok_or(io::ErrorKind::NotFound)?;
        let mut file = File::open(path).await?;
        file.set_max_buf_size(CHUNK);
        file.seek(SeekFrom::Start(0)).await?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn whole(mut chunks: BoxStream<'static, io::Result<Bytes>>) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all)
    }

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|n| (n % 251) as u8).collect()
    }

    #[tokio::test]
    async fn chunks_are_the_file_in_both_forms() {
        for len in [1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5] {
            let wanted = bytes(len);
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &wanted).unwrap();
            let disk = Content::of_file(file.path()).await.unwrap();
            for content in [Content::of_bytes(wanted.clone().into()).unwrap(), disk] {
                assert_eq!(whole(content.chunks(Faults::default())).await.unwrap(), wanted);
                let text = whole(content.base64(Faults::default())).await.unwrap();
                assert_eq!(text.len() as u64, content.base64_len());
                assert_eq!(STANDARD.decode(text).unwrap(), wanted);
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_is_told_and_one_that_grows_is_cut() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes(2 * CHUNK)).unwrap();
        let content = Content::of_file(file.path()).await.unwrap();
        std::fs::write(file.path(), bytes(3 * CHUNK)).unwrap();
        assert_eq!(whole(content.chunks(Faults::default())).await.unwrap().len(), 2 * CHUNK);
        std::fs::write(file.path(), bytes(CHUNK + 7)).unwrap();
        let faults = Faults::default();
        faults.begun();
        assert!(whole(content.chunks(faults.clone())).await.is_err());
        let error = faults.error(Operation::SendMedia).unwrap();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::Unknown));
        assert!(content.still_there().await.is_err());
        file.close().unwrap();
        let faults = Faults::default();
        assert!(whole(content.chunks(faults.clone())).await.is_err());
        assert_eq!(faults.error(Operation::SendMedia).unwrap().effect(), Effect::NotSent);
    }

    #[tokio::test]
    async fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        std::fs::write(&empty, b"").unwrap();
        for path in [folder.path().to_owned(), empty, folder.path().join("missing")] {
            assert_eq!(Content::of_file(&path).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
