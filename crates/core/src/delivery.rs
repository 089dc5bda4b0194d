//! Reading a delivery that a gateway pushed or queued: for those who write gateways.
//!
//! A delivery is read through a map, so that a field of another type than expected costs that field alone and no
//! item is poison. [`Fields`] names the units that times come in: fixed per field, by magnitude only where a
//! contract marks the field as inconsistent.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    ChatId, DedupeKey, Error, ErrorKind, Event, EventKind, Gateway, MessageKey, Operation, RawJson, Result,
    decode,
};

static NULL: Value = Value::Null;

/// The body of one delivery, read.
pub struct Delivery<'a> {
    body: &'a [u8],
    value: Value,
}

impl<'a> Delivery<'a> {
    /// Reads the body; invalid UTF-8 and lone surrogates are replaced, of two equal keys the last counts. What lies
    /// 100 levels deep is left out of the value: engines put whole objects of theirs into a delivery.
    ///
    /// # Errors
    /// `Decode` for a body that is no JSON.
    pub fn parse(gateway: &Gateway, body: &'a [u8]) -> Result<Self> {
        let value = match serde_json::from_slice(body) {
            Ok(value) => Some(value),
            Err(_) => decode::lenient(body).or_else(|| decode::lenient(&decode::shallow(body)?)),
        };
        let value = value.ok_or_else(|| {
            Error::new(ErrorKind::Decode, Operation::WebhookEvents)
                .with_gateway(gateway.clone())
                .with_body(body)
                .with_message("the delivery is not JSON")
        })?;
        Ok(Self { body, value })
    }

    /// The JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The delivery as it came.
    pub fn raw(&self) -> RawJson {
        RawJson::new(String::from_utf8_lossy(self.body).into_owned().into_bytes())
    }

    /// The event for what isn't known. `part` of the delivery tells it from others: what the gateway repeats
    /// unchanged when it delivers again.
    pub fn unknown(&self, gateway: &Gateway, account: &str, part: &Value) -> Event {
        let key = DedupeKey::new("unknown", account).digest(part.to_string().as_bytes());
        let mut event = Event::new(gateway.clone(), EventKind::Unknown, key);
        event.raw = Some(self.raw());
        event
    }
}

impl std::fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Delivery({} bytes)", self.body.len())
    }
}

/// Reads the fields of a JSON object; everything that is not there, or not what is asked for, is `None`.
pub trait Fields {
    /// The value of a key; `null` where there is none.
    fn inner(&self, key: &str) -> &Value;

    /// The value at the end of a path of keys; `null` where there is none.
    fn at(&self, path: &[&str]) -> &Value;

    /// A text that is not empty.
    fn text(&self, key: &str) -> Option<&str>;

    /// A text that is not empty, or a number as text.
    fn label(&self, key: &str) -> Option<String>;

    /// A yes or no.
    fn flag(&self, key: &str) -> Option<bool>;

    /// A number, also one written as text.
    fn number(&self, key: &str) -> Option<f64>;

    /// A count, or a number that identifies something: exact, whatever its size.
    fn count(&self, key: &str) -> Option<u64> {
        let value = self.inner(key);
        let exact = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        exact.or_else(|| self.number(key).filter(|n| *n >= 0.0 && *n < 1e18).map(|n| n as u64))
    }

    /// The items of a list; none where there is no list.
    fn items(&self, key: &str) -> &[Value];

    /// An id as a gateway writes it; a text without `@` is none.
    fn chat(&self, key: &str) -> Option<ChatId> {
        chat(self.inner(key))
    }

    /// Several ids; those that can't be read are left out.
    fn chats(&self, key: &str) -> Vec<ChatId> {
        self.items(key).iter().filter_map(chat).collect()
    }

    /// A bare message key.
    fn key(&self, key: &str) -> Option<MessageKey> {
        self.text(key)?.parse().ok()
    }

    /// A time in seconds since 1970, with or without a fraction; 0 is none.
    fn seconds(&self, key: &str) -> Option<DateTime<Utc>> {
        millis(self.number(key)? * 1e3)
    }

    /// A time in milliseconds since 1970; 0 is none.
    fn millis(&self, key: &str) -> Option<DateTime<Utc>> {
        millis(self.number(key)?)
    }

    /// A time of a field whose unit varies: above 10^11 it is milliseconds, else seconds.
    fn seconds_or_millis(&self, key: &str) -> Option<DateTime<Utc>> {
        let number = self.number(key)?;
        millis(if number > 1e11 { number } else { number * 1e3 })
    }

