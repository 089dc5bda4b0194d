//! Messages.

use serde_json::{Map, Value};

use super::content::{Content, Location, Media, Poll};
use super::ids;

/// A message. Built with [`Message::text`] and its siblings, completed by the setters.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// What WhatsApp itself calls the message (`3EB0…`).
    pub key: String,
    /// Canonical id of its chat.
    pub chat: String,
    /// Whether the account wrote it.
    pub from_me: bool,
    /// Canonical id of the writer; `None` is the account or, of others' messages in a direct chat, the chat itself.
    pub sender: Option<String>,
    /// The writer's other id: the phone behind a lid, where the message tells it.
    pub sender_alt: Option<String>,
    /// Number of the writer's device, where raw objects tell it (`…:12@lid`).
    pub sender_device: Option<u16>,
    /// Name the writer uses.
    pub sender_name: Option<String>,
    /// When it was sent, in milliseconds UTC. Most gateways show whole seconds.
    pub sent_at_ms: i64,
    /// What it carries.
    pub content: Content,
    /// How far it went; of others' messages how far the account has read. `None` when the store doesn't know.
    pub ack: Option<Ack>,
    /// The message it answers.
    pub quoted: Option<Quote>,
    /// Whether it was forwarded.
    pub forwarded: bool,
    /// Whether the account starred it.
    pub starred: bool,
    /// Until when it is pinned in its chat, in milliseconds UTC.
    pub pinned_until_ms: Option<i64>,
    /// When its text was last changed, in milliseconds UTC.
    pub edited_at_ms: Option<i64>,
    /// Reactions to it, one a person.
    pub reactions: Vec<Reaction>,
    /// Votes, of a poll; one a person.
    pub votes: Vec<Vote>,
    /// Who read it in a group.
    pub receipts: Vec<Receipt>,
    /// Canonical ids of those it mentions.
    pub mentions: Vec<String>,
    /// Whether it was sent through the gateway's API.
    pub via_api: bool,
    /// Lifetime in seconds; 0 when it stays.
    pub ephemeral_seconds: u32,
    /// Members put into the gateway's raw message object in place of its own ones, by their wire name.
    pub wire: Map<String, Value>,
    /// Order of arrival, given by the world.
    pub seq: u64,
}

/// How far a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ack {
    /// It failed.
    Error,
    /// Not sent yet.
    Pending,
    /// WhatsApp has it.
    Server,
    /// The other side's device has it; an incoming message that the account has not read.
    Device,
    /// Read.
    Read,
    /// Listened to or watched.
    Played,
}

impl Ack {
    /// The number WhatsApp Web uses: −1 for an error, 0 to 4 for the rest.
    #[must_use]
    pub fn level(self) -> i64 {
        match self {
            Self::Error => -1,
            Self::Pending => 0,
            Self::Server => 1,
            Self::Device => 2,
            Self::Read => 3,
            Self::Played => 4,
        }
    }
}

/// The message that another one answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// Its key.
    pub key: String,
    /// Canonical id of its writer.
    pub sender: String,
    /// Its content, where the answer carries a copy.
    pub content: Option<Content>,
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Canonical id of the person.
    pub sender: String,
    /// Whether it is the account's own.
    pub from_me: bool,
    /// When, in milliseconds UTC.
    pub at_ms: i64,
    /// Key of the message that carried the reaction.
    pub key: String,
}

/// A person's vote in a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Canonical id of the person.
    pub voter: String,
    /// The answers chosen; none when the vote was taken back.
    pub options: Vec<String>,
}

/// A reader of a group's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Canonical id of the reader.
    pub reader: String,
    /// When, in seconds UTC.
    pub read_at: i64,
}

impl Message {
    /// A message with any content.
    #[must_use]
    pub fn new(chat: &str, key: &str, content: Content) -> Self {
        Self {
            key: key.to_owned(),
            chat: ids::canonical(chat),
            from_me: false,
            sender: None,
            sender_alt: None,
            sender_device: None,
            sender_name: None,
            sent_at_ms: 0,
            content,
            ack: Some(Ack::Device),
            quoted: None,
            forwarded: false,
            starred: false,
            pinned_until_ms: None,
            edited_at_ms: None,
            reactions: Vec::new(),
            votes: Vec::new(),
            receipts: Vec::new(),
            mentions: Vec::new(),
            via_api: false,
            ephemeral_seconds: 0,
            wire: Map::new(),
            seq: 0,
        }
    }

