//! A simulator's world in values of the unified model, as a gateway that tells everything would show it.

use chrono::{DateTime, Utc};
use wachats::{
    Ack, Chat, ChatId, Contact, ContactCard, GroupInfo, Location, MediaInfo, Message, MessageKind,
    Participant, Reaction, Reply, Role, Source,
};
use wachats_conformance::{Expected, MediaSample};
use wachats_simulator::World;
use wachats_simulator::world::{self, Content, MediaKind, Mute};

fn id(text: &str) -> ChatId {
    text.parse().expect("the world's ids are canonical")
}

/// A chat.
pub fn chat(world: &World, from: &world::Chat) -> Chat {
    let mut chat = Chat::new(id(&from.id));
    chat.name.clone_from(&from.name);
    chat.last_message_at =
        from.last_activity_ms.and_then(|ms| DateTime::from_timestamp(ms.div_euclid(1000), 0));
    chat.marked_unread = Some(from.marked_unread);
    chat.unread_count = (!from.marked_unread).then_some(u64::from(from.unread));
    chat.archived = Some(from.archived);
    chat.pinned = Some(from.pinned_at.is_some());
    // By this machine's clock, as a library has to judge it.
    chat.muted = Some(match from.mute {
        Mute::No => false,
        Mute::Always => true,
        Mute::Until(seconds) => seconds > Utc::now().timestamp(),
    });
    chat.ephemeral_seconds = Some(u64::from(from.ephemeral_seconds));
    let other = from.lid.clone().or_else(|| world.lid_of(&from.id)).or_else(|| world.phone_of(&from.id));
    chat.alternate_id = other.map(|other| id(&other));
    chat
}

/// A message.
pub fn message(world: &World, from: &world::Message) -> Message {
    let chat = id(&from.chat);
    let participant =
        from.sender.as_ref().filter(|_| world::ids::has_participants(&from.chat)).map(|p| id(p));
    let mut message = Message::in_chat(chat, from.key.parse().expect("a key"), from.from_me, participant);
    message.sender_id = Some(id(&world.sender_of(from)));
    message.sender_name.clone_from(&from.sender_name);
    message.sent_at = DateTime::from_timestamp(from.sent_at(), 0);
    message.kind = kind(&from.content);
    message.text = from.content.text().map(str::to_owned);
    message.media = from.content.media().map(media);
    message.location = location(&from.content);
    message.contacts = Some(contacts(&from.content));
    message.ack = from.ack.and_then(|ack| Ack::from_level(ack.level()));
    message.reply_to = from.quoted.as_ref().map(|quote| Reply::new(quote.key.parse().expect("a key")));
    message.reactions = Some(from.reactions.iter().map(|r| Reaction::new(&r.emoji)).collect());
    message.edited = Some(from.edited_at_ms.is_some());
    message.revoked = Some(from.content == Content::Revoked);
    message.forwarded = Some(from.forwarded);
    message.source = from.from_me.then_some(if from.via_api { Source::Api } else { Source::App });
    message
}

fn kind(content: &Content) -> MessageKind {
    match content {
        Content::Text(_) | Content::Link { .. } => MessageKind::Text,
        Content::Media(media) => match media.kind {
            MediaKind::Image => MessageKind::Image,
            MediaKind::Video => MessageKind::Video,
            MediaKind::Audio => MessageKind::Audio,
            MediaKind::Voice => MessageKind::Voice,
            MediaKind::Document => MessageKind::Document,
            MediaKind::Sticker => MessageKind::Sticker,
            _ => MessageKind::Unknown,
        },
        Content::Location(_) => MessageKind::Location,
        Content::Contacts(_) => MessageKind::Contact,
        Content::Poll(_) => MessageKind::Poll,
        Content::Reaction { .. } => MessageKind::Reaction,
        Content::Call(_) => MessageKind::Call,
        Content::Revoked => MessageKind::Revoked,
        Content::System(_) => MessageKind::System,
        _ => MessageKind::Unknown,
    }
}

fn media(from: &world::Media) -> MediaInfo {
    let mut media = MediaInfo::new();
    media.mime_type = Some(from.mime.clone());
    media.file_name.clone_from(&from.file_name);
    media.size_bytes = Some(from.size);
    media
}

fn location(content: &Content) -> Option<Location> {
    let Content::Location(from) = content else { return None };
    let mut place = Location::new(from.latitude, from.longitude);
    place.name.clone_from(&from.name);
    place.address.clone_from(&from.address);
    Some(place)
}

fn contacts(content: &Content) -> Vec<ContactCard> {
    let Content::Contacts(cards) = content else { return Vec::new() };
    cards.iter().map(|card| ContactCard::new(Some(card.name.clone()), Some(card.vcard.clone()))).collect()
}

/// A person of the address book.
pub fn contact(from: &world::Contact) -> Contact {
    let mut contact = Contact::new(id(&from.id));
    contact.name.clone_from(&from.name);
    contact.push_name.clone_from(&from.push_name);
    if let Some(lid) = &from.lid {
        contact.lid = Some(id(lid));
    }
    contact.is_business = Some(from.business);
    contact.is_my_contact = Some(from.name.is_some());
    contact
}

/// A group and its members.
pub fn group(from: &world::Chat) -> GroupInfo {
    let mut group = GroupInfo::new(id(&from.id));
    group.subject.clone_from(&from.name);
    group.description.clone_from(&from.description);
    group.owner_id = from.participants.iter().find(|member| member.owner).map(|member| id(&member.id));
    group.created_at = from.created_ms.and_then(|ms| DateTime::from_timestamp(ms.div_euclid(1000), 0));
    group.announce = Some(from.announce);
    group.locked = Some(from.locked);
    let member = |member: &world::Participant| {
        Participant::new(
            id(member.phone.as_ref().unwrap_or(&member.id)),
            Role::of_flags(member.admin, member.owner),
        )
    };
    group.participants = Some(from.participants.iter().map(member).collect());
    group
}

/// Everything the world holds: chats most recently active first, messages newest first.
pub fn expected(world: &World) -> Expected {
    let mut chats: Vec<Chat> = world.chats().iter().map(|from| chat(world, from)).collect();
    chats.sort_by_key(|chat| std::cmp::Reverse(chat.last_message_at));
    let messages = world.all_messages();
    let unified: Vec<Message> = messages.iter().map(|from| message(world, from)).collect();
    let media = messages.iter().zip(&unified).find_map(|(from, unified)| {
        let bytes = from.content.media()?.bytes.as_ref()?;
        Some(MediaSample::new(unified, bytes.to_vec()))
    });
    let pictured = world.chats().into_iter().find(|chat| chat.picture.is_some()).map(|chat| id(&chat.id));
    let lid_pair = world.lids().into_iter().next().map(|(lid, phone)| (id(&phone), id(&lid)));
    let mut expected = Expected::new(chats, unified);
    expected.media = media;
    expected.pictured = pictured;
    expected.lid_pair = lid_pair;
    expected.contacts = world.contacts().iter().map(contact).collect();
    expected.groups = world.chats().iter().filter(|chat| !chat.participants.is_empty()).map(group).collect();
    expected
}
