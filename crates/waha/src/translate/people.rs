use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;
use wachats_core::{ChatId, Contact, GroupInfo, NumberCheck, Participant, RawJson, Role};

use super::{text, time};
use crate::wire::{Existence, Jid, Number, WireContact};

/// A contact; `None` for a row that is no person (WEBJS lists groups and channels too).
pub(crate) fn contact(wire: WireContact, raw: Option<RawJson>) -> Result<Option<Contact>, Cow<'static, str>> {
    let id = wire.id().cloned().ok_or("it has no usable id")?;
    if !id.is_phone() && !id.is_lid() {
        return Ok(None);
    }
    let mut contact = Contact::new(id);
    let business = text(wire.business_name).or(text(wire.verified_name));
    contact.is_business = wire.is_business.map(|flag| flag.0).or(business.is_some().then_some(true));
    contact.name = text(wire.name).or(business);
    contact.push_name = text(wire.pushname).or(text(wire.push_name)).or(text(wire.notify));
    contact.is_my_contact = wire.is_my_contact.map(|flag| flag.0);
    let lid = wire.lid.and_then(|jid| jid.id).filter(ChatId::is_lid);
    contact.lid = contact.lid.take().or(lid);
    contact.raw = raw;
    Ok(Some(contact))
}

/// What a check of a number came to.
pub(crate) fn number(wire: Existence) -> NumberCheck {
    let told: Vec<bool> = [wire.number_exists, wire.exists, wire.is_in_whatsapp]
        .into_iter()
        .flatten()
        .map(|flag| flag.0)
        .collect();
    let exists = told.iter().copied().reduce(|a, b| a || b);
    let ids = [wire.pn, wire.chat_id, wire.jid].map(|jid| jid.and_then(|jid| jid.id));
    // GOWS gives a lid, and newer ones the phone beside it
    let phone = ids.iter().flatten().find(|id| id.is_phone()).cloned();
    NumberCheck::new(exists, phone.or_else(|| ids.into_iter().flatten().next()))
}

/// A group in the shape of any engine: NOWEB's and GOWS' own, WEBJS' and WPP's with their metadata inside.
pub(crate) fn group(id: ChatId, wire: &Value, raw: Option<RawJson>) -> GroupInfo {
    let inner = wire.get("groupMetadata").filter(|inner| inner.is_object());
    let places = [Some(wire), inner];
    let fields = |names: &'static [&'static str]| {
        names.iter().flat_map(move |name| places.into_iter().flatten().filter_map(|place| place.get(*name)))
    };
    let word = |names| fields(names).find_map(|value| text(value.as_str().map(str::to_owned)));
    let flag = |names| fields(names).find_map(Value::as_bool);
    let mut group = GroupInfo::new(id);
    group.subject = word(&["subject", "Name", "name", "formattedTitle"]);
    group.description = word(&["desc", "description", "Topic"]);
    let owner = || fields(&["ownerPn", "OwnerPN", "owner", "OwnerJID"]).filter_map(person);
    group.owner_id = owner().find(ChatId::is_phone).or_else(|| owner().next());
    group.created_at = fields(&["creation", "GroupCreated"]).find_map(moment);
    group.announce = flag(&["announce", "IsAnnounce"]);
    group.locked = flag(&["restrict", "IsLocked"]);
    group.participants = fields(&["participants", "Participants"]).find_map(participants);
    group.raw = raw;
    group
}

/// A list of members in the shape of any engine, or in the common one of `participants/v2`.
pub(crate) fn participants(list: &Value) -> Option<Vec<Participant>> {
    Some(list.as_array()?.iter().filter_map(participant).collect())
}

fn participant(wire: &Value) -> Option<Participant> {
    let role = wire.get("role").and_then(Value::as_str);
    if role == Some("left") {
        return None;
    }
    let ids = || {
        let names = ["phoneNumber", "PhoneNumber", "pn", "id", "JID", "jid"];
        names.into_iter().filter_map(|name| person(wire.get(name)?))
    };
    let id = ids().find(ChatId::is_phone).or_else(|| ids().next())?;
    let is = |names: [&str; 2], word: &str| {
        let flag = names.into_iter().any(|name| wire.get(name).and_then(Value::as_bool) == Some(true));
        flag || role == Some(word) || wire.get("admin").and_then(Value::as_str) == Some(word)
    };
    let superadmin = is(["isSuperAdmin", "IsSuperAdmin"], "superadmin");
    Some(Participant::new(id, Role::of_flags(is(["isAdmin", "IsAdmin"], "admin"), superadmin)))
}

fn person(value: &Value) -> Option<ChatId> {
    if !value.is_string() && !value.is_object() {
        return None;
    }
    serde_json::from_value::<Jid>(value.clone()).ok()?.id.filter(|id| id.is_phone() || id.is_lid())
}

