//! What is sent beyond texts: files, places, contact cards, polls.
//!
//! An application makes an [`Attachment`]; a gateway has it made ready by
//! [`Transport::attachment`](crate::transport::Transport::attachment) and sends the [`Prepared`] file as its
//! wire wants it. What no gateway takes is refused here, before any request.

mod attachment;
mod card;
pub(crate) mod check;
mod content;
mod kind;
mod prepared;
mod sniff;
mod typing;

pub use attachment::Attachment;
pub use card::vcard;
pub use check::digits;
pub use content::Content;
pub use kind::AttachmentKind;
pub use prepared::{Body, Prepared};
pub use typing::Typing;

pub(crate) use attachment::Source;
pub(crate) use content::Faults;
pub(crate) use prepared::name_in;
