//! What WAHA and its engines send. Every field is optional: of the recorded messages none keeps the
//! required fields of the published schema.

mod chat;
mod message;
mod people;
mod proto;
mod scalar;
mod session;

pub(crate) use chat::{Summary, WireChat};
pub(crate) use message::{Code, Data, RawReaction, WireMessage, WireReply};
pub(crate) use people::{Existence, WireContact};
pub(crate) use proto::Card;
pub(crate) use scalar::{Jid, Number, Spelling};
pub(crate) use session::{Lid, Picture, Server, Session};
