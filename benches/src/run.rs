//! Measures what wachats costs and writes the table of `docs/performance.md`.
//!
//! `cargo run --release -p wachats-benches` runs all; with the names of benches it runs those and writes nothing;
//! `gate` judges ratios, allocations and crates as continuous integration does; `only KIND PAGE TOTAL TIMES
//! CONTENDER` runs one contender alone, for a profiler.

mod allocations;
mod cases;
mod contender;
mod gate;
mod measure;
mod payload;
mod report;
mod server;

use std::process::ExitCode;

use contender::{Contender, Kind};
use measure::Load;
use report::Row;
use server::Server;

const BENCHES: [&str; 8] = ["layers", "value", "raw", "floor", "decode", "memory", "prefetch", "peers"];
const USAGE: &str =
    "usage: wachats-benches [layers|value|raw|floor|decode|memory|prefetch|peers|weight|gate]… [--rounds N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words == ["serve"] {
        return server::serve().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    match runtime.block_on(run(&words)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(words: &[&str]) -> Result<ExitCode, Box<dyn std::error::Error>> {
    if let ["memory-child", kind, total, url] = words {
        let kind = Kind::from_word(kind).ok_or(USAGE)?;
        cases::memory_child(kind, total.parse()?, url).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if let ["only", kind, page, total, times, contender, url @ ..] = words {
        let kind = Kind::from_word(kind).ok_or(USAGE)?;
        let load = Load { kind, page: page.parse()?, total: total.parse()?, times: times.parse()? };
        let contender = Contender::from_word(contender).ok_or(USAGE)?;
        let told = match url {
            [url] => measure::only(url, load, contender).await?,
            _ => measure::only(&Server::start()?.url, load, contender).await?,
        };
        println!("{told:.0} ns a message");
        return Ok(ExitCode::SUCCESS);
    }
    let (words, rounds) = match words {
        [words @ .., "--rounds", rounds] => (words, rounds.parse()?),
        words => (words, 9),
    };
    if words.iter().any(|word| !BENCHES.contains(word) && !matches!(*word, "weight" | "gate")) {
        return Err(USAGE.into());
    }
    let server = Server::start()?;
    if words == ["gate"] {
        let broken = gate::gate(&server.url).await?;
        return Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let all = words.is_empty();
    let mut rows: Vec<Row> = Vec::new();
    for bench in BENCHES.into_iter().chain(["weight"]).filter(|bench| all || words.contains(bench)) {
        let told = one(bench, &server.url, rounds).await?;
        told.iter().for_each(Row::print);
        rows.extend(told);
    }
    if all {
        report::write(&rows, rounds)?;
        println!("docs/performance.md is written");
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(bench: &str, url: &str, rounds: u32) -> wachats::Result<Vec<Row>> {
    match bench {
        "layers" => cases::layers(url, rounds),
        "value" => cases::value(url, rounds),
        "raw" => cases::raw(url, rounds),
        "floor" => cases::floor(url, rounds),
        "decode" => cases::decode(url).await,
        "memory" => Ok(cases::memory(url, 1_000_000)),
        "prefetch" => cases::prefetch(url, rounds).await,
        "peers" => cases::peers(url, rounds),
        _ => Ok(cases::weight()),
    }
}
