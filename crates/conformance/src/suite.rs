use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::cases::{CASES, Rule};
use crate::check::{Context, Stop, Verdict};
use crate::{Case, Fixture, Report};

type Made = Pin<Box<dyn Future<Output = Result<Fixture, String>> + Send>>;

/// The suite: every case, each on a fixture of its own.
pub struct Suite {
    make: Box<dyn Fn() -> Made + Send + Sync>,
    read_only: bool,
    only: Option<String>,
    time: Duration,
}

impl Suite {
    /// A suite for the gateway that `make` gives. It is called once for each case, so that changes don't meet: give a
    /// fresh account each time. Its error fails the case.
    pub fn new<F, Made>(make: F) -> Self
    where
        F: Fn() -> Made + Send + Sync + 'static,
        Made: Future<Output = Result<Fixture, String>> + Send + 'static,
    {
        Self {
            make: Box::new(move || Box::pin(make())),
            read_only: false,
            only: None,
            time: Duration::from_secs(120),
        }
    }

    /// Leaves out every case that changes something, for a real account. What a case only reads is read from one
    /// fixture then, if `make` clones it.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Runs only the cases whose name contains this.
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only = Some(name.into());
        self
    }

    /// How long one case may take before it counts as failed; 120 s.
    pub fn case_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Runs all cases, one after the other, and never panics.
    pub async fn run(&self) -> Report {
        let mut report = Report::new();
        let wanted = |rule: &&Rule| self.only.as_deref().is_none_or(|part| rule.name.contains(part));
        for rule in CASES.iter().filter(wanted) {
            let began = Instant::now();
            let verdict = match tokio::time::timeout(self.time, self.one(rule, &mut report)).await {
                Ok(verdict) => verdict,
                Err(_) => Err(Stop::Fail(format!("it took longer than {} s", self.time.as_secs()))),
            };
            let mut case = Case {
                name: rule.name.to_owned(),
                capability: rule.covers.first().copied(),
                reason: None,
                took: began.elapsed(),
            };
            match verdict {
                Ok(()) => report.passed.push(case),
                Err(Stop::Skip(reason)) => {
                    case.reason = Some(reason);
                    report.skipped.push(case);
                }
                Err(Stop::Fail(reason)) => {
                    case.reason = Some(reason);
                    report.failed.push(case);
                }
            }
        }
        report
    }

    async fn one(&self, rule: &Rule, report: &mut Report) -> Verdict {
        if self.read_only && rule.changes {
            return Err(Stop::Skip("it changes something, and this run only reads".into()));
        }
        let fixture = (self.make)().await.map_err(|reason| Stop::Fail(format!("no fixture: {reason}")))?;
        let capabilities = fixture.chats.capabilities().await?;
        report.gateway.get_or_insert_with(|| capabilities.gateway.clone());
        report.engine = capabilities.engine.clone();
        report.version = capabilities.version.clone();
        let context = Context { fixture, capabilities };
        // Claims try what is denied too; every other case needs all that it is about.
        if !rule.claim {
            for capability in rule.covers {
                if !context.offers(*capability) {
                    let reason = context.capabilities.reason(*capability).unwrap_or("no reason given");
                    return Err(Stop::Skip(format!("{capability}: {reason}")));
                }
            }
        }
        (rule.run)(&context).await
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("read_only", &self.read_only).finish_non_exhaustive()
    }
}
