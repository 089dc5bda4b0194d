use std::borrow::Cow;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::reader::Reader;
use super::{broken, reason, repaired, scan};
use crate::transport::Answer;
use crate::{DecodeNote, Page, RawJson, Result, Skipped};

/// For so many bytes of JSON, room for one item is made: items are seldom shorter. Room that stays empty costs nothing,
/// since it is never touched; too little costs a copy of all items.
const ITEM: usize = 512;
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
    /// Reads its items one after the other, each from where it stands. `None` where what follows the array says
    /// that another one is meant.
    pub(super) fn items<W, T>(
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
                    (damaged::<W, T>(&mut page, index, &body.slice(at..end)), end)
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
        let mut reader = Reader::new(self.text, at);
        let item = W::deserialize(&mut reader).ok()?;
        Some((item, reader.place()))
    }
}

/// Reads an item that was refused as it is, and notes what of it can't be read.
fn damaged<W: DeserializeOwned, T>(page: &mut Page<T>, index: usize, bytes: &[u8]) -> Translated<W> {
    if bytes.first() != Some(&b'{') {
        return Err(Cow::Borrowed("it is no object"));
    }
    let Some((item, fields)) = repaired::<W>(bytes) else { return Err(Cow::Owned(reason::<W>(bytes))) };
    page.notes.extend(fields.into_iter().map(|field| DecodeNote::new(index, field)));
    Ok(item)
}
