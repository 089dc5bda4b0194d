//! The time that an operation may take, all its attempts and pauses included.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    Action, Capabilities, Chat, ChatId, ChatsProvider, Contact, Effect, Error, ErrorKind, EventStream,
    GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts, ListMessages, MediaStream, Message,
    NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page, PairingQr, PictureQuery, PollEvents,
    ProviderInfo, Resolved, Result, Status,
};

/// What an operation may take where the caller names no time.
pub const DEFAULT: Duration = Duration::from_secs(50);
/// What a read may take for which the gateway fetches media first.
pub const WITH_MEDIA: Duration = Duration::from_secs(90);
/// The transport ends by itself at the deadline, with a better error; this layer is the net below it.
const GRACE: Duration = Duration::from_millis(500);

tokio::task_local! {
    static WISH: Duration;
    static UNTIL: Instant;
}

/// Runs `future` with this time for each operation in it, in place of the default.
pub async fn with_timeout<F: Future>(time: Duration, future: F) -> F::Output {
    WISH.scope(time, future).await
}

/// When the operation that is running must end; `None` outside of one.
pub fn until() -> Option<Instant> {
    UNTIL.try_with(|until| *until).ok()
}

/// Bounds every operation. One page is one operation.
pub struct Deadline {
    inner: Arc<dyn ChatsProvider>,
}

impl Deadline {
    /// Around this provider.
    pub fn new(inner: Arc<dyn ChatsProvider>) -> Self {
        Self { inner }
    }

    async fn bound<T>(
        &self,
        operation: Operation,
        default: Duration,
        future: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let time = WISH.try_with(|wish| *wish).unwrap_or(default);
        let end = Instant::now() + time;
        match tokio::time::timeout_at(end + GRACE, UNTIL.scope(end, future)).await {
            Ok(result) => result,
            Err(_) => {
                let kind = if operation.is_read() { ErrorKind::Timeout } else { ErrorKind::OutcomeUnknown };
                Err(Error::new(kind, operation)
                    .with_gateway(self.inner.info().gateway)
                    .with_effect(Effect::Unknown)
                    .with_message(format!("no answer within the operation's {} s", time.as_secs_f32())))
            }
        }
    }
}

impl std::fmt::Debug for Deadline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Deadline")
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatsProvider for Deadline {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.bound(Operation::Capabilities, DEFAULT, self.inner.capabilities()).await
    }
    async fn status(&self) -> Result<Status> {
        self.bound(Operation::Status, DEFAULT, self.inner.status()).await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.bound(Operation::ListChats, DEFAULT, self.inner.list_chats(query)).await
    }
    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        self.bound(Operation::Overview, DEFAULT, self.inner.overview(query)).await
    }
    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.bound(Operation::ChatPicture, DEFAULT, self.inner.chat_picture(query)).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let time = if query.fetch_media { WITH_MEDIA } else { DEFAULT };
        self.bound(Operation::ListMessages, time, self.inner.list_messages(query)).await
    }
    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        let time = if query.fetch_media { WITH_MEDIA } else { DEFAULT };
        self.bound(Operation::GetMessage, time, self.inner.get_message(query)).await
    }
    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.bound(Operation::DownloadMedia, WITH_MEDIA, self.inner.open_media(query)).await
    }
    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.bound(Operation::ResolveLid, DEFAULT, self.inner.resolve(id)).await
    }
    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.bound(Operation::Contacts, DEFAULT, self.inner.contacts(query)).await
    }
    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        self.bound(Operation::Contact, DEFAULT, self.inner.contact(query)).await
    }
    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        self.bound(Operation::CheckNumber, DEFAULT, self.inner.check_number(phone)).await
    }
    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        self.bound(Operation::GroupInfo, DEFAULT, self.inner.group(query)).await
    }
    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.bound(Operation::PairQr, DEFAULT, self.inner.pairing_qr()).await
    }
    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.bound(Operation::PollEvents, DEFAULT, self.inner.poll_events(query)).await
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        let (operation, time) = (action.operation(), action.default_time());
        self.bound(operation, time, self.inner.perform(action)).await
    }
}
