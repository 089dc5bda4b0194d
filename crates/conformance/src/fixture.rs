use std::any::Any;
use std::fmt;
use std::sync::Arc;

use wachats_core::{Action, Chats};

use crate::Expected;

type Counter = dyn Fn() -> usize + Send + Sync;
type Witness = dyn Fn(&Action) -> Result<(), String> + Send + Sync;

/// A gateway to be judged, and what the account behind it holds.
///
/// Each case gets a fixture of its own, so that no case meets what another one changed.
#[derive(Clone)]
pub struct Fixture {
    pub(crate) chats: Chats,
    pub(crate) expected: Arc<Expected>,
    pub(crate) requests: Option<Arc<Counter>>,
    pub(crate) witness: Option<Arc<Witness>>,
    kept: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Fixture {
    /// A gateway and its account.
    pub fn new(chats: Chats, expected: Expected) -> Self {
        Self { chats, expected: Arc::new(expected), requests: None, witness: None, kept: Vec::new() }
    }

    /// Tells how many requests the gateway has received so far. With it, cases prove that a refusal was made without
    /// asking the gateway.
    pub fn requests(mut self, count: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        self.requests = Some(Arc::new(count));
        self
    }

    /// Looks behind the gateway whether a change that it accepted took effect, and tells what is wrong if not. Without
    /// it, changes are judged by what the gateway shows of them.
    pub fn witness(mut self, look: impl Fn(&Action) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.witness = Some(Arc::new(look));
        self
    }

    /// Keeps something alive as long as the fixture: the server it talks to.
    pub fn keep(mut self, value: impl Any + Send + Sync) -> Self {
        self.kept.push(Arc::new(value));
        self
    }
}

impl fmt::Debug for Fixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixture").field("expected", &self.expected).finish_non_exhaustive()
    }
}
