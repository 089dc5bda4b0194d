use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::{
    Action, Capabilities, Capability, Chat, ChatId, ChatScope, ChatSort, ChatsProvider, Contact, Effect,
    Error, ErrorKind, EventStream, GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts,
    ListMessages, MediaStream, Message, NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page,
    PairingQr, PictureQuery, PollEvents, ProviderInfo, Resolved, Result, SortOrder, Status, Support,
};

/// Capabilities of several routes, of which a gateway may lack one alone: what was refused of one of them tells
/// nothing of the others.
const OF_SEVERAL_ROUTES: [Capability; 4] =
    [Capability::SendMedia, Capability::Typing, Capability::SessionControl, Capability::Contacts];

/// Refuses, before any request, what the gateway is known not to honour: by its kind, by the probe, or
/// because it refused it before. A filter is never ignored in silence.
pub struct Guard {
    inner: Arc<dyn ChatsProvider>,
    /// What the gateway itself refused with a status, and the reason it gave.
    refused: Mutex<BTreeMap<Capability, String>>,
}

impl Guard {
    /// Around this provider.
    pub fn new(inner: Arc<dyn ChatsProvider>) -> Self {
        Self { inner, refused: Mutex::default() }
    }

    async fn check(&self, operation: Operation, needed: &[Capability]) -> Result<()> {
        let info = self.inner.info();
        let capabilities = if needed.iter().any(|c| info.unsure.contains(c)) {
            self.inner.capabilities().await.map_err(|e| e.with_operation(operation))?
        } else {
            info.capabilities
        };
        for capability in needed {
            let remembered =
                self.refused.lock().unwrap_or_else(PoisonError::into_inner).get(capability).cloned();
            let reason = match remembered {
                Some(reason) => Some(reason),
                None if capabilities.support(*capability) == Support::No => {
                    Some(capabilities.reason(*capability).unwrap_or("the gateway can't do this").to_owned())
                }
                None => None,
            };
            if let Some(reason) = reason {
                return Err(Error::new(ErrorKind::Unsupported, operation)
                    .with_gateway(info.gateway)
                    .with_capability(*capability)
                    .with_effect(Effect::NotSent)
                    .with_message(if Some(*capability) == operation.capability() {
                        reason
                    } else {
                        format!("{capability}: {reason}")
                    }));
            }
        }
        Ok(())
    }

