use std::time::Duration;

/// What the other side sees that the account is doing in a chat.
///
/// WhatsApp shows typing and recording for about 25 s, or until a message or [`Paused`](Self::Paused) comes.
/// Through WAHA it also sets the account online: its phone stops notifying until the account is offline again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Typing {
    /// It is writing.
    Composing,
    /// It is recording a voice note. Not on GOWA and Wappfy.
    Recording,
    /// It stopped. Green-API has no such call: there it ends by itself.
    Paused,
}

impl Typing {
    /// How long one request shows it, for gateways that want to be told; the longest that Green-API takes is
    /// 20 s.
    pub(crate) const SLICE: Duration = Duration::from_secs(10);
    /// The longest that is shown by [`typing_for`](crate::ChatHandle::typing_for).
    pub(crate) const LONGEST: Duration = Duration::from_secs(600);
}
