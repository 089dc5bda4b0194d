use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use smol_str::{SmolStr, SmolStrBuilder};
use thiserror::Error;

use super::ChatKind;
use crate::{ErrorKind, Operation};

/// Server parts of WhatsApp's ids that an application may name.
const SERVERS: [&str; 9] =
    ["c.us", "s.whatsapp.net", "g.us", "lid", "newsletter", "broadcast", "hosted", "hosted.lid", "bot"];
const MAX_ID: usize = 128;

/// Why a text is no id. It tells the rule, never the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// Nothing there.
    #[error("an id is empty")]
    Empty,
    /// Longer than any id.
    #[error("an id is longer than 128 bytes")]
    TooLong,
    /// A phone number has 5 to 15 digits.
    #[error("a phone number has 5 to 15 digits; other chats are written with their server, as in …@g.us")]
    Phone,
    /// The part before the `@`.
    #[error("the part of a chat id before the @ is not one of WhatsApp's")]
    User,
    /// The part after the `@`.
    #[error(
        "the part of a chat id after the @ is none of c.us, s.whatsapp.net, g.us, lid, newsletter, broadcast"
    )]
    Server,
    /// A message id with characters that none has.
    #[error("a message id is a key like 3EB0…, or true|false_CHAT_KEY with an optional _PARTICIPANT")]
    Message,
}

impl From<IdError> for crate::Error {
    fn from(error: IdError) -> Self {
        Self::new(ErrorKind::InvalidInput, Operation::Configure).with_message(error.to_string())
    }
}

/// The id of a chat or a person, in its canonical form: `…@c.us` for people, whatever the gateway writes.
///
/// Parses `79001234567`, `+7 900 123-45-67`, `…@c.us`, `…@s.whatsapp.net` (with or without `:device`),
/// `…@g.us`, `…@lid`, `…@newsletter`, `…@broadcast`. A lid is an id of its own and never guessed into a
/// phone. `Display` is the id, `Debug` hides its digits.
///
/// ```
/// use wachats_core::ChatId;
/// let a: ChatId = "+7 900 123-45-67".parse()?;
/// let b: ChatId = "79001234567:12@s.whatsapp.net".parse()?;
/// assert_eq!(a, b);
/// assert_eq!(a.to_string(), "79001234567@c.us");
/// assert!("../x@c.us".parse::<ChatId>().is_err());
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChatId(SmolStr);

impl ChatId {
    /// The id of a person by phone number, digits only.
    ///
    /// # Errors
    /// [`IdError::Phone`] unless there are 5 to 15 digits.
    pub fn phone(digits: &str) -> Result<Self, IdError> {
        if !(5..=15).contains(&digits.len()) || !all(digits, |b| b.is_ascii_digit()) {
            return Err(IdError::Phone);
        }
        Ok(Self(joined(digits, "c.us")))
    }

    /// Reads an id that a gateway sent: as parsing, but a server that is not known is kept, and a Cyrillic
    /// `с` in the server part (Green-API) is read as the Latin letter.
    ///
    /// # Errors
    /// [`IdError`] for what can't be an id or would be unsafe in a path.
    pub fn from_wire(text: &str) -> Result<Self, IdError> {
        if text.len() > MAX_ID {
            return Err(IdError::TooLong);
        }
        let Some((user, server)) = parts(text, b'@') else {
            return Self::from_str(text);
        };
        if !SERVERS.contains(&server) {
            if server.contains('с') {
                return Self::from_wire(&format!("{user}@{}", server.replace('с', "c")));
            }
            let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
            if !server.split('.').all(|part| !part.is_empty() && part.bytes().all(plain)) {
                return Err(IdError::Server);
            }
        }
        Self::build(text, user, server)
    }

