use std::sync::Arc;

use chrono::DateTime;

use super::ahead::Ahead;
use super::place::Place;
use super::rows::Rows;
use super::rules::Rules;
use super::source::Source;
use super::state::{Need, State};
use crate::{Error, ErrorKind, Page, Pager, Result, Retry, Skipped};

/// So far beyond, no gateway that honours an offset gives the same page.
const FAR: u64 = 1_000;

/// Walks one list page by page.
pub(crate) struct Walk<S: Source> {
    source: Arc<S>,
    rules: Rules,
    state: State,
    /// The page given out last; taken in when the next one is asked for.
    pending: Option<(Place, Rows, bool)>,
    /// Where the page before was asked for, and what it held.
    before: Option<(Place, u64)>,
    strikes: u8,
    /// How often the place was moved up since the last page that fitted.
    steps: u32,
    /// The gap before the next page was looked at and holds nothing.
    bridge: bool,
    /// Nothing newer than this second is asked for: see [`Rules::below`].
    until: Option<i64>,
    ahead: Ahead<S>,
}

/// What a page brought.
pub(crate) struct Batch<T> {
    /// The items not delivered before.
    pub(crate) items: Fresh<T>,
    /// Rows that could not be decoded, told for the first time.
    pub(crate) skipped: Vec<Skipped>,
    /// The newest time in the page, in unix seconds; `None` where there is none.
    pub(crate) newest: Option<i64>,
}

/// Items of a page that were not delivered before, each with its place in the page.
pub(crate) struct Fresh<T> {
    items: std::vec::IntoIter<T>,
    /// Which of them; all where nothing is said.
    new: Vec<bool>,
    place: usize,
}

impl<T> Fresh<T> {
    fn new(items: Vec<T>, new: Vec<bool>) -> Self {
        Self { items: items.into_iter(), new, place: 0 }
    }

    /// All of these.
    pub(crate) fn all(items: Vec<T>) -> Self {
        Self::new(items, Vec::new())
    }

    /// How many there are at most.
    pub(crate) fn most(&self) -> usize {
        self.items.len()
    }

    /// Is that how many there are?
    pub(crate) fn is_whole(&self) -> bool {
        self.new.iter().all(|new| *new)
    }

    /// All items that are left, those delivered before too: nothing is moved.
    pub(crate) fn into_all(self) -> Vec<T> {
        self.items.collect()
    }
}

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self::all(Vec::new())
    }
}

impl<T> Iterator for Fresh<T> {
    type Item = (usize, T);

    fn next(&mut self) -> Option<(usize, T)> {
        loop {
            let item = self.items.next()?;
            let place = self.place;
            self.place += 1;
            if self.new.get(place).copied().unwrap_or(true) {
                return Some((place, item));
            }
        }
    }
}

enum Verdict {
    Fits { above: bool },
    Elsewhere,
    LookFar,
}

