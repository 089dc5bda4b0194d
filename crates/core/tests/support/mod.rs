//! A provider over `Memory` whose data change between requests, and that can be made to misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test helpers"
)]
#![allow(dead_code, reason = "each test binary uses a part")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use wachats_core::*;

/// Misbehaviour of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    SamePage,
    IgnoresOffset,
    IgnoresUntil,
    /// Rows of a page in no order.
    Shuffled,
    /// Every third row can't be decoded.
    Skips,
    /// Every other row has a time that can't be read.
    Timeless,
}

type Hook = Box<dyn FnMut(&Memory) + Send>;

/// Changes `Memory` before each request.
#[derive(Clone)]
pub(crate) struct Lively {
    pub(crate) memory: Memory,
    pub(crate) fault: Fault,
    hook: Arc<Mutex<Hook>>,
    pub(crate) requests: Arc<AtomicU64>,
}

impl Lively {
    pub(crate) fn new(memory: Memory, hook: impl FnMut(&Memory) + Send + 'static) -> Self {
        Self {
            memory,
            fault: Fault::None,
            hook: Arc::new(Mutex::new(Box::new(hook))),
            requests: Arc::default(),
        }
    }

    pub(crate) fn quiet(memory: Memory, fault: Fault) -> Self {
        Self { fault, ..Self::new(memory, |_| {}) }
    }

    pub(crate) fn count(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn turn(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        (self.hook.lock().unwrap())(&self.memory);
    }
}

#[async_trait]
impl ChatsProvider for Lively {
    fn info(&self) -> ProviderInfo {
        self.memory.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.memory.capabilities().await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.turn();
        let mut query = query.clone();
        if matches!(self.fault, Fault::SamePage | Fault::IgnoresOffset) {
            query.offset = 0;
        }
        self.memory.list_chats(&query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.turn();
        let mut query = query.clone();
        if matches!(self.fault, Fault::SamePage | Fault::IgnoresOffset) {
            query.offset = 0;
        }
        if matches!(self.fault, Fault::SamePage | Fault::IgnoresUntil) {
            query.until = None;
        }
        let mut page = self.memory.list_messages(&query).await?;
        match self.fault {
            Fault::Shuffled => fastrand::Rng::with_seed(self.count()).shuffle(&mut page.items),
            Fault::Timeless => {
                page.items
                    .iter_mut()
                    .filter(|m| number_of(m).is_multiple_of(2))
                    .for_each(|m| m.sent_at = None);
            }
            Fault::Skips => {
                let (bad, good) = page.items.into_iter().partition(|m| number_of(m).is_multiple_of(3));
                page.items = good;
                let bad: Vec<Message> = bad;
                page.skipped = bad
                    .into_iter()
                    .map(|m| {
                        Skipped::new("broken", RawJson::new(format!("{{\"k\":\"{}\"}}", m.key.as_str())))
                    })
                    .collect();
            }
            _ => {}
        }
        Ok(page)
    }
    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.turn();
        self.memory.chat_picture(query).await
    }
}

/// The number in the key that [`message`] gave.
pub(crate) fn number_of(message: &Message) -> u64 {
    message.key.as_str().trim_start_matches("3EB0").parse().unwrap()
}

pub(crate) fn chat_id(n: u64) -> ChatId {
    format!("{}@c.us", 79_000_000_000 + n).parse().unwrap()
}

/// A time in milliseconds from the start of the test's world.
pub(crate) fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + millis).unwrap()
}

pub(crate) fn message(chat: u64, n: u64, millis: i64) -> Message {
    let mut message =
        Message::new(chat_id(chat), format!("3EB0{n:08}").parse().unwrap(), n.is_multiple_of(3));
    message.sent_at = Some(at(millis));
    message.kind = MessageKind::Text;
    message.text = Some(format!("text {n}"));
    message
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// How many random schedules: `WACHATS_SCHEDULES`, 300 where it isn't set.
pub(crate) fn schedules() -> u64 {
    std::env::var("WACHATS_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

/// Messages by count alone, as Green-API gives them.
pub(crate) fn only_a_count(memory: &mut Memory, page: u32, max: u32) {
    let capabilities = memory.capabilities_mut();
    capabilities.messages = Paging::new(Pager::Window, Ending::ShortPage, page, max);
    capabilities.set_all(
        &[Capability::MessagesOffset, Capability::FilterUntil],
        &Entry::emulated("the gateway takes only a count"),
    );
}
