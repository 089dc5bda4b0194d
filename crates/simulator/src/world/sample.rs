//! The sample world: about a dozen chats and three hundred messages of all kinds, the same in every run.

use super::{
    Account, Ack, Call, Card, Chat, Contact, Content, Location, Media, MediaKind, Message, Mute, Participant,
    World,
};

/// The sample's clock stands at 2026-10-01 12:00:00 UTC.
const NOW: i64 = 1_790_856_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

const ALICE: &str = "5511911111111@c.us";
const BRUNO: &str = "5511922222222@c.us";
const BRUNO_LID: &str = "222222222222222@lid";
const CARLA: &str = "5511933333333@c.us";
const DMITRI: &str = "79001234567@c.us";
const HIDDEN: &str = "333333333333333@lid";
const OLD: &str = "5511944444444@c.us";
const SHOP: &str = "5511955555555@c.us";
const BUSY: &str = "5511966666666@c.us";
const QUIET: &str = "5511977777777@c.us";
const FAMILY: &str = "120363000000000001@g.us";
const WORK: &str = "5511900000000-1700000000@g.us";
const NEWS: &str = "123456789012345678@newsletter";
const STATUS: &str = "status@broadcast";

/// A picture of one pixel (GIF), enough for every reader of files.
pub(crate) const PIXEL: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

impl World {
    /// A world to show things with: users, groups, a channel, the status chat, a person with both a phone's chat and a
    /// lid's, archived, pinned, muted and unread chats, and messages of every kind. Its clock stands still.
    ///
    /// ```
    /// let world = wachats_simulator::World::sample();
    /// assert!(world.chats().len() >= 12 && world.all_messages().len() >= 290);
    /// ```
    #[must_use]
    pub fn sample() -> Self {
        let account = Account::new("5511900000000", "Demo Account").lid("900000000000000@lid");
        let world = World::new(account);
        world.set_clock(Some(NOW * 1000));
        people(&world);
        chats(&world);
        alice(&world);
        lids(&world);
        groups(&world);
        broadcasts(&world);
        small(&world);
        busy(&world);
        world
    }
}

fn people(world: &World) {
    let known = [
        Contact::new(ALICE)
            .name("Alice")
            .push_name("Alice S.")
            .lid("111111111111111@lid")
            .about("At the beach"),
        Contact::new(BRUNO).name("Bruno").push_name("Bruno").lid(BRUNO_LID),
        Contact::new(CARLA).name("Carla").push_name("carla"),
        Contact::new(DMITRI).name("Дмитрий").push_name("Dmitri"),
        Contact::new(HIDDEN).push_name("Lidia").lid(HIDDEN),
        Contact::new(SHOP).name("Corner Shop").push_name("Corner Shop").business(),
        Contact::new(BUSY).name("Bea").push_name("Bea"),
    ];
    for contact in known {
        world.add_contact(contact);
    }
    world.link_lid(BRUNO_LID, BRUNO);
}

fn chats(world: &World) {
    let all = [
        Chat::new(ALICE)
            .name("Alice")
            .pinned_at(NOW - 40 * DAY)
            .unread(3)
            .lid("111111111111111@lid")
            .picture_url("https://pps.whatsapp.net/v/sample-alice.jpg?oe=66000000"),
        Chat::new(BRUNO).name("Bruno").picture_bytes(PIXEL),
        Chat::new(BRUNO_LID),
        Chat::new(CARLA).name("Carla").archived(true),
        Chat::new(DMITRI).name("Дмитрий").mute(Mute::Until(NOW + 7 * DAY)).ephemeral_seconds(86_400),
        Chat::new(HIDDEN),
        Chat::new(OLD).name("Old Number").archived(true).active_at(NOW - 400 * DAY),
        Chat::new(SHOP).name("Corner Shop").marked_unread(true),
        Chat::new(BUSY).name("Bea"),
        Chat::new(QUIET).active_at(NOW - 90 * DAY),
        Chat::new(FAMILY)
            .name("Family")
            .unread(2)
            .mute(Mute::Always)
            .description("Sunday lunches")
            .participant(Participant::new("5511900000000").owner())
            .participant(Participant::new(ALICE).admin())
            .participant(Participant::new("444444444444444@lid").phone("5511988888888")),
        Chat::new(WORK)
            .name("Work & Co")
            .archived(true)
            .participant(Participant::new(DMITRI).owner())
            .participant(Participant::new("5511900000000")),
        Chat::new(NEWS).name("Daily News"),
        Chat::status(),
    ];
    for chat in all {
        world.add_chat(chat);
    }
}

