//! Sending more than texts, over the simulators: what arrives, what is on the wire, what is refused before it, and
//! that nothing is ever sent twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::path::PathBuf;
use std::time::Duration;

use common::{Gateway, ONE_OF_EACH, Opened, worlds};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wachats::{
    Action, Attachment, AttachmentKind as Kind, Capability, Effect, ErrorKind as K, Location, Typing,
};
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Content, MediaKind, Message};
use wachats_simulator::{Fault, Recorded, World};

const GOWA: Gateway = Gateway::Gowa(Version::new(9, 2, 0));
const WAHA: Gateway = Gateway::Waha(Engine::Noweb);
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
const HELLO: &str = "3EB0A000000000000001";

fn opus() -> Vec<u8> {
    [&b"OggS\0\x02"[..], &[0; 22], b"OpusHead\x01\x01\0\0"].concat()
}

fn bytes_of(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Image => JPEG.to_vec(),
        Kind::Video => b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41".to_vec(),
        Kind::Audio => b"ID3\x04\0\0\0\0\0\0sound".to_vec(),
        Kind::Voice => opus(),
        Kind::Sticker => b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(),
        _ => b"%PDF-1.7\n%%EOF".to_vec(),
    }
}

/// The newest own message of the chat with Anna.
fn newest(world: &World) -> Message {
    world.messages(worlds::ANNA).into_iter().filter(|m| m.from_me).max_by_key(|m| m.seq).unwrap()
}

fn count(world: &World) -> usize {
    world.messages(worlds::ANNA).len()
}

/// Requests that send: the route tells.
fn sends(opened: &Opened) -> Vec<Recorded> {
    let mut all = opened.server.requests();
    all.retain(|r| {
        r.method == "POST" && (r.path_and_query.contains("send") || r.path_and_query.contains("orward"))
    });
    all
}

async fn quick(gateway: Gateway, world: &World) -> Opened {
    let opened = gateway.open(world).await;
    opened.chats.capabilities().await.unwrap();
    opened.server.clear_requests();
    opened
}

