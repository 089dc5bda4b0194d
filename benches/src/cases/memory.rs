use std::process::Command;

use futures::TryStreamExt;
use wachats::Result;

use crate::contender::{Kind, unexpected};
use crate::measure::Spread;
use crate::payload::chat_number;
use crate::report::Row;

const RUNS: u32 = 9;

/// Reads a chat of so many messages and prints the most memory that was resident, in kB. It runs in a process of
/// its own, which has done nothing else.
pub(crate) async fn child(kind: Kind, total: u64, url: &str) -> Result<()> {
    let chats = kind.connect(url)?;
    let list = chats.chat(chat_number(total))?.messages().page_size(100);
    let list = if kind == Kind::GreenApi { list.limit(total) } else { list };
    let mut stream = list.stream();
    let mut read = 0;
    while let Some(message) = stream.try_next().await? {
        std::hint::black_box(message);
        read += 1;
    }
    if read != total {
        return Err(unexpected());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.and_then(|peak| peak.split_whitespace().next()).unwrap_or("0"));
    Ok(())
}

/// The median of so many runs, in MB: the kernel counts resident pages so loosely that one run differs from the
/// next by some 5 %.
fn peak(kind: Kind, total: u64, url: &str) -> Option<f64> {
    let peaks: Option<Vec<f64>> = (0..RUNS).map(|_| one_peak(kind, total, url)).collect();
    Some(Spread::new(peaks?).median())
}

fn one_peak(kind: Kind, total: u64, url: &str) -> Option<f64> {
    let program = crate::server::program().ok()?;
    let output =
        Command::new(program).args(["memory-child", kind.word(), &total.to_string(), url]).output().ok()?;
    let kilobytes: f64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    (kilobytes > 0.0).then_some(kilobytes / 1024.0)
}

/// The most memory resident while a chat is streamed: of 10,000 messages and of `many`.
pub(crate) fn memory(url: &str, many: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    for (kind, name) in [(Kind::Noweb, "WAHA"), (Kind::Wappfy, "Wappfy"), (Kind::Gowa, "GOWA")] {
        let (Some(few), Some(all)) = (peak(kind, 10_000, url), peak(kind, many, url)) else {
            rows.push(Row::told(
                "memory",
                name.to_owned(),
                "peak resident",
                "not measured: no /proc here".into(),
            ));
            continue;
        };
        rows.push(Row {
            bench: "memory",
            what: format!("{name}, {many} messages"),
            against: format!("peak resident; 10,000 messages {few:.1} MB"),
            measured: format!("{all:.1} MB ({:+.1} %)", (all / few - 1.0) * 100.0),
            target: "≤ 16 MB, ±5 %".into(),
            met: Some(all <= 16.0 && (all / few - 1.0).abs() <= 0.05),
        });
    }
    if let (Some(few), Some(more)) = (peak(Kind::GreenApi, 10_000, url), peak(Kind::GreenApi, 40_000, url)) {
        let each = (more - few) * 1024.0 / 30_000.0;
        rows.push(Row::told(
            "memory",
            "Green-API, a window of 40,000".into(),
            "peak resident; it grows with the window",
            format!("{more:.1} MB, {each:.2} kB a message; `TooLarge` past the body's cap of 64 MiB"),
        ));
    }
    rows
}
