use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use wachats_core::{
    Action, Capabilities, Chat, ChatId, ChatsProvider, GetMessage, ListChats, ListMessages, MediaStream,
    Message, OpenMedia, Outcome, OverviewQuery, Page, PictureQuery, ProviderInfo, Resolved, Result, Status,
};
use wachats_core::{
    Contact, EventStream, GetContact, GetGroup, GroupInfo, ListContacts, NumberCheck, PairingQr, PollEvents,
};
use wachats_waha::{Method, RawRequest, Waha, WebhookConfig};

use crate::WappfyBuilder;

/// One session of the service Wappfy.
///
/// Wrap it in [`Chats`](wachats_core::Chats) to work with it.
pub struct Wappfy(Waha);

impl Wappfy {
    /// A backend for Wappfy at this address; a path is kept.
    pub fn builder(url: impl AsRef<str>) -> WappfyBuilder {
        WappfyBuilder::new(url.as_ref())
    }

    /// A backend for Wappfy where it is hosted, `https://api.wappfy.com.br`.
    pub fn hosted() -> WappfyBuilder {
        WappfyBuilder::hosted()
    }

    pub(crate) fn new(waha: Waha) -> Self {
        Self(waha)
    }

    /// The name of the session.
    pub fn session(&self) -> &str {
        self.0.session()
    }

    /// The webhooks of the session, taken to be WAHA's: see [`Waha::webhooks`].
    ///
    /// # Errors
    /// As there.
    pub async fn webhooks(&self) -> Result<Vec<WebhookConfig>> {
        self.0.webhooks().await
    }

    /// Replaces the webhooks of the session, taken to be WAHA's: see [`Waha::set_webhooks`].
    ///
    /// # Errors
    /// As there.
    pub async fn set_webhooks(&self, webhooks: &[WebhookConfig]) -> Result<()> {
        self.0.set_webhooks(webhooks).await
    }

    /// A request of your own with this backend's key, limits and errors: see [`Waha::request`].
    pub fn request<'a>(&self, method: Method, path: impl IntoIterator<Item = &'a str>) -> RawRequest<'_> {
        self.0.request(method, path)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatsProvider for Wappfy {
    fn info(&self) -> ProviderInfo {
        self.0.info()
    }

    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.0.capabilities().await
    }

    async fn status(&self) -> Result<Status> {
        self.0.status().await
    }

    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.0.list_chats(query).await
    }

    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        self.0.overview(query).await
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.0.chat_picture(query).await
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.0.list_messages(query).await
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.0.get_message(query).await
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.0.open_media(query).await
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.0.resolve(id).await
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.0.contacts(query).await
    }

    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        self.0.contact(query).await
    }

    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        self.0.check_number(phone).await
    }

    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        self.0.group(query).await
    }

    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.0.pairing_qr().await
    }

    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.0.poll_events(query).await
    }

    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.0.perform(action).await
    }
}

impl fmt::Debug for Wappfy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wappfy")
    }
}
