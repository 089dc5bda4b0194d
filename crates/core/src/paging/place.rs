use chrono::{DateTime, Utc};

/// Where a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// How many rows.
    pub(crate) limit: u32,
    /// How many rows are left out at the start.
    pub(crate) offset: u64,
    /// Nothing newer than this second (inclusive), in unix seconds.
    pub(crate) until: Option<i64>,
}

impl Place {
    /// `until` as a time.
    pub(crate) fn until_time(&self) -> Option<DateTime<Utc>> {
        self.until.and_then(|seconds| DateTime::from_timestamp(seconds, 0))
    }

    /// Does it ask for another part of the list than `other`, the number of rows aside?
    pub(crate) fn differs(&self, other: &Self) -> bool {
        (self.offset, self.until) != (other.offset, other.until)
    }
}
