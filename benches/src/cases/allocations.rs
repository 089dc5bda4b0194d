use wachats::Result;

use super::told;
use crate::allocations;
use crate::contender::{Contender, Kind, Task};
use crate::report::Row;

/// The bounds of a message, in allocations.
pub(crate) const BOUNDS: [(Kind, f64); 3] = [(Kind::Webjs, 8.0), (Kind::Noweb, 8.0), (Kind::GreenApi, 9.0)];

/// What one message more costs in allocations: a page of 200 less a page of 100. What is paid for
/// the page itself stands in both. A body may arrive in more or fewer pieces, so the least of several counts.
pub(crate) async fn per_message(url: &str, kind: Kind, contender: Contender) -> Result<f64> {
    let mut least = [None; 2];
    for (total, least) in [100, 200].into_iter().zip(&mut least) {
        let task = Task::new(kind, url, 200, total, 1)?;
        for _ in 0..30 {
            allocations::begin();
            let read = task.run(contender).await;
            let counted = allocations::end();
            read?;
            *least = Some(least.map_or(counted, |least: u64| least.min(counted)));
        }
    }
    let [Some(less), Some(more)] = least else { return Ok(f64::NAN) };
    Ok(more.saturating_sub(less) as f64 / 100.0)
}

/// Allocations of a message, counted.
pub(crate) async fn decode(url: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (kind, most) in BOUNDS {
        let calls = per_message(url, kind, Contender::Library).await?;
        let same = per_message(url, kind, Contender::Same).await?;
        let value = per_message(url, kind, Contender::Value).await?;
        rows.push(Row {
            bench: "decode",
            what: told(kind, 100),
            against: format!(
                "allocations a message (reqwest + the same structs {same:.2}, `Value` {value:.2})"
            ),
            measured: format!("{calls:.2}"),
            target: format!("≤ {most:.0}"),
            met: Some(calls <= most),
        });
    }
    Ok(rows)
}
