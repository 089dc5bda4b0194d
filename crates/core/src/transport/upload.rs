use std::fmt;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use reqwest::Body;
use serde::Serialize;

use crate::sending::{Content, Faults};
use crate::{Effect, Error, ErrorKind, Operation, Result};

/// A body that holds a file: a form, or JSON with the file in base64 in it. Its length is known beforehand and
/// the file is read while it is sent, so that it costs no memory, whatever its size.
pub struct Upload {
    pieces: Vec<Piece>,
    content_type: String,
    faults: Faults,
}

enum Piece {
    Bytes(Bytes),
    File(Content),
    Base64(Content),
}

impl Upload {
    /// A form, `multipart/form-data`. Fields that gateways read first stand before the file.
    pub fn form() -> Form {
        Form {
            boundary: format!("wachats-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)),
            head: Vec::new(),
        }
    }

    /// A text to stand in JSON where [`json`](Self::json) puts a file. It is random: no text of a caller holds
    /// it.
    pub fn marker() -> String {
        format!("wachats-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
    }

    /// `body` as JSON, with the file in base64 in place of the text `marker`.
    ///
    /// # Errors
    /// `InvalidInput` where the body can't be written as JSON or doesn't hold the marker.
    pub fn json(body: &impl Serialize, marker: &str, content: Content) -> Result<Self> {
        let refuse = || {
            Error::new(ErrorKind::InvalidInput, Operation::SendMedia)
                .with_effect(Effect::NotSent)
                .with_message("the request can't be written as JSON")
        };
        let text = serde_json::to_string(body).map_err(|_| refuse())?;
        let (before, after) = text.split_once(marker).ok_or_else(refuse)?;
        Ok(Self {
            pieces: vec![
                Piece::Bytes(before.to_owned().into()),
                Piece::Base64(content),
                Piece::Bytes(after.to_owned().into()),
            ],
            content_type: "application/json".to_owned(),
            faults: Faults::default(),
        })
    }

    /// How long the body is, in bytes.
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    pub(super) fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Refuses a file that can't be sent any more, before any byte of it leaves.
    pub(super) async fn ready(&self, operation: Operation) -> Result<()> {
        for piece in &self.pieces {
            if let Piece::File(content) | Piece::Base64(content) = piece {
                content.still_there().await.map_err(|error| error.with_operation(operation))?;
            }
        }
        Ok(())
    }

    /// The body for one attempt; each reads the file anew.
    pub(super) fn body(&self) -> Body {
        let streams: Vec<_> = self.pieces.iter().map(|piece| piece.stream(&self.faults)).collect();
        let faults = self.faults.clone();
        Body::wrap_stream(stream::iter(streams).flatten().inspect(move |_| faults.begun()))
    }

    /// What went wrong with the file while it was sent, if anything did.
    pub(super) fn fault(&self, operation: Operation) -> Option<Error> {
        self.faults.error(operation)
    }
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(content) => content.len(),
            Self::Base64(content) => content.base64_len(),
        }
    }

    fn stream(&self, faults: &Faults) -> stream::BoxStream<'static, std::io::Result<Bytes>> {
        match self {
            Self::Bytes(bytes) => stream::iter([Ok(bytes.clone())]).boxed(),
            Self::File(content) => content.chunks(faults.clone()),
            Self::Base64(content) => content.base64(faults.clone()),
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({} bytes)", self.len())
    }
}

/// A form that is being filled; made by [`Upload::form`].
#[must_use = "it is sent once it has its file"]
pub struct Form {
    boundary: String,
    head: Vec<u8>,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} bytes)", self.head.len())
    }
}

impl Form {
    /// Adds a field.
    pub fn text(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let head = format!("--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n", self.boundary);
        self.head.extend_from_slice(head.as_bytes());
        self.head.extend_from_slice(value.as_ref().as_bytes());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// Adds a field where there is a value.
    pub fn text_opt(self, name: &'static str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Ends it with its file.
    pub fn file(mut self, name: &'static str, file_name: &str, mime_type: &str, content: Content) -> Upload {
        // as browsers write names: quotes and line ends can't end the header
        let file_name = file_name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: {mime_type}\r\n\r\n",
            self.boundary
        );
        self.head.extend_from_slice(head.as_bytes());
        let tail = format!("\r\n--{}--\r\n", self.boundary);
        Upload {
            pieces: vec![Piece::Bytes(self.head.into()), Piece::File(content), Piece::Bytes(tail.into())],
            content_type: format!("multipart/form-data; boundary={}", self.boundary),
            faults: Faults::default(),
        }
    }
}
