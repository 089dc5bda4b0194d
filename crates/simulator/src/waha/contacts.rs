//! The address book, the check of numbers, lids.

use serde_json::{Map, Value, json};

use super::app::{App, Call};
use super::profile::Engine;
use super::query::{Query, sql_page};
use super::reply::{Done, Outcome, Reply, cannot, not_implemented, refused};
use crate::world::{Contact, ids};

pub(crate) async fn route(call: &Call<'_>, rest: &[&str]) -> Outcome {
    let app = call.app;
    if let ("POST", ["block" | "unblock"]) = (call.method.as_str(), rest) {
        return block(call, *rest == ["block"]).await;
    }
    if call.method.as_str() != "GET"
        || !matches!(rest, [] | ["all" | "check-exists" | "about" | "profile-picture"])
    {
        return Err(cannot(call.method.as_str(), &call.target));
    }
    let Some(session) = call.param("session") else { return Err(refused(400, "Session name is required")) };
    call.working(session).await?;
    let id = call.param("contactId").unwrap_or_default();
    match rest {
        ["all"] => all(call),
        ["check-exists"] => exists(call),
        ["about"] if app.engine().in_browser() => {
            Ok(json!({"about": app.world.contact(id).and_then(|contact| contact.about)}).into())
        }
        ["about"] => Err(not_implemented(app, "")),
        ["profile-picture"] => {
            let picture = app.world.chat(id).and_then(|chat| chat.picture);
            Ok(json!({"profilePictureURL": picture.and_then(|picture| picture.url)}).into())
        }
        _ => one(call, id),
    }
}

pub(crate) async fn by_id(call: &Call<'_>, session: &str, id: &str) -> Outcome {
    call.working(session).await?;
    match call.method.as_str() {
        "GET" => one(call, id),
        "PUT" => {
            let first = call.text_field("firstName").unwrap_or_default();
            let last = call.text_field("lastName").unwrap_or_default();
            let known = call.app.world.contact(id).unwrap_or_else(|| Contact::new(id));
            call.app.world.add_contact(known.name(format!("{first} {last}").trim()));
            Ok(json!({"success": true}).into())
        }
        method => Err(cannot(method, &call.target)),
    }
}

fn one(call: &Call<'_>, id: &str) -> Outcome {
    call.with_store()?;
    Ok(call.app.world.contact(id).map_or(Done::Empty, |contact| shown(call.app, &contact).into()))
}

fn all(call: &Call<'_>) -> Outcome {
    let mut query = Query::new(call);
    let (limit, offset) = (query.number("limit"), query.number("offset"));
    let key = query.one_of("sortBy", &["id", "name"]);
    let ascending = query.ascending().unwrap_or(true);
    query.check()?;
    call.with_store()?;
    let mut contacts = call.app.world.contacts();
    match key.as_deref() {
        Some("name") => contacts.sort_by(|a, b| a.name.cmp(&b.name)),
        _ => contacts.sort_by(|a, b| a.id.cmp(&b.id)),
    }
    if !ascending {
        contacts.reverse();
    }
    let page = sql_page(contacts, limit, offset);
    Ok(Value::Array(page.iter().map(|contact| shown(call.app, contact)).collect()).into())
}

/// A person as the engine shows them.
fn shown(app: &App, contact: &Contact) -> Value {
    let name = contact.name.clone();
    match app.engine() {
        Engine::Noweb => {
            let mut object = Map::new();
            object.insert("id".to_owned(), json!(contact.id));
            for (member, value) in
                [("name", name), ("lid", contact.lid.clone()), ("pushname", contact.push_name.clone())]
            {
                if let Some(value) = value {
                    object.insert(member.to_owned(), json!(value));
                }
            }
            Value::Object(object)
        }
        Engine::Gows => json!({
            "id": contact.id, "name": name.unwrap_or_default(),
            "pushname": contact.push_name.clone().unwrap_or_default(),
        }),
        Engine::Webjs | Engine::Wpp => json!({
            "id": contact.id, "number": ids::user_of(&contact.id), "name": name, "pushname": contact.push_name,
            "shortName": contact.name.as_deref().and_then(|name| name.split(' ').next()),
            "isMe": contact.id == app.world.account().id, "isGroup": false, "isWAContact": true,
            "isMyContact": contact.name.is_some(), "isBlocked": contact.blocked, "isBusiness": contact.business,
        }),
    }
}

/// A number is on WhatsApp when the world knows a chat or a contact of it.
fn exists(call: &Call<'_>) -> Outcome {
    let app = call.app;
    let known = app.world.number(call.param("phone").unwrap_or_default());
    Ok(match (known, app.engine()) {
        (Some(id), _) => json!({"numberExists": true, "chatId": id}),
        (None, Engine::Gows) => json!({"numberExists": false, "chatId": null}),
        (None, _) => json!({"numberExists": false}),
    }
    .into())
}

async fn block(call: &Call<'_>, blocked: bool) -> Outcome {
    let app = call.app;
    if let Some(session) = call.text_field("session") {
        call.working(session).await?;
    }
    if !app.engine().in_browser() {
        return Err(not_implemented(app, ""));
    }
    if let Some(mut contact) = call.text_field("contactId").and_then(|id| app.world.contact(id)) {
        contact.blocked = blocked;
        app.world.add_contact(contact);
    }
    Ok(Done::Empty)
}

/// Pairs of lid and phone. Unknown ones are answered with `null`, not refused.
pub(crate) async fn lids(call: &Call<'_>, session: &str, rest: &[&str]) -> Outcome {
    let world = &call.app.world;
    if call.method.as_str() != "GET" {
        return Err(cannot(call.method.as_str(), &call.target));
    }
    call.working(session).await?;
    match rest {
        [] => {
            let mut query = Query::new(call);
            let (limit, offset) = (query.number("limit").unwrap_or(100), query.number("offset"));
            query.check()?;
            let page = sql_page(world.lids(), Some(limit), offset);
            let page: Vec<Value> = page.iter().map(|(lid, pn)| json!({"lid": lid, "pn": pn})).collect();
            Ok(json!(page).into())
        }
        ["count"] => Ok(json!({"count": world.lids().len()}).into()),
        ["pn", phone] => {
            let pn = ids::canonical(phone);
            Ok(json!({"lid": world.lid_of(&pn), "pn": pn}).into())
        }
        [lid] => {
            let lid = full_lid(lid)?;
            Ok(json!({"pn": world.phone_of(&lid), "lid": lid}).into())
        }
        _ => Err(cannot(call.method.as_str(), &call.target)),
    }
}

fn full_lid(text: &str) -> Result<String, Reply> {
    match ids::server_of(text) {
        "" => Ok(format!("{text}@lid")),
        "lid" => Ok(text.to_owned()),
        _ => Err(refused(422, "Invalid LID - it must end with @lid")),
    }
}
