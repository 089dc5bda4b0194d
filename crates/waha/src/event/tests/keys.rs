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

#[test]
fn what_happens_again_without_a_time_is_not_lost() {
    let of = |name: &str, payload: Value| {
        let body = json!({"event": name, "session": "default", "payload": payload}).to_string();
        let first = decode(body.as_bytes()).unwrap().remove(0);
        std::thread::sleep(std::time::Duration::from_millis(3));
        let second = decode(body.as_bytes()).unwrap().remove(0);
        (first.kind != K::Unknown && first.at.is_none(), first.dedupe_key != second.dedupe_key)
    };
    let told = (true, true);
    assert_eq!(of("session.status", json!({"status": "FAILED"})), told);
    assert_eq!(of("label.upsert", json!({"id": "1", "name": "New"})), told);
    assert_eq!(of("label.chat.added", json!({"labelId": "1", "chatId": CHAT})), told);
    let online = json!({"participant": CHAT, "lastKnownPresence": "online", "lastSeen": null});
    assert_eq!(of("presence.update", json!({"id": CHAT, "presences": [online]})), told);
    assert_eq!(of("chat.archive", json!({"id": CHAT, "archived": true})), told);
}

#[test]
fn keys_do_not_depend_on_the_envelopes_id() {
    for (name, payload) in [("message", incoming()), ("new.thing", json!({"a": 1}))] {
        let first = body(name, payload);
        let second = String::from_utf8(first.clone()).unwrap().replace("evt_01", "evt_02");
        assert_eq!(decode(&first).unwrap()[0].dedupe_key, decode(second.as_bytes()).unwrap()[0].dedupe_key);
    }
}
