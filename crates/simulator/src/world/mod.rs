//! The one invented account that every dialect serves.
//!
//! A [`World`] is a handle: clones share the same state, so a test can keep one beside the servers it started and look
//! at what a client really changed. Ids are canonical (see [`ids`]), times are UTC.

mod change;
mod chat;
mod content;
mod edit;
mod happen;
pub mod ids;
mod message;
mod pairing;
mod sample;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::queue::Fanout;

pub use change::{CallStage, Change, ChangeKind, Label, ParticipantAction, Presence, Subscription};
pub use chat::{Chat, Contact, Mute, Participant, Picture};
pub use content::{Call, Card, Content, Location, Media, MediaKind, Poll};
pub(crate) use edit::mixed;
pub use happen::Caller;
pub use message::{Ack, Message, Quote, Reaction, Receipt, Vote};

/// The account whose chats the world holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Canonical id.
    pub id: String,
    /// The name others see.
    pub name: String,
    /// Its own hidden id.
    pub lid: Option<String>,
    /// Number of the linked device that the gateway is.
    pub device: u16,
}

impl Account {
    /// An account by phone number and name.
    #[must_use]
    pub fn new(digits: &str, name: &str) -> Self {
        Self { id: ids::canonical(digits), name: name.to_owned(), lid: None, device: 12 }
    }

    /// Sets its own hidden id.
    #[must_use]
    pub fn lid(mut self, lid: &str) -> Self {
        self.lid = Some(ids::canonical(lid));
        self
    }
}

/// What the gateway's session with WhatsApp is doing. Dialects translate it into the words of their gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Session {
    /// Paired and connected.
    #[default]
    Working,
    /// Connecting.
    Starting,
    /// Waits for its QR code to be scanned.
    NeedsPairing,
    /// Switched off.
    Stopped,
    /// Broken until it is restarted, or banned.
    Failed,
}

/// Everything a world holds, copied at one moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The account.
    pub account: Account,
    /// State of the session.
    pub session: Session,
    /// Chats in the order they were added.
    pub chats: Vec<Chat>,
    /// Messages of all chats in the order they arrived.
    pub messages: Vec<Message>,
    /// The address book in the order it was filled.
    pub contacts: Vec<Contact>,
    /// Known pairs of lid and phone, by lid.
    pub lids: BTreeMap<String, String>,
    /// Labels of a business account, by their number.
    pub labels: BTreeMap<String, Label>,
}

pub(crate) struct State {
    pub(crate) data: Snapshot,
    pub(crate) clock_ms: Option<i64>,
    pub(crate) counter: u64,
    pub(crate) next_seq: u64,
    /// Whether a phone is paired, also while the session is stopped.
    pub(crate) paired: bool,
    /// Number of the QR code that is shown.
    pub(crate) qr: u64,
    /// Numbers that WhatsApp knows under another id.
    pub(crate) aliases: BTreeMap<String, String>,
    /// Chat and key of every message ever added: a hint that spares a scan for most new ones.
    pub(crate) seen: HashSet<(String, String)>,
    /// Those who are told of changes.
    pub(crate) listeners: Fanout<Change>,
}

/// A shared handle on the invented account.
///
/// ```
/// use wachats_simulator::world::{Account, Chat, Message, World};
/// let world = World::new(Account::new("5511900000000", "Demo"));
/// world.add_chat(Chat::user("5511911111111").name("Alice"));
/// world.add_message(Message::text("5511911111111@c.us", "3EB0A1", "Hello").at(1_760_000_000));
/// assert_eq!(world.messages("5511911111111@c.us").len(), 1);
/// ```
///
/// What changes is told to every [`Subscription`]; the running dialects make the events of their gateway of it. What
/// only sets the scene ([`World::add_chat`], [`World::add_message`], [`World::change_chat`] …) is told to nobody.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    /// Which gateway makes the changes through this handle by its API; `None` on the phone.
    api: Option<u64>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.lock();
        f.debug_struct("World")
            .field("chats", &state.data.chats.len())
            .field("messages", &state.data.messages.len())
            .field("session", &state.data.session)
            .finish_non_exhaustive()
    }
}

