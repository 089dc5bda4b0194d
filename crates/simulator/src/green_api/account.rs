//! The instance itself: its state, its settings, its pairing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::reply::{Answer, Reply};
use super::route::Call;
use crate::world::{Session, ids};

/// `getStateInstance`
pub(super) fn state(call: &Call<'_>) -> Answer {
    Ok(Reply::json(&json!({"stateInstance": call.gateway.state()})))
}

/// `getStatusInstance`: the phone's socket, not the session.
pub(super) fn status(call: &Call<'_>) -> Answer {
    let online = call.gateway.world.session() == Session::Working;
    Ok(Reply::json(&json!({"statusInstance": if online { "online" } else { "offline" }})))
}

/// `getSettings`: switches are the words `yes` and `no`.
pub(super) fn settings(call: &Call<'_>) -> Answer {
    let paired = matches!(call.gateway.world.session(), Session::Working | Session::Starting);
    let wid = if paired { call.gateway.world.account().id } else { String::new() };
    let mut shown = call.gateway.settings().shown();
    shown.insert("wid".to_owned(), json!(wid));
    shown.insert("typeInstance".to_owned(), json!("whatsapp"));
    Ok(Reply::json(&Value::Object(shown)))
}

/// `setSettings`: what isn't named stays. The real one takes minutes and restarts the instance.
pub(super) fn set_settings(call: &Call<'_>) -> Answer {
    let given = call.body.as_object().filter(|given| !given.is_empty());
    let Some(given) = given else { return Err(call.invalid("'value' must have at least 1 key")) };
    call.gateway.settings().change(given).map_err(|details| call.invalid(&details))?;
    // The address may be a new one.
    call.gateway.events.ring();
    Ok(Reply::json(&json!({"saveSettings": true})))
}

/// `getWaSettings`
pub(super) fn wa_settings(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    let account = gateway.world.account();
    let phone = ids::user_of(&account.id);
    let paired = gateway.world.session() == Session::Working;
    let (shown, device) = if paired {
        (phone.to_owned(), format!("{phone}:{}@s.whatsapp.net", account.device))
    } else {
        (String::new(), String::new())
    };
    Ok(Reply::json(&json!({
        "avatar": "",
        "phone": shown,
        "stateInstance": gateway.state(),
        "deviceId": device,
    })))
}

/// `reboot`
pub(super) fn reboot(call: &Call<'_>) -> Answer {
    if matches!(call.gateway.world.session(), Session::Starting | Session::Failed) {
        let paired = call.gateway.world.is_paired();
        let next = if paired { Session::Working } else { Session::NeedsPairing };
        call.gateway.world.set_session(next);
    }
    Ok(Reply::json(&json!({"isReboot": true})))
}

/// `logout`
pub(super) fn logout(call: &Call<'_>) -> Answer {
    call.gateway.world.set_session(Session::NeedsPairing);
    Ok(Reply::json(&json!({"isLogout": true})))
}

/// `qr`: a picture as base64, without the raw value.
pub(super) fn qr(call: &Call<'_>) -> Answer {
    let answer = |kind: &str, message: &str| Ok(Reply::json(&json!({"type": kind, "message": message})));
    match call.gateway.world.session() {
        Session::Working => answer("alreadyLogged", "instance account already authorized"),
        Session::Starting => answer("error", "instance is starting"),
        Session::NeedsPairing | Session::Stopped | Session::Failed => {
            let picture = crate::qr::png(&call.gateway.world.pairing_qr());
            answer("qrCode", &STANDARD.encode(&picture))
        }
    }
}

/// `getAuthorizationCode`
pub(super) fn authorization_code(call: &Call<'_>) -> Answer {
    let Some(phone) = call.number("phoneNumber")? else {
        return Err(call.invalid("'phoneNumber' is required"));
    };
    let ready = call.gateway.world.session() != Session::Starting;
    let code = if ready {
        Value::from(call.gateway.world.pairing_code(&phone.to_string()).replace('-', ""))
    } else {
        Value::from("")
    };
    Ok(Reply::json(&json!({"status": ready, "code": code})))
}
