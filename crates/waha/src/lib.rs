#![doc = include_str!("../docs.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod backend;
mod capability;
mod config;
mod dialect;
mod engine;
mod error;
pub mod event;
mod translate;
mod wire;

pub use backend::{RawRequest, Waha, WebhookConfig, WebhookRetries};
pub use config::{WahaBuilder, WahaDriver};
pub use dialect::Dialect;
pub use reqwest::Method;
