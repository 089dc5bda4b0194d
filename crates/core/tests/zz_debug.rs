//! debug
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use crate::support::*;
use wachats_core::*;

#[test]
fn debug() {
    let mut rng = fastrand::Rng::with_seed(473);
    let model = emu::world(&mut rng);
    let gateway = emu::lacking(&model, &emu::OF_CHATS, &mut rng);
    println!("{:?}", gateway.info().capabilities.chats);
    for c in emu::OF_CHATS { println!("{c} {:?}", gateway.info().capabilities.support(c)); }
    let chats = Chats::new(Lively::quiet(gateway, Fault::None));
    runtime().block_on(async {
        let all = chats.list().archived(false).order(SortOrder::Asc).collect().await.unwrap();
        println!("{:?}", all.iter().map(|c| (c.id.to_string(), c.last_message_at)).collect::<Vec<_>>());
    });
}
#[path = "/tmp/emu.rs"]
mod emu;
mod support;
