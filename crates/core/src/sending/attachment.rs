use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use super::{AttachmentKind, Content, Prepared};
use crate::{Effect, Error, ErrorKind, Operation, Result};

/// Told how many bytes of a file were handed on so far, and how many there are.
pub(crate) type Hook = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// A file to be sent: from disk, from memory, or from an address.
///
/// Its type is found from its bytes. How it is shown ([`kind`](Self::kind)) follows from the type unless it is
/// said: JPEG and PNG as pictures, MP4 as video, sound as audio, everything else as a document. The name that
/// is sent ends as the type wants it, since gateways decide by it.
///
/// A file on disk is read while it is sent, 96 KiB at a time, whatever its size; through WAHA and Wappfy it is
/// turned into base64 on the way. It must be a regular file that is not empty, and must not shrink meanwhile.
///
/// # Addresses
/// An address is fetched by this library, into a temporary file, and its bytes are sent: with the feature `fetch`,
/// without it that is `Unsupported`. From public places
/// alone: link-local, private and loopback ones are `Forbidden` unless the gateway itself is on that host or
/// [the host was allowed](crate::transport::HttpOptions::allow_media_host); never with credentials; redirects
/// under the same rules. With [`gateway_fetches`](Self::gateway_fetches) the gateway fetches it instead:
/// gateways do that **without any protection**, from private networks too, and WAHA without checking
/// certificates. Don't pass on the addresses of strangers that way.
///
/// ```
/// use wachats_core::{Attachment, AttachmentKind};
/// let photo = Attachment::file("sea.jpg").caption("The sea");
/// let note = Attachment::bytes(&b"OggS"[..]).kind(AttachmentKind::Voice);
/// let report = Attachment::url("https://example.com/r/17")?.file_name("report.pdf");
/// # let _ = (photo, note, report);
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Attachment {
    pub(crate) source: Source,
    pub(crate) kind: Option<AttachmentKind>,
    pub(crate) caption: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) gateway_fetches: bool,
    pub(crate) hook: Option<Hook>,
}

/// Where a file comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Source {
    File(PathBuf),
    Bytes(Bytes),
    Url(Url),
}

impl Attachment {
    fn new(source: Source) -> Self {
        Self { source, kind: None, caption: None, file_name: None, gateway_fetches: false, hook: None }
    }

    /// A file on disk. It is looked at when it is sent.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::new(Source::File(path.into()))
    }

    /// Bytes in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Source::Bytes(bytes.into()))
    }

    /// What is at this address when it is sent: fetched by the library, which needs the feature `fetch`, unless
    /// [the gateway is to fetch it](Self::gateway_fetches).
    ///
    /// # Errors
    /// `InvalidInput` for what is no address, `Forbidden` for one that is neither http nor https or that holds
    /// credentials.
    pub fn url(url: impl AsRef<str>) -> Result<Self> {
        let refuse = |kind, message: &'static str| {
            Err(Error::new(kind, Operation::SendMedia).with_effect(Effect::NotSent).with_message(message))
        };
        let Ok(url) = Url::parse(url.as_ref().trim()) else {
            return refuse(ErrorKind::InvalidInput, "the address of the file can't be read");
        };
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return refuse(
                ErrorKind::Forbidden,
                "a file is fetched by http or https, from an address without credentials",
            );
        }
        Ok(Self::new(Source::Url(url)))
    }

    /// How it is shown. The bytes must be of such a type.
    pub fn kind(mut self, kind: AttachmentKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The text below it. WhatsApp has none with audio, voice notes and stickers.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        let caption = caption.into();
        self.caption = (!caption.is_empty()).then_some(caption);
        self
    }

    /// The name that is sent, in place of the file's own or the address's last part. It is sent with the ending
    /// that fits the bytes.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Whether the gateway fetches an address itself: it does so without protection, see [`Attachment`].
    pub fn gateway_fetches(mut self, fetches: bool) -> Self {
        self.gateway_fetches = fetches;
        self
    }

    /// Told while it is sent: bytes of the file handed on so far, and how many there are. Handed on is not
    /// arrived. Must not block.
    pub fn on_progress(mut self, told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(told));
        self
    }

    /// Refuses a file that can't be sent, and a caption that is too long, before any request.
    ///
    /// # Errors
    /// `InvalidInput` for what is missing, unreadable, empty, no regular file or of another type than its kind.
    pub(crate) async fn check(&self) -> Result<()> {
        self.local().await.map(drop)
    }

    /// Made ready, where no gateway is needed for it; `None` for an address.
    pub(crate) async fn local(&self) -> Result<Option<Prepared>> {
        if self.caption.as_deref().is_some_and(|caption| caption.chars().count() > 65_536) {
            return Err(Error::new(ErrorKind::InvalidInput, Operation::SendMedia)
                .with_message("the caption is longer than WhatsApp's 65,536 characters"));
        }
        let (content, own_name) = match &self.source {
            Source::Url(_) => return Ok(None),
            Source::Bytes(bytes) => (Content::of_bytes(bytes.clone())?, None),
            Source::File(path) => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                (Content::of_file(path).await?, name)
            }
        };
        self.made_ready(content, own_name).await.map(Some)
    }

    /// With the content that it turned out to have.
    pub(crate) async fn made_ready(&self, content: Content, own_name: Option<String>) -> Result<Prepared> {
        let head = content.head().await?;
        Prepared::of_content(self, content.told(self.hook.clone()), &head, own_name.as_deref())
    }
}

impl PartialEq for Attachment {
    /// Who is told of progress doesn't count.
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
            && self.kind == other.kind
            && self.caption == other.caption
            && self.file_name == other.file_name
            && self.gateway_fetches == other.gateway_fetches
    }
}

impl Eq for Attachment {}

impl fmt::Debug for Attachment {
    /// Without path, address, name and caption.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            Source::File(_) => "file",
            Source::Bytes(_) => "bytes",
            Source::Url(_) => "url",
        };
        f.debug_struct("Attachment")
            .field("source", &source)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
