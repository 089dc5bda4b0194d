//! People and groups, from the wire to the model. Pure: no I/O, no clock.

use std::borrow::Cow;

use wachats_core::{ChatId, Contact, GroupInfo, Participant, RawJson, Role};

use crate::translate::{id, is_made_up, resolved, time};
use crate::wire;
use crate::wire_people as people;

/// A row of the address book; `None` for one that is no person.
pub(crate) fn contact(
    wire: people::Contact,
    raw: Option<RawJson>,
) -> Result<Option<Contact>, Cow<'static, str>> {
    let id = id(wire.jid.as_deref()).ok_or("a contact without a jid that can be read")?;
    if !id.is_phone() && !id.is_lid() {
        return Ok(None);
    }
    let mut contact = Contact::new(id);
    contact.name = wire.name.filter(|name| !is_made_up(name, &contact.id));
    contact.raw = raw;
    Ok(Some(contact))
}

/// Does the answer tell anything of somebody? Of a number that nobody has it holds the same keys, all of them empty.
pub(crate) fn is_known(info: &people::Info) -> bool {
    let told = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    told(&info.resolved_phone)
        || told(&info.resolved_lid)
        || info.data.iter().flatten().any(|person| {
            [&person.name, &person.status, &person.picture_id].into_iter().any(told)
                || person.devices.as_ref().is_some_and(|devices| !devices.is_empty())
        })
}

/// What the gateway knows of one person.
pub(crate) fn person(asked: &ChatId, info: people::Info, raw: Option<RawJson>) -> Contact {
    let mut contact = Contact::new(asked.clone());
    let ids = wire::UserInfo { resolved_phone: info.resolved_phone, resolved_lid: info.resolved_lid };
    let ids = resolved(asked, &ids);
    contact.phone = ids.phone_id.map(|id| id.user().to_owned());
    contact.lid = ids.lid;
    let person = info.data.into_iter().flatten().next().unwrap_or_default();
    contact.name = person.name.filter(|name| !is_made_up(name, asked));
    contact.raw = raw;
    contact
}

/// The number as WhatsApp itself knows it: that of a person's devices.
pub(crate) fn number(info: &people::Info) -> Option<ChatId> {
    let devices = info.data.iter().flatten().flat_map(|person| person.devices.iter().flatten());
    let phone = |device: &people::Device| {
        let by_phone = device.server.as_deref().is_none_or(|server| server == "s.whatsapp.net");
        ChatId::phone(device.user.as_deref().filter(|_| by_phone)?).ok()
    };
    devices.filter_map(phone).next()
}

/// A group.
pub(crate) fn group(asked: ChatId, wire: people::Group, raw: Option<RawJson>) -> GroupInfo {
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut group = GroupInfo::new(asked);
    group.subject = text(wire.name);
    group.description = text(wire.topic);
    group.owner_id = id(wire.owner_pn.as_deref()).or_else(|| id(wire.owner_jid.as_deref()));
    group.created_at = time(wire.group_created.as_deref());
    group.announce = wire.is_announce;
    group.locked = wire.is_locked;
    group.participants = wire.participants.map(|all| all.iter().filter_map(member).collect());
    group.raw = raw;
    group
}

fn member(wire: &people::Member) -> Option<Participant> {
    let ids = [&wire.phone_number, &wire.jid, &wire.lid].map(|text| id(text.as_deref()));
    let phone = ids.iter().flatten().find(|id| id.is_phone()).cloned();
    let id = phone.or_else(|| ids.into_iter().flatten().next())?;
    let flag = |flag: Option<bool>| flag == Some(true);
    Some(Participant::new(id, Role::of_flags(flag(wire.is_admin), flag(wire.is_super_admin))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_has_a_name_only_where_one_is_known() {
        let of = |json: &str| contact(serde_json::from_str(json).unwrap(), None);
        let named = of(r#"{"jid":"5511911111111@s.whatsapp.net","name":"Alice"}"#).unwrap().unwrap();
        assert_eq!((named.id.as_str(), named.name.as_deref()), ("5511911111111@c.us", Some("Alice")));
        assert_eq!(named.phone.as_deref(), Some("5511911111111"));
        assert_eq!(of(r#"{"jid":"1@lid","name":""}"#).unwrap().unwrap().name, None);
        assert!(of(r#"{"jid":"120363000000000001@g.us","name":"G"}"#).unwrap().is_none());
        assert!(of(r#"{"name":"nobody"}"#).is_err());
    }

    #[test]
    fn the_number_is_the_one_of_the_devices() {
        let info: people::Info = serde_json::from_str(
            r#"{"data":[{"name":"","verified_name":"&{}","devices":[{"User":"551191111111","Server":"s.whatsapp.net"}]}]}"#,
        )
        .unwrap();
        assert_eq!(number(&info).unwrap().as_str(), "551191111111@c.us");
        assert_eq!(number(&serde_json::from_str(r#"{"data":[{"devices":null}]}"#).unwrap()), None);
    }

    #[test]
    fn a_group_as_the_library_prints_it() {
        let wire: people::Group = serde_json::from_str(
            r#"{"JID":"1@g.us","OwnerJID":"9@lid","OwnerPN":"5511900000000@s.whatsapp.net","Name":"Choir","Topic":"",
            "GroupCreated":"0001-01-01T00:00:00Z","IsAnnounce":true,"IsLocked":false,"ParticipantCount":0,"Participants":[
              {"JID":"5511900000000@s.whatsapp.net","PhoneNumber":"","LID":"9@lid","IsAdmin":true,"IsSuperAdmin":true},
              {"JID":"2@lid","PhoneNumber":"5511911111111@s.whatsapp.net","LID":"2@lid","IsAdmin":true},
              {"JID":"3@lid","PhoneNumber":"","LID":"3@lid"}]}"#,
        )
        .unwrap();
        let group = group("120363000000000001@g.us".parse().unwrap(), wire, None);
        assert_eq!(group.owner_id.unwrap().as_str(), "5511900000000@c.us");
        assert_eq!((group.created_at, group.description), (None, None));
        assert_eq!((group.announce, group.locked), (Some(true), Some(false)));
        let members: Vec<_> =
            group.participants.iter().flatten().map(|p| format!("{} {}", p.id, p.role)).collect();
        assert_eq!(members, ["5511900000000@c.us superadmin", "5511911111111@c.us admin", "3@lid member"]);
    }
}
