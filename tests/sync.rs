//! Catching up through every gateway while its account goes on: nothing lost, nothing stored twice; and what it costs.
//!
//! `WACHATS_SCHEDULES=2500 cargo test --test sync` runs 10,000 schedules over one gateway of each kind; without it, 10
//! of each. `--nocapture` prints the figures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly, and prints its figures"
)]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use common::{ALL, Gateway, ONE_OF_EACH};
use futures::TryStreamExt;
use wachats::*;
use wachats_simulator::World;
use wachats_simulator::world::{self, Account, Ack};

/// When the account's story begins.
const BEGIN: i64 = 1_700_000_000;

/// The account as it goes on: messages arrive in order of `now`, sent up to the overlap before.
struct Story {
    rng: Rng,
    world: World,
    gowa: bool,
    now: i64,
    next: u64,
    chats: u64,
    overlap: i64,
    /// Sent when, by key.
    sent: BTreeMap<String, i64>,
}

/// SplitMix64: the same schedule for the same seed, without a crate for it.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: i64) -> i64 {
        (self.next() % bound.max(1) as u64) as i64
    }
}

fn chat_of(n: u64) -> String {
    format!("{}@c.us", 5_511_900_100_000 + n)
}

impl Story {
    fn new(gateway: Gateway, seed: u64) -> Self {
        let mut rng = Rng(seed);
        let world = World::new(Account::new("5511900000000", "Demo"));
        let (chats, overlap) = (1 + rng.below(12) as u64, rng.below(30));
        let gowa = matches!(gateway, Gateway::Gowa(_));
        Self { rng, world, gowa, now: BEGIN, next: 0, chats, overlap, sent: BTreeMap::new() }
    }

    fn arrive(&mut self) {
        self.now += self.rng.below(4) * 3;
        self.world.set_clock(Some(self.now * 1_000));
        let late = if self.rng.below(3) == 0 { self.rng.below(self.overlap + 1) } else { 0 };
        let sent = self.now - late;
        if self.rng.below(6) == 0 {
            self.chats += 1; // a new one
        }
        let chat = chat_of(self.rng.below(self.chats as i64) as u64);
        self.next += 1;
        let key = format!("3EB0{:018X}", self.next);
        let own = self.rng.below(3) == 0;
        let message = world::Message::text(&chat, &key, &format!("text {}", self.next));
        self.world.add_message(message.from_me(own).ack(Ack::Device).at(sent));
        if self.gowa {
            // the time of what came last, though it be older
            self.world.change_chat(&chat, |chat| chat.last_activity_ms = Some(sent * 1_000));
        }
        self.sent.insert(key, sent);
    }
}

/// A gateway to whose account something happens before each page that is asked for.
struct Meanwhile {
    inner: Arc<dyn ChatsProvider>,
    story: Arc<Mutex<Story>>,
    calls: Mutex<u32>,
}

impl Meanwhile {
    fn turn(&self) {
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        let mut story = self.story.lock().unwrap();
        if *calls < 60 {
            for _ in 0..story.rng.below(4) {
                story.arrive();
            }
        }
    }
}

#[async_trait]
impl ChatsProvider for Meanwhile {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.inner.capabilities().await
    }
    async fn status(&self) -> Result<Status> {
        self.inner.status().await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.turn();
        self.inner.list_chats(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.turn();
        self.inner.list_messages(query).await
    }
}

/// An application that stores each message with its cursor and is stopped now and then.
async fn schedule(gateway: Gateway, seed: u64) -> [usize; 2] {
    let mut story = Story::new(gateway, seed);
    for _ in 0..story.rng.below(40) {
        story.arrive();
    }
    let mut rng = Rng(story.rng.next());
    let opened = gateway.open(&story.world).await;
    let overlap = Duration::from_secs(story.overlap as u64);
    let since = DateTime::from_timestamp(BEGIN + rng.below(20), 0).unwrap();
    let story = Arc::new(Mutex::new(story));
    let inner = opened.chats.provider().clone();
    let meanwhile = Meanwhile { inner, story: story.clone(), calls: Mutex::default() };
    let chats = Chats::builder(meanwhile).without_layers().build();
    let buffer = if rng.below(4) == 0 { 4 + rng.below(40) as usize } else { 1_000 };
    let (mut cursor, mut stored) = (None::<String>, Vec::<Message>::new());
    let last = 2 + rng.below(4);
    let mut quiet = false;
    let mut run = 0;
    while !quiet {
        let start = match &cursor {
            Some(text) => text.parse::<SyncCursor>().unwrap().into(),
            None => SyncStart::from(since),
        };
        let mut stream = chats.sync(start).overlap(overlap).buffer(buffer).stream();
        let stops = (run < last && rng.below(2) == 0).then(|| rng.below(30));
        let arrived = story.lock().unwrap().next;
        let (mut given, mut newest) = (0, i64::MIN);
        while stops != Some(given) {
            let Some(new) = stream.try_next().await.unwrap_or_else(|e| panic!("seed {seed}: {e}")) else {
                cursor = Some(stream.cursor().unwrap().to_string());
                quiet = run > last && given == 0 && story.lock().unwrap().next == arrived;
                break;
            };
            let second = new.message.sent_at.unwrap().timestamp();
            assert!(second >= newest, "out of order: seed {seed}, {}", gateway.name());
            newest = second;
            given += 1;
            if stops == Some(given) {
                cursor = Some(new.cursor().to_string());
            }
            stored.push(new.message);
        }
        for _ in 0..rng.below(if run < last { 6 } else { 1 }) {
            story.lock().unwrap().arrive();
        }
        run += 1;
        assert!(run < 100, "seed {seed}: no end, {}", gateway.name());
    }
    let mut keys: Vec<_> = stored.iter().map(|m| m.key.to_string()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), stored.len(), "doubled: seed {seed}, {}", gateway.name());
    for (key, sent) in &story.lock().unwrap().sent {
        let wanted = *sent >= since.timestamp();
        let found = keys.binary_search(key).is_ok();
        assert_eq!(found, wanted, "lost or too old: {key} of {sent}, seed {seed}, {}", gateway.name());
    }
    [stored.len(), opened.server.requests().len()]
}

