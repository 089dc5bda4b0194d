use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Deserializer;

use super::{broken, reason, repaired, scan};
use crate::transport::Answer;
use crate::{DecodeNote, Page, RawJson, Result, Skipped};

/// The bytes of JSON for which room for one item is made. A wrong guess costs a reallocation, or some room.
const ITEM: usize = 1_024;
/// The most items that room is made for before they are read.
const MOST_RESERVED: usize = 4_096;

type Translated<T> = Result<T, Cow<'static, str>>;

/// An array inside a body.
pub(super) struct Array<'a> {
    pub(super) answer: &'a Answer,
    /// The whole body, and the same as text.
    pub(super) body: &'a Bytes,
    pub(super) text: &'a str,
    /// Where its bracket stands.
    pub(super) place: usize,
    /// The keys that lead to it.
    pub(super) path: &'a [&'a str],
}

impl Array<'_> {
    /// Reads it as a whole. `None` where an item can't be read so, or another array is meant.
    pub(super) fn at_once<W, T>(
        &self,
        translate: &mut impl FnMut(W, Option<RawJson>) -> Translated<T>,
    ) -> Result<Option<Page<T>>>
    where
        W: DeserializeOwned,
    {
        let text = self.text.get(self.place..).unwrap_or_default();
        let mut items = Vec::with_capacity((text.len() / ITEM + 1).min(MOST_RESERVED));
        let (mut failed, mut index) = (Vec::new(), 0);
        let mut take = |item: W| {
            match translate(item, None) {
                Ok(item) => items.push(item),
                Err(reason) => failed.push((index, reason)),
            }
            index += 1;
        };
        let mut reader = Deserializer::from_str(text);
        if reader.deserialize_seq(Items { take: &mut take, item: PhantomData }).is_err() {
            return Ok(None);
        }
        let end = self.place + reader.into_iter::<IgnoredAny>().byte_offset();
        match scan::leave(self.body, end, self.path) {
            Some(true) => {}
            Some(false) => return Ok(None),
            None => return Err(broken(self.answer)),
        }
        let mut page = Page::new(items);
        if !failed.is_empty() {
            self.skip(&mut page, failed)?;
        }
        Ok(Some(page))
    }

    /// Tells the items at these places as skipped.
    fn skip<T>(&self, page: &mut Page<T>, failed: Vec<(usize, Cow<'static, str>)>) -> Result<()> {
        let mut failed = failed.into_iter().peekable();
        let mut next = scan::first(self.body, self.place);
        for index in 0.. {
            let Some(scan::Next::Item(at)) = next else { break };
            let end = scan::value_end(self.body, at).ok_or_else(|| broken(self.answer))?;
            if let Some((_, reason)) = failed.next_if(|(place, _)| *place == index) {
                page.skipped.push(Skipped::new(reason, RawJson::new(self.body.slice(at..end))));
            }
            if failed.peek().is_none() {
                break;
            }
            next = scan::next(self.body, end);
        }
        Ok(())
    }

    /// Reads its items one after the other, each from where it stands. `None` where what follows the array says
    /// that another one is meant.
    pub(super) fn one_by_one<W, T>(
        &self,
        raw: bool,
        translate: &mut impl FnMut(W, Option<RawJson>) -> Translated<T>,
    ) -> Result<Option<Page<T>>>
    where
        W: DeserializeOwned,
    {
        let (body, broken) = (self.body, || broken(self.answer));
        let mut page = Page::new(Vec::with_capacity((body.len() / ITEM + 1).min(MOST_RESERVED)));
        let mut next = scan::first(body, self.place).ok_or_else(broken)?;
        for index in 0.. {
            let at = match next {
                scan::Next::Item(at) => at,
                scan::Next::End(end) => {
                    return Ok(scan::leave(body, end, self.path).ok_or_else(broken)?.then_some(page));
                }
            };
            let (item, end) = match self.read::<W>(at) {
                Some((item, end)) => (Ok(item), end),
                None => {
                    let end = scan::value_end(body, at).ok_or_else(broken)?;
                    (damaged::<W, T>(&mut page, index, body.slice(at..end)), end)
                }
            };
            let bytes = || RawJson::new(body.slice(at..end));
            match item.and_then(|item| translate(item, raw.then(bytes))) {
                Ok(item) => page.items.push(item),
                Err(reason) => page.skipped.push(Skipped::new(reason, bytes())),
            }
            next = scan::next(body, end).ok_or_else(broken)?;
        }
        Ok(None)
    }

    /// Reads the object at this place; gives the place behind it too.
    fn read<W: DeserializeOwned>(&self, at: usize) -> Option<(W, usize)> {
        let rest = self.text.get(at..)?;
        if !rest.starts_with('{') {
            return None; // serde would read an array as a struct's fields in turn
        }
        let mut reader = Deserializer::from_str(rest);
        let item = W::deserialize(&mut reader).ok()?;
        Some((item, at + reader.into_iter::<IgnoredAny>().byte_offset()))
    }
}

/// Reads an item that the fast path refused, and notes what of it can't be read.
fn damaged<W: DeserializeOwned, T>(page: &mut Page<T>, index: usize, bytes: Bytes) -> Translated<W> {
    if bytes.first() != Some(&b'{') {
        return Err(Cow::Borrowed("it is no object"));
    }
    let Some((item, fields)) = repaired::<W>(&bytes) else { return Err(Cow::Owned(reason::<W>(&bytes))) };
    page.notes.extend(fields.into_iter().map(|field| DecodeNote::new(index, field)));
    Ok(item)
}

/// Hands over the items of an array as they are read.
struct Items<'a, W, F> {
    take: &'a mut F,
    item: PhantomData<W>,
}

impl<'de, W: Deserialize<'de>, F: FnMut(W)> Visitor<'de> for Items<'_, W, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(Object(item)) = items.next_element()? {
            (self.take)(item);
        }
        Ok(())
    }
}

/// An object and nothing else: serde would read an array as a struct's fields in turn.
struct Object<W>(W);

impl<'de, W: Deserialize<'de>> Deserialize<'de> for Object<W> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<W>(PhantomData<W>);
        impl<'de, W: Deserialize<'de>> Visitor<'de> for Visit<W> {
            type Value = Object<W>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<W>, A::Error> {
                W::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Visit(PhantomData))
    }
}
