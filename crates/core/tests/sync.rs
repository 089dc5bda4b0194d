//! Catching up while everything changes: nothing lost, nothing stored twice, wherever it stops.
//!
//! `WACHATS_SCHEDULES=10000 cargo test -p wachats-core --test sync` runs the whole; `WACHATS_SEED=n` one schedule.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt;
use support::*;
use wachats_core::*;

mod support;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Time,
    /// Times are shown in whole seconds and stored finer; chats tell the time of what came last (GOWA).
    Coarse,
    /// Rows are dropped after the page was cut (WAHA).
    Drops,
    Offset,
    Window,
    /// One list of all chats, by a count (Green-API).
    Journals,
}

/// The account as it goes on: messages arrive in order of `now`, sent up to the overlap before.
struct Account {
    rng: fastrand::Rng,
    now: i64,
    next: u64,
    chats: u64,
    step: i64,
    overlap: i64,
    coarse: bool,
    deletes: bool,
    removed: BTreeSet<String>,
    /// Sent when, by key.
    sent: BTreeMap<String, i64>,
}

impl Account {
    fn arrive(&mut self, memory: &Memory) {
        self.now += self.step * self.rng.i64(0..4);
        let late = if self.rng.u8(..3) == 0 { self.rng.i64(0..=self.overlap * 1_000) } else { 0 };
        let mut sent = self.now - late;
        if !self.coarse {
            sent = sent.div_euclid(1_000) * 1_000;
        } else if late > 0 {
            sent += 999 - sent.rem_euclid(1_000).min(999); // no later than by the overlap in whole seconds
            sent = sent.min(self.now);
        }
        if self.rng.u8(..6) == 0 {
            self.chats += 1; // a new one
        }
        let chat = if self.rng.bool() { self.chats } else { self.rng.u64(0..=self.chats) };
        self.next += 1;
        let message = message(chat, self.next, sent);
        self.sent.insert(message.key.to_string(), sent);
        memory.insert(message.clone());
        if self.coarse {
            let mut chat = Chat::new(message.chat_id);
            chat.last_message_at = message.sent_at;
            memory.put_chat(chat); // of the message that came last, though it be older
        }
    }

    fn pass(&mut self, memory: &Memory) {
        for _ in 0..self.rng.u32(0..4) {
            self.arrive(memory);
        }
        if self.deletes && self.rng.u8(..8) == 0 {
            let there = memory.messages();
            if let Some(message) = self.rng.choice(&there) {
                memory.remove(&message.chat_id, &message.key);
                self.removed.insert(message.key.to_string());
            }
        }
    }
}

fn provider(kind: Kind, rng: &mut fastrand::Rng) -> Memory {
    let mut memory = Memory::new([], []);
    let page = rng.u32(2..6);
    let max = rng.u32(5..12) + if kind == Kind::Drops { 30 } else { 0 }; // more than arrives between two requests
    let by_time = |overlap| Pager::Time { overlap: Duration::from_secs(overlap) };
    let capabilities = memory.capabilities_mut();
    capabilities.chats = Paging::new(Pager::Offset, Ending::ShortPage, page, rng.u32(2..12));
    capabilities.messages = match kind {
        Kind::Time => Paging::new(by_time(0), Ending::ShortPage, page, max),
        Kind::Coarse => Paging::new(by_time(1), Ending::ShortPage, page, max),
        Kind::Drops => Paging::new(by_time(0), Ending::EmptyPages(2), page, max),
        Kind::Offset => Paging::new(Pager::Offset, Ending::ShortPage, page, max),
        Kind::Window | Kind::Journals => capabilities.messages,
    };
    if matches!(kind, Kind::Window | Kind::Journals) {
        only_a_count(&mut memory, page, 10_000);
        memory.capabilities_mut().set(Capability::FilterSince, Entry::emulated("it takes only a count"));
    }
    if kind != Kind::Journals {
        memory.capabilities_mut().set(Capability::AllMessages, Entry::no("it lists one chat at a time"));
    }
    match kind {
        Kind::Coarse => memory.whole_seconds(),
        _ => memory,
    }
}

