use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// Above this, a time is in milliseconds: journals give outgoing calls so, everything else in seconds.
const MILLISECONDS: i64 = 100_000_000_000;

/// The time of a journal entry: unix seconds as a number or as text; 0 stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(i64);

impl Stamp {
    /// The time, where it is one.
    pub(crate) fn time(self) -> Option<DateTime<Utc>> {
        match self.0 {
            ..=0 => None,
            ms if ms > MILLISECONDS => DateTime::from_timestamp_millis(ms),
            seconds => DateTime::from_timestamp(seconds, 0),
        }
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StampVisitor)
    }
}

struct StampVisitor;

impl Visitor<'_> for StampVisitor {
    type Value = Stamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unix seconds")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Stamp, E> {
        Ok(Stamp(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Stamp, E> {
        i64::try_from(number).map(Stamp).map_err(|_| E::custom("beyond any time"))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Stamp, E> {
        if number.is_finite() && number.abs() < 9.0e15 {
            return Ok(Stamp(number as i64));
        }
        Err(E::custom("beyond any time"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Stamp, E> {
        text.trim().parse().map(Stamp).map_err(|_| E::custom("not unix seconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_milliseconds_and_what_is_no_time() {
        let time = |json: &str| {
            serde_json::from_str::<Stamp>(json).ok().and_then(Stamp::time).map(|t| t.timestamp_millis())
        };
        assert_eq!(time("1760000000"), Some(1_760_000_000_000));
        assert_eq!(time("\"1760000000\""), Some(1_760_000_000_000));
        assert_eq!(time("1760000000.0"), Some(1_760_000_000_000));
        assert_eq!(time("1760000000123"), Some(1_760_000_000_123));
        for none in ["0", "-5", "18446744073709551615", "1e300", "\"2026-01-01\"", "true"] {
            assert_eq!(time(none), None, "{none}");
        }
    }
}
