use wachats_core::{ContactCard, Location, MediaInfo, MessageKind, Reply};

use super::{is_marker, told};
use crate::wire::{Card, Entry, Id, Place};

/// What a message carries.
pub(super) struct Content {
    pub(super) kind: MessageKind,
    pub(super) text: Option<String>,
    pub(super) media: Option<MediaInfo>,
    pub(super) location: Option<Location>,
    pub(super) contacts: Option<Vec<ContactCard>>,
    pub(super) reply_to: Option<Reply>,
    pub(super) forwarded: Option<bool>,
    /// A marker stands in place of the text.
    pub(super) marked: bool,
}

/// Takes the content out of an entry, or out of a notification's `messageData`.
pub(super) fn content(entry: &mut Entry) -> Content {
    let mut kind = kind_of(entry);
    let forwarded = forwarded(entry);
    let media = media(entry, &kind);
    let reply_to = reply(entry);
    let text = text(entry, &kind);
    let marked = text.as_deref().is_some_and(is_marker);
    if marked {
        kind = MessageKind::Unknown;
    }
    let location =
        if kind == MessageKind::Location { entry.location.take().and_then(|p| location(*p)) } else { None };
    // the type tells whether there are cards, where it is a type that is known
    let contacts = match kind {
        MessageKind::Contact => Some(contacts(entry)),
        MessageKind::Unknown | MessageKind::Other(_) => None,
        _ => Some(Vec::new()),
    };
    Content { kind, text: text.filter(|_| !marked), media, location, contacts, reply_to, forwarded, marked }
}

fn kind_of(entry: &Entry) -> MessageKind {
    let mime =
        entry.mime_type.as_deref().or(entry.file_message_data.as_ref().and_then(|f| f.mime_type.as_deref()));
    let mime = mime.unwrap_or_default();
    match entry.type_message.as_deref().unwrap_or_default() {
        "textMessage" | "extendedTextMessage" | "quotedMessage" | "editedMessage" => MessageKind::Text,
        "imageMessage" => MessageKind::Image,
        "videoMessage" => MessageKind::Video,
        "audioMessage" if mime.starts_with("audio/ogg") => MessageKind::Voice,
        "audioMessage" => MessageKind::Audio,
        // an audio file is filed as a document
        "documentMessage" if mime.starts_with("audio/") => MessageKind::Audio,
        "documentMessage" => MessageKind::Document,
        "stickerMessage" => MessageKind::Sticker,
        "locationMessage" | "liveLocationMessage" => MessageKind::Location,
        "contactMessage" | "contactsArrayMessage" => MessageKind::Contact,
        "pollMessage" => MessageKind::Poll,
        "reactionMessage" => MessageKind::Reaction,
        "deletedMessage" => MessageKind::Revoked,
        "incomingCall" | "outgoingCall" => MessageKind::Call,
        "interactiveButtons"
        | "interactiveButtonsReply"
        | "interactiveButtonsResponse"
        | "buttonsMessage"
        | "listMessage"
        | "templateMessage"
        | "templateButtonsReplyMessage"
        | "templateButtonReplyMessage"
        | "buttonsResponseMessage"
        | "listResponseMessage" => MessageKind::Text,
        "" => MessageKind::Unknown,
        other => MessageKind::Other(other.to_owned()),
    }
}

/// The text or the caption, from wherever this kind has it.
fn text(entry: &mut Entry, kind: &MessageKind) -> Option<String> {
    let extended = entry.extended_text_message_data.take().or(entry.extended_text_message.take());
    let file = entry.file_message_data.take();
    let buttons = entry.interactive_buttons.take();
    let chosen = entry.interactive_buttons_response.take();
    let edited = entry.edited_message_data.take();
    let poll = entry.poll_message_data.take();
    if *kind == MessageKind::Poll {
        return poll.and_then(|p| told(p.name));
    }
    [
        entry.text_message.take(),
        entry.text_message_data.take().and_then(|d| d.text_message),
        extended.and_then(|e| e.text),
        edited.and_then(|e| told(e.text_message).or(e.caption)),
        entry.caption.take(),
        file.and_then(|f| f.caption),
        buttons.and_then(|b| told(b.content_text).or(told(b.title_text)).or(b.title)),
        chosen.and_then(|c| told(c.selected_display_text).or(told(c.selected_button_text)).or(c.title)),
        entry.group_invite_message.take().and_then(|i| i.caption),
    ]
    .into_iter()
    .find_map(told)
}

