//! `GET /chats` and the three changes a chat can take.

use serde::Serialize;
use serde_json::json;

use super::call::{Call, truth};
use super::gateway::required;
use super::profile::Version;
use super::reply::{Answer, Reply};
use super::rows::{ChatRow, like, shown_time};
use crate::world::ids;

/// A chat on the wire.
#[derive(Serialize)]
pub(super) struct ChatBody {
    jid: String,
    name: String,
    last_message_time: String,
    ephemeral_expiration: u32,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct Pagination {
    pub(super) limit: i64,
    pub(super) offset: i64,
    pub(super) total: usize,
}

#[derive(Serialize)]
struct ChatPage {
    data: Vec<ChatBody>,
    pagination: Pagination,
}

impl ChatBody {
    pub(super) fn of(row: &ChatRow, version: Version) -> Self {
        Self {
            jid: row.jid.clone(),
            name: row.shown_name(version),
            last_message_time: shown_time(row.last_ms),
            ephemeral_expiration: row.ephemeral,
            created_at: shown_time(Some(row.created_ms)),
            updated_at: shown_time(row.last_ms.or(Some(row.created_ms))),
            archived: (version >= Version::V8_3_3).then_some(row.archived),
        }
    }

    /// What stands for a chat that has no row (v8.9.0 and later).
    pub(super) fn unknown(jid: &str, version: Version) -> Self {
        Self {
            jid: jid.to_owned(),
            name: super::rows::shown_name(jid, "", version),
            last_message_time: String::new(),
            ephemeral_expiration: 0,
            created_at: String::new(),
            updated_at: String::new(),
            archived: Some(false),
        }
    }
}

/// `limit` and `offset`, checked. A limit of 0 means the default.
pub(super) fn window(call: &Call<'_>, default: i64) -> Result<(i64, i64), Reply> {
    let limit = match call.query_number("limit", default) {
        0 => default,
        limit => limit,
    };
    let offset = call.query_number("offset", 0);
    let mut complaints = Vec::new();
    if limit < 1 {
        complaints.push("limit: must be no less than 1");
    } else if limit > 100 {
        complaints.push("limit: must be no greater than 100");
    }
    if offset < 0 {
        complaints.push("offset: must be no less than 0");
    }
    if complaints.is_empty() {
        return Ok((limit, offset));
    }
    Err(Reply::invalid(&format!("{}.", complaints.join("; "))))
}

/// The part of a list that a window shows.
pub(super) fn cut<T>(rows: impl IntoIterator<Item = T>, limit: i64, offset: i64) -> impl Iterator<Item = T> {
    let (limit, offset) = (usize::try_from(limit).unwrap_or(0), usize::try_from(offset).unwrap_or(0));
    rows.into_iter().skip(offset).take(limit)
}

/// `GET /chats`
pub(super) fn list(call: &Call<'_>) -> Answer {
    let (limit, offset) = window(call, 25)?;
    let gateway = call.gateway;
    let all = gateway.chat_rows(call.slot.as_ref());
    let total_of_all = all.len();
    let search = call.query("search");
    let wanted = format!("%{search}%");
    let has_media = call.query_flag("has_media");
    let archived = call.query("archived");
    // Known by the parameter's presence: text that is no boolean asks for those not archived.
    let archived =
        (!archived.is_empty() && call.since(Version::V8_3_3)).then(|| truth(archived) == Some(true));
    let rows: Vec<ChatRow> = all
        .into_iter()
        .filter(|row| search.is_empty() || like(&wanted, &row.stored_name))
        .filter(|row| archived.is_none_or(|archived| row.archived == archived))
        .filter(|row| {
            let media = |jid: &str| {
                gateway.message_rows(jid).iter().any(|row| !matches!(row.media_type, "" | "call"))
            };
            !has_media || media(&row.jid)
        })
        .collect();
    let total = if call.since(Version::V8_3_3) { rows.len() } else { total_of_all };
    let data = cut(&rows, limit, offset).map(|row| ChatBody::of(row, call.version())).collect();
    let page = ChatPage { data, pagination: Pagination { limit, offset, total } };
    Ok(Reply::results("Success get chat list", page))
}

/// The chat of a path. Since v9.0.0 its escapes are decoded; before, `%40` stays `%40`.
pub(super) fn chat_jid(call: &Call<'_>) -> Result<String, Reply> {
    let raw = call.param();
    if !call.since(Version::V9) {
        return Ok(raw.to_owned());
    }
    for (at, _) in raw.match_indices('%') {
        let escape: String =
            raw.chars().skip(raw.get(..at).map_or(0, |s| s.chars().count())).take(3).collect();
        if escape.len() < 3 || !escape.chars().skip(1).all(|c| c.is_ascii_hexdigit()) {
            let text = format!("invalid chat_jid path parameter: invalid URL escape \"{escape}\"");
            return Err(Reply::error(400, "BAD_REQUEST", &text));
        }
    }
    Ok(percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned())
}

/// What the three changes have in common: path, body, and the chat behind them, once WhatsApp can be asked.
fn target<T>(
    call: &Call<'_>,
    read: impl FnOnce(&super::call::Form) -> Result<T, Reply>,
    check: impl FnOnce(&T) -> Result<(), Reply>,
) -> Result<(String, String, T), Reply> {
    let bad_body = || Reply::error(400, "BAD_REQUEST", "Invalid request body");
    let jid = chat_jid(call)?;
    let form = call.form().map_err(|_| bad_body())?;
    let value = read(&form).map_err(|_| bad_body())?;
    required(&[("chat_jid", &jid)])?;
    check(&value)?;
    call.gateway.client(call.slot.as_ref())?;
    let chat = call.gateway.recipient(call.slot.as_ref(), &jid)?;
    Ok((jid, chat, value))
}

/// `POST /chat/{chat_jid}/pin`; the pin is WhatsApp's alone, no row has it.
pub(super) fn pin(call: &Call<'_>) -> Answer {
    let (jid, chat, pinned) = target(call, |form| form.flag("pinned"), |_| Ok(()))?;
    call.gateway.world.pin_chat(&chat, pinned);
    let message = if pinned { "Chat pinned successfully" } else { "Chat unpinned successfully" };
    let results = json!({"status": "success", "message": message, "chat_jid": jid, "pinned": pinned});
    Ok(Reply::results(message, results))
}

/// `POST /chat/{chat_jid}/archive`
pub(super) fn archive(call: &Call<'_>) -> Answer {
    let (jid, chat, archived) = target(call, |form| form.flag("archived"), |_| Ok(()))?;
    let gateway = call.gateway;
    let before = gateway.find_chat(call.slot.as_ref(), &ids::protocol(&chat)).map(|row| row.archived);
    gateway.world.archive(&chat, archived);
    follow(&mut gateway.inner().local.archived, &jid, &chat, before);
    let message = if archived { "Chat archived successfully" } else { "Chat unarchived successfully" };
    let results = json!({"status": "success", "message": message, "chat_jid": jid, "archived": archived});
    Ok(Reply::results(message, results))
}

/// `POST /chat/{chat_jid}/disappearing`
pub(super) fn disappearing(call: &Call<'_>) -> Answer {
    let read = |form: &super::call::Form| {
        let seconds = form.number("timer_seconds")?.unwrap_or(0);
        u32::try_from(seconds).map_err(|_| Reply::internal("not a number of seconds"))
    };
    let check = |seconds: &u32| {
        if matches!(seconds, 0 | 86_400 | 604_800 | 7_776_000) {
            return Ok(());
        }
        Err(Reply::invalid(
            "timer_seconds: timer_seconds must be one of: 0 (off), 86400 (24h), 604800 (7d), 7776000 (90d).",
        ))
    };
    let (jid, chat, seconds) = target(call, read, check)?;
    let gateway = call.gateway;
    let before = gateway.find_chat(call.slot.as_ref(), &ids::protocol(&chat)).map(|row| row.ephemeral);
    gateway.world.set_ephemeral(&chat, seconds);
    follow(&mut gateway.inner().local.timers, &jid, &chat, before);
    let message = match seconds {
        0 => "Disappearing messages disabled".to_owned(),
        seconds => format!("Disappearing messages set to {seconds} seconds"),
    };
    let results = json!({"status": "success", "message": message, "chat_jid": jid, "timer_seconds": seconds});
    Ok(Reply::results(&message, results))
}

/// A row follows a change only when the path was exactly its JID; otherwise it keeps what it said before.
fn follow<T>(rows: &mut std::collections::BTreeMap<String, T>, jid: &str, chat: &str, before: Option<T>) {
    if jid == ids::protocol(chat) {
        rows.remove(chat);
    } else if let Some(before) = before {
        rows.insert(chat.to_owned(), before);
    }
}
