//! Splitting JSON by its structure alone: strings, brackets and commas. What stands inside an item is not
//! judged here, so that one bad literal costs one item.

use std::ops::Range;

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

/// The places of an array's items; `None` when it is no array or its structure is broken.
pub(super) fn items(body: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut at = skip_space(body, 0);
    if body.get(at) != Some(&b'[') {
        return None;
    }
    let mut items = Vec::new();
    at = skip_space(body, at + 1);
    if body.get(at) == Some(&b']') {
        return (skip_space(body, at + 1) == body.len()).then_some(items);
    }
    loop {
        let end = value_end(body, at)?;
        items.push(at..end);
        at = skip_space(body, end);
        match body.get(at)? {
            b',' => at = skip_space(body, at + 1),
            b']' => return (skip_space(body, at + 1) == body.len()).then_some(items),
            _ => return None,
        }
    }
}

fn member(body: &[u8], object: Range<usize>, key: &str) -> Option<Range<usize>> {
    if body.get(object.start) != Some(&b'{') {
        return None;
    }
    let mut found = None;
    let mut at = skip_space(body, object.start + 1);
    while body.get(at)? != &b'}' {
        let key_end = string_end(body, at)?;
        let name = body.get(at + 1..key_end - 1)?;
        at = skip_space(body, key_end);
        if body.get(at)? != &b':' {
            return None;
        }
        at = skip_space(body, at + 1);
        let end = value_end(body, at)?;
        if name == key.as_bytes() {
            found = Some(at..end);
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

fn skip_space(body: &[u8], mut at: usize) -> usize {
    while body.get(at).is_some_and(u8::is_ascii_whitespace) {
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
        match body.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The end of the value that begins at `at`. No recursion: depth is a counter of open brackets.
fn value_end(body: &[u8], at: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut at = at;
    loop {
        match body.get(at)? {
            b'"' => at = string_end(body, at)?,
            b'{' => {
                open.push(b'}');
                at += 1;
                continue;
            }
            b'[' => {
                open.push(b']');
                at += 1;
                continue;
            }
            b'}' | b']' => {
                if open.pop() != body.get(at).copied() {
                    return None;
                }
                at += 1;
            }
            b',' | b':' if !open.is_empty() => {
                at += 1;
                continue;
            }
            b if b.is_ascii_whitespace() && !open.is_empty() => {
                at += 1;
                continue;
            }
            b',' | b':' => return None,
            _ => {
                let start = at;
                while body.get(at).is_some_and(|b| !matches!(b, b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"') && !b.is_ascii_whitespace())
                {
                    at += 1;
                }
                if at == start {
                    return None;
                }
            }
        }
        if open.is_empty() {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(body: &str) -> Option<Vec<&str>> {
        items(body.as_bytes()).map(|v| v.into_iter().map(|r| &body[r]).collect())
    }

    #[test]
    fn items_are_split_by_structure_alone() {
        assert_eq!(split("[]").unwrap(), Vec::<&str>::new());
        assert_eq!(split(r#" [ {"a":"]\"}"} , NaN, [1,[2]], "x,y" ] "#).unwrap(), [r#"{"a":"]\"}"}"#, "NaN", "[1,[2]]", "\"x,y\""]);
        for broken in ["[", "[1", "[1,", "[1,]", "[}", "[{]", "[1] 2", "{}", "[\"a]", "[1 2]"] {
            assert!(split(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn the_last_of_two_equal_keys_is_found() {
        let body = br#"{"a":{"b":1},"a":{"b": [2]}}"#;
        assert_eq!(locate(body, &["a", "b"]).map(|r| &body[r]), Some(&b"[2]"[..]));
        assert_eq!(locate(body, &["a", "c"]), None);
    }
}
