use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Chats, ChatsProvider, Effect, Error, ErrorKind, Gateway, Missing};

/// The first rest of a member, doubled with each failure in a row, and the longest.
const REST: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// The rest after a 429 that names no time.
const RATE_REST: Duration = Duration::from_secs(5);
/// The rest of a member whose key was refused: somebody has to renew it.
const KEY_REST: Duration = Duration::from_secs(600);

/// How a member of a [`Pool`](super::Pool) is, by its last answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberState {
    /// It is asked in its turn.
    Up,
    /// It failed and is asked only when no other is left.
    Resting {
        /// Why: `QuotaExceeded` and `Unauthenticated` concern the account, others the way to it.
        kind: ErrorKind,
        /// How much longer.
        left: Duration,
    },
}

/// A member of a [`Pool`](super::Pool) and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolMember {
    /// The name it was added under.
    pub name: String,
    /// Its gateway.
    pub gateway: Gateway,
    /// How it is.
    pub state: MemberState,
    /// How often it failed in a row.
    pub failures: u32,
}

#[derive(Default)]
struct Health {
    failures: u32,
    rest: Option<(ErrorKind, Instant)>,
}

pub(super) struct Member {
    name: String,
    chats: Chats,
    quota_rest: Duration,
    health: Mutex<Health>,
}

impl Member {
    pub(super) fn new(name: String, chats: Chats, quota_rest: Duration) -> Self {
        Self { name, chats, quota_rest, health: Mutex::default() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn chats(&self) -> &Chats {
        &self.chats
    }

    pub(super) fn provider(&self) -> &dyn ChatsProvider {
        &**self.chats.provider()
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn told(&self) -> PoolMember {
        let health = self.health();
        let now = Instant::now();
        let state = match health.rest {
            Some((kind, until)) if until > now => MemberState::Resting { kind, left: until - now },
            _ => MemberState::Up,
        };
        let gateway = self.chats.gateway();
        PoolMember { name: self.name.clone(), gateway, state, failures: health.failures }
    }

    pub(super) fn rests(&self) -> bool {
        self.health().rest.is_some_and(|(_, until)| until > Instant::now())
    }

    pub(super) fn revive(&self) {
        *self.health() = Health::default();
    }

    /// Takes an answer into account.
    pub(super) fn judge<T>(&self, answer: &Result<T, Error>) {
        let Err(error) = answer else { return self.revive() };
        let mut health = self.health();
        let rest = match error.kind() {
            ErrorKind::QuotaExceeded => self.quota_rest,
            ErrorKind::Unauthenticated => KEY_REST,
            ErrorKind::RateLimited => error.retry_after().unwrap_or(RATE_REST),
            _ if is_away(error) => {
                let doubled = REST.0.saturating_mul(1 << health.failures.min(10));
                error.retry_after().unwrap_or(doubled).min(REST.1)
            }
            // what was asked was wrong, or it failed at this alone
            _ => return,
        };
        health.failures = health.failures.saturating_add(1);
        health.rest = Some((error.kind(), Instant::now() + rest));
        tracing::debug!(
            member = self.name,
            kind = error.kind().as_str(),
            rest_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX),
            "a member of the pool rests"
        );
    }
}

/// Can the account not be worked with through this member now, whatever is asked?
fn is_away(error: &Error) -> bool {
    use ErrorKind as K;
    match error.kind() {
        K::Network | K::Timeout | K::Unavailable | K::NotAGateway | K::Redirected | K::SessionNotReady => {
            true
        }
        K::OutcomeUnknown => true, // it failed in one of these ways
        K::NotFound => error.missing() == Some(Missing::Session),
        _ => false,
    }
}

/// May another member answer a read in place of the one that failed so?
pub(super) fn others_may_answer(error: &Error) -> bool {
    use ErrorKind as K;
    is_away(error)
        || matches!(
            error.kind(),
            K::Unsupported
                | K::Unauthenticated
                | K::Forbidden
                | K::RateLimited
                | K::QuotaExceeded
                | K::ServerFault
                | K::Decode
                | K::ConfigInvalid
                | K::Unexpected
        )
}

/// Did a change surely take no effect, and for a reason that another member doesn't share?
pub(super) fn others_may_do(error: &Error) -> bool {
    use ErrorKind as K;
    let account = matches!(
        error.kind(),
        K::Unsupported
            | K::Unauthenticated
            | K::Forbidden
            | K::RateLimited
            | K::QuotaExceeded
            | K::ConfigInvalid
    );
    error.effect() != Effect::Unknown && (account || is_away(error))
}
