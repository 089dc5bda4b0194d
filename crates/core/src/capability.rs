use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::Gateway;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        /// What a gateway may or may not do: an operation, or an argument that changes its answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[$doc])* $name,)*
        }

        impl Capability {
            /// All of them, in the order in which they are printed.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The key in JSON and in tables.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

capabilities! {
    /// List chats, page by page.
    ListChats = "list_chats";
    /// Start a list of chats further down.
    ChatsOffset = "chats_offset";
    /// Sort chats by id or name, and in ascending order.
    ChatsSort = "chats_sort";
    /// List chats with picture and last message.
    Overview = "overview";
    /// The address of a chat's picture.
    ChatPicture = "chat_picture";
    /// Mark a chat as read.
    MarkRead = "mark_read";
    /// Mark a chat as unread.
    MarkUnread = "mark_unread";
    /// Archive and unarchive.
    Archive = "archive";
    /// Delete a chat.
    DeleteChat = "delete_chat";
    /// List the messages of a chat.
    ListMessages = "list_messages";
    /// Start a list of messages further down.
    MessagesOffset = "messages_offset";
    /// Messages not older than a time.
    FilterSince = "filter_since";
    /// Messages not newer than a time.
    FilterUntil = "filter_until";
    /// Own messages, or others' alone.
    FilterFromMe = "filter_from_me";
    /// Messages in one state of delivery.
    FilterAck = "filter_ack";
    /// Messages with media.
    FilterMedia = "filter_media";
    /// Archived chats, or the others.
    FilterArchived = "filter_archived";
    /// Chats whose name contains a text.
    FilterName = "filter_name";
    /// Messages whose text or caption contains a text.
    Search = "search";
    /// Messages of all chats in one list.
    AllMessages = "all_messages";
    /// One message by its id.
    GetMessage = "get_message";
    /// Ask WhatsApp anew for a picture instead of a cached one.
    PictureRefresh = "picture_refresh";
    /// Pin and unpin a message.
    PinMessage = "pin_message";
    /// Pin and unpin a chat.
    PinChat = "pin_chat";
    /// Change an own message.
    EditMessage = "edit_message";
    /// Delete a message for everyone.
    DeleteForEveryone = "delete_for_everyone";
    /// Delete a message for oneself.
    DeleteForMe = "delete_for_me";
    /// Delete all messages of a chat.
    ClearMessages = "clear_messages";
    /// The disappearing timer of a chat.
    Disappearing = "disappearing";
    /// Star and unstar a message.
    Star = "star";
    /// React to a message.
    React = "react";
    /// Send a text.
    SendText = "send_text";
    /// Send a text that quotes a message.
    Reply = "reply";
    /// Send files: pictures, videos, sound, voice notes, documents, stickers.
    SendMedia = "send_media";
    /// The bytes of a message's media.
    DownloadMedia = "download_media";
    /// The state of the session.
    Status = "status";
    /// From a lid to the phone and back.
    ResolveLid = "resolve_lid";
    /// Events by webhook.
    WebhookEvents = "webhook_events";
    /// Events by polling.
    PollEvents = "poll_events";
    /// An event when a chat is archived.
    ChatArchiveEvent = "chat_archive_event";
    /// Send a place.
    SendLocation = "send_location";
    /// Send a contact card.
    SendContact = "send_contact";
    /// Send a poll.
    SendPoll = "send_poll";
    /// Forward a message.
    Forward = "forward";
    /// Show that the account is writing or recording.
    Typing = "typing";
    /// Pair a phone by a QR code.
    PairQr = "pair_qr";
    /// Pair a phone by a code typed on it.
    PairCode = "pair_code";
    /// Start, restart, stop and log out a session.
    SessionControl = "session_control";
    /// The address book.
    Contacts = "contacts";
    /// Whether a number is on WhatsApp.
    CheckNumber = "check_number";
    /// A group and its participants.
    GroupInfo = "group_info";
    /// Catching up since a stored cursor.
    Sync = "sync";
}

impl Capability {
    /// Those that no operation of this release uses: `no` on every gateway, `not built yet`.
    pub const NOT_BUILT: &'static [Self] = &[];
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a capability goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Support {
    /// Not at all: asking for it is `Unsupported`, before any request.
    No,
    /// wachats does it from what the gateway has; bounded, and the reason says what it costs.
    Emulated,
    /// The gateway itself does it.
    Native,
}

/// One line of the capabilities: how far, and why not further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// How far it goes.
    pub support: Support,
    /// Why it is not `Native`; or what is to be known of it although it is.
    pub reason: Option<Cow<'static, str>>,
}

impl Entry {
    /// The gateway does it.
    pub const fn native() -> Self {
        Self { support: Support::Native, reason: None }
    }

    /// wachats does it, at the cost that the reason names.
    pub fn emulated(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { support: Support::Emulated, reason: Some(reason.into()) }
    }

    /// It can't be done, for this reason.
    pub fn no(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { support: Support::No, reason: Some(reason.into()) }
    }

    /// The same with a reason.
    pub fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// How a list can be walked without a loss while it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pager {
    /// The gateway filters by time itself: walk by `until`, with this much overlap, and drop what was seen.
    Time {
        /// How much coarser than the stored time the shown one is.
        overlap: std::time::Duration,
    },
    /// The gateway takes an offset: walk by overlapping offsets.
    Offset,
    /// The gateway takes only a count from the newest: ask for more and more.
    Window,
}

/// How a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// A page with fewer rows than asked for is the last (counting those skipped).
    ShortPage,
    /// Rows are dropped after paging, so only this many empty pages in a row are the end.
    EmptyPages(u8),
}

