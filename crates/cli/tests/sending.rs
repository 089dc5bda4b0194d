//! Commands that send: files, places, cards, polls, forwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::path::PathBuf;

use common::{ALICE, BEA, Gateway, HELLO, both, gowa, waha};
use wachats_simulator::world::{Content, MediaKind, Message};

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";

fn newest(gateway: &Gateway, chat: &str) -> Message {
    gateway.world.messages(chat).into_iter().max_by_key(|m| m.seq).unwrap()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wachats-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[tokio::test]
async fn a_file_with_its_text_as_caption() {
    let folder = Folder::new("caption");
    let path = folder.file("sea.png", JPEG);
    for gateway in both().await {
        let args = ["send", ALICE, "-5 degrees", "--file", &path, "--reply-to", HELLO, "--format", "json"];
        let told = gateway.run(&args).await.ok().json();
        let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["chat_id", "message_id", "ok", "operation", "queued"]);
        assert_eq!((&told["operation"], &told["queued"]), (&"send_media".into(), &false.into()));
        let message = newest(&gateway, ALICE);
        let Content::Media(media) = &message.content else { panic!("a file") };
        assert_eq!((media.kind, media.caption.as_deref()), (MediaKind::Image, Some("-5 degrees")));
        assert_eq!(message.quoted.as_ref().map(|quote| quote.key.as_str()), Some(HELLO));
        let args =
            ["send", ALICE, "--file", &path, "--as", "document", "--caption", "c", "--file-name", "Report"];
        gateway.run(&args).await.ok();
        let Content::Media(media) = newest(&gateway, ALICE).content else { panic!("a file") };
        assert_eq!((media.kind, media.file_name.as_deref()), (MediaKind::Document, Some("Report.jpg")));
        assert_eq!(media.caption.as_deref(), Some("c"));
    }
}

#[tokio::test]
async fn wrong_combinations_are_usage_errors_and_bad_files_too() {
    let gateway = waha().await;
    let folder = Folder::new("usage");
    let (path, empty) = (folder.file("a.jpg", JPEG), folder.file("empty.jpg", b""));
    let folder_path = folder.0.to_str().unwrap().to_owned();
    let wrong: &[&[&str]] = &[
        &["send", ALICE],
        &["send", ALICE, "text", "--caption", "c"],
        &["send", ALICE, "text", "--as", "image"],
        &["send", ALICE, "text", "--file-name", "n"],
        &["send", ALICE, "text", "--gateway-fetches"],
        &["send", ALICE, "text", "--file", &path, "--caption", "c"],
        &["send", ALICE, "--file", &path, "--url", "https://example.com/a.jpg"],
        &["send", ALICE, "--file", &path, "--as", "picture"],
        &["send", ALICE, "--file", &path, "--as", "video"],
        &["send", ALICE, "--file", "/no/such/file"],
        &["send", ALICE, "--file", &empty],
        &["send", ALICE, "--file", &folder_path],
        &["send", ALICE, "--url", "no address"],
        &["send-location", ALICE, "91", "0"],
        &["send-location", ALICE, "north", "0"],
        &["send-location", ALICE, "nan", "0"],
        &["send-poll", ALICE, "What?", "one"],
        &["send-poll", ALICE, "What?", "one", "one"],
        &["send-poll", ALICE, "What?"],
        &["send-contact", ALICE, "7900CALLME", "Anna"],
        &["send-contact", ALICE, "79001234567", "Anna\nTEL:+1"],
        &["forward", ALICE, HELLO, "nobody"],
        &["typing", ALICE, "--for", "0"],
        &["typing", ALICE, "--for", "601"],
    ];
    for args in wrong {
        let ran = gateway.run(args).await;
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.out.is_empty() && ran.err.starts_with("error: invalid_input: "), "{args:?}: {ran:?}");
    }
    for url in ["http://169.254.169.254/x", "file:///etc/passwd", "http://10.1.2.3/x"] {
        let ran = gateway.run(&["send", ALICE, "--url", url, "--format", "json"]).await;
        assert_eq!(ran.code, 4, "{url}: {ran:?}");
        assert!(
            ran.err.contains("\"operation\":\"send_media\"") && ran.err.contains("\"effect\":\"not_sent\""),
            "{ran:?}"
        );
    }
    let sent = gateway.server.requests().into_iter().filter(|r| r.path_and_query.contains("send")).count();
    assert_eq!(sent, 0);
}

