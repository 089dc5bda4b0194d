use std::fmt::Write;

use super::{ACCOUNT, Cut, NEWEST, Shape, base64, chat_number, from_me, key, list, shape, words};

/// The answer of `getChatHistory`: about 860 bytes an entry.
pub(crate) fn green_history(cut: Cut) -> String {
    let range = cut.range();
    let mut out = String::with_capacity(usize::try_from(range.end - range.start).unwrap_or(0) * 900 + 2);
    let chat = chat_number(cut.total);
    list(&mut out, range, |out, n| entry(out, n, &chat));
    out
}

fn entry(out: &mut String, n: u64, chat: &str) {
    let own = from_me(n);
    let (key, at) = (key(n, own), NEWEST - n.cast_signed());
    let direction = if own { "outgoing" } else { "incoming" };
    let kind = match shape(n) {
        Shape::Text if n.is_multiple_of(2) => "extendedTextMessage",
        Shape::Text => "textMessage",
        Shape::Reply => "quotedMessage",
        Shape::Image => "imageMessage",
        Shape::Voice => "audioMessage",
        Shape::Document => "documentMessage",
        Shape::Place => "locationMessage",
    };
    let _ = write!(
        out,
        r#"{{"type":"{direction}","idMessage":"{key}","timestamp":{at},"typeMessage":"{kind}","chatId":"{chat}@c.us","#
    );
    content(out, n, kind);
    if own {
        let _ = write!(out, r#""statusMessage":"read","sendByApi":{},"#, n.is_multiple_of(2));
    } else {
        let _ = write!(
            out,
            r#""senderId":"{chat}@c.us","senderName":"Anna from the office","senderContactName":"Anna","#
        );
    }
    out.push_str(r#""deletedMessageId":"","editedMessageId":"","isEdited":false,"isDeleted":false}"#);
}

fn content(out: &mut String, n: u64, kind: &str) {
    let body = words(n);
    match kind {
        "textMessage" => {
            let _ = write!(out, r#""textMessage":"{body}","#);
        }
        "extendedTextMessage" => {
            let _ = write!(
                out,
                r#""textMessage":"{body}","extendedTextMessage":{{"text":"{body}","description":"","title":"","previewType":"None","jpegThumbnail":"","stanzaId":"","participant":"","forwardingScore":0,"isForwarded":false,"#
            );
            out.push_str(r#""font":"SYSTEM_TEXT","inviteLinkGroupTypeV2":"DEFAULT"},"#);
        }
        "quotedMessage" => {
            let quoted = key(n + 1, from_me(n + 1));
            let _ = write!(
                out,
                r#""extendedTextMessage":{{"text":"{body}","stanzaId":"{quoted}","participant":"{ACCOUNT}@c.us"}},"quotedMessage":{{"stanzaId":"{quoted}","participant":"{ACCOUNT}@c.us","typeMessage":"textMessage","textMessage":"{}"}},"#,
                words(n + 1)
            );
        }
        "locationMessage" => {
            out.push_str(r#""location":{"nameLocation":"The square","address":"Main Street 12","latitude":55.751244,"longitude":37.618423,"jpegThumbnail":""#);
            base64(out, 900, n);
            out.push_str(r#"","isForwarded":false,"forwardingScore":0},"#);
        }
        _ => {
            let (mime, name) = match kind {
                "imageMessage" => ("image/jpeg", "photo.jpg"),
                "audioMessage" => ("audio/ogg; codecs=opus", "voice.oga"),
                _ => ("application/pdf", "invoice.pdf"),
            };
            let _ = write!(
                out,
                r#""downloadUrl":"https://sw-media.storage.example/7103000001/{n:08}-4a1e-11ef-9b1c-0242ac120002.bin","caption":"{body}","fileName":"{n}-{name}","mimeType":"{mime}","isAnimated":false,"isForwarded":false,"forwardingScore":0,"jpegThumbnail":""#
            );
            if kind != "audioMessage" {
                base64(out, 1_400, n + 3);
            }
            out.push_str(r#"","#);
        }
    }
}
