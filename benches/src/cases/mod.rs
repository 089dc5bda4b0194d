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
use crate::measure::Load;

/// What CPU time is measured on.
pub(crate) const PAGES: [Load; 5] = [
    Load { kind: Kind::GreenApi, page: 1_000, total: 1_000, times: 50 },
    Load { kind: Kind::Webjs, page: 100, total: 10_000, times: 4 },
    Load { kind: Kind::Noweb, page: 100, total: 10_000, times: 4 },
    Load { kind: Kind::Webjs, page: 10, total: 2_000, times: 10 },
    Load { kind: Kind::Noweb, page: 10, total: 2_000, times: 10 },
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
