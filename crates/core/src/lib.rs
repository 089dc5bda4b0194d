//! The half of wachats that is the same for every gateway.
//!
//! An application holds a [`Chats`]; an engine implements [`ChatsProvider`]. Between the two stand the
//! layers ([`layer`]): tracing, the deadline of an operation, the guard that refuses what the gateway is
//! known not to honour, and the emulation of what it lacks. Every gateway sends through one [`transport`].
//!
//! Applications use the crate `wachats`, which re-exports this one and adds the gateways.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod action;
mod capability;
mod chats;
pub mod csv;
pub mod decode;
pub mod delivery;
mod diff;
mod driver;
mod error;
pub mod events;
mod export;
mod gateway;
pub mod layer;
mod media_stream;
mod memory;
pub mod model;
mod operation;
mod page;
pub mod paging;
mod people;
mod pool;
mod provider;
mod query;
pub mod redact;
pub mod sending;
mod sync;
pub mod transport;
mod upserts;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use action::{Action, DisappearingTimer, Outcome, PinDuration};
pub use capability::{Capabilities, Capability, Ending, Entry, Pager, Paging, Support};
pub use chats::{
    Attempt, Chat as ChatHandle, ChatList, Chats, ChatsBuilder, ContactList, Events, Media,
    Message as MessageHandle, MessageList, OverviewList, Session, Verdict,
};
pub use diff::{ChatDiff, Comparison, FieldDiff};
pub use driver::{ConnectOptions, Driver, GatewayUri, Secrets, connect};
pub use error::{Effect, Error, ErrorKind, Missing, Result, Retry};
pub use events::{EventStream, PollEvents};
pub use export::{Export, ExportFormat, ExportProgress, ExportReport};
pub use gateway::Gateway;
pub use media_stream::MediaStream;
pub use memory::Memory;
pub use model::{
    Ack, CallAction, Chat, ChatId, ChatKind, Contact, ContactCard, DedupeKey, Event, EventKind, GroupAction,
    GroupInfo, IdError, LabelAction, Location, MediaInfo, Message, MessageId, MessageKey, MessageKind,
    NumberCheck, PairingPicture, PairingQr, Participant, PresenceState, RawJson, Reaction, Reply, Resolved,
    Role, SessionState, Source, Status,
};
pub use operation::{Operation, Repeat};
pub use page::{DecodeNote, Page, PageToken, Skipped};
pub use people::{GetContact, GetGroup, ListContacts};
pub use pool::{Elsewhere, MemberState, Pool, PoolBuilder, PoolMember, Prefer};
pub use provider::{ChatsProvider, ProviderInfo};
pub use query::{
    ChatScope, ChatSort, GetMessage, ListChats, ListMessages, OpenMedia, OverviewQuery, PictureQuery,
    SortOrder,
};
pub use sending::{Attachment, AttachmentKind, Typing};
pub use sync::{SyncCursor, SyncRun, SyncStart, SyncStream, Synced};
pub use transport::HttpOptions;
pub use upserts::{Change, ChangeKind, Upserts};
