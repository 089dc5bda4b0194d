//! Arguments read before any request, with the command's name in the error.

use std::num::IntErrorKind;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use wachats::{ChatId, Error, MessageId};

use crate::failure::{Failure, Run};

pub(crate) fn chat(text: &str) -> Run<ChatId> {
    Ok(text.parse::<ChatId>().map_err(Error::from)?)
}

/// A phone number as people write it.
pub(crate) fn phone(text: &str) -> Run<ChatId> {
    let id = chat(text)?;
    if id.is_phone() {
        return Ok(id);
    }
    Err(Failure::usage("a phone number has 5 to 15 digits, with its country code").into())
}

pub(crate) fn message(text: &str) -> Run<MessageId> {
    Ok(text.parse::<MessageId>().map_err(Error::from)?)
}

/// RFC 3339, or seconds since 1970.
fn time(text: &str, option: &str) -> Run<DateTime<Utc>> {
    const LATEST: i64 = 99_999_999_999;
    let wrong = |why: &str| Failure::usage(format!("{option} {why}")).into();
    match text.parse::<i64>() {
        Ok(seconds @ 0..=LATEST) => {
            DateTime::from_timestamp(seconds, 0).ok_or_else(|| wrong("is not a time"))
        }
        Ok(_) if !text.starts_with('-') => {
            Err(wrong("is too large for seconds since 1970; are these milliseconds?"))
        }
        Ok(_) => Err(wrong("is before 1970")),
        Err(error) if matches!(error.kind(), IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => {
            Err(wrong("is not a time"))
        }
        Err(_) => DateTime::parse_from_rfc3339(text)
            .map(|time| time.to_utc())
            .map_err(|_| wrong("is RFC 3339 with a zone, like 2026-08-20T10:05:00Z, or seconds since 1970")),
    }
}

/// The bounds of a list in time.
pub(crate) type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Both bounds of a list, where they are given.
pub(crate) fn span(since: Option<&str>, until: Option<&str>) -> Run<Span> {
    let since = since.map(|text| time(text, "--since")).transpose()?;
    let until = until.map(|text| time(text, "--until")).transpose()?;
    match (since, until) {
        (Some(since), Some(until)) if since > until => {
            Err(Failure::usage("--since is later than --until").into())
        }
        span => Ok(span),
    }
}

/// A number that must not be 0.
pub(crate) fn count(number: Option<u64>, option: &str) -> Run<Option<u64>> {
    match number {
        Some(0) => Err(Failure::usage(format!("{option} is at least 1")).into()),
        other => Ok(other),
    }
}

/// A time in seconds, up to a year.
pub(crate) fn seconds(seconds: Option<f64>, option: &str) -> Run<Option<Duration>> {
    match seconds {
        None => Ok(None),
        Some(seconds) if (0.001..=31_536_000.0).contains(&seconds) => {
            Ok(Some(Duration::from_secs_f64(seconds)))
        }
        Some(_) => {
            Err(Failure::usage(format!("{option} is a number of seconds, above 0 and at most a year")).into())
        }
    }
}

/// Up to a day.
pub(crate) fn timeout(seconds: Option<f64>) -> Run<Option<Duration>> {
    match seconds {
        None => Ok(None),
        Some(seconds) if (0.001..=86_400.0).contains(&seconds) => Ok(Some(Duration::from_secs_f64(seconds))),
        Some(_) => Err(Failure::usage("--timeout is a number of seconds, above 0 and at most 86400").into()),
    }
}

/// A place where a file can be written: told before the work, not after it.
pub(crate) fn file(path: &Path) -> Run {
    let wrong = |why: &str| Err(Failure::usage(format!("the output file {why}")).into());
    if path.as_os_str().is_empty() || path.file_name().is_none() || path.is_dir() {
        return wrong("is a folder or has no name");
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => wrong("is in a folder that doesn't exist"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_both_forms() {
        let at = time("2026-08-20T12:05:00+02:00", "--since").unwrap();
        assert_eq!(at, time("1787220300", "--since").unwrap());
        for wrong in [
            "",
            "yesterday",
            "2026-08-20",
            "2026-08-20T10:05:00",
            "-5",
            "1787220300000",
            "1e9",
            "99999999999999999999",
        ] {
            assert!(time(wrong, "--since").is_err(), "{wrong}");
        }
    }

    #[test]
    fn timeouts_are_bounded() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(timeout(Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(timeout(Some(0.5)).unwrap(), Some(Duration::from_millis(500)));
    }
}
