//! How much failing is borne while a phone is paired.

use std::time::Duration;

use wachats::{Effect, Error, ErrorKind, Retry};

use crate::failure::Run;

/// What failed in a row.
#[derive(Default)]
pub(super) struct Failures {
    count: u32,
    /// The last of them, for whoever runs out of time.
    pub(super) last: Option<String>,
}

impl Failures {
    /// How long to wait after a failure that may pass: longer each time, and as long as the gateway asks, if that much
    /// is left.
    pub(super) fn bear(
        &mut self,
        error: Error,
        patience: u32,
        pause: Duration,
        left: Option<Duration>,
    ) -> Run<Duration> {
        self.count += 1;
        let asked = match error.retry() {
            Retry::After(wait) => wait,
            _ => None,
        };
        let asked = asked.or(error.retry_after()).unwrap_or_default();
        if self.count >= patience || left.is_some_and(|left| asked > left) {
            return Err(error.into());
        }
        self.last = Some(format!("{}: {}", error.kind(), error.message()));
        Ok((pause * self.count.min(5)).max(asked))
    }
}

/// May the next try tell otherwise?
pub(super) fn passes(error: &Error) -> bool {
    use ErrorKind as K;
    match error.kind() {
        // paired, or stopped, between two requests
        K::Conflict | K::SessionNotReady => true,
        K::Network | K::Timeout | K::Unavailable | K::ServerFault | K::RateLimited => {
            error.effect() != Effect::Unknown || error.operation().is_read()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use wachats::Operation;

    use super::*;

    #[test]
    fn failures_in_a_row_end_it_and_wait_as_long_as_asked() {
        let second = Duration::from_secs(1);
        let mut failures = Failures::default();
        let fault = || Error::new(ErrorKind::ServerFault, Operation::PairQr).with_message("it failed");
        let waits: Vec<_> =
            (0..9).map(|_| failures.bear(fault(), 10, second, None).unwrap().as_secs()).collect();
        assert_eq!(waits, [1, 2, 3, 4, 5, 5, 5, 5, 5]);
        assert_eq!(failures.last.as_deref(), Some("server_fault: it failed"));
        assert!(failures.bear(fault(), 10, second, None).is_err());
        let brake = || {
            let brake = Error::new(ErrorKind::RateLimited, Operation::PairCode).with_effect(Effect::Refused);
            brake.with_retry_after(Duration::from_secs(40))
        };
        for left in [None, Some(second * 41)] {
            assert_eq!(Failures::default().bear(brake(), 10, second, left).unwrap().as_secs(), 40);
        }
        assert!(Failures::default().bear(brake(), 10, second, Some(second * 39)).is_err());
    }
}
