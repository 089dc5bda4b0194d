use std::fmt;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::{Error, ErrorKind, Operation, Result};

/// The bytes of a message's media, arriving.
pub struct MediaStream {
    /// The MIME type, where it is told.
    pub mime_type: Option<String>,
    /// How many bytes there will be, where it is told.
    pub size_bytes: Option<u64>,
    /// The file's name as sent; it comes from a stranger.
    pub file_name: Option<String>,
    stream: BoxStream<'static, Result<Bytes>>,
}

impl MediaStream {
    /// A stream of bytes.
    pub fn new(stream: impl futures::Stream<Item = Result<Bytes>> + Send + 'static) -> Self {
        Self { mime_type: None, size_bytes: None, file_name: None, stream: stream.boxed() }
    }

    /// The bytes as they arrive.
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        self.stream
    }

    /// All of them in memory, at most `cap` bytes.
    ///
    /// # Errors
    /// `TooLarge` past the cap; those of a read.
    pub async fn bytes(mut self, cap: usize) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.stream.try_next().await? {
            if all.len() + chunk.len() > cap {
                return Err(Error::new(ErrorKind::TooLarge, Operation::DownloadMedia)
                    .with_message("the media is larger than allowed in memory"));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Writes them out as they arrive and tells how many there were.
    ///
    /// # Errors
    /// `Io` when writing fails; those of a read.
    pub async fn write_to(mut self, out: &mut (impl AsyncWrite + Unpin + Send)) -> Result<u64> {
        let mut written = 0;
        while let Some(chunk) = self.stream.try_next().await? {
            out.write_all(&chunk).await.map_err(io)?;
            written += chunk.len() as u64;
        }
        out.flush().await.map_err(io)?;
        Ok(written)
    }

    /// Saves them in a folder under a sanitised form of the name sent (`media` where none was), never over
    /// a file that is there: a number is added. The file appears only once it is whole.
    ///
    /// # Errors
    /// `Io` when writing fails; those of a read.
    pub async fn save_to(self, folder: impl AsRef<Path> + Send) -> Result<PathBuf> {
        let name = sanitise(self.file_name.as_deref().unwrap_or(""), self.mime_type.as_deref());
        let folder = folder.as_ref().to_owned();
        let part = folder.join(format!(".{name}.{:08x}.part", fastrand::u32(..)));
        let saved = async {
            let mut file = tokio::fs::File::create_new(&part).await.map_err(io)?;
            self.write_to(&mut file).await?;
            file.sync_all().await.map_err(io)?;
            place(&part, &folder, &name).await
        }
        .await;
        if saved.is_err() {
            tokio::fs::remove_file(&part).await.ok();
        }
        saved
    }

    /// Saves them as this file, replacing it; it appears only once it is whole. Tells how many bytes.
    ///
    /// # Errors
    /// `Io` when writing fails; those of a read.
    pub async fn save_as(self, path: impl AsRef<Path> + Send) -> Result<u64> {
        let path = path.as_ref().to_owned();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let part = path.with_file_name(format!(".{name}.{:08x}.part", fastrand::u32(..)));
        let saved = async {
            let mut file = tokio::fs::File::create_new(&part).await.map_err(io)?;
            let written = self.write_to(&mut file).await?;
            file.sync_all().await.map_err(io)?;
            tokio::fs::rename(&part, &path).await.map_err(io)?;
            Ok(written)
        }
        .await;
        if saved.is_err() {
            tokio::fs::remove_file(&part).await.ok();
        }
        saved
    }
}

/// A hard link fails where the name is taken, so that two downloads never overwrite each other.
async fn place(part: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let (stem, extension) =
        name.rsplit_once('.').map_or((name, String::new()), |(s, e)| (s, format!(".{e}")));
    for n in 0..10_000 {
        let candidate =
            folder.join(if n == 0 { name.to_owned() } else { format!("{stem} ({n}){extension}") });
        match tokio::fs::hard_link(part, &candidate).await {
            Ok(()) => {
                tokio::fs::remove_file(part).await.ok();
                return Ok(candidate);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(_) if !tokio::fs::try_exists(&candidate).await.map_err(io)? => {
                tokio::fs::rename(part, &candidate).await.map_err(io)?;
                return Ok(candidate);
            }
            Err(_) => {}
        }
    }
    Err(Error::new(ErrorKind::Io, Operation::DownloadMedia)
        .with_message("no free file name is left in the folder"))
}

/// The name a stranger gave a file, made safe: no folders, no control or reserved characters, no leading
/// dots, at most 120 bytes, an extension from the type where there is none.
pub(crate) fn sanitise(name: &str, mime_type: Option<&str>) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let safe: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let mut safe = safe.trim().trim_start_matches('.').trim_end_matches(['.', ' ']).to_owned();
    while safe.len() > 120 {
        let cut = safe
            .char_indices()
            .rev()
            .nth(if safe.rsplit_once('.').is_some_and(|(_, e)| e.len() < 10) { 10 } else { 0 });
        match cut {
            Some((at, _)) => drop(safe.remove(at)),
            None => break,
        }
    }
    let stem = safe.split('.').next().unwrap_or("").to_ascii_uppercase();
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")));
    if safe.is_empty() || device {
        safe = format!("media{safe}");
    }
    if !safe.contains('.')
        && let Some(extension) = mime_type.and_then(extension)
    {
        safe = format!("{safe}.{extension}");
    }
    safe
}

fn extension(mime_type: &str) -> Option<&'static str> {
    Some(match mime_type.split(';').next().unwrap_or("").trim() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "video/mp4" => "mp4",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        _ => return None,
    })
}

fn io(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, Operation::DownloadMedia)
        .with_message(format!("writing the file failed: {}", error.kind()))
}

impl fmt::Debug for MediaStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaStream")
            .field("mime_type", &self.mime_type)
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_strangers_stay_in_the_folder() {
        assert_eq!(sanitise("../../etc/passwd", None), "passwd");
        assert_eq!(sanitise("..\\..\\boot.ini", None), "boot.ini");
        assert_eq!(sanitise("..", Some("image/jpeg")), "media.jpg");
        assert_eq!(sanitise("a\0b\r\nc.txt", None), "abc.txt");
        assert_eq!(sanitise("nul.txt", None), "medianul.txt");
        assert_eq!(sanitise("", None), "media");
        assert!(sanitise(&"é".repeat(300), None).len() <= 120);
        assert!(sanitise(&format!("{}.pdf", "x".repeat(300)), None).ends_with(".pdf"));
    }

    #[tokio::test]
    async fn a_second_file_of_the_same_name_gets_a_number() {
        let folder = std::env::temp_dir().join(format!("wachats-{:x}", fastrand::u64(..)));
        tokio::fs::create_dir(&folder).await.unwrap();
        for expected in ["a.txt", "a (1).txt"] {
            let mut media = MediaStream::new(futures::stream::iter([Ok(Bytes::from_static(b"x"))]));
            media.file_name = Some("a.txt".into());
            assert_eq!(media.save_to(&folder).await.unwrap(), folder.join(expected));
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