/// One message of every kind, and answers, reactions, edits.
fn alice(world: &World) {
    let own = "5511900000000@c.us";
    let t = NOW - 2 * DAY;
    let image = Media::new(MediaKind::Image, "image/jpeg", PIXEL).caption("Sunset").dimensions(640, 480);
    let video = Media::new(MediaKind::Video, "video/mp4", &b"sample video"[..]).caption("Waves").seconds(12);
    let audio = Media::new(MediaKind::Audio, "audio/mpeg", &b"sample audio"[..]).seconds(180);
    let voice = Media::new(MediaKind::Voice, "audio/ogg; codecs=opus", &b"sample voice"[..]).seconds(4);
    let paper = Media::new(MediaKind::Document, "application/pdf", &b"%PDF-1.4 sample"[..])
        .file_name("invoice 7.pdf")
        .caption("The invoice");
    let sticker = Media::new(MediaKind::Sticker, "image/webp", &b"RIFFsampleWEBP"[..]);
    let place = Location {
        latitude: -23.561_414,
        longitude: -46.655_881,
        name: Some("Museum".to_owned()),
        address: Some("Avenue 1578".to_owned()),
        url: None,
        live: false,
    };
    let cards = vec![Card::new("Carla", "5511933333333")];
    let link = Content::Link {
        text: "Look: https://example.org/trip".to_owned(),
        url: "https://example.org/trip".to_owned(),
        title: "A trip".to_owned(),
    };
    let all = [
        Message::text(ALICE, "3EB0A000000000000001", "Hello!").ack(Ack::Read),
        Message::text(ALICE, "3EB0A000000000000002", "Hi Alice, how are you?").from_me(true).ack(Ack::Read),
        Message::media(ALICE, "3EB0A000000000000003", image).ack(Ack::Read).reaction("❤️", own, t + 400),
        Message::media(ALICE, "3EB0A000000000000004", video).ack(Ack::Read),
        Message::media(ALICE, "3EB0A000000000000005", audio).ack(Ack::Read),
        Message::media(ALICE, "3EB0A000000000000006", voice).ack(Ack::Played),
        Message::media(ALICE, "3EB0A000000000000007", paper).from_me(true).ack(Ack::Device),
        Message::media(ALICE, "3EB0A000000000000008", sticker).ack(Ack::Read),
        Message::location(ALICE, "3EB0A000000000000009", place).ack(Ack::Read),
        Message::new(ALICE, "3EB0A00000000000000A", Content::Contacts(cards)).ack(Ack::Read),
        Message::poll(ALICE, "3EB0A00000000000000B", "Pizza or pasta?", &["Pizza", "Pasta"]).from_me(true),
        Message::new(ALICE, "3EB0A00000000000000C", link).ack(Ack::Read),
        Message::text(ALICE, "3EB0A00000000000000D", "Yes, both")
            .quoting("3EB0A00000000000000B", own, None)
            .ack(Ack::Read)
            .reaction("👍", own, t + 1000),
        Message::text(ALICE, "3EB0A00000000000000E", "See you at 8")
            .from_me(true)
            .edited_at(t + 1100)
            .ack(Ack::Read),
        Message::new(ALICE, "3EB0A00000000000000F", Content::Revoked).from_me(true),
        Message::new(ALICE, "3EB0A000000000000010", Content::Call(Call { video: false, seconds: None })),
        Message::text(ALICE, "3EB0A000000000000011", "Forwarded as received").forwarded().ack(Ack::Read),
        Message::text(ALICE, "3EB0A000000000000012", "Keep this").from_me(true).starred().ack(Ack::Error),
        Message::text(ALICE, "3EB0A000000000000013", "100% sure? a_b & <c> \"d\" \u{1F600} ção")
            .ack(Ack::Device),
        Message::media(
            ALICE,
            "3EB0A000000000000014",
            Media::gone(MediaKind::Image, "image/jpeg", 52_000).caption("Too old to fetch"),
        )
        .ack(Ack::Device),
        Message::text(ALICE, "3EB0A000000000000015", "Are you there?").ack(Ack::Device),
    ];
    for (minute, message) in (0_i64..).zip(all) {
        let message = message.at(t + minute * 60);
        let named = if message.from_me {
            message.sender_name("Demo Account")
        } else {
            message.sender_name("Alice S.")
        };
        world.add_message(named);
    }
}

