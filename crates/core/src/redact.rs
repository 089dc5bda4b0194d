//! What may be shown of what a gateway says: its shape, never its content.

/// The most bytes of a [`snippet`].
pub const SNIPPET_BYTES: usize = 256;

/// A short line of a gateway's own words, for codes and states: everything but ASCII letters, digits in
/// runs of at most four and plain punctuation becomes `…`, as does every word that holds an `@`.
pub fn line(text: &str, max: usize) -> String {
    let mut out = String::new();
    for (i, word) in text.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.push_str(&mask_word(word));
        if out.len() >= max {
            break;
        }
    }
    truncate(out, max)
}

/// The shape of a body: JSON keeps its keys, booleans and numbers of at most four digits; HTML keeps its
/// tags' names; of other text only the length is told. At most [`SNIPPET_BYTES`]; `None` for an empty body.
pub fn snippet(body: &[u8]) -> Option<String> {
    let head = body.get(..body.len().min(4096)).unwrap_or(body);
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start();
    if text.is_empty() {
        return None;
    }
    let shown = match text.chars().next() {
        Some('{' | '[') => json_shape(text),
        Some('<') => tags(text),
        _ => format!("({} bytes of text)", body.len()),
    };
    Some(truncate(shown, SNIPPET_BYTES))
}

fn mask_word(word: &str) -> String {
    if word.contains('@') || !word.is_ascii() {
        return "…".into();
    }
    let mut out = String::new();
    let mut digits = String::new();
    for c in word.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if digits.len() > 4 {
            out.push('…');
        } else {
            out.push_str(&digits);
        }
        digits.clear();
        if c.is_ascii_graphic() {
            out.push(c);
        }
    }
    out
}

/// Keys are kept where they look like identifiers (phone numbers are keys in some answers).
fn json_shape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                let mut word = String::new();
                let mut escaped = false;
                for c in chars.by_ref() {
                    if escaped {
                        escaped = false;
                    } else if c == '\\' {
                        escaped = true;
                    } else if c == '"' {
                        break;
                    }
                    word.push(c);
                }
                while chars.peek().is_some_and(|c| c.is_whitespace()) {
                    chars.next();
                }
                let identifier = word.len() <= 40
                    && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
                if chars.peek() == Some(&':') && identifier {
                    out.push_str(&format!("\"{}\"", mask_word(&word)));
                } else {
                    out.push_str("\"…\"");
                }
            }
            '0'..='9' | '-' => {
                let mut number = String::from(c);
                while let Some(c) =
                    chars.peek().copied().filter(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E'))
                {
                    number.push(c);
                    chars.next();
                }
                if number.len() > 4 { out.push('…') } else { out.push_str(&number) }
            }
            '{' | '}' | '[' | ']' | ':' | ',' => out.push(c),
            't' | 'r' | 'u' | 'e' | 'f' | 'a' | 'l' | 's' | 'n' => out.push(c),
            _ => {}
        }
        if out.len() > SNIPPET_BYTES {
            break;
        }
    }
    out
}

fn tags(text: &str) -> String {
    let mut out = String::new();
    for part in text.split('<').skip(1) {
        let name: String =
            part.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!')).collect();
        if !name.is_empty() {
            out.push_str(&format!("<{name}>"));
        }
        if out.len() > SNIPPET_BYTES {
            break;
        }
    }
    out
}

fn truncate(mut text: String, max: usize) -> String {
    if text.len() > max {
        let mut end = max.saturating_sub('…'.len_utf8());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_keeps_keys_and_loses_texts_numbers_and_phone_keys() {
        let body = br#"{"message":"Hello Bob","status":422,"phone":79001234567,"79001234567":[true,null]}"#;
        assert_eq!(
            snippet(body).unwrap(),
            r#"{"…":"…","…":422,"…":…,"…":[true,null]}"#.replacen("\"…\":\"…\"", "\"message\":\"…\"", 1)
                .replacen("\"…\":422", "\"status\":422", 1)
                .replacen("\"…\":…", "\"phone\":…", 1)
        );
        assert_eq!(snippet(b"plain secret words").unwrap(), "(18 bytes of text)");
        assert_eq!(snippet(b"<html><body>Ann</body>").unwrap(), "<html><body></body>");
        assert!(snippet(b"  ").is_none());
    }

    #[test]
    fn a_line_loses_digits_and_addresses() {
        assert_eq!(line("chat 79001234567@c.us 79001234567 gone 404", 64), "chat … … gone 404");
    }

    #[test]
    fn a_snippet_is_bounded() {
        let body = format!("[{}]", "\"x\":1,".repeat(500));
        assert!(snippet(body.as_bytes()).unwrap().len() <= SNIPPET_BYTES);
    }
}
