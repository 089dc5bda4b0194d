use super::{ChatId, MessageId};
use crate::ChatKind;

#[test]
fn every_spelling_of_one_person_is_one_id() {
    for text in [
        "79001234567",
        "+7 900 123-45-67",
        "79001234567@c.us",
        "79001234567:8@s.whatsapp.net",
        "79001234567.0:8@s.whatsapp.net",
    ] {
        assert_eq!(text.parse::<ChatId>().unwrap().as_str(), "79001234567@c.us", "{text}");
    }
    assert_eq!(ChatId::from_wire("79001234567@с.us").unwrap().as_str(), "79001234567@c.us");
    assert_eq!("444:12@lid".parse::<ChatId>().unwrap().as_str(), "444@lid");
}

#[test]
fn hostile_ids_are_refused() {
    let long = "9".repeat(4096);
    for text in [
        "",
        "..",
        "../x",
        "%2e%2e",
        "a/b",
        "a\rb",
        "a\nb",
        "a\0b",
        &long,
        "../x@c.us",
        "%2e%2e@g.us",
        "x@evil.example",
        "7900123@c.us/../logout",
        "@c.us",
        "79001234567@",
        "a@lid",
        "79001234567@c.us?x=1",
        "1 2@c.us",
        "@",
    ] {
        assert!(text.parse::<ChatId>().is_err(), "{text:?}");
        let unknown_server = text == "x@evil.example";
        assert_eq!(ChatId::from_wire(text).is_ok(), unknown_server, "{text:?} from the wire");
    }
    for text in [
        "..",
        ".",
        "a/b",
        "a%2fb",
        "a b",
        "a\r\nb",
        "true_..@c.us_A",
        "true_79001234567@c.us_..",
        "true_A",
        "é",
    ] {
        assert!(text.parse::<MessageId>().is_err(), "{text:?}");
    }
}

#[test]
fn kinds_follow_the_server() {
    let kind = |text: &str| text.parse::<ChatId>().unwrap().kind();
    assert_eq!(kind("1203630@g.us"), ChatKind::Group);
    assert_eq!(kind("5511999-1600000000@g.us"), ChatKind::Group);
    assert_eq!(kind("1203@newsletter"), ChatKind::Channel);
    assert_eq!(kind("status@broadcast"), ChatKind::Status);
    assert_eq!(kind("123@broadcast"), ChatKind::Broadcast);
    assert_eq!(kind("222@lid"), ChatKind::User);
}

#[test]
fn message_ids_print_as_they_parse() {
    for text in ["3EB0", "true_79001234567@c.us_3EB0", "false_1203@g.us_AC12_444@lid", "false_1@lid_call:9"] {
        assert_eq!(text.parse::<MessageId>().unwrap().to_string(), text);
    }
    let id: MessageId = "false_1203@g.us_AC12_79001234567:3@s.whatsapp.net".parse().unwrap();
    assert_eq!(id.to_string(), "false_1203@g.us_AC12_79001234567@c.us");
}

#[test]
fn debug_hides_the_digits() {
    let id: ChatId = "79001234567".parse().unwrap();
    assert_eq!(format!("{id:?}"), "ChatId(…@c.us)");
    let id: MessageId = "true_79001234567@c.us_3EB0".parse().unwrap();
    assert!(!format!("{id:?}").contains("7900"));
}
