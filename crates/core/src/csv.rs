//! Items as lines of CSV: the keys of their JSON in order, nested values as compact JSON, null empty.
//!
//! An empty text is `""`, so that it is told apart from null. Lines end with `\n`. Nothing is changed in a
//! value: a text that begins with `=` is a formula to spreadsheets, so import such files as text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::{Error, ErrorKind, Operation, Result};

/// The columns of a CSV file.
///
/// ```
/// use wachats_core::{Resolved, csv::Columns};
/// let person = Resolved::new(Some("79001234567".parse()?), None);
/// let columns = Columns::of(&person)?;
/// assert_eq!(columns.header(), "phone_id,lid\n");
/// assert_eq!(columns.line(&person)?, "79001234567@c.us,\n");
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<String>);

impl Columns {
    /// The keys of this item, in the order of its JSON.
    ///
    /// # Errors
    /// `Unexpected` when the item isn't written as a JSON object.
    pub fn of(sample: &impl Serialize) -> Result<Self> {
        Ok(Self(fields(sample)?.into_iter().map(|(key, _)| key).collect()))
    }

    /// One column more at the end, unless it is there.
    pub fn and(mut self, name: &str) -> Self {
        if !self.0.iter().any(|n| n == name) {
            self.0.push(name.to_owned());
        }
        self
    }

    /// The first line of the file.
    pub fn header(&self) -> String {
        join(self.0.iter().map(|name| Some(name.as_str())))
    }

    /// The line of an item; a key that it lacks is empty.
    ///
    /// # Errors
    /// `Unexpected` when the item isn't written as a JSON object.
    pub fn line(&self, item: &impl Serialize) -> Result<String> {
        let fields = fields(item)?;
        let cell = |name: &String| {
            fields.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_deref())
        };
        Ok(join(self.0.iter().map(cell)))
    }
}

/// The keys of an item's JSON, in order, each with its value as text: a string without its quotes, anything
/// nested as compact JSON, `None` for null.
///
/// # Errors
/// `Unexpected` when the item isn't written as a JSON object.
pub fn fields(item: &impl Serialize) -> Result<Vec<(String, Option<String>)>> {
    let read = || {
        let json = serde_json::to_string(item)?;
        serde_json::from_str::<Ordered>(&json).map(|ordered| ordered.0)
    };
    read().map_err(|_: serde_json::Error| {
        Error::new(ErrorKind::Unexpected, Operation::Configure)
            .with_message("an item can't be written as an object")
    })
}

/// A JSON object in the order in which it is written.
struct Ordered(Vec<(String, Option<String>)>);

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Ordered;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    let text = match value.get() {
                        "null" => None,
                        text if text.starts_with('"') => {
                            Some(serde_json::from_str(text).map_err(serde::de::Error::custom)?)
                        }
                        other => Some(other.to_owned()),
                    };
                    fields.push((key, text));
                }
                Ok(Ordered(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

fn join<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut line = String::new();
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            line.push(',');
        }
        line.push_str(&cell.map_or(Cow::Borrowed(""), quoted));
    }
    line.push('\n');
    line
}

fn quoted(cell: &str) -> Cow<'_, str> {
    let plain = !cell.is_empty()
        && !cell.starts_with(' ')
        && !cell.ends_with(' ')
        && !cell.contains([',', '"', '\n', '\r']);
    if plain { Cow::Borrowed(cell) } else { Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\""))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chat, Message};

    #[test]
    fn keys_stand_in_the_order_of_the_struct() {
        let columns = Columns::of(&Chat::new("79001234567".parse().unwrap())).unwrap().and("raw");
        let header = columns.header();
        assert!(header.starts_with("id,kind,name,last_message_at,"), "{header}");
        assert!(header.ends_with(",alternate_id,raw\n"), "{header}");
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let mut message = Message::new("79001234567".parse().unwrap(), "3EB0".parse().unwrap(), true);
        message.text = Some("a \"b\",\nc".into());
        message.sender_name = Some(String::new());
        message.reactions = Some(vec![crate::Reaction::new("👍")]);
        let line = Columns::of(&message).unwrap().line(&message).unwrap();
        assert!(
            line.starts_with("true_79001234567@c.us_3EB0,3EB0,79001234567@c.us,,\"\",true,,unknown,"),
            "{line}"
        );
        assert!(line.contains("\"a \"\"b\"\",\nc\""), "{line}");
        assert!(line.contains("\"[{\"\"emoji\"\":\"\"👍\"\""), "{line}");
    }
}
