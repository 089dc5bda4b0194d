use std::collections::HashSet;

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use super::follow::{follow, total};
use super::{Chats, not_zero, page_limit};
use crate::{
    ChatId, Contact, Error, GetContact, GetGroup, GroupInfo, ListContacts, NumberCheck, Operation, Page,
    PageToken, Result,
};

impl Chats {
    /// The account's contacts.
    pub fn contacts(&self) -> ContactList {
        ContactList::new(self)
    }

    /// One person, with the picture's address where there is one: up to two requests.
    ///
    /// # Errors
    /// `InvalidInput` for what is no person's id; `NotFound` for one that the gateway doesn't know; those of a
    /// read.
    pub async fn contact<I>(&self, id: I) -> Result<Contact>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let id = id.try_into().map_err(|e| Error::from(e).with_operation(Operation::Contact))?;
        let mut query = GetContact::new(id);
        query.raw = self.options.raw;
        self.run(self.stack.contact(&query)).await
    }

    /// Whether a phone number is on WhatsApp, and the id under which WhatsApp knows it. It may be written as
    /// people do, `+55 11 91111-1111`.
    ///
    /// Keep the answers: WhatsApp takes checks in bulk for spam, and Green-API counts them against a quota (100
    /// a month on its free plan).
    ///
    /// # Errors
    /// `InvalidInput`, before any request, for what is no phone number; those of a read.
    pub async fn check_number<I>(&self, phone: I) -> Result<NumberCheck>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let phone = phone.try_into().map_err(|e| Error::from(e).with_operation(Operation::CheckNumber))?;
        self.run(self.stack.check_number(&phone)).await
    }

    /// A group with its members.
    ///
    /// # Errors
    /// `InvalidInput` for what is no group's id; `NotFound` where there is no such group, `Forbidden` where the
    /// account is no member of it; those of a read.
    pub async fn group<I>(&self, id: I) -> Result<GroupInfo>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let id = id.try_into().map_err(|e| Error::from(e).with_operation(Operation::GroupInfo))?;
        let mut query = GetGroup::new(id);
        query.raw = self.options.raw;
        self.run(self.stack.group(&query)).await
    }
}

/// The account's contacts, people only, by id in ascending order.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use futures::TryStreamExt;
/// use wachats_core::{ChatId, Chats, Contact, Memory};
///
/// let anna: ChatId = "79001234567@c.us".parse()?;
/// let memory = Memory::new([], []);
/// memory.put_contact(Contact::new(anna.clone()));
/// let chats = Chats::new(memory);
///
/// let mut contacts = chats.contacts().stream();
/// while let Some(contact) = contacts.try_next().await? {
///     println!("{} {}", contact.id, contact.name.as_deref().unwrap_or("-"));
/// }
/// assert_eq!(chats.check_number("+7 900 123-45-67").await?.chat_id, Some(anna));
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a list sends nothing until a page is awaited or the stream is polled"]
pub struct ContactList {
    chats: Chats,
    query: ListContacts,
    limit: Option<u64>,
    page_size: Option<u32>,
}

impl ContactList {
    fn new(chats: &Chats) -> Self {
        let mut query = ListContacts::new();
        query.raw = chats.options.raw;
        Self { chats: chats.clone(), query, limit: None, page_size: None }
    }

    /// How many contacts in all, whatever the pages. 0 is `InvalidInput`.
    pub fn limit(mut self, contacts: u64) -> Self {
        self.limit = Some(contacts);
        self
    }

    /// How many contacts a page should hold. Green-API and GOWA give all of them at once whatever is asked for:
    /// each page costs a request that brings all.
    pub fn page_size(mut self, contacts: u32) -> Self {
        self.page_size = Some(contacts);
        self
    }

    /// Keep the raw JSON of each contact.
    pub fn raw(mut self, keep: bool) -> Self {
        self.query.raw = keep;
        self
    }

    /// Goes on where a page ended.
    pub fn after(mut self, token: PageToken) -> Self {
        self.query.page = Some(token);
        self
    }

    /// One page: one request.
    ///
    /// # Errors
    /// `InvalidInput` for a limit of 0 or a token of another list; those of a read.
    pub async fn page(&self) -> Result<Page<Contact>> {
        not_zero(Operation::Contacts, self.limit, self.page_size)?;
        let mut query = self.query.clone();
        query.limit = page_limit(self.page_size, self.limit);
        self.chats.run(self.chats.stack.contacts(&query)).await
    }

    /// All of them, page by page as they are taken, each once.
    ///
    /// # Errors
    /// The stream ends with the first error: those of [`page`](Self::page), and `PagingStuck` when the gateway
    /// gives the same page again and again.
    ///
    /// # Cancel safety
    /// Nothing is sent until it is polled; an item that is given is not given again.
    pub fn stream(&self) -> impl Stream<Item = Result<Contact>> + Send + Unpin + use<> {
        self.boxed()
    }

    fn boxed(&self) -> BoxStream<'static, Result<Contact>> {
        if let Err(error) = not_zero(Operation::Contacts, self.limit, self.page_size) {
            return stream::once(async { Err(error) }).boxed();
        }
        let told = self.chats.options.on_skipped.clone();
        let mut list = self.clone();
        list.limit = None; // a total, not the size of pages
        let items = follow(Operation::Contacts, self.query.page.clone(), told, move |page| {
            let mut list = list.clone();
            list.query.page = page;
            async move { list.page().await }
        });
        let mut seen = HashSet::new();
        let once = items.try_filter(move |contact| {
            let new = seen.insert(contact.id.clone());
            async move { new }
        });
        once.take(total(self.limit)).boxed()
    }

    /// All of them, up to [`limit`](Self::limit), in memory.
    ///
    /// # Errors
    /// Those of [`stream`](Self::stream).
    pub async fn collect(&self) -> Result<Vec<Contact>> {
        self.boxed().try_collect().await
    }
}
