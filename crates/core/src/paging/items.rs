use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::future::BoxFuture;

use super::lister::{Lister, OnSkipped, tell};
use super::source::Source;
use super::walk::{Batch, Fresh};
use crate::Result;

/// How a stream begins.
pub(crate) enum Begun<S: Source> {
    /// Page by page.
    Pages(Box<Lister<S>>),
    /// With all of it read.
    All(Vec<S::Item>),
}

type Beginning<S> = BoxFuture<'static, Result<Begun<S>>>;
type Reading<S> = BoxFuture<'static, (Box<Lister<S>>, Result<Option<Batch<<S as Source>::Item>>>)>;

enum Phase<S: Source> {
    Beginning(Beginning<S>),
    /// A page is being given out, item by item.
    Giving(Box<Lister<S>>),
    Reading(Reading<S>),
    Done,
}

/// The items of a list, one after the other. An item costs no allocation and no future: those are a page's.
pub(crate) struct Items<S: Source> {
    phase: Phase<S>,
    page: Fresh<S::Item>,
    on_skipped: Option<OnSkipped>,
}

impl<S: Source> Items<S> {
    pub(crate) fn new(
        beginning: impl Future<Output = Result<Begun<S>>> + Send + 'static,
        on_skipped: Option<OnSkipped>,
    ) -> Self {
        Self { phase: Phase::Beginning(Box::pin(beginning)), page: Fresh::default(), on_skipped }
    }
}

// nothing of it is pinned in place: what has to be is boxed
impl<S: Source> Unpin for Items<S> {}

impl<S: Source + 'static> Stream for Items<S> {
    type Item = Result<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match &mut this.phase {
                Phase::Giving(lister) => {
                    while !lister.is_full() {
                        let Some((_, item)) = this.page.next() else { break };
                        if lister.admits(&item) {
                            lister.took_one();
                            return Poll::Ready(Some(Ok(item)));
                        }
                    }
                    let Phase::Giving(lister) = std::mem::replace(&mut this.phase, Phase::Done) else {
                        continue;
                    };
                    if lister.is_full() {
                        this.page = Fresh::default();
                    } else {
                        this.phase = Phase::Reading(Box::pin(read(lister)));
                    }
                }
                Phase::Reading(reading) => {
                    let (lister, batch) = ready!(reading.as_mut().poll(cx));
                    this.phase = Phase::Done;
                    match batch {
                        Ok(Some(batch)) => {
                            tell(&batch.skipped, this.on_skipped.as_ref());
                            this.page = batch.items;
                            this.phase = Phase::Giving(lister);
                        }
                        Ok(None) => return Poll::Ready(None),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                Phase::Beginning(beginning) => {
                    let begun = ready!(beginning.as_mut().poll(cx));
                    this.phase = Phase::Done;
                    match begun {
                        Ok(Begun::Pages(lister)) => this.phase = Phase::Giving(lister),
                        Ok(Begun::All(items)) => this.page = Fresh::all(items),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                Phase::Done => return Poll::Ready(this.page.next().map(|(_, item)| Ok(item))),
            }
        }
    }
}

async fn read<S: Source + 'static>(
    mut lister: Box<Lister<S>>,
) -> (Box<Lister<S>>, Result<Option<Batch<S::Item>>>) {
    let batch = lister.batch().await;
    (lister, batch)
}
