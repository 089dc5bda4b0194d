//! An account of some chats, in values of the model.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail loudly"
)]

use chrono::DateTime;
use wachats_conformance::{Expected, MediaSample};
use wachats_core::{Ack, Chat, ChatId, MediaInfo, Memory, Message, MessageKind};

pub const NOW: i64 = 1_790_000_000;

fn id(text: &str) -> ChatId {
    text.parse().unwrap()
}

fn message(chat: &str, key: &str, own: bool, at: i64, text: &str) -> Message {
    let mut message = Message::new(id(chat), key.parse().unwrap(), own);
    message.sent_at = DateTime::from_timestamp(at, 0);
    message.kind = MessageKind::Text;
    message.text = Some(text.to_owned());
    message.ack = Some(if at % 2 == 0 { Ack::Read } else { Ack::Device });
    message
}

fn chat(chat: &str, name: &str, at: i64) -> Chat {
    let mut chat = Chat::new(id(chat));
    chat.name = Some(name.to_owned());
    chat.last_message_at = DateTime::from_timestamp(at, 0);
    chat.archived = Some(name.starts_with("Old"));
    chat.pinned = Some(false);
    chat.unread_count = Some(0);
    chat.marked_unread = Some(false);
    chat
}

/// What the account holds.
pub fn expected() -> Expected {
    let words = ["Invoice", "Привет", "Größe", "100%", "a_b", "tomorrow"];
    let mut messages = Vec::new();
    for n in 0..120_i64 {
        let text = format!("{} {n}", words[n as usize % words.len()]);
        let mut row =
            message("79001234567@c.us", &format!("B{n:04}"), n % 3 == 0, NOW - 90_000 + n / 3 * 60, &text);
        if n % 25 == 4 {
            row.kind = MessageKind::Image;
            row.media = Some(MediaInfo::new());
        }
        messages.push(row);
    }
    for n in 0..8_i64 {
        let at = NOW - 60 + n;
        messages.push(message(
            "5511911111111@c.us",
            &format!("A{n:04}"),
            n % 2 == 0,
            at,
            &format!("Hello {n}"),
        ));
        messages.push(message(
            "120363000000000001@g.us",
            &format!("C{n:04}"),
            false,
            at - 9_000,
            &format!("La {n}"),
        ));
        messages.push(message(
            "5511922222222@c.us",
            &format!("D{n:04}"),
            false,
            at - 99_000,
            &format!("Spare {n}"),
        ));
    }
    messages.sort_by_key(|m| std::cmp::Reverse(m.sent_at));
    let chats = [
        ("5511911111111@c.us", "Anna"),
        ("120363000000000001@g.us", "The Choir"),
        ("79001234567@c.us", "Борис"),
        ("5511922222222@c.us", "Old Friend"),
    ];
    let newest =
        |chat: &str| messages.iter().find(|m| m.chat_id == id(chat)).unwrap().sent_at.unwrap().timestamp();
    let mut chats: Vec<Chat> =
        chats.iter().map(|(chat_id, name)| chat(chat_id, name, newest(chat_id))).collect();
    chats.sort_by_key(|chat| std::cmp::Reverse(chat.last_message_at));
    let media = messages.iter().find(|m| m.media.is_some()).map(|m| MediaSample::new(m, "the picture"));
    let mut expected = Expected::new(chats, messages);
    expected.media = media;
    expected
}

/// A provider that holds it.
pub fn memory(expected: &Expected) -> Memory {
    let memory = Memory::new(expected.chats.clone(), expected.messages.clone());
    match &expected.media {
        Some(sample) => memory.with_media(sample.id.key().clone(), sample.bytes.clone()),
        None => memory,
    }
}