    /// Remembers a refusal of the gateway's own.
    fn learn<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && error.kind() == ErrorKind::Unsupported
            && error.status().is_some()
            && let Some(capability) = error.capability()
            && !OF_SEVERAL_ROUTES.contains(&capability)
        {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused.insert(capability, error.message().to_owned());
        }
        result
    }

    fn invalid(&self, operation: Operation, message: &'static str) -> Error {
        Error::new(ErrorKind::InvalidInput, operation)
            .with_gateway(self.inner.info().gateway)
            .with_message(message)
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

/// The capabilities that a list of chats needs, its arguments looked at.
fn of_chats(query: &ListChats) -> Vec<Capability> {
    let wanted = [
        (true, Capability::ListChats),
        (query.offset > 0, Capability::ChatsOffset),
        (query.sort != ChatSort::Activity || query.order != SortOrder::Desc, Capability::ChatsSort),
        (query.archived.is_some(), Capability::FilterArchived),
        (query.name.is_some(), Capability::FilterName),
    ];
    wanted.into_iter().filter_map(|(wanted, c)| wanted.then_some(c)).collect()
}

/// The capabilities that a list of messages needs, its arguments looked at.
fn of_messages(query: &ListMessages) -> Vec<Capability> {
    let all = query.chat == ChatScope::All;
    let wanted = [
        (!all, Capability::ListMessages),
        (all, Capability::AllMessages),
        (query.offset > 0, Capability::MessagesOffset),
        (query.since.is_some(), Capability::FilterSince),
        (query.until.is_some(), Capability::FilterUntil),
        (query.from_me.is_some(), Capability::FilterFromMe),
        (query.ack.is_some(), Capability::FilterAck),
        (query.media_only, Capability::FilterMedia),
        (query.search.is_some(), Capability::Search),
    ];
    wanted.into_iter().filter_map(|(wanted, c)| wanted.then_some(c)).collect()
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatsProvider for Guard {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }

    /// With what the gateway refused since taken into account.
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        let known = self.inner.capabilities().await?;
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.is_empty() {
            return Ok(known);
        }
        let mut merged = Capabilities::clone(&known);
        for (capability, reason) in refused.iter() {
            merged.set(*capability, crate::Entry::no(reason.clone()));
        }
        Ok(Arc::new(merged))
    }

    async fn status(&self) -> Result<Status> {
        self.check(Operation::Status, &[Capability::Status]).await?;
        self.inner.status().await
    }

    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        if query.limit == Some(0) {
            return Err(self.invalid(Operation::ListChats, "a limit of 0 asks for nothing"));
        }
        self.check(Operation::ListChats, &of_chats(query)).await?;
        self.learn(self.inner.list_chats(query).await)
    }

    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        if query.limit == Some(0) {
            return Err(self.invalid(Operation::Overview, "a limit of 0 asks for nothing"));
        }
        self.check(Operation::Overview, &[Capability::Overview]).await?;
        self.learn(self.inner.overview(query).await)
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        let needed = [Capability::ChatPicture, Capability::PictureRefresh];
        self.check(
            Operation::ChatPicture,
            needed.get(..if query.refresh { 2 } else { 1 }).unwrap_or(&needed),
        )
        .await?;
        self.learn(self.inner.chat_picture(query).await)
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let operation = Operation::ListMessages;
        query.check().map_err(|e| e.with_gateway(self.inner.info().gateway))?;
        self.check(operation, &of_messages(query)).await?;
        self.learn(self.inner.list_messages(query).await)
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.check(Operation::GetMessage, &[Capability::GetMessage]).await?;
        self.learn(self.inner.get_message(query).await)
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.check(Operation::DownloadMedia, &[Capability::DownloadMedia]).await?;
        self.learn(self.inner.open_media(query).await)
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        if !id.is_phone() && !id.is_lid() {
            return Err(
                self.invalid(Operation::ResolveLid, "only a person's id, a phone or a lid, can be resolved")
            );
        }
        self.check(Operation::ResolveLid, &[Capability::ResolveLid]).await?;
        self.learn(self.inner.resolve(id).await)
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        if query.limit == Some(0) {
            return Err(self.invalid(Operation::Contacts, "a limit of 0 asks for nothing"));
        }
        self.check(Operation::Contacts, &[Capability::Contacts]).await?;
        self.learn(self.inner.contacts(query).await)
    }

    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        if !query.id.is_phone() && !query.id.is_lid() {
            return Err(self.invalid(Operation::Contact, "a contact is a person: a phone's id, or a lid"));
        }
        self.check(Operation::Contact, &[Capability::Contacts]).await?;
        self.learn(self.inner.contact(query).await)
    }

    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        if !phone.is_phone() {
            return Err(self.invalid(Operation::CheckNumber, "only a phone number can be checked"));
        }
        self.check(Operation::CheckNumber, &[Capability::CheckNumber]).await?;
        self.learn(self.inner.check_number(phone).await)
    }

    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        if !query.id.is_group() {
            return Err(self.invalid(Operation::GroupInfo, "a group's id ends in @g.us"));
        }
        self.check(Operation::GroupInfo, &[Capability::GroupInfo]).await?;
        self.learn(self.inner.group(query).await)
    }

    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.check(Operation::PairQr, &[Capability::PairQr]).await?;
        self.learn(self.inner.pairing_qr().await)
    }

    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.check(Operation::PollEvents, &[Capability::PollEvents]).await?;
        self.learn(self.inner.poll_events(query).await)
    }

    async fn perform(&self, action: Action) -> Result<Outcome> {
        action.check().map_err(|e| e.with_gateway(self.inner.info().gateway))?;
        if let Action::SendMedia { attachment, .. } = &action {
            attachment.check().await.map_err(|e| e.with_gateway(self.inner.info().gateway))?;
        }
        self.check(action.operation(), &action.capabilities()).await?;
        self.learn(self.inner.perform(action).await)
    }
}
