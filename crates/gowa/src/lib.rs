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
pub mod event;
mod translate;
mod version;
mod wire;

pub use backend::{Gowa, RawRequest};
pub use config::{GowaBuilder, GowaDriver};
/// The HTTP method of a raw request.
pub use reqwest::Method;