    /// `whole` is user and server with the `@` between them.
    fn build(whole: &str, user: &str, server: &str) -> Result<Self, IdError> {
        let person = matches!(server, "c.us" | "s.whatsapp.net");
        let user = if person || matches!(server, "lid" | "hosted" | "hosted.lid") {
            strip_device(user)
        } else {
            user
        };
        if user.is_empty() {
            return Err(IdError::User);
        }
        let digits = all(user, |b| b.is_ascii_digit());
        let valid = match server {
            "c.us" | "s.whatsapp.net" | "lid" => digits && user.len() <= 20,
            "g.us" => {
                user.bytes().all(|b| b.is_ascii_digit() || b == b'-')
                    && user.bytes().any(|b| b.is_ascii_digit())
            }
            "broadcast" => digits || user == "status",
            _ => user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
        };
        if !valid {
            return Err(IdError::User);
        }
        let server = if person { "c.us" } else { server };
        if whole.len() == user.len() + 1 + server.len() {
            return Ok(Self(SmolStr::new(whole)));
        }
        Ok(Self(joined(user, server)))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn user(&self) -> &str {
        parts(&self.0, b'@').map_or("", |(user, _)| user)
    }

    /// The part after the `@`: `c.us` for people.
    pub fn server(&self) -> &str {
        parts(&self.0, b'@').map_or("", |(_, server)| server)
    }

    /// What kind of chat it is.
    pub fn kind(&self) -> ChatKind {
        match self.server() {
            "c.us" | "lid" | "hosted" | "hosted.lid" | "bot" => ChatKind::User,
            "g.us" => ChatKind::Group,
            "newsletter" => ChatKind::Channel,
            "broadcast" if self.user() == "status" => ChatKind::Status,
            "broadcast" => ChatKind::Broadcast,
            other => ChatKind::Other(other.to_owned()),
        }
    }

    /// Is it a hidden id, `…@lid`?
    pub fn is_lid(&self) -> bool {
        self.server() == "lid"
    }

    /// Is it a person by phone number?
    pub fn is_phone(&self) -> bool {
        self.server() == "c.us"
    }

    /// Is it a group?
    pub fn is_group(&self) -> bool {
        self.server() == "g.us"
    }

    /// The same id with WhatsApp's own server for people, `…@s.whatsapp.net`: GOWA's spelling.
    pub fn to_jid(&self) -> SmolStrText {
        if self.is_phone() {
            SmolStrText(joined(self.user(), "s.whatsapp.net"))
        } else {
            SmolStrText(self.0.clone())
        }
    }
}

/// A short text that rarely allocates; it reads as a `&str`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmolStrText(SmolStr);

impl std::ops::Deref for SmolStrText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SmolStrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SmolStrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// User and server as one text; it allocates nothing up to 23 bytes.
fn joined(user: &str, server: &str) -> SmolStr {
    let mut text = SmolStrBuilder::new();
    text.push_str(user);
    text.push('@');
    text.push_str(server);
    text.finish()
}

/// What stands before and after the first such ASCII character: ids are short, and a plain loop is faster on them
/// than a search made for long texts.
fn parts(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|b| b == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Do all bytes pass? Without a way out at the first that doesn't, which keeps the loop free of branches.
fn all(text: &str, test: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, b| all & test(b))
}

/// `444:12` and `444.0:12` are devices of `444`.
fn strip_device(user: &str) -> &str {
    let user = user
        .split_once(':')
        .map_or(user, |(user, device)| if device.bytes().all(|b| b.is_ascii_digit()) { user } else { "" });
    match user.split_once('.') {
        Some((head, agent)) if !agent.is_empty() && agent.bytes().all(|b| b.is_ascii_digit()) => head,
        _ => user,
    }
}

impl FromStr for ChatId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > MAX_ID {
            return Err(IdError::TooLong);
        }
        match text.split_once('@') {
            Some((user, server)) if SERVERS.contains(&server) => Self::build(text, user, server),
            Some(_) => Err(IdError::Server),
            None => {
                let text = text.trim_matches(' ');
                let number = text.strip_prefix('+').unwrap_or(text);
                if !number.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')')) {
                    return Err(IdError::Phone);
                }
                let digits: SmolStr = number.chars().filter(char::is_ascii_digit).collect();
                Self::phone(&digits)
            }
        }
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChatId(…@{})", self.server())
    }
}

