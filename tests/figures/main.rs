//! The figures of docs/reliability.md that concern a client: seeded, a hundredth of each without further ado, the whole by
//! the variable that each module names. `cargo test --test figures -- --nocapture` prints what was reached.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

#[path = "../common/mod.rs"]
mod common;
mod ids;
mod payloads;
mod redirects;
mod secrets;
mod sends;
#[path = "../matrix/support.rs"]
mod support;
