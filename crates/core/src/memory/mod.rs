use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    Action, Capabilities, Capability, Chat, ChatId, ChatKind, ChatsProvider, Contact, Ending, Entry, Error,
    ErrorKind, EventStream, Gateway, GetContact, GetGroup, GetMessage, GroupInfo, ListChats, ListContacts,
    ListMessages, MediaStream, Message, MessageKey, Missing, NumberCheck, OpenMedia, Operation, Outcome,
    OverviewQuery, Page, Pager, Paging, PairingQr, PictureQuery, PollEvents, ProviderInfo, Resolved, Result,
    SessionState, Status, Support,
};

mod act;
mod people;
mod read;
mod send;
mod tell;

/// A provider without sockets, over chats and messages held in memory: for tests of your own.
///
/// It does everything natively unless told otherwise through [`capabilities_mut`](Self::capabilities_mut):
/// what is declared `Emulated` or `No` there it refuses, as a gateway would, and how lists are paged is
/// declared there too. Actions change the data. Clones share it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use wachats_core::{Chat, ChatId, Chats, Memory, Message};
///
/// let anna: ChatId = "79001234567@c.us".parse()?;
/// let mut hello = Message::new(anna.clone(), "3EB0C431".parse()?, false);
/// hello.text = Some("Hello".into());
/// let memory = Memory::new([Chat::new(anna.clone())], [hello]);
///
/// let chats = Chats::new(memory.clone());
/// chats.chat(&anna)?.send("Good morning").await?;
/// let messages = chats.chat(&anna)?.messages().collect().await?;
/// assert_eq!(messages.len(), 2);
/// assert_eq!(memory.requests(), 2); // one for the send, one for the list
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Memory {
    data: Arc<Mutex<Data>>,
    capabilities: Arc<Capabilities>,
    whole_seconds: bool,
    largest_answer: Option<u32>,
    drops: Option<Drops>,
}

type Drops = Arc<dyn Fn(&Message) -> bool + Send + Sync>;

#[derive(Default)]
struct Data {
    chats: Vec<Chat>,
    /// Newest first; those of one time in the order given, later ones before them.
    messages: Vec<Message>,
    media: BTreeMap<MessageKey, Bytes>,
    state: Option<SessionState>,
    requests: u64,
    sent: u64,
    told: u64,
    contacts: BTreeMap<ChatId, Contact>,
    groups: BTreeMap<ChatId, GroupInfo>,
    listeners: Vec<tokio::sync::mpsc::UnboundedSender<crate::Event>>,
}

impl Data {
    fn insert(&mut self, message: Message) {
        let at = self.messages.partition_point(|m| m.sent_at > message.sent_at);
        match self.chats.iter_mut().find(|c| c.id == message.chat_id) {
            Some(chat) => chat.last_message_at = chat.last_message_at.max(message.sent_at),
            None => {
                let mut chat = Chat::new(message.chat_id.clone());
                chat.last_message_at = message.sent_at;
                self.chats.push(chat);
            }
        }
        self.tell_message(&message);
        self.messages.insert(at, message);
    }
}

impl Memory {
    /// These chats and messages. A chat that has messages is there even if it isn't given.
    pub fn new(chats: impl IntoIterator<Item = Chat>, messages: impl IntoIterator<Item = Message>) -> Self {
        let mut data = Data { chats: chats.into_iter().collect(), ..Data::default() };
        let mut messages: Vec<Message> = messages.into_iter().collect();
        messages.sort_by_key(|m| std::cmp::Reverse(m.sent_at));
        let mut newest: BTreeMap<&ChatId, &Message> = BTreeMap::new();
        for message in &messages {
            newest.entry(&message.chat_id).or_insert(message);
        }
        for chat in &mut data.chats {
            if let Some(message) = newest.remove(&chat.id) {
                chat.last_message_at = chat.last_message_at.max(message.sent_at);
            }
        }
        for (id, message) in newest {
            let mut chat = Chat::new(id.clone());
            chat.last_message_at = message.sent_at;
            data.chats.push(chat);
        }
        data.messages = messages;
        let mut capabilities =
            Capabilities::none(Gateway::MEMORY, "nothing reaches the memory provider by http");
        for capability in Capability::ALL {
            if *capability != Capability::WebhookEvents && !Capability::NOT_BUILT.contains(capability) {
                capabilities.set(*capability, Entry::native());
            }
        }
        capabilities.set(
            Capability::Sync,
            Entry::emulated("a page of chats and the new messages of each that changed"),
        );
        let by_time = Pager::Time { overlap: std::time::Duration::ZERO };
        capabilities.messages = Paging::new(by_time, Ending::ShortPage, 100, 1_000);
        capabilities.chats = Paging::new(Pager::Offset, Ending::ShortPage, 100, 1_000);
        Self {
            data: Arc::new(Mutex::new(data)),
            capabilities: Arc::new(capabilities),
            whole_seconds: false,
            largest_answer: None,
            drops: None,
        }
    }

