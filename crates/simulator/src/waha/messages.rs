//! Reading messages: lists, one by id, read marks.

use serde_json::{Value, json};

use super::app::{App, Call};
use super::profile::Engine;
use super::query::{Query, sql_page};
use super::reply::{Outcome, not_implemented, refused};
use super::{dto, ids as message_ids};
use crate::world::{Ack, Message, ids};

const ACKS: [&str; 6] = ["ERROR", "PENDING", "SERVER", "DEVICE", "READ", "PLAYED"];

/// Messages of a chat (`all`: of every chat), newest first, of lid and phone together where they are merged.
pub(crate) fn rows(app: &App, chat: &str, merge: bool) -> Vec<Message> {
    let world = &app.world;
    let mut rows = match chat {
        "all" => world.all_messages(),
        chat => {
            let other = (merge && app.can_merge())
                .then(|| world.phone_of(chat).or_else(|| world.lid_of(chat)))
                .flatten();
            let mut rows = world.messages(chat);
            if let Some(other) = other {
                rows.extend(world.messages(&other));
                rows.sort_by_key(|message| std::cmp::Reverse((message.sent_at_ms, message.seq)));
            }
            rows
        }
    };
    if app.engine() == Engine::Noweb {
        // A time stored as text sorts below every number, as the store's column is left empty.
        rows.sort_by_key(|message| time_column(message).is_none());
    }
    rows
}

/// The time the store sorts and filters by; empty where the raw message has it as text.
fn time_column(message: &Message) -> Option<i64> {
    match message.wire.get("messageTimestamp") {
        Some(Value::String(_)) => None,
        _ => Some(message.sent_at()),
    }
}

struct Filter {
    since: Option<i64>,
    until: Option<i64>,
    from_me: Option<bool>,
    ack: Option<String>,
}

impl Filter {
    fn keeps(&self, app: &App, message: &Message) -> bool {
        let time = time_column(message);
        self.since.is_none_or(|since| time.is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| time.is_some_and(|time| time <= until))
            && self.from_me.is_none_or(|from_me| message.from_me == from_me)
            && self.ack.as_deref().is_none_or(|name| match message.ack {
                // whatsmeow's store has no error state: the filter finds what was never set.
                None => app.engine() == Engine::Gows && name == "ERROR",
                Some(ack) => dto::ack_name(Some(ack)) == name,
            })
    }
}

pub(crate) async fn list(call: &Call<'_>, session: &str, chat: &str) -> Outcome {
    let app = call.app;
    let engine = app.engine();
    call.working(session).await?;
    let mut query = Query::new(call);
    let (limit, offset) = (query.number("limit"), query.number("offset").unwrap_or(0));
    if app.profile.dialect.limit_required && call.param("limit").is_none() {
        query.fault("limit must be a number conforming to the specified constraints".to_owned());
    }
    let download = query.boolean("downloadMedia").unwrap_or(true);
    let merge = if app.can_merge() { query.boolean("merge").unwrap_or(true) } else { false };
    let sorts = app.profile.since(2025, 10, 5) && app.profile.dialect.extended_query;
    let ascending = sorts && {
        query.one_of("sortBy", &["timestamp", "messageTimestamp"]);
        query.ascending().unwrap_or(false)
    };
    let filters = app.profile.since(2024, 10, 9);
    let filter = Filter {
        since: if filters { query.number("filter.timestamp.gte") } else { None },
        until: if filters { query.number("filter.timestamp.lte") } else { None },
        from_me: if filters { query.boolean("filter.fromMe") } else { None },
        ack: if app.profile.since(2025, 4, 2) { query.one_of("filter.ack", &ACKS) } else { None },
    };
    query.check()?;
    call.with_store()?;
    if chat == "all" && engine.in_browser() {
        let detail = format!("Can not get messages from 'all' in {}", engine.name());
        return Err(not_implemented(app, &detail));
    }
    let limit = limit.unwrap_or(if app.profile.since(2025, 4, 0) { 10 } else { 100 });
    let mut rows = rows(app, chat, merge);
    let keeps = |message: &Message| filter.keeps(app, message);
    let rows = match engine {
        Engine::Webjs => {
            rows.retain(|message| dto::is_shown(app, message) && keeps(message));
            sql_page(rows, Some(limit).filter(|&limit| limit > 0), Some(offset))
        }
        Engine::Wpp => {
            // The page is cut first, filters shrink what is left of it.
            let limit = if limit == 0 { 10 } else { limit };
            let mut window = sql_page(rows, Some(offset.saturating_add(limit)), None);
            window.retain(|message| dto::is_shown(app, message) && keeps(message));
            if ascending {
                window.reverse();
            }
            sql_page(window, Some(limit), Some(offset))
        }
        Engine::Noweb | Engine::Gows => {
            rows.retain(keeps);
            if ascending {
                rows.reverse();
            }
            let limit = Some(limit).filter(|&limit| engine == Engine::Noweb || limit != 0);
            let mut page = sql_page(rows, limit, Some(offset));
            page.retain(|message| dto::is_shown(app, message));
            page
        }
    };
    Ok(Value::Array(rows.iter().map(|message| dto::message(app, message, download)).collect()).into())
}

