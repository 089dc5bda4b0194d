//! Decoding that loses nothing: a typed fast path, then item by item, then field by field.
//!
//! A page is first read as a whole. Where that fails, its items are split by structure alone and each is
//! read by itself; one that fails again is read through a map (the last of two equal keys wins, lone
//! surrogates are replaced) and the fields that can't be read are left out with a note. Only an item that
//! no model can be made of is skipped, with its raw JSON. A page whose structure is broken is an error, never
//! a short list.

mod repair;
mod scan;

use std::borrow::Cow;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use scan::locate;

use crate::transport::{Answer, not_json};
use crate::{DecodeNote, Error, ErrorKind, Page, RawJson, Result, Skipped};

/// Fields left out of one item before it is given up.
const MAX_REPAIRS: usize = 64;

/// Decodes the array at `path` inside the answer's body (`&[]` for the body itself) into a page.
///
/// `W` is the wire's item: every field optional with a default. `translate` makes the model of it, or tells
/// why it can't (an item without id or chat). The raw JSON of an item is handed over when `raw` is set.
///
/// # Errors
/// `Decode` for a body whose structure is broken, or where there is no array; `NotAGateway` for a web page.
pub fn page<W, T>(
    answer: &Answer,
    path: &[&str],
    raw: bool,
    mut translate: impl FnMut(W, Option<RawJson>) -> Result<T, Cow<'static, str>>,
) -> Result<Page<T>>
where
    W: DeserializeOwned,
{
    let body = utf8(&answer.body);
    let array = array(answer, &body, path)?;
    let mut page = Page::default();
    if !raw && let Ok(items) = serde_json::from_slice::<Vec<W>>(&array) {
        page.items.reserve(items.len());
        let mut failed = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match translate(item, None) {
                Ok(item) => page.items.push(item),
                Err(reason) => failed.push((index, reason)),
            }
        }
        if !failed.is_empty() {
            let slices = scan::items(&array).ok_or_else(|| broken(answer))?;
            for (index, reason) in failed {
                let raw = slices.get(index).map(|range| array.slice(range.clone())).unwrap_or_default();
                page.skipped.push(Skipped::new(reason, RawJson::new(raw)));
            }
        }
        return Ok(page);
    }
    let slices = scan::items(&array).ok_or_else(|| broken(answer))?;
    for (index, range) in slices.into_iter().enumerate() {
        let bytes = array.slice(range);
        let kept = raw.then(|| RawJson::new(bytes.clone()));
        // serde would read an array as a struct's fields in turn
        let object = bytes.first() == Some(&b'{');
        let decoded = match serde_json::from_slice::<W>(&bytes) {
            _ if !object => Err(Cow::Borrowed("it is no object")),
            Ok(item) => translate(item, kept),
            Err(error) => match repaired::<W>(&bytes) {
                Some((item, fields)) => {
                    page.notes.extend(fields.into_iter().map(|field| DecodeNote::new(index, field)));
                    translate(item, kept)
                }
                None => Err(Cow::Owned(reason(&error))),
            },
        };
        match decoded {
            Ok(item) => page.items.push(item),
            Err(reason) => page.skipped.push(Skipped::new(reason, RawJson::new(bytes))),
        }
    }
    Ok(page)
}

/// Decodes one item at `path` inside the answer's body, by the same steps.
///
/// # Errors
/// `Decode` where it can't be read; `NotAGateway` for a web page.
pub fn item<W, T>(
    answer: &Answer,
    path: &[&str],
    raw: bool,
    translate: impl FnOnce(W, Option<RawJson>) -> Result<T, Cow<'static, str>>,
) -> Result<T>
where
    W: DeserializeOwned,
{
    let body = utf8(&answer.body);
    let bytes = if path.is_empty() {
        body
    } else {
        let range = scan::locate(&body, path).ok_or_else(|| missing(answer))?;
        body.slice(range)
    };
    let kept = raw.then(|| RawJson::new(bytes.clone()));
    let item = match serde_json::from_slice::<W>(&bytes) {
        Ok(item) => item,
        Err(error) => repaired(&bytes).map(|(item, _)| item).ok_or_else(|| not_json(answer, &error))?,
    };
    translate(item, kept).map_err(|reason| {
        Error::new(ErrorKind::Decode, answer.operation).with_status(answer.status).with_message(reason)
    })
}

/// Reads a document that strict decoding refused: duplicate keys, lone surrogates, wrong types in optional
/// fields. `None` where that doesn't help.
pub fn lenient<W: DeserializeOwned>(body: &[u8]) -> Option<W> {
    repaired(&utf8(&Bytes::copy_from_slice(body))).map(|(item, _)| item)
}

fn array(answer: &Answer, body: &Bytes, path: &[&str]) -> Result<Bytes> {
    let trimmed = body.trim_ascii_start();
    if !matches!(trimmed.first(), Some(b'[' | b'{')) {
        return match serde_json::from_slice::<Value>(body) {
            Ok(_) => Err(missing(answer)),
            Err(error) => Err(not_json(answer, &error)),
        };
    }
    if path.is_empty() {
        if trimmed.first() == Some(&b'[') {
            return Ok(body.clone());
        }
        return Err(missing(answer));
    }
    match scan::locate(body, path) {
        Some(range) => Ok(body.slice(range)),
        None => match serde_json::from_slice::<Value>(body) {
            Ok(_) => Err(missing(answer)),
            Err(error) => Err(not_json(answer, &error)),
        },
    }
}