/// What WhatsApp itself calls a message, as in `3EB0…`.
///
/// It is unique with its chat and whether it is one's own. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey(SmolStr);

impl MessageKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > MAX_ID {
            return Err(IdError::TooLong);
        }
        let safe =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'=' | b'+' | b'~');
        if !all(text, safe) || text.bytes().all(|b| b == b'.') {
            return Err(IdError::Message);
        }
        Ok(Self(SmolStr::new(text)))
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageKey(…)")
    }
}

/// The id of a message: in full `{true|false}_{chat}_{key}[_{participant}]`, or the bare key.
///
/// Applications store (chat, [`key`](Self::key), from-me), never a printed id: its chat and participant
/// may change between a lid and a phone. `Display` is the id, `Debug` hides it.
///
/// ```
/// use wachats_core::MessageId;
/// let full: MessageId = "false_79001234567@c.us_3EB0C431".parse()?;
/// let bare: MessageId = "3EB0C431".parse()?;
/// assert_eq!(full.key(), bare.key());
/// assert_eq!(full.from_me(), Some(false));
/// assert!(bare.chat().is_none());
/// # Ok::<(), wachats_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageId {
    scope: Option<Scope>,
    key: MessageKey,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Scope {
    from_me: bool,
    chat: ChatId,
    participant: Option<ChatId>,
}

impl MessageId {
    /// A full id.
    pub fn full(from_me: bool, chat: ChatId, key: MessageKey, participant: Option<ChatId>) -> Self {
        Self { scope: Some(Scope { from_me, chat, participant }), key }
    }

    /// What WhatsApp itself calls the message.
    pub fn key(&self) -> &MessageKey {
        &self.key
    }

    /// Whether the account itself wrote it; `None` for a bare key.
    pub fn from_me(&self) -> Option<bool> {
        self.scope.as_ref().map(|s| s.from_me)
    }

    /// The chat; `None` for a bare key.
    pub fn chat(&self) -> Option<&ChatId> {
        self.scope.as_ref().map(|s| &s.chat)
    }

    /// Who wrote it, where the id says so (groups).
    pub fn participant(&self) -> Option<&ChatId> {
        self.scope.as_ref().and_then(|s| s.participant.as_ref())
    }

    /// Is it a full id?
    pub fn is_full(&self) -> bool {
        self.scope.is_some()
    }

    fn parse(text: &str, chat: fn(&str) -> Result<ChatId, IdError>) -> Result<Self, IdError> {
        if text.len() > 3 * MAX_ID {
            return Err(IdError::TooLong);
        }
        let (from_me, rest) = match parts(text, b'_') {
            Some(("true", rest)) => (true, rest),
            Some(("false", rest)) => (false, rest),
            _ => return Ok(Self { scope: None, key: text.parse()? }),
        };
        let (chat_text, rest) = parts(rest, b'_').ok_or(IdError::Message)?;
        // a bare key has no @: most ids end with one
        let participant = if rest.bytes().any(|b| b == b'@') { rest.rsplit_once('_') } else { None };
        let (key, participant) = match participant {
            Some((key, participant)) if participant.contains('@') => (key, Some(chat(participant)?)),
            _ => (rest, None),
        };
        Ok(Self::full(from_me, chat(chat_text)?, key.parse()?, participant))
    }

    /// Reads an id that a gateway sent, by the rules of [`ChatId::from_wire`].
    ///
    /// # Errors
    /// [`IdError`] for what can't be an id.
    pub fn from_wire(text: &str) -> Result<Self, IdError> {
        Self::parse(text, ChatId::from_wire)
    }
}

impl From<MessageKey> for MessageId {
    fn from(key: MessageKey) -> Self {
        Self { scope: None, key }
    }
}

