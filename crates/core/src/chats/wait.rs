use std::time::Duration;

use tokio::time::Instant;

use super::Chats;
use crate::layer::deadline;
use crate::{Error, ErrorKind, Operation, Result, Retry, SessionState, Status};

/// The first pause between two looks, and the longest; each is half as long again as the one before.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

impl Chats {
    /// Waits until the account can be worked with: a session that starts, a phone that is being paired. Asks
    /// for the status again and again, with growing pauses up to 10 s; nothing else watches the session.
    ///
    /// # Errors
    /// `SessionNotReady` with the state when it isn't `working` after `at_most`, or the last failure when
    /// none could be read. What waiting doesn't mend is told at once: a wrong key, a session that isn't
    /// there.
    ///
    /// # Examples
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use std::time::Duration;
    /// # use wachats_core::{Chats, Memory, SessionState};
    /// # let chats = Chats::new(Memory::new([], []));
    /// let status = chats.wait_until_working(Duration::from_secs(60)).await?;
    /// assert_eq!(status.state, SessionState::Working);
    /// # Ok::<(), wachats_core::Error>(()) }).unwrap();
    /// ```
    pub async fn wait_until_working(&self, at_most: Duration) -> Result<Status> {
        self.wait_until_working_with(at_most, |_| {}).await
    }

    /// The same; `told` hears of every answer, what can't be reached included, as for a progress line.
    ///
    /// # Errors
    /// As [`wait_until_working`](Self::wait_until_working).
    pub async fn wait_until_working_with(
        &self,
        at_most: Duration,
        mut told: impl FnMut(&Result<Status>) + Send,
    ) -> Result<Status> {
        let end = Instant::now() + at_most;
        let mut pause = PAUSE.0;
        loop {
            let left = end.saturating_duration_since(Instant::now()).max(PAUSE.0);
            let time = left.min(self.options.timeout.unwrap_or(deadline::DEFAULT));
            let answer = deadline::with_timeout(time, self.stack.status()).await;
            told(&answer);
            let wish = match &answer {
                Ok(status) if status.state == SessionState::Working => return answer,
                Err(error) if !mends(error.kind()) => return answer,
                Err(error) => error.retry_after().unwrap_or(pause),
                Ok(_) => pause,
            };
            if Instant::now() + wish >= end {
                return Err(answer.map_or_else(|error| error, |status| not_yet(&status, at_most)));
            }
            tokio::time::sleep(wish).await;
            pause = pause.mul_f64(1.5).min(PAUSE.1);
        }
    }
}

/// May it be another answer in a while?
fn mends(kind: ErrorKind) -> bool {
    use ErrorKind as K;
    matches!(
        kind,
        K::Network
            | K::Timeout
            | K::Unavailable
            | K::ServerFault
            | K::RateLimited
            | K::SessionNotReady
            | K::NotAGateway
    )
}

fn not_yet(status: &Status, waited: Duration) -> Error {
    Error::new(ErrorKind::SessionNotReady, Operation::Status)
        .with_gateway(status.gateway.clone())
        .with_state(status.state.as_str())
        .with_retry(Retry::After(None))
        .with_message(format!("the session isn't working after {} s", waited.as_secs()))
}
