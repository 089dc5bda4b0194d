use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;
use tracing::Span;

use super::outcome::{attempts, settle};
use super::{Call, RetryEvent, Transport};
use crate::layer::deadline;
use crate::{Effect, Error, ErrorKind, Repeat, Result, Retry};

/// The attempts of one request: what is waited for before each, and whether there is another.
pub(super) struct Tries<'a> {
    transport: &'a Transport,
    call: &'a Call,
    until: Instant,
    bounds: ExponentialBackoff,
    made: u32,
    /// A repeated change may have taken effect by an earlier attempt, whatever the last one says.
    in_doubt: bool,
}

impl<'a> Tries<'a> {
    pub(super) fn new(transport: &'a Transport, call: &'a Call) -> Self {
        let (first, longest) = transport.inner.options.backoff;
        let bounds = ExponentialBuilder::new()
            .with_min_delay(first)
            .with_max_delay(longest)
            .with_factor(3.0)
            .without_max_times()
            .build();
        let until = deadline::until().unwrap_or_else(|| Instant::now() + deadline::DEFAULT);
        Self { transport, call, until, bounds, made: 0, in_doubt: false }
    }

    /// Waits until an attempt may begin; gives its place, its time and its span.
    pub(super) async fn begin(&mut self) -> Result<(SemaphorePermit<'a>, Duration, Span)> {
        let inner = &self.transport.inner;
        let entered = inner.gate.enter(self.call.operation, self.call.rate_key, self.until).await;
        let permit = entered.map_err(|error| self.give_up(error, self.made))?;
        self.made += 1;
        let span = tracing::debug_span!(
            "request",
            gateway = inner.gateway.as_str(),
            operation = self.call.operation.as_str(),
            method = self.call.method.as_str(),
            route = self.call.route,
            attempt = self.made
        );
        Ok((permit, self.attempt_time(), span))
    }

    pub(super) fn succeeded<T>(&self, value: T) -> T {
        self.transport.inner.gate.earn();
        value
    }

    /// Waits for the next attempt, or gives the error that is final.
    pub(super) async fn failed(&mut self, error: Error) -> Result<()> {
        let inner = &self.transport.inner;
        let most = attempts(&error, self.call.repeat, inner.options.attempts);
        self.in_doubt |= error.effect() == Effect::Unknown;
        let pause = match error.retry_after() {
            Some(wait) => {
                if matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Unavailable) {
                    inner.gate.pause(wait);
                }
                wait
            }
            None => {
                let bound = self.bounds.next().unwrap_or(inner.options.backoff.1);
                bound.mul_f64(fastrand::f64())
            }
        };
        let in_time = Instant::now() + pause < self.until;
        if most.is_some_and(|most| self.made < most) && in_time && inner.gate.spend() {
            self.tell(error.kind(), pause);
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        let exhausted = if most.is_some() && self.made > 1 { self.made } else { 0 };
        Err(self.give_up(error, exhausted))
    }

    fn give_up(&self, error: Error, exhausted: u32) -> Error {
        let mut error = if exhausted > 1 { error.with_retry(Retry::Exhausted(exhausted)) } else { error };
        if self.in_doubt && self.call.repeat != Repeat::Read && error.effect() != Effect::Unknown {
            error = error.with_effect(Effect::Unknown);
            if matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Unavailable) {
                error = error.with_kind(ErrorKind::Network);
            }
        }
        settle(error, self.call.repeat, &self.transport.inner.gateway)
    }

    fn tell(&self, kind: ErrorKind, pause: Duration) {
        let inner = &self.transport.inner;
        tracing::debug!(
            gateway = inner.gateway.as_str(),
            operation = self.call.operation.as_str(),
            route = self.call.route,
            attempt = self.made,
            kind = kind.as_str(),
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "retrying"
        );
        if let Some(hook) = &inner.options.hook {
            hook(&RetryEvent {
                gateway: inner.gateway.clone(),
                operation: self.call.operation,
                route: self.call.route,
                attempt: self.made,
                kind,
                pause,
            });
        }
    }

    /// An attempt of a read has a time of its own; one of a change may last the whole operation, since
    /// giving up earlier makes unknown outcomes.
    fn attempt_time(&self) -> Duration {
        let left = self.until.saturating_duration_since(Instant::now());
        match (self.call.attempt, self.call.repeat) {
            (Some(time), _) => time.min(left),
            (None, Repeat::Read) => self.transport.inner.options.read_attempt.min(left),
            (None, _) => left,
        }
    }
}
