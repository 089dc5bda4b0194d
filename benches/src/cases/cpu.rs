use wachats::Result;

use super::{PAGES, told};
use crate::contender::{Contender, Kind};
use crate::measure::{Spread, ratio, rounds};
use crate::report::Row;

/// The ratio of two contenders for each kind of page.
fn ratios(url: &str, count: u32, of: Contender, to: Contender) -> Result<Vec<(Kind, u32, Spread)>> {
    let mut all = Vec::new();
    for load in PAGES {
        if let [of, to] = rounds(count, url, load, &[of, to])?.as_slice() {
            all.push((load.kind, load.page, ratio(of, to)));
        }
    }
    Ok(all)
}

/// What guard, retries, limits, spans, emulation and the stream cost.
pub(crate) fn layers(url: &str, count: u32) -> Result<Vec<Row>> {
    let all = ratios(url, count, Contender::Library, Contender::Same)?;
    Ok(all
        .into_iter()
        .map(|(kind, page, spread)| {
            let most = if page < 100 { 1.10 } else { 1.05 };
            Row::at_most("layers", told(kind, page), "reqwest + the same structs: CPU", &spread, most)
        })
        .collect())
}

/// What a `Value` costs in place of structs.
pub(crate) fn value(url: &str, count: u32) -> Result<Vec<Row>> {
    let all = ratios(url, count, Contender::Value, Contender::Library)?;
    Ok(all
        .into_iter()
        .map(|(kind, page, spread)| {
            let least = match (kind, page) {
                (Kind::GreenApi, _) => Some(1.4),
                (_, 100..) => Some(4.0),
                _ => None,
            };
            Row::at_least("value", told(kind, page), "reqwest + `Value`: times less CPU", &spread, least)
        })
        .collect())
}

/// What keeping the raw JSON costs.
pub(crate) fn raw(url: &str, count: u32) -> Result<Vec<Row>> {
    let all = ratios(url, count, Contender::LibraryRaw, Contender::Library)?;
    Ok(all
        .into_iter()
        .map(|(kind, page, spread)| {
            let most = if kind == Kind::GreenApi { 1.05 } else { 1.15 };
            Row::at_most("raw", told(kind, page), "the library without raw JSON: CPU", &spread, most)
        })
        .collect())
}

/// How much of the library's time is the transport's: told, not judged.
pub(crate) fn floor(url: &str, count: u32) -> Result<Vec<Row>> {
    let all = ratios(url, count, Contender::Floor, Contender::Library)?;
    Ok(all
        .into_iter()
        .map(|(kind, page, spread)| {
            Row::told("floor", told(kind, page), "the library: CPU of bytes alone", spread.to_string())
        })
        .collect())
}
