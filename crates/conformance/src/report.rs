use std::fmt;
use std::time::Duration;

use serde::Serialize;
use wachats_core::{Capability, Gateway};

/// One case and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The capability it is about first of all; `None` for what every provider owes.
    pub capability: Option<Capability>,
    /// Why it failed or was skipped, without ids, names or texts; `None` when it passed.
    pub reason: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// What a run of the suite found. Prints as a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The gateway judged.
    pub gateway: Option<Gateway>,
    /// Its engine, where it has one.
    pub engine: Option<String>,
    /// Its version, where known.
    pub version: Option<String>,
    /// Cases that hold.
    pub passed: Vec<Case>,
    /// Cases that don't.
    pub failed: Vec<Case>,
    /// Cases that could not be tried here, with the reason.
    pub skipped: Vec<Case>,
}

impl Report {
    pub(crate) const fn new() -> Self {
        Self {
            gateway: None,
            engine: None,
            version: None,
            passed: Vec::new(),
            failed: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Did no case fail? A run in which nothing passed proves nothing and is not fine.
    pub fn is_ok(&self) -> bool {
        self.failed.is_empty() && !self.passed.is_empty()
    }

    /// One line: `waha NOWEB 2026.7.1: 61 passed, 0 failed, 4 skipped`.
    pub fn summary(&self) -> String {
        let words =
            [self.gateway.as_ref().map(Gateway::as_str), self.engine.as_deref(), self.version.as_deref()];
        let who: Vec<&str> = words.into_iter().flatten().collect();
        format!(
            "{}: {} passed, {} failed, {} skipped",
            if who.is_empty() { "unreachable".to_owned() } else { who.join(" ") },
            self.passed.len(),
            self.failed.len(),
            self.skipped.len(),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        let groups = [("passed", &self.passed), ("failed", &self.failed), ("skipped", &self.skipped)];
        for (word, case) in
            groups.iter().flat_map(|(word, cases)| cases.iter().map(move |case| (*word, case)))
        {
            let capability = case.capability.map_or("-", Capability::as_str);
            write!(f, "{word:8} {:34} {capability:20}", case.name)?;
            writeln!(f, " {}", case.reason.as_deref().unwrap_or(""))?;
        }
        Ok(())
    }
}