impl<S: Source + 'static> Walk<S> {
    /// From the beginning, or from where an earlier walk stood; with so many pages asked for ahead.
    pub(crate) fn new(source: S, rules: Rules, state: Option<State>, ahead: usize) -> Self {
        let ahead = if rules.recede { 0 } else { ahead };
        let rules = if ahead > 0 { rules.ahead() } else { rules };
        Self {
            source: Arc::new(source),
            rules,
            state: state.unwrap_or_else(|| State::new(&rules)),
            pending: None,
            before: None,
            strikes: 0,
            steps: 0,
            bridge: false,
            until: None,
            ahead: Ahead::new(ahead),
        }
    }

    /// How many items were read so far, those of pages given out included.
    pub(crate) fn consumed(&self) -> u64 {
        let pending =
            self.pending.as_ref().map_or(0, |(_, rows, _)| rows.items.iter().filter(|r| r.new).count());
        self.state.consumed + pending as u64
    }

    /// Is it known that nothing follows the page given out last?
    pub(crate) fn finished(&mut self) -> Result<bool> {
        self.settle(usize::MAX)?;
        Ok(self.state.ended)
    }

    /// The next page that brings something; `None` at the end.
    pub(crate) async fn next(&mut self, need: Need) -> Result<Option<Batch<S::Item>>> {
        loop {
            self.settle(usize::MAX)?;
            if self.state.ended {
                return Ok(None);
            }
            let mut place = self.state.place(&self.rules, need);
            place.until = place.until.or(self.until);
            if self.state.exhausted {
                return Err(self.too_large(Error::new(ErrorKind::TooLarge, S::OPERATION)));
            }
            let page = match self.read(&mut place, need).await {
                Err(error) if error.kind() == ErrorKind::TooLarge && self.rules.pager == Pager::Window => {
                    return Err(self.too_large(error));
                }
                page => page?,
            };
            let rows = Rows::of(&*self.source, &page, &self.state);
            let print = rows.print();
            let above = match self.judge(&place, &rows, print)? {
                Verdict::Fits { above } => above,
                Verdict::Elsewhere => {
                    self.before = Some((place, print));
                    continue;
                }
                Verdict::LookFar => {
                    let far = Place { offset: place.offset + FAR + 10 * u64::from(place.limit), ..place };
                    // a gateway that refuses so far an offset does look at it
                    if let Ok(page) = self.source.read(&far).await
                        && Rows::of(&*self.source, &page, &self.state).print() == print
                    {
                        return Err(
                            self.stuck("the gateway gives the same page wherever it is asked to go on")
                        );
                    }
                    false
                }
            };
            self.before = Some((place, print));
            if self.steps > 0 || rows.count() > 0 {
                self.bridge = self.steps > 0 && !rows.fresh() && self.rules.drops();
            }
            self.steps = 0;
            if !page.notes.is_empty() {
                tracing::debug!(fields = page.notes.len(), "optional fields could not be read");
            }
            let newest = rows.newest(rows.items.len());
            if let (Some(coarser), 0) = (self.rules.below, self.state.round) {
                self.until = newest.map(|newest| newest.saturating_add(coarser));
            }
            let told = page.skipped.into_iter().zip(&rows.skipped);
            let skipped: Vec<_> = told.filter(|(_, (_, new))| *new).map(|(s, _)| s).collect();
            let new: Vec<bool> = rows.items.iter().map(|row| row.new).collect();
            let items = Fresh::new(page.items, new);
            let bare = !rows.fresh();
            if !bare && (rows.count() >= u64::from(place.limit) || self.rules.drops()) {
                let read = rows.items.iter().filter(|row| row.new).count() as u64;
                if self.is_steady() || self.state.round == 0 {
                    let from = Place { until: place.until.or(self.until), ..place };
                    self.look_ahead(from, need.room().saturating_sub(read), false);
                }
            }
            self.pending = Some((place, rows, above));
            if !bare {
                return Ok(Some(Batch { items, skipped, newest }));
            }
        }
    }

    /// Reads a page, or takes it from those asked for ahead; `place` is then the one it was asked for.
    async fn read(&mut self, place: &mut Place, need: Need) -> Result<Page<S::Item>> {
        if !self.ahead.is_on() {
            return self.source.read(place).await;
        }
        self.ahead.keep_from(place);
        let early = !self.ahead.is_empty();
        if self.is_steady() {
            if !early {
                self.ahead.ask(&self.source, *place);
            }
            self.look_ahead(*place, need.room(), true);
        }
        match self.ahead.next().await {
            Some((asked, Ok(page))) => {
                *place = asked;
                Ok(page)
            }
            // the gateway may have been busy with the others: it is asked for again now that its turn has come
            Some((_, Err(error))) if !early || error.retry() == Retry::Never => Err(error),
            _ => self.source.read(place).await,
        }
    }

    fn look_ahead(&mut self, from: Place, room: u64, waiting: bool) {
        if self.ahead.is_on() {
            self.ahead.fill(&self.source, &self.rules, from, room, waiting);
        }
    }

    fn is_steady(&self) -> bool {
        self.state.is_steady() && self.steps == 0
    }

    /// Where the walk stands when of the page given out last the items up to `upto` are taken.
    ///
    /// # Errors
    /// `PagingStuck` where there is no way on.
    pub(crate) fn stop(mut self, upto: usize) -> Result<State> {
        self.settle(upto)?;
        Ok(self.state.slim(&self.rules))
    }

    fn settle(&mut self, upto: usize) -> Result<()> {
        let Some((place, rows, above)) = self.pending.take() else { return Ok(()) };
        if !self.state.take(&self.rules, &place, &rows, above, upto) {
            return Err(
                self.stuck("more rows have one and the same second than a page of this gateway holds")
            );
        }
        // what the next page would share with this one may be dropped, and rows may be deleted meanwhile: a page
        // that begins at the same place shows that it goes on, as long as one may be so large
        let wider = place.limit.saturating_mul(2).min(self.rules.max);
        if self.bridge && wider > place.limit {
            (self.state.offset, self.state.ask) = (place.offset, Some(wider));
        }
        // as long as pages follow one another through what is known, there are not many more of them
        if self.state.idle > self.state.round / 2 + 64 {
            return Err(self.stuck("the gateway's pages bring nothing new and don't end"));
        }
        Ok(())
    }

    /// Does this page go on where the ones before ended?
    fn judge(&mut self, place: &Place, rows: &Rows, print: u64) -> Result<Verdict> {
        let fits = Ok(Verdict::Fits { above: false });
        if self.rules.pager == Pager::Window {
            return fits;
        }
        let again = self.state.again.is_some();
        if rows.fresh() {
            self.strikes = 0;
        } else if rows.count() > 0
            && !again
            && let Some(verdict) = self.suspect(place, rows, print)?
        {
            return Ok(verdict);
        }
        if self.state.round == 0 || place.offset == 0 {
            return fits;
        }
        let overlap = self.rules.overlap(place.limit) > 0;
        if rows.count() == 0 {
            if !overlap || (self.rules.drops() && self.steps == 0 && !self.state.checked) {
                return fits;
            }
            return Ok(self.step_back(place));
        }
        if !overlap || rows.touches(&self.state.last) || std::mem::take(&mut self.bridge) {
            return fits;
        }
        if !rows.fresh() && !again && self.state.is_above(rows) {
            return Ok(Verdict::Fits { above: true });
        }
        Ok(self.step_back(place))
    }

    /// A page with nothing new: was the place that it was asked for ignored?
    fn suspect(&mut self, place: &Place, rows: &Rows, print: u64) -> Result<Option<Verdict>> {
        if let Some(until) = place.until
            && rows.items.first().is_some_and(|r| r.at.is_some_and(|at| at > until))
        {
            self.strikes += 1;
            if self.strikes > 1 {
                return Err(self.stuck("the gateway ignores the time that a page is asked for"));
            }
            return Ok(Some(Verdict::Elsewhere)); // once more
        }
        let same = self.before.is_some_and(|(before, held)| held == print && before.differs(place));
        Ok((place.offset > 0 && same && self.steps == 0).then_some(Verdict::LookFar))
    }

    fn step_back(&mut self, place: &Place) -> Verdict {
        self.steps += 1;
        let by = u64::from((place.limit / 2).max(1)) << (self.steps - 1).min(32);
        self.state.offset = place.offset.saturating_sub(by);
        // as much more as the place moved up, so that the page still reaches what is new
        let more = place.limit.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
        let least = if self.rules.drops() { place.limit.saturating_mul(2) } else { 0 };
        self.state.ask = Some(more.max(least).min(self.rules.max));
        Verdict::Elsewhere
    }

    fn stuck(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::PagingStuck, S::OPERATION).with_message(message)
    }

    fn too_large(&self, error: Error) -> Error {
        let reached = self.state.oldest.and_then(|at| DateTime::from_timestamp(at, 0));
        error.with_message(match reached {
            Some(at) => format!(
                "the list is longer than one answer of this gateway may be; it was read back to {}",
                at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
            ),
            None => "the list is longer than one answer of this gateway may be".to_owned(),
        })
    }
}
