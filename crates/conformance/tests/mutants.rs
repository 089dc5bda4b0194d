//! A suite that nothing fails proves nothing: providers with one fault each, and the case that must find it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod world;

use std::sync::Arc;

use async_trait::async_trait;
use wachats_conformance::{Fixture, Suite};
use wachats_core::{
    Action, Capabilities, Capability, Chat, ChatId, Chats, ChatsProvider, Entry, Error, ErrorKind,
    GetMessage, ListChats, ListMessages, MediaStream, Memory, Message, OpenMedia, Operation, Outcome,
    OverviewQuery, Page, PictureQuery, ProviderInfo, Resolved, Result, SessionState, Status,
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    DoublesChats,
    LosesAChat,
    IgnoresArchived,
    IgnoresSince,
    ExclusiveUntil,
    AsciiSearch,
    ForgetsTheChange,
    ServesWhatItDenies,
    DeniesWhatItClaims,
    LosesMessages,
    OldestFirst,
    OtherMessage,
    OtherBytes,
    NoGateway,
    NotWorking,
}

/// A memory with one fault.
struct Mutant(Memory, Fault);

#[async_trait]
impl ChatsProvider for Mutant {
    fn info(&self) -> ProviderInfo {
        let mut info = self.0.info();
        if self.1 == Fault::ServesWhatItDenies {
            let mut told = Capabilities::clone(&info.capabilities);
            told.set(Capability::Archive, Entry::no("it says that it can't"));
            info.capabilities = Arc::new(told);
        }
        info
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        Ok(self.info().capabilities)
    }
    async fn status(&self) -> Result<Status> {
        let mut status = self.0.status().await?;
        if self.1 == Fault::NotWorking {
            status.state = SessionState::Unknown;
        }
        Ok(status)
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let mut query = query.clone();
        if self.1 == Fault::IgnoresArchived {
            query.archived = None;
        }
        let mut page = self.0.list_chats(&query).await?;
        match self.1 {
            Fault::DoublesChats => page.items.extend(page.items.last().cloned()),
            Fault::LosesAChat => page.items.retain(|chat| !chat.id.is_group()),
            _ => {}
        }
        Ok(page)
    }
    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        self.0.overview(query).await
    }
    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.0.chat_picture(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        tokio::task::yield_now().await; // lets the suite's time run out
        let mut query = query.clone();
        if self.1 == Fault::IgnoresSince {
            query.since = None;
        }
        if let (Fault::ExclusiveUntil, Some(until)) = (self.1, &mut query.until) {
            *until -= chrono::TimeDelta::seconds(1);
        }
        if let (Fault::AsciiSearch, Some(text)) = (self.1, &query.search)
            && !text.is_ascii()
        {
            return Ok(Page::new(Vec::new()));
        }
        let mut page = self.0.list_messages(&query).await?;
        match self.1 {
            Fault::LosesMessages => page.items.retain(|m| !m.key.as_str().ends_with('7')),
            Fault::OldestFirst => page.items.reverse(),
            _ => {}
        }
        Ok(page)
    }
    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        match self.1 {
            Fault::OtherMessage => {
                let page = self.0.list_messages(&ListMessages::new(query.chat.clone())).await?;
                page.items
                    .into_iter()
                    .next_back()
                    .ok_or_else(|| Error::new(ErrorKind::NotFound, Operation::GetMessage))
            }
            Fault::NoGateway => Err(Error::new(ErrorKind::NotFound, Operation::GetMessage)),
            Fault::DeniesWhatItClaims => Err(Error::new(ErrorKind::Unsupported, Operation::GetMessage)),
            _ => self.0.get_message(query).await,
        }
    }
    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        if self.1 == Fault::OtherBytes {
            return Ok(MediaStream::new(futures::stream::iter([Ok("another one".into())])));
        }
        self.0.open_media(query).await
    }
    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        self.0.resolve(id).await
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        if self.1 == Fault::ForgetsTheChange {
            return Ok(Outcome::of(&action));
        }
        self.0.perform(action).await
    }
}

#[tokio::test]
async fn each_fault_is_found_by_its_case() {
    // Without layers in one of them, to see what the guard would have hidden.
    let all = [
        (Fault::DoublesChats, "chats: page by page"),
        (Fault::LosesAChat, "chats: all of them, once"),
        (Fault::IgnoresArchived, "chats: archived or not"),
        (Fault::IgnoresSince, "filter: since is inclusive"),
        (Fault::ExclusiveUntil, "filter: until is inclusive"),
        (Fault::AsciiSearch, "search: any letter case, any script"),
        (Fault::ForgetsTheChange, "archive: set and taken back"),
        (Fault::ForgetsTheChange, "send: it is there afterwards"),
        (Fault::ForgetsTheChange, "edit: the text is the new one"),
        (Fault::ForgetsTheChange, "delete a chat: it leaves the list"),
        (Fault::ForgetsTheChange, "forward: a message of another chat"),
        (Fault::ServesWhatItDenies, "claim: archive"),
        (Fault::DeniesWhatItClaims, "claim: get_message"),
        (Fault::LosesMessages, "messages: all of them, once"),
        (Fault::OldestFirst, "messages: page by page"),
        (Fault::OtherMessage, "message: by either form of its id"),
        (Fault::OtherMessage, "message: one that isn't there"),
        (Fault::NoGateway, "message: one that isn't there"),
        (Fault::OtherBytes, "media: the very bytes"),
        (Fault::NotWorking, "status: an answer"),
    ];
    for (fault, case) in all {
        let suite = Suite::new(move || async move {
            let expected = world::expected();
            let mutant = Mutant(world::memory(&expected), fault);
            let chats = match fault {
                Fault::ServesWhatItDenies => Chats::builder(mutant).without_layers().build(),
                _ => Chats::new(mutant),
            };
            Ok(Fixture::new(chats, expected))
        });
        let report = suite.only(case).case_time(std::time::Duration::from_secs(3)).run().await;
        assert!(report.failed.iter().any(|c| c.name == case), "{fault:?} is not found by {case:?}: {report}");
    }
}
