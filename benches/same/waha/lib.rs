//! What a program would do that asks WAHA by hand: the same wire structs and the same model as wachats, and
//! nothing else. The files are those of `wachats-waha` itself, so that the two can't drift apart.
#![allow(dead_code, unused_imports, reason = "only messages are read here")]

use wachats_core::Message;

use files::{engine, translate, wire};

#[path = "../../../crates/waha/src"]
mod files {
    pub(crate) mod engine;
    pub(crate) mod translate;
    pub(crate) mod wire;
}

/// The messages of one page.
///
/// # Errors
/// What serde says of a body that doesn't fit.
pub fn messages(body: &[u8], base: &url::Url) -> Result<Vec<Message>, serde_json::Error> {
    let wires: Vec<wire::WireMessage> = serde_json::from_slice(body)?;
    let cx = translate::Context {
        engine: Some(engine::Engine::Noweb),
        account: None,
        chat: None,
        base,
        now: chrono::Utc::now(),
    };
    Ok(wires.into_iter().filter_map(|wire| translate::message(wire, None, &cx).ok()).collect())
}
