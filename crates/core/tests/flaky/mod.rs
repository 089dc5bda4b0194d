//! A provider over `Memory` that fails as it is told to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "test helpers; each test binary uses a part"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use wachats_core::layer::deadline;
use wachats_core::*;

type Fails = Arc<dyn Fn(Operation) -> Option<Error> + Send + Sync>;

#[derive(Clone)]
pub struct Flaky {
    pub memory: Memory,
    fails: Arc<Mutex<Option<Fails>>>,
    after_effect: Arc<Mutex<bool>>,
    asked: Arc<AtomicU64>,
    /// When each operation had to end.
    pub untils: Arc<Mutex<Vec<Option<tokio::time::Instant>>>>,
}

impl Flaky {
    pub fn new(memory: Memory) -> Self {
        Self {
            memory,
            fails: Arc::default(),
            after_effect: Arc::default(),
            asked: Arc::default(),
            untils: Arc::default(),
        }
    }

    /// From now on every operation fails so.
    pub fn fail(&self, error: impl Fn(Operation) -> Error + Send + Sync + 'static) {
        self.fail_where(move |operation| Some(error(operation)));
    }

    pub fn fail_where(&self, error: impl Fn(Operation) -> Option<Error> + Send + Sync + 'static) {
        *self.fails.lock().unwrap() = Some(Arc::new(error));
    }

    /// From now on changes take effect and fail all the same.
    pub fn lose_answers(&self) {
        *self.after_effect.lock().unwrap() = true;
        self.fail(|operation| Error::new(ErrorKind::OutcomeUnknown, operation));
    }

    pub fn mend(&self) {
        *self.fails.lock().unwrap() = None;
        *self.after_effect.lock().unwrap() = false;
    }

    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    fn begin(&self, operation: Operation) -> Result<()> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.untils.lock().unwrap().push(deadline::until());
        let fails = self.fails.lock().unwrap().clone();
        match fails.and_then(|fails| fails(operation)) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl ChatsProvider for Flaky {
    fn info(&self) -> ProviderInfo {
        self.memory.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.begin(Operation::Capabilities)?;
        self.memory.capabilities().await
    }
    async fn status(&self) -> Result<Status> {
        self.begin(Operation::Status)?;
        self.memory.status().await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.begin(Operation::ListChats)?;
        self.memory.list_chats(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.begin(Operation::ListMessages)?;
        self.memory.list_messages(query).await
    }
    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.begin(Operation::GetMessage)?;
        self.memory.get_message(query).await
    }
    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.begin(Operation::DownloadMedia)?;
        self.memory.open_media(query).await
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        let begun = self.begin(action.operation());
        if begun.is_ok() || *self.after_effect.lock().unwrap() {
            let done = self.memory.perform(action).await;
            return begun.and(done);
        }
        Err(begun.unwrap_err())
    }
}

pub fn chat_id() -> ChatId {
    "79001234567@c.us".parse().unwrap()
}

pub fn chat_number(n: u64) -> ChatId {
    ChatId::phone(&format!("7900{n:07}")).unwrap()
}

/// Of one chat, with three messages.
pub fn account() -> Memory {
    let now = chrono::Utc::now();
    let messages = (0..3).map(|n| {
        let mut message = Message::new(chat_id(), format!("OLD{n}").parse().unwrap(), n == 1);
        message.text = Some(format!("text {n}"));
        message.sent_at = Some(now - chrono::TimeDelta::hours(3 - n));
        (message.edited, message.revoked) = (Some(false), Some(false));
        message
    });
    Memory::new([Chat::new(chat_id())], messages)
}

pub fn send(text: &str) -> Action {
    Action::SendText { chat: chat_id(), text: text.into(), reply_to: None }
}
