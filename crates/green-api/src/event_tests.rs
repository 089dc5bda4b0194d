use serde_json::{Value, json};
use wachats_core::{ErrorKind, EventKind as K, MessageKind, Source};

use super::*;

const BOB: &str = "71234567890@c.us";
const ME: &str = "71231234567@c.us";
const GROUP: &str = "120363000000000001@g.us";

fn notification(kind: &str, extra: Value) -> Value {
    let mut value = json!({
        "typeWebhook": kind, "timestamp": 1_703_014_480, "idMessage": "3EB063C7",
        "instanceData": {"idInstance": 7_103_000_001_u64, "wid": ME, "typeInstance": "whatsapp"},
    });
    for (key, of) in extra.as_object().unwrap() {
        value[key] = of.clone();
    }
    value
}

fn message_in(chat: &str, kind: &str, data: Value) -> Value {
    let sender = if kind.starts_with("outgoing") { ME } else { BOB };
    notification(
        kind,
        json!({
            "senderData": {"chatId": chat, "sender": sender, "senderName": "Bob"}, "messageData": data,
        }),
    )
}

fn message(kind: &str, data: Value) -> Value {
    message_in(BOB, kind, data)
}

fn text(text: &str) -> Value {
    json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": text}})
}

fn one(value: &Value) -> Event {
    let mut events = decode(value.to_string().as_bytes()).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

#[test]
fn messages_come_and_go() {
    let event = one(&message("incomingMessageReceived", text("Hello")));
    let received = event.message().unwrap();
    assert_eq!(
        (event.name(), received.text.as_deref(), received.from_me),
        ("message_received", Some("Hello"), false)
    );
    assert_eq!(
        (event.chat_id.as_ref().unwrap().as_str(), event.account_id.as_ref().unwrap().as_str()),
        (BOB, ME)
    );
    assert_eq!(event.at.unwrap().timestamp(), 1_703_014_480);
    for (kind, source) in
        [("outgoingMessageReceived", Source::App), ("outgoingAPIMessageReceived", Source::Api)]
    {
        let event = one(&message(kind, text("Hello")));
        assert_eq!((event.name(), event.message().unwrap().source.clone()), ("message_sent", Some(source)));
    }
    let file = json!({"typeMessage": "imageMessage", "fileMessageData": {
        "downloadUrl": "https://media.example/a.jpg", "caption": "c", "fileName": "a.jpg", "mimeType": "image/jpeg"}});
    let event = one(&message("incomingMessageReceived", file));
    let image = event.message().unwrap();
    assert_eq!((&image.kind, image.text.as_deref()), (&MessageKind::Image, Some("c")));
    assert_eq!(image.media.as_ref().unwrap().url.as_deref(), Some("https://media.example/a.jpg"));
}

#[test]
fn what_could_not_be_decrypted_is_another_event_than_the_message_itself() {
    let (marked, clear) = (
        one(&message("incomingMessageReceived", text("{{SWE001}}"))),
        one(&message("incomingMessageReceived", text("clear"))),
    );
    assert_eq!(marked.message().unwrap().text, None);
    assert_ne!(marked.dedupe_key, clear.dedupe_key);
    assert_eq!(clear.dedupe_key, one(&message("incomingMessageReceived", text("clear"))).dedupe_key);
}

#[test]
fn reactions_edits_deletions_and_votes_are_told_as_what_they_are() {
    let reaction = |emoji: &str| {
        let data = json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": emoji},
            "quotedMessage": {"stanzaId": "F7AE", "participant": BOB}});
        match one(&message("incomingMessageReceived", data)).kind {
            K::Reaction { message_key, emoji, sender_id, .. } => {
                (message_key.to_string(), emoji, sender_id.unwrap().to_string())
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reaction("👍"), ("F7AE".into(), Some("👍".into()), BOB.into()));
    assert_eq!(reaction("").1, None);

    let edit = |key: &str| {
        let data =
            json!({"typeMessage": "editedMessage", "editedMessageData": {key: "new", "stanzaId": "BAE5"}});
        match one(&message("outgoingAPIMessageReceived", data)).kind {
            K::MessageEdited { message_key, message_from_me, text } => {
                (message_key.to_string(), message_from_me, text)
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(edit("textMessage"), ("BAE5".into(), Some(true), Some("new".into())));
    assert_eq!(edit("caption").2.as_deref(), Some("new"));

    let deleted = |chat: &str, kind: &str| {
        let data = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "8451"}});
        match one(&message_in(chat, kind, data)).kind {
            K::MessageDeleted { message_key, message_from_me } => (message_key.to_string(), message_from_me),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(deleted(BOB, "outgoingMessageReceived"), ("8451".into(), Some(true)));
    assert_eq!(deleted(GROUP, "incomingMessageReceived").1, None);
    // who writes to the account may choose the key of an own message
    let key = |kind: &str| {
        let data = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "8451"}});
        one(&message_in(BOB, kind, data)).dedupe_key
    };
    assert_ne!(key("outgoingMessageReceived"), key("incomingMessageReceived"));

    let vote = json!({"typeMessage": "pollUpdateMessage", "pollMessageData": {"stanzaId": "30F6", "name": "Color", "votes": [
        {"optionName": "Red", "optionVoters": []}, {"optionName": "Green", "optionVoters": [ME, BOB]}]}});
    let K::PollVote { message_key, voter_id, options, .. } =
        one(&message("incomingMessageReceived", vote)).kind
    else {
        panic!("no vote")
    };
    assert_eq!(
        (message_key.as_str(), voter_id.unwrap().as_str(), options),
        ("30F6", BOB, vec!["Green".to_owned()])
    );
}

