//! Events about groups.

use serde_json::{Map, Value, json};

use super::app::App;
use super::events::Event;
use super::groups::{normalised, participant, role, shown};
use super::profile::Engine;
use crate::world::{ChangeKind, Chat, Participant, ParticipantAction, ids};

/// The events of a change that is about a group.
pub(crate) fn of(app: &App, kind: &ChangeKind, at_ms: i64) -> Vec<Event> {
    // NOWEB counts in milliseconds here.
    let at = if app.engine() == Engine::Noweb { at_ms } else { at_ms.div_euclid(1000) };
    match kind {
        ChangeKind::GroupJoined(group) => joined(app, group, at),
        ChangeKind::GroupLeft { group } => left(app, group, at),
        ChangeKind::GroupUpdated { group, subject, description, by } => {
            let mut changed = Map::new();
            changed.insert("id".to_owned(), json!(group));
            let mut data = changed.clone();
            for (name, raw, value) in [("subject", "subject", subject), ("description", "desc", description)]
            {
                if let Some(value) = value {
                    changed.insert(name.to_owned(), json!(value));
                    data.insert(raw.to_owned(), json!(value));
                }
            }
            data.extend(by.as_deref().map(|by| ("author".to_owned(), json!(ids::protocol(by)))));
            vec![Event::new("group.v2.update", json!({"timestamp": at, "group": changed, "_data": data}))]
        }
        ChangeKind::Participants { group, action, participants, by } => {
            vec![members(app, group, *action, participants, by.as_deref(), at)]
        }
        _ => Vec::new(),
    }
}

fn joined(app: &App, group: &Chat, at: i64) -> Vec<Event> {
    let noweb = app.engine() == Engine::Noweb;
    let list: Vec<Value> = group
        .participants
        .iter()
        .map(|member| match noweb {
            true => json!({"id": member.id, "role": role(member)}),
            false => normalised(member),
        })
        .collect();
    let mut plain = json!({"id": group.id, "subject": group.name, "participants": list});
    if let (Some(text), Some(plain)) = (&group.description, plain.as_object_mut()) {
        plain.insert("description".to_owned(), json!(text));
    }
    let mut data = shown(app, group, true);
    if noweb {
        let (number, _) = app.serial();
        let members = group.participants.iter().map(|member| bare(app, member));
        data = json!({
            "id": group.id, "subject": group.name, "desc": group.description,
            "participants": members.collect::<Vec<_>>(),
            // The server's own marks, which it leaves in.
            "_eventId": format!("evt_{number:026x}"), "_timestampMs": at,
        });
    }
    let raw = data.clone();
    vec![
        Event::new("group.v2.join", json!({"timestamp": at, "group": plain, "_data": data})),
        Event::new("group.join", raw),
    ]
}

/// A member of a raw group without the phone, which such news don't tell.
fn bare(app: &App, member: &Participant) -> Value {
    let mut member = participant(app, member);
    if let Some(member) = member.as_object_mut() {
        member.remove("phoneNumber");
    }
    member
}

fn left(app: &App, group: &str, at: i64) -> Vec<Event> {
    let own = ids::protocol(&app.world.account().id);
    let data = json!({"id": group, "participants": [own], "action": "remove"});
    vec![
        Event::new("group.v2.leave", json!({"timestamp": at, "group": {"id": group}, "_data": data})),
        Event::new("group.leave", data),
    ]
}

fn members(
    app: &App,
    group: &str,
    action: ParticipantAction,
    participants: &[String],
    by: Option<&str>,
    at: i64,
) -> Event {
    let standing = match action {
        ParticipantAction::Join | ParticipantAction::Demote => "participant",
        ParticipantAction::Leave => "left",
        ParticipantAction::Promote => "admin",
    };
    let list: Vec<Value> = participants.iter().map(|id| json!({"id": id, "role": standing})).collect();
    let word = match action {
        ParticipantAction::Join => "add",
        ParticipantAction::Leave => "remove",
        other => other.word(),
    };
    let raw: Vec<String> = participants.iter().map(|id| ids::protocol(id)).collect();
    let data = match app.engine() {
        Engine::Gows => json!({"JID": group, "Sender": by.map(ids::protocol), "Participants": raw}),
        _ => json!({"id": group, "author": by.map(ids::protocol), "participants": raw, "action": word}),
    };
    let payload = json!({
        "type": action.word(), "timestamp": at, "group": {"id": group}, "participants": list, "_data": data,
    });
    Event::new("group.v2.participants", payload)
}