fn json(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn text(request: &Recorded) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

fn temporary(name: &str, bytes: &[u8]) -> PathBuf {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("wachats-sending-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn remove(path: &std::path::Path) {
    std::fs::remove_dir_all(path.parent().unwrap()).ok();
}

#[tokio::test]
async fn each_kind_arrives_or_is_refused_with_a_reason() {
    let all = [
        Gateway::Waha(Engine::Webjs),
        WAHA,
        Gateway::Waha(Engine::Gows),
        Gateway::Wappfy,
        Gateway::GreenApi,
        GOWA,
    ];
    for gateway in all {
        for kind in Kind::ALL.iter().copied() {
            let world = worlds::common();
            let opened = quick(gateway, &world).await;
            let at = format!("{} {kind}", gateway.name());
            let bytes = bytes_of(kind);
            let captioned = matches!(kind, Kind::Image | Kind::Video | Kind::Document);
            let mut attachment = Attachment::bytes(bytes.clone()).kind(kind).file_name("My файл");
            if captioned {
                attachment = attachment.caption("A caption");
            }
            let lacking = match gateway {
                Gateway::Gowa(_) => false,
                Gateway::GreenApi => kind == Kind::Sticker,
                _ => matches!(kind, Kind::Audio | Kind::Sticker),
            };
            let before = count(&world);
            let sent = opened.chats.chat(worlds::ANNA).unwrap().send_media(attachment).await;
            if lacking {
                let error = sent.unwrap_err();
                assert_eq!(
                    (error.kind(), error.effect()),
                    (K::Unsupported, Effect::NotSent),
                    "{at}: {error}"
                );
                assert_eq!(error.capability(), Some(Capability::SendMedia), "{at}");
                assert!(opened.server.requests().is_empty() && count(&world) == before, "{at}");
                continue;
            }
            let outcome = sent.unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(outcome.queued, gateway == Gateway::GreenApi, "{at}");
            assert_eq!(sends(&opened).len(), 1, "{at}");
            assert_eq!(count(&world), before + 1, "{at}");
            let message = newest(&world);
            let key = outcome.message_id.map(|id| id.key().to_string());
            assert_eq!(key.as_deref(), Some(message.key.as_str()), "{at}");
            let Content::Media(media) = &message.content else { panic!("{at}: {:?}", message.content) };
            let wanted = match kind {
                Kind::Image => MediaKind::Image,
                Kind::Video => MediaKind::Video,
                Kind::Audio => MediaKind::Audio,
                Kind::Voice => MediaKind::Voice,
                Kind::Sticker => MediaKind::Sticker,
                _ => MediaKind::Document,
            };
            assert_eq!(media.kind, wanted, "{at}");
            assert_eq!(media.bytes.as_deref(), Some(&bytes[..]), "{at}");
            assert_eq!(media.caption.as_deref(), captioned.then_some("A caption"), "{at}");
            if kind == Kind::Document {
                assert_eq!(media.file_name.as_deref(), Some("My файл.pdf"), "{at}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_answers_a_message() {
    for gateway in [WAHA, Gateway::Wappfy, Gateway::GreenApi, GOWA] {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let chat = opened.chats.chat(worlds::ANNA).unwrap();
        let id = format!("false_{}_{HELLO}", worlds::ANNA);
        chat.reply_media(id.as_str(), Attachment::bytes(JPEG)).await.unwrap();
        let quoted = newest(&world).quoted.map(|quote| quote.key);
        assert_eq!(quoted.as_deref(), Some(HELLO), "{}", gateway.name());
    }
    // an older GOWA would send it without the quote, and not tell
    let world = worlds::common();
    let opened = quick(Gateway::Gowa(Version::new(8, 3, 2)), &world).await;
    let error = opened
        .chats
        .chat(worlds::ANNA)
        .unwrap()
        .reply_media(HELLO, Attachment::bytes(JPEG))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.capability()), (K::Unsupported, Some(Capability::Reply)));
    assert!(sends(&opened).is_empty());
}

#[tokio::test]
async fn places_cards_polls_and_forwards_arrive() {
    for gateway in [Gateway::Waha(Engine::Webjs), WAHA, Gateway::Wappfy, Gateway::GreenApi, GOWA] {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let at = gateway.name();
        let chat = opened.chats.chat(worlds::ANNA).unwrap();

        let mut place = Location::new(-23.5505, -46.6333);
        if gateway != GOWA {
            place.name = Some("Praça da Sé".into());
        }
        chat.send_location(place).await.unwrap_or_else(|error| panic!("{at}: {error}"));
        let Content::Location(there) = newest(&world).content else { panic!("{at}") };
        assert_eq!((there.latitude, there.longitude), (-23.5505, -46.6333), "{at}");
        assert_eq!(there.name.filter(|name| !name.is_empty()).is_some(), gateway != GOWA, "{at}");

        chat.send_contact("Ana, \"a\" Silva", "+7 900 123-45-67").await.unwrap();
        let Content::Contacts(cards) = newest(&world).content else { panic!("{at}") };
        assert!(cards.len() == 1 && cards[0].vcard.contains("waid=79001234567"), "{at}: {cards:?}");
        if !matches!(gateway, Gateway::GreenApi | Gateway::Gowa(_)) {
            assert!(cards[0].vcard.contains("FN:Ana\\, \"a\" Silva\n"), "{at}: ours is escaped: {cards:?}");
        }

        for (multiple, most) in [(false, 1), (true, if gateway == GOWA { 3 } else { 0 })] {
            chat.send_poll("What?", ["Tea", "Coffee", "Чай"], multiple).await.unwrap();
            let Content::Poll(poll) = newest(&world).content else { panic!("{at}") };
            assert_eq!((poll.options.len(), poll.selectable), (3, most), "{at}");
        }

        let outcome = chat.message(HELLO).unwrap().forward_to(worlds::SPARE).await.unwrap();
        assert_eq!(outcome.chat_id.as_ref().map(ToString::to_string).as_deref(), Some(worlds::SPARE), "{at}");
        let copies = world.messages(worlds::SPARE);
        let copy = copies.iter().max_by_key(|m| m.seq).unwrap();
        assert!(copy.forwarded && copy.content.text() == Some("Good morning"), "{at}");
        assert_eq!(outcome.queued, gateway == Gateway::GreenApi, "{at}");
    }
}

#[tokio::test]
async fn what_a_gateway_lacks_is_refused_before_any_request() {
    let mut named = Location::new(1.0, 2.0);
    named.address = Some("Street 1".into());
    let place =
        |location| Action::SendLocation { chat: worlds::ANNA.parse().unwrap(), location, reply_to: None };
    let answer = Action::SendLocation {
        chat: worlds::ANNA.parse().unwrap(),
        location: Location::new(1.0, 2.0),
        reply_to: Some(HELLO.parse().unwrap()),
    };
    let typing = |typing| Action::Typing { chat: worlds::ANNA.parse().unwrap(), typing, time: None };
    let forward = Action::Forward {
        chat: worlds::ANNA.parse().unwrap(),
        id: HELLO.parse().unwrap(),
        to: worlds::SPARE.parse().unwrap(),
    };
    let rows = [
        (GOWA, place(named.clone()), Capability::SendLocation),
        (GOWA, answer, Capability::Reply),
        (GOWA, typing(Typing::Recording), Capability::Typing),
        (WAHA, place(named.clone()), Capability::SendLocation),
        (Gateway::Wappfy, place(named), Capability::SendLocation),
        (Gateway::Wappfy, typing(Typing::Recording), Capability::Typing),
        (Gateway::GreenApi, typing(Typing::Paused), Capability::Typing),
        (Gateway::Waha(Engine::Gows), forward.clone(), Capability::Forward),
        (Gateway::Gowa(Version::new(8, 10, 0)), forward, Capability::Forward),
    ];
    for (gateway, action, capability) in rows {
        let opened = quick(gateway, &worlds::common()).await;
        let at = format!("{} {action:?}", gateway.name());
        match opened.chats.perform(action).await {
            Ok(_) => panic!("{at} was done"),
            Err(error) => {
                assert_eq!(
                    (error.kind(), error.capability()),
                    (K::Unsupported, Some(capability)),
                    "{at}: {error}"
                );
                // a GOWA that doesn't tell its version refuses by itself
                let told = matches!(gateway, Gateway::Gowa(v) if v < Version::new(9, 0, 0));
                assert!(told || opened.server.requests().is_empty(), "{at}");
            }
        }
    }
}

#[tokio::test]
async fn gowa_gets_what_it_would_otherwise_do_wrong() {
    let world = worlds::common();
    world.set_ephemeral(worlds::ANNA, 604_800);
    let opened = quick(GOWA, &world).await;
    let chat = opened.chats.chat(worlds::ANNA).unwrap();
    chat.send_media(Attachment::bytes(JPEG).file_name("sea.png").caption("Sea")).await.unwrap();
    assert_eq!(newest(&world).ephemeral_seconds, 604_800, "the chat's own timer goes along");
    let form = text(&sends(&opened)[0]);
    for part in [
        "name=\"phone\"\r\n\r\n5511911111111@s.whatsapp.net\r\n",
        "name=\"compress\"\r\n\r\nfalse\r\n",
        "name=\"duration\"\r\n\r\n604800\r\n",
        "name=\"image\"; filename=\"sea.jpg\"\r\nContent-Type: image/jpeg\r\n",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    chat.send_media(Attachment::bytes(opus()).kind(Kind::Voice)).await.unwrap();
    let form = text(&sends(&opened)[1]);
    assert!(
        form.contains("Content-Type: audio/ogg\r\n") && form.contains("name=\"ptt\"\r\n\r\ntrue\r\n"),
        "{form}"
    );
    chat.send_location(Location::new(-0.5, 100.25)).await.unwrap();
    let body = json(&sends(&opened)[2]);
    assert_eq!(body["latitude"], "-0.5", "numbers don't bind");
    assert_eq!(body["duration"], 604_800);
    assert_eq!(newest(&world).ephemeral_seconds, 604_800);
}

#[tokio::test]
async fn waha_gets_all_that_its_schema_wants() {
    let world = worlds::common();
    let opened = quick(WAHA, &world).await;
    let chat = opened.chats.chat(worlds::ANNA).unwrap();
    chat.send_media(Attachment::bytes(bytes_of(Kind::Video))).await.unwrap();
    let body = json(&sends(&opened)[0]);
    assert_eq!((&body["caption"], &body["convert"]), (&Value::from(""), &Value::from(false)), "{body}");
    assert_eq!(body["file"]["mimetype"], "video/mp4");
    chat.send_media(Attachment::bytes(opus()).kind(Kind::Voice)).await.unwrap();
    let body = json(&sends(&opened)[1]);
    assert_eq!(body["file"]["mimetype"], "audio/ogg; codecs=opus");
    assert_eq!(body["convert"], false);
    assert!(body["file"]["data"].as_str().is_some_and(|data| !data.starts_with("data:")));
    // sound of which nobody says how it is shown is sent all the same
    chat.send_media(Attachment::bytes(bytes_of(Kind::Audio))).await.unwrap();
    assert!(sends(&opened)[2].path_and_query.ends_with("/sendFile"));
}

#[tokio::test]
async fn green_api_uploads_to_the_media_host() {
    let world = worlds::common();
    let (api, media) = (Gateway::GreenApi.serve(&world).await, Gateway::GreenApi.serve(&world).await);
    let uri = format!("green-api+{}?instance=7103000001&media={}", api.url(), media.url());
    let options = wachats::ConnectOptions::new(Gateway::GreenApi.secrets()).http(common::quick());
    let chats = wachats::connect(&uri, options).unwrap();
    chats.chat(worlds::ANNA).unwrap().send_media(Attachment::bytes(JPEG)).await.unwrap();
    assert!(api.requests().is_empty());
    assert!(media.requests()[0].path_and_query.contains("/sendFileByUpload/"));
    assert!(matches!(newest(&world).content, Content::Media(_)));
}

#[tokio::test]
async fn bad_input_sends_nothing() {
    let empty = temporary("empty.jpg", b"");
    for gateway in ONE_OF_EACH {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let chat = opened.chats.chat(worlds::ANNA).unwrap();
        let before = count(&world);
        let files = [
            ("a missing file", Attachment::file("/there/is/no/such/file.jpg")),
            ("a folder", Attachment::file(std::env::temp_dir())),
            ("an empty file", Attachment::file(&empty)),
            ("no bytes", Attachment::bytes("")),
            ("a text as a video", Attachment::bytes("text").kind(Kind::Video)),
        ];
        for (what, attachment) in files {
            let error = chat.send_media(attachment).await.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (K::InvalidInput, Effect::NotSent), "{what}: {error}");
            assert!(error.gateway().is_some(), "{what}: {error}");
        }
        for url in ["http://169.254.169.254/latest", "http://192.168.0.1/a.jpg", "http://[::1]:9/a.jpg"] {
            let error = chat.send_media(Attachment::url(url).unwrap()).await.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (K::Forbidden, Effect::NotSent), "{url}: {error}");
        }
        assert_eq!(chat.send_location(Location::new(91.0, 0.0)).await.unwrap_err().kind(), K::InvalidInput);
        assert_eq!(chat.send_poll("?", ["one"], false).await.unwrap_err().kind(), K::InvalidInput);
        assert_eq!(chat.send_poll("?", ["a", "a"], false).await.unwrap_err().kind(), K::InvalidInput);
        assert_eq!(chat.send_contact("A\nB", "79001234567").await.unwrap_err().kind(), K::InvalidInput);
        assert_eq!(chat.send_contact("A", "7900CALLME").await.unwrap_err().kind(), K::InvalidInput);
        let forever = chat.typing_for(Typing::Composing, Duration::from_secs(9999)).await.unwrap_err();
        assert_eq!(forever.kind(), K::InvalidInput);
        assert!(opened.server.requests().is_empty(), "{}: {:?}", gateway.name(), opened.server.requests());
        assert_eq!(count(&world), before);
    }
    remove(&empty);
}

/// Sparse files: nothing of them is read.
#[tokio::test]
async fn a_file_over_the_limit_is_refused_before_anything_is_sent() {
    let path = temporary("large.bin", b"x");
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    for (gateway, limit) in [
        (WAHA, 37 << 20),
        (Gateway::Wappfy, 16_000_000),
        (Gateway::GreenApi, 100_000_000),
        (GOWA, 50_000_000),
    ] {
        file.set_len(limit + 1).unwrap();
        let opened = quick(gateway, &worlds::common()).await;
        let error =
            opened.chats.chat(worlds::ANNA).unwrap().send_media(Attachment::file(&path)).await.unwrap_err();
        let at = format!("{}: {error}", gateway.name());
        assert_eq!((error.kind(), error.effect()), (K::TooLarge, Effect::NotSent), "{at}");
        assert!(opened.server.requests().is_empty(), "{at}");
    }
    remove(&path);
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_never_arrives() {
    for gateway in ONE_OF_EACH {
        let path = temporary("shrinks.bin", &vec![7; 3_000_000]);
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let before = count(&world);
        let cut = path.clone();
        let attachment = Attachment::file(&path).on_progress(move |_, _| {
            std::fs::OpenOptions::new().write(true).open(&cut).unwrap().set_len(200_000).unwrap();
        });
        let error = opened.chats.chat(worlds::ANNA).unwrap().send_media(attachment).await.unwrap_err();
        let at = format!("{}: {error}", gateway.name());
        assert_eq!((error.kind(), error.effect()), (K::InvalidInput, Effect::Unknown), "{at}");
        assert!(error.message().contains("shorter"), "{at}");
        assert_eq!(count(&world), before, "{at}");
        remove(&path);
    }
}

/// The gateway did it and only its answer was lost: told as such, done once.
#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_twice() {
    for gateway in ONE_OF_EACH {
        for (name, fault) in [
            ("reset", Fault::reset()),
            ("502", Fault::status(502)),
            ("504", Fault::status(504)),
            ("cut", Fault::truncate_json(5)),
        ] {
            for what in ["file", "place", "poll", "forward"] {
                let world = worlds::common();
                let opened = quick(gateway, &world).await;
                let at = format!("{} {name} {what}", gateway.name());
                let chat = opened.chats.chat(worlds::ANNA).unwrap();
                for route in ["send", "orward"] {
                    opened.server.faults().push(fault.clone().after_effect().on("POST", route));
                }
                let before = count(&world);
                let done = match what {
                    "file" => chat.send_media(Attachment::bytes(JPEG)).await,
                    "place" => chat.send_location(Location::new(1.0, 2.0)).await,
                    "poll" => chat.send_poll("What?", ["a", "b"], false).await,
                    _ => {
                        let id = format!("false_{}_{HELLO}", worlds::ANNA);
                        chat.message(id.as_str()).unwrap().forward_to(worlds::ANNA).await
                    }
                };
                let error = done.expect_err("the answer was lost");
                assert_eq!(
                    (error.kind(), error.effect()),
                    (K::OutcomeUnknown, Effect::Unknown),
                    "{at}: {error}"
                );
                assert_eq!(sends(&opened).len(), 1, "{at}");
                assert_eq!(count(&world), before + 1, "{at}");
            }
        }
    }
}

#[tokio::test]
async fn a_busy_gateway_gets_the_whole_file_again_once_it_says_so() {
    for gateway in ONE_OF_EACH {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        opened
            .server
            .faults()
            .push(Fault::status(503).header("Retry-After", "0").on("POST", "send").times(1));
        let before = count(&world);
        opened.chats.chat(worlds::ANNA).unwrap().send_media(Attachment::bytes(JPEG)).await.unwrap();
        assert_eq!((sends(&opened).len(), count(&world)), (2, before + 1), "{}", gateway.name());
        let Content::Media(media) = newest(&world).content else { panic!("a file") };
        assert_eq!(media.bytes.as_deref(), Some(JPEG), "{}: the whole file again", gateway.name());
    }
}

/// A server of one file, which tells what it was asked.
async fn file_server(body: &'static [u8]) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pictures/sea.dat?sig=1", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8192];
        let n = socket.read(&mut request).await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body).await.unwrap();
        String::from_utf8_lossy(&request[..n]).into_owned()
    });
    (url, served)
}

