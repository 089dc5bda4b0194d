use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};

use super::{ACCOUNT, Cut, NEWEST, Shape, chat_number, from_me, key, list, shape, words};

/// A page of `GET /chat/{jid}/messages`: about 500 bytes a message.
pub(crate) fn gowa_page(cut: Cut) -> String {
    let range = cut.range();
    let mut out = String::with_capacity(usize::try_from(range.end - range.start).unwrap_or(0) * 600 + 512);
    let chat = chat_number(cut.total);
    out.push_str(r#"{"code":"SUCCESS","message":"Success get chat messages","results":{"data":"#);
    list(&mut out, range, |out, n| row(out, n, &chat));
    let _ = write!(
        out,
        r#","pagination":{{"limit":{},"offset":{},"total":{}}},"chat_info":{{"jid":"{chat}@s.whatsapp.net","name":"Anna","last_message_time":"2025-10-09T08:53:20Z","ephemeral_expiration":0,"created_at":"2025-01-01T00:00:00Z","updated_at":"2025-10-09T08:53:20Z","archived":false}}}}}}"#,
        cut.limit, cut.offset, cut.total
    );
    out
}

fn row(out: &mut String, n: u64, chat: &str) {
    let own = from_me(n);
    let at = DateTime::from_timestamp(NEWEST - n.cast_signed(), 0).unwrap_or_default();
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let sender = if own { ACCOUNT } else { chat };
    let (media, file, bytes) = match shape(n) {
        Shape::Image => ("image", "", 184_320),
        Shape::Voice => ("audio", "", 31_044),
        Shape::Document => ("document", "invoice.pdf", 88_171),
        _ => ("", "", 0),
    };
    let _ = write!(
        out,
        r#"{{"id":"{}","chat_jid":"{chat}@s.whatsapp.net","sender_jid":"{sender}@s.whatsapp.net","sender_display_name":"Anna from the office","content":"{}","timestamp":"{at}","is_from_me":{own},"media_type":"{media}","filename":"{file}","url":"","file_length":{bytes},"created_at":"{at}","updated_at":"{at}"}}"#,
        key(n, own),
        words(n)
    );
}