    /// A time as RFC 3339; Go's zero time, of the year 1, is none.
    fn rfc3339(&self, key: &str) -> Option<DateTime<Utc>> {
        let time = DateTime::parse_from_rfc3339(self.text(key)?).ok()?.with_timezone(&Utc);
        (time.timestamp() > 0).then_some(time)
    }
}

impl Fields for Value {
    fn inner(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NULL)
    }

    fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |value, key| value.inner(key))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn label(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    fn number(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            value => value.as_f64(),
        }
    }

    fn items(&self, key: &str) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// An id as a gateway writes it, also WhatsApp Web's object around it.
pub fn chat(value: &Value) -> Option<ChatId> {
    let text = match value {
        Value::Object(_) => value.text("_serialized").or_else(|| value.text("$1"))?,
        _ => value.as_str()?,
    };
    ChatId::from_wire(text).ok().filter(|_| text.contains('@'))
}

/// An object of a delivery as a wire struct: straight, else with the fields left out that can't be read.
pub fn typed<W: DeserializeOwned>(value: &Value) -> Option<W> {
    // serde would read an array as a struct's fields in turn
    if !value.is_object() {
        return None;
    }
    W::deserialize(value).ok().or_else(|| decode::lenient(value.to_string().as_bytes()))
}

fn millis(number: f64) -> Option<DateTime<Utc>> {
    if number > 0.0 && number < 1e15 { DateTime::from_timestamp_millis(number.round() as i64) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn units_are_those_asked_for() {
        let value = json!({"s": 1_795_230_508, "f": 1710481111.853, "ms": 1_795_230_508_966_u64, "text": "1795230508",
            "iso": "2026-08-20T10:00:00Z", "zero": 0, "go": "0001-01-01T00:00:00Z", "odd": [1], "huge": 1e300});
        let unix = |time: Option<DateTime<Utc>>| time.map(|t| t.timestamp_millis());
        assert_eq!(unix(value.seconds("s")), Some(1_795_230_508_000));
        assert_eq!(unix(value.seconds("f")), Some(1_710_481_111_853));
        assert_eq!(unix(value.millis("ms")), Some(1_795_230_508_966));
        assert_eq!(value.seconds_or_millis("ms"), value.millis("ms"));
        assert_eq!(value.seconds_or_millis("s"), value.seconds("text"));
        assert_eq!(unix(value.rfc3339("iso")), Some(1_787_220_000_000));
        for key in ["zero", "go", "odd", "huge", "none"] {
            assert_eq!((value.seconds(key), value.rfc3339(key)), (None, None), "{key}");
        }
    }

    #[test]
    fn counts_beyond_two_to_the_53_are_exact() {
        let value = json!({"n": 9_007_199_254_740_993_u64, "text": "9007199254740993", "f": 2.0, "no": -1});
        assert_eq!(value.count("n"), Some(9_007_199_254_740_993));
        assert_eq!(value.count("text"), value.count("n"));
        assert_eq!((value.count("f"), value.count("no")), (Some(2), None));
    }

    #[test]
    fn what_lies_too_deep_costs_itself_alone() {
        for depth in [90, 127, 200, 100_000] {
            let deep = format!("{}7{}", r#"{"x":["#.repeat(depth), "]}".repeat(depth));
            let body = format!(r#"{{"a":"]}}\"","_data":{deep},"b":{{"c":[1,{{"d":2}}]}}, "e":[{deep}] }}"#);
            let delivery = Delivery::parse(&Gateway::WAHA, body.as_bytes()).unwrap();
            let value = delivery.value();
            assert_eq!(
                (value.text("a"), value.at(&["b", "c"]), value.inner("_data").is_object()),
                (Some("]}\""), &json!([1, {"d": 2}]), true)
            );
            assert_eq!(delivery.raw().get(), body);
            let unfinished = format!("{body},");
            assert!(Delivery::parse(&Gateway::WAHA, unfinished.as_bytes()).is_err());
        }
    }

    #[test]
    fn only_what_is_no_json_is_an_error() {
        let gateway = Gateway::WAHA;
        for body in [&b""[..], b"<html>", b"{\"a\":", b"\xff\xfe"] {
            assert_eq!(Delivery::parse(&gateway, body).unwrap_err().kind(), ErrorKind::Decode);
        }
        let twice = Delivery::parse(&gateway, br#"{"a":1,"a":"x\ud800"}"#).unwrap();
        assert_eq!(twice.value().text("a"), Some("x\u{fffd}"));
        let bytes = Delivery::parse(&gateway, b"{\"a\":\"\xff\"}").unwrap();
        assert_eq!((bytes.value().text("a"), bytes.raw().get()), (Some("\u{fffd}"), "{\"a\":\"\u{fffd}\"}"));
    }
}
