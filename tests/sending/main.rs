//! Sending more than texts, over the simulators: what arrives, what is on the wire, what is refused before it, and
//! that nothing is ever sent twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod arriving;
mod refused;

use std::path::{Path, PathBuf};

use common::{Gateway, Opened, worlds};
use serde_json::Value;
use wachats::AttachmentKind as Kind;
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::Message;
use wachats_simulator::{Recorded, World};

pub(crate) const GOWA: Gateway = Gateway::Gowa(Version::new(9, 2, 0));
pub(crate) const WAHA: Gateway = Gateway::Waha(Engine::Noweb);
pub(crate) const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
pub(crate) const HELLO: &str = "3EB0A000000000000001";

pub(crate) fn opus() -> Vec<u8> {
    [&b"OggS\0\x02"[..], &[0; 22], b"OpusHead\x01\x01\0\0"].concat()
}

pub(crate) fn bytes_of(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Image => JPEG.to_vec(),
        Kind::Video => b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41".to_vec(),
        Kind::Audio => b"ID3\x04\0\0\0\0\0\0sound".to_vec(),
        Kind::Voice => opus(),
        Kind::Sticker => b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(),
        _ => b"%PDF-1.7\n%%EOF".to_vec(),
    }
}

/// The newest own message of the chat with Anna.
pub(crate) fn newest(world: &World) -> Message {
    world.messages(worlds::ANNA).into_iter().filter(|m| m.from_me).max_by_key(|m| m.seq).unwrap()
}

pub(crate) fn count(world: &World) -> usize {
    world.messages(worlds::ANNA).len()
}

/// Requests that send: the route tells.
pub(crate) fn sends(opened: &Opened) -> Vec<Recorded> {
    let mut all = opened.server.requests();
    all.retain(|r| {
        r.method == "POST" && (r.path_and_query.contains("send") || r.path_and_query.contains("orward"))
    });
    all
}

pub(crate) async fn quick(gateway: Gateway, world: &World) -> Opened {
    let opened = gateway.open(world).await;
    opened.chats.capabilities().await.unwrap();
    opened.server.clear_requests();
    opened
}

pub(crate) fn json(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

pub(crate) fn text(request: &Recorded) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

pub(crate) fn temporary(name: &str, bytes: &[u8]) -> PathBuf {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("wachats-sending-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(crate) fn remove(path: &Path) {
    std::fs::remove_dir_all(path.parent().unwrap()).ok();
}
