//! What a change must not break: CPU ratios with room for a noisy machine, counts exactly. No time on the clock.

use wachats::Result;

use crate::cases;
use crate::contender::Contender;
use crate::measure::{Load, ratio, rounds};

const ROUNDS: u32 = 7;

/// How far a ratio may go. The least of all rounds is judged: noise only ever adds.
struct Bound {
    name: &'static str,
    of: Contender,
    to: Contender,
    /// For each of [`cases::PAGES`].
    most: [f64; 5],
}

const BOUNDS: [Bound; 3] = [
    Bound {
        name: "layers",
        of: Contender::Library,
        to: Contender::Same,
        most: [1.15, 1.15, 1.15, 1.25, 1.25],
    },
    Bound {
        name: "value",
        of: Contender::Library,
        to: Contender::Value,
        most: [0.80, 0.40, 0.55, 0.75, 0.80],
    },
    Bound {
        name: "raw",
        of: Contender::LibraryRaw,
        to: Contender::Library,
        most: [1.15, 1.25, 1.25, 1.25, 1.25],
    },
];

/// Runs the gate; gives how many bounds were passed over.
pub(crate) async fn gate(url: &str) -> Result<u32> {
    let mut broken = 0;
    let mut judge = |what: String, measured: f64, most: f64| {
        let fits = measured <= most;
        println!("{} {what}: {measured:.2}, at most {most:.2}", if fits { "ok  " } else { "OVER" });
        broken += u32::from(!fits);
    };
    for (place, load) in cases::PAGES.into_iter().enumerate() {
        let load = Load { times: load.times.div_ceil(2), ..load };
        for bound in &BOUNDS {
            let told = rounds(ROUNDS, url, load, &[bound.of, bound.to])?;
            let [of, to] = told.as_slice() else { continue };
            let most = bound.most.get(place).copied().unwrap_or(f64::INFINITY);
            judge(
                format!("{}, {}", bound.name, cases::told(load.kind, load.page)),
                ratio(of, to).min(),
                most,
            );
        }
    }
    for (kind, most) in cases::BOUNDS {
        let calls = cases::per_message(url, kind, Contender::Library).await?;
        judge(format!("allocations a message, {}", kind.word()), calls, most);
    }
    for row in cases::crates().iter().filter(|row| row.met.is_some()) {
        judge(format!("crates, {}", row.what), row.measured.parse().unwrap_or(f64::INFINITY), 130.0);
    }
    Ok(broken)
}
