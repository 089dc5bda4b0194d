#![doc = include_str!("../docs.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )
)]

mod backend;
mod capabilities;
mod config;
mod content;
mod error;
mod error_media;
pub mod event;
mod translate;
mod translate_people;
mod version;
mod wire;
mod wire_people;

pub use backend::{Gowa, RawRequest, WebhookConfig};
pub use config::{GowaBuilder, GowaDriver};
/// The HTTP method of a raw request.
pub use reqwest::Method;