    /// What it declares, to be changed before it is used. Declaring a pager doesn't withdraw an argument:
    /// a gateway that takes only a count also declares `MessagesOffset` and `FilterUntil` emulated.
    pub fn capabilities_mut(&mut self) -> &mut Capabilities {
        Arc::make_mut(&mut self.capabilities)
    }

    /// The same with one capability declared otherwise.
    pub fn with_capability(mut self, capability: Capability, entry: Entry) -> Self {
        self.capabilities_mut().set(capability, entry);
        self
    }

    /// Shows times in whole seconds although it sorts and filters by finer ones, as GOWA does.
    pub fn whole_seconds(mut self) -> Self {
        self.whole_seconds = true;
        self
    }

    /// Drops these messages after it has cut the page, as WAHA does: pages are shorter than asked for.
    pub fn dropping(mut self, drops: impl Fn(&Message) -> bool + Send + Sync + 'static) -> Self {
        self.drops = Some(Arc::new(drops));
        self
    }

    /// Answers `TooLarge` when more rows than this are asked for and there.
    pub fn largest_answer(mut self, rows: u32) -> Self {
        self.largest_answer = Some(rows);
        self
    }

    /// The media of the message of this key.
    pub fn with_media(self, key: MessageKey, bytes: impl Into<Bytes>) -> Self {
        self.lock().media.insert(key, bytes.into());
        self
    }

    /// The state that [`status`](ChatsProvider::status) tells; `Working` where none is set.
    pub fn set_state(&self, state: SessionState) {
        self.lock().state = Some(state);
    }

    /// Puts a message in, as if it had arrived; its chat becomes active at its time.
    pub fn insert(&self, message: Message) {
        self.lock().insert(message);
    }

    /// Takes a message out; false where it isn't.
    pub fn remove(&self, chat: &ChatId, key: &MessageKey) -> bool {
        let mut data = self.lock();
        let before = data.messages.len();
        data.messages.retain(|m| m.chat_id != *chat || m.key != *key);
        data.messages.len() < before
    }

    /// Puts a chat in, or replaces the one of the same id.
    pub fn put_chat(&self, chat: Chat) {
        let mut data = self.lock();
        match data.chats.iter_mut().find(|c| c.id == chat.id) {
            Some(old) => *old = chat,
            None => data.chats.push(chat),
        }
    }

    /// Takes a chat out and leaves its messages; false where it isn't.
    pub fn remove_chat(&self, id: &ChatId) -> bool {
        let mut data = self.lock();
        let before = data.chats.len();
        data.chats.retain(|c| c.id != *id);
        data.chats.len() < before
    }

    /// The chats as they are.
    pub fn chats(&self) -> Vec<Chat> {
        self.lock().chats.clone()
    }

    /// The messages as they are, newest first.
    pub fn messages(&self) -> Vec<Message> {
        self.lock().messages.clone()
    }

