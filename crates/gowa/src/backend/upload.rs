//! Files: a form for bytes, JSON for an address that the gateway is to fetch.

use reqwest::Method;
use serde_json::{Map, Value, json};
use wachats_core::sending::{Body, Content, Prepared};
use wachats_core::transport::Upload;
use wachats_core::{
    Attachment, AttachmentKind as Kind, Capability, ChatId, Effect, Error, ErrorKind, MessageId, MessageKey,
    Operation, Result,
};

use super::Gowa;
use super::change::sent;
use crate::error::local;
use crate::version::{V8_1, V8_7};

const OPERATION: Operation = Operation::SendMedia;
/// A document, in bytes.
const DOCUMENT: u64 = 50_000_000;
/// A request with all around its file, in bytes; beyond, the connection is reset.
const REQUEST: u64 = 100_000_000;

impl Gowa {
    pub(super) async fn send_file(
        &self,
        chat: &ChatId,
        attachment: &Attachment,
        reply_to: Option<&MessageId>,
    ) -> Result<Option<MessageKey>> {
        let mut file = self.transport.attachment(attachment, REQUEST).await?;
        let label = label(&mut file)?;
        match file.kind {
            Kind::Document => file.at_most(DOCUMENT, "the gateway takes documents of up to 50 MB"),
            _ => file.at_most(REQUEST, "the gateway takes requests of up to 100 MB"),
        }?;
        if file.kind == Kind::Sticker {
            self.no_reply(OPERATION, reply_to)?;
        }
        self.old_enough(file.kind, reply_to).await?;
        let route = Route::of(file.kind);
        let seconds = self.timer(OPERATION, chat).await?;
        let call = self.transport.call(OPERATION, Method::POST, route.template).path(["send", route.verb]);
        let reply_to = reply_to.map(|id| id.key().as_str());
        let call = match &file.body {
            Body::Content(content) => {
                call.upload(form(&route, &file, content, &label, &Fields { chat, reply_to, seconds })?)
            }
            Body::Url(url) => {
                fetchable(&file, url)?;
                call.json(&json(&route, &file, url.as_str(), &Fields { chat, reply_to, seconds }))
            }
            _ => return Err(lacks("the gateway can't be given this kind of file")),
        };
        let done = self.transport.send(call, sent).await;
        // a route that an old server lacks is no reason to refuse every other kind from then on
        done.map_err(|error| if is_route(&error) { self.no_route(&file) } else { error })
    }

    /// Older servers ignore what they don't know: they would send without the quote, or no voice note.
    async fn old_enough(&self, kind: Kind, reply_to: Option<&MessageId>) -> Result<()> {
        if reply_to.is_some() && self.version(OPERATION).await?.at_least(V8_7) != Some(true) {
            let message = "quotes in files came with v8.7.0, and it isn't known that the server is as new";
            return Err(lacks(message).with_capability(Capability::Reply));
        }
        if kind == Kind::Voice && self.version(OPERATION).await?.at_least(V8_1) != Some(true) {
            return Err(lacks("voice notes came with v8.1.0, and it isn't known that the server is as new"));
        }
        Ok(())
    }

    fn no_route(&self, file: &Prepared) -> Error {
        let message = match file.kind {
            Kind::Sticker => "the server has no route for stickers, which came with v7.7.0",
            _ => "the server has no route for this kind of file",
        };
        lacks(message).with_effect(Effect::Refused)
    }
}

fn is_route(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported && error.status() == Some(404)
}

fn lacks(message: &'static str) -> Error {
    local(ErrorKind::Unsupported, OPERATION, message).with_capability(Capability::SendMedia)
}

/// Where a kind goes, and what its field is called.
struct Route {
    verb: &'static str,
    url_field: &'static str,
    template: &'static str,
    caption: bool,
    compress: bool,
}

