#![no_main]

use libfuzzer_sys::fuzz_target;
use wachats::{ChatId, MessageId};

fn harmless(id: &str) {
    assert!(id.len() <= 400);
    assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "@._-:=+~".contains(c)), "{id:?}");
    assert!(!id.split('@').any(|part| matches!(part, "" | "." | "..")), "{id:?}");
}

fuzz_target!(|text: &str| {
    for chat in [text.parse::<ChatId>(), ChatId::from_wire(text)].into_iter().flatten() {
        harmless(chat.as_str());
        assert_eq!(ChatId::from_wire(chat.as_str()).as_ref(), Ok(&chat));
    }
    for id in [text.parse::<MessageId>(), MessageId::from_wire(text)].into_iter().flatten() {
        harmless(&id.to_string());
        assert_eq!(MessageId::from_wire(&id.to_string()).as_ref(), Ok(&id));
    }
});
