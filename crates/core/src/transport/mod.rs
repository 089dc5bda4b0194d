//! The one HTTP client of every gateway, safe by default.
//!
//! Per request, so that raw verbs and composed operations obey it too: attempts, retries with a budget, rate
//! limits per account and wire method, concurrency, the time of an attempt. Redirects are followed by reads
//! alone, within the origin; a body is read up to a cap; a URL is never printed. A gateway brings its
//! [`Funnel`], the one place where its answers become errors.

mod attachment;
mod call;
mod client;
mod download;
#[cfg(feature = "fetch")]
mod fetch;
mod limit;
mod options;
mod outcome;
mod place;
mod send;
mod tries;
mod upgrade;
mod upload;

pub use call::{Answer, Call};
pub use client::{Transport, TransportConfig};
pub use limit::Rates;
pub use options::{HttpOptions, RetryEvent};
pub use outcome::{Funnel, by_status, not_json, retry_after};
pub use place::is_private_place;
pub use upload::{Form, Upload};
