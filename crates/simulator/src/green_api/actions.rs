//! Changes of chats and messages.

use serde_json::json;

use super::reply::{Answer, Reply};
use super::route::Call;
use crate::world::ids;

/// `readChat`: the whole chat, or up to a message.
pub(super) fn read(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let world = &call.gateway.world;
    match call.optional_text("idMessage")? {
        None => {
            world.mark_chat_read(&chat);
        }
        Some(id) => {
            let Some(last) = world.message(&chat, id) else {
                return Err(call.error(400, &format!("Message not found by id {id}")));
            };
            let older = world.messages(&chat).into_iter().filter(|m| m.sent_at_ms <= last.sent_at_ms);
            let keys: Vec<String> = older.map(|message| message.key).collect();
            world.mark_read(&chat, &keys);
        }
    }
    Ok(Reply::json(&json!({"setRead": true})))
}

/// `archiveChat`
pub(super) fn archive(call: &Call<'_>) -> Answer {
    set_archived(call, true)
}

/// `unarchiveChat`
pub(super) fn unarchive(call: &Call<'_>) -> Answer {
    set_archived(call, false)
}

/// 200 with an empty body. It needs the journal of incoming messages, and a message in the chat.
fn set_archived(call: &Call<'_>, archived: bool) -> Answer {
    let id = call.chat("chatId")?;
    let gateway = call.gateway;
    let Some(chat) = gateway.world.chat(&id) else {
        return Err(call.error(400, &format!("chat with id {id} not found")));
    };
    if chat.archived == archived {
        return Err(call.error(400, &format!("chat with id {id} already archive={archived}")));
    }
    if !gateway.on("incomingWebhook") || gateway.world.messages(&id).is_empty() {
        let text = "ArchiveChatError: cannot archive chat cause last message not found in chat";
        return Err(call.error(400, text));
    }
    gateway.world.archive(&id, archived);
    Ok(Reply::empty())
}

/// `setDisappearingChat`: four values.
pub(super) fn disappearing(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let seconds = call.number("ephemeralExpiration")?;
    let Some(seconds @ (0 | 86_400 | 604_800 | 7_776_000)) = seconds else {
        return Err(call.invalid("'ephemeralExpiration' must be one of [0, 86400, 604800, 7776000]"));
    };
    let gateway = call.gateway;
    if !gateway.world.set_ephemeral(&chat, u32::try_from(seconds).unwrap_or(0)) {
        return Err(call.error(400, &format!("chat with id {chat} not found")));
    }
    let now = gateway.world.now();
    gateway.inner().timers.insert(chat.clone(), now);
    Ok(Reply::json(&json!({
        "chatId": chat,
        "disappearingMessagesInChat": seconds > 0,
        "ephemeralExpiration": seconds,
    })))
}

/// `editMessage`: own texts. The answer has the id of the edit, which is an entry of its own in the journal.
pub(super) fn edit(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let id = call.text("idMessage")?;
    let text = call.text("message")?;
    if text.chars().count() > 20_000 {
        return Err(call.invalid("'message' length must be less than or equal to 20000 characters long"));
    }
    let gateway = call.gateway;
    let Some(message) = gateway.world.message(&chat, id).filter(|message| message.from_me) else {
        return Err(call.error(400, "Message by id not found"));
    };
    gateway.keep(&message);
    let edit_id = gateway.world.new_key();
    gateway.inner().edit_ids.insert((chat.clone(), id.to_owned()), edit_id.clone());
    gateway.world.edit_message_as(&chat, id, text, &edit_id);
    Ok(Reply::json(&json!({"idMessage": edit_id})))
}

/// `deleteMessage`: for everyone, with `onlySenderDelete` for the account alone. 200 with an empty body.
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let chat = call.chat("chatId")?;
    let id = call.text("idMessage")?;
    let gateway = call.gateway;
    let Some(message) = gateway.world.message(&chat, id) else {
        return Err(call.error(400, "Message by id not found"));
    };
    if call.flag("onlySenderDelete") {
        gateway.world.delete_message(&chat, id);
        return Ok(Reply::empty());
    }
    // Others' messages can be taken back in groups alone; elsewhere WhatsApp takes no notice.
    if message.from_me || ids::is_group(&chat) {
        gateway.keep(&message);
        let deletion_id = gateway.world.new_key();
        let (now, own) = (gateway.world.now_ms(), gateway.world.account().id);
        gateway.inner().deletions.insert((chat.clone(), id.to_owned()), (deletion_id.clone(), now));
        gateway.world.revoke_message_as(&chat, id, Some(&own), &deletion_id);
    }
    Ok(Reply::empty())
}
