use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use wachats_core::Result;

use super::store::{Store, fault};

/// How many jobs share one transaction.
const BATCH: usize = 512;
/// How often what was handled long ago is forgotten; in steps that hold up no answer, one soon after the other while
/// there is more, so that forgetting keeps up with any rate of deliveries.
const PRUNE: Duration = Duration::from_secs(600);
const PRUNE_MORE: Duration = Duration::from_millis(50);
const PRUNE_STEP: usize = 500;

/// Told whether the transaction was committed.
type Finish = Box<dyn FnOnce(bool) + Send>;
/// Without a store, the job can't be done.
type Work = Box<dyn FnOnce(Option<&mut dyn Store>) -> Finish + Send>;

struct Job {
    work: Work,
    /// What it writes has to outlive a power cut.
    safe: bool,
}

/// The thread that has the store to itself. Jobs that wait together are committed together, so that answering many
/// deliveries costs the disk little more than answering one. It ends with the last handle.
#[derive(Clone)]
pub(crate) struct Worker(Sender<Job>);

impl Worker {
    pub(super) fn start(store: Box<dyn Store>, keep: Duration) -> Result<Self> {
        let (jobs, queue) = channel();
        std::thread::Builder::new()
            .name("wachats-inbox".to_owned())
            .spawn(move || work(store, &queue, keep))
            .map_err(|error| fault(format!("the inbox's thread can't be started: {}", error.kind())))?;
        Ok(Self(jobs))
    }

    /// A worker whose thread is gone.
    pub(super) fn closed() -> Self {
        Self(channel().0)
    }

    /// Does it and waits until it is committed. Dropping the future midway leaves it done or not done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.commit(false, job).await
    }

    /// The same, and waits until the disk has it: what is told to others in the belief that it is written down must
    /// not be forgotten by a power cut.
    pub(crate) async fn run_safely<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.commit(true, job).await
    }

    async fn commit<T: Send + 'static>(
        &self,
        safe: bool,
        job: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, told) = oneshot::channel();
        let work: Work = Box::new(move |store| {
            let done = store.map(job);
            Box::new(move |committed| {
                let result = match done {
                    Some(Err(error)) => Err(error),
                    Some(Ok(value)) if committed => Ok(value),
                    _ => Err(fault(
                        "the inbox could not be written: another process holds it, or the disk is full",
                    )),
                };
                // nobody waits for it any more: what was claimed is given back by its guard
                let _ = answer.send(result);
            })
        });
        let gone = || fault("the inbox is closed");
        self.0.send(Job { work, safe }).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }

    /// Does it some time, and tells nobody.
    pub(crate) fn post(&self, job: impl FnOnce(&mut dyn Store) -> Result<bool> + Send + 'static) {
        let work: Work = Box::new(move |store| {
            if let Some(store) = store
                && let Err(error) = job(store)
            {
                tracing::warn!(kind = error.kind().as_str(), "the inbox could not be written");
            }
            Box::new(drop)
        });
        // without its thread, a claim ends by itself
        let _ = self.0.send(Job { work, safe: false });
    }
}

fn work(mut store: Box<dyn Store>, queue: &Receiver<Job>, keep: Duration) {
    let mut prune_at = Instant::now();
    let mut left: Option<Job> = None;
    while let Some(first) = left.take().or_else(|| queue.recv().ok()) {
        let safe = first.safe;
        let begun = store.begin(safe).is_ok();
        let mut finishing = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            // after a fault that ended the transaction, what follows would be committed though it is told to have failed
            let stands = begun && store.stands();
            finishing.push((job.work)(if stands { Some(&mut *store) } else { None }));
            if finishing.len() < BATCH {
                next = queue.try_recv().ok();
            }
            if next.as_ref().is_some_and(|job| job.safe != safe) {
                left = next.take();
            }
        }
        if begun && store.stands() && Instant::now() >= prune_at {
            let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
            // what can't be forgotten now is forgotten later
            let pruned = store.prune(super::now().saturating_sub(keep), PRUNE_STEP).unwrap_or(0);
            prune_at = Instant::now() + if pruned < PRUNE_STEP { PRUNE } else { PRUNE_MORE };
        }
        let committed = begun && store.stands() && store.commit().is_ok();
        if !committed {
            store.rollback();
        }
        for finish in finishing {
            finish(committed);
        }
    }
}
