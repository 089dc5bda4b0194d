use std::path::Path;
use std::process::Command;

use wachats::Result;

use super::{PAGES, told};
use crate::contender::{Contender, INSTANCE, Kind, TOKEN};
use crate::measure::{Load, Spread, rounds};
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
pub(crate) fn peers(url: &str, count: u32) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, program, script, kind) in PEERS {
        for load in PAGES.into_iter().filter(|load| load.kind == kind) {
            let mut ratios = Vec::new();
            for _ in 0..count.min(3) {
                let Some(theirs) = peer(program, script, url, load) else { break };
                let ours = rounds(1, url, load, &[Contender::Library])?;
                ratios.extend(ours.iter().flatten().map(|ours| theirs / ours));
            }
            let what = format!("{name}: {}", told(kind, load.page));
            rows.push(if ratios.is_empty() {
                Row::told("peers", what, "times the library's CPU", "skipped: it isn't installed here".into())
            } else {
                Row::told("peers", what, "times the library's CPU", Spread::new(ratios).to_string())
            });
        }
    }
    Ok(rows)
}

fn peer(program: &str, script: &str, url: &str, load: Load) -> Option<f64> {
    let Load { kind, page, total, .. } = load;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script);
    let output = Command::new(program)
        .arg(path)
        .args([kind.word(), url, &chat_number(total), &page.to_string(), &total.to_string(), INSTANCE, TOKEN])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
