//! Lists of chats, the overview, pictures.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::app::{App, Call};
use super::profile::Engine;
use super::query::{Query, loose_number, memory_page, sql_page};
use super::reply::{Outcome, Reply, crash, crash_with, refused};
use super::{dto, messages, raw_chat};
use crate::world::{Chat, ids};

/// A row of the list: the chat shown, under the id it is shown by.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) chat: Chat,
    /// The phone's id where a lid chat was merged into it, else the chat's own.
    pub(crate) id: String,
}

impl Row {
    /// Time of the last activity in seconds.
    pub(crate) fn activity(&self) -> Option<i64> {
        self.chat.last_activity_ms.map(|ms| ms.div_euclid(1000))
    }
}

/// Every chat the engine shows; with `merge`, one row per person known by lid and by phone: the newest of both, whose
/// missing name is not filled from the other.
pub(crate) fn rows(app: &App, merge: bool) -> Vec<Row> {
    let mut rows: Vec<Row> =
        app.world.chats().into_iter().map(|chat| Row { id: chat.id.clone(), chat }).collect();
    if app.engine() == Engine::Noweb {
        rows.retain(|row| row.chat.last_activity_ms.is_some());
    }
    if !(merge && app.can_merge()) {
        return rows;
    }
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for mut row in rows {
        let hidden = ids::server_of(&row.id) == "lid";
        if let Some(phone) = hidden.then(|| app.world.phone_of(&row.id)).flatten() {
            row.id = phone;
        }
        match merged.iter_mut().find(|known| known.id == row.id) {
            None => merged.push(row),
            Some(known) if row.activity() > known.activity() => *known = row,
            // Of equal times the phone's row wins.
            Some(known) if row.activity() == known.activity() && !hidden => *known = row,
            Some(_) => {}
        }
    }
    merged
}

fn by_activity(a: &Row, b: &Row) -> Ordering {
    a.activity().cmp(&b.activity())
}

fn sort(rows: &mut [Row], app: &App, key: &str, ascending: bool) {
    rows.sort_by(|a, b| {
        let order = match key {
            // NOWEB sorts merged rows by the id they had before.
            "id" if app.engine() == Engine::Noweb => {
                ids::protocol(&a.chat.id).cmp(&ids::protocol(&b.chat.id))
            }
            "id" => a.id.cmp(&b.id),
            "name" => a.chat.name.cmp(&b.chat.name),
            _ => by_activity(a, b),
        };
        if ascending { order } else { order.reverse() }
    });
}

fn page(app: &App, rows: Vec<Row>, limit: Option<i64>, offset: Option<i64>) -> Vec<Row> {
    match app.engine() {
        Engine::Webjs | Engine::Wpp => memory_page(rows, limit, offset),
        Engine::Noweb => sql_page(rows, limit, offset),
        Engine::Gows => sql_page(rows, limit.filter(|&limit| limit != 0), offset),
    }
}

pub(crate) async fn list(call: &Call<'_>, session: &str) -> Outcome {
    let app = call.app;
    call.working(session).await?;
    let mut query = Query::new(call);
    let (limit, offset) = (query.number("limit"), query.number("offset"));
    let key = query.one_of("sortBy", &["conversationTimestamp", "id", "name"]);
    let merge = if app.can_merge() { query.boolean("merge").unwrap_or(true) } else { false };
    let ascending = query.ascending();
    query.check()?;
    call.with_store()?;
    if app.engine() == Engine::Noweb && merge && key.as_deref() == Some("name") {
        return Err(no_such_column(call));
    }
    let mut rows = rows(app, merge);
    match (app.engine(), key.as_deref()) {
        (Engine::Webjs, Some("id")) => sort(&mut rows, app, "conversationTimestamp", false),
        (Engine::Gows, None) => sort(&mut rows, app, "id", ascending.unwrap_or(true)),
        (_, key) => sort(&mut rows, app, key.unwrap_or_default(), ascending.unwrap_or(false)),
    }
    let rows = page(app, rows, limit, offset);
    Ok(Value::Array(rows.iter().map(|row| raw_chat::raw(app, row)).collect()).into())
}