async fn schedules(gateways: &[Gateway], count: u64) {
    let first = std::env::var("WACHATS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    for gateway in gateways {
        let (mut messages, mut requests) = (0, 0);
        for seed in first..first + count {
            let [stored, sent] = schedule(*gateway, seed).await;
            (messages, requests) = (messages + stored, requests + sent);
        }
        let name = gateway.name();
        println!("{name:12} {count} schedules, {requests} requests, {messages} messages: 0 lost, 0 doubled");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_any_kind() {
    let count = std::env::var("WACHATS_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    schedules(&ONE_OF_EACH, count).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_on_any_engine_and_version() {
    schedules(&ALL, 4).await;
}

/// What a run may cost: requests for 1,000 chats of which three changed, once the gateway is known.
fn bound(gateway: Gateway) -> usize {
    match gateway {
        // the state and the settings, two journals
        Gateway::GreenApi => 4,
        // the status (v8.3: the devices too), a page of chats, and of each chat one of messages
        Gateway::Gowa(_) => 3 + 3,
        // the status, a page of chats, and of each chat three: rows are dropped after a page was cut,
        // so that only empty ones are the end
        Gateway::Waha(_) | Gateway::Wappfy => 2 + 3 * 3,
    }
}

#[tokio::test]
async fn three_changed_of_a_thousand_chats() {
    for gateway in ALL {
        let world = World::new(Account::new("5511900000000", "Demo"));
        let hour = |n: u64| BEGIN + 3_600 * n as i64;
        let add = |chat: u64, n: u64, at: i64| {
            let key = format!("3EB0{n:018X}");
            world.add_message(world::Message::text(&chat_of(chat), &key, "text").at(at));
        };
        (0..1_000).for_each(|n| add(n, n, hour(n)));
        world.set_clock(Some(hour(1_000) * 1_000));
        let opened = gateway.open(&world).await;
        opened.chats.capabilities().await.unwrap();
        let since = DateTime::from_timestamp(hour(1_000), 0).unwrap();
        let mut first = opened.chats.sync(since).stream();
        assert!(first.try_next().await.unwrap().is_none());
        let cursor = first.cursor().unwrap();

        opened.server.clear_requests();
        let mut idle = opened.chats.sync(cursor).stream();
        assert!(idle.try_next().await.unwrap().is_none());
        let cost_of_nothing = opened.server.requests().len();

        for (n, chat) in [3, 500, 997].into_iter().enumerate() {
            add(chat, 2_000 + n as u64, hour(1_001) + n as i64);
        }
        world.set_clock(Some(hour(1_002) * 1_000));
        opened.server.clear_requests();
        let given: Vec<_> = opened.chats.sync(idle.cursor().unwrap()).stream().try_collect().await.unwrap();
        let cost = opened.server.requests().len();
        let name = gateway.name();
        println!(
            "{name:12} nothing new: {cost_of_nothing:2} requests; three of 1,000 chats changed: {cost:2}"
        );
        assert_eq!(given.len(), 3, "{name}");
        assert!(cost_of_nothing <= 4, "{name}: {cost_of_nothing}");
        assert!(cost <= bound(gateway), "{name}: {cost} requests");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_gateway_and_account() {
    for gateway in ONE_OF_EACH {
        let (one, other) = (common::worlds::common(), common::worlds::common());
        let (here, there) = (gateway.open(&one).await, gateway.open(&other).await);
        let since = DateTime::from_timestamp(common::worlds::NOW, 0).unwrap();
        let mut stream = here.chats.sync(since).stream();
        while stream.try_next().await.unwrap().is_some() {}
        let cursor = stream.cursor().unwrap();
        assert_eq!(cursor.gateway(), &here.chats.gateway());
        other.set_account(Account::new("5511900009999", "Somebody"));
        let error = there.chats.sync(cursor.clone()).stream().try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", gateway.name());
        let listed = |r: &wachats_simulator::Recorded| {
            r.path_and_query.contains("hats") || r.path_and_query.contains("Messages")
        };
        assert!(!there.server.requests().iter().any(listed), "{}", gateway.name());
        for other in ONE_OF_EACH.into_iter().filter(|other| *other != gateway) {
            let opened = other.open(&one).await;
            let error = opened.chats.sync(cursor.clone()).stream().try_next().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{} on {}", gateway.name(), other.name());
            assert!(opened.server.requests().is_empty());
        }
    }
}
