//! The read-only part of the conformance suite on a real gateway: `WACHATS_GATEWAY=… cargo test --test live -- --nocapture`.
//!
//! Without `WACHATS_GATEWAY` it says that it skipped. It prints counts and names of fields, never content.

use wachats::Secrets;
use wachats_conformance::{Expected, Fixture, Suite};

#[tokio::test]
async fn a_real_gateway_keeps_its_promises() {
    let Ok(uri) = std::env::var("WACHATS_GATEWAY") else {
        println!("skipped: WACHATS_GATEWAY names no gateway");
        return;
    };
    let chats = wachats::connect(&uri, Secrets::from_env()).expect("the address and its secret");
    let expected = Expected::observe(&chats).await.expect("the account can be read");
    let fixture = Fixture::new(chats, expected);
    let suite = Suite::new(move || {
        let fixture = fixture.clone();
        async move { Ok(fixture) }
    });
    let report = suite.read_only().run().await;
    println!("{report}");
    assert!(report.is_ok(), "{}", report.summary());
}
