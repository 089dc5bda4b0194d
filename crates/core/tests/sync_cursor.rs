//! Cursors of catching up, what a run costs, and how much it holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use support::*;
use wachats_core::*;

mod support;

/// Memory with an account's name.
#[derive(Clone)]
struct Named {
    memory: Memory,
    account: Option<ChatId>,
}

#[async_trait]
impl ChatsProvider for Named {
    fn info(&self) -> ProviderInfo {
        self.memory.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.memory.capabilities().await
    }
    async fn status(&self) -> Result<Status> {
        let mut status = self.memory.status().await?;
        status.account_id.clone_from(&self.account);
        Ok(status)
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.memory.list_chats(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.memory.list_messages(query).await
    }
}

fn named(memory: &Memory, account: Option<u64>) -> Chats {
    Chats::new(Named { memory: memory.clone(), account: account.map(chat_id) })
}

async fn caught_up(chats: &Chats, start: impl Into<SyncStart>) -> Result<(Vec<Message>, SyncCursor)> {
    let mut stream = chats.sync(start).stream();
    let mut messages = Vec::new();
    while let Some(new) = stream.try_next().await? {
        messages.push(new.message);
    }
    Ok((messages, stream.cursor().expect("a run that ended has a cursor")))
}

#[tokio::test]
async fn a_cursor_of_another_account_is_refused() {
    let memory = Memory::new([], [message(1, 1, 0)]);
    let (_, cursor) = caught_up(&named(&memory, Some(7)), at(0)).await.unwrap();
    let error = caught_up(&named(&memory, Some(8)), cursor.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("another account"), "{error}");
    // an account that isn't told just now is no other one, and stays bound
    let (_, later) = caught_up(&named(&memory, None), cursor).await.unwrap();
    assert!(caught_up(&named(&memory, Some(8)), later).await.is_err());
    // one begun before the account was known is bound once it is
    let (_, unbound) = caught_up(&named(&memory, None), at(0)).await.unwrap();
    let (_, bound) = caught_up(&named(&memory, Some(7)), unbound).await.unwrap();
    assert!(caught_up(&named(&memory, Some(8)), bound).await.is_err());
}

#[tokio::test]
async fn a_cursor_of_another_gateway_is_refused_before_any_request() {
    let memory = Memory::new([], [message(1, 1, 0)]);
    let (_, cursor) = caught_up(&named(&memory, None), at(0)).await.unwrap();
    let text = serde_json::to_string(&cursor).unwrap();
    let capabilities = Capabilities::none(Gateway::new("elsewhere"), "nothing");
    struct Elsewhere(Arc<Capabilities>);
    #[async_trait]
    impl ChatsProvider for Elsewhere {
        fn info(&self) -> ProviderInfo {
            ProviderInfo::new(self.0.clone())
        }
        async fn capabilities(&self) -> Result<Arc<Capabilities>> {
            panic!("nothing is asked")
        }
    }
    let chats = Chats::new(Elsewhere(Arc::new(capabilities)));
    let error = caught_up(&chats, text.parse::<SyncCursor>().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    for damaged in ["", "{}", "null", &text[1..], &text.replace("memory", "elsewhere")] {
        assert_eq!(damaged.parse::<SyncCursor>().unwrap_err().kind(), ErrorKind::InvalidInput, "{damaged}");
    }
}

#[tokio::test]
async fn nothing_new_is_a_cursor_too_and_costs_little() {
    let mut memory = Memory::new([], (0..1_000).map(|n| message(n, n, 3_600_000 * n as i64)));
    memory.capabilities_mut().set(Capability::AllMessages, Entry::no("one chat at a time"));
    let chats = Chats::new(memory.clone());
    let hours = |n: i64| at(3_600_000 * n);
    let (given, cursor) = caught_up(&chats, hours(1_000)).await.unwrap();
    assert!(given.is_empty());
    let before = memory.requests();
    let (given, cursor) = caught_up(&chats, cursor).await.unwrap();
    assert!(given.is_empty());
    assert_eq!(memory.requests() - before, 2, "the status and a page of chats: none was active since");

    for n in [3_u64, 500, 998] {
        memory.insert(message(n, 2_000 + n, 3_600_000 * 1_001));
    }
    let before = memory.requests();
    let (given, cursor) = caught_up(&chats, cursor).await.unwrap();
    assert_eq!(given.len(), 3);
    assert_eq!(memory.requests() - before, 5, "the status, a page of chats and one of each that changed");
    let before = memory.requests();
    let (given, _) = caught_up(&chats, cursor).await.unwrap();
    assert!(given.is_empty());
    assert_eq!(memory.requests() - before, 5, "those within the overlap are looked at again");
}

#[tokio::test]
async fn a_first_run_holds_no_more_than_its_buffer() {
    let count = 20_000_u64;
    let mut memory = Memory::new([], (0..count).map(|n| message(n % 10, n, 977 * n as i64)));
    memory.capabilities_mut().set(Capability::AllMessages, Entry::no("one chat at a time"));
    let chats = Chats::new(memory.clone());
    let mut stream = chats.sync(at(0)).buffer(500).stream();
    let mut next = 0;
    let mut requests = Vec::new();
    while let Some(new) = stream.try_next().await.unwrap() {
        assert!(new.message.sent_at.unwrap().timestamp() >= at(977 * next - 999).timestamp());
        next += 1;
        requests.push(memory.requests());
    }
    assert_eq!(next as u64, count);
    // no stretch that was given without a request in between is longer than the buffer
    let longest = requests.chunk_by(|a, b| a == b).map(<[u64]>::len).max().unwrap();
    assert!(longest <= 501, "{longest}");
    let spent = memory.requests();
    assert!(spent < 2_200, "{spent} requests for {count} messages of 10 chats");
}

#[tokio::test]
async fn equal_seconds_beyond_the_buffer_are_given_all() {
    let mut memory = Memory::new([], (0..300).map(|n| message(n % 3, n, 5_000)));
    memory.capabilities_mut().set(Capability::AllMessages, Entry::no("one chat at a time"));
    let chats = Chats::new(memory);
    let given: Vec<_> = chats.sync(at(0)).buffer(10).stream().try_collect().await.unwrap();
    assert_eq!(given.len(), 300);
    // stopped within that second, a run goes on behind the messages that were stored
    let again: Vec<_> = chats.sync(given[99].cursor()).stream().try_collect().await.unwrap();
    assert_eq!(again.len(), 200);
    let keys = |list: &[Synced]| list.iter().map(|new| new.message.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&given[100..]), keys(&again));
}

#[tokio::test]
async fn messages_without_a_time_are_given_once() {
    let mut lively =
        Lively::quiet(Memory::new([], (0..60).map(|n| message(n % 3, n, 1_000 * n as i64))), Fault::Timeless);
    lively.memory.capabilities_mut().set(Capability::AllMessages, Entry::no("one chat at a time"));
    let chats = Chats::new(lively.clone());
    let mut keys = std::collections::BTreeSet::new();
    let mut cursor = None::<SyncCursor>;
    for round in 0..5_u64 {
        let start = cursor.clone().map_or(SyncStart::from(at(0)), SyncStart::from);
        let mut stream = chats.sync(start).overlap(Duration::from_secs(30)).stream();
        while let Some(new) = stream.try_next().await.unwrap() {
            assert!(keys.insert(new.message.key.clone()), "doubled");
        }
        cursor = stream.cursor();
        lively.memory.insert(message(round % 3, 100 + round, 60_000 + 20_000 * round as i64));
    }
    assert_eq!(keys.len(), 64);
}

#[tokio::test]
async fn times_in_the_future_do_not_carry_the_cursor_away() {
    let far = 30 * 365 * 86_400_000;
    let mut memory = Memory::new([], [message(1, 1, 0), message(2, 2, far)]);
    memory.capabilities_mut().set(Capability::AllMessages, Entry::no("one chat at a time"));
    let chats = Chats::new(memory.clone());
    let (given, cursor) = caught_up(&chats, at(0)).await.unwrap();
    assert_eq!(given.len(), 2);
    memory.insert(message(1, 3, 5_000));
    let (given, _) = caught_up(&chats, cursor).await.unwrap();
    assert_eq!(given.len(), 1);
    assert_eq!(number_of(&given[0]), 3);
}
