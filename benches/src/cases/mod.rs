//! One case a bench of the table.

mod allocations;
mod cpu;
mod memory;
mod peers;
mod prefetch;
mod weight;

pub(crate) use allocations::{BOUNDS, decode, per_message};
pub(crate) use cpu::{floor, layers, raw, value};
pub(crate) use memory::{child as memory_child, memory};
pub(crate) use peers::peers;
pub(crate) use prefetch::prefetch;
pub(crate) use weight::{crates, weight};

use crate::contender::Kind;

/// The pages that CPU time is measured on: gateway, messages a page, messages of the chat, how often.
pub(crate) const PAGES: [(Kind, u32, u64, u32); 5] = [
    (Kind::GreenApi, 1_000, 1_000, 30),
    (Kind::Webjs, 100, 10_000, 2),
    (Kind::Noweb, 100, 10_000, 2),
    (Kind::Webjs, 10, 2_000, 5),
    (Kind::Noweb, 10, 2_000, 5),
];

/// A page in words.
pub(crate) fn told(kind: Kind, page: u32) -> String {
    let name = match kind {
        Kind::Webjs => "WAHA, WEBJS",
        Kind::Noweb => "WAHA, NOWEB",
        Kind::Wappfy => "Wappfy",
        Kind::GreenApi => "Green-API",
        Kind::Gowa => "GOWA",
    };
    format!("{name}, {page} a {}", if kind == Kind::GreenApi { "call" } else { "page" })
}
