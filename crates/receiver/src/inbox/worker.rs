use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// The thread that works with the store. Jobs that wait together are committed together, so that answering many
/// deliveries costs the disk little more than answering one. It ends with the last handle.
#[derive(Clone)]
pub(crate) struct Worker {
    jobs: Sender<Job>,
    shared: Option<Arc<Shared>>,
}

struct Shared {
    store: Mutex<Box<dyn Store>>,
    /// Jobs that were sent and aren't done.
    waiting: AtomicUsize,
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        // what a panic left begun is rolled back by the next transaction
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    pub(super) fn start(store: Box<dyn Store>, keep: Duration) -> Result<Self> {
        let (jobs, queue) = channel();
        let shared = Arc::new(Shared { store: Mutex::new(store), waiting: AtomicUsize::new(0) });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("wachats-inbox".to_owned())
            .spawn(move || work(&of_thread, &queue, keep))
            .map_err(|error| fault(format!("the inbox's thread can't be started: {}", error.kind())))?;
        Ok(Self { jobs, shared: Some(shared) })
    }

    /// A worker whose thread is gone.
    pub(super) fn closed() -> Self {
        Self { jobs: channel().0, shared: None }
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

    /// The same, at once and on this thread where nobody else is at it and nothing has to be waited for: handing a job
    /// over and its result back takes longer than a small job does.
    pub(crate) async fn run_here<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self.try_here(job) {
            Ok(result) => result,
            Err(job) => self.run(job).await,
        }
    }

    /// The job comes back where it can't be done so.
    fn try_here<T, J: FnOnce(&mut dyn Store) -> Result<T>>(&self, job: J) -> Result<Result<T>, J> {
        let Some(shared) = &self.shared else { return Err(job) };
        // not before those that wait
        if shared.waiting.load(Ordering::Acquire) > 0 {
            return Err(job);
        }
        let Ok(mut store) = shared.store.try_lock() else { return Err(job) };
        if !store.begin_at_once() {
            return Err(job);
        }
        let done = job(&mut **store);
        let committed = store.stands() && store.commit().is_ok();
        if !committed {
            store.rollback();
        }
        let untidy = store.untidy();
        drop(store);
        if untidy {
            self.post(|_| Ok(true));
        }
        Ok(told(Some(done), committed))
    }

    async fn commit<T: Send + 'static>(
        &self,
        safe: bool,
        job: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |store| {
            let done = store.map(job);
            Box::new(move |committed| {
                // nobody waits for it any more: what was claimed is given back by its guard
                let _ = answer.send(told(done, committed));
            })
        });
        let gone = || fault("the inbox is closed");
        self.send(Job { work, safe }).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
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
        let _ = self.send(Job { work, safe: false });
    }

    fn send(&self, job: Job) -> std::result::Result<(), SendError<Job>> {
        if let Some(shared) = &self.shared {
            shared.waiting.fetch_add(1, Ordering::AcqRel);
        }
        self.jobs.send(job)
    }
}

/// What a job came to, known once its transaction has ended.
fn told<T>(done: Option<Result<T>>, committed: bool) -> Result<T> {
    match done {
        Some(Err(error)) => Err(error),
        Some(Ok(value)) if committed => Ok(value),
        _ => Err(fault("the inbox could not be written: another process holds it, or the disk is full")),
    }
}

fn work(shared: &Shared, queue: &Receiver<Job>, keep: Duration) {
    let mut prune_at = Instant::now();
    let mut left: Option<Job> = None;
    while let Some(first) = left.take().or_else(|| queue.recv().ok()) {
        let safe = first.safe;
        let mut store = shared.store();
        let begun = store.begin(safe).is_ok();
        let mut finishing = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            // after a fault that ended the transaction, what follows would be committed though it is told to have failed
            let stands = begun && store.stands();
            finishing.push((job.work)(if stands { Some(&mut **store) } else { None }));
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
        let done = finishing.len();
        for finish in finishing {
            finish(committed);
        }
        store.tidy();
        drop(store);
        shared.waiting.fetch_sub(done, Ordering::AcqRel);
    }
}
