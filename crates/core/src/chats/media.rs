use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Chats;
use crate::{MediaStream, OpenMedia, Result};

/// The media of one message, not fetched yet.
///
/// # Errors
/// Of each method: `NotFound` when the message or its media isn't there any more; those of a read.
///
/// # Cancel safety
/// A file appears only once it is whole; a future dropped midway may leave a hidden `.part` file.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use wachats_core::{ChatId, Chats, Memory, Message, MessageKey};
/// # let (anna, key): (ChatId, MessageKey) = ("79001234567@c.us".parse()?, "3EB0C431".parse()?);
/// # let message = Message::new(anna, key.clone(), false);
/// # let chats = Chats::new(Memory::new([], [message.clone()]).with_media(key, "picture"));
/// let bytes = chats.media(&message).bytes(16 << 20).await?;
/// assert_eq!(bytes, "picture");
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Media {
    chats: Chats,
    query: OpenMedia,
}

impl Media {
    pub(super) fn new(chats: &Chats, query: OpenMedia) -> Self {
        Self { chats: chats.clone(), query }
    }

    /// Opens it: the bytes come as they arrive.
    ///
    /// # Errors
    /// See [`Media`].
    pub async fn open(&self) -> Result<MediaStream> {
        self.chats.run(self.chats.stack.open_media(&self.query)).await
    }

    /// Saves it in a folder under its own name made safe, never over a file that is there, and tells where.
    ///
    /// # Errors
    /// See [`Media`]; `Io` when writing fails.
    pub async fn save_to(&self, folder: impl AsRef<Path> + Send) -> Result<PathBuf> {
        self.open().await?.save_to(folder).await
    }

    /// Saves it as this file, replacing it, and tells how many bytes it has.
    ///
    /// # Errors
    /// See [`Media`]; `Io` when writing fails.
    pub async fn save_as(&self, path: impl AsRef<Path> + Send) -> Result<u64> {
        self.open().await?.save_as(path).await
    }

    /// All of it in memory, at most `cap` bytes.
    ///
    /// # Errors
    /// See [`Media`]; `TooLarge` past the cap.
    pub async fn bytes(&self, cap: usize) -> Result<Bytes> {
        self.open().await?.bytes(cap).await
    }
}