impl World {
    /// An account that is working and has no chats. Its clock is the machine's until [`World::set_clock`].
    #[must_use]
    pub fn new(account: Account) -> Self {
        let state = State {
            data: Snapshot {
                account,
                session: Session::Working,
                chats: Vec::new(),
                messages: Vec::new(),
                contacts: Vec::new(),
                lids: BTreeMap::new(),
                labels: BTreeMap::new(),
            },
            clock_ms: None,
            counter: 0,
            next_seq: 1,
            paired: true,
            qr: 0,
            aliases: BTreeMap::new(),
            seen: HashSet::new(),
            listeners: Fanout::default(),
        };
        Self { state: Arc::new(Mutex::new(state)), api: None }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock must not hide its own message behind a poisoned one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of everything, for assertions.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.lock().data.clone()
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> Account {
        self.lock().data.account.clone()
    }

    /// What the session is doing.
    #[must_use]
    pub fn session(&self) -> Session {
        self.lock().data.session
    }

    /// The time the gateways see, in milliseconds UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.lock().now_ms()
    }

    /// The time the gateways see, in seconds UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// All chats, in the order they were added.
    #[must_use]
    pub fn chats(&self) -> Vec<Chat> {
        self.lock().data.chats.clone()
    }

    /// One chat, by any spelling of its id.
    #[must_use]
    pub fn chat(&self, id: &str) -> Option<Chat> {
        let id = ids::canonical(id);
        self.lock().data.chats.iter().find(|chat| chat.id == id).cloned()
    }

    /// Messages of one chat, newest first; of equal times the last arrived comes first.
    #[must_use]
    pub fn messages(&self, chat: &str) -> Vec<Message> {
        let chat = ids::canonical(chat);
        newest_first(self.lock().data.messages.iter().filter(|m| m.chat == chat).cloned().collect())
    }

    /// Messages of all chats, newest first.
    #[must_use]
    pub fn all_messages(&self) -> Vec<Message> {
        newest_first(self.lock().data.messages.clone())
    }

    /// One message of a chat by its key.
    #[must_use]
    pub fn message(&self, chat: &str, key: &str) -> Option<Message> {
        let chat = ids::canonical(chat);
        self.lock().data.messages.iter().find(|m| m.chat == chat && m.key == key).cloned()
    }

    /// The first message of any chat that has this key.
    #[must_use]
    pub fn find_message(&self, key: &str) -> Option<Message> {
        self.lock().data.messages.iter().find(|m| m.key == key).cloned()
    }

    /// The address book, in the order it was filled.
    #[must_use]
    pub fn contacts(&self) -> Vec<Contact> {
        self.lock().data.contacts.clone()
    }

    /// One person of the address book.
    #[must_use]
    pub fn contact(&self, id: &str) -> Option<Contact> {
        let id = ids::canonical(id);
        self.lock().data.contacts.iter().find(|contact| contact.id == id).cloned()
    }

    /// Known pairs of (lid, phone), by lid.
    #[must_use]
    pub fn lids(&self) -> Vec<(String, String)> {
        self.lock().data.lids.iter().map(|(lid, phone)| (lid.clone(), phone.clone())).collect()
    }

    /// The phone behind a lid, where known.
    #[must_use]
    pub fn phone_of(&self, lid: &str) -> Option<String> {
        self.lock().data.lids.get(&ids::canonical(lid)).cloned()
    }

    /// The lid of a phone, where known.
    #[must_use]
    pub fn lid_of(&self, phone: &str) -> Option<String> {
        let phone = ids::canonical(phone);
        let state = self.lock();
        state.data.lids.iter().find(|(_, known)| **known == phone).map(|(lid, _)| lid.clone())
    }

    /// Canonical id of a message's writer, whoever it is.
    #[must_use]
    pub fn sender_of(&self, message: &Message) -> String {
        match &message.sender {
            Some(sender) => sender.clone(),
            None if message.from_me => self.account().id,
            None => message.chat.clone(),
        }
    }
}

impl State {
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock_ms.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    pub(crate) fn chat_mut(&mut self, id: &str) -> Option<&mut Chat> {
        self.data.chats.iter_mut().find(|chat| chat.id == id)
    }

    pub(crate) fn message_mut(&mut self, chat: &str, key: &str) -> Option<&mut Message> {
        self.data.messages.iter_mut().find(|m| m.chat == chat && m.key == key)
    }
}

fn newest_first(mut messages: Vec<Message>) -> Vec<Message> {
    messages.sort_by_key(|m| std::cmp::Reverse((m.sent_at_ms, m.seq)));
    messages
}
