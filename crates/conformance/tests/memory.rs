//! The suite on the provider without sockets, which does everything itself, and on what emulation makes of one that
//! does next to nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod world;

use wachats_conformance::{Fixture, Report, Suite};
use wachats_core::{Capability as C, Chats, Ending, Entry, Memory, Pager, Paging};

async fn judge(change: fn(Memory) -> Memory) -> Report {
    let suite = Suite::new(move || async move {
        let expected = world::expected();
        Ok(Fixture::new(Chats::new(change(world::memory(&expected))), expected))
    });
    suite.run().await
}

#[tokio::test]
async fn everything_native() {
    let report = judge(|memory| memory).await;
    assert!(report.is_ok() && report.passed.len() > 70, "{report}");
}

const ARGUMENTS: [C; 12] = [
    C::ChatsOffset,
    C::ChatsSort,
    C::FilterArchived,
    C::FilterName,
    C::MessagesOffset,
    C::FilterSince,
    C::FilterUntil,
    C::FilterFromMe,
    C::FilterAck,
    C::FilterMedia,
    C::Search,
    C::GetMessage,
];

#[tokio::test]
async fn everything_emulated_over_offsets() {
    let report = judge(|mut memory| {
        let told = memory.capabilities_mut();
        told.set_all(&ARGUMENTS, &Entry::emulated("reads the whole list"));
        told.set(C::Overview, Entry::emulated("three calls a chat"));
        told.messages = Paging::new(Pager::Offset, Ending::ShortPage, 20, 50);
        // An emulated offset of a list that is walked by offsets would be a contradiction.
        told.set_all(&[C::MessagesOffset, C::ChatsOffset], &Entry::native());
        memory
    })
    .await;
    assert!(report.is_ok() && report.passed.len() > 70, "{report}");
}

#[tokio::test]
async fn everything_emulated_over_a_window() {
    let report = judge(|mut memory| {
        let told = memory.capabilities_mut();
        told.set_all(&ARGUMENTS, &Entry::emulated("reads a growing window"));
        told.messages = Paging::new(Pager::Window, Ending::ShortPage, 20, 1_000_000);
        told.chats = Paging::new(Pager::Window, Ending::ShortPage, 20, 1_000_000);
        memory
    })
    .await;
    assert!(report.is_ok() && report.passed.len() > 70, "{report}");
}

#[tokio::test]
async fn next_to_nothing_is_served_and_the_rest_refused() {
    let report = judge(|mut memory| {
        let told = memory.capabilities_mut();
        for capability in C::ALL {
            if !matches!(capability, C::ListChats | C::ListMessages) {
                told.set(*capability, Entry::no("this one can't"));
            }
        }
        told.messages = Paging::new(Pager::Window, Ending::ShortPage, 20, 1_000_000);
        told.chats = told.messages;
        memory
    })
    .await;
    assert!(report.is_ok() && !report.skipped.is_empty(), "{report}");
}
