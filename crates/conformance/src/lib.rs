//! The behaviour that every [`ChatsProvider`](wachats_core::ChatsProvider) must show, as a suite that anyone can run.
//!
//! A [`Suite`] is given a way to make a [`Fixture`]: a handle on a gateway and what the account behind it holds
//! ([`Expected`]). Cases are chosen by what the gateway says it can do: a capability that it claims must be served, one
//! that it denies must be refused before any request, with a reason. Every
//! [`Capability`](wachats_core::Capability) has a case or a stated exemption, or this crate doesn't compile.
//!
//! ```
//! # async fn run() {
//! use wachats_conformance::{Expected, Fixture, Suite};
//! use wachats_core::{Chat, ChatId, Chats, Memory, Message, MessageKey};
//! # fn world() -> (Vec<Chat>, Vec<Message>) { (Vec::new(), Vec::new()) }
//! let suite = Suite::new(|| async {
//!     let (chats, messages) = world();
//!     Ok(Fixture::new(Chats::new(Memory::new(chats.clone(), messages.clone())), Expected::new(chats, messages)))
//! });
//! let report = suite.run().await;
//! assert!(report.is_ok(), "{report}");
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests fail loudly"))]

mod cases;
mod check;
mod expected;
mod fixture;
mod model;
mod report;
mod suite;

pub use expected::{Expected, MediaSample};
pub use fixture::Fixture;
pub use model::{differing_chat_fields, differing_message_fields};
pub use report::{Case, Report};
pub use suite::Suite;
