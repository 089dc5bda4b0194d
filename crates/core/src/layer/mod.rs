//! Providers around a provider: each does one thing and forwards the rest.
//!
//! [`Chats`](crate::Chats) composes them in the order [`Trace`], [`Deadline`], [`Guard`], [`Emulate`],
//! provider, so that a span sees the whole time, the deadline holds for everything a composed answer needs,
//! and the guard refuses before emulation begins. Each is replaceable: build your own stack and hand it to
//! [`Chats::builder`](crate::Chats::builder).

pub mod deadline;
pub(crate) mod emulate;
mod guard;
mod trace;

pub use deadline::Deadline;
pub use emulate::Emulate;
pub use guard::Guard;
pub use trace::Trace;
