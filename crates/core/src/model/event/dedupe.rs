use std::fmt::{self, Display, Write};

use chrono::{DateTime, Utc};

use crate::model::{Message, MessageKind};

/// Longer parts are replaced by their hash, so that a key stays short whatever a stranger sends.
const MAX_PART: usize = 80;

/// Builds the key by which deliveries of the same event are known: the event's word, the account, then what
/// identifies it, joined with `|`.
///
/// Two deliveries of one event give the same key, two events different ones. Ids are to be canonical; times and
/// texts belong in only where nothing else tells two events apart. `Debug` hides it.
///
/// ```
/// use wachats_core::DedupeKey;
/// let key = DedupeKey::new("message_ack", "default/5511900000001@c.us")
///     .part("5511911111111@c.us").part("3EB0C431").flag(Some(true)).part("read");
/// assert_eq!(key.finish(), "message_ack|default/5511900000001@c.us|5511911111111@c.us|3EB0C431|true|read");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DedupeKey(String);

impl DedupeKey {
    /// A key of an event of this account. The account is what the gateway's deliveries always carry: a session, an
    /// instance, the number.
    pub fn new(event: &str, account: impl Display) -> Self {
        Self(event.to_owned()).part(account)
    }

    /// The key of a message that came or was sent. `chat` is what counts as its chat, mostly
    /// [`Message::chat_id`].
    ///
    /// A message without any content is another event than the same with one: what can't be decrypted at first
    /// comes again under the same id.
    pub fn message(account: impl Display, chat: impl Display, message: &Message) -> Self {
        let word = if message.from_me { "message_sent" } else { "message_received" };
        let key = Self::new(word, account).part(chat).part(&message.key).flag(Some(message.from_me));
        let empty = message.kind == MessageKind::Unknown && message.text.is_none() && message.media.is_none();
        if empty { key.part("empty") } else { key }
    }

    /// Adds a part. What would break the key's form is escaped, what is long is replaced by its hash.
    pub fn part(mut self, part: impl Display) -> Self {
        let part = part.to_string();
        self.0.push('|');
        if part.len() > MAX_PART {
            return self.hash(part.as_bytes());
        }
        for c in part.chars() {
            if c == '|' || c == '%' || c.is_control() {
                // writing to a String never fails
                let _ = write!(self.0, "%{:02x}", u32::from(c));
            } else {
                self.0.push(c);
            }
        }
        self
    }

    /// Adds a part that may be missing, as `-`.
    pub fn maybe(self, part: Option<impl Display>) -> Self {
        match part {
            Some(part) => self.part(part),
            None => self.part("-"),
        }
    }

    /// Adds a yes, a no or a "not told".
    pub fn flag(self, flag: Option<bool>) -> Self {
        self.maybe(flag)
    }

    /// Adds a time in milliseconds.
    pub fn at(self, at: Option<DateTime<Utc>>) -> Self {
        self.maybe(at.map(|at| at.timestamp_millis()))
    }

    /// Adds the hash of a text or body.
    pub fn digest(mut self, bytes: &[u8]) -> Self {
        self.0.push('|');
        self.hash(bytes)
    }

    /// The key.
    pub fn finish(self) -> String {
        self.0
    }

    /// FNV-1a of 128 bits: the same in every build and version, which `std`'s hasher doesn't promise.
    fn hash(mut self, bytes: &[u8]) -> Self {
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in bytes {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        let _ = write!(self.0, "#{hash:032x}");
        self
    }
}

impl fmt::Debug for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DedupeKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_mistaken_for_each_other() {
        let key = |parts: &[&str]| {
            parts.iter().fold(DedupeKey::new("call", "a"), |key, part| key.part(part)).finish()
        };
        assert_ne!(key(&["a|b"]), key(&["a", "b"]));
        assert_ne!(key(&["a%7cb"]), key(&["a|b"]));
        assert_eq!(key(&["a\nb"]), "call|a|a%0ab");
        assert!(key(&["x".repeat(5000).as_str()]).len() < 50);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        let hash = |text: &str| DedupeKey(String::new()).digest(text.as_bytes()).finish();
        assert_eq!(hash(""), "|#6c62272e07bb014262b821756295c58d");
        assert_eq!(hash("a"), "|#d228cb696f1a8caf78912b704e4a8964");
    }
}
