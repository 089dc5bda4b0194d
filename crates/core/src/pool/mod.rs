//! Several providers as one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{ChatId, Chats, Effect, Error, ErrorKind, Gateway, Operation, Result};

mod member;
mod merge;
mod order;
mod provider;
mod sticky;

pub use member::{MemberState, PoolMember};

use member::Member;
use merge::Merged;
use sticky::Sticky;

/// The gateway that a [`Pool`] calls itself, in what is told of all its members.
const POOL: Gateway = Gateway::new("pool");

/// Several providers as one: one account behind several gateways, or several accounts.
///
/// A member that fails rests for a growing time and is asked last meanwhile; a used-up quota and a refused
/// key rest longer. What is read fails over to the next member. A change goes elsewhere only as
/// [`Elsewhere`] says: **never, unless told so, when its outcome is unknown**. A chat whose change went
/// through a member stays with that member.
///
/// Members are handles with their layers, so what one gateway does itself and another has emulated are the
/// same here. Errors name the member's gateway.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use wachats_core::{Chat, ChatId, Chats, Memory, Pool};
///
/// let anna: ChatId = "79001234567@c.us".parse()?;
/// let account = Memory::new([Chat::new(anna.clone())], []); // what both gateways show
/// let pool = Pool::builder()
///     .member("main", Chats::new(account.clone()))
///     .member("spare", Chats::new(account))
///     .build()?;
/// let chats = Chats::new(pool.clone());
/// chats.chat(&anna)?.send("Hello").await?;
/// assert_eq!(pool.member_of(&anna), Some("main"));
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    members: Vec<Member>,
    separate: bool,
    prefer: Prefer,
    elsewhere: Elsewhere,
    sticky: Mutex<Sticky>,
    merged: Mutex<Option<Merged>>,
}

/// When a change may be tried through another member after one of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Elsewhere {
    /// Never: the chat's own member alone, even while it rests.
    Never,
    /// When it surely took no effect: it was not sent, or refused for the account's sake (key, quota, rate,
    /// session).
    #[default]
    NoEffect,
    /// Also when its outcome is unknown: it may take effect twice.
    EvenUnknown,
}

/// Which healthy member a chat without a member of its own is given to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prefer {
    /// The first in the order in which they were added: a main one and its spares.
    #[default]
    InOrder,
    /// Spread over all by the chat's id: the same chat goes to the same member in every run, and a member
    /// more or less moves its own share of chats alone.
    Spread,
}

impl Pool {
    /// To add members.
    pub fn builder() -> PoolBuilder {
        PoolBuilder {
            members: Vec::new(),
            separate: false,
            prefer: Prefer::default(),
            elsewhere: Elsewhere::default(),
            sticky: 100_000,
            quota_rest: Duration::from_secs(3_600),
        }
    }

    /// The members and how they are, in their order. Asks nobody: it tells what the last answers showed.
    pub fn health(&self) -> Vec<PoolMember> {
        self.inner.members.iter().map(Member::told).collect()
    }

    /// The handle of one member, for what concerns it alone.
    pub fn member(&self, name: &str) -> Option<&Chats> {
        self.inner.members.iter().find(|m| m.name() == name).map(Member::chats)
    }

    /// The member that a chat stays with; `None` before a change of it went through one.
    pub fn member_of(&self, chat: &ChatId) -> Option<&str> {
        let bound = self.inner.sticky().get(chat)?;
        self.inner.members.get(bound).map(Member::name)
    }

    /// Gives a chat to a member until it is given to another one. Applications that store which account
    /// serves which chat tell it here; [`PoolBuilder::remember`] doesn't bound these.
    ///
    /// # Errors
    /// `InvalidInput` where no member has this name.
    pub fn bind(&self, chat: &ChatId, name: &str) -> Result<()> {
        let index = self.inner.index(name)?;
        self.inner.sticky().pin(chat.clone(), index);
        Ok(())
    }

