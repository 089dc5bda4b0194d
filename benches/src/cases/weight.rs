use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::report::Row;

const BACKENDS: [&str; 4] = ["waha", "wappfy", "green-api", "gowa"];
/// The most crates of one backend, ours included.
const MOST: usize = 130;
/// How the smallest binaries are built.
const SLIM: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env_remove("RUSTFLAGS");
    command
}

/// How many crates a program gets with these features, as `cargo tree -e normal` lists them.
fn tree(features: &str) -> Option<usize> {
    let output = cargo()
        .args([
            "tree",
            "--offline",
            "-e",
            "normal",
            "--prefix",
            "none",
            "-p",
            "wachats",
            "--no-default-features",
        ])
        .args(["--features", features])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let names = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    });
    Some(names.collect::<BTreeSet<_>>().len())
}

/// The crates of each backend.
pub(crate) fn crates() -> Vec<Row> {
    let row = |features: &str, judged: bool| {
        let Some(count) = tree(features) else {
            return Row::told(
                "weight",
                features.to_owned(),
                "crates in the tree",
                "cargo tree failed".into(),
            );
        };
        Row {
            bench: "weight",
            what: features.to_owned(),
            against: "crates in the tree, ours included".into(),
            measured: count.to_string(),
            target: if judged { format!("≤ {MOST}") } else { String::new() },
            met: judged.then_some(count <= MOST),
        }
    };
    let mut rows: Vec<Row> = BACKENDS.iter().map(|backend| row(&format!("{backend},rustls"), true)).collect();
    rows.push(row("full,rustls", false));
    rows.push(row("waha,native-tls", false));
    rows
}

/// Builds the smallest program with one backend from nothing; gives seconds and megabytes.
fn build(backend: &str, slim: bool) -> Option<(f64, f64)> {
    let target = root().join("target/weight");
    std::fs::remove_dir_all(&target).ok();
    let mut command = cargo();
    command
        .args([
            "build",
            "--release",
            "--offline",
            "--quiet",
            "-p",
            "wachats-bench-weight",
            "--no-default-features",
        ])
        .args(["--features", &format!("{backend},rustls"), "--target-dir"])
        .arg(&target);
    if slim {
        command.envs(SLIM);
    }
    let started = Instant::now();
    let built = command.status().ok()?.success();
    let seconds = started.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(target.join("release/wachats-bench-weight")).ok()?.len();
    std::fs::remove_dir_all(&target).ok();
    built.then_some((seconds, bytes as f64 / 1e6))
}

/// Crates, size and compile time of each backend.
pub(crate) fn weight() -> Vec<Row> {
    let mut rows = crates();
    for backend in BACKENDS {
        for (slim, most) in [(false, 4.0), (true, 3.0)] {
            let how = if slim { "stripped, fat LTO, one unit, abort" } else { "stripped release binary" };
            let Some((seconds, size)) = build(backend, slim) else {
                rows.push(Row::told("weight", backend.to_owned(), how, "it could not be built".into()));
                continue;
            };
            rows.push(Row {
                bench: "weight",
                what: backend.to_owned(),
                against: how.to_owned(),
                measured: format!("{size:.2} MB, {seconds:.0} s from nothing"),
                target: format!("≤ {most:.0} MB"),
                met: Some(size <= most),
            });
        }
    }
    rows
}
