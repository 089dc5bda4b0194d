//! `GET /chat/{chat_jid}/messages`.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::call::{Call, truth};
use super::chats::{ChatBody, Pagination, chat_jid, cut, window};
use super::profile::Version;
use super::reply::{Answer, Reply};
use super::rows::{MessageRow, like, shown_time, stored_time};
use crate::world::ids;

#[derive(Serialize)]
struct MessageBody {
    id: String,
    chat_jid: String,
    sender_jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_display_name: Option<String>,
    content: String,
    timestamp: String,
    is_from_me: bool,
    media_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<ReactionBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_metadata: Option<String>,
    filename: String,
    url: String,
    file_length: u64,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct ReactionBody {
    emoji: String,
    sender_jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_display_name: Option<String>,
    is_from_me: bool,
    timestamp: String,
}

#[derive(Serialize)]
struct MessagePage {
    data: Vec<MessageBody>,
    pagination: Pagination,
    chat_info: ChatBody,
}

/// The list of a chat's messages, newest first.
pub(super) fn list(call: &Call<'_>) -> Answer {
    let jid = chat_jid(call)?;
    let (limit, offset) = window(call, 50)?;
    let Some(chat) = call.gateway.find_chat(call.slot.as_ref(), &jid) else {
        if !call.since(Version::V8_9) {
            return Err(Reply::internal(&format!("chat with JID {jid} not found")));
        }
        let page = MessagePage {
            data: Vec::new(),
            pagination: Pagination { limit, offset, total: 0 },
            chat_info: ChatBody::unknown(&jid, call.version()),
        };
        return Ok(Reply::results("Success get chat messages", page));
    };
    let start = moment(call, "start_time")?;
    let end = moment(call, "end_time")?;
    let all = call.gateway.message_rows(&jid);
    let total = all.len();
    let search = call.query("search");
    let rows: Vec<MessageRow> = if search.is_empty() {
        let from_me = call.query("is_from_me");
        let from_me = (!from_me.is_empty()).then(|| truth(from_me) == Some(true));
        let media_only = call.query_flag("media_only");
        let stored = |row: &MessageRow| {
            let time = DateTime::from_timestamp_millis(row.at_ms).unwrap_or_default();
            stored_time(&time.fixed_offset())
        };
        let kept = all.into_iter().filter(|row| {
            (!media_only || !matches!(row.media_type, "" | "call"))
                && from_me.is_none_or(|from_me| row.from_me == from_me)
                && start.as_ref().is_none_or(|start| stored(row) >= *start)
                && end.as_ref().is_none_or(|end| stored(row) <= *end)
        });
        cut(kept, limit, offset).collect()
    } else if search.trim().is_empty() {
        Vec::new()
    } else {
        // The query is lowered as Unicode, the content as ASCII: capital letters outside ASCII never meet.
        let wanted = format!("%{}%", search.to_lowercase());
        cut(all.into_iter().filter(|row| like(&wanted, &row.content)), limit, 0).collect()
    };
    let page = MessagePage {
        data: rows.into_iter().map(|row| body(call, row)).collect(),
        pagination: Pagination { limit, offset, total },
        chat_info: ChatBody::of(&chat, call.version()),
    };
    Ok(Reply::results("Success get chat messages", page))
}

/// A time of the query as SQLite compares it.
fn moment(call: &Call<'_>, name: &str) -> Result<Option<String>, Reply> {
    let text = call.query(name);
    if text.is_empty() {
        return Ok(None);
    }
    // Go wants the `T`; chrono would take a space for it.
    let strict = text.as_bytes().get(10) == Some(&b'T');
    let time: Option<DateTime<FixedOffset>> = DateTime::parse_from_rfc3339(text).ok().filter(|_| strict);
    match time {
        Some(time) => Ok(Some(stored_time(&time))),
        None => Err(Reply::internal(&format!(
            "invalid {name} format: parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse"
        ))),
    }
}

fn body(call: &Call<'_>, row: MessageRow) -> MessageBody {
    let named = call.since(Version::V9_0_1);
    let name = |jid: &str, from_me: bool| named.then(|| call.gateway.display_name(jid, from_me));
    let reactions = row.reactions.iter().filter(|_| call.since(Version::V8_6)).map(|reaction| {
        let jid = ids::protocol(&reaction.sender);
        ReactionBody {
            emoji: reaction.emoji.clone(),
            sender_display_name: name(&jid, reaction.from_me),
            sender_jid: jid,
            is_from_me: reaction.from_me,
            timestamp: shown_time(Some(reaction.at_ms)),
        }
    });
    MessageBody {
        id: row.id,
        chat_jid: row.chat_jid,
        sender_display_name: name(&row.sender, row.from_me),
        reactions: reactions.collect(),
        sender_jid: row.sender,
        content: row.content,
        timestamp: shown_time(Some(row.at_ms)),
        is_from_me: row.from_me,
        media_type: row.media_type,
        call_metadata: row.call_metadata,
        filename: row.filename,
        url: row.url,
        file_length: row.length,
        created_at: shown_time(Some(row.at_ms)),
        updated_at: shown_time(Some(row.at_ms)),
    }
}
