//! What is refused before anything is sent, and that nothing is ever sent twice.

use std::time::Duration;

use wachats::{
    Action, Attachment, AttachmentKind as Kind, Capability, Effect, ErrorKind as K, Location, Typing,
};
use wachats_simulator::Fault;
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Content, MediaKind};

use super::common::{Gateway, ONE_OF_EACH, worlds};
use super::{GOWA, HELLO, JPEG, WAHA, bytes_of, count, newest, quick, remove, sends, temporary};

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

/// A server, or its engine, may lack one of several routes: the others are not refused for it.
#[tokio::test]
async fn one_missing_route_refuses_no_other() {
    let lacks = |verb: &str| {
        let text = format!("Cannot POST /api/{verb}");
        Fault::json(404, &serde_json::json!({"message": text, "error": "Not Found", "statusCode": 404}))
            .on("POST", verb)
    };
    let unsupported = |error: wachats::Error, capability| {
        assert_eq!((error.kind(), error.capability()), (K::Unsupported, Some(capability)), "{error}");
        assert_eq!(error.effect(), Effect::Refused);
    };
    let opened = quick(WAHA, &worlds::common()).await;
    let chat = opened.chats.chat(worlds::ANNA).unwrap();
    opened.server.faults().push(lacks("sendVoice"));
    let voice = Attachment::bytes(&b"OggS\0 some sound"[..]).kind(Kind::Voice);
    unsupported(chat.send_media(voice).await.unwrap_err(), Capability::SendMedia);
    chat.send_media(Attachment::bytes(JPEG)).await.unwrap();
    let typing =
        |typing| opened.chats.perform(Action::Typing { chat: chat.id().clone(), typing, time: None });
    let engine = serde_json::json!({"error":"Not Implemented","statusCode":501});
    opened.server.faults().push(Fault::json(501, &engine).on("POST", "/presence"));
    unsupported(typing(Typing::Recording).await.unwrap_err(), Capability::Typing);
    typing(Typing::Composing).await.unwrap();

    // Wappfy's node knows no start, and the rest of it
    let opened = quick(Gateway::Wappfy, &worlds::common()).await;
    opened.server.faults().push(lacks("/start"));
    let session = opened.chats.session();
    unsupported(session.start().await.unwrap_err(), Capability::SessionControl);
    session.restart().await.unwrap();
    session.stop().await.unwrap();
    session.logout().await.unwrap();
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

fn vorbis() -> Attachment {
    Attachment::bytes([&b"OggS\0\x02"[..], &[0; 22], b"\x01vorbis\0\0"].concat())
}

/// Nothing converts it there, so that nobody could hear it; WAHA and Wappfy convert it, GOWA sends it as audio.
#[tokio::test]
async fn ogg_that_is_not_opus_is_no_voice_note() {
    let note = || vorbis().kind(Kind::Voice);
    for (gateway, file) in [(GOWA, note()), (Gateway::GreenApi, note()), (Gateway::GreenApi, vorbis())] {
        let opened = quick(gateway, &worlds::common()).await;
        let error = opened.chats.chat(worlds::ANNA).unwrap().send_media(file).await.unwrap_err();
        let at = format!("{}: {error}", gateway.name());
        assert_eq!((error.kind(), error.capability()), (K::Unsupported, Some(Capability::SendMedia)), "{at}");
        assert!(error.effect() == Effect::NotSent && opened.server.requests().is_empty(), "{at}");
    }
    let world = worlds::common();
    let opened = quick(GOWA, &world).await;
    opened.chats.chat(worlds::ANNA).unwrap().send_media(vorbis()).await.unwrap();
    let Content::Media(media) = newest(&world).content else { panic!("a file") };
    assert_eq!(media.kind, MediaKind::Audio);
}

/// The gateway writes the card unescaped: `\` and `;` would make other fields of the name.
#[tokio::test]
async fn a_card_that_gowa_would_break_is_refused() {
    let opened = quick(GOWA, &worlds::common()).await;
    for name in ["Anna; da Silva", "Anna\\nTEL:1", "Anna\\"] {
        let error =
            opened.chats.chat(worlds::ANNA).unwrap().send_contact(name, "79001234567").await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (K::InvalidInput, Effect::NotSent), "{name}");
    }
    assert!(opened.server.requests().is_empty());
}

/// WhatsApp quotes what is in the same chat; a gateway that goes by the key alone would quote another chat's words.
#[tokio::test]
async fn a_message_of_another_chat_is_not_answered() {
    for gateway in ONE_OF_EACH {
        let opened = quick(gateway, &worlds::common()).await;
        let chat = opened.chats.chat(worlds::ANNA).unwrap();
        let id = format!("false_{}_{HELLO}", worlds::BORIS);
        let error = chat.reply(id.as_str(), "Hello").await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (K::InvalidInput, Effect::NotSent), "{}", gateway.name());
        assert!(opened.server.requests().is_empty(), "{}", gateway.name());
    }
}

/// What a group holds is answered privately too, except where the service looks for it in the same chat alone.
#[tokio::test]
async fn a_groups_message_is_answered_privately() {
    const KEY: &str = "3EB0C000000000000000";
    for gateway in ONE_OF_EACH {
        let (world, name) = (worlds::common(), gateway.name());
        let opened = quick(gateway, &world).await;
        let chat = opened.chats.chat(worlds::ANNA).unwrap();
        let id = format!("false_{}_{KEY}_{}", worlds::CHOIR, worlds::ANNA);
        let sent = chat.reply(id.as_str(), "Hello").await;
        if gateway == Gateway::GreenApi {
            let error = sent.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (K::InvalidInput, Effect::NotSent), "{name}");
            assert!(opened.server.requests().is_empty(), "{name}");
            continue;
        }
        sent.unwrap();
        assert_eq!(newest(&world).quoted.unwrap().key, KEY, "{name}");
        // its writer's chat is nobody else's
        let other = opened.chats.chat(worlds::SPARE).unwrap();
        assert_eq!(other.reply(id.as_str(), "Hello").await.unwrap_err().kind(), K::InvalidInput, "{name}");
    }
}

/// A proxy before the gateway may take less than the gateway: it is the request that was too large.
#[tokio::test]
async fn a_413_is_about_the_request() {
    for gateway in ONE_OF_EACH {
        let opened = quick(gateway, &worlds::common()).await;
        opened.server.faults().push(Fault::status(413).on("POST", "send"));
        let chat = opened.chats.chat(worlds::ANNA).unwrap();
        let error = chat.send_media(Attachment::bytes(JPEG)).await.unwrap_err();
        let at = format!("{}: {error}", gateway.name());
        assert_eq!((error.kind(), error.effect()), (K::TooLarge, Effect::Refused), "{at}");
        assert!(error.message().contains("request is larger"), "{at}");
    }
}

/// What is a dialect of WAHA doesn't speak as WAHA.
#[tokio::test]
async fn wappfy_refuses_in_its_own_name() {
    let opened = quick(Gateway::Wappfy, &worlds::common()).await;
    let chat = opened.chats.chat(worlds::ANNA).unwrap();
    let mut place = Location::new(1.0, 2.0);
    place.address = Some("Street 1".into());
    let refused = [
        chat.send_media(Attachment::bytes(bytes_of(Kind::Audio)).kind(Kind::Audio)).await,
        chat.send_media(Attachment::bytes(bytes_of(Kind::Sticker)).kind(Kind::Sticker)).await,
        chat.send_location(place).await,
    ];
    for error in refused.map(Result::unwrap_err) {
        assert!(error.kind() == K::Unsupported && !error.message().contains("WAHA"), "{error}");
    }
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
