//! The account that the documented bodies could be of.

use std::collections::BTreeMap;

use wachats_simulator::world::{
    Account, Call, Card, Chat, Contact, Content, Location, Media, MediaKind, Message, Participant, Poll,
    Quote, World,
};

use super::ANN;

/// A message of every kind for every direction, by key.
pub(crate) fn messages() -> BTreeMap<String, Message> {
    let file = |kind, mime: &str, name: &str| Media::new(kind, mime, "bytes").file_name(name);
    let card = || Card::new("Alex", "79990000002");
    let poll =
        || Poll { question: "Color".into(), options: vec!["Red".into(), "Blue".into()], selectable: 0 };
    let quote = |content| Some(Quote { key: "OLD".into(), sender: ANN.into(), content: Some(content) });
    let text = |text: &str| Content::Text(text.into());
    let place = Location {
        latitude: 1.5,
        longitude: 2.5,
        name: Some("Cafe".into()),
        address: None,
        url: None,
        live: false,
    };
    let link = Content::Link {
        text: "https://example.org".into(),
        url: "https://example.org".into(),
        title: "Example".into(),
    };
    let kinds = vec![
        ("TEXT", text("hi")),
        ("EDITED", text("hi")),
        ("DELETED", Content::Revoked),
        ("REPLY", text("yes")),
        ("REPLY_POLL", text("yes")),
        ("LINK", link),
        ("IMAGE", Content::Media(file(MediaKind::Image, "image/jpeg", "a.jpg"))),
        ("VIDEO", Content::Media(file(MediaKind::Video, "video/mp4", "a.mp4"))),
        ("AUDIO", Content::Media(file(MediaKind::Audio, "audio/mpeg", "a.mp3"))),
        ("DOCUMENT", Content::Media(file(MediaKind::Document, "application/pdf", "a.pdf"))),
        ("STICKER", Content::Media(file(MediaKind::Sticker, "image/webp", "a.webp"))),
        ("HUGE", Content::Media(Media::gone(MediaKind::Document, "application/pdf", 200_000_000))),
        ("LOCATION", Content::Location(place)),
        ("CARD", Content::Contacts(vec![card()])),
        ("CARDS", Content::Contacts(vec![card(), card()])),
        ("POLL", Content::Poll(poll())),
        ("REACTION", Content::Reaction { target: "OLD".into(), emoji: "👍".into() }),
        ("CALL", Content::Call(Call { video: false, seconds: Some(3) })),
        ("INVITE", Content::System("group_invite".into())),
        ("CIPHERTEXT", Content::Unknown("ciphertext".into())),
        ("UNKNOWN", Content::Unknown("album".into())),
    ];
    let mut messages = BTreeMap::new();
    for (kind, content) in kinds {
        for direction in ["IN", "PHONE", "API"] {
            let key = format!("{direction}_{kind}");
            let mut message = Message::new(ANN, &key, content.clone()).from_me(direction != "IN").at(1_000);
            message.via_api = direction == "API";
            message.quoted = match kind {
                "REPLY" => quote(text("question")),
                "REPLY_POLL" => quote(Content::Poll(poll())),
                _ => None,
            };
            if kind == "EDITED" {
                message = message.edited_at(2_000);
            }
            messages.insert(key, message);
        }
    }
    messages
}

pub(crate) fn world(number: u32) -> World {
    let world = World::new(Account::new("79990000000", "Demo"));
    world.set_clock(Some(100_000_000));
    world.add_chat(
        Chat::user("79990000001")
            .name("Ann")
            .picture_url("https://example.org/a.jpg")
            .ephemeral_seconds(86_400),
    );
    let owner = Participant::new("79990000000").owner();
    let choir = Chat::group("120363000000000001").name("Choir").picture_url("https://example.org/g.jpg");
    world.add_chat(choir.participant(owner).participant(Participant::new("79990000001")));
    world.add_contact(Contact::new("79990000001").name("Ann B.").push_name("Ann"));
    if matches!(number, 21 | 22) {
        // A text and a reaction, as the examples have them.
        let recent = Message::text(ANN, "RECENT", "hi").from_me(number == 22).at(99_990);
        let recent = recent.reaction("👍", if number == 22 { "79990000000" } else { ANN }, 99_995);
        world.add_message(recent);
        return world;
    }
    for (key, message) in messages() {
        let message = match key.as_str() {
            "IN_TEXT" => message.reaction("👍", ANN, 1_010),
            "IN_LINK" => message.reaction("👍", "79990000000", 1_010),
            _ => message,
        };
        world.add_message(message);
    }
    world
}
