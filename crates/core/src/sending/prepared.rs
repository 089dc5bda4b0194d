use std::fmt;

use bytes::Bytes;
use url::Url;

use super::sniff::{self, Type};
use super::{Attachment, AttachmentKind, Content};
use crate::{Capability, Effect, Error, ErrorKind, Operation, Result};

/// An [`Attachment`] made ready to be sent: what its bytes are, what it is called, how it is shown.
#[derive(Clone)]
#[non_exhaustive]
pub struct Prepared {
    /// How it is shown.
    pub kind: AttachmentKind,
    /// The caller asked for this kind; else it follows from the type and a gateway that lacks it may show the
    /// file as a document.
    pub kind_asked: bool,
    /// The type of the bytes, in one spelling for each type and without parameters: `audio/ogg`.
    pub mime_type: &'static str,
    /// Ogg with Opus, what WhatsApp's voice notes are.
    pub is_opus: bool,
    /// The name, with the ending that fits the type; no folders, no control characters, at most 200 bytes.
    pub file_name: String,
    /// The name came from the caller and not from the file or the address.
    pub name_asked: bool,
    /// The text below it.
    pub caption: Option<String>,
    /// The bytes, or the address that the gateway is to fetch.
    pub body: Body,
}

/// What of an attachment goes to the gateway.
#[derive(Clone)]
#[non_exhaustive]
pub enum Body {
    /// Its bytes.
    Content(Content),
    /// Its address: the caller asked that the gateway fetch it. The type was told by the name alone then.
    Url(Url),
}

impl Prepared {
    pub(super) fn of_content(
        attachment: &Attachment,
        content: Content,
        head: &Bytes,
        own_name: Option<&str>,
    ) -> Result<Self> {
        let Type { mime, .. } = sniff::of_bytes(head);
        Self::of(attachment, sniff::of_bytes(head), own_name, Body::Content(content), shown(mime))
    }

    /// An address for the gateway to fetch: nothing is known but its name.
    pub(crate) fn of_url(attachment: &Attachment, url: &Url) -> Result<Self> {
        let own_name = name_in(url);
        let name = attachment.file_name.as_deref().or(own_name.as_deref());
        let told = name.and_then(sniff::of_ending);
        let kind = attachment.kind.or_else(|| told.map(shown)).unwrap_or(AttachmentKind::Document);
        let mime = told.filter(|mime| kind.takes(mime)).unwrap_or_else(|| kind.usual_type());
        let found =
            Type { mime, extension: sniff::usual_ending(mime).unwrap_or("bin"), opus: mime == "audio/ogg" };
        Self::of(attachment, found, own_name.as_deref(), Body::Url(url.clone()), kind)
    }

    fn of(
        attachment: &Attachment,
        found: Type,
        own_name: Option<&str>,
        body: Body,
        shown: AttachmentKind,
    ) -> Result<Self> {
        let kind = attachment.kind.unwrap_or(shown);
        if !kind.takes(found.mime) {
            return Err(refuse(
                ErrorKind::InvalidInput,
                match kind {
                    AttachmentKind::Video => "the bytes of the file are no video",
                    AttachmentKind::Audio | AttachmentKind::Voice => "the bytes of the file are no sound",
                    _ => "the bytes of the file are no picture",
                },
            ));
        }
        if attachment.caption.is_some() && !kind.has_caption() {
            return Err(lacks("WhatsApp shows no caption with audio, voice notes and stickers"));
        }
        let asked = attachment.file_name.as_deref().filter(|name| !sniff::clean(name).is_empty());
        Ok(Self {
            kind,
            kind_asked: attachment.kind.is_some(),
            mime_type: found.mime,
            is_opus: found.opus,
            file_name: sniff::name(asked.or(own_name), kind.as_str(), found),
            name_asked: asked.is_some(),
            caption: attachment.caption.clone(),
            body,
        })
    }

    /// Refuses it when it is larger than the gateway takes; `what` says how much that is, and of what.
    ///
    /// # Errors
    /// `TooLarge`, before anything is sent.
    pub fn at_most(&self, bytes: u64, what: &'static str) -> Result<()> {
        match &self.body {
            Body::Content(content) if content.len() > bytes => Err(refuse(ErrorKind::TooLarge, what)),
            _ => Ok(()),
        }
    }

