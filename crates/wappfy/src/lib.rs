#![doc = include_str!("../docs.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod backend;
mod config;
pub mod event;

pub use backend::Wappfy;
pub use config::{WappfyBuilder, WappfyDriver};
pub use wachats_waha::{Method, RawRequest, WebhookConfig, WebhookRetries};