#[test]
fn statuses() {
    let of = |status: &str| {
        one(&notification(
            "outgoingMessageStatus",
            json!({"chatId": BOB, "status": status, "sendByApi": true}),
        ))
    };
    let acks: Vec<_> = ["sent", "delivered", "read", "failed", "noAccount", "yellowCard", "seen"]
        .map(|word| match of(word).kind {
            K::MessageAck { ack, message_from_me: Some(true), .. } => ack.to_string(),
            other => panic!("{other:?}"),
        })
        .into();
    assert_eq!(acks, ["server", "device", "read", "error", "error", "error", "seen"]);
    assert_ne!(of("sent").dedupe_key, of("read").dedupe_key);
    assert_eq!(of("").kind, K::Unknown);
}

#[test]
fn the_session_calls_and_quotas() {
    let state =
        |word: Value| match one(&notification("stateInstanceChanged", json!({"stateInstance": word}))).kind {
            K::SessionState { state } => state,
            other => panic!("{other:?}"),
        };
    assert_eq!(state(json!("authorized")), SessionState::Working);
    assert_eq!(state(json!("notAuthorized")), SessionState::NeedsPairing);
    assert_eq!(state(json!(null)), SessionState::Unknown);

    let call = one(&notification("incomingCall", json!({"from": BOB, "status": "pickUp", "isVideo": true})));
    let kind = K::Call {
        call_id: "3EB063C7".into(),
        action: CallAction::Accept,
        is_video: Some(true),
        is_group: Some(false),
    };
    assert_eq!((call.kind, call.chat_id.unwrap().as_str()), (kind, BOB));

    // one of the published examples bears another type, and no time
    for kind in ["quotaExceeded", "incomingBlock"] {
        let quota = json!({"quotaData": {"method": "correspondents", "used": 3, "total": 3, "status": "X"}, "timestamp": null});
        let event = one(&notification(kind, quota));
        assert_eq!(
            (event.kind, event.at),
            (K::Quota { method: "correspondents".into(), used: Some(3), total: Some(3) }, None)
        );
    }
}

#[test]
fn the_queues_wrapper_is_taken_off() {
    let inner = message("incomingMessageReceived", text("Hello"));
    let wrapped = one(&json!({"receiptId": 1_234_567, "body": inner}));
    assert_eq!(wrapped.dedupe_key, one(&inner).dedupe_key);
    assert!(decode(b"null").unwrap().is_empty());
    assert!(decode(br#"{"receiptId":1,"body":null}"#).unwrap().is_empty());
}

#[test]
fn what_is_not_known_is_kept_and_nothing_is_poison() {
    let kinds = [
        "deviceInfo",
        "incomingBlock",
        "somethingNew",
        "incomingMessageReceived",
        "outgoingMessageStatus",
        "incomingCall",
    ];
    for kind in kinds {
        for data in [json!(null), json!([]), json!({}), json!({"typeMessage": 7, "textMessageData": "x"})] {
            let mut value = notification(kind, json!({"messageData": data, "senderData": data, "chatId": 5}));
            value["idMessage"] = json!({"x": 1});
            let event = one(&value);
            assert_eq!(event.kind, K::Unknown, "{kind}");
            assert!(event.raw.unwrap().get().contains(kind));
        }
    }
    // a type that isn't known is a message all the same
    let new = one(&message("incomingMessageReceived", json!({"typeMessage": "hologramMessage"})));
    assert_eq!(new.message().unwrap().kind, MessageKind::Other("hologramMessage".into()));
    for whole in ["1", "[]", "{}", "\"x\""] {
        assert_eq!(decode(whole.as_bytes()).unwrap()[0].kind, K::Unknown);
    }
    assert_eq!(decode(b"").unwrap_err().kind(), ErrorKind::Decode);
}

#[cfg(feature = "webhook")]
#[test]
fn the_token_is_checked() {
    use wachats_core::webhook::WebhookKeys;

    let kind =
        |keys: WebhookKeys, value: &str| verify(&keys, &[("authorization", value)]).err().map(|e| e.kind());
    assert_eq!(kind("t1".into(), "Bearer t1"), None);
    assert_eq!(kind(WebhookKeys::new("t1").or("t2"), "Bearer t2"), None);
    assert_eq!(kind("t1".into(), "Bearer t2"), Some(ErrorKind::Unauthenticated));
    assert_eq!(kind("".into(), "Bearer "), Some(ErrorKind::ConfigInvalid));
}
