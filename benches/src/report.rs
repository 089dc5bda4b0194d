//! The table.

use std::fmt::Write;
use std::path::Path;

use crate::measure::Spread;

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) bench: &'static str,
    pub(crate) what: String,
    /// What is compared with what, or counted.
    pub(crate) against: String,
    pub(crate) measured: String,
    pub(crate) target: String,
    /// Whether the target is met, where there is one.
    pub(crate) met: Option<bool>,
}

impl Row {
    /// A ratio that should stay below a bound.
    pub(crate) fn at_most(
        bench: &'static str,
        what: String,
        against: &str,
        spread: &Spread,
        most: f64,
    ) -> Self {
        Self {
            bench,
            what,
            against: against.to_owned(),
            measured: spread.to_string(),
            target: format!("≤ {most:.2}"),
            met: Some(spread.median() <= most),
        }
    }

    /// A ratio that should reach a bound, where one is set.
    pub(crate) fn at_least(
        bench: &'static str,
        what: String,
        against: &str,
        spread: &Spread,
        least: Option<f64>,
    ) -> Self {
        Self {
            bench,
            what,
            against: against.to_owned(),
            measured: spread.to_string(),
            target: least.map(|least| format!("≥ {least:.1}")).unwrap_or_default(),
            met: least.map(|least| spread.median() >= least),
        }
    }

    /// What is only told.
    pub(crate) fn told(bench: &'static str, what: String, against: &str, measured: String) -> Self {
        Self { bench, what, against: against.to_owned(), measured, target: String::new(), met: None }
    }

    fn line(&self) -> String {
        let met = match self.met {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let Self { bench, what, against, measured, target, .. } = self;
        format!("| `{bench}` | {what} | {against} | {measured} | {target} | {met} |")
    }

    /// Prints it as it is measured.
    pub(crate) fn print(&self) {
        println!("{}", self.line());
    }
}

const BEGIN: &str = "<!-- the table: written by `cargo run --release -p wachats-benches` -->";
const END: &str = "<!-- the end of the table -->";

/// The table with the machine that it was measured on.
fn table(rows: &[Row], rounds: u32) -> String {
    let mut out = format!("{BEGIN}\n\n{}, {rounds} rounds.\n\n", machine());
    out.push_str(
        "| bench | what | against | measured: median (min–max) | target | met |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let _ = writeln!(out, "{}", row.line());
    }
    let _ = write!(out, "\n{END}");
    out
}

/// The machine: processor, cores, system, compiler, and how busy it was.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned();
    let rustc = std::process::Command::new("rustc").arg("--version").output().ok();
    let rustc = rustc.and_then(|out| String::from_utf8(out.stdout).ok()).unwrap_or_default();
    format!(
        "{} ({cores} cores), {} {}, {}, load {load} at the end of the run",
        cpu.unwrap_or_else(|| "an unknown processor".into()),
        std::env::consts::OS,
        std::env::consts::ARCH,
        rustc.split(" (").next().unwrap_or("?"),
    )
}

/// Puts the table into the page of the documentation.
pub(crate) fn write(rows: &[Row], rounds: u32) -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let page = std::fs::read_to_string(&path)?;
    let (head, rest) = page.split_once(BEGIN).unwrap_or((&page, ""));
    let tail = rest.split_once(END).map_or("\n", |(_, tail)| tail);
    std::fs::write(path, format!("{head}{}{tail}", table(rows, rounds)))
}
