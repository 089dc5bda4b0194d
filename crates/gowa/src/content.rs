//! The texts that the gateway writes in place of a place or a contact card, read back. Pure.
//!
//! Only exact forms are read: what a person may well have typed stays a text.

use wachats_core::{ChatId, ContactCard, Location};

const MAP: &str = "https://maps.google.com/?q=";
const SEPARATOR: &str = " — ";

/// What a row without media type holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Content {
    /// A text as it was written.
    Text,
    /// A place.
    Place(Location),
    /// Contact cards, of which the gateway keeps the names alone.
    Cards(Vec<ContactCard>),
}

/// Reads the content of a row without media type. `own` tells the forms of what the gateway itself sent.
pub(crate) fn read(content: &str, own: bool) -> Content {
    let read = received_place(content)
        .or_else(|| received_cards(content))
        .or_else(|| if own { sent_place(content).or_else(|| sent_card(content)) } else { None });
    read.unwrap_or(Content::Text)
}

/// `NAME — ADDRESS — https://maps.google.com/?q=LAT,LONG`, name and address only where there are any.
fn received_place(content: &str) -> Option<Content> {
    let at = content.rfind(MAP)?;
    let mut place = degrees(content.get(at + MAP.len()..)?)?;
    let head = content.get(..at)?;
    if !head.is_empty() {
        let (name, address) = match head.strip_suffix(SEPARATOR)?.split_once(SEPARATOR) {
            Some((name, address)) => (name, Some(address)),
            None => (head.strip_suffix(SEPARATOR)?, None),
        };
        place.name = Some(name.to_owned()).filter(|name| !name.is_empty());
        place.address = address.map(str::to_owned);
    }
    Some(Content::Place(place))
}

/// `📍 LAT, LONG`
fn sent_place(content: &str) -> Option<Content> {
    degrees(content.strip_prefix("📍 ")?).map(Content::Place)
}

fn degrees(text: &str) -> Option<Location> {
    let (latitude, longitude) = text.split_once(',')?;
    let number = |text: &str, most: f64| {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
        text.parse::<f64>().ok().filter(|n| plain && n.abs() <= most)
    };
    Some(Location::new(number(latitude, 90.0)?, number(longitude.trim_start_matches(' '), 180.0)?))
}

/// `Contact: NAME (+DIGITS)`, `Contacts: NAME (+DIGITS), NAME (+DIGITS)`
fn received_cards(content: &str) -> Option<Content> {
    if let Some(one) = content.strip_prefix("Contact: ") {
        return card(one).map(|card| Content::Cards(vec![card]));
    }
    let mut rest = content.strip_prefix("Contacts: ")?;
    let mut cards = Vec::new();
    while let Some((one, more)) = rest.split_once("), ") {
        cards.push(card(&format!("{one})"))?);
        rest = more;
    }
    cards.push(card(rest)?);
    Some(Content::Cards(cards))
}

/// `👤 NAME (+DIGITS)`
fn sent_card(content: &str) -> Option<Content> {
    card(content.strip_prefix("👤 ")?).map(|card| Content::Cards(vec![card]))
}

fn card(text: &str) -> Option<ContactCard> {
    let (name, phone) = text.strip_suffix(')')?.rsplit_once(" (+")?;
    ChatId::phone(phone).ok()?;
    let valid = !name.is_empty() && !name.contains('\n');
    valid.then(|| ContactCard::new(Some(name.to_owned()), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(content: &str, own: bool) -> Option<(f64, f64, Option<String>, Option<String>)> {
        match read(content, own) {
            Content::Place(p) => Some((p.latitude, p.longitude, p.name, p.address)),
            _ => None,
        }
    }

    fn names(content: &str, own: bool) -> Vec<String> {
        match read(content, own) {
            Content::Cards(cards) => cards.into_iter().filter_map(|c| c.name).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn places_are_read_back() {
        let link = "https://maps.google.com/?q=-6.2,106.816666";
        assert_eq!(place(link, false), Some((-6.2, 106.816_666, None, None)));
        assert_eq!(place(&format!("Monas — {link}"), false).unwrap().2.as_deref(), Some("Monas"));
        let full = place(&format!("Monas — Jalan 1 — {link}"), false).unwrap();
        assert_eq!((full.2.as_deref(), full.3.as_deref()), (Some("Monas"), Some("Jalan 1")));
        assert_eq!(place("📍 -6.2, 106.8", true), Some((-6.2, 106.8, None, None)));
    }

    #[test]
    fn what_a_person_may_have_typed_stays_a_text() {
        for text in [
            "see https://maps.google.com/?q=-6.2,106.8",
            "https://maps.google.com/?q=-6.2,106.8 is where I am",
            "https://maps.google.com/?q=Monas,Jakarta",
            "https://maps.google.com/?q=96.2,106.8",
            "https://maps.google.com/?q=NaN,1e2",
            "Contact: me tomorrow",
            "Contact: Bob",
            "Contacts: Bob, Ann",
            "📊 Pizza?",
        ] {
            assert_eq!(read(text, true), Content::Text, "{text}");
        }
        assert_eq!(read("📍 -6.2, 106.8", false), Content::Text);
        assert_eq!(read("👤 Bob (+6281234567)", false), Content::Text);
    }

    #[test]
    fn cards_are_read_back() {
        assert_eq!(names("Contact: Bob (the 2nd) (+6281234567)", false), ["Bob (the 2nd)"]);
        assert_eq!(names("Contacts: Bob (+6281234567), Ann (+6281234568)", false), ["Bob", "Ann"]);
        assert_eq!(names("👤 Bob (+6281234567)", true), ["Bob"]);
    }
}
