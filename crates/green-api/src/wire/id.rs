use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use wachats_core::{ChatId, MessageKey};

/// An id, read where it stands: no text of it is kept. Green-API writes `""` where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Id<T> {
    /// There is none.
    #[default]
    None,
    /// A text that can't be one.
    Odd,
    /// This.
    Is(T),
}

impl<T> Id<T> {
    /// Takes it out.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// This, or the other where there is none.
    pub(crate) fn or(self, other: Self) -> Self {
        if matches!(self, Self::None) { other } else { self }
    }

    /// The id, where it is one.
    pub(crate) fn ok(self) -> Option<T> {
        match self {
            Self::Is(id) => Some(id),
            _ => None,
        }
    }

    /// The same, left where it is.
    pub(crate) fn get(&self) -> Option<&T> {
        match self {
            Self::Is(id) => Some(id),
            _ => None,
        }
    }
}

/// What ids are read by.
pub(crate) trait FromWire: Sized {
    /// The id of this text; `None` where it can't be one.
    fn from_wire(text: &str) -> Option<Self>;
}

impl FromWire for ChatId {
    fn from_wire(text: &str) -> Option<Self> {
        Self::from_wire(text).ok()
    }
}

impl FromWire for MessageKey {
    fn from_wire(text: &str) -> Option<Self> {
        Self::from_str(text).ok()
    }
}

impl<'de, T: FromWire> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<T: FromWire> Visitor<'_> for Visit<T> {
            type Value = Id<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id")
            }
            fn visit_str<E>(self, text: &str) -> Result<Id<T>, E> {
                Ok(match text {
                    "" => Id::None,
                    text => T::from_wire(text).map_or(Id::Odd, Id::Is),
                })
            }
            fn visit_unit<E>(self) -> Result<Id<T>, E> {
                Ok(Id::None)
            }
        }
        deserializer.deserialize_any(Visit(PhantomData))
    }
}
