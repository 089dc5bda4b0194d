//! Rows 26 to 29, 58 to 62 and 66: where requests go, and where they never go.

use wachats::{ChatId, ConnectOptions, Effect, ErrorKind as K, MediaInfo, Message, OpenMedia, Secrets};
use wachats::{Chats, Pool};
use wachats_simulator::Fault;

use crate::common::{CANARY, Gateway, quick, worlds};
use crate::support::*;

pub(crate) async fn redirect_at_home(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    opened.server.faults().push(Fault::redirect(302, "/round"));
    let error = list(&opened.chats).await.unwrap_err();
    assert_eq!(error.kind(), K::Redirected);
    let requests = opened.server.requests().len();
    // Green-API reads by POST, and a POST follows nothing
    assert_eq!(requests, if gateway == Gateway::GreenApi { 1 } else { 4 });
    opened.server.clear_requests();
    assert_eq!(send(&opened.chats, "Once").await.unwrap_err().kind(), K::Redirected);
    assert_eq!(opened.server.requests().len(), 1);
}

pub(crate) async fn redirect_elsewhere(gateway: Gateway) {
    let elsewhere = Wire::start(Act::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]".to_vec())).await;
    for status in [301, 302, 303, 307, 308] {
        let (_, opened) = at_rest(gateway).await;
        opened.server.faults().push(Fault::redirect(status, &format!("{}/api", elsewhere.url)));
        let error = list(&opened.chats).await.unwrap_err();
        assert_eq!(error.kind(), K::Redirected, "{status}: {error}");
        let error = send(&opened.chats, "Once").await.unwrap_err();
        assert_eq!(error.kind(), K::Redirected, "{status}: {error}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

/// Another scheme is another place, whichever way it goes.
pub(crate) async fn redirect_to_another_scheme(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    let secure = opened.server.url().replace("http://", "https://");
    opened.server.faults().push(Fault::redirect(307, &secure));
    for error in [list(&opened.chats).await.unwrap_err(), send(&opened.chats, "Once").await.unwrap_err()] {
        assert_eq!(error.kind(), K::Redirected);
    }
    assert_eq!(opened.server.requests().len(), 2);
}

pub(crate) async fn plain_http_to_another_machine(gateway: Gateway) {
    let uri = gateway.uri("http://gateway.example.com");
    let error = wachats::connect(&uri, gateway.secrets()).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (K::ConfigInvalid, Effect::NotSent));
    assert!(!error.to_string().contains(CANARY));
    let allowed = ConnectOptions::new(gateway.secrets()).http(quick().allow_insecure(true));
    wachats::connect(&uri, allowed).unwrap();
}

pub(crate) async fn hostile_chat_ids(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    let long = format!("{}@c.us", "7".repeat(4_096));
    for bad in [
        "../",
        "..",
        "%2e%2e",
        "a/b",
        "79001234567@c.us\r\nX: y",
        "\0",
        "../app/logout@c.us",
        "..@g.us",
        &long,
        "",
        "@c.us",
    ] {
        let refused = match opened.chats.chat(bad) {
            Ok(chat) => chat.send("x").await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!((refused.kind(), refused.effect()), (K::InvalidInput, Effect::NotSent), "{bad:?}");
        let anna = opened.chats.chat(worlds::ANNA).unwrap();
        if let Ok(message) = anna.message(bad) {
            panic!("{bad:?} became {:?}", message.id().to_string());
        }
    }
    assert!(opened.server.requests().is_empty());
}

pub(crate) async fn hostile_keys(gateway: Gateway) {
    for key in [format!("{CANARY}\r\nX-Evil: 1"), format!("{CANARY}\0"), format!("{CANARY}\n")] {
        let secrets = match gateway {
            Gateway::Waha(_) => Secrets::waha(key.as_str()),
            Gateway::Wappfy => Secrets::wappfy(key.as_str()),
            Gateway::GreenApi => Secrets::green_api(key.as_str()),
            Gateway::Gowa(_) => Secrets::gowa("user", key.as_str()),
        };
        let wire = Wire::start(Act::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]".to_vec())).await;
        // Basic credentials are base64: nothing of them can leave the header
        match wachats::connect(&gateway.uri(&wire.url), secrets) {
            Err(error) => {
                assert_eq!(error.kind(), K::ConfigInvalid);
                assert!(!format!("{error} {error:?}").contains(CANARY));
            }
            Ok(chats) => {
                list(&chats).await.ok();
                assert!(!wire.seen().concat().contains("X-Evil"), "{key:?}");
            }
        }
    }
}

fn with_media(url: &str) -> Message {
    let chat: ChatId = worlds::ANNA.parse().unwrap();
    let mut message = Message::new(chat, "3EB0A000000000000003".parse().unwrap(), false);
    let mut media = MediaInfo::new();
    media.url = Some(url.to_owned());
    message.media = Some(media);
    message
}

/// Where a gateway names an address at all (GOWA doesn't), private places are refused.
pub(crate) async fn media_at_private_places(gateway: Gateway) {
    let here =
        Wire::at("[::1]:0", Act::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx".to_vec())).await;
    let ours = here.as_ref().map_or_else(|_| "http://[::1]:9/x".to_owned(), |wire| format!("{}/x", wire.url));
    let (_, opened) = at_rest(gateway).await;
    let mut bad: Vec<String> = [
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/x",
        "http://10.0.0.1/x",
        "http://192.168.1.1/x",
        "http://[::ffff:169.254.169.254]/x",
        "http://0x7f.1.1.1:9/x",
        "http://2852039166/x",
        "http://user:pw@127.0.0.2:9/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:9/x",
        "data:text/plain,x",
    ]
    .map(str::to_owned)
    .to_vec();
    bad.push(ours);
    for url in bad {
        let answer = opened.chats.media(&with_media(&url)).bytes(1 << 20).await;
        match answer {
            Err(error) => assert_eq!(error.effect(), Effect::NotSent, "{url}: {error}"),
            // it was asked for by id, of the gateway itself
            Ok(bytes) => assert_eq!(&bytes[..], b"a photo of the sea", "{url}"),
        }
    }
    if let Ok(wire) = here {
        assert_eq!(wire.connections(), 0);
    }
}

pub(crate) async fn media_redirected_elsewhere(gateway: Gateway) {
    let elsewhere =
        Wire::start(Act::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nbytes".to_vec())).await;
    let (world, opened) = at_rest(gateway).await;
    let page = list(&opened.chats).await.unwrap();
    let message = page.items.iter().find(|m| m.media.is_some()).unwrap();
    assert!(world.messages(worlds::ANNA).len() >= 6);
    for status in [301, 302, 303, 307, 308] {
        for location in [
            format!("{}/file", elsewhere.url),
            format!("//{}/file", elsewhere.url.trim_start_matches("http://")),
        ] {
            opened.server.faults().clear();
            opened.server.faults().push(Fault::redirect(status, &location));
            opened.chats.media(message).bytes(1 << 20).await.ok();
        }
    }
    for request in elsewhere.seen() {
        assert!(!request.contains(CANARY) && !request.to_lowercase().contains("authorization"), "{request}");
        assert!(!request.to_lowercase().contains("referer"), "{request}");
    }
}

pub(crate) async fn media_names_and_lengths(gateway: Gateway) {
    let (_, opened) = at_rest(gateway).await;
    let page = list(&opened.chats).await.unwrap();
    let message = page.items.iter().find(|m| m.media.is_some()).unwrap();
    let folder = std::env::temp_dir().join(format!(
        "wachats-row-62-{}-{}",
        gateway.name().replace(' ', "-"),
        std::process::id()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let names = [
        "../../evil.jpg",
        "/etc/evil",
        "..\\..\\evil",
        "a\0b\r\nc",
        ".",
        "CON",
        &"n".repeat(4_096),
        "\u{202e}gpj.exe",
    ];
    for name in names {
        let mut message = message.clone();
        message.media.as_mut().unwrap().file_name = Some(name.to_owned());
        let saved = opened.chats.media(&message).save_to(&folder).await.unwrap();
        assert_eq!(saved.parent(), Some(folder.as_path()), "{name:?}");
        assert_eq!(std::fs::read(&saved).unwrap(), b"a photo of the sea");
    }
    // shorter than it says: an error, and no file of that name
    let before = std::fs::read_dir(&folder).unwrap().count();
    opened.server.faults().push(Fault::truncate(5));
    opened.chats.media(message).save_to(&folder).await.unwrap_err();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), before);
    opened.server.faults().clear();
    let error = opened.chats.media(message).bytes(3).await.unwrap_err();
    assert_eq!(error.kind(), K::TooLarge);
    let bare = OpenMedia::of(message);
    assert!(!format!("{bare:?}").contains("55119"));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// One account behind two gateways: what may have been sent through one is not sent through the other.
pub(crate) async fn failover_while_a_send_is_unknown(gateway: Gateway) {
    let (world, main) = at_rest(gateway).await;
    let spare = Gateway::Waha(wachats_simulator::waha::Engine::Noweb).open(&world).await;
    let pool = Pool::builder()
        .member("main", main.chats.clone())
        .member("spare", spare.chats.clone())
        .build()
        .unwrap();
    let chats = Chats::new(pool.clone()).timeout(std::time::Duration::from_secs(4));
    spare.server.clear_requests();
    for fault in [Fault::reset().after_effect(), Fault::status(502).after_effect(), Fault::truncate(1)] {
        main.server.faults().push(fault);
        let text = format!("Once {}", main.server.requests().len());
        let error = send(&chats, &text).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (K::OutcomeUnknown, Effect::Unknown));
        assert_eq!((sends(&spare.server.requests()), truth(&world, &text)), (0, 1));
        // reads go on elsewhere
        assert_eq!(list(&chats).await.unwrap().items.len(), 6);
        main.server.faults().clear();
        pool.revive("main").unwrap();
    }
    // a key that is refused took no effect: the spare does it
    main.server.faults().push(Fault::status(401));
    send(&chats, "By the spare").await.unwrap();
    assert_eq!((sends(&spare.server.requests()), truth(&world, "By the spare")), (1, 1));
}
