//! `/devices…` (v8.0.0 and later): the slots for accounts. Path ids are taken as they were sent, escapes and all.

use serde::Serialize;
use serde_json::{Value, json};

use super::app;
use super::call::Call;
use super::gateway::Gateway;
use super::profile::{Slot, Version, Webhook};
use super::reply::{Answer, Reply};
use crate::world::ids;

/// A slot as lists show it: what is empty is left out.
#[derive(Serialize)]
struct Device {
    id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    phone_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    display_name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    jid: String,
    created_at: String,
}

fn created_at(slot: &Slot) -> String {
    let time = chrono::DateTime::from_timestamp_millis(slot.created_ms).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn state(gateway: &Gateway, slot: &Slot) -> &'static str {
    match gateway.connection(Some(slot)) {
        (true, true) => "logged_in",
        (true, false) => "connected",
        (false, true) => "connecting",
        (false, false) => "disconnected",
    }
}

fn device(gateway: &Gateway, slot: &Slot) -> Device {
    let jid = gateway.jid_of(Some(slot));
    let name = if jid.is_empty() { String::new() } else { gateway.world.account().name };
    Device {
        id: slot.id.clone(),
        phone_number: ids::user_of(&jid).to_owned(),
        display_name: name,
        state: state(gateway, slot),
        jid,
        created_at: created_at(slot),
    }
}

fn asked(call: &Call<'_>) -> Option<Slot> {
    call.gateway.inner().slots.iter().find(|slot| slot.id == call.param()).cloned()
}

fn known(call: &Call<'_>) -> Result<Slot, Reply> {
    asked(call).ok_or_else(|| Reply::internal(&format!("device {} not found", call.param())))
}

/// `GET /devices`
pub(super) fn list(call: &Call<'_>) -> Answer {
    let slots = call.gateway.inner().slots.clone();
    let devices: Vec<Device> = slots.iter().map(|slot| device(call.gateway, slot)).collect();
    Ok(Reply::results("List devices", (!devices.is_empty()).then_some(devices)))
}

/// `POST /devices`
pub(super) fn add(call: &Call<'_>) -> Answer {
    let bad_body = |_| Reply::error(400, "BAD_REQUEST", "Invalid request body");
    let form = call.form().map_err(|_| Reply::error(400, "BAD_REQUEST", "Invalid request body"))?;
    let mut id = form.text("device_id").map_err(bad_body)?.trim().to_owned();
    let hooked = call.since(Version::V8_10);
    let webhook = Webhook {
        url: form.text("webhook_url").map_err(bad_body)?,
        secret: form.text("webhook_secret").map_err(bad_body)?,
        events: form.text("webhook_events").map_err(bad_body)?,
        insecure: form.flag("webhook_insecure_skip_verify").map_err(bad_body)?,
    };
    let webhook = (hooked && webhook != Webhook::default()).then_some(webhook);
    if id.is_empty() {
        id = call.gateway.uuid();
    }
    let slot = Slot { id, main: false, created_ms: call.gateway.world.now_ms(), webhook };
    {
        let mut inner = call.gateway.inner();
        if inner.slots.iter().any(|known| known.id == slot.id) {
            return Err(Reply::internal(&format!("device {} already exists", slot.id)));
        }
        inner.slots.push(slot.clone());
    }
    let mut results = json!({
        "id": slot.id,
        "display_name": "",
        "jid": "",
        "state": "disconnected",
        "created_at": created_at(&slot),
    });
    if let (Some(results), Some(webhook)) = (results.as_object_mut(), &slot.webhook) {
        results.extend(webhook_fields(webhook));
    }
    Ok(Reply::results("Device added", results))
}

/// `GET /devices/{id}`
pub(super) fn get(call: &Call<'_>) -> Answer {
    let slot = known(call)?;
    Ok(Reply::results("Device info", device(call.gateway, &slot)))
}

