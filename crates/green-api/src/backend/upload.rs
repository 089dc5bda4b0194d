use serde_json::json;
use wachats_core::sending::{Body, Prepared};
use wachats_core::transport::{Upload, is_private_place};
use wachats_core::{
    Attachment, AttachmentKind as Kind, Capability, ChatId, Error, ErrorKind, MessageId, MessageKey,
    Operation, Result,
};

use super::GreenApi;
use super::change::new_key;
use crate::verb;

const OPERATION: Operation = Operation::SendMedia;
/// The largest file, in bytes.
const LARGEST: u64 = 100_000_000;
/// A longer caption makes an upload fail with a 500, in characters.
const CAPTION: usize = 1024;

impl GreenApi {
    /// Bytes are uploaded to the media host; an address for Green-API to fetch goes to the other one.
    pub(super) async fn send_file(
        &self,
        chat: &ChatId,
        attachment: &Attachment,
        reply_to: Option<&MessageId>,
    ) -> Result<Option<MessageKey>> {
        let quoted = self.quoted(OPERATION, chat, reply_to)?;
        let mut file = self.transport.attachment(attachment, LARGEST).await?;
        shown(&mut file).map_err(|why| self.lacks(why))?;
        file.at_most(LARGEST, "Green-API takes files of up to 100 MB")
            .map_err(|error| error.with_gateway(wachats_core::Gateway::GREEN_API))?;
        if file.caption.as_deref().is_some_and(|caption| caption.chars().count() > CAPTION) {
            return Err(self.wrong("a caption has at most 1024 characters: send more as a text of its own"));
        }
        let content = match &file.body {
            Body::Content(content) => content.clone(),
            Body::Url(url) => {
                // another one is accepted and fails later, where nobody is told
                if is_private_place(url) {
                    let why = "Green-API fetches from public addresses alone: send the file's bytes";
                    return Err(self.error(ErrorKind::Forbidden, OPERATION).with_message(why));
                }
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
                if !url.path().bytes().all(plain) {
                    return Err(self.wrong(
                        "Green-API fetches addresses whose path is of Latin letters, digits and - _ . / alone",
                    ));
                }
                let named =
                    json!({"urlFile": url.as_str(), "fileName": file.file_name, "caption": file.caption});
                return self.send_to(OPERATION, verb::SEND_FILE_BY_URL, chat, named, reply_to).await;
            }
            _ => return Err(self.lacks("Green-API can't be given this kind of file")),
        };
        let form = Upload::form()
            .text("chatId", chat.as_str())
            .text("fileName", &file.file_name)
            .text_opt("caption", file.caption.as_deref())
            .text_opt("quotedMessageId", quoted);
        let upload = form.file("file", &file.file_name, file.mime_type, content);
        let call = self.call(OPERATION, verb::SEND_FILE_BY_UPLOAD).at(&self.media).upload(upload);
        self.send(call, new_key).await
    }

    fn lacks(&self, why: &'static str) -> Error {
        self.error(ErrorKind::Unsupported, OPERATION).with_capability(Capability::SendMedia).with_message(why)
    }

    fn wrong(&self, why: &'static str) -> Error {
        self.error(ErrorKind::InvalidInput, OPERATION).with_message(why)
    }
}

/// The ending of the name decides how a file is shown, and nothing else does: what was asked for must be what
/// the type's ending makes of it.
fn shown(file: &mut Prepared) -> Result<(), &'static str> {
    let other_ogg = file.mime_type == "audio/ogg" && !file.is_opus;
    if other_ogg && (!file.kind_asked || file.kind == Kind::Voice) {
        return Err(
            "Green-API shows any Ogg as a voice note and converts none: only Opus can be heard as such",
        );
    }
    let (by_ending, endings): (Kind, &[&str]) = match file.mime_type {
        "image/jpeg" => (Kind::Image, &["jpg", "jpeg"]),
        "image/png" => (Kind::Image, &["png"]),
        "video/mp4" => (Kind::Video, &["mp4"]),
        "audio/mpeg" => (Kind::Audio, &["mp3"]),
        "audio/ogg" => (Kind::Voice, &["ogg"]),
        _ => (Kind::Document, &[]),
    };
    match (file.kind, by_ending) {
        (asked, found) if asked == found || !file.kind_asked => {}
        (Kind::Sticker, _) => return Err("Green-API has no method for stickers"),
        (Kind::Document, _) => {
            return Err(
                "Green-API shows pictures, videos and sound as such, by their name's ending: none as a document",
            );
        }
        (Kind::Audio, Kind::Voice) => return Err("Green-API shows Ogg as a voice note: send sound as MP3"),
        (Kind::Voice, _) => return Err("Green-API converts nothing: a voice note must be Ogg with Opus"),
        (Kind::Audio, _) => return Err("Green-API shows MP3 alone as audio"),
        (Kind::Video, _) => return Err("Green-API shows MP4 alone as video"),
        _ => return Err("Green-API shows JPEG and PNG alone as pictures"),
    }
    file.kind = by_ending;
    if let Some(usual) = endings.first()
        && !endings.contains(&file.extension().as_str())
    {
        let stem = file.file_name.rsplit_once('.').map_or(file.file_name.as_str(), |(stem, _)| stem);
        file.file_name = format!("{stem}.{usual}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(attachment: Attachment) -> Result<Prepared, &'static str> {
        let gateway =
            GreenApi::builder("http://127.0.0.1:1").instance(1).token("5e17d0c0ffee").build().unwrap();
        let mut file = gateway.transport.attachment(&attachment, LARGEST).await.unwrap();
        shown(&mut file).map(|()| file)
    }

    #[tokio::test]
    async fn the_ending_and_what_is_shown_agree() {
        let opus = || Attachment::bytes([&b"OggS\0\x02"[..], &[0; 22], b"OpusHead\x01\x01"].concat());
        let note = of(opus().file_name("note.oga")).await.unwrap();
        assert_eq!((note.kind, note.file_name.as_str()), (Kind::Voice, "note.ogg"));
        assert!(of(opus().kind(Kind::Audio)).await.is_err());
        let vorbis = || Attachment::bytes([&b"OggS\0\x02"[..], &[0; 22], b"\x01vorbis"].concat());
        assert!(of(vorbis()).await.is_err(), "Ogg that isn't Opus is no voice note");
        for kind in [Kind::Voice, Kind::Audio, Kind::Document] {
            assert!(of(vorbis().kind(kind)).await.is_err(), "{kind}");
        }
        let jpeg = || Attachment::bytes(&b"\xff\xd8\xff\xe0\0\x10JFIF"[..]);
        assert_eq!(of(jpeg().file_name("a.jfif")).await.unwrap().file_name, "a.jpg");
        for kind in [Kind::Document, Kind::Sticker] {
            assert!(of(jpeg().kind(kind)).await.is_err(), "{kind}");
        }
        let webp = || Attachment::bytes(&b"RIFF\x24\0\0\0WEBPVP8 "[..]);
        assert!(of(webp().kind(Kind::Image)).await.is_err());
        assert_eq!(of(webp()).await.unwrap().kind, Kind::Document);
        let mp3 = || Attachment::bytes(&b"ID3\x04\0\0\0\0\0\0"[..]);
        assert!(of(mp3().kind(Kind::Voice)).await.is_err());
        assert_eq!(of(mp3()).await.unwrap().kind, Kind::Audio);
    }
}
