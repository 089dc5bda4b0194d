//! From the wire to the model. Nothing here sends anything.

mod chat;
mod content;
mod fold;
mod message;
mod people;
#[cfg(test)]
mod tests;

pub(crate) use chat::{chat, id_of_row, pair_in};
pub(crate) use fold::{Placed, fold};
pub(crate) use message::{About, Row, row};
pub(crate) use people::{contact, group, number, person};

/// A text that says something: Green-API writes `""` where it knows none.
fn told<T: AsRef<str>>(text: Option<T>) -> Option<T> {
    text.filter(|text| !text.as_ref().is_empty())
}

/// `{{SWE001}}` and its like stand in place of what could not be read or fetched.
fn is_marker(text: &str) -> bool {
    text.trim_start().starts_with("{{SWE")
}