fn no_such_column(call: &Call<'_>) -> Reply {
    let order = if call.param("sortOrder") == Some("desc") { "desc" } else { "asc" };
    let message = format!(
        "select * from (select `annotated_chats`.*) as `ranked_chats` where `__rownum` = 1 order by chats.data->'$.name' {order} - SQLITE_ERROR: no such column: chats.data"
    );
    let more: Map<String, Value> =
        [("errno".to_owned(), json!(1)), ("code".to_owned(), json!("SQLITE_ERROR"))].into_iter().collect();
    crash_with(call, "Error", &message, "", &more)
}

/// What an overview is asked for, from the query or the body.
struct Wanted {
    limit: Option<i64>,
    offset: Option<i64>,
    merge: bool,
    ids: Vec<String>,
}

fn wanted(call: &Call<'_>) -> Result<Wanted, Reply> {
    if call.method.as_str() == "GET" {
        let mut query = Query::new(call);
        let (limit, offset) = (query.number("limit"), query.number("offset"));
        let merge = if call.app.can_merge() { query.boolean("merge").unwrap_or(true) } else { false };
        query.check()?;
        let limit = Some(limit.unwrap_or(20));
        return Ok(Wanted { limit, offset, merge, ids: call.params("ids") });
    }
    let Some(pagination) = call.field("pagination") else {
        return Err(if call.app.profile.since(2026, 5, 1) {
            refused(400, json!(["pagination should not be null or undefined"]))
        } else {
            let message = "Cannot read properties of undefined (reading 'merge')";
            crash(call, "TypeError", message, "ChatsController.postChatsOverview")
        });
    };
    let ids = call.field("filter").and_then(|filter| filter.get("ids")).and_then(Value::as_array);
    Ok(Wanted {
        limit: loose_number(pagination.get("limit")).or(Some(20)),
        offset: loose_number(pagination.get("offset")),
        merge: pagination.get("merge").and_then(Value::as_bool).unwrap_or(true),
        ids: ids.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

pub(crate) async fn overview(call: &Call<'_>, session: &str) -> Outcome {
    let app = call.app;
    call.working(session).await?;
    let wanted = wanted(call)?;
    call.with_store()?;
    let mut rows = rows(app, wanted.merge);
    if app.engine() == Engine::Noweb {
        rows.retain(|row| !matches!(ids::server_of(&row.id), "broadcast" | "newsletter"));
    }
    if !wanted.ids.is_empty() && app.profile.since(2025, 5, 5) {
        // Browsers compare the text; the stores bring it into form first.
        let exact = app.engine().in_browser();
        let asked: Vec<String> =
            wanted.ids.iter().map(|id| if exact { id.clone() } else { ids::canonical(id) }).collect();
        rows.retain(|row| asked.contains(&row.id) || asked.contains(&row.chat.id));
    }
    sort(&mut rows, app, "conversationTimestamp", false);
    let rows = page(app, rows, wanted.limit, wanted.offset);
    Ok(Value::Array(rows.iter().map(|row| summary(app, row, wanted.merge)).collect()).into())
}

fn summary(app: &App, row: &Row, merge: bool) -> Value {
    let contact = || app.world.contact(&row.id).and_then(|contact| contact.name.or(contact.push_name));
    let name = row.chat.name.clone().or_else(|| if app.engine() == Engine::Noweb { contact() } else { None });
    let last = messages::rows(app, &row.id, merge).into_iter().find(|message| dto::is_shown(app, message));
    json!({
        "id": row.id, "name": name, "picture": picture_url(app, &row.chat),
        "lastMessage": last.map(|message| dto::message(app, &message, false)),
        "_chat": raw_chat::raw(app, row),
    })
}

fn picture_url(app: &App, chat: &Chat) -> Option<String> {
    let picture = chat.picture.as_ref()?;
    Some(picture.url.clone().unwrap_or_else(|| format!("{}/pictures/{}", app.own_url, chat.id)))
}

pub(crate) async fn picture(call: &Call<'_>, session: &str, chat: &str) -> Outcome {
    call.working(session).await?;
    let mut query = Query::new(call);
    query.boolean("refresh");
    query.check()?;
    let url = call.app.world.chat(chat).and_then(|chat| picture_url(call.app, &chat));
    Ok(json!({"url": url}).into())
}
