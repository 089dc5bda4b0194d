//! What arrives, and what is on the wire.

use std::time::Duration;

use serde_json::Value;
use wachats::{Attachment, AttachmentKind as Kind, Capability, Effect, ErrorKind as K, Location, Typing};
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Content, MediaKind};

use super::common::{self, Gateway, ONE_OF_EACH, worlds};
use super::{GOWA, HELLO, JPEG, WAHA, bytes_of, count, json, newest, opus, quick, sends, text};

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