/// Finds the message a path names.
pub(crate) fn find(
    call: &Call<'_>,
    chat: &str,
    id: &str,
    merge: bool,
) -> Result<Option<Message>, super::Reply> {
    let app = call.app;
    let id = message_ids::parse_or_bare(call, id, "getChatMessage")?;
    let found = |message: &&Message| {
        message.key == id.key
            && (!app.engine().in_browser() || id.from_me.is_none_or(|mine| mine == message.from_me))
    };
    // whatsmeow's store looks ids up without the chat; browsers take the chat from the id.
    let rows = match app.engine() {
        Engine::Gows => app.world.all_messages(),
        Engine::Noweb => rows(app, chat, merge),
        Engine::Webjs | Engine::Wpp => rows(app, id.chat.as_deref().unwrap_or(chat), merge),
    };
    Ok(rows.iter().find(found).cloned())
}

pub(crate) async fn get(call: &Call<'_>, session: &str, chat: &str, id: &str) -> Outcome {
    let app = call.app;
    call.working(session).await?;
    let mut query = Query::new(call);
    let download = query.boolean("downloadMedia").unwrap_or(true);
    let merge = if app.can_merge() { query.boolean("merge").unwrap_or(true) } else { false };
    query.check()?;
    call.with_store()?;
    match find(call, chat, id, merge)?.filter(|message| dto::is_shown(app, message)) {
        Some(message) => Ok(dto::message(app, &message, download).into()),
        None => Err(refused(404, "Message not found")),
    }
}

pub(crate) async fn read(call: &Call<'_>, session: &str, chat: &str) -> Outcome {
    let app = call.app;
    call.working(session).await?;
    let mut query = Query::new(call);
    let (messages, days) = (query.number("messages"), query.number("days").unwrap_or(7));
    query.check()?;
    call.with_store()?;
    Ok(json!({"ids": mark_read(app, chat, messages, days)}).into())
}

/// Marks messages as read and tells their ids, which browsers don't.
pub(crate) fn mark_read(app: &App, chat: &str, messages: Option<i64>, days: i64) -> Value {
    if app.engine().in_browser() {
        app.world.mark_chat_read(chat);
        return Value::Null;
    }
    // A slip of the server's: any number given means a hundred.
    let most = match messages {
        Some(_) => 100,
        None if ids::is_group(&ids::canonical(chat)) => 100,
        None => 30,
    };
    let oldest = app.world.now().saturating_sub(days.saturating_mul(86_400));
    let mut rows = rows(app, chat, true);
    rows.retain(|message| {
        !message.from_me && message.ack == Some(Ack::Device) && message.sent_at() >= oldest
    });
    rows.truncate(most);
    for message in &rows {
        app.world.mark_read(&message.chat, std::slice::from_ref(&message.key));
    }
    // Reading anything clears the mark set by hand.
    app.world.change_chat(chat, |chat| chat.marked_unread = false);
    json!(rows.iter().map(|message| message_ids::full_id(&app.world, message)).collect::<Vec<_>>())
}
