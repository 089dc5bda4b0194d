//! The account that the recordings were made of, in the simulator's terms.

use serde_json::json;
use wachats_simulator::waha::{Engine, Profile};
use wachats_simulator::world::{
    Account, Ack, Card, Chat, Contact, Content, Location, Media, MediaKind, Message, Mute, Session, World,
};

pub(crate) const KEY: &str = "testkey-aaaa-bbbb";
const ANA: &str = "5511911111111@c.us";
const FAMILY: &str = "120363000000000001@g.us";
const OWN: &str = "5511900000001@c.us";
const T: i64 = 1_760_000_000;

pub(crate) fn profile(name: &str) -> Profile {
    let metadata = if name.starts_with("live__") { json!({"user.id": "1"}) } else { json!({"k": "v"}) };
    let noweb = json!({"markOnline": true, "store": {"enabled": true, "fullSync": false}});
    let profile = Profile::new(Engine::Noweb)
        .version("2026.4.1")
        .key(KEY)
        .config(json!({"noweb": noweb, "metadata": metadata}));
    // The recorded server had no WhatsApp behind it: its engine gave nothing back for a send.
    if name == "live__sendText" { profile.empty_sends() } else { profile }
}

pub(crate) fn world(name: &str) -> World {
    let world = World::new(Account::new("5511900000001", "Fake Me").lid("90000000000001@lid"));
    world.set_clock(Some(1_795_230_409_000));
    world.set_session(match name {
        "live__put_session_store" | "live__start" => Session::Stopped,
        "unpaired__422_qr_starting" => Session::Starting,
        name if name.starts_with("live__") => Session::Working,
        _ => Session::Stopped,
    });
    for message in direct().into_iter().chain(others()) {
        world.add_message(message.sender_name("x"));
    }
    for n in 0..25_i64 {
        let page = Message::text(ANA, &format!("3EB0PAGE{n:02}"), &format!("page {n}"));
        world.add_message(page.at(T + 20 + n).sender_name("x"));
    }
    // Last, as their times of activity are not those of their messages.
    chats(&world);
    world
}

fn chats(world: &World) {
    let ana = Chat::new(ANA)
        .name("Ana")
        .pinned_at(1_760_000_001)
        .mute(Mute::Until(1_790_000_000))
        .ephemeral_seconds(86_400)
        .lid("111111111111111@lid")
        .active_at(T + 50)
        .wire("archived", json!(false))
        .wire("readOnly", json!(false))
        .wire("lastMessageRecvTimestamp", json!(T + 50))
        .wire("unreadMentionCount", json!(0))
        .wire("disappearingMode", json!({"initiator": 0, "trigger": 1, "initiatedByMe": false}))
        .wire("tcToken", json!({"type": "Buffer", "data": "AQIDBA=="}));
    world.add_chat(ana);
    world.add_chat(Chat::status().active_at(T + 60));
    world.add_chat(Chat::new(FAMILY).name("Family").archived(true).active_at(T + 40));
    world.add_chat(Chat::user("5511922222222").name("Bruno PN").active_at(T + 20));
    world.add_chat(Chat::hidden("222222222222222").active_at(T + 30));
    world.add_chat(Chat::hidden("333333333333333").active_at(T + 10));
    world.add_chat(Chat::newsletter("123456789").name("News").active_at(T + 5));
    // A chat that was never active is in the store, and in no list.
    world.add_chat(Chat::user("5511955555555"));
    world.link_lid("222222222222222@lid", "5511922222222");
    world.add_contact(Contact::new("333333333333333@lid").lid("333333333333333@lid").push_name("Lidia"));
    world.add_contact(Contact::new(ANA).name("Ana Contact").lid("111111111111111@lid").push_name("Ana push"));
}

