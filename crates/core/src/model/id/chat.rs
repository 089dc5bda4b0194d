use std::fmt;
use std::str::FromStr;

use smol_str::{SmolStr, SmolStrBuilder};

use super::{IdError, MAX_ID, all, parts};
use crate::ChatKind;

/// Server parts of WhatsApp's ids that an application may name.
const SERVERS: [&str; 9] =
    ["c.us", "s.whatsapp.net", "g.us", "lid", "newsletter", "broadcast", "hosted", "hosted.lid", "bot"];

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