    /// The ending of its name, without the dot, lower case.
    pub fn extension(&self) -> String {
        self.file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("kind", &self.kind)
            .field("mime_type", &self.mime_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(content) => write!(f, "{content:?}"),
            Self::Url(_) => f.write_str("Url(…)"),
        }
    }
}

/// How a file of this type is shown where nobody says so.
fn shown(mime: &str) -> AttachmentKind {
    match mime {
        "image/jpeg" | "image/png" => AttachmentKind::Image,
        "video/mp4" => AttachmentKind::Video,
        mime if mime.starts_with("audio/") => AttachmentKind::Audio,
        _ => AttachmentKind::Document,
    }
}

/// The last part of an address's path, where it looks like a name.
pub(crate) fn name_in(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    let name = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
    let name = sniff::clean(&name);
    (!name.is_empty()).then_some(name)
}

fn refuse(kind: ErrorKind, message: &'static str) -> Error {
    Error::new(kind, Operation::SendMedia).with_effect(Effect::NotSent).with_message(message)
}

fn lacks(message: &'static str) -> Error {
    refuse(ErrorKind::Unsupported, message).with_capability(Capability::SendMedia)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(attachment: Attachment) -> Result<Prepared> {
        attachment.local().await.map(Option::unwrap)
    }

    fn jpeg() -> Attachment {
        Attachment::bytes(&b"\xff\xd8\xff\xe0\0\x10JFIF"[..])
    }

    #[tokio::test]
    async fn the_kind_follows_from_the_bytes_unless_it_is_said() {
        let photo = of(jpeg().file_name("x.pdf").caption("Sea")).await.unwrap();
        assert_eq!((photo.kind, photo.kind_asked), (AttachmentKind::Image, false));
        assert_eq!((photo.file_name.as_str(), photo.caption.as_deref()), ("x.pdf.jpg", Some("Sea")));
        let asked = of(jpeg().kind(AttachmentKind::Document)).await.unwrap();
        assert_eq!((asked.kind, asked.file_name.as_str()), (AttachmentKind::Document, "document.jpg"));
        let text = of(Attachment::bytes("hello")).await.unwrap();
        assert_eq!((text.kind, text.file_name.as_str()), (AttachmentKind::Document, "document.txt"));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused() {
        for kind in [AttachmentKind::Video, AttachmentKind::Voice, AttachmentKind::Audio] {
            assert_eq!(of(jpeg().kind(kind)).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{kind}");
        }
        let spoken = of(Attachment::bytes(&b"OggS\0\0"[..]).caption("Listen")).await.unwrap_err();
        assert_eq!(
            (spoken.kind(), spoken.capability()),
            (ErrorKind::Unsupported, Some(Capability::SendMedia))
        );
        assert_eq!(of(Attachment::bytes("")).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        let photo = of(jpeg()).await.unwrap();
        let error = photo.at_most(3, "3 bytes at most").unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::TooLarge, Effect::NotSent));
    }

    #[test]
    fn an_address_is_named_by_its_last_part() {
        let url: Url = "https://example.com/a/b%20c.mp4?sig=1".parse().unwrap();
        let prepared = Prepared::of_url(&Attachment::url(url.as_str()).unwrap(), &url).unwrap();
        assert_eq!((prepared.kind, prepared.file_name.as_str()), (AttachmentKind::Video, "b c.mp4"));
        let bare: Url = "https://example.com/".parse().unwrap();
        let wanted = Attachment::url(bare.as_str()).unwrap().kind(AttachmentKind::Image);
        let prepared = Prepared::of_url(&wanted, &bare).unwrap();
        assert_eq!((prepared.mime_type, prepared.file_name.as_str()), ("image/jpeg", "image.jpg"));
    }

    #[test]
    fn addresses_of_other_kinds_are_refused() {
        let kind = |url: &str| Attachment::url(url).unwrap_err().kind();
        assert_eq!(kind("file:///etc/passwd"), ErrorKind::Forbidden);
        assert_eq!(kind("https://user:pass@example.com/x"), ErrorKind::Forbidden);
        assert_eq!(kind("not an address"), ErrorKind::InvalidInput);
    }
}
