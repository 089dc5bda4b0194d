//! Text of strangers, made safe and measured for a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Without what could move the cursor, colour the screen or turn the reading direction.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' => out.push('⏎'),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\r' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// How many cells it takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// At most so many cells; what is cut ends in `…`.
pub(crate) fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > cells {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// How wide the terminal is; 120 where there is none.
pub(crate) fn columns() -> usize {
    terminal_size::terminal_size().map_or(120, |(terminal_size::Width(width), _)| usize::from(width).max(40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_sequence_reaches_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\r\nc\u{202e}d\u{9b}e"), "a [31mb⏎cd e");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("shorter", 5), "shor…");
    }
}
