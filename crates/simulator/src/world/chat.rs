//! Chats and the people in them.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::ids;

/// A chat, as the account sees it. Built with [`Chat::user`] and its siblings, completed by the setters.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Chat {
    /// Canonical id (see [`ids::canonical`]).
    pub id: String,
    /// Saved name, subject or title.
    pub name: Option<String>,
    /// Whether it lies in the archive.
    pub archived: bool,
    /// When it was pinned, in seconds UTC; `None` when it is not.
    pub pinned_at: Option<i64>,
    /// Until when it is muted.
    pub mute: Mute,
    /// Number of unread messages.
    pub unread: u32,
    /// Whether it was marked as unread by hand.
    pub marked_unread: bool,
    /// Lifetime of new messages in seconds; 0 when they stay.
    pub ephemeral_seconds: u32,
    /// Its picture, if it has one that the account may see.
    pub picture: Option<Picture>,
    /// The hidden id of the same person, told by the chat itself (not the account's table of lids).
    pub lid: Option<String>,
    /// Time of the last activity, in milliseconds UTC. Messages added later move it forward, never back.
    pub last_activity_ms: Option<i64>,
    /// When the chat appeared, in milliseconds UTC.
    pub created_ms: Option<i64>,
    /// Members of a group.
    pub participants: Vec<Participant>,
    /// A group's description.
    pub description: Option<String>,
    /// Only admins write in the group.
    pub announce: bool,
    /// Only admins change the group.
    pub locked: bool,
    /// Members put into the gateway's raw chat object in place of its own ones, by their wire name. `null` stays `null`.
    pub wire: Map<String, Value>,
}

/// Until when a chat is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mute {
    /// Not muted.
    #[default]
    No,
    /// Muted for ever.
    Always,
    /// Muted until this moment, in seconds UTC.
    Until(i64),
}

/// A chat's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Address of the picture on WhatsApp's servers; `None` lets the simulator serve `bytes` by itself.
    pub url: Option<String>,
    /// The picture (JPEG).
    pub bytes: Bytes,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Canonical id, a phone's or a lid.
    pub id: String,
    /// The phone behind a lid, where the group tells it.
    pub phone: Option<String>,
    /// May change the group.
    pub admin: bool,
    /// Created the group.
    pub owner: bool,
}

impl Participant {
    /// An ordinary member.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: ids::canonical(id), phone: None, admin: false, owner: false }
    }

    /// Makes the member an admin.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.admin = true;
        self
    }

    /// Makes the member the creator, who is an admin too.
    #[must_use]
    pub fn owner(mut self) -> Self {
        self.admin = true;
        self.owner = true;
        self
    }

    /// Tells the phone behind a lid.
    #[must_use]
    pub fn phone(mut self, id: &str) -> Self {
        self.phone = Some(ids::canonical(id));
        self
    }
}

