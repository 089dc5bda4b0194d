//! Lists that change while they are walked: nothing lost, nothing twice.
//!
//! `WACHATS_SCHEDULES=10000 cargo test -p wachats-core --test schedules` runs the whole, `WACHATS_SEED=n` one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use support::*;
use wachats_core::*;

mod support;

/// What happened to the list meanwhile.
#[derive(Default)]
struct Log {
    removed: BTreeSet<String>,
    next: u64,
    now: i64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Time { overlap: u64 },
    Offset,
    Window,
}

/// Answers requests that are under way at once in a random order.
struct Jumbled {
    inner: Lively,
    rng: Mutex<fastrand::Rng>,
}

impl Jumbled {
    async fn wait(&self) {
        let turns = self.rng.lock().unwrap().u8(..6);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl ChatsProvider for Jumbled {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.inner.capabilities().await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.wait().await;
        self.inner.list_chats(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.wait().await;
        self.inner.list_messages(query).await
    }
}

/// The list as an application holds it: with pages asked for ahead, requests overtake one another.
fn held(lively: &Lively, ahead: usize, seed: u64) -> Chats {
    if ahead == 0 {
        return Chats::new(lively.clone());
    }
    Chats::new(Jumbled { inner: lively.clone(), rng: Mutex::new(fastrand::Rng::with_seed(seed)) })
}

/// One random list of messages, changed at random before each request, walked to its end.
fn messages_schedule(kind: Kind, ending: Ending, ahead: usize, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let count = rng.u64(0..60);
    let spread = rng.i64(1..40);
    let step = if matches!(kind, Kind::Time { overlap: 1 }) { 250 } else { 1_000 };
    let messages: Vec<_> = (0..count).map(|n| message(1, n, step * rng.i64(0..=spread))).collect();
    let drops = matches!(ending, Ending::EmptyPages(_));
    let page = if drops { rng.u32(4..9) } else { rng.u32(2..8) };
    // more than arrives between two requests
    let max = page * rng.u32(1..5) + if drops { 30 } else { 4 } + 8 * u32::try_from(ahead).unwrap();

    let mut memory = Memory::new([Chat::new(chat_id(1))], messages.clone());
    match kind {
        Kind::Time { overlap } => {
            let pager = Pager::Time { overlap: Duration::from_secs(overlap) };
            memory.capabilities_mut().messages = Paging::new(pager, ending, page, max);
            if overlap > 0 {
                memory = memory.whole_seconds();
            }
        }
        Kind::Offset => memory.capabilities_mut().messages = Paging::new(Pager::Offset, ending, page, max),
        Kind::Window => only_a_count(&mut memory, page, 10_000),
    }
    let dropped = move |m: &Message| drops && (number_of(m) * 7 + seed).is_multiple_of(4);
    if drops {
        memory = memory.dropping(dropped);
    }
    let log = Arc::new(Mutex::new(Log { next: 1_000, now: step * (spread + 1), ..Log::default() }));
    let shared = log.clone();
    let (arrivals, deletions, old) = (rng.u32(0..4), rng.u32(0..4), rng.bool());
    let mut calls = 0;
    let mut lively = Lively::new(memory, move |memory| {
        calls += 1;
        if calls == 1 || calls > 400 {
            return; // a list that grows faster than it is read has no end
        }
        let mut log = shared.lock().unwrap();
        for _ in 0..rng.u32(0..=arrivals) {
            log.next += 1;
            log.now += step * rng.i64(0..2);
            let time = if old && rng.u8(..4) == 0 { step * rng.i64(0..=spread) } else { log.now };
            memory.insert(message(1, log.next, time));
        }
        for _ in 0..rng.u32(0..=deletions) {
            let there = memory.messages();
            if let Some(message) = rng.choice(&there) {
                memory.remove(&message.chat_id, &message.key);
                log.removed.insert(message.key.to_string());
            }
        }
    });
    let shuffled = !drops && seed.is_multiple_of(5);
    if shuffled {
        lively.fault = Fault::Shuffled;
    }
    let chats = held(&lively, ahead, seed);
    let given: Vec<String> = runtime().block_on(async {
        let stream = chats.chat(chat_id(1)).unwrap().messages().prefetch(ahead).stream();
        stream
            .map_ok(|m| m.key.to_string())
            .try_collect()
            .await
            .unwrap_or_else(|e| panic!("seed {seed}: {e}"))
    });
    let unique: BTreeSet<_> = given.iter().cloned().collect();
    assert_eq!(unique.len(), given.len(), "doubled: seed {seed}, {kind:?} {ending:?} {ahead}");
    let log = log.lock().unwrap();
    for message in messages.iter().filter(|m| !dropped(m)) {
        let key = message.key.to_string();
        assert!(
            unique.contains(&key) || log.removed.contains(&key),
            "lost {key}: seed {seed}, {kind:?} {ending:?} {ahead}, page {page}, max {max}"
        );
    }
    assert!(lively.count() < 900, "seed {seed}: {} requests", lively.count());
}

fn seeds() -> std::ops::Range<u64> {
    match std::env::var("WACHATS_SEED").ok().and_then(|n| n.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..schedules(),
    }
}

fn run(kind: Kind, ending: Ending) {
    for seed in seeds() {
        messages_schedule(kind, ending, 0, seed);
    }
}

fn run_ahead(kind: Kind, ending: Ending) {
    for seed in seeds() {
        messages_schedule(kind, ending, 1 + usize::try_from(seed % 5).unwrap(), seed);
    }
}

#[test]
fn by_time() {
    run(Kind::Time { overlap: 0 }, Ending::ShortPage);
}

#[test]
fn by_time_shown_coarser_than_stored() {
    run(Kind::Time { overlap: 1 }, Ending::ShortPage);
}

#[test]
fn by_time_with_rows_dropped_after_paging() {
    run(Kind::Time { overlap: 0 }, Ending::EmptyPages(2));
}

#[test]
fn by_offset() {
    run(Kind::Offset, Ending::ShortPage);
}

#[test]
fn by_offset_with_rows_dropped_after_paging() {
    run(Kind::Offset, Ending::EmptyPages(2));
}

#[test]
fn ahead_by_time() {
    run_ahead(Kind::Time { overlap: 0 }, Ending::ShortPage);
}

#[test]
fn ahead_by_time_shown_coarser_than_stored() {
    run_ahead(Kind::Time { overlap: 1 }, Ending::ShortPage);
}

#[test]
fn ahead_by_time_with_rows_dropped_after_paging() {
    run_ahead(Kind::Time { overlap: 0 }, Ending::EmptyPages(2));
}

#[test]
fn ahead_by_offset() {
    run_ahead(Kind::Offset, Ending::ShortPage);
}

#[test]
fn ahead_by_offset_with_rows_dropped_after_paging() {
    run_ahead(Kind::Offset, Ending::EmptyPages(2));
}

#[test]
fn ahead_where_there_is_only_a_window() {
    run_ahead(Kind::Window, Ending::ShortPage);
}

#[test]
fn by_window() {
    run(Kind::Window, Ending::ShortPage);
}

/// Chats that become active, come and go while the list is walked.
fn chats_schedule(pager: Pager, order: SortOrder, ahead: usize, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let count = rng.u64(0..50);
    let chats: Vec<Chat> = (0..count)
        .map(|n| {
            let mut chat = Chat::new(chat_id(n));
            // oldest first, a chat that had no activity and gets some moves up: no gateway lists so
            let timed = order == SortOrder::Asc || rng.u8(..8) > 0;
            chat.last_message_at = timed.then(|| at(1_000 * rng.i64(0..30)));
            chat
        })
        .collect();
    let page = rng.u32(2..8);
    let mut memory = Memory::new(chats.clone(), []);
    memory.capabilities_mut().chats = Paging::new(pager, Ending::ShortPage, page, page * rng.u32(1..4));
    if pager == Pager::Window {
        memory.capabilities_mut().chats.max_page_size = 1_000;
        memory
            .capabilities_mut()
            .set(Capability::ChatsOffset, Entry::emulated("the gateway takes only a count"));
    }
    let removed = Arc::new(Mutex::new(BTreeSet::new()));
    let gone = removed.clone();
    let (moves, changes) = (rng.u32(0..4), rng.bool());
    let (mut now, mut calls, mut next) = (40_000, 0, 1_000);
    let lively = Lively::new(memory, move |memory| {
        calls += 1;
        if calls == 1 || calls > 60 {
            return;
        }
        for _ in 0..rng.u32(0..=moves) {
            let there = memory.chats();
            let Some(mut chat) = rng.choice(there) else { return };
            match rng.u8(..6) {
                0 if changes => {
                    gone.lock().unwrap().insert(chat.id.to_string());
                    memory.remove_chat(&chat.id);
                }
                1 if changes => {
                    next += 1;
                    now += 1_000;
                    let mut new = Chat::new(chat_id(next));
                    new.last_message_at = Some(at(now));
                    memory.put_chat(new);
                }
                _ => {
                    now += 1_000;
                    chat.last_message_at = Some(at(now));
                    memory.put_chat(chat);
                }
            }
        }
    });
    let handle = held(&lively, ahead, seed);
    let given: Vec<String> = runtime().block_on(async {
        let list = handle.list().order(order).prefetch(ahead).stream();
        list.map_ok(|c| c.id.to_string()).try_collect().await.unwrap_or_else(|e| panic!("seed {seed}: {e}"))
    });
    let mut times = BTreeMap::new();
    given.iter().for_each(|id| *times.entry(id).or_insert(0) += 1);
    assert!(times.values().all(|n| *n == 1), "doubled: seed {seed}, {pager:?}");
    let removed = removed.lock().unwrap();
    for chat in &chats {
        let id = chat.id.to_string();
        assert!(
            times.contains_key(&id) || removed.contains(&id),
            "lost {id}: seed {seed}, {pager:?} {order:?}"
        );
    }
    assert!(lively.count() < 400, "seed {seed}: {} requests", lively.count());
}

#[test]
fn chats_by_offset() {
    for seed in seeds() {
        chats_schedule(Pager::Offset, SortOrder::Desc, 0, seed);
    }
}

#[test]
fn ahead_chats_by_offset() {
    for seed in seeds() {
        chats_schedule(Pager::Offset, SortOrder::Desc, 4, seed);
    }
}

#[test]
fn ahead_chats_by_offset_oldest_first() {
    for seed in seeds() {
        chats_schedule(Pager::Offset, SortOrder::Asc, 3, seed);
    }
}

#[test]
fn chats_by_offset_oldest_first() {
    for seed in seeds() {
        chats_schedule(Pager::Offset, SortOrder::Asc, 0, seed);
    }
}

#[test]
fn chats_by_window() {
    for seed in seeds() {
        chats_schedule(Pager::Window, SortOrder::Desc, 0, seed);
    }
}
