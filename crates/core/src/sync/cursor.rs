use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::error;
use crate::{ChatId, Error, ErrorKind, Gateway, Message, MessageKey, Result};

/// The form in which cursors are written.
const VERSION: u32 = 1;

/// Where catching up stands: what an application stores after each message.
///
/// It is written as one line of JSON, by `Display` or serde, and read with [`str::parse`], which tells a
/// damaged one as `InvalidInput`. It belongs to one gateway and one account. It holds the ids of chats and
/// keys of the messages of the last minutes, so it is to be kept as messages are. Its size grows with the
/// messages within the [overlap](super::SyncRun::overlap), some 60 bytes each, and, while more chats than a
/// page holds are active between two runs, with the number of these chats.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct SyncCursor {
    pub(super) gateway: Gateway,
    pub(super) account: Option<ChatId>,
    /// How late a message may be, in seconds.
    pub(super) overlap: i64,
    /// Nothing older was asked for.
    from: i64,
    /// Everything up to here was given, in all chats.
    floor: i64,
    /// Chats in which everything up to a later second was given.
    ahead: BTreeMap<ChatId, i64>,
    /// What was given and may be read again.
    seen: BTreeSet<Seen>,
}

/// What identifies a message, and the second by which it is remembered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    chat: ChatId,
    key: MessageKey,
    from_me: bool,
    pub(super) at: i64,
}

impl Seen {
    pub(super) fn new(message: &Message, at: i64) -> Self {
        Self { chat: message.chat_id.clone(), key: message.key.clone(), from_me: message.from_me, at }
    }
}

impl SyncCursor {
    /// Before the first run.
    pub(super) fn begin(gateway: Gateway, from: i64, overlap: i64) -> Self {
        let (ahead, seen) = (BTreeMap::new(), BTreeSet::new());
        Self { gateway, account: None, overlap, from, floor: from, ahead, seen }
    }

    /// The gateway it belongs to.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Everything up to here was given, in all chats, as far as it had reached the gateway.
    pub fn reached(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.floor, 0).unwrap_or_default()
    }

    /// Up to when everything of this chat was given.
    fn mark(&self, chat: &ChatId) -> i64 {
        self.ahead.get(chat).copied().unwrap_or(self.floor)
    }

    /// From when on a chat is read; all chats where none is named.
    pub(super) fn since(&self, chat: Option<&ChatId>, depth: i64) -> i64 {
        let mark = chat.map_or(self.floor, |chat| self.mark(chat));
        mark.saturating_sub(depth).max(self.from)
    }

    /// A chat that was active last before this has nothing that wasn't given: what was missed by a run was
    /// active after the newest that it gave.
    pub(super) fn listed(&self, depth: i64) -> i64 {
        self.ahead.values().copied().fold(self.floor, i64::max).saturating_sub(depth)
    }

    /// Was it given already?
    pub(super) fn holds(&self, message: &Message) -> bool {
        // the second isn't part of what identifies a message: it may be the neighbour's
        let first = Seen::new(message, i64::MIN);
        self.seen.range(&first..).next().is_some_and(|seen| {
            seen.chat == first.chat && seen.key == first.key && seen.from_me == first.from_me
        })
    }

    /// These were given, and in these chats, or in all, everything up to this second.
    pub(super) fn advance<'a>(
        &mut self,
        chats: Option<impl IntoIterator<Item = &'a ChatId>>,
        at: i64,
        given: impl IntoIterator<Item = Seen>,
        depth: i64,
    ) {
        match chats {
            None => self.floor = self.floor.max(at),
            Some(chats) => {
                for chat in chats {
                    if at > self.mark(chat) {
                        self.ahead.insert(chat.clone(), at);
                    }
                }
            }
        }
        let floor = self.floor;
        self.ahead.retain(|_, mark| *mark > floor);
        self.seen.extend(given);
        let (ahead, floor) = (&self.ahead, self.floor);
        self.seen
            .retain(|seen| seen.at >= ahead.get(&seen.chat).copied().unwrap_or(floor).saturating_sub(depth));
    }
}

impl fmt::Display for SyncCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for SyncCursor {
    type Err = Error;

    /// # Errors
    /// `InvalidInput` for what is no cursor, is damaged, or was written by a later version.
    fn from_str(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let newer = serde_json::from_str(text).is_ok_and(|head: Head| head.version > VERSION);
        serde_json::from_str(text).map_err(|_| {
            error(
                ErrorKind::InvalidInput,
                match newer {
                    true => "this cursor was written by a later version of wachats",
                    false => "this is no cursor, or a damaged one",
                },
            )
        })
    }
}

impl fmt::Debug for SyncCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncCursor")
            .field("gateway", &self.gateway.as_str())
            .field("reached", &self.reached())
            .field("ahead", &self.ahead.len())
            .field("seen", &self.seen.len())
            .finish_non_exhaustive()
    }
}

/// A message as it is written: its key, whose it is, and its second.
type Row = (MessageKey, bool, i64);

