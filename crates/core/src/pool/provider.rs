use std::sync::Arc;

use async_trait::async_trait;
use futures::future::{BoxFuture, join_all};

use super::{POOL, Pool};
use crate::{
    Action, Capabilities, Capability, Chat, ChatId, ChatScope, ChatsProvider, Contact, Effect, Error,
    ErrorKind, EventStream, GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts,
    ListMessages, MediaStream, Message, NumberCheck, OpenMedia, Operation, Outcome, OverviewQuery, Page,
    PageToken, PairingQr, PictureQuery, PollEvents, ProviderInfo, Resolved, Result, SessionState, Status,
};

/// Why a pool neither pairs nor starts anything.
pub(super) const NO_SESSION: &str = "a pool has no session of its own: ask the member";

impl Pool {
    async fn of_chat<'s, T>(
        &'s self,
        operation: Operation,
        chat: Option<&ChatId>,
        call: impl Fn(&'s dyn ChatsProvider, bool) -> BoxFuture<'s, Result<T>> + Send,
    ) -> Result<T> {
        let order = self.inner.order(chat, false);
        self.inner.read(&order, operation, call).await.map(|(_, answer)| answer)
    }

    /// A page goes on at the member that gave the one before it: others page in other ways.
    async fn page<'s, T>(
        &'s self,
        operation: Operation,
        chat: Option<&ChatId>,
        (token, query): (Option<&PageToken>, u64),
        call: impl Fn(&'s dyn ChatsProvider, Option<PageToken>) -> BoxFuture<'s, Result<Page<T>>> + Send,
    ) -> Result<Page<T>> {
        let (order, inner) = match token {
            None => (self.inner.order(chat, false), None),
            Some(token) => {
                let (name, inner): (String, PageToken) = token.open(&POOL, query, operation)?;
                (vec![self.inner.index(&name).map_err(|e| e.with_operation(operation))?], Some(inner))
            }
        };
        let call = move |provider, _| call(provider, inner.clone());
        let (member, mut page) = self.inner.read(&order, operation, call).await?;
        page.next = page.next.map(|next| PageToken::new(POOL, query, &(member.name(), next))).transpose()?;
        Ok(page)
    }

    fn of_one_account(&self, operation: Operation, capability: Capability) -> Result<()> {
        if !self.inner.separate {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unsupported, operation)
            .with_gateway(POOL)
            .with_capability(capability)
            .with_effect(Effect::NotSent)
            .with_message("the pool's members are separate accounts: ask each of them"))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatsProvider for Pool {
    fn info(&self) -> ProviderInfo {
        self.inner.merged()
    }

    /// Probes all members; one that can't be reached is taken at its gateway's word.
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        let asked = self.inner.members.iter().map(|m| async move {
            let answer = m.provider().capabilities().await;
            m.judge(&answer);
            answer.err()
        });
        let failed: Vec<Error> = join_all(asked).await.into_iter().flatten().collect();
        if failed.len() == self.inner.members.len()
            && let Some(error) = failed.into_iter().next()
        {
            return Err(error);
        }
        Ok(self.inner.merged().capabilities)
    }

    /// `Working` where one member works; the detail tells each by its name.
    async fn status(&self) -> Result<Status> {
        let asked = self.inner.members.iter().map(|m| async move {
            let answer = m.provider().status().await;
            m.judge(&answer);
            (m, answer)
        });
        let answers = join_all(asked).await;
        let best = answers.iter().filter_map(|(_, a)| a.as_ref().ok()).min_by_key(|s| rank(&s.state));
        let Some(best) = best else {
            let error = answers.into_iter().find_map(|(_, answer)| answer.err());
            return Err(error.unwrap_or_else(|| Error::new(ErrorKind::Unexpected, Operation::Status)));
        };
        let mut status = Status::new(POOL, best.state.clone());
        if !self.inner.separate {
            status.account_id.clone_from(&best.account_id);
        }
        let told = answers.iter().map(|(member, answer)| match answer {
            Ok(status) => format!("{}: {}", member.name(), status.state),
            Err(error) => format!("{}: {}", member.name(), error.kind()),
        });
        status.detail = Some(told.collect::<Vec<_>>().join(", "));
        Ok(status)
    }

    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let operation = Operation::ListChats;
        self.of_one_account(operation, Capability::ListChats)?;
        self.page(operation, None, (query.page.as_ref(), query.fingerprint()), |provider, page| {
            let query = ListChats { page, ..query.clone() };
            Box::pin(async move { provider.list_chats(&query).await })
        })
        .await
    }

    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        let operation = Operation::Overview;
        self.of_one_account(operation, Capability::Overview)?;
        self.page(operation, None, (query.page.as_ref(), query.fingerprint()), |provider, page| {
            let query = OverviewQuery { page, ..query.clone() };
            Box::pin(async move { provider.overview(&query).await })
        })
        .await
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.of_chat(Operation::ChatPicture, Some(&query.chat), |p, _| p.chat_picture(query)).await
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let operation = Operation::ListMessages;
        if query.chat == ChatScope::All {
            self.of_one_account(operation, Capability::AllMessages)?;
        }
        let token = (query.page.as_ref(), query.fingerprint());
        self.page(operation, query.chat.chat(), token, |provider, page| {
            let query = ListMessages { page, ..query.clone() };
            Box::pin(async move { provider.list_messages(&query).await })
        })
        .await
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        self.of_chat(Operation::GetMessage, Some(&query.chat), |p, _| p.get_message(query)).await
    }

    /// Another member is asked by the message's id: the address that one gateway gave is nothing to another.
    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        self.of_chat(Operation::DownloadMedia, Some(&query.chat), |provider, first| {
            let mut query = query.clone();
            if !first {
                query.message = None;
            }
            Box::pin(async move { provider.open_media(&query).await })
        })
        .await
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.of_chat(Operation::ResolveLid, Some(id), |p, _| p.resolve(id)).await
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        let operation = Operation::Contacts;
        self.of_one_account(operation, Capability::Contacts)?;
        self.page(operation, None, (query.page.as_ref(), query.fingerprint()), |provider, page| {
            let query = ListContacts { page, ..query.clone() };
            Box::pin(async move { provider.contacts(&query).await })
        })
        .await
    }

    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        self.of_chat(Operation::Contact, Some(&query.id), |p, _| p.contact(query)).await
    }

    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        self.of_chat(Operation::CheckNumber, Some(phone), |p, _| p.check_number(phone)).await
    }

    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        self.of_chat(Operation::GroupInfo, Some(&query.id), |p, _| p.group(query)).await
    }

    async fn pairing_qr(&self) -> Result<PairingQr> {
        Err(no_session(Operation::PairQr))
    }

    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.of_one_account(Operation::PollEvents, Capability::PollEvents)?;
        self.of_chat(Operation::PollEvents, None, |p, _| p.poll_events(query)).await
    }

    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.inner.change(action).await
    }
}

/// Each member has a session of its own: which one is meant must be said.
pub(super) fn no_session(operation: Operation) -> Error {
    let error = Error::new(ErrorKind::Unsupported, operation)
        .with_gateway(POOL)
        .with_effect(Effect::NotSent)
        .with_message(NO_SESSION);
    match operation.capability() {
        Some(capability) => error.with_capability(capability),
        None => error,
    }
}

/// The better of two states is the one from which work is nearer.
fn rank(state: &SessionState) -> u8 {
    match state {
        SessionState::Working => 0,
        SessionState::Starting => 1,
        SessionState::NeedsPairing => 2,
        SessionState::Stopped => 3,
        SessionState::Failed => 4,
        _ => 5,
    }
}
