//! `/user/…`: people, their pictures, the address book.

use serde::Serialize;
use serde_json::{Value, json};

use super::call::Call;
use super::gateway::{required, sanitized};
use super::media::{picture_id, picture_url};
use super::profile::{Refusal, Version};
use super::reply::{Answer, Reply};
use crate::world::ids;

#[derive(Serialize)]
struct Info {
    data: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_lid: Option<String>,
}

/// `GET /user/info`: who it is; since v8.3.0 also the other id of the same person.
pub(super) fn info(call: &Call<'_>) -> Answer {
    let phone = sanitized(call.query("phone"));
    required(&[("phone", &phone)])?;
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    let id = gateway.recipient(call.slot.as_ref(), &phone)?;
    let id = gateway.world.number(&id).unwrap_or(id);
    let resolves = call.since(Version::V8_3);
    let asked_by_lid = ids::server_of(&phone) == "lid";
    let by_phone = ids::server_of(&id) == "c.us";
    let resolved_phone = (asked_by_lid && by_phone && resolves).then(|| ids::user_of(&id).to_owned());
    let resolved_lid = gateway.world.lid_of(&id).filter(|_| resolves);
    let chat = gateway.world.chat(&id);
    let contact = gateway.world.contact(&id);
    let known = chat.is_some() || contact.is_some();
    let user = ids::user_of(&id);
    let devices = (by_phone && known).then(|| {
        json!([{
            "User": user,
            "Agent": 0,
            "Device": "UNKNOWN",
            "Server": "s.whatsapp.net",
            "AD": format!("{user}.0:0@s.whatsapp.net"),
        }])
    });
    let picture = chat.as_ref().filter(|chat| chat.picture.is_some()).map(picture_id);
    let person = json!({
        "name": chat.and_then(|chat| chat.name).unwrap_or_default(),
        "verified_name": "",
        "status": contact.and_then(|contact| contact.about).unwrap_or_default(),
        "picture_id": picture.unwrap_or_default(),
        "devices": devices,
    });
    Ok(Reply::results("Success get user info", Info { data: vec![person], resolved_phone, resolved_lid }))
}

/// `GET /user/avatar`. Up to v8.0.0 it takes the whole process down while WhatsApp is not connected.
pub(super) fn avatar(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    let phone = sanitized(call.query("phone"));
    required(&[("phone", &phone)])?;
    if !call.since(Version::V8_1) && gateway.login(call.slot.as_ref()).is_err() {
        return Err(Reply::crash());
    }
    let id = gateway.recipient(call.slot.as_ref(), &phone)?;
    for refusal in gateway.refusals(&id) {
        match refusal {
            Refusal::PictureTimeout => {
                return Err(Reply::error(408, "CONTEXT_ERROR", "Error timeout get avatar!"));
            }
            Refusal::PictureHidden => {
                return Err(Reply::internal("the user has hidden their profile picture from you"));
            }
            _ => {}
        }
    }
    let chat = gateway.world.chat(&id);
    let Some((url, id)) = chat.and_then(|chat| Some((picture_url(call, &chat)?, picture_id(&chat)))) else {
        return Err(Reply::internal("that user or group does not have a profile picture"));
    };
    Ok(Reply::results("Success get avatar", json!({"url": url, "id": id, "type": "image"})))
}

/// `GET /user/check`. It checks nothing of its parameter: what is no number "is on WhatsApp", and a number can't be
/// while WhatsApp can't be asked. Before v8.1.0 every number is.
pub(super) fn check(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    let phone = sanitized(call.query("phone"));
    let asked = ids::server_of(&phone) == "s.whatsapp.net" && call.since(Version::V8_1);
    let reachable = gateway.login(call.slot.as_ref()).is_ok();
    let known = reachable && gateway.is_on_whatsapp(&ids::canonical(&phone));
    Ok(Reply::results("Success check user", json!({"is_on_whatsapp": !asked || known})))
}

/// `GET /user/my/contacts`: without pages, in another order every time.
pub(super) fn contacts(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    gateway.login(call.slot.as_ref())?;
    let mut people: Vec<Value> = gateway
        .world
        .contacts()
        .into_iter()
        .map(|contact| {
            let name = contact.name.or(contact.push_name).unwrap_or_default();
            json!({"jid": ids::protocol(&contact.id), "name": name})
        })
        .collect();
    let turn = {
        let mut inner = gateway.inner();
        inner.turn = inner.turn.wrapping_add(1);
        inner.turn
    };
    let places = people.len().max(1);
    people.rotate_left(turn % places);
    let data = if people.is_empty() { Value::Null } else { Value::from(people) };
    Ok(Reply::results("Success get list contacts", json!({"data": data})))
}

/// `GET /user/my/groups`
pub(super) fn groups(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    gateway.login(call.slot.as_ref())?;
    let groups = gateway.world.chats().into_iter().filter(|chat| ids::is_group(&chat.id));
    let groups: Vec<Value> =
        groups.take(500).map(|chat| super::groups::group_info(&gateway.world, &chat)).collect();
    let data = if groups.is_empty() { Value::Null } else { Value::from(groups) };
    Ok(Reply::results("Success get list groups", json!({"data": data})))
}
