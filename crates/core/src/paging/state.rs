use serde::{Deserialize, Serialize};

use super::place::Place;
use super::rows::{Numbered, Row, Rows};
use super::rules::Rules;
use crate::{Ending, Pager};

/// How many rows of the last page are remembered as its end.
const TAIL: usize = 256;
/// How many rows are remembered before those are forgotten that are newer than the border.
const MOST: usize = 4_096;
/// For how many pages any row is remembered, whatever its time.
const PAGES: u32 = 3;
/// The mark of what is remembered for good: rows that could not be decoded, in a window.
const ALWAYS: u32 = u32::MAX;

/// How much the caller has use for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    /// How many items are wanted: all that come are taken.
    pub(crate) wanted: Option<u64>,
    /// How many may be read yet: only some of them are taken.
    pub(crate) at_most: Option<u64>,
}

impl Need {
    /// How many rows there is use for.
    pub(crate) fn room(self) -> u64 {
        self.wanted.or(self.at_most).unwrap_or(u64::MAX)
    }
}

/// Where a walk stands. It can be stored in a page token.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// By time: nothing newer than this is asked for.
    pub(crate) until: Option<i64>,
    /// The offset to ask for next.
    pub(crate) offset: u64,
    /// How many to ask for next, where that isn't the page size.
    pub(crate) ask: Option<u32>,
    /// Rows at the border, with their time and the page that showed them last.
    pub(crate) known: Numbered<(Option<i64>, u32)>,
    /// `known` holds every row read.
    pub(crate) complete: bool,
    /// The last rows of the last page.
    pub(crate) last: Vec<u64>,
    /// The border: every row that is newer was read, or arrived since.
    pub(crate) mark: Option<i64>,
    /// The oldest time read.
    pub(crate) oldest: Option<i64>,
    /// The newest time of the first page.
    pub(crate) newest: Option<i64>,
    /// The last page lies in what was read before, not at its end.
    pub(crate) behind: bool,
    /// How many pages were read.
    pub(crate) round: u32,
    /// How many of them brought something.
    pub(crate) productive: u32,
    /// How many of the last brought nothing.
    pub(crate) idle: u32,
    /// How many of the last were empty.
    pub(crate) empty: u8,
    /// How many items were read.
    pub(crate) consumed: u64,
    /// Nothing more follows.
    pub(crate) ended: bool,
    /// The largest window holds no more and the list goes on.
    pub(crate) exhausted: bool,
    /// The offset of the last page with rows.
    pub(crate) last_start: u64,
    /// A page brought something since `until` is what it is.
    pub(crate) fresh_here: bool,
    /// The end is being looked at once more.
    pub(crate) checked: bool,
    /// Reading again from the top: what jumped there meanwhile.
    pub(crate) again: Option<Again>,
}

/// A further reading from the top.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Again {
    /// Rows older than this have not moved.
    since: Option<i64>,
    /// The newest time of this reading.
    newest: Option<i64>,
    pages: u32,
    readings: u32,
}

impl State {
    /// Before the first page.
    pub(crate) fn new(rules: &Rules) -> Self {
        Self { offset: rules.base, complete: rules.remember_all, ..Self::default() }
    }

    /// Where to ask next.
    pub(crate) fn place(&self, rules: &Rules, need: Need) -> Place {
        let overlap = match self.until {
            _ if self.round == 0 || rules.pager == Pager::Window => 0,
            Some(until) if self.offset == 0 => {
                self.known.values().filter(|(at, _)| at.is_some_and(|at| at <= until)).count() as u64
            }
            _ if self.offset == 0 => 0,
            _ => rules.overlap(rules.page_size.max(2)),
        };
        let window = rules.pager == Pager::Window;
        let page = match need.wanted {
            Some(wanted) if window => wanted, // one window instead of several
            Some(wanted) => wanted.min(u64::from(rules.page_size)),
            None => u64::from(rules.page_size),
        };
        let seen = if window { self.consumed } else { overlap };
        let bound = need.at_most.map_or(u64::MAX, |most| most.saturating_add(seen));
        let limit = self.ask.map_or(page.saturating_add(overlap), u64::from);
        let limit = limit.min(bound).clamp(1, u64::from(rules.max));
        Place { limit: u32::try_from(limit).unwrap_or(rules.max), offset: self.offset, until: self.until }
    }

    /// Was this row not delivered yet? `anchor` is the last row of the page that the page before showed too.
    pub(crate) fn is_new(&self, row: &Row, index: usize, anchor: Option<usize>) -> bool {
        if self.known.contains_key(&row.ident) {
            return false;
        }
        if self.round == 0 || self.complete {
            return true;
        }
        if let Some(until) = self.until {
            return row.at.is_none_or(|at| at <= until);
        }
        if anchor.is_some_and(|anchor| index > anchor) && !self.behind {
            return true;
        }
        match (row.at, self.mark) {
            (Some(at), Some(mark)) => at <= mark,
            _ => anchor.is_none_or(|anchor| index > anchor),
        }
    }

