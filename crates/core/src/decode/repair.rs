use std::fmt::Write;

use serde_json::{Number, Value};
use serde_path_to_error::{Path, Segment};

/// The text as JSON that can be read: lone surrogates are replaced, control characters and backslashes that escape
/// nothing are escaped, and numbers out of range become texts, which then are of a wrong type at their place.
pub(super) fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((outside, string)) = rest.split_once('"') {
        numbers(outside, &mut out);
        out.push('"');
        rest = inside(string, &mut out);
    }
    numbers(rest, &mut out);
    out
}

/// A string up to its closing quote, which is written too; gives what follows.
fn inside<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix('"') {
            out.push('"');
            return after;
        }
        rest = if from.starts_with('\\') { escaped(from, out) } else { control(from, out) };
    }
    out.push_str(rest);
    ""
}

/// A control character as an escape; gives what follows.
fn control<'a>(from: &'a str, out: &mut String) -> &'a str {
    let mut chars = from.chars();
    if let Some(c) = chars.next() {
        let _ = write!(out, "\\u{:04x}", u32::from(c));
    }
    chars.as_str()
}

/// What begins with a backslash; gives what follows.
fn escaped<'a>(from: &'a str, out: &mut String) -> &'a str {
    let Some(code) = escape(from) else {
        let end = from.char_indices().nth(2).map_or(from.len(), |(i, _)| i);
        let (pair, after) = from.split_at(end);
        if matches!(pair, "\\\"" | "\\\\" | "\\/" | "\\b" | "\\f" | "\\n" | "\\r" | "\\t") {
            out.push_str(pair);
            return after;
        }
        out.push_str("\\\\");
        return from.get(1..).unwrap_or_default();
    };
    let (this, after) = from.split_at(6);
    match code {
        0xd800..=0xdbff if escape(after).is_some_and(|low| (0xdc00..=0xdfff).contains(&low)) => {
            let (low, after) = after.split_at(6);
            out.push_str(this);
            out.push_str(low);
            return after;
        }
        0xd800..=0xdfff => out.push_str("\\ufffd"),
        _ => out.push_str(this),
    }
    after
}

/// What stands between strings.
fn numbers(text: &str, out: &mut String) {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
    for piece in text.split_inclusive(|c| !part(c)) {
        let word = piece.trim_end_matches(|c| !part(c));
        let number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        if number && serde_json::from_str::<Number>(word).is_err() {
            let after = piece.strip_prefix(word).unwrap_or_default();
            let _ = write!(out, "\"{word}\"{after}");
        } else {
            out.push_str(piece);
        }
    }
}

/// The code of a `\uXXXX` at the start.
fn escape(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    hex.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok())?
}

/// Takes the innermost field that `path` names out of the value and tells its path; `None` when the path
/// leads nowhere, or to the value itself.
pub(super) fn remove(value: &mut Value, path: &Path) -> Option<String> {
    let mut steps: Vec<&Segment> = path
        .iter()
        .filter(|s| matches!(s, Segment::Map { .. } | Segment::Seq { .. } | Segment::Enum { .. }))
        .collect();
    while !steps.is_empty() {
        if take(value, &steps).is_some() {
            // keys come from the wire: only those that look like names are told
            return Some(crate::redact::line(&path.to_string(), 80));
        }
        steps.pop();
    }
    None
}

fn take(value: &mut Value, steps: &[&Segment]) -> Option<()> {
    let (last, parents) = steps.split_last()?;
    let mut at = value;
    for step in parents {
        at = match step {
            Segment::Map { key } => at.get_mut(key.as_str())?,
            Segment::Seq { index } => at.get_mut(*index)?,
            _ => at,
        };
    }
    match (last, at) {
        (Segment::Map { key }, Value::Object(map)) => map.remove(key.as_str()).map(|_| ()),
        (Segment::Seq { index }, Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_mended() {
        for (broken, mended_to) in [
            (
                r#""\ud83d\ude00 \ud83d x \ude00 \\ud800 \n\u0041""#,
                r#""\ud83d\ude00 \ufffd x \ufffd \\ud800 \n\u0041""#,
            ),
            (r#""\ud83d"#, r#""\ufffd"#),
            ("{\n\"a\":\"b\nc\"}", "{\n\"a\":\"b\\u000ac\"}"),
            (r#"{"a":"\q\u12\""}"#, r#"{"a":"\\q\\u12\""}"#),
            (
                r#"[1e400, -1e999,1.5 ,"1e400",true,null,-0]"#,
                r#"["1e400", "-1e999",1.5 ,"1e400",true,null,-0]"#,
            ),
            ("plain", "plain"),
            (r#""a\"#, r#""a\\"#),
        ] {
            assert_eq!(mended(broken), mended_to);
        }
    }
}
