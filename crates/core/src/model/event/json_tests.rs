use serde_json::{Value, json};

use super::*;
use crate::DedupeKey;

fn every_kind() -> Vec<EventKind> {
    use EventKind as K;
    let chat: ChatId = "5511911111111@c.us".parse().unwrap();
    let key: MessageKey = "3EB0C431".parse().unwrap();
    let message = Box::new(Message::new(chat.clone(), key.clone(), false));
    let at = DateTime::from_timestamp_millis(1_795_230_508_250);
    vec![
        K::MessageReceived { message: message.clone() },
        K::MessageSent { message },
        K::MessageAck { message_key: key.clone(), message_from_me: Some(true), ack: Ack::Read },
        K::MessageEdited { message_key: key.clone(), message_from_me: Some(false), text: Some("new".into()) },
        K::MessageDeleted { message_key: key.clone(), message_from_me: None },
        K::Reaction {
            message_key: key.clone(),
            message_from_me: None,
            emoji: None,
            sender_id: Some(chat.clone()),
        },
        K::ChatArchived { archived: false },
        K::Presence { sender_id: Some(chat.clone()), presence: PresenceState::Recording, last_seen_at: at },
        K::GroupChanged { action: GroupAction::Promote, participant_ids: vec![chat.clone()], by_id: None },
        K::Call { call_id: "c1".into(), action: CallAction::Offer, is_video: Some(true), is_group: None },
        K::Label { label_id: "9".into(), label_name: None, action: LabelAction::Other("moved".into()) },
        K::SessionState { state: SessionState::Working },
        K::PollVote {
            message_key: key,
            message_from_me: None,
            voter_id: Some(chat),
            options: vec!["Red".into()],
        },
        K::Quota { method: "correspondents".into(), used: Some(3), total: Some(3) },
        K::Unknown,
    ]
}

fn event(kind: EventKind) -> Event {
    let mut event = Event::new(Gateway::GOWA, kind, DedupeKey::new("x", "y"));
    event.at = DateTime::from_timestamp_millis(1_795_230_508_000);
    if event.kind == EventKind::Unknown {
        event.raw = Some(RawJson::new(&br#"{"b":1, "a":[]}"#[..]));
    }
    event
}

#[test]
fn every_kind_comes_back_from_its_json() {
    let kinds = every_kind();
    for kind in kinds {
        let before = event(kind);
        let text = serde_json::to_string(&before).unwrap();
        let after: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(before, after, "{text}");
        let through_value: Event = serde_json::from_value(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(before.kind, through_value.kind);
    }
}

#[test]
fn json_is_flat_and_without_the_fields_of_other_kinds() {
    let keys = |kind: EventKind| {
        let value = serde_json::to_value(event(kind)).unwrap();
        let own = |key: &&String| {
            !["event", "gateway", "account_id", "at", "dedupe_key", "chat_id"].contains(&key.as_str())
        };
        let Value::Object(map) = value else { panic!("no object") };
        map.keys().filter(own).cloned().collect::<Vec<_>>().join(" ")
    };
    let found: Vec<_> =
        every_kind().into_iter().map(|kind| format!("{}: {}", kind.name(), keys(kind))).collect();
    assert_eq!(
        found,
        [
            "message_received: message",
            "message_sent: message",
            "message_ack: ack message_from_me message_key",
            "message_edited: message_from_me message_key text",
            "message_deleted: message_from_me message_key",
            "reaction: emoji message_from_me message_key sender_id",
            "chat_archived: archived",
            "presence: last_seen_at presence sender_id",
            "group_changed: action by_id participant_ids",
            "call: action call_id is_group is_video",
            "label: action label_id label_name",
            "session_state: state",
            "poll_vote: message_from_me message_key options voter_id",
            "quota: method total used",
            "unknown: raw",
        ]
    );
    let ack = event(EventKind::MessageAck {
        message_key: "3EB0".parse().unwrap(),
        message_from_me: Some(true),
        ack: Ack::Device,
    });
    assert_eq!(
        serde_json::to_value(ack).unwrap(),
        json!({
            "event": "message_ack", "gateway": "gowa", "account_id": null, "at": "2026-11-21T03:08:28Z",
            "dedupe_key": "x|y", "chat_id": null, "message_key": "3EB0", "message_from_me": true, "ack": "device",
        })
    );
}

#[test]
fn an_event_of_a_later_version_is_kept_whole() {
    let text = r#"{"event":"message_pinned","gateway":"waha","dedupe_key":"k","pin":1}"#;
    let event: Event = serde_json::from_str(text).unwrap();
    assert_eq!(event.kind, EventKind::Unknown);
    assert_eq!(event.raw.unwrap().get(), text);
    let missing = serde_json::from_str::<Event>(r#"{"event":"call","gateway":"waha","dedupe_key":"k"}"#);
    assert!(missing.unwrap_err().to_string().contains("call_id"));
}

#[test]
fn debug_shows_no_number_name_or_text() {
    for kind in every_kind() {
        let shown = format!("{:?}{:?}", event(kind.clone()), kind);
        for secret in ["5511", "3EB0", "new", "Red", "x|y"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