    /// Ends the rest of a member, as after its key was renewed or its quota raised.
    ///
    /// # Errors
    /// `InvalidInput` where no member has this name.
    pub fn revive(&self, name: &str) -> Result<()> {
        let index = self.inner.index(name)?;
        if let Some(member) = self.inner.members.get(index) {
            member.revive();
        }
        Ok(())
    }

    /// The handle that a change of this chat went, or would go, through.
    pub(crate) fn handle_of(&self, chat: &ChatId) -> Option<&Chats> {
        let index = *self.inner.order(Some(chat), true).first()?;
        self.inner.members.get(index).map(Member::chats)
    }
}

impl Inner {
    fn sticky(&self) -> std::sync::MutexGuard<'_, Sticky> {
        self.sticky.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self, name: &str) -> Result<usize> {
        self.members.iter().position(|m| m.name() == name).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, Operation::Configure)
                .with_gateway(POOL)
                .with_effect(Effect::NotSent)
                .with_message("the pool has no member of this name")
        })
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("members", &self.health()).finish_non_exhaustive()
    }
}

/// Puts a [`Pool`] together.
pub struct PoolBuilder {
    members: Vec<(String, Chats)>,
    separate: bool,
    prefer: Prefer,
    elsewhere: Elsewhere,
    sticky: usize,
    quota_rest: Duration,
}

impl PoolBuilder {
    /// Adds a member. Its name is printed in `Debug` and logs: a word, not a number or a secret. The time
    /// that the handle allows its operations is not looked at: the pool's own holds.
    pub fn member(mut self, name: impl Into<String>, chats: Chats) -> Self {
        self.members.push((name.into(), chats));
        self
    }

    /// The members are different accounts: another one can't show a chat's messages, nor go on with them.
    ///
    /// A chat with a member of its own is read and changed through that member alone. Lists of all chats and
    /// of all messages are `Unsupported`: ask [`Pool::member`] for each.
    pub fn separate_accounts(mut self) -> Self {
        self.separate = true;
        self
    }

    /// Which member a chat is given to that has none.
    pub fn prefer(mut self, prefer: Prefer) -> Self {
        self.prefer = prefer;
        self
    }

    /// When a change may be tried through another member.
    pub fn elsewhere(mut self, elsewhere: Elsewhere) -> Self {
        self.elsewhere = elsewhere;
        self
    }

    /// How many chats are remembered with their member, at least; 100,000 unless told otherwise. The chats
    /// used longest ago are forgotten first.
    pub fn remember(mut self, chats: usize) -> Self {
        self.sticky = chats.max(1);
        self
    }

    /// How long a member rests whose quota is used up: an hour unless told otherwise.
    pub fn quota_rest(mut self, time: Duration) -> Self {
        self.quota_rest = time;
        self
    }

    /// The pool. Sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` without a member, or where two have one name.
    pub fn build(self) -> Result<Pool> {
        let names: BTreeSet<&str> = self.members.iter().map(|(name, _)| name.as_str()).collect();
        if names.is_empty() || names.len() < self.members.len() {
            return Err(Error::new(ErrorKind::ConfigInvalid, Operation::Configure)
                .with_gateway(POOL)
                .with_message("a pool needs members, and each a name of its own"));
        }
        let members = self.members.into_iter().map(|(name, chats)| Member::new(name, chats, self.quota_rest));
        Ok(Pool {
            inner: Arc::new(Inner {
                members: members.collect(),
                separate: self.separate,
                prefer: self.prefer,
                elsewhere: self.elsewhere,
                sticky: Mutex::new(Sticky::new(self.sticky)),
                merged: Mutex::default(),
            }),
        })
    }
}

impl fmt::Debug for PoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("members", &self.members.len())
            .field("separate", &self.separate)
            .field("prefer", &self.prefer)
            .field("elsewhere", &self.elsewhere)
            .finish_non_exhaustive()
    }
}
