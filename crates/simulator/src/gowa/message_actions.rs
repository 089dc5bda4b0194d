//! `/message/{id}/…`: receipts, stars, reactions, edits, deletions, forwarding.

use serde_json::json;

use super::call::{Call, Form};
use super::gateway::{required, sanitized};
use super::profile::Version;
use super::reply::{Answer, Reply};
use super::send::{duration, sent};
use crate::world::{Content, Message, ids};

/// The chat of a body, once it passed the checks that all these calls share.
struct Target {
    /// As the request gave it, completed to a JID.
    phone: String,
    chat: String,
    id: String,
}

fn target(call: &Call<'_>, form: &Form, more: &[(&str, &str)]) -> Result<Target, Reply> {
    let phone = sanitized(&form.text("phone")?);
    let id = call.param().to_owned();
    let mut fields = vec![("phone", phone.as_str()), ("message_id", id.as_str())];
    fields.extend_from_slice(more);
    required(&fields)?;
    call.gateway.client(call.slot.as_ref())?;
    let chat = call.gateway.recipient(call.slot.as_ref(), &phone)?;
    Ok(Target { phone, chat, id })
}

impl Target {
    fn message(&self, call: &Call<'_>) -> Option<Message> {
        call.gateway.world.message(&self.chat, &self.id)
    }
}

/// `POST /message/{id}/read`: a receipt for this one message. It names the account as the writer, so that WhatsApp
/// takes no notice of it in groups.
pub(super) fn read(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let target = target(call, &form, &[])?;
    if ids::is_person(&target.chat) {
        call.gateway.world.mark_read(&target.chat, std::slice::from_ref(&target.id));
    }
    let status = format!("Mark as read success {}", target.id);
    Ok(Reply::results(&status, json!({"message_id": target.id, "status": status})))
}

/// `POST /message/{id}/star`
pub(super) fn star(call: &Call<'_>) -> Answer {
    mark(call, true, "Starred message successfully")
}

/// `POST /message/{id}/unstar`
pub(super) fn unstar(call: &Call<'_>) -> Answer {
    mark(call, false, "Unstarred message successfully")
}

fn mark(call: &Call<'_>, starred: bool, done: &str) -> Answer {
    let form = call.form_or_internal()?;
    let target = target(call, &form, &[])?;
    call.gateway.world.star_message(&target.chat, &target.id, starred);
    Ok(Reply::done(done))
}

/// `POST /message/{id}/reaction`; the gateway's own row doesn't learn of it.
pub(super) fn reaction(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let emoji = form.text("emoji")?;
    // Taking a reaction back came with v8.3.4.
    let more: &[(&str, &str)] = if call.since(Version::V8_3_4) { &[] } else { &[("emoji", &emoji)] };
    let target = target(call, &form, more)?;
    call.gateway.accepts(&target.phone, &target.chat, false)?;
    let key = call.gateway.world.new_key();
    if let Some(message) = target.message(call) {
        call.gateway.keep(&message);
        call.gateway.world.react_as(&target.chat, &target.id, None, &emoji, &key);
    }
    Ok(sent(call, "Reaction sent to", &target.phone, &key))
}

/// `POST /message/{id}/update`: WhatsApp takes it for own messages alone; the gateway's row keeps the old text.
pub(super) fn update(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let text = form.text("message")?;
    let target = target(call, &form, &[("message", &text)])?;
    call.gateway.accepts(&target.phone, &target.chat, false)?;
    let key = call.gateway.world.new_key();
    if let Some(message) = target.message(call).filter(|message| message.from_me) {
        call.gateway.keep(&message);
        call.gateway.world.edit_message_as(&target.chat, &target.id, &text, &key);
    }
    Ok(sent(call, "Update message success", &target.phone, &key))
}

/// `POST /message/{id}/revoke`: for everyone. Of others' messages only those in groups can go (v8.4.0 and later).
pub(super) fn revoke(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let target = target(call, &form, &[])?;
    call.gateway.accepts(&target.phone, &target.chat, false)?;
    let key = call.gateway.world.new_key();
    if let Some(message) = target.message(call) {
        let as_admin = ids::is_group(&target.chat) && call.since(Version::V8_4);
        if message.from_me || as_admin {
            leave_row(call, &message);
            let own = call.gateway.world.account().id;
            call.gateway.world.revoke_message_as(&target.chat, &target.id, Some(&own), &key);
        }
    }
    Ok(sent(call, "Revoke success", &target.phone, &key))
}

/// `POST /message/{id}/delete`: for the account alone.
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let target = target(call, &form, &[])?;
    if let Some(message) = target.message(call) {
        leave_row(call, &message);
        call.gateway.world.delete_message(&target.chat, &target.id);
    }
    Ok(Reply::done("Message deleted successfully"))
}

/// Up to v9.2.0 the row of a deleted message stays in the gateway's history.
fn leave_row(call: &Call<'_>, message: &Message) {
    if call.since(Version::AFTER_V9_2) {
        call.gateway.forget(&message.chat, &message.key);
    } else {
        call.gateway.keep(message);
    }
}

/// `POST /message/{id}/forward` (v8.11.0 and later). Storage is asked before the client.
pub(super) fn forward(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let phone = sanitized(&form.text("phone")?);
    let id = call.param();
    required(&[("phone", &phone), ("message_id", id)])?;
    super::send::international(&phone)?;
    duration(&form)?;
    let gateway = call.gateway;
    let Some(row) = gateway.find_message(call.slot.as_ref(), id) else {
        return Err(Reply::internal(&format!("message with ID {id} not found")));
    };
    let plain = row.media_type.is_empty();
    let card = row.content.starts_with("Contact:") || row.content.starts_with("Contacts:");
    let place = row.content.contains("https://maps.google.com/?q=");
    if row.media_type == "call" || (plain && (row.content.trim().is_empty() || card || place)) {
        return Err(Reply::invalid("unsupported message type for forward"));
    }
    gateway.client(call.slot.as_ref())?;
    let chat = gateway.recipient(call.slot.as_ref(), &phone)?;
    gateway.accepts(&phone, &chat, true)?;
    // Places, cards and polls that this gateway sent itself go out as the text that its row has.
    let content = if plain { Content::Text(row.content) } else { row.message.content };
    let message = gateway.world.send_message(Message::new(&chat, "", content).forwarded());
    Ok(sent(call, "Message forwarded to", &phone, &message.key))
}
