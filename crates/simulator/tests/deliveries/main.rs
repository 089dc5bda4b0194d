//! What the gateways tell by themselves: webhooks, websockets, notifications. The recorded deliveries of real servers
//! and the documented ones must have the same shape as the simulator's.
//!
//! `WACHATS_CORPUS` names the folder of the recordings; without one those tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and prints its summary"
)]

#[path = "../client/mod.rs"]
mod client;

mod couriers;
mod gowa;
mod gowa_recorded;
mod green_api;
#[path = "../replay_waha/shape.rs"]
mod shape;
mod socket_client;
mod waha;
mod waha_recorded;

use std::path::PathBuf;

use axum::Router;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use wachats_simulator::{Recorded, Server};

/// The recordings of a gateway by file name, in their order.
fn corpus(gateway: &str) -> Option<Vec<(String, Value)>> {
    let folder = std::env::var_os("WACHATS_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let entries = std::fs::read_dir(folder.join(gateway)).ok()?;
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap())
    };
    Some(files.into_iter().map(read).collect())
}

/// A receiver that takes everything; its faults refuse.
async fn receiver() -> Server {
    Server::start(Router::new().fallback(|| async { "ok" })).await.unwrap()
}

fn header<'a>(request: &'a Recorded, name: &str) -> &'a str {
    request.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn json(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

fn sha512(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha512>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}
