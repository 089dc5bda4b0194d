//! What a program would do that asks Green-API by hand: the same wire structs and the same model as wachats, and
//! nothing else. The files are those of `wachats-green-api` itself, so that the two can't drift apart.
#![allow(dead_code, unused_imports, reason = "only messages are read here")]

use wachats_core::Message;

use files::{translate, wire};

#[path = "../../../crates/green-api/src"]
mod files {
    pub(crate) mod translate;
    pub(crate) mod wire;
}

/// The entries of one journal, each as a message. Edits, reactions and deletions are left where they stand.
///
/// # Errors
/// What serde says of a body that doesn't fit.
pub fn entries(body: &[u8]) -> Result<Vec<Message>, serde_json::Error> {
    let entries: Vec<wire::Entry> = serde_json::from_slice(body)?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| translate::row(entry, None, None).ok())
        .map(|row| row.message)
        .collect())
}

/// The same with edits, reactions and deletions put into the messages they are about, newest first.
///
/// # Errors
/// What serde says of a body that doesn't fit.
pub fn messages(body: &[u8]) -> Result<Vec<Message>, serde_json::Error> {
    let entries: Vec<wire::Entry> = serde_json::from_slice(body)?;
    let rows = entries.into_iter().filter_map(|entry| translate::row(entry, None, None).ok()).collect();
    Ok(translate::fold(rows).into_iter().map(|placed| placed.message).collect())
}