impl Chat {
    /// A chat of any kind by its id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: ids::canonical(id),
            name: None,
            archived: false,
            pinned_at: None,
            mute: Mute::No,
            unread: 0,
            marked_unread: false,
            ephemeral_seconds: 0,
            picture: None,
            lid: None,
            last_activity_ms: None,
            created_ms: None,
            participants: Vec::new(),
            description: None,
            announce: false,
            locked: false,
            wire: Map::new(),
        }
    }

    /// A chat with a person, by phone number.
    #[must_use]
    pub fn user(digits: &str) -> Self {
        Self::new(digits)
    }

    /// A chat with a person known by hidden id only.
    #[must_use]
    pub fn hidden(digits: &str) -> Self {
        Self::new(&format!("{}@lid", ids::user_of(digits)))
    }

    /// A group.
    #[must_use]
    pub fn group(digits: &str) -> Self {
        Self::new(&format!("{}@g.us", ids::user_of(digits)))
    }

    /// A channel.
    #[must_use]
    pub fn newsletter(digits: &str) -> Self {
        Self::new(&format!("{}@newsletter", ids::user_of(digits)))
    }

    /// The chat that holds everybody's status posts.
    #[must_use]
    pub fn status() -> Self {
        Self::new("status@broadcast")
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Puts it into the archive or takes it out.
    #[must_use]
    pub fn archived(mut self, archived: bool) -> Self {
        self.archived = archived;
        self
    }

    /// Pins it at a moment, in seconds UTC.
    #[must_use]
    pub fn pinned_at(mut self, seconds: i64) -> Self {
        self.pinned_at = Some(seconds);
        self
    }

    /// Mutes it.
    #[must_use]
    pub fn mute(mut self, mute: Mute) -> Self {
        self.mute = mute;
        self
    }

    /// Sets the number of unread messages.
    #[must_use]
    pub fn unread(mut self, count: u32) -> Self {
        self.unread = count;
        self
    }

    /// Marks it as unread by hand.
    #[must_use]
    pub fn marked_unread(mut self, marked: bool) -> Self {
        self.marked_unread = marked;
        self
    }

    /// Sets the lifetime of new messages, in seconds.
    #[must_use]
    pub fn ephemeral_seconds(mut self, seconds: u32) -> Self {
        self.ephemeral_seconds = seconds;
        self
    }

    /// Gives it a picture with an address of its own.
    #[must_use]
    pub fn picture_url(mut self, url: &str) -> Self {
        self.picture = Some(Picture { url: Some(url.to_owned()), bytes: Bytes::new() });
        self
    }

    /// Gives it a picture that the simulator serves.
    #[must_use]
    pub fn picture_bytes(mut self, bytes: impl Into<Bytes>) -> Self {
        self.picture = Some(Picture { url: None, bytes: bytes.into() });
        self
    }

    /// Tells the hidden id of the same person.
    #[must_use]
    pub fn lid(mut self, lid: &str) -> Self {
        self.lid = Some(ids::canonical(lid));
        self
    }

    /// Sets the time of the last activity, in seconds UTC.
    #[must_use]
    pub fn active_at(mut self, seconds: i64) -> Self {
        self.last_activity_ms = Some(seconds.saturating_mul(1000));
        self
    }

    /// Sets when the chat appeared, in seconds UTC.
    #[must_use]
    pub fn created_at(mut self, seconds: i64) -> Self {
        self.created_ms = Some(seconds.saturating_mul(1000));
        self
    }

    /// Adds a member to a group.
    #[must_use]
    pub fn participant(mut self, participant: Participant) -> Self {
        self.participants.push(participant);
        self
    }

    /// Lets only admins write in the group.
    #[must_use]
    pub fn announce(mut self) -> Self {
        self.announce = true;
        self
    }

    /// Lets only admins change the group.
    #[must_use]
    pub fn locked(mut self) -> Self {
        self.locked = true;
        self
    }

    /// Sets a group's description.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    /// Puts a member into the gateway's raw chat object in place of its own one.
    #[must_use]
    pub fn wire(mut self, member: &str, value: Value) -> Self {
        self.wire.insert(member.to_owned(), value);
        self
    }
}

/// A person of the address book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// Canonical id.
    pub id: String,
    /// Name in the account's address book.
    pub name: Option<String>,
    /// Name the person gave to themselves.
    pub push_name: Option<String>,
    /// Hidden id, where known.
    pub lid: Option<String>,
    /// The text of the person's profile.
    pub about: Option<String>,
    /// Whether it is a business account.
    pub business: bool,
    /// Whether the account blocked the person.
    pub blocked: bool,
}

impl Contact {
    /// A person without names.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: ids::canonical(id),
            name: None,
            push_name: None,
            lid: None,
            about: None,
            business: false,
            blocked: false,
        }
    }

    /// Sets the name in the address book.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Sets the name the person uses.
    #[must_use]
    pub fn push_name(mut self, name: &str) -> Self {
        self.push_name = Some(name.to_owned());
        self
    }

    /// Sets the hidden id.
    #[must_use]
    pub fn lid(mut self, lid: &str) -> Self {
        self.lid = Some(ids::canonical(lid));
        self
    }

    /// Sets the profile's text.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.about = Some(text.to_owned());
        self
    }

    /// Makes it a business account.
    #[must_use]
    pub fn business(mut self) -> Self {
        self.business = true;
        self
    }
}
