use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use tracing::Instrument;

use crate::{
    Action, Capabilities, Chat, ChatId, ChatsProvider, Contact, Error, EventStream, GetContact, GetGroup,
    GetMessage, GroupInfo, ListChats, ListContacts, ListMessages, MediaStream, Message, NumberCheck,
    OpenMedia, Operation, Outcome, OverviewQuery, Page, PairingQr, PictureQuery, PollEvents, ProviderInfo,
    Resolved, Result, Status,
};

/// One span an operation, with gateway and operation; what failed is told at debug level with its kind.
///
/// No id, text, name or address ever is a field.
pub struct Trace {
    inner: Arc<dyn ChatsProvider>,
}

impl Trace {
    /// Around this provider.
    pub fn new(inner: Arc<dyn ChatsProvider>) -> Self {
        Self { inner }
    }

    async fn span<T>(
        &self,
        operation: Operation,
        future: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return future.await;
        }
        let gateway = self.inner.info().gateway;
        let span =
            tracing::debug_span!("wachats", gateway = gateway.as_str(), operation = operation.as_str());
        let result = future.instrument(span.clone()).await;
        if let Err(error) = &result {
            span.in_scope(|| told(error));
        }
        result
    }
}

fn told(error: &Error) {
    tracing::debug!(
        kind = error.kind().as_str(),
        effect = error.effect().as_str(),
        status = error.status(),
        code = error.code(),
        "failed"
    );
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trace")
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatsProvider for Trace {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.span(Operation::Capabilities, self.inner.capabilities()).await
    }
    async fn status(&self) -> Result<Status> {
        self.span(Operation::Status, self.inner.status()).await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.span(Operation::ListChats, self.inner.list_chats(query)).await
    }
    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        self.span(Operation::Overview, self.inner.overview(query)).await
    }
    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.span(Operation::ChatPicture, self.inner.chat_picture(query)).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.span(Operation::ListMessages, self.inner.list_messages(query)).await
    }
    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.span(Operation::GetMessage, self.inner.get_message(query)).await
    }
    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.span(Operation::DownloadMedia, self.inner.open_media(query)).await
    }
    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.span(Operation::ResolveLid, self.inner.resolve(id)).await
    }
    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.span(Operation::Contacts, self.inner.contacts(query)).await
    }
    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        self.span(Operation::Contact, self.inner.contact(query)).await
    }
    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        self.span(Operation::CheckNumber, self.inner.check_number(phone)).await
    }
    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        self.span(Operation::GroupInfo, self.inner.group(query)).await
    }
    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.span(Operation::PairQr, self.inner.pairing_qr()).await
    }
    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.span(Operation::PollEvents, self.inner.poll_events(query)).await
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.span(action.operation(), self.inner.perform(action)).await
    }
}
