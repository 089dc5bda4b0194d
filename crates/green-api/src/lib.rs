#![doc = include_str!("../docs.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod backend;
mod capabilities;
mod config;
mod error;
pub mod event;
mod secret;
mod translate;
mod verb;
mod wire;

#[cfg(test)]
mod corpus;

pub use backend::{GreenApi, RawRequest, WebhookConfig};
pub use config::{GreenApiBuilder, GreenApiDriver};
/// The HTTP method of a raw request.
pub use reqwest::Method;