/// `DELETE /devices/{id}`; what isn't there is removed all the same.
pub(super) fn remove(call: &Call<'_>) -> Answer {
    call.gateway.inner().slots.retain(|slot| slot.id != call.param());
    Ok(Reply::done("Device removed"))
}

/// `GET /devices/{id}/login`
pub(super) fn login(call: &Call<'_>) -> Answer {
    let slot = known(call)?;
    let results = app::qr(call, Some(&slot))?;
    Ok(Reply::results("Login success", results))
}

/// `POST /devices/{id}/login/code`
pub(super) fn login_code(call: &Call<'_>) -> Answer {
    let slot = known(call)?;
    let results = app::pair_code(call, Some(&slot))?;
    Ok(Reply::results("Login with code started", results))
}

/// `POST /devices/{id}/logout`
pub(super) fn logout(call: &Call<'_>) -> Answer {
    let slot = known(call)?;
    app::unlink(call, Some(&slot));
    Ok(Reply::done("Logout requested"))
}

/// `POST /devices/{id}/reconnect`
pub(super) fn reconnect(call: &Call<'_>) -> Answer {
    let slot = known(call)?;
    app::connect_again(call, Some(&slot), &slot.id)?;
    Ok(Reply::done("Reconnect requested"))
}

/// `GET /devices/{id}/status`
pub(super) fn status(call: &Call<'_>) -> Answer {
    let slot = known(call)?;
    let (connected, logged_in) = call.gateway.connection(Some(&slot));
    let results = json!({"device_id": slot.id, "is_connected": connected, "is_logged_in": logged_in});
    Ok(Reply::results("Device status", results))
}

fn webhook_fields(webhook: &Webhook) -> serde_json::Map<String, Value> {
    let fields = json!({
        "webhook_url": webhook.url,
        "webhook_secret": webhook.secret,
        "webhook_events": webhook.events,
        "webhook_insecure_skip_verify": webhook.insecure,
    });
    if let Value::Object(fields) = fields { fields } else { serde_json::Map::new() }
}

/// The only routes that say `NOT_FOUND`.
fn hooked(call: &Call<'_>) -> Result<Slot, Reply> {
    asked(call).ok_or_else(|| Reply::error(404, "NOT_FOUND", "device not found"))
}

fn webhook_answer(slot: &Slot, message: &str) -> Reply {
    let mut fields = webhook_fields(slot.webhook.as_ref().unwrap_or(&Webhook::default()));
    fields.insert("device_id".to_owned(), json!(slot.id));
    Reply::results(message, fields)
}

/// `GET /devices/{id}/webhook` (v8.10.0 and later)
pub(super) fn webhook(call: &Call<'_>) -> Answer {
    Ok(webhook_answer(&hooked(call)?, "Device webhook retrieved"))
}

/// `PATCH /devices/{id}/webhook`: replaces the whole setting, what is left out becomes empty.
pub(super) fn set_webhook(call: &Call<'_>) -> Answer {
    let bad_body = |_| Reply::error(400, "BAD_REQUEST", "Invalid request body");
    let form = call.form().map_err(|_| Reply::error(400, "BAD_REQUEST", "Invalid request body"))?;
    if !form.has("webhook_url") {
        return Err(Reply::error(400, "BAD_REQUEST", "webhook_url is required"));
    }
    let webhook = Webhook {
        url: form.text("webhook_url").map_err(bad_body)?,
        secret: form.text("webhook_secret").map_err(bad_body)?,
        events: form.text("webhook_events").map_err(bad_body)?,
        insecure: form.flag("webhook_insecure_skip_verify").map_err(bad_body)?,
    };
    let mut slot = hooked(call)?;
    slot.webhook = Some(webhook);
    for known in &mut call.gateway.inner().slots {
        if known.id == slot.id {
            known.webhook.clone_from(&slot.webhook);
        }
    }
    super::socket::webhook_updated(call.gateway, &slot.id);
    Ok(webhook_answer(&slot, "Device webhook updated"))
}