impl Route {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Image => Self::new("image", "image_url", "/send/image", true, true),
            Kind::Video => Self::new("video", "video_url", "/send/video", true, true),
            Kind::Audio | Kind::Voice => Self::new("audio", "audio_url", "/send/audio", false, false),
            Kind::Sticker => Self::new("sticker", "sticker_url", "/send/sticker", false, false),
            _ => Self::new("file", "file_url", "/send/file", true, false),
        }
    }

    const fn new(
        verb: &'static str,
        url_field: &'static str,
        template: &'static str,
        caption: bool,
        compress: bool,
    ) -> Self {
        Self { verb, url_field, template, caption, compress }
    }
}

/// What goes with every file.
struct Fields<'a> {
    chat: &'a ChatId,
    reply_to: Option<&'a str>,
    seconds: Option<u64>,
}

fn form(
    route: &Route,
    file: &Prepared,
    content: &Content,
    label: &str,
    fields: &Fields<'_>,
) -> Result<Upload> {
    let mut form = Upload::form()
        .text("phone", &*fields.chat.to_jid())
        .text_opt("caption", file.caption.as_deref().filter(|_| route.caption))
        .text_opt("reply_message_id", fields.reply_to)
        .text_opt("duration", fields.seconds.map(|seconds| seconds.to_string()));
    if route.compress {
        // the default would make pictures 600 pixels wide, small ones too
        form = form.text("compress", "false");
    }
    if route.verb == "audio" {
        form = form.text("ptt", if file.kind == Kind::Voice { "true" } else { "false" });
    }
    let upload = form.file(route.verb, &file.file_name, label, content.clone());
    if upload.len() > REQUEST {
        return Err(local(ErrorKind::TooLarge, OPERATION, "the gateway takes requests of up to 100 MB"));
    }
    Ok(upload)
}

fn json(route: &Route, file: &Prepared, url: &str, fields: &Fields<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("phone".to_owned(), json!(&*fields.chat.to_jid()));
    body.insert(route.url_field.to_owned(), json!(url));
    if let Some(caption) = file.caption.as_deref().filter(|_| route.caption) {
        body.insert("caption".to_owned(), json!(caption));
    }
    if let Some(reply_to) = fields.reply_to {
        body.insert("reply_message_id".to_owned(), json!(reply_to));
    }
    if let Some(seconds) = fields.seconds {
        body.insert("duration".to_owned(), json!(seconds));
    }
    if route.compress {
        body.insert("compress".to_owned(), json!(false));
    }
    if route.verb == "audio" {
        body.insert("ptt".to_owned(), json!(file.kind == Kind::Voice));
    }
    body
}

/// What the gateway asks of an address.
fn fetchable(file: &Prepared, url: &url::Url) -> Result<()> {
    if file.name_asked && file.kind == Kind::Document {
        return Err(lacks(
            "the gateway names a document that it fetches by its address: no other name can be given",
        ));
    }
    let picture = matches!(file.kind, Kind::Image | Kind::Sticker);
    let path = url.path().to_ascii_lowercase();
    if picture && ![".jpg", ".jpeg", ".png", ".webp"].iter().any(|ending| path.ends_with(ending)) {
        return Err(local(
            ErrorKind::InvalidInput,
            OPERATION,
            "the gateway fetches pictures from addresses that end in .jpg, .jpeg, .png or .webp alone",
        ));
    }
    Ok(())
}

