use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::scan;
use super::string::{quote_or_escape, unescaped};

/// How deep values that are read may lie in one another.
const MAX_DEPTH: u32 = 120;

/// Reads JSON from where it stands in a body, for the items of pages.
///
/// It does less than serde_json and is faster at it: it tells no place and no reason of a fault, knows enums by
/// their names alone, takes strings as they stand, and skips what nobody asked for by its structure alone. An array is
/// no struct to it. What it refuses is read again through a map.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: u32,
}

/// It can't be read here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused;

type Result<T> = std::result::Result<T, Refused>;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Reader<'de> {
    /// From this place on.
    pub(super) fn new(text: &'de str, at: usize) -> Self {
        Self { text, at, depth: 0 }
    }

    /// The place behind what was read.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// Is nothing left but white space?
    pub(super) fn is_at_end(&mut self) -> bool {
        self.peek().is_err()
    }

    #[inline]
    fn bytes(&self) -> &'de [u8] {
        self.text.as_bytes()
    }

    #[inline]
    fn rest(&self) -> &'de [u8] {
        self.bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Result<u8> {
        loop {
            match self.bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Refused),
            }
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Result<()> {
        if self.peek()? != byte {
            return Err(Refused);
        }
        self.at += 1;
        Ok(())
    }

    fn word<const N: usize>(&mut self, word: &[u8; N]) -> Result<()> {
        if self.rest().first_chunk() != Some(word) {
            return Err(Refused);
        }
        self.at += N;
        Ok(())
    }

    /// What stands between the quotes at this place, and whether there is an escape in it.
    #[inline]
    fn string(&mut self) -> Result<(&'de str, bool)> {
        self.take(b'"')?;
        let start = self.at;
        let escaped = self.skip_string()?;
        Ok((self.text.get(start..self.at - 1).ok_or(Refused)?, escaped))
    }

    /// Passes over the rest of a string and its closing quote; tells whether there is an escape in it.
    fn skip_string(&mut self) -> Result<bool> {
        let mut escaped = false;
        loop {
            let rest = self.rest();
            let place = quote_or_escape(rest).ok_or(Refused)?;
            if rest.get(place) == Some(&b'"') {
                self.at += place + 1;
                return Ok(escaped);
            }
            escaped = true;
            self.at += place + 2; // whatever is escaped
        }
    }

    /// A number as text: digits and what may stand between them.
    fn number(&mut self) -> Result<&'de str> {
        let part = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
        let rest = self.rest();
        let length = rest.iter().position(|b| !part(b)).unwrap_or(rest.len());
        let text = self.text.get(self.at..self.at + length).ok_or(Refused)?;
        self.at += length;
        if length == 0 { Err(Refused) } else { Ok(text) }
    }

    /// Passes over the key of an object and its colon.
    fn skip_key(&mut self) -> Result<()> {
        self.take(b'"')?;
        self.skip_string()?;
        self.take(b':')
    }

    /// Passes over a value.
    fn skip(&mut self) -> Result<()> {
        match self.peek()? {
            b'{' | b'[' => self.skip_nested(),
            byte => self.skip_plain(byte),
        }
    }

    fn skip_plain(&mut self, first: u8) -> Result<()> {
        match first {
            b'"' => {
                self.at += 1;
                self.skip_string().map(drop)
            }
            b'n' => self.word(b"null"),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => self.number().map(drop),
        }
    }

    /// Passes over an object or an array. No recursion: whether each open bracket is an object's is a bit.
    fn skip_nested(&mut self) -> Result<()> {
        let (mut open, mut depth) = (0_u128, 0);
        loop {
            let first = self.peek()?;
            let object = first == b'{';
            if object || first == b'[' {
                let start = self.at;
                self.at += 1;
                if self.peek()? == if object { b'}' } else { b']' } {
                    self.at += 1;
                } else if depth == MAX_DEPTH {
                    self.at = scan::value_end(self.bytes(), start).ok_or(Refused)?;
                } else {
                    (open, depth) = (open << 1 | u128::from(object), depth + 1);
                    if object {
                        self.skip_key()?;
                    }
                    continue;
                }
            } else {
                self.skip_plain(first)?;
            }
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let object = open & 1 == 1;
                match (self.peek()?, object) {
                    (b',', _) => {
                        self.at += 1;
                        if object {
                            self.skip_key()?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        (open, depth) = (open >> 1, depth - 1);
                    }
                    _ => return Err(Refused),
                }
            }
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(Refused);
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn read_map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.take(b'{')?;
        self.deeper(|reader| {
            let value = visitor.visit_map(Items { reader, first: true })?;
            reader.take(b'}')?;
            Ok(value)
        })
    }

    fn read_seq<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.take(b'[')?;
        self.deeper(|reader| {
            let value = visitor.visit_seq(Items { reader, first: true })?;
            reader.take(b']')?;
            Ok(value)
        })
    }

    fn read_str<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.string()? {
            (text, false) => visitor.visit_borrowed_str(text),
            (text, true) => visitor.visit_string(unescaped(text).ok_or(Refused)?),
        }
    }

    fn read_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let text = self.number()?;
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
        if plain && let Ok(number) = text.parse() {
            return visitor.visit_u64(number);
        }
        // negative, with a fraction, or too large: serde_json knows what is a number and how to round it
        match serde_json::from_str::<serde_json::Number>(text) {
            Ok(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => Err(Refused),
            },
            Err(_) => Err(Refused),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek()? {
            b'{' => self.read_map(visitor),
            b'[' => self.read_seq(visitor),
            b'"' => self.read_str(visitor),
            b'n' => {
                self.word(b"null")?;
                visitor.visit_unit()
            }
            b't' => {
                self.word(b"true")?;
                visitor.visit_bool(true)
            }
            b'f' => {
                self.word(b"false")?;
                visitor.visit_bool(false)
            }
            _ => self.read_number(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek()? == b'n' {
            self.word(b"null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.read_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.read_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.read_seq(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.read_str(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.read_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.read_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.string()? {
            (text, false) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            (text, true) => visitor.visit_enum(unescaped(text).ok_or(Refused)?.into_deserializer()),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

/// The items of an object or an array.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
}

impl Items<'_, '_> {
    /// Is there another one? Passes over the comma before it.
    fn more(&mut self, end: u8) -> Result<bool> {
        let byte = self.reader.peek()?;
        if byte == end {
            return Ok(false);
        }
        if self.first {
            self.first = false;
            return Ok(true);
        }
        if byte != b',' {
            return Err(Refused);
        }
        self.reader.at += 1;
        Ok(true)
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        match self.reader.string()? {
            (key, false) => seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some),
            (key, true) => seed.deserialize(unescaped(key).ok_or(Refused)?.into_deserializer()).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.take(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.more(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
