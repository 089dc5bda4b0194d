//! Events, handed over one after the other by whatever keeps them: a gateway's queue, its websocket, an inbox.
//!
//! An application holds an [`EventStream`]; what fills it implements [`EventSource`].

mod query;
mod seen;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod unreadable;

pub use query::PollEvents;
pub use source::{Batch, EventSource};
pub use stream::EventStream;
pub use unreadable::unreadable;
