//! Worlds for tests.

use wachats_simulator::World;
use wachats_simulator::world::{Account, Ack, Chat, Contact, Media, MediaKind, Message, Mute, Participant};

/// 2026-09-01 12:00:00 UTC.
pub const NOW: i64 = 1_788_264_000;

pub const ANNA: &str = "5511911111111@c.us";
pub const BORIS: &str = "79001234567@c.us";
pub const BORIS_LID: &str = "222222222222222@lid";
pub const SPARE: &str = "5511922222222@c.us";
pub const ARCHIVED: &str = "5511933333333@c.us";
pub const CHOIR: &str = "120363000000000001@g.us";

const WORDS: [&str; 7] = ["Invoice", "Привет", "Größe", "ação", "100%", "a_b", "tomorrow"];

/// A world of what every gateway carries: persons, a group, texts and pictures, so that all of them must show the same.
/// Within the account no two chats were active in the same second; within the long chat messages share seconds.
pub fn common() -> World {
    let world = World::new(Account::new("5511900000000", "Demo").lid("900000000000000@lid"));
    world.set_clock(Some(NOW * 1000));
    for (id, name) in [(ANNA, "Anna"), (BORIS, "Борис"), (SPARE, "Spare Time"), (ARCHIVED, "Old Archive")]
    {
        world.add_contact(Contact::new(id).name(name).push_name(name));
    }
    world.add_chat(
        Chat::new(ANNA).name("Anna").unread(2).picture_url("https://pps.whatsapp.net/v/anna.jpg?oe=6A000000"),
    );
    world.add_chat(Chat::new(BORIS).name("Борис").lid(BORIS_LID));
    world.link_lid(BORIS_LID, BORIS);
    world.add_chat(
        Chat::new(CHOIR)
            .name("The Choir")
            .mute(Mute::Always)
            .participant(Participant::new("5511900000000").owner())
            .participant(Participant::new(ANNA)),
    );
    world.add_chat(Chat::new(SPARE).name("Spare Time"));
    world.add_chat(Chat::new(ARCHIVED).name("Old Archive").archived(true));
    anna(&world);
    long(&world);
    for n in 0..9_i64 {
        let own = n % 3 == 1;
        let sender = if own { "5511900000000@c.us" } else { ANNA };
        let name = if own { "Demo" } else { "Anna" };
        let message = Message::text(CHOIR, &format!("3EB0C0{n:014}"), &format!("La la {n}"));
        let message = message.sender(sender).sender_name(name).from_me(own).ack(Ack::Read);
        world.add_message(message.at(NOW - 50_000 + n * 100));
        let message = Message::text(SPARE, &format!("3EB0D0{n:014}"), &format!("Spare {n}"));
        world.add_message(
            message.sender_name("Spare Time").from_me(own).at(NOW - 60_000 + n * 60).ack(Ack::Read),
        );
        let message = Message::text(ARCHIVED, &format!("3EB0E0{n:014}"), &format!("Long ago {n}"));
        world.add_message(message.sender_name("Old Archive").at(NOW - 900_000 + n * 60).ack(Ack::Read));
    }
    world
}

fn anna(world: &World) {
    let photo = Media::new(MediaKind::Image, "image/jpeg", &b"a photo of the sea"[..]).caption("The sea");
    let all = [
        Message::text(ANNA, "3EB0A000000000000001", "Good morning").ack(Ack::Read),
        Message::text(ANNA, "3EB0A000000000000002", "Morning, Anna").from_me(true).ack(Ack::Read),
        Message::media(ANNA, "3EB0A000000000000003", photo).ack(Ack::Read),
        Message::text(ANNA, "3EB0A000000000000004", "See you at 8").from_me(true).ack(Ack::Device),
        Message::text(ANNA, "3EB0A000000000000005", "Are you there?").ack(Ack::Device),
        Message::text(ANNA, "3EB0A000000000000006", "Call me").ack(Ack::Device),
    ];
    for (minute, message) in (0_i64..).zip(all) {
        let name = if message.from_me { "Demo" } else { "Anna" };
        world.add_message(message.sender_name(name).at(NOW - 3600 + minute * 60));
    }
}

/// 130 messages, three of them in each second, one word in five of another script.
fn long(world: &World) {
    for n in 0..130_usize {
        let key = format!("3EB0B0{n:014}");
        let text = format!("{} {n}", WORDS[n % WORDS.len()]);
        let own = n % 3 == 0;
        let message = if n % 26 == 5 {
            Message::media(
                BORIS,
                &key,
                Media::new(MediaKind::Image, "image/jpeg", text.clone()).caption(&text),
            )
        } else {
            Message::text(BORIS, &key, &text)
        };
        let second = NOW - 200_000 + (n as i64 / 3) * 600;
        let ack = if n % 2 == 0 { Ack::Read } else { Ack::Device };
        let message = message.sender_name(if own { "Demo" } else { "Борис" }).from_me(own).ack(ack);
        world.add_message(message.at_ms(second * 1000 + (n as i64 % 3) * 250));
    }
}