fn direct() -> Vec<Message> {
    let image = Media::gone(MediaKind::Image, "image/jpeg", 123).caption("pic");
    let place = Location {
        latitude: -23.5,
        longitude: -46.6,
        name: Some("Place".to_owned()),
        address: Some("Street 1".to_owned()),
        url: None,
        live: false,
    };
    let card =
        Card { name: "Bob".to_owned(), vcard: "BEGIN:VCARD\nVERSION:3.0\nFN:Bob\nEND:VCARD".to_owned() };
    let paper = json!({"documentMessage": {
        "mimetype": "application/pdf", "fileName": "a.pdf", "caption": "doc cap",
        "url": "https://mmg.whatsapp.net/d.enc", "mediaKey": "AAAA",
    }});
    let reactions = json!([{
        "key": {"remoteJid": "5511911111111@s.whatsapp.net", "fromMe": false, "id": "AAA"},
        "text": "❤️", "senderTimestampMs": 1_760_000_010_123_i64,
    }]);
    vec![
        Message::text(ANA, "3EB0TEXTIN", "hello").at(T + 1),
        Message::text(ANA, "3EB0TEXTOUT", "hi there")
            .from_me(true)
            .ack(Ack::Read)
            .at(T + 2)
            .wire("message", json!({"extendedTextMessage": {"text": "hi there"}})),
        Message::text(ANA, "3EB0REPLY", "re")
            .quoting("3EB0TEXTOUT", OWN, Some(Content::Text("hi there".to_owned())))
            .at(T + 3),
        Message::media(ANA, "3EB0IMG", image).at(T + 4).wire(
            "message",
            json!({"imageMessage": {
                "url": "https://mmg.whatsapp.net/x.enc", "mimetype": "image/jpeg", "caption": "pic",
                "mediaKey": "AAAA", "directPath": "/v/x", "fileLength": "123",
            }}),
        ),
        Message::text(ANA, "3EB0STRSTATUS", "string status")
            .from_me(true)
            .ack(None)
            .at(T + 5)
            .wire("status", json!("PENDING")),
        Message::text(ANA, "3EB0NOSTATUS", "no status").ack(None).at(T + 6),
        Message::text(ANA, "3EB0STRTS", "string ts").at(T + 7).wire("messageTimestamp", json!("1760000007")),
        Message::location(ANA, "3EB0LOC", place).at(T + 8),
        Message::new(ANA, "3EB0VCARD", Content::Contacts(vec![card])).at(T + 9),
        Message::text(ANA, "3EB0REACTED", "reacted").at(T + 10).wire("reactions", reactions),
        Message::new(
            ANA,
            "3EB0REACT",
            Content::Reaction { target: "3EB0REACTED".to_owned(), emoji: "❤️".to_owned() },
        )
        .ack(Ack::Server)
        .at(T + 10),
        Message::text(ANA, "3EB0ERR", "error").from_me(true).ack(Ack::Error).at(T + 11),
        Message::poll(ANA, "3EB0POLL", "Poll?", &["a", "b"]).from_me(true).at(T + 18),
        Message::media(
            ANA,
            "3EB0DOC",
            Media::gone(MediaKind::Document, "application/pdf", 1).file_name("a.pdf").caption("doc cap"),
        )
        .at(T + 19)
        .wire("message", json!({"documentWithCaptionMessage": {"message": paper}})),
    ]
}

fn others() -> Vec<Message> {
    vec![
        Message::text(FAMILY, "3EB0GRP", "group hi")
            .sender("444444444444444@lid")
            .sender_alt("5511944444444")
            .sender_device(12)
            .at(T + 12),
        Message::text(FAMILY, "3EB0GRPME", "mine")
            .from_me(true)
            .sender(OWN)
            .receipt("5511944444444", T + 20)
            .at(T + 13),
        Message::text("222222222222222@lid", "3EB0LIDIN", "from lid").sender_alt("5511922222222").at(T + 14),
        Message::text("5511922222222", "3EB0PNIN", "from pn").at(T + 15),
        Message::text("333333333333333@lid", "3EB0LID2", "unmapped lid").at(T + 16),
        Message::text("status@broadcast", "3EB0STATUS", "status").sender(ANA).at(T + 17),
    ]
}
