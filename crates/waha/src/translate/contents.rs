//! Parts of a message that are scattered over its raw object: what it is, its file, place, cards, reactions.

use wachats_core::{Ack, ChatId, ContactCard, Location, MediaInfo, MessageKind, Reaction};

use super::{Context, media_url, text, time_ms};
use crate::wire::{Data, Number, WireMessage};

/// What the message is, by the engine's own object, else by the parts there are.
pub(super) fn kind(wire: &WireMessage) -> MessageKind {
    let data = wire.data.as_ref();
    let raw = data
        .and_then(|d| d.kind.as_ref().map(|k| &k.0).or_else(|| d.message.as_ref()?.kind.as_ref()))
        .or(wire.kind.as_ref().map(|k| &k.0));
    if let Some(kind) = raw {
        return kind.clone();
    }
    if let Some(code) = data.and_then(|d| d.message_stub_type.as_ref()) {
        return stub(code);
    }
    by_parts(wire)
}

/// Baileys' entries without a content: deletions, calls, what WhatsApp itself tells.
fn stub(code: &crate::wire::Code) -> MessageKind {
    use crate::wire::Code;
    match code {
        Code::Number(1) => MessageKind::Revoked,
        // not decrypted yet
        Code::Number(0 | 2) => MessageKind::Unknown,
        Code::Number(40 | 41 | 45 | 46) => MessageKind::Call,
        Code::Word(word) if word == "REVOKE" => MessageKind::Revoked,
        Code::Word(word) if matches!(word.as_str(), "CIPHERTEXT" | "UNKNOWN") => MessageKind::Unknown,
        Code::Word(word) if word.starts_with("CALL_") => MessageKind::Call,
        _ => MessageKind::System,
    }
}

fn by_parts(wire: &WireMessage) -> MessageKind {
    if wire.location.is_some() {
        return MessageKind::Location;
    }
    if wire.v_cards.as_ref().is_some_and(|cards| !cards.is_empty()) {
        return MessageKind::Contact;
    }
    let mime = wire.media.as_ref().and_then(|media| media.mimetype.as_deref());
    match mime.map(|mime| mime.split('/').next().unwrap_or("")) {
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        Some("audio") if mime.is_some_and(|mime| mime.starts_with("audio/ogg")) => MessageKind::Voice,
        Some("audio") => MessageKind::Audio,
        Some(_) => MessageKind::Document,
        None if wire.has_media == Some(true) => MessageKind::Unknown,
        None if wire.body.as_ref().is_some_and(|body| !body.is_empty()) => MessageKind::Text,
        None => MessageKind::Unknown,
    }
}

/// The file: what the server made ready of it, else what the engine knows of it.
pub(super) fn media(wire: &mut WireMessage, kind: &MessageKind, cx: &Context<'_>) -> Option<MediaInfo> {
    use MessageKind as K;
    let file = matches!(kind, K::Image | K::Video | K::Audio | K::Voice | K::Document | K::Sticker);
    let ready = wire.media.take();
    if !(file || ready.is_some() || wire.has_media == Some(true)) || *kind == K::Revoked {
        return None;
    }
    let ready = ready.unwrap_or_default();
    let mut media = MediaInfo::new();
    media.url = ready.url.as_deref().and_then(|url| media_url(cx.base, url)).map(String::from);
    media.mime_type = text(ready.mimetype);
    media.file_name = text(ready.filename);
    if let Some(data) = &mut wire.data {
        let inner = data.message.as_mut().and_then(|proto| proto.inner.as_deref_mut());
        let (mime, name, size) = match inner {
            Some(inner) => (inner.mimetype.take(), inner.file_name.take(), inner.file_length),
            None => (data.mimetype.take(), data.filename.take(), data.size),
        };
        media.mime_type = media.mime_type.or(text(mime));
        media.file_name = media.file_name.or(text(name));
        media.size_bytes = size.and_then(Number::count);
    }
    Some(media)
}

/// The place: WAHA's own object, else the engine's (WPP has no other).
pub(super) fn location(wire: &mut WireMessage) -> Option<Location> {
    if let Some(place) = wire.location.take()
        && let (Some(latitude), Some(longitude)) = (place.latitude, place.longitude)
    {
        let mut location = Location::new(latitude.0, longitude.0);
        let (name, address) = lines(place.description);
        location.name = text(place.name).or(name);
        location.address = text(place.address).or(address);
        return Some(location);
    }
    let data = wire.data.as_mut()?;
    if let (Some(latitude), Some(longitude)) = (data.lat, data.lng) {
        let mut location = Location::new(latitude.0, longitude.0);
        (location.name, location.address) = lines(data.loc.take());
        return Some(location);
    }
    let inner = data.message.as_mut()?.inner.as_deref_mut()?;
    let mut location = Location::new(inner.degrees_latitude?.0, inner.degrees_longitude?.0);
    location.name = text(inner.name.take());
    location.address = text(inner.address.take());
    Some(location)
}