    /// A text.
    #[must_use]
    pub fn text(chat: &str, key: &str, text: &str) -> Self {
        Self::new(chat, key, Content::Text(text.to_owned()))
    }

    /// A file.
    #[must_use]
    pub fn media(chat: &str, key: &str, media: Media) -> Self {
        Self::new(chat, key, Content::Media(media))
    }

    /// A place.
    #[must_use]
    pub fn location(chat: &str, key: &str, location: Location) -> Self {
        Self::new(chat, key, Content::Location(location))
    }

    /// A poll that allows one answer.
    #[must_use]
    pub fn poll(chat: &str, key: &str, question: &str, options: &[&str]) -> Self {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        Self::new(chat, key, Content::Poll(Poll { question: question.to_owned(), options, selectable: 1 }))
    }

    /// Says whose it is. An own message starts at [`Ack::Server`].
    #[must_use]
    pub fn from_me(mut self, from_me: bool) -> Self {
        self.from_me = from_me;
        if from_me && self.ack == Some(Ack::Device) {
            self.ack = Some(Ack::Server);
        }
        self
    }

    /// Sets the writer of a message in a group or among the status posts.
    #[must_use]
    pub fn sender(mut self, id: &str) -> Self {
        self.sender = Some(ids::canonical(id));
        self
    }

    /// Tells the phone behind the writer's lid.
    #[must_use]
    pub fn sender_alt(mut self, id: &str) -> Self {
        self.sender_alt = Some(ids::canonical(id));
        self
    }

    /// Tells the number of the writer's device.
    #[must_use]
    pub fn sender_device(mut self, device: u16) -> Self {
        self.sender_device = Some(device);
        self
    }

    /// Sets the name the writer uses.
    #[must_use]
    pub fn sender_name(mut self, name: &str) -> Self {
        self.sender_name = Some(name.to_owned());
        self
    }

    /// Sets the time, in seconds UTC.
    #[must_use]
    pub fn at(mut self, seconds: i64) -> Self {
        self.sent_at_ms = seconds.saturating_mul(1000);
        self
    }

    /// Sets the time, in milliseconds UTC.
    #[must_use]
    pub fn at_ms(mut self, milliseconds: i64) -> Self {
        self.sent_at_ms = milliseconds;
        self
    }

    /// Sets how far it went; `None` when the store doesn't know.
    #[must_use]
    pub fn ack(mut self, ack: impl Into<Option<Ack>>) -> Self {
        self.ack = ack.into();
        self
    }

    /// Makes it an answer to another message.
    #[must_use]
    pub fn quoting(mut self, key: &str, sender: &str, content: Option<Content>) -> Self {
        self.quoted = Some(Quote { key: key.to_owned(), sender: ids::canonical(sender), content });
        self
    }

    /// Marks it as forwarded.
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }

    /// Marks it as starred.
    #[must_use]
    pub fn starred(mut self) -> Self {
        self.starred = true;
        self
    }

    /// Marks it as changed at a moment, in seconds UTC.
    #[must_use]
    pub fn edited_at(mut self, seconds: i64) -> Self {
        self.edited_at_ms = Some(seconds.saturating_mul(1000));
        self
    }

    /// Adds somebody's reaction. `from_me` is set by the world for the account's own id.
    #[must_use]
    pub fn reaction(mut self, emoji: &str, sender: &str, at_seconds: i64) -> Self {
        let key = format!("{}R{}", self.key, self.reactions.len());
        self.reactions.push(Reaction {
            emoji: emoji.to_owned(),
            sender: ids::canonical(sender),
            from_me: false,
            at_ms: at_seconds.saturating_mul(1000),
            key,
        });
        self
    }

    /// Adds a reader.
    #[must_use]
    pub fn receipt(mut self, reader: &str, read_at: i64) -> Self {
        self.receipts.push(Receipt { reader: ids::canonical(reader), read_at });
        self
    }

    /// Mentions somebody.
    #[must_use]
    pub fn mention(mut self, id: &str) -> Self {
        self.mentions.push(ids::canonical(id));
        self
    }

    /// Puts a member into the gateway's raw message object in place of its own one.
    #[must_use]
    pub fn wire(mut self, member: &str, value: Value) -> Self {
        self.wire.insert(member.to_owned(), value);
        self
    }

    /// Time in whole seconds UTC, as most gateways show it.
    #[must_use]
    pub fn sent_at(&self) -> i64 {
        self.sent_at_ms.div_euclid(1000)
    }
}
