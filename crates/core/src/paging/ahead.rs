use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;

use super::place::Place;
use super::rules::Rules;
use super::source::Source;
use crate::{Page, Result};

/// Pages asked for before their turn, in order.
///
/// Where the next page begins is a guess: the one before is full and fits. A wrong guess costs a request and
/// nothing else, since each page is judged when its turn comes, as if it had just been asked for. Requests make
/// progress while the list is polled; dropping it drops them.
pub(crate) struct Ahead<S: Source> {
    /// How many may be under way.
    depth: usize,
    /// Those under way or there already, the next one first.
    places: VecDeque<Place>,
    /// The answers that are there, of the first of them.
    answers: VecDeque<Result<Page<S::Item>>>,
    running: FuturesOrdered<BoxFuture<'static, Result<Page<S::Item>>>>,
}

impl<S: Source + 'static> Ahead<S> {
    pub(crate) fn new(depth: usize) -> Self {
        Self { depth, places: VecDeque::new(), answers: VecDeque::new(), running: FuturesOrdered::new() }
    }

    /// Is anything asked for ahead at all?
    pub(crate) fn is_on(&self) -> bool {
        self.depth > 0
    }

    /// Is nothing under way and nothing there?
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Drops all that was asked for.
    pub(crate) fn clear(&mut self) {
        if !self.places.is_empty() {
            *self = Self::new(self.depth);
        }
    }

    /// Keeps what was asked for if it begins with this place, else drops it.
    pub(crate) fn keep_from(&mut self, place: &Place) {
        let fits = |first: &Place| !first.differs(place) && first.limit >= place.limit;
        if !self.places.front().is_some_and(fits) {
            self.clear();
        }
    }

    /// Asks for what follows `from` (which itself is asked for before, or now), as far as the caller has use
    /// for so many rows more.
    pub(crate) fn fill(&mut self, source: &Arc<S>, rules: &Rules, from: Place, room: u64) {
        let mut last = self.places.back().copied().unwrap_or(from);
        let new_rows = |place: &Place| u64::from(place.limit).saturating_sub(rules.overlap(place.limit));
        let mut planned: u64 = self.places.iter().map(new_rows).sum();
        while self.places.len() < self.depth && planned < room {
            let Some(place) = rules.after(&last, room - planned) else { return };
            self.ask(source, place);
            planned = planned.saturating_add(new_rows(&place));
            last = place;
        }
    }

    /// Asks for one page.
    pub(crate) fn ask(&mut self, source: &Arc<S>, place: Place) {
        let source = Arc::clone(source);
        self.places.push_back(place);
        self.running.push_back(Box::pin(async move { source.read(&place).await }));
    }

    /// The next page and the place it was asked for; `None` where nothing was asked for.
    pub(crate) async fn next(&mut self) -> Option<(Place, Result<Page<S::Item>>)> {
        let place = *self.places.front()?;
        let answer = match self.answers.pop_front() {
            Some(answer) => answer,
            None => self.running.next().await?,
        };
        self.places.pop_front();
        Some((place, answer))
    }

    /// Lets the requests under way make progress.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(answer)) = self.running.poll_next_unpin(cx) {
            self.answers.push_back(answer);
        }
    }
}
