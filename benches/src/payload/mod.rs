//! Bodies in the shapes of the gateways, made of our own words: message `n` of a list is always the same.

mod gowa;
mod green;
mod waha;
mod webjs;

use std::fmt::Write;

pub(crate) use gowa::gowa_page;
pub(crate) use green::green_history;
pub(crate) use waha::{Engine, waha_page};

/// The second of the newest message of every list.
pub(crate) const NEWEST: i64 = 1_760_000_000;
/// The account's own number.
pub(crate) const ACCOUNT: &str = "79990000001";

/// Which part of a list of `total` messages is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    /// The number of the chat: its last seven digits tell how many messages it has.
    pub(crate) total: u64,
    /// Nothing newer than this second.
    pub(crate) until: Option<i64>,
    /// How many of those to leave out.
    pub(crate) offset: u64,
    /// How many to give.
    pub(crate) limit: u64,
}

impl Cut {
    /// The messages of the part: 0 is the newest, each a second older than the one before.
    fn range(self) -> std::ops::Range<u64> {
        let newer = self.until.map_or(0, |until| u64::try_from(NEWEST - until).unwrap_or(0));
        let start = newer.saturating_add(self.offset).min(self.total);
        start..start.saturating_add(self.limit).min(self.total)
    }
}

/// The chat of a list of so many messages.
pub(crate) fn chat_number(total: u64) -> String {
    format!("7900{total:07}")
}

/// How many messages the chat of this number has.
pub(crate) fn total_of(number: &str) -> u64 {
    number.strip_prefix("7900").and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// What message `n` is, in the proportions of an ordinary chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Reply,
    Image,
    Voice,
    Document,
    Place,
}

fn shape(n: u64) -> Shape {
    match n % 20 {
        3 | 11 => Shape::Reply,
        5 | 9 | 16 => Shape::Image,
        7 => Shape::Voice,
        13 => Shape::Document,
        18 => Shape::Place,
        _ => Shape::Text,
    }
}

fn from_me(n: u64) -> bool {
    n.is_multiple_of(3)
}

/// A key as a phone or the gateway itself makes it.
fn key(n: u64, own: bool) -> String {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
    if own { format!("3EB0{mixed:016X}{:02X}", n % 256) } else { format!("AC{mixed:016X}{n:014X}") }
}

const WORDS: [&str; 16] = [
    "the invoice is ready",
    "see you at nine",
    "спасибо большое",
    "could you send it again",
    "yes",
    "the parcel left the depot this morning",
    "no, the other one",
    "até amanhã 🙂",
    "I'll ask and write back",
    "please call when you can",
    "it says \\\"paid\\\" on my side",
    "ok",
    "where do we meet",
    "the second page is missing",
    "new address:\\nMain Street 12",
    "that works for us",
];

/// The text of message `n`, as it stands inside a JSON string.
fn words(n: u64) -> String {
    let mut text = String::new();
    for step in 0..=(n % 4) {
        let at = usize::try_from((n.wrapping_mul(7) + step * 5) % 16).unwrap_or(0);
        let _ =
            write!(text, "{}{}", if step > 0 { ", " } else { "" }, WORDS.get(at).copied().unwrap_or("ok"));
    }
    text
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// So many characters of base64, different for each `seed`.
fn base64(out: &mut String, length: usize, seed: u64) {
    let mut state = seed | 1;
    for _ in 0..length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % 64).unwrap_or(0);
        out.push(char::from(BASE64.get(at).copied().unwrap_or(b'A')));
    }
}

fn list(out: &mut String, items: std::ops::Range<u64>, one: impl Fn(&mut String, u64)) {
    out.push('[');
    for n in items.clone() {
        if n > items.start {
            out.push(',');
        }
        one(out, n);
    }
    out.push(']');
}