/// How one kind of list is paged on a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paging {
    /// How to walk it.
    pub pager: Pager,
    /// How it ends.
    pub ending: Ending,
    /// The page size used when the caller names none, in items.
    pub default_page_size: u32,
    /// The most items the gateway gives in a page.
    pub max_page_size: u32,
}

impl Paging {
    /// Pages of `default_page_size` up to `max_page_size` items.
    pub const fn new(pager: Pager, ending: Ending, default_page_size: u32, max_page_size: u32) -> Self {
        Self { pager, ending, default_page_size, max_page_size }
    }

    /// The page size to ask for: the wish, held within the gateway's bound, never 0.
    pub fn page_size(&self, wish: Option<u32>) -> u32 {
        wish.unwrap_or(self.default_page_size).clamp(1, self.max_page_size.max(1))
    }
}

/// What the gateway at hand can do, as far as is known.
///
/// Printed as `{"gateway","engine","version","operations":{"archive":{"support","reason"},…}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Which gateway.
    pub gateway: Gateway,
    /// The engine behind it (WAHA and Wappfy: `WEBJS`, `WPP`, `NOWEB`, `GOWS`), where known.
    pub engine: Option<String>,
    /// The gateway's version, where known.
    pub version: Option<String>,
    /// How chats are paged.
    pub chats: Paging,
    /// How messages are paged.
    pub messages: Paging,
    entries: BTreeMap<Capability, Entry>,
}

impl Capabilities {
    /// Nothing is supported yet: `reason` stands on every line until [`set`](Self::set) replaces it.
    pub fn none(gateway: Gateway, reason: &'static str) -> Self {
        let paging = Paging::new(Pager::Offset, Ending::ShortPage, 100, 100);
        let of = |c: &Capability| if Capability::NOT_BUILT.contains(c) { "not built yet" } else { reason };
        let entries = Capability::ALL.iter().map(|c| (*c, Entry::no(of(c)))).collect();
        Self { gateway, engine: None, version: None, chats: paging, messages: paging, entries }
    }

    /// Sets one line.
    pub fn set(&mut self, capability: Capability, entry: Entry) -> &mut Self {
        self.entries.insert(capability, entry);
        self
    }

    /// Sets several lines to the same.
    pub fn set_all(&mut self, capabilities: &[Capability], entry: &Entry) -> &mut Self {
        for capability in capabilities {
            self.entries.insert(*capability, entry.clone());
        }
        self
    }

    /// The line of a capability.
    pub fn get(&self, capability: Capability) -> Option<&Entry> {
        self.entries.get(&capability)
    }

    /// How far a capability goes; `No` where nothing is said.
    pub fn support(&self, capability: Capability) -> Support {
        self.entries.get(&capability).map_or(Support::No, |e| e.support)
    }

    /// Why a capability is not native, where a reason is given.
    pub fn reason(&self, capability: Capability) -> Option<&str> {
        self.entries.get(&capability).and_then(|e| e.reason.as_deref())
    }

    /// All lines, in the order of [`Capability::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Capability, &Entry)> {
        self.entries.iter().map(|(c, e)| (*c, e))
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("gateway", &self.gateway)?;
        map.serialize_entry("engine", &self.engine)?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("operations", &self.entries)?;
        map.end()
    }
}
