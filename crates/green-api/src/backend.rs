//! The provider: which methods of the wire make up each operation.

mod account;
mod change;
mod chats;
mod media;
mod messages;
mod overview;
mod people;
mod pull;
mod raw;
mod send;
mod session;
mod upload;
mod webhook_config;
mod window;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use url::Url;
use wachats_core::transport::{Answer, Call, Transport};
use wachats_core::{
    Action, Capabilities, Capability, Chat, ChatId, ChatsProvider, Contact, Error, ErrorKind, EventStream,
    Gateway, GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts, ListMessages, MediaStream,
    Message, NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page, PairingQr, PictureQuery,
    PollEvents, ProviderInfo, Resolved, Result, Status,
};

use crate::config::GreenApiBuilder;
use crate::secret::Token;
use crate::verb::Verb;

pub(crate) use account::state_of;
pub use raw::RawRequest;
pub use webhook_config::WebhookConfig;

/// One instance of Green-API.
///
/// Applications hold a [`Chats`](wachats_core::Chats) around it; [`request`](Self::request) reaches methods that
/// wachats has no operation for.
pub struct GreenApi {
    transport: Transport,
    /// Where files are uploaded.
    media: Url,
    /// `waInstance` and the number: the first segment of every path.
    instance: String,
    token: Token,
    capabilities: Arc<Capabilities>,
    /// The account's own id, once a status told it.
    account: Mutex<Option<ChatId>>,
    pictures: overview::Pictures,
    polled: pull::Polled,
}

impl GreenApi {
    /// Builds the gateway at the address of the instance's pool, as `https://7103.api.greenapi.com`.
    ///
    /// ```
    /// use wachats_green_api::GreenApi;
    /// let gateway = GreenApi::builder("http://127.0.0.1:8080").instance(7103000000_u64).token("a token").build();
    /// assert!(gateway.is_err(), "a token has no spaces");
    /// ```
    pub fn builder(url: impl AsRef<str>) -> GreenApiBuilder {
        GreenApiBuilder::new(url.as_ref())
    }

    pub(crate) fn new(transport: Transport, media: Url, instance: &str, token: Token) -> Self {
        Self {
            transport,
            media,
            instance: format!("waInstance{instance}"),
            token,
            capabilities: Arc::new(crate::capabilities::all()),
            account: Mutex::default(),
            pictures: overview::Pictures::default(),
            polled: pull::Polled::default(),
        }
    }

    /// A call of a method: `{base}/waInstance{id}/{method}/{token}`.
    fn call(&self, operation: Operation, verb: Verb) -> Call {
        self.transport
            .call(operation, verb.method(), verb.route)
            .path([self.instance.as_str(), verb.name, self.token.expose()])
            .rate_key(verb.name)
    }

    /// The same with a JSON body.
    fn post(&self, operation: Operation, verb: Verb, body: &impl Serialize) -> Call {
        self.call(operation, verb).json(body)
    }

    /// Sends it; the token is taken out of what is decoded.
    async fn send<T>(&self, call: Call, decode: impl Fn(&Answer) -> Result<T> + Send) -> Result<T> {
        self.transport.send(call, move |answer| decode(&self.token.clean(answer))).await
    }

    fn account_id(&self) -> Option<ChatId> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn_account(&self, id: &ChatId) {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.clone());
    }

    fn forget_account(&self) {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// An argument that the emulation of the library serves, given here directly.
    fn not_here(&self, operation: Operation, capability: Capability) -> Error {
        let reason =
            self.capabilities.reason(capability).unwrap_or("Green-API has no such argument").to_owned();
        self.error(ErrorKind::Unsupported, operation).with_capability(capability).with_message(reason)
    }

    fn error(&self, kind: ErrorKind, operation: Operation) -> Error {
        Error::new(kind, operation).with_gateway(Gateway::GREEN_API)
    }
}

#[async_trait]
impl ChatsProvider for GreenApi {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(self.capabilities.clone())
    }

    /// Green-API has one engine and tells no version: sends nothing.
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        Ok(self.capabilities.clone())
    }

    async fn status(&self) -> Result<Status> {
        self.read_status().await
    }

    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.read_chats(query).await
    }

    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        self.read_overview(query).await
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        if query.refresh {
            return Err(self.not_here(Operation::ChatPicture, Capability::PictureRefresh));
        }
        self.read_picture(Operation::ChatPicture, &query.chat).await
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.read_messages(query).await
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.read_message(Operation::GetMessage, &query.chat, &query.id, query.raw).await
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.read_media(query).await
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.read_ids(id).await
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.read_contacts(query).await
    }

    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        self.read_contact(query).await
    }

    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        self.read_number(phone).await
    }

    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        self.read_group(query).await
    }

    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.read_qr().await
    }

    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.poll(query).await
    }

    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.change(action).await
    }
}

impl fmt::Debug for GreenApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GreenApi").finish_non_exhaustive()
    }
}