    /// Did the last page go on where the one before ended, and bring something?
    pub(crate) fn is_steady(&self) -> bool {
        let reading = self.again.as_ref().is_none_or(|again| again.pages > 0);
        self.round > 0 && self.idle == 0 && !self.ended && !self.checked && self.ask.is_none() && reading
    }

    /// Does it matter which row of a page the page before showed too?
    pub(crate) fn by_anchor(&self) -> bool {
        self.round > 0 && !self.complete && self.until.is_none()
    }

    /// Does this page, which holds nothing new, lie in what was read before? A chat that was active since
    /// may have moved down as well as up, so it tells nothing.
    pub(crate) fn is_above(&self, rows: &Rows) -> bool {
        let moved = |row: &Row| self.known.get(&row.ident).map_or(self.complete, |(at, _)| *at != row.at);
        rows.skipped.is_empty() && !rows.items.iter().any(moved)
    }

    /// Takes a page in, up to the item `upto`, and moves on. False: there is no way on.
    pub(crate) fn take(
        &mut self,
        rules: &Rules,
        place: &Place,
        rows: &Rows,
        above: bool,
        upto: usize,
    ) -> bool {
        let upto = upto.min(rows.items.len());
        let whole = upto == rows.items.len();
        let fresh = rows.items.iter().take(upto).any(|r| r.new) || rows.skipped.iter().any(|s| s.1);
        if self.round == 0 {
            self.newest = rows.newest(upto);
        }
        self.round = self.round.saturating_add(1).min(ALWAYS - 1);
        let at_end = rows.items.get(upto.wrapping_sub(1)).is_none_or(|r| self.last.last() == Some(&r.anchor));
        self.checked &= rows.count() == 0 || rows.touches(&self.last);
        self.remember(rules, place, rows, upto);
        self.behind = (self.behind || above || !at_end) && !fresh;
        if fresh {
            self.productive = self.productive.saturating_add(1);
            (self.idle, self.empty, self.checked, self.fresh_here) = (0, 0, false, true);
        } else {
            self.idle = self.idle.saturating_add(1);
        }
        if self.again.is_some() {
            self.read_again(rules, place, rows, fresh);
            return true;
        }
        if whole && self.is_end(rules, place, rows, fresh) {
            self.end(rules);
            return true;
        }
        if self.checked && !fresh {
            return true; // the end is being looked at: `is_end` has set the place
        }
        self.advance(rules, place, rows, upto, fresh)
    }

    fn remember(&mut self, rules: &Rules, place: &Place, rows: &Rows, upto: usize) {
        let round = self.round;
        for row in rows.items.iter().take(upto) {
            if row.new {
                self.consumed += 1;
            }
            if row.new || self.known.contains_key(&row.ident) {
                self.known.insert(row.ident, (row.at, round));
            }
        }
        let skipped_round = if rules.pager == Pager::Window { ALWAYS } else { round };
        for (ident, _) in &rows.skipped {
            self.known.insert(*ident, (None, skipped_round));
        }
        if rows.count() > 0 {
            self.last_start = place.offset;
            let start = upto.saturating_sub(TAIL);
            self.last = rows.skipped.iter().take(TAIL).map(|s| s.0).collect();
            self.last.extend(rows.items.iter().take(upto).skip(start).map(|r| r.anchor));
        }
        let lower = |old: Option<i64>, new: Option<i64>| match (old, new) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.mark = lower(self.mark, rows.last_time(upto));
        self.oldest = lower(self.oldest, rows.oldest(upto));
        if rules.remember_all {
            return;
        }
        if self.known.len() > MOST {
            let pages = (MOST as u64 / 2 / rows.count().max(1)).max(u64::from(PAGES));
            self.forget(rules, u32::try_from(pages).unwrap_or(PAGES));
        }
    }

    /// Forgets rows that are newer than the border and were shown more than so many pages ago.
    fn forget(&mut self, rules: &Rules, pages: u32) {
        let (border, round) = (self.mark.map(|mark| mark.saturating_add(rules.coarser())), self.round);
        self.known.retain(|_, (at, seen)| {
            let at_border = matches!((*at, border), (Some(at), Some(border)) if at <= border);
            at_border || seen.saturating_add(pages) > round || *seen == ALWAYS
        });
    }

