//! What is asked about people and groups.

use crate::{ChatId, PageToken};

/// One page of the account's contacts, by id in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListContacts {
    /// How many items the page should hold, at most; where `None`, what costs the gateway least.
    pub limit: Option<u32>,
    /// Where an earlier page told to go on.
    pub page: Option<PageToken>,
    /// Keep the raw JSON of each contact.
    pub raw: bool,
}

impl ListContacts {
    /// All contacts.
    pub fn new() -> Self {
        Self::default()
    }

    /// What must be the same for a page token to fit.
    pub fn fingerprint(&self) -> u64 {
        PageToken::fingerprint(&"contacts")
    }
}

/// One contact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetContact {
    /// The person, by phone or lid.
    pub id: ChatId,
    /// Keep the raw JSON.
    pub raw: bool,
}

impl GetContact {
    /// The contact of this id.
    pub fn new(id: ChatId) -> Self {
        Self { id, raw: false }
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetGroup {
    /// The group, `…@g.us`.
    pub id: ChatId,
    /// Keep the raw JSON.
    pub raw: bool,
}

impl GetGroup {
    /// The group of this id.
    pub fn new(id: ChatId) -> Self {
        Self { id, raw: false }
    }
}
