//! The type of a file by its bytes, and the name that goes with it.
//!
//! Gateways decide by the name's ending or by the type they are told; neither may contradict the bytes.

/// How long a name may be that is sent, in bytes.
const LONGEST: usize = 200;

/// How much of a file's beginning is looked at.
pub(super) const HEAD: usize = 8192;

/// What the beginning of a file shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    /// In one spelling for each type, without parameters.
    pub(super) mime: &'static str,
    /// The usual ending, without the dot.
    pub(super) extension: &'static str,
    /// Ogg with Opus, what WhatsApp's voice notes are.
    pub(super) opus: bool,
}

/// Endings and what they stand for, the first of each type being the usual one. Those of pictures, sounds and
/// films are the ones that gateways decide by.
const ENDINGS: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpe", "image/jpeg"),
    ("jfif", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("heic", "image/heif"),
    ("heif", "image/heif"),
    ("bmp", "image/bmp"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("ico", "image/vnd.microsoft.icon"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("3gp", "video/mp4"),
    ("mov", "video/quicktime"),
    ("mkv", "video/x-matroska"),
    ("webm", "video/webm"),
    ("avi", "video/x-msvideo"),
    ("mpg", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("wmv", "video/x-ms-wmv"),
    ("flv", "video/x-flv"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("m4r", "audio/mp4"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("aiff", "audio/x-aiff"),
    ("mid", "audio/midi"),
    ("wma", "audio/x-ms-wma"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
];

/// Types that say so little that the name may say more.
const VAGUE: &[&str] = &[
    "application/octet-stream",
    "text/plain",
    "text/html",
    "text/xml",
    "application/zip",
    "application/gzip",
    "application/x-ole-storage",
];

/// The type that a name's ending stands for, of those above.
pub(super) fn of_ending(name: &str) -> Option<&'static str> {
    let ending = ending(name)?.to_ascii_lowercase();
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, mime)| *mime)
}

pub(super) fn usual_ending(mime: &str) -> Option<&'static str> {
    ENDINGS.iter().find(|(_, known)| *known == mime).map(|(ending, _)| *ending)
}

fn ending(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plausible = (1..=10).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    (plausible && !stem.is_empty()).then_some(ending)
}

/// The type of a file that begins like this.
pub(super) fn of_bytes(head: &[u8]) -> Type {
    if let Some(known) = infer::get(head) {
        let mime = one_spelling(known.mime_type());
        let opus = known.mime_type() == "audio/opus";
        return Type { mime, extension: usual_ending(mime).unwrap_or_else(|| known.extension()), opus };
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        // the last character may be cut
        Err(error) if error.error_len().is_none() => {
            head.get(..error.valid_up_to()).and_then(|whole| std::str::from_utf8(whole).ok())
        }
        Err(_) => None,
    };
    match text {
        Some(text) if !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')) => {
            Type { mime: "text/plain", extension: "txt", opus: false }
        }
        _ => Type { mime: "application/octet-stream", extension: "bin", opus: false },
    }
}

fn one_spelling(mime: &'static str) -> &'static str {
    match mime {
        "audio/opus" => "audio/ogg",
        "audio/x-flac" => "audio/flac",
        "audio/x-wav" => "audio/wav",
        "audio/m4a" => "audio/mp4",
        "video/x-m4v" => "video/mp4",
        other => other,
    }
}

/// The name to send: without folders and control characters, with an ending that fits the bytes.
pub(super) fn name(wanted: Option<&str>, stem: &str, of: Type) -> String {
    let name = clean(wanted.unwrap_or_default());
    let longest = LONGEST.saturating_sub(of.extension.len() + 1); // of a name that gets an ending besides
    let name = if name.is_empty() { stem.to_owned() } else { name };
    match (ending(&name), of_ending(&name)) {
        (Some(_), Some(stands_for)) if stands_for == of.mime => return name,
        (Some(_), other) if VAGUE.contains(&of.mime) && !other.is_some_and(decides) => return name,
        (Some(given), None) if given.eq_ignore_ascii_case(of.extension) => return name,
        (Some(given), Some(stands_for)) if replaceable(stands_for, of.mime) => {
            let stem = name.get(..name.len().saturating_sub(given.len() + 1)).unwrap_or(stem);
            return format!("{}.{}", cut(stem, longest), of.extension);
        }
        _ => {}
    }
    format!("{}.{}", cut(&name, longest), of.extension)
}

/// Do gateways decide by this type how a file is shown?
fn decides(mime: &str) -> bool {
    ["image/", "video/", "audio/"].iter().any(|family| mime.starts_with(family))
}

/// `photo.png` that is a JPEG becomes `photo.jpg`; `song.mp3` that is a text becomes `song.mp3.txt`, since
/// what it is named after may be the point of it.
fn replaceable(stands_for: &str, is: &str) -> bool {
    let family = |mime: &str| mime.split('/').next().unwrap_or("").to_owned();
    family(stands_for) == family(is)
}

/// The last component of a name, in characters that a header can carry.
pub(super) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    let name: String = last.chars().filter(|c| !hidden(*c)).collect();
    let name = name.trim().trim_end_matches('.');
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let tail = ending(name).map(|ending| format!(".{ending}")).unwrap_or_default();
    cut(name, LONGEST.saturating_sub(tail.len())).to_owned() + &tail
}

/// At most so many bytes of it, whole characters.
fn cut(name: &str, bytes: usize) -> &str {
    let end = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= bytes).last();
    name.get(..end.unwrap_or(0)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn mime(head: &[u8]) -> &'static str {
        of_bytes(head).mime
    }

    #[test]
    fn the_bytes_decide() {
        let mut opus = b"OggS\0\x02".to_vec();
        opus.resize(28, 0);
        opus.extend(b"OpusHead\x01\x01");
        assert!(of_bytes(&opus).opus);
        assert_eq!(mime(&opus), "audio/ogg");
        assert_eq!(mime(JPEG), "image/jpeg");
        assert_eq!(mime(PNG), "image/png");
        assert_eq!(mime(b"RIFF\x24\0\0\0WEBPVP8 "), "image/webp");
        assert_eq!(mime(b"RIFF\x24\0\0\0WAVEfmt "), "audio/wav");
        assert_eq!(mime(b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41"), "video/mp4");
        assert_eq!(mime(b"\0\0\0\x20ftypM4A \0\0\x02\0"), "audio/mp4");
        assert_eq!(mime(b"ID3\x04\0\0\0\0\0\0"), "audio/mpeg");
        assert_eq!(mime(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(mime("Größe, ждём".as_bytes()), "text/plain");
        assert_eq!(mime(b"caf\xc3"), "text/plain");
        assert_eq!(mime(b"\0\x01\x02\x03"), "application/octet-stream");
        assert_eq!(mime(b"caf\xe9 \xff"), "application/octet-stream");
    }

    #[test]
    fn names_carry_the_ending_of_the_bytes() {
        let jpeg = of_bytes(JPEG);
        for (given, sent) in [
            (Some("sea.jpg"), "sea.jpg"),
            (Some("sea.JPEG"), "sea.JPEG"),
            (Some("sea.png"), "sea.jpg"),
            (Some("sea"), "sea.jpg"),
            (Some("Anna v1.2"), "Anna v1.2.jpg"),
            (Some("report.pdf"), "report.pdf.jpg"),
            (Some("../../a/b\r\n.jpg"), "b.jpg"),
            (Some(""), "image.jpg"),
            (None, "image.jpg"),
        ] {
            assert_eq!(name(given, "image", jpeg), sent, "{given:?}");
        }
        let text = of_bytes(b"a,b\n1,2\n");
        assert_eq!(name(Some("table.csv"), "document", text), "table.csv");
        assert_eq!(name(Some("page.html"), "document", text), "page.html");
        assert_eq!(name(Some("song.mp3"), "document", text), "song.mp3.txt");
        let long = name(Some(&format!("{}.csv", "é".repeat(300))), "document", text);
        assert!(long.len() <= 200 && long.ends_with(".csv"));
        // with an ending of the bytes' too
        for stem in ["é".repeat(300), "a".repeat(200), format!("{}.pdf", "é".repeat(300))] {
            let long = name(Some(&stem), "image", jpeg);
            assert!(long.len() <= 200 && long.ends_with(".jpg"), "{} bytes", long.len());
        }
    }
}
