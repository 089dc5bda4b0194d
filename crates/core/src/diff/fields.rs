use serde_json::{Map, Value};

use super::{FieldDiff, unexpected};
use crate::{Message, Result};

/// What is no difference between gateways, and what the two were matched by.
const LEFT_OUT: [&str; 6] = ["id", "key", "from_me", "source", "raw", "media.url"];
/// Gateways keep degrees with different precision: places closer than this (5 m) are one place.
const DEGREES: f64 = 0.000_05;

/// The fields that both tell and tell differently.
pub(super) fn compare(here: &Message, there: &Message) -> Result<Vec<FieldDiff>> {
    let json = |message| match serde_json::to_value(message) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(unexpected()),
    };
    let mut found = Vec::new();
    objects("", &json(here)?, &json(there)?, &mut |field, one, other| {
        found.push(FieldDiff { key: here.key.clone(), field, here: one.clone(), there: other.clone() });
    });
    let seconds = |message: &Message| message.sent_at.map(|at| at.timestamp());
    found.retain(|diff| match diff.field.as_str() {
        // a person's lid and phone are one chat
        "chat_id" => here.chat_id.is_lid() == there.chat_id.is_lid(),
        "sent_at" => seconds(here) != seconds(there),
        _ => true,
    });
    Ok(found)
}

/// Tells of each field of two objects that differs, by its path.
fn objects(
    path: &str,
    here: &Map<String, Value>,
    there: &Map<String, Value>,
    told: &mut dyn FnMut(String, &Value, &Value),
) {
    for (name, one) in here {
        let field = format!("{path}{name}");
        let Some(other) = there.get(name).filter(|_| !LEFT_OUT.contains(&field.as_str())) else { continue };
        match (one, other) {
            (Value::Object(one), Value::Object(other)) => objects(&format!("{field}."), one, other, told),
            _ if same(name, one, other) => {}
            _ => told(field, one, other),
        }
    }
}

/// Do both tell the same, as far as both tell?
fn same(name: &str, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Object(one), Value::Object(other)) => {
            let mut differs = false;
            objects("", one, other, &mut |_, _, _| differs = true);
            !differs
        }
        (Value::Array(one), Value::Array(other)) => same_items(name, one, other),
        (Value::Number(one), Value::Number(other)) if matches!(name, "latitude" | "longitude") => {
            one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| (one - other).abs() < DEGREES)
        }
        _ => one == other,
    }
}

/// Do two lists hold the same items, whatever their order?
fn same_items(name: &str, one: &[Value], other: &[Value]) -> bool {
    let mut rest: Vec<&Value> = other.iter().collect();
    one.len() == other.len()
        && one.iter().all(|item| match rest.iter().position(|other| same(name, item, other)) {
            Some(place) => {
                rest.swap_remove(place);
                true
            }
            None => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ContactCard, Location, MediaInfo, MessageKind, Reaction};
    use chrono::DateTime;

    fn message(chat: &str) -> Message {
        let mut message = Message::new(chat.parse().unwrap(), "3EB0A".parse().unwrap(), false);
        message.kind = MessageKind::Image;
        message
    }

    fn fields(here: &Message, there: &Message) -> Vec<String> {
        compare(here, there).unwrap().into_iter().map(|diff| diff.field).collect()
    }

    #[test]
    fn what_one_side_does_not_tell_is_no_difference() {
        let (mut here, there) = (message("79001234567"), message("79001234567"));
        here.text = Some("Hello".to_owned());
        here.sent_at = DateTime::from_timestamp(1_760_000_000, 500_000_000);
        here.media = Some(MediaInfo::new());
        here.reactions = Some(vec![Reaction::new("👍")]);
        assert!(fields(&here, &there).is_empty());
        assert!(fields(&there, &here).is_empty());
    }

    #[test]
    fn each_difference_is_told_by_its_path() {
        let (mut here, mut there) = (message("79001234567"), message("79001234567"));
        for (message, size, url, emoji) in
            [(&mut here, 1, "https://a/1", "👍"), (&mut there, 2, "https://b/2", "❤")]
        {
            let mut media = MediaInfo::new();
            (media.size_bytes, media.url) = (Some(size), Some(url.to_owned()));
            message.media = Some(media);
            message.text = Some(format!("text {size}"));
            message.reactions = Some(vec![Reaction::new(emoji)]);
        }
        assert_eq!(fields(&here, &there), ["media.size_bytes", "reactions", "text"]);
    }

    #[test]
    fn precision_order_and_names_of_one_person_are_no_difference() {
        let (mut here, mut there) = (message("79001234567"), message("222@lid"));
        here.location = Some(Location::new(-23.550_52, -46.633_308));
        there.location = Some(Location::new(-23.550_519_9, -46.633_31));
        here.sent_at = DateTime::from_timestamp(1_760_000_000, 0);
        there.sent_at = DateTime::from_timestamp(1_760_000_000, 900_000_000);
        let cards = ["Ann", "Bob"].map(|name| ContactCard::new(Some(name.to_owned()), None));
        here.contacts = Some(cards.to_vec());
        there.contacts = Some(cards.into_iter().rev().collect());
        assert!(fields(&here, &there).is_empty());
        there.contacts = Some(Vec::new());
        assert_eq!(fields(&here, &there), ["contacts"]);
    }
}
