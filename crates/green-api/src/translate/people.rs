use std::borrow::Cow;

use wachats_core::{ChatId, Contact, GroupInfo, NumberCheck, Participant, RawJson, Role};

use super::{id_of_row, told};
use crate::wire::{ChatRow, ContactInfo, Existence, Group, Member, Stamp};

fn id(text: &Option<String>) -> Option<ChatId> {
    ChatId::from_wire(text.as_deref().filter(|text| !text.is_empty())?).ok()
}

/// A row of `getContacts`; `None` for one that is no person.
pub(crate) fn contact(row: ChatRow, raw: Option<RawJson>) -> Result<Option<Contact>, Cow<'static, str>> {
    let own = id_of_row(&row).ok_or("it has no id")?;
    if !own.is_phone() && !own.is_lid() {
        return Ok(None);
    }
    let mut contact = Contact::new(own);
    let both = super::chat::pair(&row);
    if let Some(both) = both {
        contact.phone = both.phone_id.map(|id| id.user().to_owned());
        contact.lid = both.lid;
    }
    contact.name = told(row.contact_name);
    contact.push_name = told(row.name);
    contact.raw = raw;
    Ok(Some(contact))
}

/// `getContactInfo`. It answers for any number: one of which it tells nothing at all is nobody's.
pub(crate) fn person(asked: &ChatId, info: ContactInfo, raw: Option<RawJson>) -> Option<Contact> {
    let last_seen = info.last_seen.is_some_and(|seen| !seen.is_null());
    let known = [
        &info.avatar,
        &info.name,
        &info.contact_name,
        &info.email,
        &info.category,
        &info.description,
        &info.lid,
    ];
    let known = known.into_iter().flatten().any(|text| !text.is_empty());
    if !known && !last_seen && info.is_business != Some(true) {
        return None;
    }
    let mut contact = Contact::new(asked.clone());
    for other in [id(&info.chat_id), id(&info.lid)].into_iter().flatten() {
        if other.is_lid() {
            contact.lid.get_or_insert(other);
        } else if other.is_phone() {
            contact.phone.get_or_insert(other.user().to_owned());
        }
    }
    contact.name = told(info.contact_name);
    contact.push_name = told(info.name);
    contact.is_business = info.is_business;
    contact.picture_url = told(info.avatar);
    contact.raw = raw;
    Some(contact)
}

/// `checkWhatsapp`. Outside of its LID mode it names no id: the number is the id then.
pub(crate) fn number(asked: &ChatId, wire: &Existence) -> NumberCheck {
    let own = id(&wire.chat_id);
    NumberCheck::new(
        wire.exists_whatsapp,
        own.or_else(|| Some(asked.clone()).filter(|_| wire.exists_whatsapp.is_some())),
    )
}

/// `getGroupData`. No example of WhatsApp's product has a description or the two switches: unknown, not off.
pub(crate) fn group(asked: ChatId, wire: Group, raw: Option<RawJson>) -> GroupInfo {
    let mut group = GroupInfo::new(asked);
    group.subject = told(wire.subject);
    group.owner_id = id(&wire.owner);
    group.created_at = wire.creation.and_then(Stamp::time);
    group.participants = wire.participants.map(|all| all.iter().filter_map(member).collect());
    group.raw = raw;
    group
}

fn member(wire: &Member) -> Option<Participant> {
    let ids = [id(&wire.id), id(&wire.chat_id), id(&wire.lid)];
    let phone = ids.iter().flatten().find(|id| id.is_phone()).cloned();
    let own = phone.or_else(|| ids.into_iter().flatten().next())?;
    let flag = |flag: Option<bool>| flag == Some(true);
    Some(Participant::new(own, Role::of_flags(flag(wire.is_admin), flag(wire.is_super_admin))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_has_two_names_and_no_picture() {
        let of = |json: &str| contact(serde_json::from_str(json).unwrap(), None);
        let alice =
            of(r#"{"id":"5511911111111@c.us","name":"alice","contactName":"Alice S.","type":"user"}"#);
        let alice = alice.unwrap().unwrap();
        assert_eq!((alice.name.as_deref(), alice.push_name.as_deref()), (Some("Alice S."), Some("alice")));
        assert_eq!((alice.is_my_contact, alice.picture_url), (None, None));
        assert!(of(r#"{"id":"120363000000000001@g.us","name":"G","type":"group"}"#).unwrap().is_none());
        let hidden = of(r#"{"id":"222@lid","phoneNumber":5511922222222,"name":""}"#).unwrap().unwrap();
        assert_eq!((hidden.phone.as_deref(), hidden.push_name), (Some("5511922222222"), None));
    }

    #[test]
    fn a_person_of_whom_nothing_is_told_is_nobody() {
        let asked: ChatId = "5511911111111@c.us".parse().unwrap();
        let of = |json: &str| person(&asked, serde_json::from_str(json).unwrap(), None);
        let blank = r#"{"avatar":"","name":"","contactName":"","email":"","category":"","description":"","products":[],
            "chatId":"5511911111111@c.us","lastSeen":null,"isArchive":false,"isBusiness":false}"#;
        assert!(of(blank).is_none());
        let shop =
            of(r#"{"avatar":"https://x/y.jpg","name":"Shop","contactName":"","isBusiness":true}"#).unwrap();
        assert_eq!(
            (shop.name, shop.push_name.as_deref(), shop.is_business),
            (None, Some("Shop"), Some(true))
        );
        assert_eq!(shop.picture_url.as_deref(), Some("https://x/y.jpg"));
        assert!(of(r#"{"name":"","isBusiness":true}"#).is_some());
    }

    #[test]
    fn a_number_is_its_own_id_unless_another_is_told() {
        let asked: ChatId = "5511911111111@c.us".parse().unwrap();
        let of = |json: &str| number(&asked, &serde_json::from_str(json).unwrap());
        assert_eq!(of(r#"{"existsWhatsapp":true}"#), NumberCheck::new(Some(true), Some(asked.clone())));
        assert_eq!(of(r#"{"existsWhatsapp":false}"#), NumberCheck::new(Some(false), None));
        let lid = of(r#"{"existsWhatsapp":true,"chatId":"111@lid"}"#);
        assert_eq!(lid.chat_id.unwrap().as_str(), "111@lid");
        assert_eq!(of("{}"), NumberCheck::new(None, None));
    }

    #[test]
    fn a_group_without_what_the_wire_lacks() {
        let wire = r#"{"groupId":"1@g.us","owner":"5511900000000@c.us","subject":"Choir","creation":"1700000000","participants":[
            {"id":"5511900000000@c.us","isAdmin":true,"isSuperAdmin":true},{"id":"2@lid","isAdmin":true,"isSuperAdmin":false},
            {"id":"5511911111111@c.us","isAdmin":false,"isSuperAdmin":false,"lid":"3@lid"}],"groupInviteLink":""}"#;
        let group =
            group("120363000000000001@g.us".parse().unwrap(), serde_json::from_str(wire).unwrap(), None);
        assert_eq!(group.created_at.unwrap().timestamp(), 1_700_000_000);
        assert_eq!((group.description, group.announce, group.locked), (None, None, None));
        let members: Vec<_> =
            group.participants.iter().flatten().map(|p| format!("{} {}", p.id, p.role)).collect();
        assert_eq!(members, ["5511900000000@c.us superadmin", "2@lid admin", "5511911111111@c.us member"]);
    }
}