/// What is mistyped must not go out as a text; what is meant as one still does.
#[tokio::test]
async fn a_mistyped_option_is_no_text() {
    let folder = Folder::new("mistyped");
    let path = folder.file("p.jpg", JPEG);
    let file = format!("--flie={path}");
    for gateway in both().await {
        gateway.server.clear_requests();
        let wrong: &[&[&str]] = &[
            &["send", ALICE, &file],
            &["send", ALICE, "--flie", &path],
            &["send", ALICE, "--txt"],
            &["send", ALICE, "-f"],
            &["send", ALICE, "--file", &path, "--captoin=Sea"],
            &["send", ALICE, "--file", &path, "--caption", "--gateway-fetches"],
            &["edit", ALICE, HELLO, "--flie=x"],
            &["--format", "json", "send", ALICE, &file],
        ];
        for args in wrong {
            let ran = gateway.run(args).await;
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
            assert!(ran.err.starts_with("error: invalid_input: "), "{args:?}: {ran:?}");
            assert!(!ran.err.contains(&path), "{args:?}: {ran:?}");
        }
        let meant = gateway.run(&["send", ALICE, &file]).await;
        assert!(meant.err.contains("unknown option --flie (did you mean --file?)"), "{meant:?}");
        assert!(gateway.server.requests().is_empty());

        for text in ["-5 degrees", "- milk", "--- 8< ---"] {
            gateway.run(&["send", ALICE, text]).await.ok();
            let Content::Text(sent) = newest(&gateway, ALICE).content else { panic!("a text") };
            assert_eq!(sent, text);
        }
        gateway.run(&["send", ALICE, "--", "--flie"]).await.ok();
        let Content::Text(sent) = newest(&gateway, ALICE).content else { panic!("a text") };
        assert_eq!(sent, "--flie");
        gateway.run(&["send", ALICE, "--file", &path, "--caption=--flie"]).await.ok();
        let Content::Media(media) = newest(&gateway, ALICE).content else { panic!("a file") };
        assert_eq!(media.caption.as_deref(), Some("--flie"));
    }
}

#[tokio::test]
async fn places_cards_and_polls() {
    for gateway in both().await {
        let told = gateway.run(&["send-location", ALICE, "-23.5505", "-46.6333"]).await.ok().json();
        assert_eq!(told["operation"], "send_location");
        let Content::Location(place) = newest(&gateway, ALICE).content else { panic!("a place") };
        assert_eq!((place.latitude, place.longitude), (-23.5505, -46.6333));

        let told = gateway.run(&["send-contact", ALICE, "+7 900 123-45-67", "Анна"]).await.ok().json();
        assert_eq!(told["operation"], "send_contact");
        let Content::Contacts(cards) = newest(&gateway, ALICE).content else { panic!("a card") };
        assert_eq!(cards[0].name, "Анна");

        let told =
            gateway.run(&["send-poll", ALICE, "What?", "Tea", "Coffee", "--multiple"]).await.ok().json();
        assert_eq!(told["operation"], "send_poll");
        let Content::Poll(poll) = newest(&gateway, ALICE).content else { panic!("a poll") };
        assert_eq!(poll.options, ["Tea", "Coffee"]);
        assert_ne!(poll.selectable, 1);
    }
    let gowa = gowa().await;
    let named = gowa.run(&["send-location", ALICE, "1", "2", "--name", "Home"]).await;
    assert_eq!(named.code, 3, "{named:?}");
}

#[tokio::test]
async fn a_forward_tells_where_it_went() {
    for gateway in both().await {
        let id = format!("false_{ALICE}_{HELLO}");
        let told = gateway.run(&["forward", ALICE, &id, BEA]).await.ok().json();
        assert_eq!((&told["operation"], &told["chat_id"]), (&"forward".into(), &BEA.into()));
        assert!(told.get("queued").is_some());
        assert!(newest(&gateway, BEA).forwarded);
        let gone = gateway.run(&["forward", ALICE, "false_5511911111111@c.us_3EB0FFFF", BEA]).await;
        assert_eq!(gone.code, 5, "{gone:?}");
    }
}

#[tokio::test]
async fn typing_has_an_end() {
    for gateway in both().await {
        let told = gateway.run(&["typing", ALICE]).await.ok().json();
        assert_eq!((&told["operation"], &told["message_id"]), (&"typing".into(), &serde_json::Value::Null));
        gateway.run(&["typing", ALICE, "--for", "0.05"]).await.ok();
    }
    let recording = gowa().await.run(&["typing", ALICE, "--recording"]).await;
    assert_eq!(recording.code, 3, "{recording:?}");
}
