use std::fmt::Write;

use super::{ACCOUNT, Cut, NEWEST, Shape, base64, chat_number, from_me, key, list, shape, words};

/// Whose object stands in `_data`: that of whatsapp-web.js, or that of Baileys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Webjs,
    Noweb,
}

/// A page of `GET /api/{session}/chats/{chat}/messages`: about 2 KB a message, most of it the engine's own object.
pub(crate) fn waha_page(engine: Engine, cut: Cut) -> String {
    let range = cut.range();
    let mut out = String::with_capacity(usize::try_from(range.end - range.start).unwrap_or(0) * 2_100 + 2);
    let chat = chat_number(cut.total);
    list(&mut out, range, |out, n| message(out, engine, n, &chat));
    out
}

/// The part that WAHA writes itself, up to `_data`; and that.
fn message(out: &mut String, engine: Engine, n: u64, chat: &str) {
    let own = from_me(n);
    let (key, at, body) = (key(n, own), NEWEST - n.cast_signed(), words(n));
    let shape = shape(n);
    let media = matches!(shape, Shape::Image | Shape::Voice | Shape::Document);
    let text = match shape {
        Shape::Text | Shape::Reply | Shape::Image => format!("\"{body}\""),
        _ => "null".into(),
    };
    let _ = write!(
        out,
        r#"{{"id":"{own}_{chat}@c.us_{key}","timestamp":{at},"from":"{chat}@c.us","fromMe":{own},"source":"app","body":{text},"to":null,"participant":null,"hasMedia":{media},"media":null,"ack":{},"ackName":"{}","location":"#,
        if own { 3 } else { 2 },
        if own { "READ" } else { "DEVICE" },
    );
    if shape == Shape::Place {
        out.push_str(r#"{"live":false,"latitude":"55.751244","longitude":"37.618423","name":"The square","address":"Main Street 12"}"#);
    } else {
        out.push_str("null");
    }
    out.push_str(r#","vCards":null,"replyTo":"#);
    if shape == Shape::Reply {
        let quoted = super::key(n + 1, from_me(n + 1));
        let _ =
            write!(out, r#"{{"id":"{quoted}","participant":"{ACCOUNT}@c.us","body":"{}"}}"#, words(n + 1));
    } else {
        out.push_str("null");
    }
    out.push_str(r#","_data":"#);
    match engine {
        Engine::Webjs => super::webjs::data(out, n, chat),
        Engine::Noweb => data(out, n, chat),
    }
    out.push('}');
}

/// Baileys' object.
fn data(out: &mut String, n: u64, chat: &str) {
    let own = from_me(n);
    let (key, at, body) = (key(n, own), NEWEST - n.cast_signed(), words(n));
    let shape = shape(n);
    let _ = write!(
        out,
        r#"{{"key":{{"remoteJid":"{chat}@s.whatsapp.net","fromMe":{own},"id":"{key}","senderLid":"2{chat}0@lid"}},"messageTimestamp":{at},"pushName":"Anna from the office","broadcast":false,"message":{{"#
    );
    content(out, n, shape, &body);
    out.push_str(r#","messageContextInfo":{"deviceListMetadata":{"senderKeyHash":""#);
    base64(out, 16, n);
    let _ = write!(
        out,
        r#"","senderTimestamp":"{}","senderAccountType":"E2EE","receiverAccountType":"E2EE","recipientKeyHash":""#,
        at - 86_400
    );
    base64(out, 16, n + 7);
    let _ = write!(
        out,
        r#"","recipientTimestamp":"{}","recipientKeyIndexes":[0,1,2]}},"deviceListMetadataVersion":2,"messageSecret":""#,
        at - 90_000
    );
    base64(out, 44, n + 13);
    out.push_str(r#"","threadId":[]}},"verifiedBizName":null,"status":3,"userReceipt":["#);
    let _ = write!(
        out,
        r#"{{"userJid":"79050000000@s.whatsapp.net","receiptTimestamp":{},"readTimestamp":{},"playedTimestamp":null,"pendingDeviceJid":[],"deliveredDeviceJid":[]}}"#,
        at + 1,
        at + 9
    );
    out.push_str(r#"],"reactions":[],"pollUpdates":[],"eventResponses":[],"bizPrivacyStatus":null,"statusMentions":[]}"#);
}

fn content(out: &mut String, n: u64, shape: Shape, body: &str) {
    match shape {
        Shape::Text => {
            let _ = write!(
                out,
                r#""extendedTextMessage":{{"text":"{body}","previewType":"NONE","inviteLinkGroupTypeV2":"DEFAULT","contextInfo":{{"#
            );
            out.push_str(r#""expiration":0,"ephemeralSettingTimestamp":"0","disappearingMode":{"initiator":"CHANGED_IN_CHAT","trigger":"UNKNOWN"},"entryPointConversionSource":"global_search_new_chat","entryPointConversionApp":"whatsapp","entryPointConversionDelaySeconds":12}}"#);
        }
        Shape::Reply => {
            let quoted = super::key(n + 1, from_me(n + 1));
            let _ = write!(
                out,
                r#""extendedTextMessage":{{"text":"{body}","contextInfo":{{"stanzaId":"{quoted}","participant":"{ACCOUNT}@s.whatsapp.net","quotedMessage":{{"conversation":"{}"}}}}}}"#,
                words(n + 1)
            );
        }
        Shape::Image => {
            let _ = write!(
                out,
                r#""imageMessage":{{"caption":"{body}","mimetype":"image/jpeg","height":1600,"width":1200,"#
            );
            file(out, n, 184_320 + n % 1_000);
            out.push_str(r#","jpegThumbnail":""#);
            base64(out, 1_500, n + 3);
            out.push_str(r#"","midQualityFileSha256":""#);
            base64(out, 44, n + 4);
            out.push_str(r#"","scansSidecar":""#);
            base64(out, 56, n + 5);
            out.push_str("\"}");
        }
        Shape::Voice => {
            out.push_str(r#""audioMessage":{"mimetype":"audio/ogg; codecs=opus","seconds":14,"ptt":true,"#);
            file(out, n, 31_044);
            out.push_str(r#","waveform":""#);
            base64(out, 88, n + 6);
            out.push_str("\"}");
        }
        Shape::Document => {
            let _ = write!(
                out,
                r#""documentMessage":{{"mimetype":"application/pdf","title":"invoice {n}.pdf","pageCount":2,"fileName":"invoice {n}.pdf","#
            );
            file(out, n, 88_171);
            out.push_str(r#","jpegThumbnail":""#);
            base64(out, 700, n + 8);
            out.push_str("\"}");
        }
        Shape::Place => {
            out.push_str(r#""locationMessage":{"degreesLatitude":55.751244,"degreesLongitude":37.618423,"name":"The square","address":"Main Street 12","jpegThumbnail":""#);
            base64(out, 900, n + 9);
            out.push_str("\"}");
        }
    }
}

/// What every file has, whatever it is.
fn file(out: &mut String, n: u64, bytes: u64) {
    out.push_str(r#""url":"https://mmg.whatsapp.net/v/t62.7118-24/"#);
    base64(out, 60, n + 10);
    let _ = write!(out, r#"","fileLength":"{bytes}","mediaKey":""#);
    base64(out, 44, n + 11);
    out.push_str(r#"","fileSha256":""#);
    base64(out, 44, n + 12);
    out.push_str(r#"","fileEncSha256":""#);
    base64(out, 44, n + 14);
    out.push_str(r#"","directPath":"/v/t62.7118-24/"#);
    base64(out, 60, n + 10);
    out.push_str(r#"","mediaKeyTimestamp":"1759990000""#);
}