/// The type that the part is labelled with: the gateway compares it exactly. A sound or a film that it doesn't
/// take goes out as a document, unless it was asked for as such.
fn label(file: &mut Prepared) -> Result<String> {
    if matches!(file.body, Body::Url(_)) {
        return Ok(String::new());
    }
    if file.kind == Kind::Voice && file.mime_type == "audio/ogg" && !file.is_opus {
        return Err(lacks(
            "the gateway takes any Ogg for Opus and converts none: a voice note in Ogg must be Opus",
        ));
    }
    let (label, only) = match (file.kind, file.mime_type) {
        (Kind::Document, mime) => (Some(mime), ""),
        (Kind::Image, mime) => (
            ["image/jpeg", "image/png"].into_iter().find(|m| *m == mime),
            "the gateway takes JPEG and PNG pictures alone",
        ),
        (Kind::Video, "video/mp4" | "video/x-matroska" | "video/x-msvideo") => (Some(file.mime_type), ""),
        (Kind::Video, _) => (None, "the gateway takes MP4, Matroska and AVI videos alone"),
        // a label with `codecs=opus` is refused, and so is audio/mp4
        (Kind::Audio | Kind::Voice, "audio/mp4") => (Some("audio/m4a"), ""),
        (
            Kind::Audio | Kind::Voice,
            "audio/ogg" | "audio/mpeg" | "audio/aac" | "audio/amr" | "audio/flac" | "audio/wav",
        ) => (Some(file.mime_type), ""),
        (Kind::Audio | Kind::Voice, _) => {
            (None, "the gateway takes Ogg, MP3, M4A, AAC, AMR, FLAC and WAV sound alone")
        }
        (Kind::Sticker, "image/jpeg" | "image/png" | "image/webp" | "image/gif") => {
            (Some(file.mime_type), "")
        }
        _ => (None, "the gateway makes stickers of JPEG, PNG, WebP and GIF pictures alone"),
    };
    match label {
        Some(label) => Ok(label.to_owned()),
        None if file.kind_asked || file.caption.is_some() && !Route::of(file.kind).caption => {
            Err(lacks(only))
        }
        None => {
            file.kind = Kind::Document;
            Ok(file.mime_type.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn labelled(attachment: Attachment) -> Result<(Kind, String)> {
        let gowa = Gowa::builder("http://127.0.0.1:1").build().unwrap();
        let mut file = gowa.transport.attachment(&attachment, REQUEST).await?;
        let label = label(&mut file)?;
        Ok((file.kind, label))
    }

    #[tokio::test]
    async fn labels_are_those_the_gateway_compares_with() {
        let opus = || Attachment::bytes([&b"OggS\0\x02"[..], &[0; 22], b"OpusHead\x01\x01"].concat());
        assert_eq!(labelled(opus().kind(Kind::Voice)).await.unwrap().1, "audio/ogg");
        let vorbis = || Attachment::bytes([&b"OggS\0\x02"[..], &[0; 22], b"\x01vorbis"].concat());
        assert_eq!(labelled(vorbis()).await.unwrap(), (Kind::Audio, "audio/ogg".to_owned()));
        let note = labelled(vorbis().kind(Kind::Voice)).await.unwrap_err();
        assert_eq!(note.kind(), ErrorKind::Unsupported, "Ogg that isn't Opus is no voice note");
        let m4a = Attachment::bytes(&b"\0\0\0\x20ftypM4A \0\0\x02\0"[..]);
        assert_eq!(labelled(m4a).await.unwrap(), (Kind::Audio, "audio/m4a".to_owned()));
        let midi = || Attachment::bytes(&b"MThd\0\0\0\x06"[..]);
        assert_eq!(labelled(midi()).await.unwrap(), (Kind::Document, "audio/midi".to_owned()));
        assert_eq!(labelled(midi().kind(Kind::Audio)).await.unwrap_err().kind(), ErrorKind::Unsupported);
        let webp = Attachment::bytes(&b"RIFF\x24\0\0\0WEBPVP8 "[..]);
        assert_eq!(
            labelled(webp.clone().kind(Kind::Image)).await.unwrap_err().kind(),
            ErrorKind::Unsupported
        );
        assert_eq!(labelled(webp.kind(Kind::Sticker)).await.unwrap().1, "image/webp");
    }

    #[tokio::test]
    async fn addresses_of_pictures_end_as_the_gateway_wants() {
        let gowa = Gowa::builder("http://127.0.0.1:1").build().unwrap();
        for (url, kind, taken) in [
            ("https://example.com/a.JPG?x=1", Kind::Image, true),
            ("https://example.com/a?f=.jpg", Kind::Image, false),
            ("https://example.com/a", Kind::Document, true),
        ] {
            let attachment = Attachment::url(url).unwrap().kind(kind).gateway_fetches(true);
            let file = gowa.transport.attachment(&attachment, REQUEST).await.unwrap();
            let Body::Url(url) = file.body.clone() else { panic!("an address") };
            assert_eq!(fetchable(&file, &url).is_ok(), taken, "{url}");
        }
    }
}
