//! Splitting JSON by its structure alone: strings, brackets, keys, colons and commas. What stands in a string
//! or a literal is not judged here, so that one bad literal costs one item.

use std::ops::Range;

use super::string::quote_or_escape;

/// The place of the value under `path` (keys of nested objects; the last of two equal keys wins).
///
/// `None` when a key is missing or the document's structure is broken, bytes after its end included.
pub fn locate(body: &[u8], path: &[&str]) -> Option<Range<usize>> {
    let start = skip_space(body, 0);
    let end = value_end(body, start)?;
    if skip_space(body, end) != body.len() {
        return None;
    }
    let mut range = start..end;
    for key in path {
        range = member(body, range, key)?;
    }
    Some(range)
}

/// The place of the value under `path`, found without looking at anything behind it: the first of two equal
/// keys counts, and [`leave`] tells whether it was the only one.
pub(super) fn enter(body: &[u8], path: &[&str]) -> Option<usize> {
    let mut at = skip_space(body, 0);
    for key in path {
        if body.get(at) != Some(&b'{') {
            return None;
        }
        at = skip_space(body, at + 1);
        loop {
            let (name, value) = key_at(body, at)?;
            at = value;
            if name == key.as_bytes() {
                break;
            }
            at = skip_space(body, value_end(body, at)?);
            if body.get(at) != Some(&b',') {
                return None;
            }
            at = skip_space(body, at + 1);
        }
    }
    Some(at)
}

/// Looks at what stands behind the value under `path` that ends at `at`, to the end of the document. False where
/// a key of the path comes again; `None` where the structure is broken, bytes after the end included.
pub(super) fn leave(body: &[u8], at: usize, path: &[&str]) -> Option<bool> {
    let mut at = skip_space(body, at);
    for key in path.iter().rev() {
        while body.get(at)? == &b',' {
            let (name, value) = key_at(body, skip_space(body, at + 1))?;
            if name == key.as_bytes() {
                return Some(false);
            }
            at = skip_space(body, value_end(body, value)?);
        }
        if body.get(at)? != &b'}' {
            return None;
        }
        at = skip_space(body, at + 1);
    }
    (at == body.len()).then_some(true)
}

/// What follows in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// An item that begins here.
    Item(usize),
    /// The end of the array; what follows it begins here.
    End(usize),
}

/// What the array that begins at `at` holds first.
pub(super) fn first(body: &[u8], at: usize) -> Option<Next> {
    let at = skip_space(body, at + 1);
    match body.get(at)? {
        b']' => Some(Next::End(at + 1)),
        _ => Some(Next::Item(at)),
    }
}

/// What follows the item that ends at `at`.
pub(super) fn next(body: &[u8], at: usize) -> Option<Next> {
    let at = skip_space(body, at);
    match body.get(at)? {
        b',' => Some(Next::Item(skip_space(body, at + 1))),
        b']' => Some(Next::End(at + 1)),
        _ => None,
    }
}

/// The key that begins at `at`, and the place of its value.
fn key_at(body: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let end = string_end(body, at)?;
    let name = body.get(at + 1..end - 1)?;
    let colon = skip_space(body, end);
    (body.get(colon)? == &b':').then(|| (name, skip_space(body, colon + 1)))
}

fn member(body: &[u8], object: Range<usize>, key: &str) -> Option<Range<usize>> {
    if body.get(object.start) != Some(&b'{') {
        return None;
    }
    let mut found = None;
    let mut at = skip_space(body, object.start + 1);
    while body.get(at)? != &b'}' {
        let (name, value) = key_at(body, at)?;
        let end = value_end(body, value)?;
        if name == key.as_bytes() {
            found = Some(value..end);
        }
        at = skip_space(body, end);
        match body.get(at)? {
            b',' => at = skip_space(body, at + 1),
            b'}' => {}
            _ => return None,
        }
    }
    found
}

/// How many levels of a document are kept by [`shallow`]: serde_json reads 127.
const LEVELS: usize = 100;

/// The document with everything below a hundred levels replaced by `null`; `None` where nothing lies so deep. Where
/// the structure is broken the copy is broken too.
pub(crate) fn shallow(body: &[u8]) -> Option<Vec<u8>> {
    let (mut kept, mut from, mut at, mut open) = (Vec::new(), 0, 0, 0_usize);
    while let Some(byte) = body.get(at) {
        at = match byte {
            b'"' => string_end(body, at)?,
            b'{' | b'[' if open == LEVELS => {
                kept.extend_from_slice(body.get(from..at)?);
                kept.extend_from_slice(b"null");
                from = value_end(body, at)?;
                from
            }
            b'{' | b'[' => {
                open += 1;
                at + 1
            }
            b'}' | b']' => {
                open = open.checked_sub(1)?;
                at + 1
            }
            _ => at + 1,
        };
    }
    if from == 0 {
        return None;
    }
    kept.extend_from_slice(body.get(from..)?);
    Some(kept)
}

