//! Groups (reading) and presence.

use serde_json::{Map, Value, json};

use super::app::{App, Call};
use super::profile::Engine;
use super::query::{Query, sql_page};
use super::reply::{Done, Outcome, Reply, cannot, crash, refused};
use crate::world::{Chat, Participant, ids};

/// Groups whose members the world knows; a group that only has a chat is not among them.
fn known(app: &App) -> Vec<Chat> {
    let mut groups: Vec<Chat> = app
        .world
        .chats()
        .into_iter()
        .filter(|chat| ids::is_group(&chat.id) && !chat.participants.is_empty())
        .collect();
    groups.sort_by(|a, b| a.id.cmp(&b.id));
    groups
}

pub(crate) async fn route(call: &Call<'_>, session: &str, rest: &[&str]) -> Outcome {
    let app = call.app;
    call.working(session).await?;
    match (call.method.as_str(), rest) {
        ("GET", []) => list(call),
        ("GET", ["count"]) => Ok(json!({"count": known(app).len()}).into()),
        ("POST", ["refresh"]) => Ok(json!({"success": true}).into()),
        ("GET", [id]) => Ok(shown(app, &find(call, id)?, true).into()),
        ("GET", [id, "participants", "v2"]) if app.profile.since(2025, 11, 1) => {
            let group = find(call, id)?;
            Ok(Value::Array(group.participants.iter().map(normalised).collect()).into())
        }
        ("GET", [id, "participants"]) => {
            let group = find(call, id)?;
            Ok(Value::Array(group.participants.iter().map(|p| participant(app, p)).collect()).into())
        }
        ("GET", [id, "picture"]) => {
            let url = find(call, id)?.picture.and_then(|picture| picture.url);
            Ok(json!({"url": url}).into())
        }
        (method, _) => Err(cannot(method, &call.target)),
    }
}

fn find(call: &Call<'_>, id: &str) -> Result<Chat, Reply> {
    let id = if id.contains('@') { id.to_owned() } else { format!("{id}@g.us") };
    let found = known(call.app).into_iter().find(|group| group.id == id);
    found.ok_or_else(|| crash(call, "Error", &format!("Group with id '{id}' not found"), "getGroup"))
}

fn list(call: &Call<'_>) -> Outcome {
    let app = call.app;
    let mut query = Query::new(call);
    let (limit, offset) = (query.number("limit"), query.number("offset"));
    let key = query.one_of("sortBy", &["id", "subject"]);
    let ascending = query.ascending().unwrap_or(true);
    query.check()?;
    let full = !call.params("exclude").iter().any(|what| what == "participants");
    let mut groups = known(app);
    if key.as_deref() == Some("subject") {
        groups.sort_by(|a, b| a.name.cmp(&b.name));
    }
    if !ascending {
        groups.reverse();
    }
    let groups = sql_page(groups, limit, offset);
    if app.engine() == Engine::Noweb {
        let by_id: Map<String, Value> =
            groups.iter().map(|group| (group.id.clone(), shown(app, group, full))).collect();
        return Ok(Value::Object(by_id).into());
    }
    Ok(Value::Array(groups.iter().map(|group| shown(app, group, full)).collect()).into())
}

pub(crate) fn role(participant: &Participant) -> &'static str {
    match (participant.owner, participant.admin) {
        (true, _) => "superadmin",
        (false, true) => "admin",
        (false, false) => "participant",
    }
}

pub(crate) fn normalised(participant: &Participant) -> Value {
    let by_phone = ids::server_of(&participant.id) == "c.us";
    let phone = participant.phone.clone().or_else(|| by_phone.then(|| participant.id.clone()));
    json!({"id": participant.id, "pn": phone, "role": role(participant)})
}

pub(crate) fn participant(app: &App, participant: &Participant) -> Value {
    let id = ids::protocol(&participant.id);
    let phone = participant.phone.as_deref().map(ids::protocol);
    match app.engine() {
        Engine::Noweb => {
            let admin = if participant.admin { json!(role(participant)) } else { Value::Null };
            json!({"id": id, "phoneNumber": phone, "admin": admin})
        }
        Engine::Gows => json!({
            "JID": id, "PhoneNumber": phone.unwrap_or_default(), "IsAdmin": participant.admin,
            "IsSuperAdmin": participant.owner,
        }),
        Engine::Webjs | Engine::Wpp => json!({
            "id": {"_serialized": participant.id, "user": ids::user_of(&participant.id), "server": ids::server_of(&participant.id)},
            "isAdmin": participant.admin, "isSuperAdmin": participant.owner,
        }),
    }
}

pub(crate) fn shown(app: &App, group: &Chat, full: bool) -> Value {
    let created = group.created_ms.unwrap_or_default().div_euclid(1000);
    let owner = group.participants.iter().find(|p| p.owner).map(|p| ids::protocol(&p.id));
    let list =
        if full { group.participants.iter().map(|p| participant(app, p)).collect() } else { Vec::new() };
    match app.engine() {
        Engine::Noweb => json!({
            "id": group.id, "subject": group.name, "desc": group.description, "owner": owner, "creation": created,
            "announce": group.announce, "restrict": group.locked, "size": group.participants.len(), "participants": list,
        }),
        Engine::Gows => {
            let time = chrono::DateTime::from_timestamp(created, 0).unwrap_or_default();
            json!({
                "JID": group.id, "Name": group.name, "Topic": group.description.clone().unwrap_or_default(),
                "OwnerJID": owner.unwrap_or_default(),
                "GroupCreated": time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                "IsAnnounce": group.announce, "IsLocked": group.locked, "Participants": list,
            })
        }
        Engine::Webjs | Engine::Wpp => json!({
            "id": {"_serialized": group.id, "user": ids::user_of(&group.id), "server": "g.us"},
            "name": group.name, "isGroup": true,
            "groupMetadata": {
                "subject": group.name, "desc": group.description, "creation": created,
                "owner": owner.map(|owner| ids::canonical(&owner)), "announce": group.announce, "restrict": group.locked,
                "participants": list,
            },
        }),
    }
}

const PRESENCES: [&str; 5] = ["online", "offline", "typing", "recording", "paused"];

/// Presence of others is empty: nobody in the world is ever seen typing.
pub(crate) async fn presence(call: &Call<'_>, session: &str, rest: &[&str]) -> Outcome {
    call.working(session).await?;
    let entry = |chat: &str| json!({"id": chat, "presences": []});
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let memory = call.app.memory();
            Ok(Value::Array(memory.subscribed.iter().map(|chat| entry(chat)).collect()).into())
        }
        ("GET", [chat]) => {
            let chat = ids::canonical(chat);
            call.app.memory().subscribed.insert(chat.clone());
            Ok(entry(&chat).into())
        }
        ("POST", [chat, "subscribe"]) => {
            call.app.memory().subscribed.insert(ids::canonical(chat));
            Ok(Done::Empty)
        }
        ("POST", []) => {
            let word = call.text_field("presence").unwrap_or_default();
            if !PRESENCES.contains(&word) {
                let list = PRESENCES.join(", ");
                let text = format!("presence must be one of the following values: {list}");
                return Err(refused(400, json!([text])));
            }
            let needs_chat = matches!(word, "typing" | "recording" | "paused");
            if needs_chat && call.field("chatId").is_none() {
                let detail = format!("'{word}' presence requires 'chatId' field.");
                return Err(Reply::json(400, &json!({"detail": detail})));
            }
            Ok(Done::Empty)
        }
        (method, _) => Err(cannot(method, &call.target)),
    }
}
