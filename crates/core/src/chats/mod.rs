//! What an application holds: lists, streams, and a handle for each chat and message.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::layer::{Deadline, Emulate, Guard, Trace};
use crate::paging::{MAX_SCAN, OnSkipped, Reader};
use crate::{
    Action, Capabilities, ChatId, ChatScope, ChatsProvider, Error, ErrorKind, Gateway, OpenMedia, Operation,
    Outcome, ProviderInfo, Resolved, Result, Skipped, Status,
};

mod chat;
mod events;
mod follow;
mod list;
mod media;
mod message;
mod messages;
mod overview;
mod people;
mod reconcile;
mod sending;
mod session;
mod wait;

pub use chat::Chat;
pub use events::Events;
pub use list::ChatList;
pub use media::Media;
pub use message::Message;
pub use messages::MessageList;
pub use overview::OverviewList;
pub use people::ContactList;
pub use reconcile::{Attempt, Verdict};
pub use session::Session;

/// The chats of one account, through whichever gateway it has.
///
/// Cheap to clone; clones share the connection. Nothing is sent before a method is awaited or a stream is
/// polled. The layers are on already: spans, a time for each operation (50 s unless
/// [told otherwise](Self::timeout)), refusal of what the gateway is known not to do, and emulation of what
/// can be made up for.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use futures::TryStreamExt;
/// use wachats_core::{Chat, ChatId, Chats, Memory};
///
/// let ids = ["79001234567@c.us", "120363000000000001@g.us"];
/// let known = ids.map(|id| Chat::new(id.parse::<ChatId>().unwrap()));
/// let chats = Chats::new(Memory::new(known, []));
///
/// let mut list = chats.list().stream();
/// let mut seen = 0;
/// while let Some(chat) = list.try_next().await? {
///     println!("{} {}", chat.id, chat.name.as_deref().unwrap_or("-"));
///     seen += 1;
/// }
/// assert_eq!(seen, 2);
///
/// chats.chat(ids[0])?.archive().await?;
/// let archived = chats.list().archived(true).collect().await?;
/// assert_eq!(archived.len(), 1);
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Chats {
    stack: Arc<dyn ChatsProvider>,
    backend: Arc<dyn ChatsProvider>,
    default_scan: u64,
    options: Options,
}

/// What a copy of [`Chats`] may have changed.
#[derive(Clone, Default)]
struct Options {
    timeout: Option<Duration>,
    max_scan: Option<u64>,
    raw: bool,
    on_skipped: Option<OnSkipped>,
}

impl Chats {
    /// With all layers around this provider.
    pub fn new(provider: impl ChatsProvider) -> Self {
        Self::builder(provider).build()
    }

    /// With all layers around this provider.
    pub fn from_arc(provider: Arc<dyn ChatsProvider>) -> Self {
        ChatsBuilder::new(provider).build()
    }

    /// To choose the layers.
    pub fn builder(provider: impl ChatsProvider) -> ChatsBuilder {
        ChatsBuilder::new(Arc::new(provider))
    }

    /// To choose the layers around a provider that is shared.
    pub fn builder_from(provider: Arc<dyn ChatsProvider>) -> ChatsBuilder {
        ChatsBuilder::new(provider)
    }

    /// A copy whose operations may each take this long, retries included. A page of a list is one operation.
    pub fn timeout(&self, time: Duration) -> Self {
        let mut copy = self.clone();
        copy.options.timeout = Some(time);
        copy
    }

    /// A copy whose emulated filters and look-ups of messages read at most so many of them for one answer.
    pub fn max_scan(&self, messages: u64) -> Self {
        let mut copy = self.clone();
        copy.options.max_scan = Some(messages);
        copy
    }

    /// A copy that tells `told` what its streams could not decode; without it, a warning is logged. Pages
    /// carry it in [`Page::skipped`](crate::Page::skipped).
    pub fn on_skipped(&self, told: impl Fn(&Skipped) + Send + Sync + 'static) -> Self {
        let mut copy = self.clone();
        copy.options.on_skipped = Some(Arc::new(told));
        copy
    }

    /// A copy that keeps the raw JSON of each item, or doesn't.
    pub fn raw(&self, keep: bool) -> Self {
        let mut copy = self.clone();
        copy.options.raw = keep;
        copy
    }

    /// What is known of the gateway without asking it.
    pub fn info(&self) -> ProviderInfo {
        self.stack.info()
    }

    /// Which gateway.
    pub fn gateway(&self) -> Gateway {
        self.stack.info().gateway
    }

