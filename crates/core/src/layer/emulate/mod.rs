use std::sync::Arc;

use async_trait::async_trait;

use crate::paging::Reader;
use crate::{
    Action, Capabilities, Capability, Chat, ChatId, ChatsProvider, Contact, Error, ErrorKind, EventStream,
    GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts, ListMessages, MediaStream, Message,
    NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page, PairingQr, PictureQuery, PollEvents,
    ProviderInfo, Resolved, Result, Status, Support,
};

mod lists;
mod overview;
pub(crate) mod plan;

/// Does what the provider declares [`Support::Emulated`](crate::Support::Emulated), from what it has.
///
/// | emulated | what it costs |
/// |---|---|
/// | a filter of messages or chats | the pages read until there are enough matches, at most `max_scan` rows; none beyond `since` |
/// | an offset | the pages up to it; one request where the gateway takes only a count |
/// | chats in another order | all pages of chats, at most `max_scan` rows |
/// | one message by its id, to read it or to forward it | the pages read until it is found, at most `max_scan` rows |
/// | overview | the list, and of each chat what the list didn't tell: one request for the last message, one for the picture; four chats at a time |
/// | pages of a gateway that takes only a count | one request a page, of all rows up to its end |
///
/// Ending at the bound is `Unsupported`, telling how to go on; a message is `NotFound` only once the whole
/// chat was read. Pages go on where the ones before ended, whatever arrives or is deleted meanwhile.
pub struct Emulate {
    inner: Arc<dyn ChatsProvider>,
    max_scan: u64,
}

impl Emulate {
    /// Around this provider; `max_scan` is the most rows read for one answer where a query names no bound of
    /// its own ([`ListMessages::max_scan`]).
    pub fn new(inner: Arc<dyn ChatsProvider>, max_scan: u64) -> Self {
        Self { inner, max_scan: max_scan.max(1) }
    }

    fn reader(&self) -> Reader {
        Reader { max_scan: self.max_scan, ..Reader::new(self.inner.clone()) }
    }
}

impl std::fmt::Debug for Emulate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulate").field("max_scan", &self.max_scan).finish_non_exhaustive()
    }
}

/// Did the provider itself leave this to the layer?
fn left_to_us(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported && error.status().is_none()
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatsProvider for Emulate {
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
        self.chats_page(query).await
    }

    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        let (_, capabilities) = self.reader().capabilities(&[Capability::Overview]).await?;
        match self.inner.overview(query).await {
            Err(error)
                if left_to_us(&error) && capabilities.support(Capability::Overview) == Support::Emulated =>
            {
                self.compose_overview(query, &capabilities).await
            }
            answer => answer,
        }
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.inner.chat_picture(query).await
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.messages_page(query).await
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        let (_, capabilities) = self.reader().capabilities(&[Capability::GetMessage]).await?;
        if capabilities.support(Capability::GetMessage) != Support::Emulated {
            return self.inner.get_message(query).await;
        }
        match self.inner.get_message(query).await {
            Err(error) if left_to_us(&error) => self.find_message(query).await,
            answer => answer,
        }
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.inner.open_media(query).await
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.inner.resolve(id).await
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.inner.contacts(query).await
    }

    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        self.inner.contact(query).await
    }

    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        self.inner.check_number(phone).await
    }

    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        self.inner.group(query).await
    }

    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.inner.pairing_qr().await
    }

    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.inner.poll_events(query).await
    }

    /// A gateway that can't look a message up forwards by the key alone, out of whichever chat has it: the message
    /// is looked for in its chat first.
    async fn perform(&self, action: Action) -> Result<Outcome> {
        if let Action::Forward { chat, id, .. } = &action {
            let (_, capabilities) = self.reader().capabilities(&[Capability::GetMessage]).await?;
            if capabilities.support(Capability::GetMessage) == Support::Emulated {
                let query = GetMessage::new(chat.clone(), id.clone());
                let found = self.get_message(&query).await;
                found.map_err(|error| error.with_operation(Operation::Forward))?;
            }
        }
        self.inner.perform(action).await
    }
}
