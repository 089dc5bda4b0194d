//! `/app/…`: the account's connection, pairing, and the one probe of the version.

use serde_json::{Value, json};

use super::call::Call;
use super::gateway::Gateway;
use super::profile::{Slot, Version};
use super::reply::{Answer, Reply};
use crate::world::Session;

/// `GET /app/info` (v9.0.0 and later); needs no device.
pub(super) fn info(call: &Call<'_>) -> Answer {
    let results = json!({
        "version": call.version().to_string(),
        "os": "linux",
        "base_path": call.gateway.profile.base_path,
        "max_file_size": 50_000_000,
        "max_video_size": 100_000_000,
        "max_image_size": 20_000_000,
        "chatwoot_enabled": false,
    });
    Ok(Reply::results("Fetch app info success", results))
}

/// What the slot is called in answers; version 7 names the linked device.
fn device_id(call: &Call<'_>) -> String {
    match &call.slot {
        Some(slot) => slot.id.clone(),
        None if call.gateway.jid_of(None).is_empty() => String::new(),
        None => call.gateway.device_jid(),
    }
}

/// `GET /app/status`
pub(super) fn status(call: &Call<'_>) -> Answer {
    let (connected, logged_in) = call.gateway.connection(call.slot.as_ref());
    let mut results = json!({
        "is_connected": connected,
        "is_logged_in": logged_in,
        "device_id": device_id(call),
    });
    if call.since(Version::V8_8)
        && let Some(results) = results.as_object_mut()
    {
        results.insert("jid".to_owned(), json!(call.gateway.jid_of(call.slot.as_ref())));
    }
    Ok(Reply::results("Connection status retrieved", results))
}

/// `GET /app/devices`
pub(super) fn devices(call: &Call<'_>) -> Answer {
    let listed = listed(call.gateway);
    let results = if listed.is_empty() { Value::Null } else { Value::from(listed) };
    Ok(Reply::results("Fetch device success", results))
}

/// The devices with an account's name.
pub(super) fn listed(gateway: &Gateway) -> Vec<Value> {
    let since = |version| gateway.profile.since(version);
    let name = |slot: Option<&Slot>| {
        if gateway.jid_of(slot).is_empty() { String::new() } else { gateway.world.account().name }
    };
    if since(Version::V8) {
        let slots = gateway.inner().slots.clone();
        slots
            .iter()
            .map(|slot| {
                let mut device = json!({"name": name(Some(slot)), "device": slot.id});
                if since(Version::V8_8)
                    && let Some(device) = device.as_object_mut()
                {
                    device.insert("jid".to_owned(), json!(gateway.jid_of(Some(slot))));
                }
                device
            })
            .collect()
    } else if gateway.jid_of(None).is_empty() {
        Vec::new()
    } else {
        vec![json!({"name": name(None), "device": gateway.device_jid()})]
    }
}

/// `GET /app/reconnect`
pub(super) fn reconnect(call: &Call<'_>) -> Answer {
    connect_again(call, call.slot.as_ref(), &device_id(call))?;
    Ok(answer(call, "Reconnect success"))
}

/// Version 7 answers the session calls without results.
fn answer(call: &Call<'_>, message: &str) -> Reply {
    match &call.slot {
        Some(slot) => Reply::results(message, json!({"device_id": slot.id})),
        None => Reply::done(message),
    }
}

/// Connects a paired slot; a slot without a pairing has nothing to connect with.
pub(super) fn connect_again(call: &Call<'_>, slot: Option<&Slot>, name: &str) -> Result<(), Reply> {
    let gateway = call.gateway;
    if gateway.jid_of(slot).is_empty() {
        return Err(Reply::internal(&format!("device {name} is not logged in (session deleted)")));
    }
    gateway.world.set_session(Session::Working);
    Ok(())
}

/// `GET /app/login`: a QR code as a picture under `/statics`.
pub(super) fn login(call: &Call<'_>) -> Answer {
    let results = qr(call, call.slot.as_ref())?;
    Ok(Reply::results("Login success", results))
}

/// Starts a pairing and tells where its picture lies.
pub(super) fn qr(call: &Call<'_>, slot: Option<&Slot>) -> Result<Value, Reply> {
    begin_pairing(call, slot)?;
    let gateway = call.gateway;
    let path = format!("statics/qrcode/scan-qr-{}.png", gateway.uuid());
    let link = format!("{}/{path}", call.origin());
    // a new code voids the one before
    gateway.world.new_qr();
    let picture = crate::qr::png(&gateway.world.pairing_qr());
    {
        let mut inner = gateway.inner();
        inner.files.retain(|path, _| !path.starts_with("statics/qrcode/"));
        inner.files.insert(path, ("image/png".to_owned(), picture));
    }
    let mut results = json!({"qr_link": link, "qr_duration": gateway.profile.qr_seconds});
    if let (Some(slot), Some(results)) = (slot, results.as_object_mut()) {
        results.insert("device_id".to_owned(), json!(slot.id));
    }
    Ok(results)
}

/// `GET /app/login-with-code`
pub(super) fn login_with_code(call: &Call<'_>) -> Answer {
    let results = pair_code(call, call.slot.as_ref())?;
    Ok(Reply::results("Login with code success", results))
}

/// Starts a pairing by code.
pub(super) fn pair_code(call: &Call<'_>, slot: Option<&Slot>) -> Result<Value, Reply> {
    let phone = call.query("phone").trim_start_matches([' ', '+']);
    if phone.is_empty() {
        return Err(Reply::invalid("phone_number: cannot be blank."));
    }
    if phone.len() > 15 || !phone.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reply::invalid("phone_number: must be in a valid format."));
    }
    begin_pairing(call, slot)?;
    let mut results = json!({"pair_code": call.gateway.world.pairing_code(phone)});
    if let (Some(slot), Some(results)) = (slot, results.as_object_mut()) {
        results.insert("device_id".to_owned(), json!(slot.id));
    }
    Ok(results)
}

fn begin_pairing(call: &Call<'_>, slot: Option<&Slot>) -> Result<(), Reply> {
    let gateway = call.gateway;
    if gateway.connection(slot).1 {
        return Err(Reply::error(400, "ALREADY_LOGGED_IN", "you are already logged in."));
    }
    // Other slots hold no account: a pairing there never ends and leaves no trace.
    if Gateway::is_main(slot) {
        gateway.world.set_session(Session::NeedsPairing);
    }
    Ok(())
}

/// `GET /app/logout`
pub(super) fn logout(call: &Call<'_>) -> Answer {
    unlink(call, call.slot.as_ref());
    Ok(answer(call, "Success logout"))
}

/// Unlinks the account. Before v8.10.0 the slot goes with it.
pub(super) fn unlink(call: &Call<'_>, slot: Option<&Slot>) {
    let gateway = call.gateway;
    if Gateway::is_main(slot) {
        // the pairing is gone, and then the connection
        gateway.world.set_session(Session::NeedsPairing);
        gateway.world.set_session(Session::Stopped);
    }
    super::socket::logged_out(gateway);
    if let Some(slot) = slot.filter(|_| !call.since(Version::V8_10)) {
        gateway.inner().slots.retain(|known| known.id != slot.id);
    }
}