/// One person in two chats: by phone and by lid.
fn lids(world: &World) {
    for n in 0..12_i64 {
        let (chat, prefix) = if n % 2 == 0 { (BRUNO, "B0") } else { (BRUNO_LID, "B1") };
        let key = format!("3EB0{prefix}{n:014}");
        let text = format!("Bruno says {n}");
        let mut message =
            Message::text(chat, &key, &text).at(NOW - DAY + n * 300).sender_name("Bruno").ack(Ack::Read);
        if chat == BRUNO_LID {
            message = message.sender_alt(BRUNO);
        }
        world.add_message(message.from_me(n % 4 == 2));
    }
    for n in 0..3_i64 {
        let key = format!("3EB0C0{n:014}");
        let message = Message::text(HIDDEN, &key, "A voice without a number").sender_name("Lidia");
        world.add_message(message.at(NOW - 5 * DAY + n * 60).ack(Ack::Read));
    }
}

fn groups(world: &World) {
    let members =
        [(ALICE, "Alice S."), ("444444444444444@lid", "Gabi"), ("5511900000000@c.us", "Demo Account")];
    for (n, (sender, name)) in (0_i64..40).zip(members.into_iter().cycle()) {
        let text = format!("Family talk {n}");
        let key = format!("3EB0D0{n:014}");
        let own = sender == "5511900000000@c.us";
        let mut message = Message::text(FAMILY, &key, &text).sender(sender).sender_name(name).from_me(own);
        if sender.ends_with("@lid") {
            message = message.sender_alt("5511988888888").sender_device(3);
        }
        if own {
            message = message.receipt(ALICE, NOW - 3 * DAY + n * 600 + 30);
        }
        if n % 10 == 3 {
            message = message.mention("5511900000000").reaction("😂", ALICE, NOW - 3 * DAY + n * 600 + 20);
        }
        let ack = if own || n >= 38 { Ack::Device } else { Ack::Read };
        world.add_message(message.at(NOW - 3 * DAY + n * 600).ack(ack));
    }
    for n in 0..6_i64 {
        let key = format!("3EB0E0{n:014}");
        let content = if n == 2 {
            Content::System("group_participant_add".to_owned())
        } else {
            Content::Text(format!("Work item {n}"))
        };
        let message = Message::new(WORK, &key, content).sender(DMITRI).sender_name("Dmitri");
        world.add_message(message.at(NOW - 30 * DAY + n * HOUR).ack(Ack::Read));
    }
}

fn broadcasts(world: &World) {
    for n in 0..5_i64 {
        let post = Message::text(NEWS, &format!("3EB0F0{n:014}"), &format!("Headline {n}"));
        world.add_message(post.at(NOW - 6 * DAY + n * DAY).sender_name("Daily News"));
        let status = Message::text(STATUS, &format!("3EB0F1{n:014}"), &format!("Status post {n}"));
        world.add_message(status.sender(CARLA).sender_name("carla").at(NOW - 12 * HOUR + n * HOUR));
    }
}

fn small(world: &World) {
    for n in 0..8_i64 {
        let text = format!("Привет {n}");
        let message = Message::text(DMITRI, &format!("3EB010{n:014}"), &text).sender_name("Dmitri");
        world.add_message(message.at(NOW - 20 * HOUR + n * 1800).from_me(n % 3 == 1).ack(Ack::Read));
        let text = format!("From the archive {n}");
        let message = Message::text(CARLA, &format!("3EB011{n:014}"), &text).sender_name("carla");
        world.add_message(message.at(NOW - 60 * DAY + n * DAY).from_me(n % 2 == 0).ack(Ack::Read));
        let text = format!("Order {n} is ready");
        let message = Message::text(SHOP, &format!("3EB012{n:014}"), &text).sender_name("Corner Shop");
        world.add_message(message.at(NOW - 8 * DAY + n * HOUR).ack(Ack::Read));
    }
    world.add_message(
        Message::text(OLD, "3EB01300000000000000", "I have a new number").at(NOW - 400 * DAY).ack(Ack::Read),
    );
}

/// A long chat, to page through; several messages share a second.
fn busy(world: &World) {
    for n in 0..180_i64 {
        let text = if n % 25 == 7 { format!("Invoice number {n}") } else { format!("Line {n}") };
        let mut message = Message::text(BUSY, &format!("3EB014{n:014}"), &text).sender_name("Bea");
        if n % 40 == 11 {
            let file = Media::new(MediaKind::Image, "image/jpeg", PIXEL).caption(&text);
            message = Message::media(BUSY, &message.key, file).sender_name("Bea");
        }
        let second = NOW - 10 * DAY + (n / 3) * 7200;
        world.add_message(message.at_ms(second * 1000 + (n % 3) * 250).from_me(n % 2 == 1).ack(Ack::Read));
    }
}
