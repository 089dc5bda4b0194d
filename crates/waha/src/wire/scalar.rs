//! Values that the engines write in more than one way.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use wachats_core::{ChatId, MessageId, MessageKey};

/// A number, also where it is written as text or as Baileys' `{low, high}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl Number {
    /// As a count; `None` for a negative one.
    pub(crate) fn count(self) -> Option<u64> {
        // floats saturate in casts: nothing wraps
        (self.0 >= 0.0).then_some(self.0 as u64)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_u64<E>(self, n: u64) -> Result<Number, E> {
                Ok(Number(n as f64))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Number, E> {
                Ok(Number(n as f64))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Number, E> {
                Ok(Number(n))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                let number = text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
                number.map(Number).ok_or_else(|| E::custom("text that is no number"))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                let (mut low, mut high) = (0_i64, 0_i64);
                while let Some(key) = map.next_key::<Word>()? {
                    match key {
                        Word::Low => low = map.next_value()?,
                        Word::High => high = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Number((high as f64) * 4_294_967_296.0 + (low as u32) as f64))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// Yes or no, also where it is written as a number (a time, 0 for no) or as text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a flag")
            }
            fn visit_bool<E>(self, b: bool) -> Result<Flag, E> {
                Ok(Flag(b))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Flag, E> {
                Ok(Flag(n != 0))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Flag, E> {
                Ok(Flag(n != 0))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Flag, E> {
                Ok(Flag(n != 0.0))
            }
            fn visit_str<E>(self, text: &str) -> Result<Flag, E> {
                Ok(Flag(!matches!(text, "" | "0" | "false")))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flag, A::Error> {
                let mut any = false;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    any = true;
                }
                Ok(Flag(any))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// How an id was spelled: the engines differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// WhatsApp Web's object of parts.
    Object,
    /// WhatsApp's own `…@s.whatsapp.net`.
    Protocol,
    /// `…@c.us`.
    Public,
    /// A server that tells nothing.
    Other,
}

/// A chat's or a person's id, as text or as an object of parts; `None` where it can't be one.
#[derive(Clone, Debug)]
pub(crate) struct Jid {
    pub(crate) id: Option<ChatId>,
    pub(crate) spelling: Spelling,
}

impl Jid {
    fn text(text: &str) -> Self {
        let spelling = match text {
            _ if text.ends_with("@c.us") => Spelling::Public,
            _ if text.ends_with("@s.whatsapp.net") => Spelling::Protocol,
            _ => Spelling::Other,
        };
        Self { id: ChatId::from_wire(text).ok(), spelling }
    }
}

/// The keys of id objects.
enum Word {
    Serialized,
    FromMe,
    Remote,
    Id,
    Participant,
    User,
    Server,
    Low,
    High,
    Other,
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Word;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E>(self, word: &str) -> Result<Word, E> {
                Ok(match word {
                    // WhatsApp Web renamed it in July 2026
                    "_serialized" | "$1" => Word::Serialized,
                    "fromMe" => Word::FromMe,
                    "remote" | "remoteJid" => Word::Remote,
                    "id" => Word::Id,
                    "participant" => Word::Participant,
                    "user" => Word::User,
                    "server" => Word::Server,
                    "low" => Word::Low,
                    "high" => Word::High,
                    _ => Word::Other,
                })
            }
        }
        deserializer.deserialize_identifier(Visit)
    }
}

impl<'de> Deserialize<'de> for Jid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Jid;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a chat id")
            }
            fn visit_str<E>(self, text: &str) -> Result<Jid, E> {
                Ok(Jid::text(text))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Jid, A::Error> {
                let (mut whole, mut user, mut server) = (None::<String>, None::<String>, None::<String>);
                while let Some(key) = map.next_key::<Word>()? {
                    match key {
                        Word::Serialized => whole = map.next_value()?,
                        Word::User => user = map.next_value()?,
                        Word::Server => server = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                let whole = whole.or_else(|| Some(format!("{}@{}", user?, server?)));
                Ok(Jid { spelling: Spelling::Object, ..Jid::text(&whole.unwrap_or_default()) })
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// A message's id, as text or as an object of parts (a key); `None` where it can't be one.
#[derive(Clone, Debug)]
pub(crate) struct Key(pub(crate) Option<MessageId>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message id")
            }
            fn visit_str<E>(self, text: &str) -> Result<Key, E> {
                Ok(Key(MessageId::from_wire(text).ok()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Key, A::Error> {
                let mut whole = None::<String>;
                let mut parts = Parts::default();
                while let Some(key) = map.next_key::<Word>()? {
                    match key {
                        Word::Serialized => whole = map.next_value()?,
                        Word::FromMe => parts.from_me = map.next_value()?,
                        Word::Remote => parts.remote = map.next_value()?,
                        Word::Id => parts.id = map.next_value()?,
                        Word::Participant => parts.participant = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                let whole = whole.and_then(|text| MessageId::from_wire(&text).ok());
                Ok(Key(whole.or_else(|| parts.build())))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

#[derive(Default)]
struct Parts {
    from_me: Option<bool>,
    remote: Option<Jid>,
    id: Option<String>,
    participant: Option<Jid>,
}

impl Parts {
    fn build(self) -> Option<MessageId> {
        let key: MessageKey = self.id?.parse().ok()?;
        let chat = self.remote.and_then(|jid| jid.id);
        match (self.from_me, chat) {
            (Some(from_me), Some(chat)) => {
                Some(MessageId::full(from_me, chat, key, self.participant.and_then(|jid| jid.id)))
            }
            _ => Some(key.into()),
        }
    }
}
