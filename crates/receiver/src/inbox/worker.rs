use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use wachats_core::Result;

use super::store::{Store, fault};

/// How many jobs share one transaction.
const BATCH: usize = 512;
/// How often what was handled long ago is forgotten.
const PRUNE: Duration = Duration::from_secs(600);

/// Told whether the transaction was committed.
type Finish = Box<dyn FnOnce(bool) + Send>;
/// Without a store, the job can't be done.
type Job = Box<dyn FnOnce(Option<&mut dyn Store>) -> Finish + Send>;

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
        let (answer, told) = oneshot::channel();
        let job: Job = Box::new(move |store| {
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
        self.0.send(job).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }

    /// Does it some time, and tells nobody.
    pub(crate) fn post(&self, job: impl FnOnce(&mut dyn Store) -> Result<bool> + Send + 'static) {
        let job: Job = Box::new(move |store| {
            if let Some(store) = store
                && let Err(error) = job(store)
            {
                tracing::warn!(kind = error.kind().as_str(), "the inbox could not be written");
            }
            Box::new(drop)
        });
        // without its thread, a claim ends by itself
        let _ = self.0.send(job);
    }
}

fn work(mut store: Box<dyn Store>, queue: &Receiver<Job>, keep: Duration) {
    let mut pruned: Option<Instant> = None;
    while let Ok(first) = queue.recv() {
        let begun = store.begin().is_ok();
        let mut finishing = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            finishing.push(job(if begun { Some(&mut *store) } else { None }));
            if finishing.len() < BATCH {
                next = queue.try_recv().ok();
            }
        }
        if begun && pruned.is_none_or(|at| at.elapsed() > PRUNE) {
            pruned = Some(Instant::now());
            let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
            // what can't be forgotten now is forgotten later
            store.prune(super::now().saturating_sub(keep)).ok();
        }
        let committed = begun && store.commit().is_ok();
        if !committed {
            store.rollback();
        }
        for finish in finishing {
            finish(committed);
        }
    }
}
