use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::{Effect, Error, ErrorKind, Operation, Result};

/// The rate limits that a gateway publishes: requests a second, per account and wire method.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// By wire method.
    pub by_method: &'static [(&'static str, f64)],
    /// Of a method that is not listed; `None` for no limit.
    pub other: Option<f64>,
}

impl Rates {
    /// No limits.
    pub const NONE: Self = Self { by_method: &[], other: None };
}

/// What a request waits for before its attempt begins.
pub(super) struct Gate {
    limiters: HashMap<&'static str, DefaultDirectRateLimiter>,
    other: Option<DefaultDirectRateLimiter>,
    clock: DefaultClock,
    permits: Semaphore,
    /// A `Retry-After` binds all calls of the account.
    paused_until: Mutex<Option<Instant>>,
    budget: Mutex<Budget>,
}

/// The budget of retries: a dead server drains it, and then gets no more than first attempts.
struct Budget {
    tokens: f64,
}

const BUDGET: f64 = 50.0;
const RETRY_COST: f64 = 5.0;
const SUCCESS_REFUND: f64 = 1.0;

/// A gateway counts arrivals, which come a little closer together than they were sent.
const MARGIN: f64 = 1.05;

fn limiter(per_second: f64) -> Option<DefaultDirectRateLimiter> {
    let period = Duration::try_from_secs_f64(MARGIN / per_second).ok()?;
    let burst = NonZeroU32::new(per_second.clamp(1.0, 1_000.0) as u32)?;
    Some(RateLimiter::direct(Quota::with_period(period)?.allow_burst(burst)))
}

impl Gate {
    pub(super) fn new(rates: Rates, concurrency: usize) -> Self {
        Self {
            limiters: rates
                .by_method
                .iter()
                .filter_map(|(key, rate)| Some((*key, limiter(*rate)?)))
                .collect(),
            other: rates.other.and_then(limiter),
            clock: DefaultClock::default(),
            permits: Semaphore::new(concurrency),
            paused_until: Mutex::default(),
            budget: Mutex::new(Budget { tokens: BUDGET }),
        }
    }

    /// Waits for the account's pause, the rate limit and a free place; none of it is part of an attempt.
    pub(super) async fn enter(
        &self,
        operation: Operation,
        key: Option<&'static str>,
        deadline: Instant,
    ) -> Result<SemaphorePermit<'_>> {
        let late = |what: &'static str, wait: Option<Duration>| {
            let error =
                Error::new(ErrorKind::RateLimited, operation).with_effect(Effect::NotSent).with_message(what);
            match wait {
                Some(wait) => error.with_retry_after(wait),
                None => error,
            }
        };
        loop {
            let paused = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let Some(until) = paused.filter(|until| *until > now) else { break };
            if until >= deadline {
                return Err(late(
                    "the gateway asked to wait longer than this operation may take",
                    Some(until - now),
                ));
            }
            tokio::time::sleep_until(until).await;
        }
        let limiter = key.and_then(|key| self.limiters.get(key)).or(key.and(self.other.as_ref()));
        if let Some(limiter) = limiter {
            while let Err(not_until) = limiter.check() {
                let wait = not_until.wait_time_from(self.clock.now());
                if Instant::now() + wait >= deadline {
                    return Err(late(
                        "the gateway's rate limit leaves no room within this operation's time",
                        Some(wait),
                    ));
                }
                tokio::time::sleep(wait).await;
            }
        }
        match tokio::time::timeout_at(deadline, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(late("no request slot became free within this operation's time", None)),
        }
    }

    /// All calls of the account wait this long.
    pub(super) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        if paused.is_none_or(|earlier| earlier < until) {
            *paused = Some(until);
        }
    }

    /// Takes the price of one retry; `false` when the budget is drained.
    pub(super) fn spend(&self) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = budget.tokens >= RETRY_COST;
        if enough {
            budget.tokens -= RETRY_COST;
        }
        enough
    }

    /// A success fills the budget up again, bit by bit.
    pub(super) fn earn(&self) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.tokens = (budget.tokens + SUCCESS_REFUND).min(BUDGET);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_server_drains_the_budget_and_successes_fill_it() {
        let gate = Gate::new(Rates::NONE, 1);
        let retries = (0..1000).filter(|_| gate.spend()).count();
        assert_eq!(retries, 10);
        for _ in 0..5 {
            gate.earn();
        }
        assert!(gate.spend());
        assert!(!gate.spend());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_longer_than_the_deadline_fails_at_once() {
        let gate = Gate::new(Rates::NONE, 1);
        gate.pause(Duration::from_secs(86_400));
        let deadline = Instant::now() + Duration::from_secs(50);
        let error = gate.enter(Operation::ListChats, None, deadline).await.err().unwrap();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::NotSent));
        assert!(error.retry_after().unwrap() > Duration::from_secs(86_000));
    }
}
