//! What stands between two quotes.

use memchr::memchr2;

/// Where the first quote or backslash is. Most strings are short, and a search made for long ones costs more to
/// begin than they take: a few words of eight bytes are looked at first.
#[inline]
pub(super) fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    // the lowest high bit that is left marks the first zero byte
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let found = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        zero(word ^ (ONES * b'"' as u64)) | zero(word ^ (ONES * b'\\' as u64))
    };
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let found = found(word);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
        if at == 32 {
            break;
        }
    }
    memchr2(b'"', b'\\', bytes.get(at..)?).map(|place| at + place)
}

/// The text with its escapes resolved; `None` for a lone surrogate or what is no escape.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escape.chars();
        match chars.next()? {
            'n' => out.push('\n'),
            '"' => out.push('"'),
            '\\' => out.push('\\'),
            '/' => out.push('/'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => {
                let unit = |text: &str| {
                    let hex = text.get(..4).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
                    u16::from_str_radix(hex, 16).ok()
                };
                let first = unit(chars.as_str())?;
                let after = chars.as_str().get(4..)?;
                let second = match first {
                    0xd800..=0xdbff => Some(unit(after.strip_prefix("\\u")?)?),
                    _ => None,
                };
                let units = std::iter::once(first).chain(second);
                out.push(char::decode_utf16(units).next()?.ok()?);
                rest = if second.is_some() { after.get(6..)? } else { after };
                continue;
            }
            _ => return None,
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    Some(out)
}