/// The first line is the name, what follows the address.
fn lines(both: Option<String>) -> (Option<String>, Option<String>) {
    let both = both.unwrap_or_default();
    let (name, address) = both.split_once('\n').unwrap_or((&both, ""));
    (text(Some(name.to_owned())), text(Some(address.to_owned())))
}

/// Contact cards, with their names where the engine tells them beside the card.
pub(super) fn contacts(wire: &mut WireMessage, kind: &MessageKind) -> Option<Vec<ContactCard>> {
    let cards = wire.v_cards.take();
    if *kind != MessageKind::Contact {
        // an engine that tells what else it is tells that there are none
        let none = (wire.data.is_some() && *kind != MessageKind::Unknown).then(Vec::new);
        return cards.map(|cards| cards.into_iter().map(card).collect()).or(none);
    }
    let mut raw = Vec::new();
    if let Some(data) = &mut wire.data {
        raw = data.vcard_list.take().unwrap_or_default();
        if let Some(inner) = data.message.as_mut().and_then(|proto| proto.inner.as_deref_mut()) {
            raw.extend(inner.contacts.take().unwrap_or_default());
            if inner.vcard.is_some() {
                let display_name = inner.display_name.take();
                raw.push(crate::wire::Card { display_name, vcard: inner.vcard.take() });
            }
        }
    }
    if !raw.is_empty() {
        let named = raw.into_iter().map(|raw| {
            let mut one = raw.vcard.map(card).unwrap_or_else(|| ContactCard::new(None, None));
            one.name = text(raw.display_name).or(one.name);
            one
        });
        return Some(named.collect());
    }
    let body = wire.body.as_ref().filter(|body| body.starts_with("BEGIN:VCARD"));
    match cards {
        Some(cards) if !cards.is_empty() => Some(cards.into_iter().map(card).collect()),
        _ => Some(body.map(|body| card(body.clone())).into_iter().collect()),
    }
}

fn card(vcard: String) -> ContactCard {
    let name = vcard.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.split(';').next().is_some_and(|field| field.eq_ignore_ascii_case("FN")).then(|| {
            value.trim().replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").replace("\\\\", "\\")
        })
    });
    ContactCard::new(text(name), Some(vcard))
}

/// Reactions: NOWEB lists them; WEBJS and WPP only say whether there are any; GOWS says nothing.
pub(super) fn reactions(data: &mut Data, chat: &ChatId, account: Option<&ChatId>) -> Option<Vec<Reaction>> {
    if let Some(reactions) = data.reactions.take() {
        let one = |raw: crate::wire::RawReaction| {
            let mut reaction = Reaction::new(text(raw.text)?);
            reaction.at = time_ms(raw.sender_timestamp_ms);
            if let Some(key) = raw.key {
                reaction.from_me = key.from_me;
                let participant = key.participant.and_then(|jid| jid.id);
                reaction.sender_id = match key.from_me {
                    Some(true) => account.cloned().or(participant),
                    _ if chat.is_group() => participant,
                    _ => participant.or_else(|| key.remote_jid.and_then(|jid| jid.id)),
                };
            }
            Some(reaction)
        };
        return Some(reactions.into_iter().filter_map(one).collect());
    }
    match data.has_reaction {
        Some(true) => None,
        Some(false) => Some(Vec::new()),
        None => data.key.is_some().then(Vec::new),
    }
}

/// The state of delivery; NOWEB's is empty where its store has a word in place of a number.
pub(super) fn ack(ack: Option<Number>, data: Option<&Data>) -> Option<Ack> {
    match (ack, data) {
        // WPP fills in 0 where it knows nothing
        (Some(Number(0.0)), Some(data)) if data.kind.is_some() && data.ack.is_none() => None,
        (Some(Number(level)), _) => Ack::from_level(level as i64),
        (None, Some(Data { status: Some(crate::wire::Code::Word(word)), .. })) => Some(match word.as_str() {
            "ERROR" => Ack::Error,
            "PENDING" => Ack::Pending,
            "SERVER_ACK" => Ack::Server,
            "DELIVERY_ACK" => Ack::Device,
            "READ" => Ack::Read,
            "PLAYED" => Ack::Played,
            _ => return None,
        }),
        _ => None,
    }
}
