use serde_json::{Value, json};
use wachats_core::{
    Ack, CallAction, ErrorKind, EventKind as K, GroupAction, LabelAction, MessageKind, PresenceState,
    SessionState,
};

use super::*;

const CHAT: &str = "5511911111111@c.us";
const GROUP: &str = "120363000000000001@g.us";
const ME: &str = "5511900000001@c.us";
const AT: i64 = 1_795_230_509_016;

fn body(event: &str, payload: Value) -> Vec<u8> {
    let envelope = json!({
        "id": "evt_01", "timestamp": AT, "event": event, "session": "default", "engine": "NOWEB",
        "me": {"id": ME, "pushName": "Me"}, "payload": payload,
    });
    serde_json::to_vec(&envelope).unwrap()
}

fn events(event: &str, payload: Value) -> Vec<Event> {
    decode(&body(event, payload)).unwrap()
}

fn one(event: &str, payload: Value) -> Event {
    let mut events = events(event, payload);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn chat(event: &Event) -> &str {
    event.chat_id.as_ref().unwrap().as_str()
}

fn incoming() -> Value {
    json!({
        "id": format!("false_{CHAT}_EVIN1"), "timestamp": 1_795_230_508, "from": CHAT, "fromMe": false, "body": "in",
        "hasMedia": false, "ack": 2, "_data": {"key": {"remoteJid": "5511911111111@s.whatsapp.net"},
        "pushName": "Ana", "message": {"conversation": "in"}},
    })
}

#[test]
fn a_message_and_its_twin_are_one_event() {
    let event = one("message", incoming());
    let message = event.message().unwrap();
    assert_eq!(
        (event.name(), message.text.as_deref(), &message.kind),
        ("message_received", Some("in"), &MessageKind::Text)
    );
    assert_eq!((chat(&event), event.account_id.as_ref().unwrap().as_str()), (CHAT, ME));
    assert_eq!(event.at.unwrap().timestamp_millis(), 1_795_230_508_000);
    assert_eq!(event.dedupe_key, one("message.any", incoming()).dedupe_key);
    let mut lid = incoming();
    lid["id"] = json!("false_222@lid_EVIN1");
    assert_eq!(event.dedupe_key, one("message", lid).dedupe_key);
    let mut own = incoming();
    (own["id"], own["fromMe"]) = (json!(format!("true_{CHAT}_EVIN1")), json!(true));
    let own = one("message.any", own);
    assert_eq!(own.name(), "message_sent");
    assert_ne!(own.dedupe_key, event.dedupe_key);
}

#[test]
fn a_message_that_was_not_decrypted_is_another_event_than_when_it_is() {
    let mut waiting = incoming();
    waiting["body"] = Value::Null;
    waiting["_data"]["message"] = Value::Null;
    let waiting = one("message.waiting", waiting);
    assert_eq!(waiting.name(), "message_received");
    assert_ne!(waiting.dedupe_key, one("message", incoming()).dedupe_key);
}

#[test]
fn media_are_told_at_the_gateways_real_address_where_it_is_known() {
    let mut message = incoming();
    message["hasMedia"] = json!(true);
    message["_data"]["message"] = json!({"imageMessage": {"mimetype": "image/jpeg"}});
    message["media"] =
        json!({"url": "http://localhost:3000/api/files/default/a.jpg", "mimetype": "image/jpeg"});
    let url = |source: WahaEvents| {
        let events = source.decode(&body("message", message.clone())).unwrap();
        events[0].message().unwrap().media.as_ref().unwrap().url.clone().unwrap()
    };
    assert_eq!(url(WahaEvents::new()), "http://localhost:3000/api/files/default/a.jpg");
    let based = WahaEvents::new().base("https://waha.example/x").unwrap();
    assert_eq!(url(based), "https://waha.example/x/api/files/default/a.jpg");
    assert_eq!(WahaEvents::new().base("no").unwrap_err().kind(), ErrorKind::ConfigInvalid);
}

#[test]
fn acks() {
    let direct = one(
        "message.ack",
        json!({"id": format!("true_{CHAT}_A1"), "from": CHAT, "fromMe": true, "ack": 3, "ackName": "READ"}),
    );
    let K::MessageAck { message_key, message_from_me, ack } = &direct.kind else { panic!("{direct:?}") };
    assert_eq!((message_key.as_str(), message_from_me, ack), ("A1", &Some(true), &Ack::Read));
    let group = |reader: &str| {
        one(
            "message.ack.group",
            json!({
                "id": format!("true_{GROUP}_A1_{ME}"), "participant": ME, "fromMe": true, "ack": null, "ackName": "DEVICE",
                "_data": {"receipt": {"userJid": reader}},
            }),
        )
    };
    let (first, second) = (group("5511944444444@s.whatsapp.net"), group("5511955555555@s.whatsapp.net"));
    assert!(matches!(first.kind, K::MessageAck { ack: Ack::Device, .. }));
    assert_eq!(chat(&first), GROUP);
    assert_ne!(first.dedupe_key, second.dedupe_key);
    let unknown =
        one("message.ack", json!({"id": "true_1@lid_A", "fromMe": true, "ack": null, "ackName": "UNKNOWN"}));
    assert_eq!(unknown.kind, K::Unknown);
}

#[test]
fn reactions() {
    let of = |text: &str, from_me: bool| {
        one(
            "message.reaction",
            json!({
                "id": format!("{from_me}_{CHAT}_R1"), "timestamp": 1_710_481_111.853, "from": CHAT, "fromMe": from_me,
                "reaction": {"text": text, "messageId": format!("true_{CHAT}_A1")},
            }),
        )
    };
    let event = of("👍", false);
    let K::Reaction { message_key, message_from_me, emoji, sender_id } = &event.kind else {
        panic!("{event:?}")
    };
    assert_eq!((message_key.as_str(), message_from_me, emoji.as_deref()), ("A1", &Some(true), Some("👍")));
    assert_eq!(sender_id.as_ref().unwrap().as_str(), CHAT);
    assert_eq!(event.at.unwrap().timestamp_millis(), 1_710_481_111_853);
    let K::Reaction { emoji, sender_id, .. } = of("", true).kind else { panic!("no reaction") };
    assert_eq!((emoji, sender_id.unwrap().as_str()), (None, ME));
}

#[test]
fn edits_name_the_original() {
    let of = |id: &str, original: Value, text: &str| {
        one(
            "message.edited",
            json!({"id": id, "timestamp": 1_795_230_508, "fromMe": false, "body": text, "editedMessageId": original}),
        )
    };
    let event = of(&format!("false_{CHAT}_E1"), json!("EVIN1"), "new");
    let K::MessageEdited { message_key, message_from_me, text } = &event.kind else { panic!("{event:?}") };
    assert_eq!(
        (message_key.as_str(), message_from_me, text.as_deref()),
        ("EVIN1", &Some(false), Some("new"))
    );
    // WEBJS: the edit bears the id of its message
    let (a, b) = (
        of(&format!("false_{CHAT}_A1"), json!("A1"), "one"),
        of(&format!("false_{CHAT}_A1"), Value::Null, "two"),
    );
    assert_eq!(a.message_key(), b.message_key());
    assert_ne!(a.dedupe_key, b.dedupe_key);
    assert_eq!(a.at.unwrap().timestamp_millis(), AT);
}

#[test]
fn deletions_are_one_event_in_each_of_their_forms() {
    let protocol = json!({"protocolMessage": {"key": {"id": "EVIN1", "fromMe": false}, "type": 0}});
    let after = json!({"id": format!("false_{CHAT}_EVREV"), "timestamp": 1_795_230_508, "fromMe": false, "body": null,
        "_data": {"message": protocol}});
    let told = one("message.revoked", json!({"after": after, "before": null, "revokedMessageId": "EVIN1"}));
    let passed = one("message", after);
    for event in [&told, &passed] {
        let K::MessageDeleted { message_key, message_from_me } = &event.kind else { panic!("{event:?}") };
        assert_eq!((message_key.as_str(), message_from_me, chat(event)), ("EVIN1", &Some(false), CHAT));
    }
    assert_eq!(told.dedupe_key, passed.dedupe_key);
    let admin =
        json!({"after": {"id": format!("false_{GROUP}_X_{ME}"), "fromMe": false}, "revokedMessageId": "A1"});
    assert!(matches!(one("message.revoked", admin).kind, K::MessageDeleted { message_from_me: None, .. }));
    assert_eq!(one("message.revoked", json!({"after": null, "before": null})).kind, K::Unknown);
}

#[test]
fn an_edit_that_came_as_a_message() {
    let edit = json!({"protocolMessage": {"key": {"id": "EVIN1"}, "type": "MESSAGE_EDIT",
        "editedMessage": {"extendedTextMessage": {"text": "new"}}}});
    let payload = json!({"id": format!("false_{CHAT}_E1"), "timestamp": 1_795_230_508, "fromMe": false, "body": null,
        "_data": {"message": {"editedMessage": {"message": edit}}}});
    let K::MessageEdited { message_key, text, .. } = one("message", payload).kind else { panic!("no edit") };
    assert_eq!((message_key.as_str(), text.as_deref()), ("EVIN1", Some("new")));
}

#[test]
fn votes() {
    let of = |timestamp: i64| {
        one(
            "poll.vote",
            json!({
                "vote": {"id": format!("false_{GROUP}_V1_{CHAT}"), "to": GROUP, "from": GROUP, "participant": CHAT,
                    "fromMe": false, "selectedOptions": ["Red"], "timestamp": timestamp},
                "poll": {"id": format!("true_{GROUP}_P1_{ME}"), "to": GROUP, "from": "me", "fromMe": true},
            }),
        )
    };
    let event = of(1_795_230_508);
    assert_eq!(event.at, of(1_795_230_508_000).at);
    let K::PollVote { message_key, message_from_me, voter_id, options } = event.kind else {
        panic!("no vote")
    };
    assert_eq!((message_key.as_str(), message_from_me, options), ("P1", Some(true), vec!["Red".to_owned()]));
    assert_eq!(voter_id.unwrap().as_str(), CHAT);
}

#[test]
fn chats_groups_labels_calls_and_the_session() {
    let archived = one("chat.archive", json!({"id": CHAT, "archived": true, "timestamp": 1_795_230_508}));
    assert_eq!((archived.kind.clone(), chat(&archived)), (K::ChatArchived { archived: true }, CHAT));

    let presences = events(
        "presence.update",
        json!({"id": GROUP, "presences": [
        {"participant": CHAT, "lastKnownPresence": "typing", "lastSeen": null},
        {"participant": ME, "lastKnownPresence": "offline", "lastSeen": 1_795_230_508},
        {"participant": ME}]}),
    );
    let of: Vec<_> = presences
        .iter()
        .map(|event| match &event.kind {
            K::Presence { presence, last_seen_at, .. } => (presence.clone(), last_seen_at.is_some()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(of, [(PresenceState::Composing, false), (PresenceState::Unavailable, true)]);

    let join = one(
        "group.v2.join",
        json!({"timestamp": AT, "group": {"id": GROUP, "participants": [{"id": CHAT}]}}),
    );
    let K::GroupChanged { action, participant_ids, .. } = join.kind else { panic!("no group") };
    assert_eq!((action, participant_ids[0].as_str(), participant_ids.len()), (GroupAction::Join, ME, 1));
    let promote = one(
        "group.v2.participants",
        json!({"type": "promote", "timestamp": 1_795_230_508, "group": {"id": GROUP},
        "participants": [{"id": CHAT, "role": "admin"}], "_data": {"author": "5511922222222@s.whatsapp.net"}}),
    );
    assert_eq!(promote.at.unwrap().timestamp(), 1_795_230_508);
    let K::GroupChanged { action, participant_ids, by_id } = promote.kind else { panic!("no group") };
    assert_eq!((action, participant_ids[0].as_str()), (GroupAction::Promote, CHAT));
    assert_eq!(by_id.unwrap().as_str(), "5511922222222@c.us");
    let update = json!({"timestamp": AT, "group": {"id": GROUP, "subject": "S", "membersCanSendMessages": false, "invite": "x"}});
    let actions: Vec<_> = events("group.v2.update", update)
        .into_iter()
        .map(|event| match event.kind {
            K::GroupChanged { action, .. } => action,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(actions, [GroupAction::Settings, GroupAction::Subject]);

    let call = one(
        "call.rejected",
        json!({"id": "C1", "from": CHAT, "timestamp": 1_795_230_508, "isVideo": true, "isGroup": false}),
    );
    let kind = K::Call {
        call_id: "C1".into(),
        action: CallAction::Reject,
        is_video: Some(true),
        is_group: Some(false),
    };
    assert_eq!((call.kind.clone(), chat(&call)), (kind, CHAT));

    let label =
        one("label.chat.added", json!({"labelId": 5, "chatId": CHAT, "label": {"id": "5", "name": "L"}}));
    let kind = K::Label { label_id: "5".into(), label_name: Some("L".into()), action: LabelAction::Added };
    assert_eq!((label.kind.clone(), chat(&label)), (kind, CHAT));
    let gone = one("label.deleted", json!({"id": "5", "name": ""}));
    assert_eq!(gone.kind, K::Label { label_id: "5".into(), label_name: None, action: LabelAction::Deleted });

    let session =
        one("session.status", json!({"name": "default", "status": "PASSKEY_REQUIRED", "statuses": []}));
    assert_eq!(session.kind, K::SessionState { state: SessionState::NeedsPairing });
    assert_eq!((session.chat_id, session.at.unwrap().timestamp_millis()), (None, AT));
}

#[test]
fn what_is_not_known_is_kept_and_nothing_is_poison() {
    for event in ["engine.event", "state.change", "event.response", "something.new", ""] {
        let event = one(event, json!({"x": 1}));
        assert_eq!(event.kind, K::Unknown);
        assert!(event.raw.unwrap().get().contains("\"x\":1"));
    }
    let names = [
        "message",
        "message.any",
        "message.ack",
        "message.reaction",
        "message.edited",
        "message.revoked",
        "poll.vote",
        "chat.archive",
        "presence.update",
        "group.v2.join",
        "group.v2.participants",
        "group.v2.update",
        "call.received",
        "label.upsert",
        "label.chat.added",
        "session.status",
    ];
    for name in names {
        for payload in [
            json!(null),
            json!([]),
            json!({}),
            json!("x"),
            json!({"id": [7], "after": 1, "vote": [], "group": {"id": {}}}),
        ] {
            let events = events(name, payload.clone());
            assert_eq!(events[0].kind, K::Unknown, "{name} {payload}");
        }
    }
    for whole in ["null", "1", "[]", "{}", "\"x\""] {
        assert_eq!(decode(whole.as_bytes()).unwrap()[0].kind, K::Unknown);
    }
    assert_eq!(decode(b"<html>").unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(decode(b"").unwrap_err().kind(), ErrorKind::Decode);
}

mod keys;

#[cfg(feature = "webhook")]
mod signatures {
    use wachats_core::webhook::{WebhookKeys, Window};

    use super::*;

    /// The vector of WAHA's documentation.
    const KEY: &str = "my-secret-key";
    const BODY: &[u8] = br#"{"event":"message","session":"default","engine":"WEBJS"}"#;
    const HMAC: &str = "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";

    fn kind(keys: &WebhookKeys, headers: &[(&str, &str)], body: &[u8]) -> Option<ErrorKind> {
        verify(keys, &headers, body).err().map(|error| error.kind())
    }

    #[test]
    fn the_documented_vector_holds() {
        let keys = WebhookKeys::new(KEY);
        assert_eq!(kind(&keys, &[("X-Webhook-Hmac", HMAC)], BODY), None);
        let refused = Some(ErrorKind::Unauthenticated);
        assert_eq!(kind(&keys, &[("X-Webhook-Hmac", HMAC)], b"{}"), refused);
        assert_eq!(kind(&keys, &[("X-Hub-Signature-256", HMAC)], BODY), refused);
        assert_eq!(kind(&keys, &[], BODY), refused);
        assert_eq!(kind(&WebhookKeys::new("another"), &[("X-Webhook-Hmac", HMAC)], BODY), refused);
        assert_eq!(
            kind(&WebhookKeys::default(), &[("X-Webhook-Hmac", HMAC)], BODY),
            Some(ErrorKind::ConfigInvalid)
        );
    }

    #[test]
    fn the_window_looks_at_what_is_signed() {
        let keys = WebhookKeys::new(KEY).window(Window::minutes(5));
        // without a time, as before 2024.7
        assert_eq!(kind(&keys, &[("X-Webhook-Hmac", HMAC)], BODY), None);
        // signed long ago, and delivered under a fresh header
        let old = br#"{"event":"message","timestamp":1700000000000}"#;
        let signature = "1302f5210642b0b8dc757f4b8bb8b5ee3471c9dd680f67408a9fc195766543d49b09c067ebbae29972b266393e0cc85b1839af7d5b28f4386ed9a2efcb280261";
        let headers = [("X-Webhook-Hmac", signature), ("X-Webhook-Timestamp", "9999999999999")];
        assert_eq!(kind(&WebhookKeys::new(KEY), &headers, old), None);
        assert_eq!(kind(&keys, &headers, old), Some(ErrorKind::Unauthenticated));
    }
}