    /// The same without what is only remembered because there is room.
    pub(crate) fn slim(mut self, rules: &Rules) -> Self {
        if !self.complete {
            self.forget(rules, PAGES);
        }
        self
    }

    fn is_end(&mut self, rules: &Rules, place: &Place, rows: &Rows, fresh: bool) -> bool {
        let short = rows.count() < u64::from(place.limit);
        match rules.ending {
            _ if rules.pager == Pager::Window => short && !rows.next,
            Ending::ShortPage => !rows.next || (short && !fresh),
            Ending::EmptyPages(enough) => {
                let empty =
                    rows.count() == 0 || (place.until.is_some() && place.offset == 0 && short && !fresh);
                if !empty {
                    return self.checked && !fresh;
                }
                let enough = enough.max(1);
                self.empty = self.empty.saturating_add(1);
                let start = if place.until.is_some() { 0 } else { rules.base };
                let doubtful = !self.checked && rows.count() == 0 && place.offset > start && self.fresh_here;
                // one look that shows the last row and all that would follow it, where a page holds so much:
                // else deletions meanwhile could have hidden rows from the empty pages
                let span = (place.offset - self.last_start.min(place.offset))
                    .saturating_add(u64::from(enough) * u64::from(place.limit));
                if doubtful && self.empty == 1 && span <= u64::from(rules.max) {
                    self.ask = u32::try_from(span).ok();
                    (self.checked, self.offset) = (true, self.last_start);
                    return false;
                }
                if self.empty < enough {
                    return false;
                }
                if doubtful && self.productive > 1 {
                    (self.checked, self.offset) = (true, self.last_start);
                    return false;
                }
                true
            }
        }
    }

    fn end(&mut self, rules: &Rules) {
        if rules.jumps && self.round > 1 {
            self.again = Some(Again { since: self.newest, ..Again::default() });
            (self.offset, self.ask) = (0, None);
        } else {
            self.ended = true;
        }
    }

    fn read_again(&mut self, rules: &Rules, place: &Place, rows: &Rows, fresh: bool) {
        let Some(again) = &mut self.again else { return };
        let count = rows.items.len();
        if again.pages == 0 {
            again.newest = rows.newest(count);
        }
        again.pages += 1;
        let unmoved = match (again.since, rows.last_time(count)) {
            (Some(since), Some(last)) => last < since,
            _ => true,
        };
        let short = !rules.drops() && rows.count() < u64::from(place.limit);
        if rows.count() == 0 || short || (!fresh && unmoved) {
            if again.pages > 1 && again.readings < 8 {
                *again = Again { since: again.newest, readings: again.readings + 1, ..Again::default() };
                (self.offset, self.ask) = (0, None);
            } else {
                self.ended = true;
            }
            return;
        }
        let read = if rules.drops() { u64::from(place.limit) } else { rows.count() };
        self.offset = place.offset + read.saturating_sub(rules.overlap(place.limit)).max(1);
        self.ask = None;
    }

    fn advance(&mut self, rules: &Rules, place: &Place, rows: &Rows, upto: usize, fresh: bool) -> bool {
        let whole = upto >= rows.items.len();
        let double = place.limit.saturating_mul(2).min(rules.max);
        if rules.pager == Pager::Window {
            self.exhausted = whole && place.limit >= rules.max;
            self.ask = Some(if whole { double } else { place.limit });
            return true;
        }
        if matches!(rules.pager, Pager::Time { .. }) {
            for border in [self.mark, self.oldest].into_iter().flatten() {
                let until = border.saturating_add(rules.coarser());
                let narrower = self.until.is_none_or(|old| until < old)
                    && rows.newest(upto).is_some_and(|newest| until < newest)
                    && (rules.base == 0 || self.newest.is_none_or(|first| until < first));
                if narrower {
                    self.mark = Some(border);
                    (self.until, self.offset, self.ask) = (Some(until), 0, None);
                    (self.last_start, self.fresh_here) = (0, false);
                    // no row that is newer is ever new again
                    self.known.retain(|_, (at, _)| at.is_none_or(|at| at <= until));
                    return true;
                }
            }
            let at_top = place.until.is_some() && place.offset == 0 && rules.drops();
            if (at_top && !fresh && whole && double > place.limit) || !rules.offset {
                self.ask = Some(double);
                return !whole || double > place.limit;
            }
        }
        let read = match () {
            () if !whole => upto as u64,
            () if rules.drops() => u64::from(place.limit),
            () => rows.count(),
        };
        let mut step = read.saturating_sub(rules.overlap(place.limit));
        if step == 0 && whole && !fresh {
            step = 1;
        }
        self.offset = place.offset.saturating_add(step);
        self.ask = (whole && !fresh).then_some(double);
        true
    }
}
