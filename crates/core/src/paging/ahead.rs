use std::collections::VecDeque;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::place::Place;
use super::rules::Rules;
use super::source::Source;
use crate::{Page, Result};

/// Pages asked for before their turn, in order.
///
/// Where the next page begins is a guess: the one before is full and fits. A wrong guess costs a request and
/// nothing else, since each page is judged when its turn comes, as if it had just been asked for. Requests are
/// tasks of their own: while nobody polls the list they neither stand still nor keep others from the account's
/// places. Dropping the list drops them.
pub(crate) struct Ahead<S: Source> {
    /// How many are asked for beyond the one that is needed.
    depth: usize,
    /// Where they run.
    runtime: Option<Handle>,
    /// Those under way or there already, the next one first.
    asked: VecDeque<Asked<S::Item>>,
}

struct Asked<T> {
    place: Place,
    task: JoinHandle<Result<Page<T>>>,
}

impl<T> Drop for Asked<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<S: Source + 'static> Ahead<S> {
    /// Without tokio's runtime, nothing is asked for ahead.
    pub(crate) fn new(depth: usize) -> Self {
        let runtime = Handle::try_current().ok().filter(|_| depth > 0);
        Self { depth, runtime, asked: VecDeque::new() }
    }

    /// Is anything asked for ahead at all?
    pub(crate) fn is_on(&self) -> bool {
        self.runtime.is_some()
    }

    /// Is nothing under way and nothing there?
    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Keeps what was asked for if it begins with this place, else drops it.
    pub(crate) fn keep_from(&mut self, place: &Place) {
        let fits = |first: &Place| !first.differs(place) && first.limit >= place.limit;
        if !self.asked.front().is_some_and(|first| fits(&first.place)) {
            self.asked.clear();
        }
    }

    /// Asks for what follows `from` (which itself is asked for before, or now), as far as the caller has use
    /// for so many rows more; `waiting` while the first of them is needed already.
    pub(crate) fn fill(&mut self, source: &Arc<S>, rules: &Rules, from: Place, room: u64, waiting: bool) {
        let most = self.depth + usize::from(waiting);
        let mut last = self.asked.back().map_or(from, |last| last.place);
        let new_rows = |place: &Place| u64::from(place.limit).saturating_sub(rules.overlap(place.limit));
        let mut planned: u64 = self.asked.iter().map(|asked| new_rows(&asked.place)).sum();
        while self.asked.len() < most && planned < room {
            let Some(place) = rules.after(&last, room - planned) else { return };
            self.ask(source, place);
            planned = planned.saturating_add(new_rows(&place));
            last = place;
        }
    }

    /// Asks for one page.
    pub(crate) fn ask(&mut self, source: &Arc<S>, place: Place) {
        let Some(runtime) = &self.runtime else { return };
        let source = Arc::clone(source);
        let read = async move { source.read(&place).await }.in_current_span();
        self.asked.push_back(Asked { place, task: runtime.spawn(read) });
    }

    /// The next page and the place it was asked for; `None` where nothing was asked for, or nothing came of it.
    pub(crate) async fn next(&mut self) -> Option<(Place, Result<Page<S::Item>>)> {
        let first = self.asked.front_mut()?;
        let (place, answer) = (first.place, (&mut first.task).await);
        self.asked.pop_front();
        Some((place, answer.ok()?))
    }
}
