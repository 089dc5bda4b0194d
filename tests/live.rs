//! The read-only part of the conformance suite on a real gateway: `WACHATS_GATEWAY=… cargo test --test live -- --nocapture`.
//!
//! Without `WACHATS_GATEWAY` it says that it skipped. It prints counts and names of fields, never content.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails loudly, and says that it skipped"
)]

mod common;

use wachats::{Chats, Secrets};
use wachats_conformance::{Expected, Fixture, Report, Suite};

/// Looks at a little of the account, then judges the gateway by it.
async fn judge(chats: Chats) -> Report {
    let expected = Expected::observe(&chats).await.expect("the account can be read");
    let fixture = Fixture::new(chats, expected);
    let suite = Suite::new(move || std::future::ready(Ok(fixture.clone())));
    suite.read_only().run().await
}

#[tokio::test]
async fn a_real_gateway_keeps_its_promises() {
    let Ok(uri) = std::env::var("WACHATS_GATEWAY") else {
        println!("skipped: WACHATS_GATEWAY names no gateway");
        return;
    };
    let chats = wachats::connect(&uri, Secrets::from_env()).expect("the address and its secret");
    let report = judge(chats).await;
    println!("{report}");
    assert!(report.is_ok(), "{}", report.summary());
}

/// The same on simulators: what is run against real accounts is tried before, and proven to change nothing.
#[tokio::test]
async fn the_read_only_part_changes_nothing() {
    for gateway in common::ALL {
        let world = common::worlds::common();
        let before = world.snapshot();
        let opened = gateway.open(&world).await;
        let report = judge(opened.chats).await;
        assert!(report.is_ok(), "{}: {report}", gateway.name());
        assert!(world.snapshot() == before, "{} was changed", gateway.name());
    }
}