fn skip_space(body: &[u8], mut at: usize) -> usize {
    while matches!(body.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The end of a string that begins at `at`, its closing quote included.
fn string_end(body: &[u8], at: usize) -> Option<usize> {
    if body.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += quote_or_escape(body.get(at..)?)?;
        match body.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2, // whatever is escaped
        }
    }
}

/// What may come next inside a value.
#[derive(Clone, Copy)]
enum Want {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// The end of the value that begins at `at`; `None` where keys, colons and commas aren't in their places: a
/// quote too few turns what is inside of strings out, and then items can't be told apart any more. No
/// recursion: depth is the length of a list.
pub(super) fn value_end(body: &[u8], at: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut want = Want::Value;
    let mut at = at;
    loop {
        let byte = *body.get(at)?;
        match (want, byte) {
            (Want::Value | Want::ValueOrEnd, b'{' | b'[') => {
                open.push(byte);
                want = if byte == b'{' { Want::KeyOrEnd } else { Want::ValueOrEnd };
                at = skip_space(body, at + 1);
                continue;
            }
            (Want::Key | Want::KeyOrEnd, b'"') => {
                at = skip_space(body, string_end(body, at)?);
                want = Want::Colon;
                continue;
            }
            (Want::Colon, b':') => {
                at = skip_space(body, at + 1);
                want = Want::Value;
                continue;
            }
            (Want::CommaOrEnd, b',') => {
                at = skip_space(body, at + 1);
                want = if open.last() == Some(&b'{') { Want::Key } else { Want::Value };
                continue;
            }
            (Want::KeyOrEnd | Want::CommaOrEnd, b'}') if open.last() == Some(&b'{') => {
                open.pop();
                at += 1;
            }
            (Want::ValueOrEnd | Want::CommaOrEnd, b']') if open.last() == Some(&b'[') => {
                open.pop();
                at += 1;
            }
            (Want::Value | Want::ValueOrEnd, b'"') => at = string_end(body, at)?,
            (Want::Value | Want::ValueOrEnd, _) => {
                let end = literal_end(body, at);
                if end == at {
                    return None;
                }
                at = end;
            }
            _ => return None,
        }
        if open.is_empty() {
            return Some(at);
        }
        at = skip_space(body, at);
        want = Want::CommaOrEnd;
    }
}

/// The end of a number or word, right or wrong.
fn literal_end(body: &[u8], at: usize) -> usize {
    let ends =
        |b: &u8| matches!(b, b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"') || b.is_ascii_whitespace();
    let rest = body.get(at..).unwrap_or_default();
    at + rest.iter().position(ends).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(body: &str) -> Option<Vec<&str>> {
        let bytes = body.as_bytes();
        let at = enter(bytes, &[]).filter(|at| bytes.get(*at) == Some(&b'['))?;
        let (mut items, mut at) = (Vec::new(), first(bytes, at)?);
        loop {
            match at {
                Next::Item(place) => {
                    let end = value_end(bytes, place)?;
                    items.push(&body[place..end]);
                    at = next(bytes, end)?;
                }
                Next::End(end) => return leave(bytes, end, &[]).map(|_| items),
            }
        }
    }

    #[test]
    fn items_are_split_by_structure_alone() {
        assert_eq!(split("[]").unwrap(), Vec::<&str>::new());
        assert_eq!(
            split(r#" [ {"a":"]\"}"} , NaN, [1,[2]], "x,y" ] "#).unwrap(),
            [r#"{"a":"]\"}"}"#, "NaN", "[1,[2]]", "\"x,y\""]
        );
        for broken in [
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[}",
            "[{]",
            "[1] 2",
            "{}",
            "[\"a]",
            "[1 2]",
            r#"[{"a":"b,"c":"d"},{"e":"f""g"}]"#,
            "[{1:2}]",
            r#"[{"a"}]"#,
            r#"[{"a":1,}]"#,
        ] {
            assert!(split(broken).is_none(), "{broken}");
        }
    }

    fn first_and_last(body: &[u8], array: usize) -> Option<bool> {
        leave(body, value_end(body, array)?, &["a", "b"])
    }

    #[test]
    fn the_last_of_two_equal_keys_is_found() {
        let body = br#"{"a":{"b":1},"a":{"b": [2]}}"#;
        assert_eq!(locate(body, &["a", "b"]).map(|r| &body[r]), Some(&b"[2]"[..]));
        assert_eq!(locate(body, &["a", "c"]), None);
        let first = enter(body, &["a", "b"]).unwrap();
        assert_eq!(leave(body, first + 1, &["a", "b"]), Some(false));
        let tail = br#"{"x":"}","a":{"b":[], "c":{}} , "d":1 }"#;
        let at = enter(tail, &["a", "b"]).unwrap();
        assert_eq!(first_and_last(tail, at), Some(true));
        assert_eq!(first_and_last(&tail[..tail.len() - 1], at), None);
        assert_eq!(enter(tail, &["x", "b"]), None);
    }
}
