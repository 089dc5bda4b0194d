use std::fmt::Write as _;

/// A vCard 3.0 with one mobile number, its texts escaped as RFC 2426 wants it: several gateways write theirs
/// unescaped, so that a name with a comma or a line break would become other lines of the card.
///
/// `digits` is the number without a sign; `waid` tells WhatsApp whose it is.
///
/// ```
/// let card = wachats_core::sending::vcard("Ana; da Silva, Ltda.", "5511911111111");
/// assert!(card.contains("FN:Ana\\; da Silva\\, Ltda.\n"));
/// assert!(card.contains("TEL;type=CELL;type=VOICE;waid=5511911111111:+5511911111111\n"));
/// ```
pub fn vcard(name: &str, digits: &str) -> String {
    let name = escape(name);
    let mut card = String::with_capacity(96 + 2 * name.len());
    // a line without a family name: one name can't be taken apart in every language
    let _ = write!(card, "BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\n");
    let _ = write!(card, "TEL;type=CELL;type=VOICE;waid={digits}:+{digits}\nEND:VCARD");
    card
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_can_add_a_line() {
        let card = vcard("A\nTEL:+1\r;B,C\\", "49123456789");
        assert_eq!(card.lines().count(), 6);
        assert!(card.contains("FN:A\\nTEL:+1\\;B\\,C\\\\\n"), "{card}");
    }
}