/// Media wherever the kind has it, and wherever else a file is named.
fn media(entry: &mut Entry, kind: &MessageKind) -> Option<MediaInfo> {
    use MessageKind as K;
    let data = entry.file_message_data.as_deref_mut();
    let (mime, name, url) = match data {
        Some(data) => (data.mime_type.take(), data.file_name.take(), data.download_url.take()),
        None => (entry.mime_type.take(), entry.file_name.take(), entry.download_url.take()),
    };
    let (mime, name) = (told(mime), told(name));
    let url = told(url);
    let of_kind = matches!(kind, K::Image | K::Video | K::Audio | K::Voice | K::Document | K::Sticker);
    if !of_kind && mime.is_none() && url.is_none() {
        return None;
    }
    let mut media = MediaInfo::new();
    media.mime_type = mime;
    media.file_name = name;
    media.url = url.filter(|url| !is_marker(url));
    Some(media)
}

fn location(place: Place) -> Option<Location> {
    let mut location = Location::new(place.latitude?, place.longitude?);
    location.name = told(place.name_location);
    location.address = told(place.address);
    Some(location)
}

fn contacts(entry: &mut Entry) -> Vec<ContactCard> {
    let card = |card: Card| ContactCard::new(told(card.display_name), told(card.vcard));
    let nested = entry.message_data.take().and_then(|data| data.contacts);
    let several = entry.contacts.take().or(nested).unwrap_or_default();
    entry.contact.take().map(|one| *one).into_iter().chain(several).map(card).collect()
}

/// What it answers: `quotedMessage` may stand beside any type.
fn reply(entry: &mut Entry) -> Option<Reply> {
    let extended = entry.extended_text_message_data.as_deref().or(entry.extended_text_message.as_deref());
    let chosen = entry.interactive_buttons_response.as_deref();
    let mut quoted = entry.quoted_message.take();
    let of_quoted = quoted.as_deref_mut().map(|q| (q.stanza_id.take(), q.participant.take()));
    let (key, sender) = of_quoted
        .filter(|(key, _)| *key != Id::None)
        .or_else(|| extended.map(|e| (e.stanza_id.clone(), e.participant.clone())))
        .filter(|(key, _)| *key != Id::None)
        .or_else(|| chosen.map(|c| (c.stanza_id.clone(), Id::None)))
        .or_else(|| {
            let votes = entry.type_message.as_deref() == Some("pollUpdateMessage");
            let poll = entry.poll_message_data.as_deref().filter(|_| votes)?;
            Some((poll.stanza_id.clone(), Id::None))
        })?;
    let mut reply = Reply::new(key.ok()?);
    reply.sender_id = sender.ok();
    reply.text = quoted.map(|mut q| content(&mut q)).and_then(|content| content.text);
    Some(reply)
}

fn forwarded(entry: &Entry) -> Option<bool> {
    let nested = entry.message_data.as_deref();
    [
        entry.is_forwarded,
        entry.file_message_data.as_ref().and_then(|d| d.is_forwarded),
        entry.extended_text_message.as_ref().and_then(|d| d.is_forwarded),
        entry.extended_text_message_data.as_ref().and_then(|d| d.is_forwarded),
        entry.location.as_ref().and_then(|d| d.is_forwarded),
        entry.contact.as_ref().and_then(|d| d.is_forwarded),
        nested.and_then(|d| d.is_forwarded),
    ]
    .into_iter()
    .flatten()
    .next()
}
