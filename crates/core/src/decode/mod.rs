//! Decoding that loses nothing: a fast reader, then field by field.
//!
//! A page is read in one pass, each item from where it stands in the body, by a reader of our own that skips what
//! nobody asked for. An item that it refuses is delimited by structure alone, mended (lone surrogates, control
//! characters) and read through a map (the last of two equal keys wins), and the fields that can't be read are left
//! out with a note. Only an item that no model can be made of is skipped, with its raw JSON.
//! A page whose structure is broken is an error, never a short list.

mod array;
mod reader;
mod repair;
mod scan;
mod strict;
mod string;

use std::borrow::Cow;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use scan::locate;
pub(crate) use scan::shallow;

use self::array::Array;
use self::reader::Reader;
use self::strict::Strict;
use crate::transport::{Answer, not_json};
use crate::{Error, ErrorKind, Page, RawJson, Result};

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
    let (body, text) = match std::str::from_utf8(&answer.body) {
        Ok(text) => (answer.body.clone(), text),
        Err(_) => {
            let body = utf8(&answer.body);
            let replaced = Answer { body, headers: answer.headers.clone(), ..*answer };
            return page(&replaced, path, raw, translate);
        }
    };
    let place = scan::enter(&body, path).filter(|place| body.get(*place) == Some(&b'['));
    let place = place.ok_or_else(|| broken(answer))?;
    let array = Array { answer, body: &body, text, place, path };
    if let Some(page) = array.items(raw, &mut translate)? {
        return Ok(page);
    }
    // a key of the path is given twice: the last one wins
    let range = scan::locate(&body, path).filter(|range| body.get(range.start) == Some(&b'['));
    let range = range.ok_or_else(|| broken(answer))?;
    let text = text.get(range.clone()).unwrap_or_default();
    let array = Array { answer, body: &body.slice(range), text, place: 0, path: &[] };
    Ok(array.items(raw, &mut translate)?.unwrap_or_default())
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
    let item = whole(&bytes).ok_or_else(|| unreadable::<W>(answer, &bytes))?;
    translate(item, kept).map_err(|reason| {
        Error::new(ErrorKind::Decode, answer.operation).with_status(answer.status).with_message(reason)
    })
}

/// The whole body, by the same steps.
///
/// # Errors
/// As [`item`].
pub(crate) fn body<W: DeserializeOwned>(answer: &Answer) -> Result<W> {
    whole(&utf8(&answer.body)).ok_or_else(|| unreadable::<W>(answer, &answer.body))
}

/// Reads a document that strict decoding refused: duplicate keys, lone surrogates, wrong types in optional
/// fields. `None` where that doesn't help.
pub fn lenient<W: DeserializeOwned>(body: &[u8]) -> Option<W> {
    repaired(&utf8(&Bytes::copy_from_slice(body))).map(|(item, _)| item)
}

fn whole<W: DeserializeOwned>(body: &[u8]) -> Option<W> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::new(text, 0);
    let item = W::deserialize(&mut reader).ok().filter(|_| reader.is_at_end());
    item.or_else(|| repaired(body).map(|(item, _)| item))
}

fn unreadable<W: DeserializeOwned>(answer: &Answer, body: &[u8]) -> Error {
    match serde_json::from_slice::<W>(body) {
        Err(error) => not_json(answer, &error),
        Ok(_) => missing(answer),
    }
}

/// Why there is no array where one was looked for: the body is no JSON, or JSON of another shape.
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
    let text = repair::mended(std::str::from_utf8(bytes).ok()?);
    let mut value: Value = serde_json::from_str(&text).ok()?;
    let mut removed = Vec::new();
    for _ in 0..MAX_REPAIRS {
        match serde_path_to_error::deserialize::<_, W>(Strict(&value)) {
            Ok(item) => return Some((item, removed)),
            Err(error) => removed.push(repair::remove(&mut value, error.path())?),
        }
    }
    None
}

/// Why an item can't be read, without its content.
fn reason<W: DeserializeOwned>(bytes: &[u8]) -> String {
    match serde_json::from_slice::<W>(bytes) {
        Err(error) => format!("it can't be read at line {} column {}", error.line(), error.column()),
        Ok(_) => "it can't be read".to_owned(),
    }
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

    /// A page, one item and a whole body judge alike.
    #[test]
    fn what_a_list_reads_is_read_alone_too() {
        for (body, wanted, field) in [
            (&b"{\"id\":\"a\nb\"}"[..], "a\nb", None),
            (b"{\"id\":\"a\nb\",\"at\":\"x\"}", "a\nb", Some("at")),
            (br#"{"id":"a","x":"\q"}"#, "a", None),
            (br#"{"id":"a\q","at":[]}"#, "a\\q", Some("at")),
            (br#"{"id":"a","at":1e400}"#, "a", Some("at")),
            (br#"{"id":"a","inner":[]}"#, "a", Some("inner")),
            (br#"{"id":"a","inner":["text"]}"#, "a", Some("inner")),
        ] {
            let list = [&b"["[..], body, b"]"].concat();
            let page = page(&answer(&list), &[], false, |w: Wire, _| Ok((w.id, w.inner.is_some()))).unwrap();
            assert_eq!(page.items, [(Some(wanted.to_owned()), false)], "{}", String::from_utf8_lossy(body));
            assert_eq!(page.notes.first().map(|note| note.field.as_str()), field);
            let alone = item(&answer(body), &[], false, |w: Wire, _| Ok(w.id)).unwrap();
            assert_eq!(alone.as_deref(), Some(wanted));
            assert_eq!(answer(body).json::<Wire>().unwrap().id.as_deref(), Some(wanted));
        }
        for broken in [&b"[\"a\"]"[..], b"{\"id\":\"a\"} x", b"{\"id\":\"a\"", b"\x0c{}"] {
            assert_eq!(answer(broken).json::<Wire>().err().unwrap().kind(), ErrorKind::Decode);
        }
        assert!(rows(b"{\"results\":{\"data\":[\x0c]}}").is_err());
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
            assert_eq!(
                rows(body).unwrap_err().kind(),
                ErrorKind::Decode,
                "{}",
                String::from_utf8_lossy(body)
            );
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
        let page =
            page(&answer(br#"[{"id":"a", "x":1}]"#), &[], true, |w: Wire, raw| Ok((w.id, raw))).unwrap();
        assert_eq!(page.items[0].1.as_ref().unwrap().get(), r#"{"id":"a", "x":1}"#);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = format!("{{\"results\":{{\"data\":[{}{}]}}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(rows(deep.as_bytes()).unwrap().skipped.len(), 1);
    }
}
