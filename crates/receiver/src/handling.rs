use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use wachats_core::Chats;

use crate::{Inbound, Inbox};

/// Where the inbox itself fails, it is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// Events given to a handler, one after the other unless told otherwise. Made by [`Inbox::handling`].
///
/// A handler that succeeds acknowledges its event. One that fails, panics or takes too long has it come again after
/// a pause that doubles, while others go on; after the last attempt the event is a dead letter.
#[derive(Clone)]
#[must_use = "nothing is handled before `run` or `run_until` is awaited"]
pub struct Handling {
    inbox: Inbox,
    chats: Option<Chats>,
    concurrency: usize,
    time: Duration,
}

impl Handling {
    pub(crate) fn new(inbox: Inbox) -> Self {
        Self { inbox, chats: None, concurrency: 1, time: Duration::from_secs(300) }
    }

    /// The account through which [`Inbound::reply`] answers.
    pub fn replies_through(mut self, chats: Chats) -> Self {
        self.chats = Some(chats);
        self
    }

    /// How many events are handled at a time; their order is not kept then.
    pub fn concurrency(mut self, events: usize) -> Self {
        self.concurrency = events.max(1);
        self
    }

    /// How long a handler may take; 5 minutes unless said otherwise.
    pub fn time_limit(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Handles events for ever.
    ///
    /// # Cancel safety
    /// Handlers that are under way when the future is dropped are stopped, and their events come again.
    pub async fn run<H, F, E>(self, handler: H)
    where
        H: Fn(Arc<Inbound>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display + Send + 'static,
    {
        self.run_until(std::future::pending(), handler).await;
    }

    /// Handles events until `stop` is ready; those under way are handled to their end.
    ///
    /// # Cancel safety
    /// As [`run`](Self::run).
    pub async fn run_until<H, F, E>(self, stop: impl Future<Output = ()>, handler: H)
    where
        H: Fn(Arc<Inbound>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display + Send + 'static,
    {
        let handler = Arc::new(handler);
        let mut stop = std::pin::pin!(stop);
        let mut tasks = JoinSet::new();
        loop {
            let free = tasks.len() < self.concurrency;
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
                next = self.inbox.next_for(self.chats.as_ref()), if free => match next {
                    Ok(inbound) => {
                        tasks.spawn(handle(Arc::new(inbound), Arc::clone(&handler), self.time));
                    }
                    Err(error) => {
                        tracing::warn!(kind = error.kind().as_str(), "the inbox can't be read");
                        tokio::time::sleep(REST).await;
                    }
                },
            }
        }
        while tasks.join_next().await.is_some() {}
    }
}

pub(crate) fn warn_of_lost_claim() {
    tracing::warn!("an event was handled whose claim had ended: it may be handled twice");
}

async fn handle<H, F, E>(inbound: Arc<Inbound>, handler: Arc<H>, time: Duration)
where
    H: Fn(Arc<Inbound>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display + Send + 'static,
{
    // a task of its own, so that a panic is nothing but a failure
    let mut task = JoinSet::new();
    let event = Arc::clone(&inbound);
    task.spawn(async move { handler(event).await });
    let ended = tokio::time::timeout(time, task.join_next()).await;
    if inbound.is_settled() {
        return;
    }
    let done = match ended {
        Ok(Some(Ok(Ok(())))) => inbound.ack().await.map(|held| {
            if !held {
                warn_of_lost_claim();
            }
        }),
        Ok(Some(Ok(Err(error)))) => inbound.fail(error).await,
        Ok(Some(Err(_)) | None) => inbound.fail("the handler panicked").await,
        Err(_) => {
            task.shutdown().await;
            inbound.fail("the handler took too long").await
        }
    };
    if let Err(error) = done {
        tracing::warn!(kind = error.kind().as_str(), "the inbox can't be written");
    }
}

impl fmt::Debug for Handling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handling")
            .field("concurrency", &self.concurrency)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
