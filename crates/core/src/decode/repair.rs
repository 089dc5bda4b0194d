use std::borrow::Cow;

use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// Replaces escapes of lone surrogates by the replacement character: JSON allows them, UTF-8 doesn't.
pub(super) fn surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some(code) = escape(from) else {
            // some other escape: keep it with the character it escapes
            let end = from.char_indices().nth(2).map_or(from.len(), |(i, _)| i);
            let (kept, after) = from.split_at(end);
            out.push_str(kept);
            rest = after;
            continue;
        };
        let (this, after) = from.split_at(6);
        rest = after;
        match code {
            0xd800..=0xdbff if escape(after).is_some_and(|low| (0xdc00..=0xdfff).contains(&low)) => {
                let (low, after) = after.split_at(6);
                out.push_str(this);
                out.push_str(low);
                rest = after;
            }
            0xd800..=0xdfff => out.push_str("\\ufffd"),
            _ => out.push_str(this),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
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
    fn lone_surrogates_are_replaced_and_pairs_kept() {
        assert_eq!(
            surrogates(r#""\ud83d\ude00 \ud83d x \ude00 \\ud800 \n\u0041""#),
            r#""\ud83d\ude00 \ufffd x \ufffd \\ud800 \n\u0041""#
        );
        assert_eq!(surrogates(r#""\ud83d"#), r#""\ufffd"#);
        assert_eq!(surrogates("plain"), "plain");
    }
}
