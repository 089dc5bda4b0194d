use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Gateway, Operation, RawJson, Result};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// What was read, newest first unless sorted otherwise.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end. A short page is not the end.
    pub next: Option<PageToken>,
    /// How many there are in all, where the gateway's own count can be trusted.
    pub total: Option<u64>,
    /// What could not be decoded, with its JSON. Nothing is lost silently.
    pub skipped: Vec<Skipped>,
    /// Optional fields of items that could not be read and are `None` therefore.
    pub notes: Vec<DecodeNote>,
}

impl<T> Page<T> {
    /// The last page, with these items.
    pub fn new(items: Vec<T>) -> Self {
        Self { items, next: None, total: None, skipped: Vec::new(), notes: Vec::new() }
    }

    /// The page with its items turned into others.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
            total: self.total,
            skipped: self.skipped,
            notes: self.notes,
        }
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// An item that could not be decoded, with its JSON as it came.
///
/// `Display` and `Debug` tell the reason alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skipped {
    /// Why: a field that is missing or of the wrong type.
    pub reason: Cow<'static, str>,
    /// The item as the gateway sent it.
    pub raw: RawJson,
}

impl Skipped {
    /// An item that could not be decoded for this reason, which must hold none of its content.
    pub fn new(reason: impl Into<Cow<'static, str>>, raw: RawJson) -> Self {
        Self { reason: reason.into(), raw }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an item could not be decoded: {} ({} bytes)", self.reason, self.raw.get().len())
    }
}

impl fmt::Debug for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Skipped({})", self.reason)
    }
}

/// An optional field that could not be read: it is `None` in the item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DecodeNote {
    /// The item's place in the gateway's page, from 0.
    pub index: usize,
    /// The path of the field.
    pub field: String,
}

impl DecodeNote {
    /// The field of the item at this place.
    pub fn new(index: usize, field: impl Into<String>) -> Self {
        Self { index, field: field.into() }
    }
}

/// Where a list goes on. It can be stored as JSON and belongs to its gateway and its query.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageToken {
    gateway: Gateway,
    query: u64,
    cursor: String,
}

impl PageToken {
    /// A token that holds `cursor`, for use by providers. `query` is what must be the same when it is
    /// given back (see [`fingerprint`](Self::fingerprint)).
    ///
    /// # Errors
    /// `Unexpected` when the cursor can't be written as JSON.
    pub fn new(gateway: Gateway, query: u64, cursor: &impl Serialize) -> Result<Self> {
        let cursor = serde_json::to_string(cursor).map_err(|_| {
            Error::new(ErrorKind::Unexpected, Operation::ListMessages)
                .with_message("a cursor can't be written")
        })?;
        Ok(Self { gateway, query, cursor })
    }

    /// Takes the cursor out again.
    ///
    /// # Errors
    /// `InvalidInput` when the token belongs to another gateway or query, or was tampered with.
    pub fn open<C: DeserializeOwned>(
        &self,
        gateway: &Gateway,
        query: u64,
        operation: Operation,
    ) -> Result<C> {
        let refuse = |message: &'static str| {
            Error::new(ErrorKind::InvalidInput, operation).with_gateway(gateway.clone()).with_message(message)
        };
        if self.gateway != *gateway {
            return Err(refuse("this page token belongs to another gateway"));
        }
        if self.query != query {
            return Err(refuse("this page token belongs to another query"));
        }
        serde_json::from_str(&self.cursor).map_err(|_| refuse("this page token can't be read"))
    }

    /// A number for what makes a query the same query, stable across runs of one build of the library.
    pub fn fingerprint(parts: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageToken({})", self.gateway)
    }
}
