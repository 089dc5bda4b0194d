//! Pages asked for ahead of a list: nobody else waits for them, whatever the list's reader does meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use support::*;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use wachats_core::*;

mod support;

/// An account with eight places for requests, of 20 ms each; who gets none within 5 s is refused.
#[derive(Clone)]
struct Busy {
    inner: Memory,
    places: Arc<Semaphore>,
    reads: Arc<AtomicUsize>,
}

impl Busy {
    async fn turn<T>(&self, of: Operation, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let late = || Error::new(ErrorKind::RateLimited, of).with_message("no place became free");
        let _place = timeout(Duration::from_secs(5), self.places.acquire()).await.map_err(|_| late())?;
        sleep(Duration::from_millis(20)).await;
        work.await
    }
}

#[async_trait]
impl ChatsProvider for Busy {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.inner.capabilities().await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.turn(Operation::ListChats, self.inner.list_chats(query)).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.turn(Operation::ListMessages, self.inner.list_messages(query)).await
    }
}

fn busy(messages: u64) -> (Busy, Chats) {
    let mut memory =
        Memory::new([Chat::new(chat_id(1))], (0..messages).map(|n| message(1, n, 1_000 * n as i64)));
    memory.capabilities_mut().messages = Paging::new(Pager::Offset, Ending::ShortPage, 20, 100);
    let busy = Busy { inner: memory, places: Arc::new(Semaphore::new(8)), reads: Arc::default() };
    (busy.clone(), Chats::builder(busy).without_layers().build())
}

#[tokio::test(start_paused = true)]
async fn a_list_at_rest_keeps_no_place_from_others() {
    for depth in [4, 9, 16, 32] {
        let (_, chats) = busy(2_000);
        let mut stream = chats.chat(chat_id(1)).unwrap().messages().prefetch(depth).stream();
        for _ in 0..25 {
            stream.try_next().await.unwrap().unwrap();
        }
        let other = timeout(Duration::from_secs(1), chats.list().limit(1).page()).await;
        assert!(other.expect("another call waits for a list that nobody polls").is_ok(), "{depth}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_may_rest_longer_than_a_request_may_take() {
    for depth in [4, 9, 16, 32] {
        let (_, chats) = busy(2_000);
        let mut stream = chats.chat(chat_id(1)).unwrap().messages().prefetch(depth).stream();
        let mut given = 0;
        while let Some(message) = stream.try_next().await.unwrap_or_else(|e| panic!("{depth}: {e}")) {
            assert_eq!(number_of(&message), 1_999 - given);
            given += 1;
            if given.is_multiple_of(150) {
                sleep(Duration::from_secs(60)).await;
            }
        }
        assert_eq!(given, 2_000, "{depth}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_page_is_asked_for_with_the_first_in_hand() {
    let (busy, chats) = busy(40);
    let mut stream = chats.chat(chat_id(1)).unwrap().messages().prefetch(1).stream();
    stream.try_next().await.unwrap().unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(busy.reads.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_list_takes_its_requests_along() {
    let (busy, chats) = busy(2_000);
    let mut stream = chats.chat(chat_id(1)).unwrap().messages().prefetch(32).stream();
    stream.try_next().await.unwrap().unwrap();
    drop(stream);
    tokio::task::yield_now().await;
    assert_eq!(busy.places.available_permits(), 8);
}
