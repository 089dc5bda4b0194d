use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Action, Capabilities, Capability, Chat, ChatId, Contact, Error, ErrorKind, EventStream, Gateway,
    GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts, ListMessages, MediaStream, Message,
    NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page, PairingQr, PictureQuery, PollEvents,
    Resolved, Result, Status,
};

/// What a provider knows of itself without asking the gateway.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Which gateway.
    pub gateway: Gateway,
    /// What it can do, by the gateway's kind and by what was probed or refused so far.
    pub capabilities: Arc<Capabilities>,
    /// Capabilities that a wrong guess would have answered wrongly in silence: before they are used,
    /// [`ChatsProvider::capabilities`] is asked once. Empty after that.
    pub unsure: Vec<Capability>,
}

impl ProviderInfo {
    /// A provider that knows all of its capabilities.
    pub fn new(capabilities: Arc<Capabilities>) -> Self {
        Self { gateway: capabilities.gateway.clone(), capabilities, unsure: Vec::new() }
    }
}

/// What an engine implements: one gateway seen through the unified model.
///
/// Applications use [`Chats`](crate::Chats), which puts the layers around a provider. Reads are methods;
/// everything that changes something is [`perform`](Self::perform). What a provider doesn't serve answers
/// [`ErrorKind::Unsupported`], which is what the bodies given here do.
///
/// A provider declares each [`Capability`] `Native` (it honours it), `No`, or `Emulated`. Of a read,
/// `Emulated` asks the emulation layer to do it: the provider never sees the argument then, so it answers
/// `Unsupported` when it is given it all the same. The one exception is a search: the provider is asked first,
/// and answers it with all matches in one page, or `Unsupported`. Of an action, `Emulated` says that the provider itself
/// composes it.
///
/// # Cancel safety
/// Dropping a future may leave a change sent or not sent: its outcome is unknown then.
#[async_trait]
pub trait ChatsProvider: Any + Send + Sync {
    /// What is known without asking the gateway; sends nothing.
    fn info(&self) -> ProviderInfo;

    /// Probes engine and version once and keeps the answer.
    ///
    /// # Errors
    /// Those of a read.
    async fn capabilities(&self) -> Result<Arc<Capabilities>>;

    /// The state of the account: an answer whatever the state.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when the session isn't there.
    async fn status(&self) -> Result<Status> {
        Err(unsupported(self.info(), Operation::Status))
    }

    /// One page of chats.
    ///
    /// # Errors
    /// Those of a read; `Unsupported` for an argument that the gateway doesn't honour.
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let _ = query;
        Err(unsupported(self.info(), Operation::ListChats))
    }

    /// One page of chats with picture and last message. One picture that fails leaves `picture_url` empty.
    ///
    /// # Errors
    /// Those of a read.
    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        let _ = query;
        Err(unsupported(self.info(), Operation::Overview))
    }

    /// The address of a chat's picture; `None` where there is none or it is hidden.
    ///
    /// # Errors
    /// Those of a read.
    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        let _ = query;
        Err(unsupported(self.info(), Operation::ChatPicture))
    }

    /// One page of messages, newest first.
    ///
    /// # Errors
    /// Those of a read; `Unsupported` for an argument that the gateway doesn't honour.
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let _ = query;
        Err(unsupported(self.info(), Operation::ListMessages))
    }

    /// One message.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when it isn't there.
    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        let _ = query;
        Err(unsupported(self.info(), Operation::GetMessage))
    }

    /// The bytes of a message's media, as a stream.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when the message, or its media, is not there any more.
    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        let _ = query;
        Err(unsupported(self.info(), Operation::DownloadMedia))
    }

    /// The two ids of a person; what is not known is `None`.
    ///
    /// # Errors
    /// Those of a read; `InvalidInput` for an id that is no person's.
    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        let _ = id;
        Err(unsupported(self.info(), Operation::ResolveLid))
    }

    /// One page of the account's contacts, people only, by id in ascending order.
    ///
    /// # Errors
    /// Those of a read.
    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        let _ = query;
        Err(unsupported(self.info(), Operation::Contacts))
    }

    /// One contact.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when it isn't known.
    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        let _ = query;
        Err(unsupported(self.info(), Operation::Contact))
    }

    /// Whether a phone number is on WhatsApp.
    ///
    /// # Errors
    /// Those of a read; `InvalidInput` for an id that is no phone's.
    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        let _ = phone;
        Err(unsupported(self.info(), Operation::CheckNumber))
    }

    /// A group with its members.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when it isn't there, `Forbidden` when the account is no member.
    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        let _ = query;
        Err(unsupported(self.info(), Operation::GroupInfo))
    }

    /// The QR code that pairs a phone, as it is now.
    ///
    /// # Errors
    /// Those of a read; `Conflict` when a phone is paired already, `SessionNotReady` when there is no code.
    async fn pairing_qr(&self) -> Result<PairingQr> {
        Err(unsupported(self.info(), Operation::PairQr))
    }

    /// Begins to pull what happens, from a queue or a websocket. The stream lives on after this operation.
    ///
    /// # Errors
    /// Those of a read; `Conflict` where events are pushed to a webhook at the same time, or are pulled already.
    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        let _ = query;
        Err(unsupported(self.info(), Operation::PollEvents))
    }

    /// Does something that changes something.
    ///
    /// # Errors
    /// [`Error::effect`] tells whether it may have taken effect; `OutcomeUnknown` when it is not known.
    async fn perform(&self, action: Action) -> Result<Outcome> {
        Err(unsupported(self.info(), action.operation()))
    }
}

fn unsupported(info: ProviderInfo, operation: Operation) -> Error {
    let error = Error::new(ErrorKind::Unsupported, operation).with_gateway(info.gateway);
    match operation.capability() {
        Some(capability) => error.with_capability(capability),
        None => error,
    }
}
