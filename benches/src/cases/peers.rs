use std::path::Path;
use std::process::Command;

use wachats::Result;

use super::{PAGES, told};
use crate::contender::{Contender, INSTANCE, Kind, TOKEN, Task};
use crate::measure::{Spread, rounds};
use crate::payload::chat_number;
use crate::report::Row;

/// Programs in other languages that read the same pages, where what they need is installed. Each prints the CPU
/// nanoseconds a message, or nothing where it can't run.
const PEERS: [(&str, &str, &str, Kind); 5] = [
    ("Python, official SDK", "python3", "green_api_sdk.py", Kind::GreenApi),
    ("Python, requests", "python3", "requests_pages.py", Kind::GreenApi),
    ("Python, requests", "python3", "requests_pages.py", Kind::Webjs),
    ("Node, fetch", "node", "fetch_pages.mjs", Kind::GreenApi),
    ("Node, fetch", "node", "fetch_pages.mjs", Kind::Webjs),
];

/// How much CPU the peers take for a message of the library's one.
pub(crate) async fn peers(url: &str, count: u32) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, program, script, kind) in PEERS {
        for (_, page, total, times) in PAGES.iter().filter(|page| page.0 == kind) {
            let task = Task::new(kind, url, *page, *total, *times)?;
            let mut ratios = Vec::new();
            for _ in 0..count.min(3) {
                let Some(theirs) = peer(program, script, kind, url, *page, *total) else { break };
                let ours = rounds(1, &task, &[Contender::Library]).await?;
                ratios.extend(ours.iter().flatten().map(|ours| theirs / ours));
            }
            let what = format!("{name}: {}", told(kind, *page));
            rows.push(if ratios.is_empty() {
                Row::told("peers", what, "times the library's CPU", "skipped: it isn't installed here".into())
            } else {
                Row::told("peers", what, "times the library's CPU", Spread::new(ratios).to_string())
            });
        }
    }
    Ok(rows)
}

fn peer(program: &str, script: &str, kind: Kind, url: &str, page: u32, total: u64) -> Option<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script);
    let output = Command::new(program)
        .arg(path)
        .args([kind.word(), url, &chat_number(total), &page.to_string(), &total.to_string(), INSTANCE, TOKEN])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