#[tokio::test]
async fn an_address_is_fetched_here_and_its_bytes_are_sent() {
    for gateway in ONE_OF_EACH {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let (url, served) = file_server(JPEG).await;
        let attachment = Attachment::url(&url).unwrap().caption("Sea");
        opened.chats.chat(worlds::ANNA).unwrap().send_media(attachment).await.unwrap();
        let Content::Media(media) = newest(&world).content else { panic!("a file") };
        assert_eq!(
            (media.kind, media.bytes.as_deref()),
            (MediaKind::Image, Some(JPEG)),
            "{}",
            gateway.name()
        );
        let asked = served.await.unwrap();
        assert!(
            !asked.contains(common::CANARY) && !asked.to_lowercase().contains("authorization"),
            "{asked}"
        );
        assert!(
            sends(&opened).iter().all(|request| !text(request).contains("sig=1")),
            "the address isn't passed on"
        );
    }
}

#[tokio::test]
async fn a_gateway_fetches_an_address_only_when_it_is_told_to() {
    let url = "https://example.com/pictures/sea.jpg";
    for gateway in ONE_OF_EACH {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let attachment = Attachment::url(url).unwrap().caption("Sea").gateway_fetches(true);
        opened.chats.chat(worlds::ANNA).unwrap().send_media(attachment).await.unwrap();
        let body = json(&sends(&opened)[0]);
        let named = match gateway {
            Gateway::GreenApi => (&body["urlFile"], &body["fileName"]),
            Gateway::Gowa(_) => (&body["image_url"], &Value::Null),
            _ => (&body["file"]["url"], &body["file"]["filename"]),
        };
        assert_eq!(named.0, url, "{}: {body}", gateway.name());
        assert!(named.1.is_null() || named.1 == "sea.jpg", "{}: {body}", gateway.name());
        let Content::Media(media) = newest(&world).content else { panic!("a file") };
        assert_eq!(
            (media.kind, media.caption.as_deref()),
            (MediaKind::Image, Some("Sea")),
            "{}",
            gateway.name()
        );
    }
}

#[tokio::test]
async fn typing_is_shown_for_a_time_and_ended_where_it_can_be() {
    for gateway in ONE_OF_EACH {
        let opened = quick(gateway, &worlds::common()).await;
        let chat = opened.chats.chat(worlds::ANNA).unwrap();
        chat.typing_for(Typing::Composing, Duration::from_millis(30)).await.unwrap();
        let requests = opened.server.requests();
        let wanted = if gateway == Gateway::GreenApi { 1 } else { 2 };
        assert_eq!(requests.len(), wanted, "{}", gateway.name());
        if gateway == Gateway::GreenApi {
            assert_eq!(json(&requests[0])["typingTime"], 1000, "at least a second");
        }
    }
}
