#[cfg(feature = "websocket")]
mod catch_up;
mod change;
mod chosen;
mod media;
mod people;
mod probe;
mod raw;
mod read;
mod reply;
mod send;
mod session;
#[cfg(feature = "websocket")]
mod socket;
mod webhook_config;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use chrono::Utc;
use reqwest::Method;
use secrecy::SecretString;
use wachats_core::transport::{Call, Transport};
use wachats_core::{
    Action, Capabilities, Capability, Chat, ChatId, ChatsProvider, Contact, Effect, Error, ErrorKind,
    EventStream, GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts, ListMessages,
    MediaStream, Message, NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page, PairingQr,
    PictureQuery, PollEvents, ProviderInfo, Repeat, Resolved, Result, Status, Support,
};

use crate::WahaBuilder;
use crate::capability::{UNSURE, capabilities};
use crate::dialect::Dialect;
use crate::engine::{Engine, Seen};
use crate::translate::Context;

pub(crate) use probe::state as session_state;
pub use raw::RawRequest;
pub use webhook_config::{WebhookConfig, WebhookRetries};

/// One session of a WAHA server.
///
/// Wrap it in [`Chats`](wachats_core::Chats) to work with it.
///
/// ```
/// use wachats_core::Chats;
/// use wachats_waha::Waha;
/// let waha = Waha::builder("http://localhost:3000").session("default").key("the API key").build()?;
/// let chats = Chats::new(waha); // nothing was sent yet
/// # Ok::<(), wachats_core::Error>(())
/// ```
pub struct Waha {
    transport: Transport,
    dialect: Dialect,
    session: String,
    /// Websockets take it in their address.
    #[cfg(feature = "websocket")]
    key: SecretString,
    known: RwLock<Known>,
    probing: tokio::sync::Mutex<()>,
}

/// What was learnt of the server so far.
struct Known {
    capabilities: Arc<Capabilities>,
    probed: bool,
    seen: Seen,
    /// The engine as a page of chats showed it, where it wasn't asked for.
    sniffed: Option<Engine>,
}

impl Waha {
    /// A backend for the WAHA server at this address, as `http://localhost:3000`; a path is kept.
    pub fn builder(url: impl AsRef<str>) -> WahaBuilder {
        WahaBuilder::new(url.as_ref())
    }

    #[cfg_attr(not(feature = "websocket"), allow(unused_variables, reason = "the transport holds the key"))]
    pub(crate) fn new(transport: Transport, dialect: Dialect, session: String, key: SecretString) -> Self {
        let seen = Seen::default();
        let known = Known {
            capabilities: Arc::new(capabilities(&dialect, &seen)),
            probed: false,
            seen,
            sniffed: None,
        };
        Self {
            transport,
            dialect,
            session,
            #[cfg(feature = "websocket")]
            key,
            known: RwLock::new(known),
            probing: tokio::sync::Mutex::default(),
        }
    }

    /// The same session over the same connection, for what outlives an operation; it learns on its own.
    #[cfg(feature = "websocket")]
    fn twin(&self) -> Self {
        Self::new(self.transport.clone(), self.dialect.clone(), self.session.clone(), self.key.clone())
    }

    /// The name of the session.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// A request of your own with this backend's key, limits and errors; `path` are the segments after the
    /// base address, as `["api", "default", "groups"]`, and are encoded.
    ///
    /// `GET` and `HEAD` count as reads and are retried as such; anything else is never repeated.
    pub fn request<'a>(&self, method: Method, path: impl IntoIterator<Item = &'a str>) -> RawRequest<'_> {
        RawRequest::new(self, method, path)
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn current(&self) -> Arc<Capabilities> {
        Arc::clone(&self.known().capabilities)
    }

    fn engine(&self) -> Option<Engine> {
        let known = self.known();
        known.seen.engine.or(known.sniffed)
    }

    fn context(&self, chat: Option<&ChatId>) -> Context<'_> {
        let engine = self.engine();
        let account = self.known().seen.account.clone();
        Context { engine, account, chat: chat.cloned(), base: self.transport.base(), now: Utc::now() }
    }

    /// A request about the chats of the session; `route` is the template of its whole path.
    fn chats(&self, operation: Operation, method: Method, route: &'static str, tail: &[&str]) -> Call {
        let path = ["api", self.session.as_str(), "chats"];
        self.transport.call(operation, method, route).path(path).path(tail.iter().copied())
    }

    /// A read that belongs to this operation, whatever the operation does.
    fn look_up(&self, operation: Operation, route: &'static str, tail: &[&str]) -> Call {
        self.chats(operation, Method::GET, route, tail).repeat(Repeat::Read)
    }

    /// Refuses arguments that the gateway itself doesn't honour: the emulation layer takes them off before.
    fn native(&self, operation: Operation, wanted: &[(bool, Capability)]) -> Result<()> {
        let known = self.current();
        let lacking = wanted.iter().find(|(given, c)| *given && known.support(*c) != Support::Native);
        match lacking {
            Some((_, capability)) => Err(self.unsupported(operation, *capability)),
            None => Ok(()),
        }
    }

    fn unsupported(&self, operation: Operation, capability: Capability) -> Error {
        let known = self.current();
        let reason = known.reason(capability).unwrap_or("the gateway can't do this").to_owned();
        Error::new(ErrorKind::Unsupported, operation)
            .with_gateway(self.dialect.gateway.clone())
            .with_capability(capability)
            .with_effect(Effect::NotSent)
            .with_message(reason)
    }
}

#[async_trait]
impl ChatsProvider for Waha {
    fn info(&self) -> ProviderInfo {
        let known = self.known();
        let mut info = ProviderInfo::new(Arc::clone(&known.capabilities));
        if !known.probed {
            info.unsure = UNSURE.to_vec();
        }
        info
    }

    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.probe().await
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
        self.read_picture(query).await
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.read_messages(query).await
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.find(Operation::GetMessage, &query.chat, &query.id, query.fetch_media, query.raw).await
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.fetch_media(query).await
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.read_lid(id).await
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
        #[cfg(feature = "websocket")]
        return self.open_socket(query).await;
        #[cfg(not(feature = "websocket"))]
        {
            let _ = query;
            Err(self.unsupported(Operation::PollEvents, Capability::PollEvents))
        }
    }

    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.change(action).await
    }
}

impl fmt::Debug for Waha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waha").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}
