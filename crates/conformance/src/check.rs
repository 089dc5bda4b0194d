use std::collections::HashSet;
use std::sync::Arc;

use wachats_core::{
    Action, Capabilities, Capability, ChatId, Chats, Error, ErrorKind, Message, Operation, Outcome, Support,
};

use crate::{Expected, Fixture};

/// Why a case ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It can't be tried on this gateway or this account.
    Skip(String),
    /// The provider is wrong.
    Fail(String),
}

pub(crate) type Verdict<T = ()> = Result<T, Stop>;

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fail(format!("it failed: {error}"))
    }
}

pub(crate) fn fail<T>(reason: impl Into<String>) -> Verdict<T> {
    Err(Stop::Fail(reason.into()))
}

pub(crate) fn skip<T>(reason: impl Into<String>) -> Verdict<T> {
    Err(Stop::Skip(reason.into()))
}

/// Fails with the reason unless the condition holds. Reasons hold counts and names of fields, never content.
pub(crate) fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { fail(reason()) }
}

/// What a case works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) fixture: Fixture,
    pub(crate) capabilities: Arc<Capabilities>,
}

impl Context {
    pub(crate) fn chats(&self) -> &Chats {
        &self.fixture.chats
    }

    pub(crate) fn expected(&self) -> &Expected {
        &self.fixture.expected
    }

    pub(crate) fn offers(&self, capability: Capability) -> bool {
        self.capabilities.support(capability) != Support::No
    }

    /// The chat with a person.
    pub(crate) fn user(&self) -> Verdict<&ChatId> {
        self.expected().user.as_ref().ok_or_else(|| Stop::Skip("no chat with a person is known".into()))
    }

    /// The chat with the most messages.
    pub(crate) fn long(&self) -> Verdict<&ChatId> {
        self.expected().long.as_ref().ok_or_else(|| Stop::Skip("no chat with messages is known".into()))
    }

    /// The chat that may be emptied.
    pub(crate) fn spare(&self) -> Verdict<&ChatId> {
        self.expected().spare.as_ref().ok_or_else(|| Stop::Skip("no chat may be emptied here".into()))
    }

    /// The newest text in the chat with a person.
    pub(crate) fn text(&self, from_me: bool) -> Verdict<&Message> {
        let whose = if from_me { "own" } else { "incoming" };
        self.expected()
            .text_of(self.user()?, from_me)
            .ok_or_else(|| Stop::Skip(format!("no {whose} text is known")))
    }

    /// All messages of a chat as the gateway lists them; of an account that is only partly known, 60.
    pub(crate) async fn listed(&self, chat: &ChatId) -> Verdict<Vec<Message>> {
        let list = self.chats().chat(chat)?.messages();
        let list = if self.expected().complete { list } else { list.limit(60) };
        Ok(list.collect().await?)
    }

    pub(crate) fn requests(&self) -> Option<usize> {
        self.fixture.requests.as_ref().map(|count| count())
    }

    /// Fails when a request was sent since `before`.
    pub(crate) fn nothing_sent_since(&self, before: Option<usize>, what: &str) -> Verdict {
        let sent = self.requests().zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
        ensure(sent == 0, || format!("{what} sent {sent} requests"))
    }

    /// Performs an action, checks its outcome's form, and asks the witness whether it took effect.
    pub(crate) async fn perform(&self, action: Action) -> Verdict<Outcome> {
        let outcome = self.chats().perform(action.clone()).await?;
        ensure(outcome.operation == action.operation(), || "the outcome names another operation".into())?;
        ensure(outcome.chat_id.as_ref() == action.chat(), || "the outcome names another chat".into())?;
        if let Some((asked, told)) = action.message().zip(outcome.message_id.as_ref()) {
            ensure(asked.key() == told.key(), || "the outcome names another message".into())?;
        }
        match &self.fixture.witness {
            Some(look) => look(&action).map(|()| outcome).map_err(Stop::Fail),
            None => Ok(outcome),
        }
    }

    /// Does the gateway show the effect of this operation in what it lists?
    pub(crate) fn shows(&self, operation: Operation) -> bool {
        !self.expected().unseen.contains(&operation)
    }

    /// An error of this kind, which names gateway and operation.
    pub(crate) fn expect_error<T>(
        &self,
        result: Result<T, Error>,
        kinds: &[ErrorKind],
        what: &str,
    ) -> Verdict<Error> {
        let Err(error) = result else { return fail(format!("{what} was accepted")) };
        ensure(kinds.contains(&error.kind()), || format!("{what} gave {error}"))?;
        ensure(error.gateway() == Some(&self.capabilities.gateway), || {
            format!("the error of {what} doesn't name its gateway: {error}")
        })?;
        Ok(error)
    }
}

/// No two items have the same identity.
pub(crate) fn unique<T, K: Eq + std::hash::Hash>(
    items: &[T],
    identity: impl Fn(&T) -> K,
    what: &str,
) -> Verdict {
    let distinct = items.iter().map(identity).collect::<HashSet<_>>().len();
    ensure(distinct == items.len(), || {
        format!("{} of {} {what} are doubled", items.len() - distinct, items.len())
    })
}

/// What identifies a message on every gateway.
pub(crate) fn identity(message: &Message) -> (ChatId, String, bool) {
    (message.chat_id.clone(), message.key.as_str().to_owned(), message.from_me)
}

/// The same keys in the same order.
pub(crate) fn same_order(found: &[Message], wanted: &[&Message], what: &str) -> Verdict {
    let keys = |m: &Message| (m.key.clone(), m.from_me);
    let found: Vec<_> = found.iter().map(keys).collect();
    let wanted: Vec<_> = wanted.iter().map(|m| keys(m)).collect();
    ensure(found == wanted, || {
        let lost = wanted.iter().filter(|k| !found.contains(k)).count();
        let extra = found.iter().filter(|k| !wanted.contains(k)).count();
        format!("{what}: {} found, {} wanted, {lost} missing, {extra} too many", found.len(), wanted.len())
    })
}
