//! The world by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

use std::collections::BTreeSet;

use wachats_simulator::world::{Account, Ack, Chat, Content, Media, MediaKind, Message, World, ids};

fn small() -> World {
    let world = World::new(Account::new("5511900000000", "Demo"));
    world.set_clock(Some(1_760_000_000_000));
    world.add_chat(Chat::user("5511911111111").name("Alice").unread(2));
    world.add_message(Message::text("5511911111111", "K1", "one").at(1_759_999_000));
    world.add_message(Message::text("5511911111111@s.whatsapp.net", "K2", "two").at(1_759_999_100));
    world
}

#[test]
fn the_sample_is_the_same_every_time_and_holds_every_kind() {
    let (one, two) = (World::sample().snapshot(), World::sample().snapshot());
    assert_eq!(one, two);
    let kinds: BTreeSet<String> = one
        .messages
        .iter()
        .map(|message| format!("{:?}", message.content).split([' ', '(', '{']).next().unwrap().to_owned())
        .collect();
    for kind in ["Text", "Link", "Media", "Location", "Contacts", "Poll", "Call", "Revoked", "System"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    let media: BTreeSet<String> = one
        .messages
        .iter()
        .filter_map(|message| message.content.media())
        .map(|media| format!("{:?}", media.kind))
        .collect();
    assert_eq!(media.len(), 6);
    let servers: BTreeSet<&str> = one.chats.iter().map(|chat| ids::server_of(&chat.id)).collect();
    assert_eq!(servers, BTreeSet::from(["broadcast", "c.us", "g.us", "lid", "newsletter"]));
    let keys: BTreeSet<_> = one.messages.iter().map(|m| (&m.chat, &m.key)).collect();
    assert_eq!(keys.len(), one.messages.len(), "keys are unique within their chat");
}

#[test]
fn messages_come_newest_first_and_move_their_chat() {
    let world = small();
    let keys: Vec<String> = world.messages("5511911111111").into_iter().map(|m| m.key).collect();
    assert_eq!(keys, ["K2", "K1"]);
    assert_eq!(world.chat("5511911111111").unwrap().last_activity_ms, Some(1_759_999_100_000));
    world.add_message(Message::text("5511911111111", "K0", "old").at(1));
    assert_eq!(world.chat("5511911111111").unwrap().last_activity_ms, Some(1_759_999_100_000));
    world.add_message(Message::text("5511922222222", "N1", "new chat").at(2));
    assert!(world.chat("5511922222222").is_some());
}

#[test]
fn a_key_given_twice_replaces() {
    let world = small();
    world.add_message(Message::text("5511911111111", "K1", "one again").at(1_759_999_000));
    assert_eq!(world.messages("5511911111111").len(), 2);
    assert_eq!(world.message("5511911111111", "K1").unwrap().content, Content::Text("one again".to_owned()));
}

#[test]
fn sending_sets_what_whatsapp_sets() {
    let world = small();
    world.set_ephemeral("5511911111111", 86_400);
    let sent = world.send("5511911111111", Content::Text("hi".to_owned()));
    assert_eq!((sent.from_me, sent.ack, sent.sent_at()), (true, Some(Ack::Server), 1_760_000_001));
    assert_eq!((sent.key.len(), sent.key.get(..4)), (22, Some("3EB0")));
    assert_eq!(sent.ephemeral_seconds, 86_400);
    let again = world.send("120363000000000001@g.us", Content::Text("hi".to_owned()));
    assert_eq!(again.sender.as_deref(), Some("5511900000000@c.us"));
    assert_ne!(sent.key, again.key);
}

#[test]
fn reading_counts() {
    let world = small();
    world.mark_unread("5511911111111");
    assert_eq!(world.mark_read("5511911111111", &["K1".to_owned()]), 1);
    let chat = world.chat("5511911111111").unwrap();
    assert_eq!((chat.unread, chat.marked_unread), (1, false));
    assert_eq!(world.mark_chat_read("5511911111111"), 1);
    assert_eq!(world.chat("5511911111111").unwrap().unread, 0);
    assert_eq!(world.mark_chat_read("5511911111111"), 0);
}

#[test]
fn editing_deleting_reacting() {
    let world = small();
    let file = Media::new(MediaKind::Image, "image/jpeg", &b"x"[..]).caption("old");
    world.add_message(Message::media("5511911111111", "K3", file).at(1_759_999_200));
    assert!(world.edit_message("5511911111111", "K1", "changed"));
    assert!(world.edit_message("5511911111111", "K3", "new"));
    assert_eq!(world.message("5511911111111", "K1").unwrap().content.text(), Some("changed"));
    assert_eq!(world.message("5511911111111", "K3").unwrap().content.text(), Some("new"));
    assert!(world.react("5511911111111", "K1", None, "👍"));
    assert!(world.react("5511911111111", "K1", None, "❤️"));
    let reactions = world.message("5511911111111", "K1").unwrap().reactions;
    assert_eq!((reactions.len(), reactions[0].emoji.as_str(), reactions[0].from_me), (1, "❤️", true));
    world.react("5511911111111", "K1", None, "");
    assert!(world.message("5511911111111", "K1").unwrap().reactions.is_empty());
    assert!(world.revoke_message("5511911111111", "K1"));
    assert_eq!(world.message("5511911111111", "K1").unwrap().content, Content::Revoked);
    assert!(world.delete_message("5511911111111", "K1"));
    assert!(!world.delete_message("5511911111111", "K1"));
    assert!(world.clear_messages("5511911111111"));
    assert!(world.messages("5511911111111").is_empty() && world.chat("5511911111111").is_some());
    assert!(world.delete_chat("5511911111111"));
    assert!(!world.archive("5511911111111", true), "an unknown chat is told");
}

#[test]
fn pins_end() {
    let world = small();
    world.pin_message("5511911111111", "K1", Some(86_400));
    assert_eq!(world.message("5511911111111", "K1").unwrap().pinned_until_ms, Some(1_760_086_400_000));
    world.pin_message("5511911111111", "K1", None);
    assert_eq!(world.message("5511911111111", "K1").unwrap().pinned_until_ms, None);
}

#[test]
fn lids_go_both_ways() {
    let world = World::sample();
    let (lid, phone) = world.lids().remove(0);
    assert_eq!(world.phone_of(&lid).as_deref(), Some(phone.as_str()));
    assert_eq!(world.lid_of(&phone).as_deref(), Some(lid.as_str()));
    assert_eq!(world.phone_of("999@lid"), None);
}