    /// What the gateway can do, probed once.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.run(self.stack.capabilities()).await
    }

    /// The state of the account: an answer whatever the state.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when the session isn't there.
    pub async fn status(&self) -> Result<Status> {
        self.run(self.stack.status()).await
    }

    /// The phone id and the lid of a person, as far as the gateway knows them.
    ///
    /// # Errors
    /// `InvalidInput` for what is no person's id; those of a read.
    pub async fn resolve<I>(&self, id: I) -> Result<Resolved>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let id = id.try_into().map_err(|e| Error::from(e).with_operation(Operation::ResolveLid))?;
        self.run(self.stack.resolve(&id)).await
    }

    /// The backend itself, where it is of this type: its own verbs are there.
    pub fn backend<T: ChatsProvider>(&self) -> Option<&T> {
        let backend: &dyn Any = &*self.backend;
        backend.downcast_ref()
    }

    /// The provider with its layers.
    pub fn provider(&self) -> &Arc<dyn ChatsProvider> {
        &self.stack
    }

    /// Does something that changes something; the handles have a verb for each action.
    ///
    /// # Errors
    /// [`Error::effect`] tells whether it may have taken effect; `OutcomeUnknown` when that isn't known, and
    /// then it was not repeated.
    ///
    /// # Cancel safety
    /// A future dropped midway leaves the action done or not done.
    pub async fn perform(&self, action: Action) -> Result<Outcome> {
        self.run(self.stack.perform(action)).await
    }

    /// The chats.
    pub fn list(&self) -> ChatList {
        ChatList::new(self)
    }

    /// The chats with picture and last message.
    pub fn overview(&self) -> OverviewList {
        OverviewList::new(self)
    }

    /// The messages of all chats in one list, where the gateway has one.
    pub fn messages(&self) -> MessageList {
        MessageList::new(self, ChatScope::All)
    }

    /// What happens, as it happens, where the gateway lets it be pulled; else it comes by webhook alone.
    pub fn events(&self) -> Events {
        Events::new(self)
    }

    /// One chat. Nothing is sent: whether it exists shows when it is used.
    ///
    /// # Errors
    /// `InvalidInput` for what is no chat id.
    pub fn chat<I>(&self, id: I) -> Result<Chat>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        Ok(Chat::new(self, id.try_into()?))
    }

    /// The media of a message that was read: no second look-up.
    pub fn media(&self, message: &crate::Message) -> Media {
        Media::new(self, OpenMedia::of(message))
    }

    /// Runs one operation in the time that this copy allows.
    async fn run<F: Future>(&self, future: F) -> F::Output {
        self.reader().run(future).await
    }

    /// Tells of what could not be decoded as the streams of this copy do.
    pub(crate) fn tell(&self, skipped: &[Skipped]) {
        crate::paging::tell(skipped, self.options.on_skipped.as_ref());
    }

    fn reader(&self) -> Reader {
        Reader {
            provider: self.stack.clone(),
            timeout: self.options.timeout,
            max_scan: self.default_scan,
            ahead: 0,
        }
    }
}

impl std::fmt::Debug for Chats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chats").field("gateway", &self.gateway().as_str()).finish_non_exhaustive()
    }
}

/// The most pages that a list asks for before their turn: they are held in memory, and a gateway answers to
/// others too.
const MOST_AHEAD: usize = 32;

/// Refuses a limit or page size of 0, before any request.
fn not_zero(operation: Operation, limit: Option<u64>, page_size: Option<u32>) -> Result<()> {
    if limit == Some(0) || page_size == Some(0) {
        let message = "a limit of 0 asks for nothing";
        return Err(Error::new(ErrorKind::InvalidInput, operation).with_message(message));
    }
    Ok(())
}

/// The size of one page, of a wish for pages and a wish for the total.
fn page_limit(page_size: Option<u32>, limit: Option<u64>) -> Option<u32> {
    let limit = limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    match (page_size, limit) {
        (Some(size), Some(limit)) => Some(size.min(limit)),
        (size, limit) => size.or(limit),
    }
}

/// Chooses the layers around a provider.
pub struct ChatsBuilder {
    provider: Arc<dyn ChatsProvider>,
    layered: bool,
    max_scan: u64,
    timeout: Option<Duration>,
    #[allow(clippy::type_complexity, reason = "a list of functions from a provider to a provider")]
    outer: Vec<Box<dyn FnOnce(Arc<dyn ChatsProvider>) -> Arc<dyn ChatsProvider> + Send>>,
}

impl ChatsBuilder {
    fn new(provider: Arc<dyn ChatsProvider>) -> Self {
        Self { provider, layered: true, max_scan: MAX_SCAN, timeout: None, outer: Vec::new() }
    }

    /// How many rows an emulated filter or look-up reads for one answer: 10,000 unless told otherwise.
    pub fn max_scan(mut self, rows: u64) -> Self {
        self.max_scan = rows.max(1);
        self
    }

    /// How long each operation may take, retries included; see [`Chats::timeout`].
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// Puts a layer of your own around all others.
    pub fn layer<P: ChatsProvider>(
        mut self,
        layer: impl FnOnce(Arc<dyn ChatsProvider>) -> P + Send + 'static,
    ) -> Self {
        self.outer.push(Box::new(move |inner| Arc::new(layer(inner))));
        self
    }

    /// Leaves out wachats' own layers: what the provider lacks is not emulated in pages then, and nothing
    /// bounds the time.
    pub fn without_layers(mut self) -> Self {
        self.layered = false;
        self
    }

    /// The handle. Sends nothing.
    pub fn build(self) -> Chats {
        let backend = self.provider;
        let mut stack = backend.clone();
        if self.layered {
            stack = Arc::new(Emulate::new(stack, self.max_scan));
            stack = Arc::new(Guard::new(stack));
            stack = Arc::new(Deadline::new(stack));
            stack = Arc::new(Trace::new(stack));
        }
        for layer in self.outer {
            stack = layer(stack);
        }
        let options = Options { timeout: self.timeout, ..Options::default() };
        Chats { stack, backend, default_scan: self.max_scan, options }
    }
}

impl std::fmt::Debug for ChatsBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatsBuilder").field("max_scan", &self.max_scan).finish_non_exhaustive()
    }
}
