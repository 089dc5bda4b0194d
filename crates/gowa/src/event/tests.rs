use serde_json::{Value, json};
use wachats_core::{
    Ack, CallAction, ErrorKind, EventKind as K, GroupAction, LabelAction, MessageKind, PresenceState,
};

use super::*;

const ALICE: &str = "628222000222@s.whatsapp.net";
const ME: &str = "628111000111@s.whatsapp.net";
const GROUP: &str = "120363402106000001@g.us";

fn envelope(event: &str, payload: Value) -> Value {
    let mut value = json!({"event": event, "device_id": ME, "session_id": "dev1", "payload": payload});
    if !event.starts_with("message") || event == "message.ack" {
        value["timestamp"] = json!("2026-08-20T10:00:00Z");
    }
    value
}

fn events(value: &Value) -> Vec<Event> {
    decode(value.to_string().as_bytes()).unwrap()
}

fn one(value: &Value) -> Event {
    let mut events = events(value);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn chat(event: &Event) -> &str {
    event.chat_id.as_ref().unwrap().as_str()
}

fn message(extra: Value) -> Value {
    let mut payload = json!({
        "id": "W1", "chat_id": ALICE, "from": ALICE, "from_name": "alice~", "sender_display_name": "Alice Saved",
        "is_from_me": false, "timestamp": "2026-08-20T10:00:00Z",
    });
    for (key, value) in extra.as_object().unwrap() {
        payload[key] = value.clone();
    }
    envelope("message", payload)
}

#[test]
fn a_text_with_a_quote() {
    let event = one(&message(json!({"body": "a reply", "replied_to_id": "W0", "quoted_body": "Hello"})));
    let message = event.message().unwrap();
    assert_eq!(
        (event.name(), message.text.as_deref(), &message.kind),
        ("message_received", Some("a reply"), &MessageKind::Text)
    );
    assert_eq!((chat(&event), message.sender_name.as_deref()), ("628222000222@c.us", Some("Alice Saved")));
    let reply = message.reply_to.as_ref().unwrap();
    assert_eq!((reply.key.as_str(), reply.text.as_deref()), ("W0", Some("Hello")));
    assert_eq!((message.forwarded, message.ack.as_ref(), message.edited), (Some(false), None, None));
    assert_eq!(event.account_id.as_ref().unwrap().as_str(), "628111000111@c.us");
    assert_eq!(event.at.unwrap().timestamp(), 1_787_220_000);
    let own = one(&message_of_phone());
    assert_eq!((own.name(), own.message().unwrap().sender_id.clone()), ("message_sent", own.account_id));
}

fn message_of_phone() -> Value {
    message(json!({"body": "sent from phone", "from": ME, "is_from_me": true}))
}

#[test]
fn before_v8_3_whose_a_message_is_follows_from_who_sent_it() {
    let mut value = message_of_phone();
    value["payload"].as_object_mut().unwrap().remove("is_from_me");
    assert_eq!(one(&value).name(), "message_sent");
    value["payload"]["from"] = json!(ALICE);
    assert_eq!(one(&value).name(), "message_received");
}

#[test]
fn media_in_each_of_its_forms() {
    let of = |source: &GowaEvents, extra: Value| {
        let body = message(extra).to_string();
        let events = source.decode(body.as_bytes()).unwrap();
        let message = events[0].message().unwrap();
        (message.kind.clone(), message.text.clone(), message.media.clone().unwrap())
    };
    let (plain, based) = (GowaEvents::new(), GowaEvents::new().base("https://gowa.example/x").unwrap());
    let path = json!({"image": "statics/media/1-a.jpg"});
    assert_eq!(of(&plain, path.clone()).2.url.as_deref(), Some("statics/media/1-a.jpg"));
    assert_eq!(of(&based, path).2.url.as_deref(), Some("https://gowa.example/x/statics/media/1-a.jpg"));
    let (kind, text, media) =
        of(&plain, json!({"video_note": {"path": "statics/media/1-b.mp4", "caption": "look"}}));
    assert_eq!(
        (kind, text.as_deref(), media.url.as_deref()),
        (MessageKind::Video, Some("look"), Some("statics/media/1-b.mp4"))
    );
    let encrypted =
        json!({"document": {"url": "https://mmg.whatsapp.net/a", "caption": "", "filename": "a.pdf"}});
    let (kind, text, media) = of(&based, encrypted);
    assert_eq!(
        (kind, text, media.url, media.file_name.as_deref()),
        (MessageKind::Document, None, None, Some("a.pdf"))
    );
    for hostile in ["../../etc/passwd", "//evil.example/a", "https://evil.example/a", ""] {
        let media = of(&based, json!({"sticker": hostile})).2;
        assert!(media.url.is_none_or(|url| url.starts_with("https://gowa.example/x/")), "{hostile}");
    }
}

#[test]
fn places_cards_and_kinds_without_content() {
    let of = |extra: Value| one(&message(extra)).message().unwrap().clone();
    let place =
        of(json!({"live_location": {"degreesLatitude": -6.2, "degreesLongitude": 106.8, "name": "Jakarta"}}));
    assert_eq!(
        (place.kind, place.location.unwrap().name.as_deref()),
        (MessageKind::Location, Some("Jakarta"))
    );
    let card = json!({"displayName": "Bob", "vcard": "BEGIN:VCARD"});
    assert_eq!(of(json!({"contact": card})).contacts.unwrap().len(), 1);
    assert_eq!(of(json!({"contacts_array": [card, card]})).contacts.unwrap().len(), 2);
    let poll = of(json!({}));
    assert_eq!((poll.kind, poll.text), (MessageKind::Unknown, None));
}

#[test]
fn one_event_for_each_message_of_a_receipt() {
    let receipt = |kind: &str, ids: Value| {
        events(&envelope(
            "message.ack",
            json!({
                "chat_id": "251556368777322@lid", "from": "628777000777@s.whatsapp.net", "from_lid": "251556368777322@lid",
                "ids": ids, "receipt_type": kind,
            }),
        ))
    };
    let read = receipt("read", json!(["A", "B", 7, "../x"]));
    let keys: Vec<_> = read.iter().map(|event| event.message_key().unwrap().as_str()).collect();
    assert_eq!(keys, ["A", "B"]);
    // the lid is the sender's, whose phone is told beside it
    assert_eq!(chat(&read[0]), "628777000777@c.us");
    assert!(matches!(&read[0].kind, K::MessageAck { message_from_me: Some(true), ack: Ack::Read, .. }));
    assert_ne!(read[0].dedupe_key, read[1].dedupe_key);
    assert_ne!(read[0].dedupe_key, receipt("delivered", json!(["A"]))[0].dedupe_key);
    let own = receipt("read-self", json!(["A"]));
    assert!(matches!(&own[0].kind, K::MessageAck { message_from_me: Some(false), ack: Ack::Read, .. }));
    for unknown in [receipt("retry", json!(["A"])), receipt("read", json!([])), receipt("read", json!(null))]
    {
        assert_eq!((unknown.len(), &unknown[0].kind), (1, &K::Unknown));
    }
}

#[test]
fn reactions_edits_and_deletions() {
    let event = |name: &str, extra: Value| {
        let mut value = message(extra);
        value["event"] = json!(name);
        one(&value)
    };
    let K::Reaction { emoji, sender_id, .. } =
        event("message.reaction", json!({"reaction": "", "reacted_message_id": "W0"})).kind
    else {
        panic!("no reaction")
    };
    assert_eq!((emoji, sender_id.unwrap().as_str()), (None, "628222000222@c.us"));
    let edit = event("message.edited", json!({"original_message_id": "W0", "body": "new"}));
    let K::MessageEdited { message_key, text, .. } = &edit.kind else { panic!("no edit") };
    assert_eq!((message_key.as_str(), text.as_deref()), ("W0", Some("new")));
    assert_eq!(event("message.edited", json!({})).kind, K::Unknown);
    let deleted = |own: bool, told: bool, chat: &str| {
        let extra =
            json!({"is_from_me": own, "revoked_from_me": told, "revoked_message_id": "W0", "chat_id": chat});
        match event("message.revoked", extra).kind {
            K::MessageDeleted { message_from_me, .. } => message_from_me,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(deleted(false, true, ALICE), Some(false));
    assert_eq!(deleted(true, true, GROUP), Some(true));
    assert_eq!(deleted(true, false, GROUP), Some(false));
    assert_eq!(deleted(false, false, GROUP), None);
    // who writes to the account may choose the key of an own message
    let revoked = |own: bool| {
        let extra =
            json!({"is_from_me": own, "revoked_from_me": true, "revoked_message_id": "W0", "chat_id": ALICE});
        event("message.revoked", extra).dedupe_key
    };
    assert_ne!(revoked(true), revoked(false));
    let for_me = event("message.deleted", json!({"deleted_message_id": "W0", "was_from_me": true}));
    assert!(matches!(for_me.kind, K::MessageDeleted { message_from_me: Some(true), .. }));
}

#[test]
fn typing_groups_calls_and_labels() {
    let typing = |state: &str, media: &str| {
        let payload =
            json!({"chat_id": ALICE, "from": ALICE, "state": state, "media": media, "is_group": false});
        match one(&envelope("chat_presence", payload)).kind {
            K::Presence { presence, .. } => presence,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(typing("composing", ""), PresenceState::Composing);
    assert_eq!(typing("composing", "audio"), PresenceState::Recording);
    assert_eq!(typing("paused", ""), PresenceState::Paused);

    for name in ["group.participants", "group.joined"] {
        let payload = json!({"chat_id": GROUP, "type": "join", "jids": [ALICE, "bad"]});
        let K::GroupChanged { action, participant_ids, .. } = one(&envelope(name, payload)).kind else {
            panic!("no group")
        };
        assert_eq!((action, participant_ids.len()), (GroupAction::Join, 1));
    }
    let call = one(&envelope("call.offer", json!({"call_id": "C1", "from": ALICE, "auto_rejected": false})));
    let kind =
        K::Call { call_id: "C1".into(), action: CallAction::Offer, is_video: None, is_group: Some(false) };
    assert_eq!((call.kind.clone(), chat(&call)), (kind, "628222000222@c.us"));
    let label = |name: &str, payload: Value| match one(&envelope(name, payload)).kind {
        K::Label { action, .. } => action,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        label("label.edit", json!({"label_id": "9", "name": "x", "deleted": true})),
        LabelAction::Deleted
    );
    let on = json!({"label_id": "9", "labeled": true, "chat_id": ALICE});
    assert_eq!(label("label.association", on), LabelAction::Added);
    let off = json!({"label_id": "9", "labeled": false, "chat_id": ALICE});
    assert_eq!(label("label.association", off), LabelAction::Removed);
}

fn flat(extra: Value) -> Value {
    let mut value = json!({
        "sender_id": "628222000222", "chat_id": "628222000222", "from": ALICE, "timestamp": "2025-10-15T10:30:00Z",
        "pushname": "Alice", "message": {"text": "", "id": "F1", "replied_id": "", "quoted_message": ""},
    });
    for (key, of) in extra.as_object().unwrap() {
        value[key] = of.clone();
    }
    value
}

#[test]
fn the_flat_form_of_v7() {
    let text =
        one(&flat(json!({"message": {"text": "hi", "id": "F1", "replied_id": "F0", "quoted_message": "q"}})));
    let message = text.message().unwrap();
    assert_eq!(
        (message.text.as_deref(), message.sender_name.as_deref(), chat(&text)),
        (Some("hi"), Some("Alice"), "628222000222@c.us")
    );
    assert_eq!(message.reply_to.as_ref().unwrap().key.as_str(), "F0");

    let image =
        json!({"image": {"media_path": "statics/media/1.jpe", "mime_type": "image/jpeg", "caption": "c"}});
    let image = one(&flat(image));
    let message = image.message().unwrap();
    let media = message.media.as_ref().unwrap();
    assert_eq!((message.text.as_deref(), media.mime_type.as_deref()), (Some("c"), Some("image/jpeg")));

    let group = one(&flat(json!({"from": format!("{ALICE} in {GROUP}")})));
    assert_eq!((group.name(), chat(&group)), ("message_received", GROUP));
    assert_eq!(group.message().unwrap().sender_id.as_ref().unwrap().as_str(), "628222000222@c.us");
    let own = one(&flat(json!({"from": format!("{ME} in {ALICE}")})));
    assert_eq!((own.name(), chat(&own)), ("message_sent", "628222000222@c.us"));
    let unnamed = one(&flat(json!({"from": "Alice", "chat_id": "120363402106000001"})));
    assert_eq!(
        (chat(&unnamed), unnamed.message().unwrap().sender_id.as_ref().unwrap().as_str()),
        (GROUP, "628222000222@c.us")
    );

    let reaction = one(&flat(json!({"reaction": {"message": "👍", "id": "F0"}})));
    assert!(matches!(&reaction.kind, K::Reaction { emoji: Some(emoji), .. } if emoji == "👍"));
    let revoked =
        one(&flat(json!({"action": "message_revoked", "revoked_message_id": "F0", "revoked_from_me": true})));
    assert!(matches!(revoked.kind, K::MessageDeleted { message_from_me: Some(false), .. }));
    let edited =
        one(&flat(json!({"action": "message_edited", "edited_text": "new", "original_message_id": "F0"})));
    assert!(matches!(&edited.kind, K::MessageEdited { text: Some(text), .. } if text == "new"));
    assert_eq!(one(&flat(json!({"action": "message_edited", "edited_text": "new"}))).kind, K::Unknown);
    let deleted = json!({"action": "event.delete_for_me", "deleted_message_id": "F0", "sender_id": "628222000222",
        "chat_id": ALICE, "was_from_me": true, "timestamp": "2025-10-15T10:30:00Z"});
    assert!(matches!(one(&deleted).kind, K::MessageDeleted { message_from_me: Some(true), .. }));
}

#[test]
fn what_is_not_known_is_kept_and_nothing_is_poison() {
    for name in
        ["newsletter.message", "something.new", "message", "message.ack", "call.offer", "label.association"]
    {
        for payload in
            [json!(null), json!([]), json!({}), json!({"ids": {}, "id": 1, "chat_id": [], "from": {}})]
        {
            let event = one(&envelope(name, payload));
            assert_eq!(event.kind, K::Unknown, "{name}");
            assert!(event.raw.unwrap().get().contains(name));
        }
    }
    for whole in ["null", "1", "[]", "{}", r#"{"action":"x","message":1}"#] {
        assert_eq!(decode(whole.as_bytes()).unwrap()[0].kind, K::Unknown);
    }
    assert_eq!(decode(b"Unauthorized").unwrap_err().kind(), ErrorKind::Decode);
}

#[cfg(feature = "webhook")]
mod signatures {
    use wachats_core::webhook::{WebhookKeys, Window};

    use super::*;

    const BODY: &[u8] = br#"{"event":"message","payload":{"timestamp":"2026-08-20T10:00:00Z"}}"#;

    /// It is read without the rest of the delivery, and with all of it where something is damaged.
    #[test]
    fn the_time_told_is_the_one_that_is_decoded() {
        use wachats_core::webhook::Webhook as _;

        let bodies: [&[u8]; 9] = [
            BODY,
            br#"{"event":"call.offer","timestamp":"2026-08-20T10:00:00Z","payload":{"timestamp":"2020-01-01T00:00:00Z"}}"#,
            br#"{"timestamp":"soon","payload":{"timestamp":"2020-01-01T00:00:00Z"}}"#,
            br#"{"timestamp":"0001-01-01T00:00:00Z","payload":null}"#,
            br#"{"action":"message_edited","timestamp":"2025-10-15T10:30:00Z"}"#,
            br#"{"timestamp":"2025-10-15T10:30:00Z","timestamp":"2025-10-15T10:30:01Z"}"#,
            br#"{"timestamp":1760524200,"payload":{"timestamp":"2025-10-15T10:30:00Z","body":"\ud800"}}"#,
            b"{\"timestamp\":\"2025-10-15T10:30:00Z\",\"payload\":{\"body\":\"\xff\"}}",
            br#"{"payload":["x"]}"#,
        ];
        let mut some = 0;
        for body in bodies {
            let told = GowaEvents::new().told_at(body);
            assert_eq!(told, decode(body).unwrap()[0].at, "{}", String::from_utf8_lossy(body));
            some += usize::from(told.is_some());
        }
        assert_eq!(some, 7);
        assert_eq!(GowaEvents::new().told_at(b"Unauthorized"), None);
    }

    #[test]
    fn the_default_secret_is_refused_unless_allowed() {
        let signature = "sha256=e6b03c4959b73a1e52fee8f11398005d22f4e4ad04a4bb83676b83e07bf2001c";
        let kind = |keys: &WebhookKeys, value: &str| {
            verify(keys, &[("X-Hub-Signature-256", value)], BODY).err().map(|error| error.kind())
        };
        let allowed = WebhookKeys::new(DEFAULT_SECRET).allow_default_secret(true);
        assert_eq!(kind(&WebhookKeys::new(DEFAULT_SECRET), signature), Some(ErrorKind::ConfigInvalid));
        assert_eq!(kind(&allowed, signature), None);
        let refused = Some(ErrorKind::Unauthenticated);
        assert_eq!(kind(&allowed, &signature["sha256=".len()..]), refused);
        assert_eq!(kind(&allowed, "sha256="), refused);
        assert_eq!(kind(&allowed, "sha1=00"), refused);
        assert_eq!(kind(&WebhookKeys::new("mine"), signature), refused);
        assert_eq!(kind(&allowed.clone().window(Window::minutes(5)), signature), refused);
        assert_eq!(kind(&allowed.window(Window::minutes(u32::MAX)), signature), None);
    }
}