    /// How many operations were asked of it so far, refused ones included: what would have been requests.
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the request and refuses what is declared otherwise than native.
    fn begin(&self, operation: Operation, used: &[(bool, Capability)]) -> Result<MutexGuard<'_, Data>> {
        let mut data = self.lock();
        data.requests += 1;
        for (_, capability) in used.iter().filter(|(used, _)| *used) {
            let support = self.capabilities.support(*capability);
            let composed = !operation.is_read() && support == Support::Emulated;
            if support != Support::Native && !composed {
                let reason = self.capabilities.reason(*capability).unwrap_or("declared so");
                return Err(Error::new(ErrorKind::Unsupported, operation)
                    .with_gateway(Gateway::MEMORY)
                    .with_capability(*capability)
                    .with_message(reason.to_owned()));
            }
        }
        Ok(data)
    }

    fn error(&self, kind: ErrorKind, operation: Operation, message: &'static str) -> Error {
        Error::new(kind, operation).with_gateway(Gateway::MEMORY).with_message(message)
    }

    fn missing(&self, missing: Missing, operation: Operation) -> Error {
        Error::new(ErrorKind::NotFound, operation).with_gateway(Gateway::MEMORY).with_missing(missing)
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

#[async_trait]
impl ChatsProvider for Memory {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(self.capabilities.clone())
    }

    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        Ok(self.capabilities.clone())
    }

    async fn status(&self) -> Result<Status> {
        let data = self.begin(Operation::Status, &[(true, Capability::Status)])?;
        let mut status = Status::new(Gateway::MEMORY, data.state.clone().unwrap_or(SessionState::Working));
        status.restart_mends = status.state == SessionState::Failed;
        Ok(status)
    }

    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.read_chats(query)
    }

    async fn overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        self.read_overview(query)
    }

    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        let used = [(true, Capability::ChatPicture), (query.refresh, Capability::PictureRefresh)];
        let data = self.begin(Operation::ChatPicture, &used)?;
        Ok(data.chats.iter().find(|c| c.id == query.chat).and_then(|c| c.picture_url.clone()))
    }

    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.read_messages(query)
    }

    async fn get_message(&self, query: &GetMessage) -> Result<Message> {
        let data = self.begin(Operation::GetMessage, &[(true, Capability::GetMessage)])?;
        let found = data.messages.iter().find(|m| {
            m.chat_id == query.chat
                && m.key == *query.id.key()
                && query.id.from_me().is_none_or(|from_me| from_me == m.from_me)
        });
        found.map(|m| self.shown(m)).ok_or_else(|| self.missing(Missing::Message, Operation::GetMessage))
    }

    async fn open_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        let data = self.begin(Operation::DownloadMedia, &[(true, Capability::DownloadMedia)])?;
        let missing = |what| self.missing(what, Operation::DownloadMedia);
        let message = data.messages.iter().find(|m| m.chat_id == query.chat && m.key == *query.id.key());
        let message = message.ok_or_else(|| missing(Missing::Message))?;
        let bytes = data.media.get(&message.key).cloned().ok_or_else(|| missing(Missing::Media))?;
        let size = bytes.len() as u64;
        let mut media = MediaStream::new(futures::stream::iter([Ok(bytes)]));
        media.size_bytes = Some(size);
        if let Some(info) = &message.media {
            media.mime_type.clone_from(&info.mime_type);
            media.file_name.clone_from(&info.file_name);
        }
        Ok(media)
    }

    async fn resolve(&self, id: &ChatId) -> Result<Resolved> {
        let data = self.begin(Operation::ResolveLid, &[(true, Capability::ResolveLid)])?;
        if id.kind() != ChatKind::User {
            return Err(self.error(
                ErrorKind::InvalidInput,
                Operation::ResolveLid,
                "only people have two ids",
            ));
        }
        let pair = data.chats.iter().find_map(|chat| match &chat.alternate_id {
            Some(other) if chat.id == *id || other == id => Some((chat.id.clone(), other.clone())),
            _ => None,
        });
        Ok(match pair {
            Some((a, b)) if a.is_lid() => Resolved::new(Some(b), Some(a)),
            Some((a, b)) => Resolved::new(Some(a), Some(b)),
            None if id.is_lid() => Resolved::new(None, Some(id.clone())),
            None => Resolved::new(Some(id.clone()), None),
        })
    }

    async fn contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        self.read_contacts(query)
    }

    async fn contact(&self, query: &GetContact) -> Result<Contact> {
        let data = self.begin(Operation::Contact, &[(true, Capability::Contacts)])?;
        let found = data.contacts.get(&query.id).cloned();
        found.ok_or_else(|| self.missing(Missing::Other, Operation::Contact))
    }

    async fn check_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        let data = self.begin(Operation::CheckNumber, &[(true, Capability::CheckNumber)])?;
        let exists = data.contacts.contains_key(phone) || data.chats.iter().any(|chat| chat.id == *phone);
        Ok(NumberCheck::new(Some(exists), Some(phone.clone())))
    }

    async fn group(&self, query: &GetGroup) -> Result<GroupInfo> {
        let data = self.begin(Operation::GroupInfo, &[(true, Capability::GroupInfo)])?;
        let found = data.groups.get(&query.id).cloned();
        found.ok_or_else(|| self.missing(Missing::Chat, Operation::GroupInfo))
    }

    async fn pairing_qr(&self) -> Result<PairingQr> {
        self.read_qr()
    }

    async fn poll_events(&self, query: &PollEvents) -> Result<EventStream> {
        self.listen(query)
    }

    async fn perform(&self, action: Action) -> Result<Outcome> {
        match action {
            Action::SendMedia { .. } => self.send_media(action).await,
            action => self.act(action),
        }
    }
}
