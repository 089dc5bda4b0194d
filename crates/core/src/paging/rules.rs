use super::place::Place;
use crate::{ChatSort, Ending, Pager, Paging, SortOrder};

/// How to walk one list: what the provider declares, and what the caller wishes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) pager: Pager,
    pub(crate) ending: Ending,
    pub(crate) page_size: u32,
    pub(crate) max: u32,
    /// The provider takes an offset itself.
    pub(crate) offset: bool,
    /// Remember every row: for lists of thousands, whose rows move.
    pub(crate) remember_all: bool,
    /// Rows jump to the top while the list is walked.
    pub(crate) jumps: bool,
    /// Where the caller wants the list to begin, by the provider's own offset.
    pub(crate) base: u64,
    /// Rows move to the part that is read last, so that none may be read before its turn.
    pub(crate) recede: bool,
    /// Walk by offset below the newest second of the first page, shown so many seconds coarser than stored: what
    /// arrives meanwhile moves no row.
    pub(crate) below: Option<i64>,
}

impl Rules {
    /// For messages. `until` and `offset`: the provider takes these itself.
    pub(crate) fn messages(paging: Paging, wish: Option<u32>, until: bool, offset: bool, base: u64) -> Self {
        let pager = match paging.pager {
            Pager::Time { .. } if !until && offset => Pager::Offset,
            Pager::Time { .. } if !until => Pager::Window,
            Pager::Offset if !offset => Pager::Window,
            pager => pager,
        };
        Self {
            pager,
            ending: paging.ending,
            page_size: paging.page_size(wish).max(2).min(paging.max_page_size.max(1)),
            max: paging.max_page_size.max(1),
            offset,
            remember_all: false,
            jumps: false,
            base,
            recede: false,
            below: None,
        }
    }

    /// For chats.
    pub(crate) fn chats(
        paging: Paging,
        wish: Option<u32>,
        offset: bool,
        base: u64,
        sort: ChatSort,
        order: SortOrder,
    ) -> Self {
        let pager = if paging.pager == Pager::Window || !offset { Pager::Window } else { Pager::Offset };
        let jumps =
            pager == Pager::Offset && base == 0 && sort == ChatSort::Activity && order == SortOrder::Desc;
        let recede = sort == ChatSort::Activity && order == SortOrder::Asc;
        Self { pager, remember_all: true, jumps, recede, ..Self::messages(paging, wish, true, offset, base) }
    }

    /// The same with pages asked for ahead. By time, only the page itself tells where the next one begins;
    /// below a time that stays the same the offset does.
    pub(crate) fn ahead(mut self) -> Self {
        if matches!(self.pager, Pager::Time { .. }) && self.offset && self.base == 0 {
            (self.below, self.pager) = (Some(self.coarser()), Pager::Offset);
        }
        self
    }

    /// Where the page after a full one is asked for, of which so many rows are of use; `None` where that can't be
    /// known before.
    pub(crate) fn after(&self, place: &Place, room: u64) -> Option<Place> {
        let step = u64::from(place.limit).saturating_sub(self.overlap(place.limit));
        if self.pager != Pager::Offset || step == 0 {
            return None;
        }
        let overlap = self.overlap(self.page_size.max(2));
        let limit = u64::from(self.page_size).min(room).saturating_add(overlap).min(u64::from(self.max));
        let offset = place.offset.saturating_add(step);
        Some(Place { offset, limit: u32::try_from(limit).unwrap_or(self.max), until: place.until })
    }

    /// How many rows of the page before the next one shows again.
    pub(crate) fn overlap(&self, limit: u32) -> u64 {
        let wish = if self.drops() { (limit / 8).clamp(1, 8) } else { 1 };
        u64::from(wish.min(limit.saturating_sub(1)))
    }

    /// Does the gateway drop rows after it has cut the page?
    pub(crate) fn drops(&self) -> bool {
        matches!(self.ending, Ending::EmptyPages(_))
    }

    /// By how many seconds shown times may lie before stored ones.
    pub(crate) fn coarser(&self) -> i64 {
        match self.pager {
            Pager::Time { overlap } => {
                let whole = i64::try_from(overlap.as_secs()).unwrap_or(i64::MAX / 2);
                whole + i64::from(overlap.subsec_nanos() > 0)
            }
            _ => 0,
        }
    }
}