fn broken(answer: &Answer) -> Error {
    match serde_json::from_slice::<Value>(&answer.body) {
        Err(error) => not_json(answer, &error),
        Ok(_) => missing(answer),
    }
}

fn missing(answer: &Answer) -> Error {
    Error::new(ErrorKind::Decode, answer.operation)
        .with_status(answer.status)
        .with_body(&answer.body)
        .with_message("the answer is JSON, but not of the shape that was expected")
}

/// The body with invalid UTF-8 replaced; untouched, and not copied, where it is valid.
fn utf8(body: &Bytes) -> Bytes {
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(_) => body.clone(),
        Cow::Owned(text) => Bytes::from(text.into_bytes()),
    }
}

/// Reads an item through a map and takes out the fields that can't be read, innermost first.
fn repaired<W: DeserializeOwned>(bytes: &[u8]) -> Option<(W, Vec<String>)> {
    let text = repair::surrogates(std::str::from_utf8(bytes).ok()?);
    let mut value: Value = serde_json::from_str(&text).ok()?;
    let mut removed = Vec::new();
    for _ in 0..MAX_REPAIRS {
        match serde_path_to_error::deserialize::<_, W>(&value) {
            Ok(item) => return Some((item, removed)),
            Err(error) => removed.push(repair::remove(&mut value, error.path())?),
        }
    }
    None
}

/// Why an item can't be read, without its content.
fn reason(error: &serde_json::Error) -> String {
    format!("it can't be read at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Operation;

    #[derive(Deserialize)]
    struct Wire {
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        at: Option<i64>,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Deserialize)]
    struct Inner {
        #[serde(default)]
        text: Option<String>,
    }

    fn answer(body: &[u8]) -> Answer {
        Answer {
            operation: Operation::ListMessages,
            status: 200,
            headers: reqwest::header::HeaderMap::new(),
            body: Bytes::copy_from_slice(body),
        }
    }

    type Row = (String, Option<i64>, Option<String>);

    fn rows(body: &[u8]) -> Result<Page<Row>> {
        page(&answer(body), &["results", "data"], false, |w: Wire, _| {
            Ok((w.id.ok_or("no id")?, w.at, w.inner.and_then(|i| i.text)))
        })
    }

    #[test]
    fn one_damaged_item_never_loses_its_page() {
        let body = br#"{"code":"x","results":{"total":1,"data":[
            {"id":"a","at":1},
            {"id":"b","at":"wrong","inner":{"text":7}},
            {"at":3},
            {"id":"d","id":"e","at":4},
            {"id":"f\ud800","at":5},
            {"id":"g","at":NaN},
            [1],
            {"id":"h","at":8,"inner":{"text":"ok"}}]}}"#;
        let page = rows(body).unwrap();
        let ids: Vec<_> = page.items.iter().map(|r| r.0.as_str()).collect();
        assert_eq!(ids, ["a", "b", "e", "f\u{fffd}", "h"]);
        assert_eq!(page.skipped.len(), 3);
        assert_eq!(page.skipped[1].raw.get(), r#"{"id":"g","at":NaN}"#);
        let notes: Vec<_> = page.notes.iter().map(|n| (n.index, n.field.as_str())).collect();
        assert_eq!(notes, [(1, "at"), (1, "inner.text")]);
    }

    #[test]
    fn a_page_whose_structure_is_broken_is_an_error_never_a_short_list() {
        for body in [
            &br#"{"results":{"data":[{"id":"a"},{"id":"b""#[..],
            br#"{"results":{"data":[{"id":"a"}]"#,
            br#"{"results":{"data":[{"id":"a"}]}}x"#,
            br#"{"results":{"data":null}}"#,
            br#"{"results":null}"#,
            b"",
            b"null",
        ] {
            assert_eq!(rows(body).unwrap_err().kind(), ErrorKind::Decode, "{}", String::from_utf8_lossy(body));
        }
        assert_eq!(rows(b"<html>login</html>").unwrap_err().kind(), ErrorKind::NotAGateway);
        assert_eq!(rows(b"please log in").unwrap_err().kind(), ErrorKind::NotAGateway);
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        let page = rows(b"{\"results\":{\"data\":[{\"id\":\"a\xff\"}]}}").unwrap();
        assert_eq!(page.items[0].0, "a\u{fffd}");
    }

    #[test]
    fn raw_is_kept_on_request() {
        let page = page(&answer(br#"[{"id":"a", "x":1}]"#), &[], true, |w: Wire, raw| Ok((w.id, raw))).unwrap();
        assert_eq!(page.items[0].1.as_ref().unwrap().get(), r#"{"id":"a", "x":1}"#);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = format!("{{\"results\":{{\"data\":[{}{}]}}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(rows(deep.as_bytes()).unwrap().skipped.len(), 1);
    }
}
