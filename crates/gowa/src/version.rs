use std::fmt;

/// The three numbers of a release.
type Number = (u16, u16, u16);

/// Downloads of media.
pub(crate) const V7_5_1: Number = (7, 5, 1);
/// The disappearing timer.
pub(crate) const V7_10_2: Number = (7, 10, 2);
/// Archive, 45 s limit; the avatar route no longer takes the server down.
pub(crate) const V8_1: Number = (8, 1, 0);
/// `resolved_phone` and `resolved_lid`.
pub(crate) const V8_3: Number = (8, 3, 0);
/// `archived` in chats, and the filter by it.
pub(crate) const V8_3_3: Number = (8, 3, 3);
/// Taking a reaction back.
pub(crate) const V8_3_4: Number = (8, 3, 4);
/// `reactions` in messages.
pub(crate) const V8_6: Number = (8, 6, 0);
/// Quotes in files.
pub(crate) const V8_7: Number = (8, 7, 0);
/// Forwarding.
pub(crate) const V8_11: Number = (8, 11, 0);
/// `jid` in the status.
pub(crate) const V8_8: Number = (8, 8, 0);

/// What is known of a server's version: a range, since releases before v9 don't tell theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    floor: Number,
    /// The first release that it can't be.
    below: Option<Number>,
}

impl Version {
    /// Nothing was asked yet: v7.2 is the first with a chat API.
    pub(crate) const UNKNOWN: Self = Self { floor: (7, 2, 0), below: None };
    /// Before devices came.
    pub(crate) const V7: Self = Self { floor: (7, 2, 0), below: Some((8, 0, 0)) };
    /// A v8 of which no more can be told.
    pub(crate) const V8: Self = Self { floor: (8, 0, 0), below: Some((9, 0, 0)) };

    /// The version that a server tells, as `v9.2.0`; one that can't be read is some v9, which is the first
    /// to tell its own.
    pub(crate) fn told(text: &str) -> Self {
        let mut numbers = text.trim().trim_start_matches('v').split(['.', '-', '+', ' ']);
        let mut next = || numbers.next().and_then(|n| n.parse::<u16>().ok());
        match (next(), next(), next()) {
            (Some(major @ 1..), Some(minor), Some(patch)) => {
                Self { floor: (major, minor, patch), below: Some((major, minor, patch.saturating_add(1))) }
            }
            _ => Self { floor: (9, 0, 0), below: None },
        }
    }

    /// The same, not older than this.
    pub(crate) fn from(mut self, floor: Number) -> Self {
        self.floor = self.floor.max(floor);
        self
    }

    /// The same, older than this.
    pub(crate) fn before(mut self, below: Number) -> Self {
        self.below = Some(self.below.map_or(below, |known| known.min(below)));
        self
    }

    /// Is it this release or a later one? `None` where that isn't known.
    pub(crate) fn at_least(&self, number: Number) -> Option<bool> {
        if self.floor >= number {
            Some(true)
        } else if self.below.is_some_and(|below| below <= number) {
            Some(false)
        } else {
            None
        }
    }

    /// The version in words, where anything is known of it: `v9.2.0`, `v8.3.3+`, `v8`, `v7`.
    pub(crate) fn shown(&self) -> Option<String> {
        let (major, minor, patch) = self.floor;
        match self.below {
            Some(below) if below == (major, minor, patch.saturating_add(1)) => Some(self.to_string()),
            _ if *self == Self::UNKNOWN => None,
            _ if patch == 0 && (minor == 0 || major == 7) => Some(format!("v{major}")),
            _ if patch == 0 => Some(format!("v{major}.{minor}+")),
            _ => Some(format!("{self}+")),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.floor;
        write!(f, "v{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_answers_only_what_it_knows() {
        let told = Version::told("v9.2.0");
        assert_eq!((told.at_least(V8_6), told.at_least((9, 3, 0))), (Some(true), Some(false)));
        assert_eq!(Version::UNKNOWN.at_least(V8_1), None);
        assert_eq!(Version::V7.at_least(V8_1), Some(false));
        assert_eq!(Version::V7.at_least((7, 10, 2)), None);
        let early = Version::V8.before(V8_3_3);
        assert_eq!((early.at_least(V8_1), early.at_least(V8_3_3)), (None, Some(false)));
        assert_eq!(Version::V8.from(V8_8).at_least(V8_6), Some(true));
    }

    #[test]
    fn it_is_shown_as_far_as_it_is_known() {
        let shown = |v: Version| v.shown();
        assert_eq!(shown(Version::told("v9.2.0")).as_deref(), Some("v9.2.0"));
        assert_eq!(shown(Version::told("9.10.11-rc1")).as_deref(), Some("v9.10.11"));
        assert_eq!(shown(Version::told("development")).as_deref(), Some("v9"));
        assert_eq!(shown(Version::V8.from(V8_8)).as_deref(), Some("v8.8+"));
        assert_eq!(shown(Version::V8.from(V8_3_3)).as_deref(), Some("v8.3.3+"));
        assert_eq!(shown(Version::V8.before(V8_3_3)).as_deref(), Some("v8"));
        assert_eq!(shown(Version::V7).as_deref(), Some("v7"));
        assert_eq!(shown(Version::UNKNOWN), None);
    }
}
