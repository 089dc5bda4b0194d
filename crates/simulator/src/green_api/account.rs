//! The instance itself: its state, its settings, its pairing.

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
    let profile = &call.gateway.profile;
    let word = |on: bool| if on { "yes" } else { "no" };
    let paired = matches!(call.gateway.world.session(), Session::Working | Session::Starting);
    let wid = if paired { call.gateway.world.account().id } else { String::new() };
    Ok(Reply::json(&json!({
        "wid": wid,
        "countryInstance": "",
        "typeAccount": "",
        "webhookUrl": profile.webhook_url,
        "webhookUrlToken": "",
        "delaySendMessagesMilliseconds": 500,
        "markIncomingMessagesReaded": "no",
        "markIncomingMessagesReadedOnReply": "no",
        "sharedSession": "no",
        "outgoingWebhook": word(profile.outgoing_api),
        "outgoingMessageWebhook": word(profile.outgoing_phone),
        "outgoingAPIMessageWebhook": word(profile.outgoing_api),
        "incomingWebhook": word(profile.incoming),
        "deviceWebhook": "no",
        "stateWebhook": "no",
        "keepOnlineStatus": "no",
        "pollMessageWebhook": "no",
        "incomingBlockWebhook": "no",
        "incomingCallWebhook": "no",
        "editedMessageWebhook": word(profile.edited),
        "deletedMessageWebhook": word(profile.deleted),
        "enableMessagesHistory": "no",
        "autoTyping": 0,
        "typeInstance": "whatsapp",
    })))
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
        call.gateway.world.set_session(Session::Working);
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
        Session::NeedsPairing | Session::Stopped | Session::Failed => answer("qrCode", DOT_PNG),
    }
}

/// A PNG of one grey dot.
const DOT_PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// `getAuthorizationCode`
pub(super) fn authorization_code(call: &Call<'_>) -> Answer {
    if call.number("phoneNumber")?.is_none() {
        return Err(call.invalid("'phoneNumber' is required"));
    }
    let ready = call.gateway.world.session() != Session::Starting;
    let code = if ready { Value::from("ABCD1234") } else { Value::from("") };
    Ok(Reply::json(&json!({"status": ready, "code": code})))
}
