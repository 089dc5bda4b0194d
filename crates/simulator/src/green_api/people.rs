//! Contacts, groups and pictures.

use serde_json::{Value, json};

use super::gateway::Gateway;
use super::reply::{Answer, Reply};
use super::route::Call;
use crate::world::{Chat, Mute, ids};

/// `getContacts`: the address book and the groups.
pub(super) fn contacts(call: &Call<'_>) -> Answer {
    let world = &call.gateway.world;
    let asked = call.query.iter().find(|(name, _)| name == "group").map(|(_, value)| value.as_str());
    let count = usize::try_from(call.query_number("count", u64::MAX)?).unwrap_or(usize::MAX);
    let people = world.contacts().into_iter().map(|contact| {
        let saved = contact.name.unwrap_or_default();
        let own = contact.push_name.unwrap_or_else(|| saved.clone());
        json!({"id": contact.id, "name": own, "contactName": saved, "type": "user"})
    });
    let groups = world
        .chats()
        .into_iter()
        .filter(|chat| ids::is_group(&chat.id))
        .map(|chat| json!({"id": chat.id, "name": chat.name.unwrap_or_default(), "type": "group"}));
    let listed: Vec<Value> = match asked {
        Some("true") => groups.take(count).collect(),
        Some("false") => people.take(count).collect(),
        _ => people.chain(groups).take(count).collect(),
    };
    Ok(Reply::json(&listed))
}

/// `getContactInfo`: people only. What isn't known is an empty text.
pub(super) fn info(call: &Call<'_>) -> Answer {
    let id = call.chat("chatId")?;
    if ids::is_group(&id) {
        return Err(call.error(400, "bad request data"));
    }
    let gateway = call.gateway;
    let chat = gateway.world.chat(&id).unwrap_or_else(|| Chat::new(&id));
    let contact = gateway.world.contact(&id);
    let (name, saved) = gateway.names(&id, None);
    let (muted, until) = match chat.mute {
        Mute::No => (false, Value::Null),
        Mute::Always => (true, Value::from(-1)),
        Mute::Until(moment) => (true, Value::from(moment)),
    };
    Ok(Reply::json(&json!({
        "avatar": picture(gateway, &chat),
        "name": name,
        "contactName": saved,
        "email": "",
        "category": "",
        "description": contact.as_ref().and_then(|contact| contact.about.clone()).unwrap_or_default(),
        "products": [],
        "chatId": id,
        "lastSeen": null,
        "isArchive": chat.archived,
        "isDisappearing": chat.ephemeral_seconds > 0,
        "isMute": muted,
        "isBusiness": contact.is_some_and(|contact| contact.business),
        "messageExpiration": chat.ephemeral_seconds,
        "muteExpiration": until,
    })))
}

/// `getGroupData`. A group that isn't there is 200 with a text in place of the object.
pub(super) fn group(call: &Call<'_>) -> Answer {
    let id = call.text("groupId")?;
    if !ids::is_group(id) {
        return Err(call.invalid("'groupId' must be a group's id"));
    }
    let world = &call.gateway.world;
    let Some(chat) = world.chat(id) else {
        return Ok(Reply::json(&"Error: item-not-found"));
    };
    let own = world.account().id;
    let owner = chat.participants.iter().find(|member| member.owner);
    let owner = owner.map(|member| member.id.clone()).unwrap_or_default();
    let admin = chat.participants.iter().any(|member| member.id == own && member.admin);
    let created = chat.created_ms.unwrap_or(0).div_euclid(1000);
    let members: Vec<Value> = chat
        .participants
        .iter()
        .map(|member| {
            let hidden = ids::server_of(&member.id) == "lid";
            let phone =
                if hidden { member.phone.clone().or_else(|| world.phone_of(&member.id)) } else { None };
            let lid = if hidden { Some(member.id.clone()) } else { world.lid_of(&member.id) };
            let id = phone.unwrap_or_else(|| member.id.clone());
            let mut body = json!({"id": id, "isAdmin": member.admin, "isSuperAdmin": member.owner});
            if let (Some(body), Some(lid)) = (body.as_object_mut(), lid) {
                body.insert("lid".to_owned(), Value::from(lid));
            }
            body
        })
        .collect();
    Ok(Reply::json(&json!({
        "groupId": chat.id,
        "owner": owner,
        "subject": chat.name.unwrap_or_default(),
        "creation": created,
        "participants": members,
        "subjectTime": created,
        "subjectOwner": owner,
        // Only admins may see it.
        "groupInviteLink": if admin { "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv" } else { "" },
    })))
}

/// Address of a chat's picture, `""` without one.
fn picture(gateway: &Gateway, chat: &Chat) -> String {
    match &chat.picture {
        None => String::new(),
        Some(picture) => picture.url.clone().unwrap_or_else(|| {
            format!("{}/{}/{}.avatar.jpg", gateway.url, gateway.profile.id, ids::user_of(&chat.id))
        }),
    }
}

/// `getAvatar`
pub(super) fn avatar(call: &Call<'_>) -> Answer {
    let id = call.chat("chatId")?;
    let chat = call.gateway.world.chat(&id);
    let url = chat.map(|chat| picture(call.gateway, &chat)).unwrap_or_default();
    Ok(Reply::json(&json!({"urlAvatar": url, "available": !url.is_empty()})))
}

/// `checkWhatsapp`: the phone is a JSON number. Every number that the world knows has an account.
pub(super) fn check(call: &Call<'_>) -> Answer {
    let Some(number) = call.number("phoneNumber")? else {
        return Err(call.invalid("'phoneNumber' is required"));
    };
    let digits = number.to_string();
    if !(11..=16).contains(&digits.len()) {
        return Err(call.error(400, "bad phone number, valid 11 or 12 digits"));
    }
    let world = &call.gateway.world;
    let known = world.number(&digits);
    let exists = known.is_some();
    let id = known.unwrap_or_default();
    let mut answer = json!({"existsWhatsapp": exists});
    if let Some(answer) = answer.as_object_mut().filter(|_| exists && call.gateway.profile.lid_mode) {
        answer.insert("chatId".to_owned(), Value::from(world.lid_of(&id).unwrap_or(id)));
    }
    Ok(Reply::json(&answer))
}
