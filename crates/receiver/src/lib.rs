#![doc = include_str!("../docs.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod handling;
mod http;
mod inbound;
mod inbox;
mod receiver;
mod reply;
mod serve;
mod source;

pub use handling::Handling;
pub use inbound::Inbound;
pub use inbox::{Counts, DeadLetter, Inbox, InboxOptions, UnknownReply};
pub use receiver::{Receiver, Verdict, Verdicts};
pub use reply::Replied;
