//! The provider itself: one transport, what was probed, and the account's id once it was told.

mod change;
mod lists;
mod media;
mod people;
mod probe;
mod raw;
mod read_receipts;
mod search;
mod send;
mod session;
mod status;
mod upload;
mod webhook_config;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use wachats_core::transport::{Answer, Transport};
use wachats_core::{
    Action, Capabilities, Capability, Chat, ChatId, ChatsProvider, Contact, Error, ErrorKind, GetContact,
    GetGroup, GroupInfo, ListChats, ListContacts, ListMessages, MediaStream, Message, NumberCheck, OpenMedia,
    Operation, Outcome, Page, PairingQr, PictureQuery, ProviderInfo, Resolved, Result, Status,
};

use crate::capabilities;
use crate::config::GowaBuilder;
use crate::error::{local, unexpected};
use crate::version::Version;
use crate::wire::Envelope;

pub use raw::RawRequest;
pub use webhook_config::WebhookConfig;

/// A GOWA server, or one device of it.
///
/// ```no_run
/// use wachats_core::Chats;
/// use wachats_gowa::Gowa;
/// # fn main() -> wachats_core::Result<()> {
/// let gowa = Gowa::builder("http://127.0.0.1:3000").basic_auth("user", "password").device("dev1").build()?;
/// let chats = Chats::new(gowa);
/// # Ok(())
/// # }
/// ```
pub struct Gowa {
    transport: Transport,
    device: Option<String>,
    known: Mutex<Known>,
    /// Held while probing, so that it is done once.
    probing: tokio::sync::Mutex<()>,
}

/// What the server told so far.
struct Known {
    version: Version,
    capabilities: Arc<Capabilities>,
    account: Option<ChatId>,
}

impl Gowa {
    /// The settings of a server at `url`, its base path included.
    pub fn builder(url: impl AsRef<str>) -> GowaBuilder {
        GowaBuilder::new(url.as_ref())
    }

    pub(crate) fn new(transport: Transport, device: Option<String>) -> Self {
        let version = Version::UNKNOWN;
        let capabilities = Arc::new(capabilities::of(&version));
        let known = Mutex::new(Known { version, capabilities, account: None });
        Self { transport, device, known, probing: tokio::sync::Mutex::default() }
    }

    fn known<T>(&self, read: impl FnOnce(&mut Known) -> T) -> T {
        read(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, operation: Operation, capability: Capability) -> Error {
        let known = self.known(|known| Arc::clone(&known.capabilities));
        let reason = known.reason(capability).unwrap_or("the gateway can't do this").to_owned();
        local(ErrorKind::Unsupported, operation, "").with_capability(capability).with_message(reason)
    }
}

impl fmt::Debug for Gowa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gowa").field("device", &self.device.is_some()).finish_non_exhaustive()
    }
}

/// The results of an answer that must have some.
fn results<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    let envelope: Envelope<T> = answer.json()?;
    envelope.results.ok_or_else(|| unexpected(answer, "the answer has no results"))
}

#[async_trait]
impl ChatsProvider for Gowa {
    fn info(&self) -> ProviderInfo {
        self.known(|known| {
            let mut info = ProviderInfo::new(Arc::clone(&known.capabilities));
            info.unsure = capabilities::unsure(&known.version);
            info
        })
    }

    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.probed(Operation::Capabilities).await
    }

    async fn status(&self) -> Result<Status> {
        self.read_status().await
    }

    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.page_of_chats(query).await
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.picture(query).await
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.page_of_messages(query).await
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.media(query).await
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.resolve_ids(id).await
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.page_of_contacts(query).await
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

    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.act(&action).await
    }
}
