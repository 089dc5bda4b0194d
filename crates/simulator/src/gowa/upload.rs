//! `/send/…` of files: a form with the file, or the address of one, which the simulator never fetches.

use super::call::{Call, Form};
use super::gateway::required;
use super::profile::Version;
use super::reply::{Answer, Reply};
use super::send::{Draft, dispatch, international, other, phone_of};
use crate::form::File;
use crate::world::{Content, Media, MediaKind};

/// The largest document, in bytes.
const DOCUMENT: usize = 50_000_000;
/// The largest animated sticker, in bytes.
const ANIMATED: usize = 500 * 1024;

/// What differs between the routes.
struct Kind {
    /// The name of the file's field, and in words.
    field: &'static str,
    name: &'static str,
    /// Types of the part that are taken, compared exactly; none for any.
    types: &'static [&'static str],
    caption: bool,
    quotes: bool,
    told: &'static str,
}

const AUDIO: &[&str] = &[
    "audio/aac",
    "audio/amr",
    "audio/flac",
    "audio/m4a",
    "audio/m4r",
    "audio/mp3",
    "audio/mpeg",
    "audio/ogg",
    "audio/wma",
    "audio/x-ms-wma",
    "audio/wav",
    "audio/vnd.wav",
    "audio/vnd.wave",
    "audio/wave",
    "audio/x-pn-wav",
    "audio/x-wav",
];
const PICTURES: &[&str] = &["image/jpeg", "image/jpg", "image/png"];
const VIDEOS: &[&str] = &["video/mp4", "video/x-matroska", "video/avi", "video/x-msvideo"];
const STICKERS: &[&str] = &["image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif"];

/// `POST /send/image`
pub(super) fn image(call: &Call<'_>) -> Answer {
    let kind = Kind {
        field: "image",
        name: "Image",
        types: PICTURES,
        caption: true,
        quotes: true,
        told: "Message sent to",
    };
    send(call, &kind, |_, mime, bytes| Ok(Media::new(MediaKind::Image, mime, bytes)))
}

/// `POST /send/video`
pub(super) fn video(call: &Call<'_>) -> Answer {
    let kind = Kind {
        field: "video",
        name: "Video",
        types: VIDEOS,
        caption: true,
        quotes: true,
        told: "Video sent to",
    };
    send(call, &kind, |_, mime, bytes| Ok(Media::new(MediaKind::Video, mime, bytes)))
}

/// `POST /send/file`: its name's ending gives the type.
pub(super) fn file(call: &Call<'_>) -> Answer {
    let kind = Kind {
        field: "file",
        name: "File",
        types: &[],
        caption: true,
        quotes: true,
        told: "Document sent to",
    };
    let name = call.upload.as_ref().and_then(|upload| upload.files.get("file")).map(|file| file.name.clone());
    send(call, &kind, move |_, _, bytes| {
        if bytes.len() > DOCUMENT {
            return Err(Reply::invalid(
                "max file upload is 50 MB, please upload in cloud and send via text if your file is higher than 50 MB",
            ));
        }
        let name = name.unwrap_or_default();
        Ok(Media::new(MediaKind::Document, by_ending(&name), bytes).file_name(&name))
    })
}

/// `POST /send/audio`: with `ptt` (v8.1.0 and later) a voice note.
pub(super) fn audio(call: &Call<'_>) -> Answer {
    let kind = Kind {
        field: "audio",
        name: "Audio",
        types: AUDIO,
        caption: false,
        quotes: true,
        told: "Send audio success",
    };
    let knows = call.since(Version::new(8, 1, 0));
    send(call, &kind, move |form, mime, bytes| {
        let note = knows && form.flag("ptt")?;
        let (kind, mime) =
            if note { (MediaKind::Voice, "audio/ogg; codecs=opus") } else { (MediaKind::Audio, mime) };
        Ok(Media::new(kind, mime, bytes))
    })
}

/// `POST /send/sticker`
pub(super) fn sticker(call: &Call<'_>) -> Answer {
    let kind = Kind {
        field: "sticker",
        name: "Sticker",
        types: STICKERS,
        caption: false,
        quotes: false,
        told: "Sticker sent to",
    };
    send(call, &kind, |_, _, bytes| {
        let animated = bytes.get(..64).is_some_and(|head| head.windows(4).any(|part| part == b"ANIM"));
        if animated && bytes.len() > ANIMATED {
            return Err(Reply::invalid("animated sticker must be exactly 512x512 and at most 500 KB"));
        }
        Ok(Media::new(MediaKind::Sticker, "image/webp", bytes))
    })
}

fn send(
    call: &Call<'_>,
    kind: &Kind,
    media: impl FnOnce(&Form, &str, bytes::Bytes) -> Result<Media, Reply>,
) -> Answer {
    let form = call.form_or_internal()?;
    let phone = phone_of(&form)?;
    required(&[("phone", &phone)])?;
    international(&phone)?;
    let uploaded = call.upload.as_ref().and_then(|upload| upload.files.get(kind.field));
    let url_field = format!("{}_url", kind.field);
    let url = form.text(&url_field)?;
    if form.has(&url_field) && url.is_empty() {
        return Err(Reply::invalid(&format!("{}URL cannot be empty", kind.name)));
    }
    if !url.is_empty() && url::Url::parse(&url).is_err() {
        return Err(Reply::invalid(&format!("{}URL must be a valid URL", kind.name)));
    }
    let mut media = match uploaded {
        Some(File { content_type, bytes, .. }) if url.is_empty() => {
            if !kind.types.is_empty() && !kind.types.contains(&content_type.as_str()) {
                return Err(Reply::invalid("your file type is not allowed. please use another one"));
            }
            media(&form, content_type, bytes.clone())?
        }
        None if url.is_empty() => {
            return Err(Reply::invalid(&format!("either {0} or {0}URL must be provided", kind.name)));
        }
        _ => by_address(&form, kind, &url)?,
    };
    let caption = form.text("caption")?;
    if kind.caption && !caption.is_empty() {
        media = media.caption(&caption);
    }
    let draft = other(&form, phone, Content::Media(media))?;
    // Quotes in files came with v8.7.0.
    let quotes = kind.quotes && call.since(Version::new(8, 7, 0));
    dispatch(call, &form, Draft { quotes, ..draft }, kind.told)
}

/// What the simulator sends of an address: a file that can't be fetched back.
fn by_address(form: &Form, kind: &Kind, url: &str) -> Result<Media, Reply> {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let picture = matches!(kind.field, "image" | "sticker");
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if picture && !matches!(ending, "jpg" | "jpeg" | "png" | "webp") {
        return Err(Reply::internal(&format!("unsupported file type: .{ending}")));
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok(match kind.field {
        "image" => Media::gone(MediaKind::Image, "image/jpeg", 0),
        "video" => Media::gone(MediaKind::Video, "video/mp4", 0),
        "audio" if form.flag("ptt")? => Media::gone(MediaKind::Voice, "audio/ogg; codecs=opus", 0),
        "audio" => Media::gone(MediaKind::Audio, "audio/mpeg", 0),
        "sticker" => Media::gone(MediaKind::Sticker, "image/webp", 0),
        _ => Media::gone(MediaKind::Document, by_ending(name), 0).file_name(name),
    })
}

fn by_ending(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("mp4") => "video/mp4",
        Some("mp3") => "audio/mpeg",
        Some("ogg") => "audio/ogg",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}
