use std::cmp::Reverse;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::member::{Member, others_may_answer, others_may_do};
use super::provider::no_session;
use super::{Elsewhere, Inner, POOL, Prefer};
use crate::layer::deadline;
use crate::{Action, ChatId, ChatsProvider, Effect, Error, ErrorKind, Operation, Outcome, Result};

/// Runs within its share of what is left of the operation's time, so that others have theirs.
async fn in_time<T>(turns_left: u32, future: BoxFuture<'_, Result<T>>) -> Result<T> {
    match deadline::until() {
        Some(until) => {
            let left = until.saturating_duration_since(Instant::now());
            deadline::with_timeout((left / turns_left.max(1)).max(Duration::from_millis(1)), future).await
        }
        None => future.await,
    }
}

/// The same on every machine and in every run, unlike the standard library's.
fn hash(parts: [&str; 2]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0xff])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // FNV's high bits hardly move with the last bytes: mix them
    hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

impl Inner {
    /// The members in the order in which they are asked. `strictly`: those that may serve a chat which has a
    /// member of its own, at rest or not.
    pub(super) fn order(&self, chat: Option<&ChatId>, strictly: bool) -> Vec<usize> {
        let bound = chat.and_then(|chat| self.sticky().get(chat));
        if let Some(bound) = bound.filter(|_| strictly || self.separate) {
            return vec![bound];
        }
        let mut ranked: Vec<_> = self.members.iter().enumerate().collect();
        ranked.sort_by_cached_key(|(index, member)| {
            let weight = match (self.prefer, chat) {
                (Prefer::Spread, Some(chat)) => hash([chat.as_str(), member.name()]),
                _ => 0,
            };
            (!strictly && member.rests(), bound != Some(*index), Reverse(weight), *index)
        });
        let most = if strictly { 1 } else { ranked.len() };
        ranked.into_iter().map(|(index, _)| index).take(most).collect()
    }

    /// Reads from the first member that answers; `call` is told whether it is the first to be asked.
    pub(super) async fn read<'s, T>(
        &'s self,
        order: &[usize],
        operation: Operation,
        call: impl Fn(&'s dyn ChatsProvider, bool) -> BoxFuture<'s, Result<T>> + Send,
    ) -> Result<(&'s Member, T)> {
        let mut kept: Option<Error> = None;
        let members: Vec<&Member> = order.iter().filter_map(|index| self.members.get(*index)).collect();
        let mut turns_left = u32::try_from(members.len()).unwrap_or(u32::MAX);
        for (turn, member) in members.into_iter().enumerate() {
            let answer = in_time(turns_left, call(member.provider(), turn == 0)).await;
            turns_left = turns_left.saturating_sub(1);
            member.judge(&answer);
            match answer {
                Ok(answer) => return Ok((member, answer)),
                Err(error) if others_may_answer(&error) => keep(&mut kept, error),
                Err(error) => return Err(error),
            }
        }
        Err(kept.unwrap_or_else(|| nobody(operation)))
    }

    /// Does something through the chat's member, or through another one as far as that is allowed.
    pub(super) async fn change(&self, action: Action) -> Result<Outcome> {
        let operation = action.operation();
        let Some(chat) = action.chat().cloned() else { return Err(no_session(operation)) };
        // whose message it is isn't known of separate accounts: guessing would name one that isn't there
        let strictly = self.elsewhere == Elsewhere::Never || (self.separate && action.message().is_some());
        let mut kept: Option<Error> = None;
        let mut in_doubt: Option<Error> = None;
        for index in self.order(Some(&chat), strictly) {
            let Some(member) = self.members.get(index) else { continue };
            let done = in_time(1, member.provider().perform(action.clone())).await;
            member.judge(&done);
            let error = match done {
                Ok(outcome) => {
                    self.sticky().learn(chat, index);
                    return Ok(outcome);
                }
                Err(error) => error,
            };
            if error.effect() == Effect::Unknown {
                if in_doubt.is_none() {
                    self.sticky().learn(chat.clone(), index); // that is where to look
                }
                let doubt = in_doubt.get_or_insert(error);
                if self.elsewhere != Elsewhere::EvenUnknown {
                    return Err(std::mem::replace(doubt, nobody(operation)));
                }
            } else if others_may_do(&error) {
                keep(&mut kept, error);
            } else {
                return Err(in_doubt.unwrap_or(error));
            }
        }
        Err(in_doubt.or(kept).unwrap_or_else(|| nobody(operation)))
    }
}

/// The first error tells most, unless it only says that its gateway can't.
fn keep(kept: &mut Option<Error>, error: Error) {
    if kept
        .as_ref()
        .is_none_or(|k| k.kind() == ErrorKind::Unsupported && error.kind() != ErrorKind::Unsupported)
    {
        *kept = Some(error);
    }
}

fn nobody(operation: Operation) -> Error {
    Error::new(ErrorKind::Unexpected, operation)
        .with_gateway(POOL)
        .with_effect(Effect::NotSent)
        .with_message("no member of the pool can be asked")
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn chats_spread_evenly() {
        let mut counts = [0_u32; 4];
        for n in 0..4_000 {
            let chat = format!("7900{n:07}@c.us");
            let names = ["a", "b", "c", "d"];
            let best = (0..4).max_by_key(|i| hash([&chat, names[*i]])).unwrap();
            counts[best] += 1;
        }
        assert!(counts.iter().all(|n| (800..1_200).contains(n)), "{counts:?}");
    }
}
