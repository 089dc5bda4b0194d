//! What makes two deliveries one event, or two.

use super::*;

/// Before 2025.12.2 an event of a chat of two came under the partner's phone and again under their lid.
#[test]
fn every_event_of_a_chat_of_two_is_one_under_phone_and_lid() {
    let revoked = |chat: &str| {
        let after = json!({"id": format!("false_{chat}_D1"), "fromMe": false, "body": null});
        json!({"after": after, "before": null, "revokedMessageId": "EVIN1"})
    };
    let of = |chat: &str| {
        [
            ("message.any", json!({"id": format!("true_{chat}_A1"), "fromMe": true, "body": "own"})),
            ("message.ack", json!({"id": format!("true_{chat}_A1"), "fromMe": true, "ack": 3, "participant": chat})),
            (
                "message.edited",
                json!({"id": format!("false_{chat}_E1"), "fromMe": false, "body": "new", "editedMessageId": "EVIN1"}),
            ),
            ("message.revoked", revoked(chat)),
            (
                "message.reaction",
                json!({"id": format!("false_{chat}_R1"), "timestamp": 1_795_230_508, "from": chat, "fromMe": false,
                    "reaction": {"text": "x", "messageId": format!("true_{chat}_A1")}}),
            ),
            (
                "poll.vote",
                json!({
                    "vote": {"id": format!("false_{chat}_V1"), "from": chat, "fromMe": false, "selectedOptions": ["a"]},
                    "poll": {"id": format!("true_{chat}_P1"), "fromMe": true}}),
            ),
        ]
        .map(|(name, payload)| one(name, payload))
    };
    for (phone, lid) in of(CHAT).iter().zip(of("222@lid")) {
        assert_ne!(phone.kind, K::Unknown);
        assert_eq!(phone.dedupe_key, lid.dedupe_key);
    }
    let group = of(GROUP);
    assert!(of(CHAT).iter().zip(group).all(|(chat, group)| chat.dedupe_key != group.dedupe_key));
}

/// The payload's time is that of the chat's last message: it is the same when the chat is archived again.
#[test]
fn a_chat_archived_again_is_another_event() {
    let of = |archived: bool, at: i64| {
        let payload = json!({"id": CHAT, "archived": archived, "timestamp": 1_795_230_000});
        let body =
            json!({"event": "chat.archive", "session": "default", "timestamp": at, "payload": payload});
        decode(body.to_string().as_bytes()).unwrap().remove(0)
    };
    let (first, again) = (of(true, AT), of(true, AT + 2_000));
    assert_ne!(first.dedupe_key, again.dedupe_key);
    assert_eq!(first.dedupe_key, of(true, AT).dedupe_key, "a repetition bears the same time");
    assert_eq!(again.at.unwrap().timestamp_millis(), AT + 2_000);
}

/// As servers before 2024.7 deliver: each attempt at a delivery, and each reading of it, has to be the same event.
#[test]
fn without_a_time_what_is_delivered_again_is_the_same_event() {
    let of = |name: &str, payload: &Value| {
        let body = json!({"event": name, "session": "default", "payload": payload}).to_string();
        let event = decode(body.as_bytes()).unwrap().remove(0);
        assert!(event.kind != K::Unknown && event.at.is_none(), "{name}");
        event.dedupe_key
    };
    let person =
        |lid: &str| json!({"participant": CHAT, "lastKnownPresence": "online", "lastSeen": null, "x": lid});
    for (name, payload, other) in [
        ("session.status", json!({"status": "FAILED"}), json!({"status": "FAILED", "name": "default"})),
        ("label.upsert", json!({"id": "1", "name": "New"}), json!({"id": "1", "name": "New", "color": 2})),
        (
            "label.chat.added",
            json!({"labelId": "1", "chatId": CHAT}),
            json!({"labelId": "1", "chatId": CHAT, "label": {"id": "1"}}),
        ),
        (
            "presence.update",
            json!({"id": CHAT, "presences": [person("1")]}),
            json!({"id": CHAT, "presences": [person("2")]}),
        ),
        (
            "chat.archive",
            json!({"id": CHAT, "archived": true}),
            json!({"id": CHAT, "archived": true, "x": 1}),
        ),
    ] {
        let first = of(name, &payload);
        std::thread::sleep(std::time::Duration::from_millis(3));
        assert_eq!(first, of(name, &payload), "{name}");
        assert_ne!(first, of(name, &other), "{name}");
    }
}

#[test]
fn keys_do_not_depend_on_the_envelopes_id() {
    for (name, payload) in [("message", incoming()), ("new.thing", json!({"a": 1}))] {
        let first = body(name, payload);
        let second = String::from_utf8(first.clone()).unwrap().replace("evt_01", "evt_02");
        assert_eq!(decode(&first).unwrap()[0].dedupe_key, decode(second.as_bytes()).unwrap()[0].dedupe_key);
    }
}
