//! Ratios of CPU time, over rounds in which the contenders run in turn.

use std::fmt;
use std::process::Command;
use std::time::Duration;

use cpu_time::ProcessTime;

use crate::contender::{Contender, Kind, Task, unexpected};
use crate::server::program;

/// The CPU time of this process so far, user and system.
fn cpu() -> Duration {
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

/// What is measured: messages a page, messages of the chat, and how often it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) kind: Kind,
    pub(crate) page: u32,
    pub(crate) total: u64,
    pub(crate) times: u32,
}

/// The CPU time a message of each contender, in nanoseconds, one value a round. Each run has a process of its own,
/// so that none finds the heap as another left it; whose turn is first changes from round to round.
pub(crate) fn rounds(
    rounds: u32,
    url: &str,
    load: Load,
    contenders: &[Contender],
) -> wachats::Result<Vec<Vec<f64>>> {
    let mut told = vec![Vec::new(); contenders.len()];
    for round in 0..rounds as usize {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let Some((contender, told)) = contenders.get(index).zip(told.get_mut(index)) else { continue };
            told.push(alone(url, load, *contender).ok_or_else(unexpected)?);
        }
    }
    Ok(told)
}

/// One run in a process of its own.
fn alone(url: &str, load: Load, contender: Contender) -> Option<f64> {
    let Load { kind, page, total, times } = load;
    let output = Command::new(program().ok()?)
        .args(["only", kind.word(), &page.to_string(), &total.to_string(), &times.to_string()])
        .args([contender.word(), url])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.split(' ').next()?.parse().ok()
}

/// What one contender takes for a message in this process, in nanoseconds. What comes once, the connection and the
/// probe, is paid for before.
pub(crate) async fn only(url: &str, load: Load, contender: Contender) -> wachats::Result<f64> {
    let once = Task::new(load.kind, url, load.page, load.total, 1)?;
    once.run(contender).await?;
    let task = once.times(load.times);
    let before = cpu();
    let messages = task.run(contender).await?;
    Ok(cpu().saturating_sub(before).as_secs_f64() * 1e9 / messages.max(1) as f64)
}

/// Of each round, the first as a multiple of the second.
pub(crate) fn ratio(of: &[f64], to: &[f64]) -> Spread {
    Spread::new(of.iter().zip(to).map(|(a, b)| a / b).collect())
}
