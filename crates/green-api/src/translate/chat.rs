use std::borrow::Cow;

use serde_json::Value;
use wachats_core::{Chat, ChatId, RawJson, Resolved};

use super::told;
use crate::wire::ChatRow;

/// A chat of `getChats`. It has no time, unread count, pin, mute or picture: all of that is unknown.
pub(crate) fn chat(row: ChatRow, raw: Option<RawJson>) -> Result<Chat, Cow<'static, str>> {
    let id = id_of_row(&row).ok_or("it has no id")?;
    let mut chat = Chat::new(id);
    chat.alternate_id = pair(&row).and_then(|pair| if chat.id.is_lid() { pair.phone_id } else { pair.lid });
    chat.name = told(row.name).or(told(row.contact_name));
    chat.archived = row.archive;
    chat.ephemeral_seconds = row.ephemeral_expiration;
    chat.raw = raw;
    Ok(chat)
}

/// The id of a row, whatever the version calls it; it may be a bare phone number.
pub(crate) fn id_of_row(row: &ChatRow) -> Option<ChatId> {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| ChatId::from_wire(text).ok());
    read(&row.id).or_else(|| read(&row.chat_id)).or_else(|| phone(row))
}

fn phone(row: &ChatRow) -> Option<ChatId> {
    let text = match row.phone_number.as_ref()? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    ChatId::from_wire(&text).ok().filter(ChatId::is_phone)
}

/// Both ids of the person in a row, where it names both.
pub(super) fn pair(row: &ChatRow) -> Option<Resolved> {
    let ids =
        [&row.id, &row.chat_id, &row.lid].map(|text| text.as_deref().and_then(|t| ChatId::from_wire(t).ok()));
    let lid = ids.iter().flatten().find(|id| id.is_lid()).cloned();
    let phone = ids.iter().flatten().find(|id| id.is_phone()).cloned().or_else(|| phone(row));
    (lid.is_some() && phone.is_some()).then(|| Resolved::new(phone, lid))
}

/// Both ids of a person, where one of the rows names both.
pub(crate) fn pair_in<'a>(rows: impl IntoIterator<Item = &'a ChatRow>, id: &ChatId) -> Option<Resolved> {
    rows.into_iter().filter_map(pair).find(|p| p.phone_id.as_ref() == Some(id) || p.lid.as_ref() == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<Chat, Cow<'static, str>> {
        chat(serde_json::from_str(json).unwrap(), None)
    }

    #[test]
    fn a_chat_tells_what_the_wire_has_and_no_more() {
        let json = r#"{"archive":true,"id":"5511911111111@c.us","ephemeralExpiration":86400,"name":"Alice","type":"user"}"#;
        let chat = of(json).unwrap();
        assert_eq!(chat.id.as_str(), "5511911111111@c.us");
        assert_eq!((chat.archived, chat.ephemeral_seconds), (Some(true), Some(86_400)));
        assert_eq!(chat.name.as_deref(), Some("Alice"));
        assert_eq!((chat.pinned, chat.unread_count, chat.last_message_at), (None, None, None));
        assert!(of(r#"{"id":"5511911111111@c.us","name":""}"#).unwrap().name.is_none());
    }

    #[test]
    fn an_id_is_found_under_each_of_its_names() {
        for json in [
            r#"{"id":"5511911111111"}"#,
            r#"{"chatId":"5511911111111@c.us"}"#,
            r#"{"phoneNumber":5511911111111}"#,
            r#"{"phoneNumber":"5511911111111"}"#,
            r#"{"id":"","phoneNumber":"5511911111111"}"#,
        ] {
            assert_eq!(of(json).unwrap().id.as_str(), "5511911111111@c.us", "{json}");
        }
        assert!(of(r#"{"name":"Nobody"}"#).is_err());
    }

    #[test]
    fn both_ids_of_a_person() {
        let rows: Vec<ChatRow> = serde_json::from_str(
            r#"[{"id":"5511911111111@c.us"},{"id":"5511922222222@c.us","lid":"222@lid"},{"id":"333@lid","phoneNumber":5511933333333}]"#,
        )
        .unwrap();
        let of = |id: &str| {
            pair_in(&rows, &id.parse().unwrap())
                .map(|p| (p.phone_id.unwrap().to_string(), p.lid.unwrap().to_string()))
        };
        assert_eq!(of("5511922222222@c.us").unwrap().1, "222@lid");
        assert_eq!(of("333@lid").unwrap().0, "5511933333333@c.us");
        assert!(of("5511911111111@c.us").is_none());
    }
}