impl FromStr for MessageId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text, ChatId::from_str)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Scope { from_me, chat, participant }) = &self.scope {
            write!(f, "{from_me}_{chat}_{}", self.key)?;
            return participant.as_ref().map_or(Ok(()), |p| write!(f, "_{p}"));
        }
        write!(f, "{}", self.key)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "MessageId(full)" } else { "MessageId(bare)" })
    }
}

macro_rules! text_conversions {
    ($($id:ident: $wire:path),*) => {$(
        impl TryFrom<&str> for $id {
            type Error = IdError;
            fn try_from(text: &str) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl TryFrom<&String> for $id {
            type Error = IdError;
            fn try_from(text: &String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl TryFrom<String> for $id {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<&$id> for $id {
            fn from(id: &$id) -> Self {
                id.clone()
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                $wire(&text).map_err(de::Error::custom)
            }
        }
    )*};
}

text_conversions!(ChatId: ChatId::from_wire, MessageId: MessageId::from_wire, MessageKey: MessageKey::from_str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_person_is_one_id() {
        for text in [
            "79001234567",
            "+7 900 123-45-67",
            "79001234567@c.us",
            "79001234567:8@s.whatsapp.net",
            "79001234567.0:8@s.whatsapp.net",
        ] {
            assert_eq!(text.parse::<ChatId>().unwrap().as_str(), "79001234567@c.us", "{text}");
        }
        assert_eq!(ChatId::from_wire("79001234567@с.us").unwrap().as_str(), "79001234567@c.us");
        assert_eq!("444:12@lid".parse::<ChatId>().unwrap().as_str(), "444@lid");
    }

    #[test]
    fn hostile_ids_are_refused() {
        let long = "9".repeat(4096);
        for text in [
            "",
            "..",
            "../x",
            "%2e%2e",
            "a/b",
            "a\rb",
            "a\nb",
            "a\0b",
            &long,
            "../x@c.us",
            "%2e%2e@g.us",
            "x@evil.example",
            "7900123@c.us/../logout",
            "@c.us",
            "79001234567@",
            "a@lid",
            "79001234567@c.us?x=1",
            "1 2@c.us",
            "@",
        ] {
            assert!(text.parse::<ChatId>().is_err(), "{text:?}");
            let unknown_server = text == "x@evil.example";
            assert_eq!(ChatId::from_wire(text).is_ok(), unknown_server, "{text:?} from the wire");
        }
        for text in [
            "..",
            ".",
            "a/b",
            "a%2fb",
            "a b",
            "a\r\nb",
            "true_..@c.us_A",
            "true_79001234567@c.us_..",
            "true_A",
            "é",
        ] {
            assert!(text.parse::<MessageId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn kinds_follow_the_server() {
        let kind = |text: &str| text.parse::<ChatId>().unwrap().kind();
        assert_eq!(kind("1203630@g.us"), ChatKind::Group);
        assert_eq!(kind("5511999-1600000000@g.us"), ChatKind::Group);
        assert_eq!(kind("1203@newsletter"), ChatKind::Channel);
        assert_eq!(kind("status@broadcast"), ChatKind::Status);
        assert_eq!(kind("123@broadcast"), ChatKind::Broadcast);
        assert_eq!(kind("222@lid"), ChatKind::User);
    }

    #[test]
    fn message_ids_print_as_they_parse() {
        for text in
            ["3EB0", "true_79001234567@c.us_3EB0", "false_1203@g.us_AC12_444@lid", "false_1@lid_call:9"]
        {
            assert_eq!(text.parse::<MessageId>().unwrap().to_string(), text);
        }
        let id: MessageId = "false_1203@g.us_AC12_79001234567:3@s.whatsapp.net".parse().unwrap();
        assert_eq!(id.to_string(), "false_1203@g.us_AC12_79001234567@c.us");
    }

    #[test]
    fn debug_hides_the_digits() {
        let id: ChatId = "79001234567".parse().unwrap();
        assert_eq!(format!("{id:?}"), "ChatId(…@c.us)");
        let id: MessageId = "true_79001234567@c.us_3EB0".parse().unwrap();
        assert!(!format!("{id:?}").contains("7900"));
    }
}
