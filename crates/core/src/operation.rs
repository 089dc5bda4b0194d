use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Capability;

/// Whether the same request may be sent again when it is not known what became of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// It changes nothing.
    Read,
    /// Done twice it is the same: archive, mark read or unread, star, pin a chat, disappearing.
    Same,
    /// A second one may do a second thing: send, edit, delete, react, clear, pin or unpin a message.
    Never,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $repeat:ident, $capability:ident;)*) => {
        /// Everything that a provider can be asked to do.
        ///
        /// One table gives the word printed in errors, spans and JSON, whether the operation may be
        /// repeated, and the capability that a gateway needs for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// All operations, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it in errors, spans and JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Whether it may be repeated after an unknown outcome.
            pub const fn repeat(self) -> Repeat {
                match self { $(Self::$name => Repeat::$repeat,)* }
            }

            /// The capability a gateway needs for it, before its arguments are looked at; `None` for what
            /// needs none (configuration, raw verbs).
            pub const fn capability(self) -> Option<Capability> {
                match self { $(Self::$name => operations!(@cap $capability),)* }
            }
        }
    };
    (@cap None) => { None };
    (@cap $c:ident) => { Some(Capability::$c) };
}

operations! {
    /// Reading the address, options and secrets; nothing was sent.
    Configure = "configure", Read, None;
    /// Probing the gateway's engine and version.
    Capabilities = "capabilities", Read, None;
    /// The state of the session.
    Status = "status", Read, Status;
    /// Listing chats.
    ListChats = "list_chats", Read, ListChats;
    /// Listing chats with picture and last message.
    Overview = "overview", Read, Overview;
    /// The address of a chat's picture.
    ChatPicture = "chat_picture", Read, ChatPicture;
    /// Listing messages.
    ListMessages = "list_messages", Read, ListMessages;
    /// One message by its id.
    GetMessage = "get_message", Read, GetMessage;
    /// The bytes of a message's media.
    DownloadMedia = "download_media", Read, DownloadMedia;
    /// From a lid to the phone and back.
    ResolveLid = "resolve_lid", Read, ResolveLid;
    /// Listing contacts.
    Contacts = "contacts", Read, Contacts;
    /// One contact.
    Contact = "contact", Read, Contacts;
    /// Catching up since a stored cursor.
    Sync = "sync", Read, Sync;
    /// Whether a number is on WhatsApp.
    CheckNumber = "check_number", Read, CheckNumber;
    /// A group and its members.
    GroupInfo = "group_info", Read, GroupInfo;
    /// The QR code that pairs a phone.
    PairQr = "pair_qr", Read, PairQr;
    /// Verifying and decoding what a gateway delivers.
    WebhookEvents = "webhook_events", Read, WebhookEvents;
    /// Asking a gateway for what happened.
    PollEvents = "poll_events", Read, PollEvents;
    /// Archive a chat.
    Archive = "archive", Same, Archive;
    /// Take a chat out of the archive.
    Unarchive = "unarchive", Same, Archive;
    /// Mark a chat as read.
    MarkRead = "mark_read", Same, MarkRead;
    /// Mark a chat as unread.
    MarkUnread = "mark_unread", Same, MarkUnread;
    /// Delete a chat.
    DeleteChat = "delete_chat", Never, DeleteChat;
    /// Delete all messages of a chat.
    ClearMessages = "clear_messages", Never, ClearMessages;
    /// Pin a message for a time.
    PinMessage = "pin_message", Never, PinMessage;
    /// Unpin a message.
    UnpinMessage = "unpin_message", Never, PinMessage;
    /// Change the text or caption of an own message.
    EditMessage = "edit_message", Never, EditMessage;
    /// Delete a message, for everyone or for oneself.
    DeleteMessage = "delete_message", Never, DeleteForEveryone;
    /// Send a text.
    SendText = "send_text", Never, SendText;
    /// Send a file.
    SendMedia = "send_media", Never, SendMedia;
    /// Send a place.
    SendLocation = "send_location", Never, SendLocation;
    /// Send a contact card.
    SendContact = "send_contact", Never, SendContact;
    /// Send a poll.
    SendPoll = "send_poll", Never, SendPoll;
    /// Forward a message.
    Forward = "forward", Never, Forward;
    /// Show that the account is writing or recording.
    Typing = "typing", Same, Typing;
    /// React to a message, or take the reaction back.
    React = "react", Never, React;
    /// Star a message.
    Star = "star", Same, Star;
    /// Take the star away.
    Unstar = "unstar", Same, Star;
    /// Pin a chat to the top of the list.
    PinChat = "pin_chat", Same, PinChat;
    /// Unpin a chat.
    UnpinChat = "unpin_chat", Same, PinChat;
    /// Set the chat's disappearing timer.
    Disappearing = "disappearing", Same, Disappearing;
    /// Start the session.
    SessionStart = "session_start", Same, SessionControl;
    /// Restart the session.
    SessionRestart = "session_restart", Never, SessionControl;
    /// Stop the session.
    SessionStop = "session_stop", Same, SessionControl;
    /// Unpair the phone.
    SessionLogout = "session_logout", Never, SessionControl;
    /// Ask for the code that pairs a phone.
    PairCode = "pair_code", Never, PairCode;
    /// A backend's raw verb that only reads.
    RawRead = "raw_read", Read, None;
    /// A backend's raw verb that may change something.
    RawChange = "raw_change", Never, None;
}

impl Operation {
    /// Does it only read?
    pub const fn is_read(self) -> bool {
        matches!(self.repeat(), Repeat::Read)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
