//! Ratios of CPU time, over rounds in which the contenders run in turn.

use std::fmt;
use std::time::Duration;

use cpu_time::ProcessTime;

use crate::contender::{Contender, Task};

/// The CPU time of this process so far, user and system.
pub(crate) fn cpu() -> Duration {
    ProcessTime::now().as_duration()
}

/// What came out over the rounds: the median, and between which bounds it lay.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread {
    sorted: Vec<f64>,
}

impl Spread {
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { sorted: values }
    }

    pub(crate) fn median(&self) -> f64 {
        self.sorted.get(self.sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn min(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn max(&self) -> f64 {
        self.sorted.last().copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median(), self.min(), self.max())
    }
}

/// The CPU time a message of each contender, in nanoseconds, one value a round. Whose turn is first changes
/// from round to round.
pub(crate) async fn rounds(
    rounds: u32,
    task: &Task,
    contenders: &[Contender],
) -> wachats::Result<Vec<Vec<f64>>> {
    let mut told = vec![Vec::new(); contenders.len()];
    for contender in contenders {
        task.run(*contender).await?; // connections, probes and caches
    }
    for round in 0..rounds as usize {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let Some((contender, told)) = contenders.get(index).zip(told.get_mut(index)) else { continue };
            let before = cpu();
            let messages = task.run(*contender).await?;
            let spent = cpu().saturating_sub(before);
            told.push(spent.as_secs_f64() * 1e9 / messages.max(1) as f64);
        }
    }
    Ok(told)
}

/// Of each round, the first as a multiple of the second.
pub(crate) fn ratio(of: &[f64], to: &[f64]) -> Spread {
    Spread::new(of.iter().zip(to).map(|(a, b)| a / b).collect())
}