/// Seconds since 1970, or a time in words; Go's zero time, of the year 1, is none.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    if let Some(written) = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()) {
        return Some(written.with_timezone(&Utc)).filter(|at| at.year() > 1);
    }
    time(serde_json::from_value::<Number>(value.clone()).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: Value) -> Option<Contact> {
        contact(serde_json::from_value(value).unwrap(), None).unwrap()
    }

    #[test]
    fn a_contact_of_every_engine() {
        let noweb =
            row(json!({"id": "5511911111111@c.us", "name": "Alice", "lid": "111@lid", "pushname": "Al"}));
        let noweb = noweb.unwrap();
        assert_eq!((noweb.name.as_deref(), noweb.push_name.as_deref()), (Some("Alice"), Some("Al")));
        assert_eq!((noweb.lid.unwrap().as_str(), noweb.is_business), ("111@lid", None));
        let gows = row(json!({"id": "111@lid", "name": "", "pushname": ""})).unwrap();
        assert_eq!((gows.name, gows.push_name, gows.phone), (None, None, None));
        let webjs =
            json!({"id": "5511955555555@c.us", "name": "Shop", "isBusiness": true, "isMyContact": false});
        let webjs = row(webjs).unwrap();
        assert_eq!((webjs.is_business, webjs.is_my_contact), (Some(true), Some(false)));
        let wappfy =
            row(json!({"jid": "5511955555555@s.whatsapp.net", "notify": "Shop", "verifiedName": "Corner"}));
        let wappfy = wappfy.unwrap();
        assert_eq!(wappfy.id.as_str(), "5511955555555@c.us");
        assert_eq!((wappfy.name.as_deref(), wappfy.push_name.as_deref()), (Some("Corner"), Some("Shop")));
        assert!(row(json!({"id": "120363000000000001@g.us", "name": "Family"})).is_none());
        assert!(contact(WireContact::default(), None).is_err());
    }

    #[test]
    fn a_number_in_every_spelling() {
        let of = |value: Value| {
            let check = number(serde_json::from_value(value).unwrap());
            (check.exists, check.chat_id.map(|id| id.to_string()))
        };
        let id = Some("5511911111111@c.us".to_owned());
        assert_eq!(
            of(json!({"numberExists": true, "chatId": "5511911111111@c.us"})),
            (Some(true), id.clone())
        );
        assert_eq!(of(json!({"numberExists": false, "chatId": null})), (Some(false), None));
        let gows = json!({"numberExists": true, "chatId": "1@lid", "pn": "5511911111111@s.whatsapp.net"});
        assert_eq!(of(gows), (Some(true), id.clone()));
        let prose = json!({"exists": false, "jid": "5511911111111@s.whatsapp.net", "isInWhatsapp": true});
        assert_eq!(of(prose), (Some(true), id));
        assert_eq!(of(json!({})), (None, None));
    }

    #[test]
    fn a_group_of_every_engine_is_the_same_group() {
        let noweb = json!({"id": "1@g.us", "subject": "Choir", "desc": "Sundays", "owner": "5511900000000@s.whatsapp.net",
            "creation": 1_700_000_000, "announce": true, "restrict": false, "participants": [
                {"id": "5511900000000@s.whatsapp.net", "admin": "superadmin"},
                {"id": "222@lid", "phoneNumber": "5511911111111@s.whatsapp.net", "admin": null},
                {"id": "333@lid", "admin": "admin"}]});
        let gows = json!({"JID": "1@g.us", "Name": "Choir", "Topic": "Sundays", "OwnerJID": "999@lid",
            "OwnerPN": "5511900000000@s.whatsapp.net", "GroupCreated": "2023-11-14T22:13:20Z", "IsAnnounce": true,
            "IsLocked": false, "Participants": [
                {"JID": "5511900000000@s.whatsapp.net", "PhoneNumber": "", "IsAdmin": true, "IsSuperAdmin": true},
                {"JID": "222@lid", "PhoneNumber": "5511911111111@s.whatsapp.net", "IsAdmin": false, "IsSuperAdmin": false},
                {"JID": "333@lid", "PhoneNumber": "", "IsAdmin": true, "IsSuperAdmin": false}]});
        let webjs = json!({"id": {"_serialized": "1@g.us"}, "name": "Choir", "groupMetadata": {"desc": "Sundays",
            "creation": 1_700_000_000, "owner": {"_serialized": "5511900000000@c.us"}, "announce": true, "restrict": false,
            "participants": [
                {"id": {"_serialized": "5511900000000@c.us"}, "isAdmin": true, "isSuperAdmin": true},
                {"id": {"$1": "5511911111111@c.us"}, "isAdmin": false, "isSuperAdmin": false},
                {"id": {"user": "333", "server": "lid"}, "isAdmin": true, "isSuperAdmin": false}]}});
        let id: ChatId = "120363000000000001@g.us".parse().unwrap();
        let wanted = group(id.clone(), &noweb, None);
        assert_eq!(wanted.subject.as_deref(), Some("Choir"));
        assert_eq!(wanted.created_at.unwrap().timestamp(), 1_700_000_000);
        assert_eq!((wanted.announce, wanted.locked), (Some(true), Some(false)));
        let members: Vec<_> =
            wanted.participants.iter().flatten().map(|p| format!("{} {}", p.id, p.role)).collect();
        assert_eq!(members, ["5511900000000@c.us superadmin", "5511911111111@c.us member", "333@lid admin"]);
        assert_eq!(group(id.clone(), &gows, None), wanted);
        assert_eq!(group(id.clone(), &webjs, None), wanted);
        let zero = group(id, &json!({"GroupCreated": "0001-01-01T00:00:00Z", "OwnerJID": ""}), None);
        assert_eq!((zero.created_at, zero.owner_id, zero.announce), (None, None, None));
    }

    #[test]
    fn who_left_is_no_member() {
        let list = json!([{"id": "1@lid", "pn": "5511911111111@c.us", "role": "participant"}, {"id": "2@lid", "role": "left"}]);
        let members = participants(&list).unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!((members[0].id.as_str(), &members[0].role), ("5511911111111@c.us", &Role::Member));
    }
}
