//! Chats, and what the journal has of them.

use serde_json::{Value, json};

use super::entry::is_served;
use super::journal::{Entry, What};
use super::reply::{Answer, Reply};
use super::route::Call;
use crate::world::{Content, ids};

/// `getChats`: last active first, nothing but `count`.
pub(super) fn list(call: &Call<'_>) -> Answer {
    let count = call.query_number("count", u64::MAX)?;
    let gateway = call.gateway;
    let mut chats = gateway.world.chats();
    chats.retain(|chat| is_served(&chat.id));
    chats.sort_by_key(|chat| std::cmp::Reverse(chat.last_activity_ms));
    let chats: Vec<Value> = chats
        .into_iter()
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .map(|chat| {
            let set_at = gateway.inner().timers.get(&chat.id).copied();
            let first_seen = chat.created_ms.unwrap_or(0).div_euclid(1000);
            let set_at = set_at.or((chat.ephemeral_seconds > 0).then_some(first_seen));
            json!({
                "archive": chat.archived,
                "id": chat.id,
                "name": chat.name.unwrap_or_default(),
                "type": if ids::is_group(&chat.id) { "group" } else { "user" },
                "ephemeralExpiration": chat.ephemeral_seconds,
                "ephemeralSettingTimestamp": set_at.unwrap_or(0),
            })
        })
        .collect();
    Ok(Reply::json(&chats))
}

/// `getChatHistory`: the newest `count` entries of a chat.
pub(super) fn history(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let count = call.number("count")?.unwrap_or(100);
    let gateway = call.gateway;
    let mut entries: Vec<Value> = Vec::new();
    if gateway.profile.ghosts.contains(&chat) {
        entries.push(json!({"type": "outgoing", "typeMessage": ""}));
    }
    entries.extend(gateway.history(&chat).iter().map(|entry| gateway.entry_json(entry)));
    entries.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    Ok(Reply::json(&entries))
}

/// `getMessage`: any entry of the journal by its id.
pub(super) fn message(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let id = call.text("idMessage")?;
    let entries = call.gateway.history(&chat);
    match entries.iter().find(|entry| entry.id == id) {
        Some(entry) => Ok(Reply::json(&call.gateway.entry_json(entry))),
        None => Err(call.error(400, &format!("Message not found by id {id}"))),
    }
}

fn is_call(entry: &Entry) -> bool {
    matches!((&entry.what, &entry.message.content), (What::Message, Content::Call(_)))
}

/// The entries of all chats within the last `minutes`, a day without it.
fn last(call: &Call<'_>, outgoing: bool, calls: bool) -> Answer {
    let minutes = i64::try_from(call.query_number("minutes", 1440)?).unwrap_or(i64::MAX);
    let gateway = call.gateway;
    let since = gateway.world.now_ms().saturating_sub(minutes.saturating_mul(60_000));
    let entries: Vec<Value> = gateway
        .journal()
        .iter()
        .filter(|entry| entry.outgoing() == outgoing && entry.at_ms >= since && is_call(entry) == calls)
        .map(|entry| gateway.entry_json(entry))
        .collect();
    Ok(Reply::json(&entries))
}

/// `lastIncomingMessages`
pub(super) fn last_incoming(call: &Call<'_>) -> Answer {
    last(call, false, false)
}

/// `lastOutgoingMessages`
pub(super) fn last_outgoing(call: &Call<'_>) -> Answer {
    last(call, true, false)
}

/// `lastIncomingCalls`
pub(super) fn last_incoming_calls(call: &Call<'_>) -> Answer {
    last(call, false, true)
}

/// `lastOutgoingCalls`
pub(super) fn last_outgoing_calls(call: &Call<'_>) -> Answer {
    last(call, true, true)
}

/// `downloadFile`: an address, not the bytes.
pub(super) fn download(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let id = call.text("idMessage")?;
    let message = call.gateway.world.message(&chat, id);
    let Some(message) = message.filter(|message| message.content.media().is_some()) else {
        return Err(call.error(400, &format!("Message not found by id {id}")));
    };
    let url = call.gateway.media_url(&message);
    if !url.starts_with("http") {
        let text = format!("File message encrypted url not found by chatId {chat} and idMessage {id}");
        return Err(call.error(400, &text));
    }
    Ok(Reply::json(&json!({"downloadUrl": url})))
}
