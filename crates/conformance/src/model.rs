use wachats_core::{Chat, Message};

/// Both tell it and it differs.
fn differs<T: PartialEq>(found: Option<&T>, wanted: Option<&T>) -> bool {
    found.zip(wanted).is_some_and(|(found, wanted)| found != wanted)
}

/// The fields of a chat that both tell and tell differently; what one of the two leaves `None` is no difference.
/// The picture's address and the last message are left out: they belong to the overview.
pub fn differing_chat_fields(found: &Chat, wanted: &Chat) -> Vec<&'static str> {
    let seconds = |chat: &Chat| chat.last_message_at.map(|at| at.timestamp());
    let rows = [
        ("id", found.id != wanted.id),
        ("kind", found.kind != wanted.kind),
        ("name", differs(found.name.as_ref(), wanted.name.as_ref())),
        ("last_message_at", differs(seconds(found).as_ref(), seconds(wanted).as_ref())),
        ("unread_count", differs(found.unread_count.as_ref(), wanted.unread_count.as_ref())),
        ("marked_unread", differs(found.marked_unread.as_ref(), wanted.marked_unread.as_ref())),
        ("archived", differs(found.archived.as_ref(), wanted.archived.as_ref())),
        ("pinned", differs(found.pinned.as_ref(), wanted.pinned.as_ref())),
        ("muted", differs(found.muted.as_ref(), wanted.muted.as_ref())),
        ("ephemeral_seconds", differs(found.ephemeral_seconds.as_ref(), wanted.ephemeral_seconds.as_ref())),
        ("alternate_id", differs(found.alternate_id.as_ref(), wanted.alternate_id.as_ref())),
    ];
    rows.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}

/// The fields of a message that both tell and tell differently; what one of the two leaves `None` is no difference.
/// Times are compared in whole seconds. The media's address is left out: it is the gateway's own affair. A reply is
/// compared by its key alone, reactions by their emojis.
pub fn differing_message_fields(found: &Message, wanted: &Message) -> Vec<&'static str> {
    let seconds = |m: &Message| m.sent_at.map(|at| at.timestamp());
    let media = |m: &Message| m.media.clone().unwrap_or_default();
    let (found_media, wanted_media) = (media(found), media(wanted));
    let place =
        |m: &Message| m.location.as_ref().map(|l| (micro(l.latitude), micro(l.longitude), l.name.clone()));
    let emojis = |m: &Message| {
        let mut all: Vec<String> = m.reactions.iter().flatten().map(|r| r.emoji.clone()).collect();
        all.sort();
        m.reactions.as_ref().map(|_| all)
    };
    let quoted = |m: &Message| m.reply_to.as_ref().map(|r| r.key.clone());
    let rows = [
        ("key", found.key != wanted.key),
        ("chat_id", found.chat_id != wanted.chat_id),
        ("from_me", found.from_me != wanted.from_me),
        ("sender_id", differs(found.sender_id.as_ref(), wanted.sender_id.as_ref())),
        ("sender_name", differs(found.sender_name.as_ref(), wanted.sender_name.as_ref())),
        ("sent_at", differs(seconds(found).as_ref(), seconds(wanted).as_ref())),
        ("kind", found.kind != wanted.kind),
        ("text", differs(found.text.as_ref(), wanted.text.as_ref())),
        ("media", found.media.is_some() != wanted.media.is_some()),
        ("media.mime_type", differs(found_media.mime_type.as_ref(), wanted_media.mime_type.as_ref())),
        ("media.file_name", differs(found_media.file_name.as_ref(), wanted_media.file_name.as_ref())),
        ("media.size_bytes", differs(found_media.size_bytes.as_ref(), wanted_media.size_bytes.as_ref())),
        ("location", differs(place(found).as_ref(), place(wanted).as_ref())),
        ("contacts", differs(found.contacts.as_ref(), wanted.contacts.as_ref())),
        ("ack", differs(found.ack.as_ref(), wanted.ack.as_ref())),
        ("reply_to", differs(quoted(found).as_ref(), quoted(wanted).as_ref())),
        ("reactions", differs(emojis(found).as_ref(), emojis(wanted).as_ref())),
        ("edited", differs(found.edited.as_ref(), wanted.edited.as_ref())),
        ("revoked", differs(found.revoked.as_ref(), wanted.revoked.as_ref())),
        ("forwarded", differs(found.forwarded.as_ref(), wanted.forwarded.as_ref())),
        ("source", differs(found.source.as_ref(), wanted.source.as_ref())),
    ];
    rows.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}

/// Degrees as gateways keep them: some store single precision.
fn micro(degrees: f64) -> i64 {
    (degrees * 10_000.0).round() as i64
}