/// An application that stores each message with its cursor and is stopped now and then.
fn schedule(kind: Kind, seed: u64) -> [u64; 2] {
    let mut rng = fastrand::Rng::with_seed(seed);
    let memory = provider(kind, &mut rng);
    let drops = kind == Kind::Drops;
    let dropped = move |m: &Message| drops && (number_of(m) * 7 + seed).is_multiple_of(4);
    let memory = if drops { memory.dropping(dropped) } else { memory };
    let coarse = kind == Kind::Coarse;
    let account = Arc::new(Mutex::new(Account {
        now: 100_000,
        next: 0,
        chats: rng.u64(0..14),
        step: if coarse { 250 * rng.i64(1..8) } else { 1_000 * rng.i64(1..4) },
        overlap: rng.i64(0..20),
        coarse,
        deletes: rng.bool(),
        removed: BTreeSet::new(),
        sent: BTreeMap::new(),
        rng: rng.fork(),
    }));
    for _ in 0..rng.u32(0..40) {
        account.lock().unwrap().arrive(&memory);
    }
    let (shared, mut calls) = (account.clone(), 0);
    let lively = Lively::new(memory.clone(), move |memory| {
        calls += 1;
        if calls < 80 {
            shared.lock().unwrap().pass(memory);
        }
    });
    let chats = Chats::new(lively.clone());
    let overlap = Duration::from_secs(account.lock().unwrap().overlap as u64);
    let since = at(100_000 + 1_000 * rng.i64(0..10));
    let buffer = if rng.u8(..4) == 0 { rng.usize(2..40) } else { 1_000 };
    let (mut cursor, mut stored) = (None::<String>, Vec::new());
    runtime().block_on(async {
        let last_run = rng.u32(2..8);
        for run in 0..=last_run {
            let start = match &cursor {
                Some(text) => text.parse::<SyncCursor>().unwrap().into(),
                None => SyncStart::from(since),
            };
            let mut stream = chats.sync(start).overlap(overlap).buffer(buffer).stream();
            let stops = (run < last_run && rng.bool()).then(|| rng.usize(0..30));
            let mut newest = i64::MIN;
            let mut given = 0;
            loop {
                if stops == Some(given) {
                    break;
                }
                let Some(new) = stream.try_next().await.unwrap_or_else(|e| panic!("seed {seed}: {e}")) else {
                    cursor = Some(stream.cursor().unwrap().to_string());
                    break;
                };
                let second = new.message.sent_at.unwrap().timestamp();
                assert!(second >= newest, "out of order: seed {seed}, {kind:?}");
                newest = second;
                given += 1;
                stored.push(new.message.key.to_string());
                if stops == Some(given) || rng.u8(..16) == 0 {
                    cursor = Some(new.cursor().to_string());
                }
            }
            for _ in 0..rng.u32(0..6) {
                account.lock().unwrap().pass(&memory);
            }
        }
        // what came last of all
        let cursor: SyncCursor = cursor.unwrap().parse().unwrap();
        to_the_end(&chats, &account, cursor, &mut stored).await;
    });
    let account = account.lock().unwrap();
    let unique: BTreeSet<_> = stored.iter().collect();
    assert_eq!(unique.len(), stored.len(), "doubled: seed {seed}, {kind:?}");
    for (key, sent) in &account.sent {
        let number: u64 = key.trim_start_matches("3EB0").parse().unwrap();
        let hidden = drops && (number * 7 + seed).is_multiple_of(4);
        let wanted = at(*sent).timestamp() >= since.timestamp() && !hidden;
        assert!(
            !wanted || unique.contains(key) || account.removed.contains(key),
            "lost {key} of {sent}: seed {seed}, {kind:?}"
        );
    }
    [stored.len() as u64, lively.count()]
}

/// Until nothing arrived while a run went on: what arrives during a run may be the next one's.
async fn to_the_end(
    chats: &Chats,
    account: &Mutex<Account>,
    mut cursor: SyncCursor,
    stored: &mut Vec<String>,
) {
    let arrived = || account.lock().unwrap().next;
    for _ in 0..200 {
        let before = (arrived(), stored.len());
        let mut stream = chats.sync(cursor).stream();
        while let Some(new) = stream.try_next().await.unwrap() {
            stored.push(new.message.key.to_string());
        }
        cursor = stream.cursor().unwrap();
        if (arrived(), stored.len()) == before {
            return;
        }
    }
    panic!("no run was quiet");
}

fn run(kind: Kind) {
    let seeds = match std::env::var("WACHATS_SEED").ok().and_then(|n| n.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..schedules(),
    };
    let count = seeds.end - seeds.start;
    let (mut stored, mut requests) = (0, 0);
    for [messages, sent] in seeds.map(|seed| schedule(kind, seed)) {
        (stored, requests) = (stored + messages, requests + sent);
    }
    println!("{kind:?}: {count} schedules, {requests} requests, {stored} messages stored, 0 lost, 0 doubled");
}

#[test]
fn by_time() {
    run(Kind::Time);
}

#[test]
fn by_times_shown_coarser_than_stored() {
    run(Kind::Coarse);
}

#[test]
fn with_rows_dropped_after_paging() {
    run(Kind::Drops);
}

#[test]
fn by_offset() {
    run(Kind::Offset);
}

#[test]
fn by_window() {
    run(Kind::Window);
}

#[test]
fn by_one_list_of_all_chats() {
    run(Kind::Journals);
}