/// A cursor as it is written. Chats of one mark, and messages of one chat, stand together.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    gateway: Gateway,
    account: Option<ChatId>,
    overlap: i64,
    from: i64,
    floor: i64,
    ahead: Vec<(i64, Vec<ChatId>)>,
    seen: Vec<(ChatId, Vec<Row>)>,
    /// A sum over all of the above: a cursor that was cut or changed is told, not believed.
    check: String,
}

impl Wire {
    /// The sum, the same in every build and on every machine (FNV-1a; it guards against accidents alone).
    fn sum(&mut self) -> String {
        self.check.clear();
        let text = serde_json::to_vec(self).unwrap_or_default();
        let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        format!("{:016x}", text.iter().fold(0xcbf2_9ce4_8422_2325, step))
    }
}

impl From<SyncCursor> for Wire {
    fn from(cursor: SyncCursor) -> Self {
        let mut ahead: BTreeMap<i64, Vec<ChatId>> = BTreeMap::new();
        for (chat, mark) in cursor.ahead {
            ahead.entry(mark).or_default().push(chat);
        }
        let mut seen: BTreeMap<ChatId, Vec<Row>> = BTreeMap::new();
        for one in cursor.seen {
            seen.entry(one.chat).or_default().push((one.key, one.from_me, one.at));
        }
        let mut wire = Self {
            version: VERSION,
            gateway: cursor.gateway,
            account: cursor.account,
            overlap: cursor.overlap,
            from: cursor.from,
            floor: cursor.floor,
            ahead: ahead.into_iter().collect(),
            seen: seen.into_iter().collect(),
            check: String::new(),
        };
        wire.check = wire.sum();
        wire
    }
}

impl TryFrom<Wire> for SyncCursor {
    type Error = &'static str;

    fn try_from(mut wire: Wire) -> Result<Self, Self::Error> {
        let check = wire.check.clone();
        if wire.version != VERSION || wire.sum() != check {
            return Err("a damaged cursor");
        }
        let of_chat = |(chat, keys): (ChatId, Vec<Row>)| {
            keys.into_iter().map(move |(key, from_me, at)| Seen { chat: chat.clone(), key, from_me, at })
        };
        Ok(Self {
            gateway: wire.gateway,
            account: wire.account,
            overlap: wire.overlap,
            from: wire.from,
            floor: wire.floor,
            ahead: wire
                .ahead
                .into_iter()
                .flat_map(|(mark, chats)| chats.into_iter().map(move |chat| (chat, mark)))
                .collect(),
            seen: wire.seen.into_iter().flat_map(of_chat).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> SyncCursor {
        let mut cursor = SyncCursor::begin(Gateway::MEMORY, 1_000, 60);
        cursor.account = Some("79001234567".parse().unwrap());
        let chats: Vec<ChatId> =
            ["79001", "79002"].iter().map(|id| format!("{id}00000@c.us").parse().unwrap()).collect();
        let given: Vec<_> = chats
            .iter()
            .map(|chat| Seen::new(&Message::new(chat.clone(), "3EB0A".parse().unwrap(), true), 1_500))
            .collect();
        cursor.advance(Some(&chats), 1_500, given, 60);
        cursor
    }

    #[test]
    fn it_reads_as_it_was_written() {
        let cursor = cursor();
        let text = cursor.to_string();
        assert!(!text.contains('\n'));
        assert_eq!(text.parse::<SyncCursor>().unwrap(), cursor);
        assert_eq!(serde_json::from_str::<SyncCursor>(&text).unwrap(), cursor);
        assert!(!format!("{cursor:?}").contains("7900"), "{cursor:?}");
    }

    #[test]
    fn every_damaged_byte_is_told() {
        let text = cursor().to_string();
        for place in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[place] = if damaged[place] == b'7' { b'8' } else { b'7' };
            let damaged = String::from_utf8(damaged).unwrap();
            let told = damaged.parse::<SyncCursor>().unwrap_err();
            assert_eq!(told.kind(), ErrorKind::InvalidInput, "{place}: {damaged}");
            assert!(text[..place].parse::<SyncCursor>().is_err(), "cut at {place}");
        }
        let later = text.replace("\"version\":1", "\"version\":2").parse::<SyncCursor>().unwrap_err();
        assert!(later.message().contains("later version"), "{later}");
    }

    #[test]
    fn what_cannot_come_again_is_forgotten() {
        let mut cursor = cursor();
        let message = Message::new("7900100000".parse().unwrap(), "3EB0A".parse().unwrap(), true);
        assert!(cursor.holds(&message));
        let all = None::<&[ChatId]>;
        cursor.advance(all, 1_560, [], 60);
        assert!(cursor.holds(&message) && cursor.ahead.is_empty());
        cursor.advance(all, 1_561, [], 60);
        assert!(!cursor.holds(&message));
        assert_eq!(cursor.since(None, 60), 1_501);
        assert_eq!(cursor.since(None, 10_000), 1_000, "nothing older than asked for");
    }
}
