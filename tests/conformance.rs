//! The conformance suite on every gateway's simulator: `cargo test --test conformance -- --nocapture` prints the counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

mod common;

use std::sync::Arc;

use common::{Gateway, truth, witness, worlds};
use wachats::{Chats, Memory, Operation};
use wachats_conformance::{Expected, Fixture, Report, Suite};
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::Contact;

/// What WhatsApp does and the gateway's own lists don't show.
fn unseen(gateway: Gateway) -> Vec<Operation> {
    match gateway {
        // GOWA keeps rows of its own, which an edit, a reaction and a deletion leave as they were.
        // Places, cards and polls of its own are texts there.
        Gateway::Gowa(_) => vec![
            Operation::EditMessage,
            Operation::React,
            Operation::DeleteMessage,
            Operation::SendLocation,
            Operation::SendContact,
            Operation::SendPoll,
        ],
        _ => Vec::new(),
    }
}

fn expected(gateway: Gateway, world: &wachats_simulator::World) -> Expected {
    let mut expected = truth::expected(world);
    expected.unseen = unseen(gateway);
    expected
}

async fn judge(gateway: Gateway) -> Report {
    let suite = Suite::new(move || async move {
        let world = worlds::common();
        // nothing but the address book tells of them
        world.add_contact(Contact::new("333@lid").push_name("Hidden"));
        world.add_contact(Contact::new("5511955555555"));
        let opened = gateway.open(&world).await;
        let expected = expected(gateway, &world);
        let server = Arc::clone(&opened.server);
        Ok(Fixture::new(opened.chats, expected)
            .requests(move || server.requests().len())
            .witness(move |action| witness::look(&world, action))
            .keep(opened.server))
    });
    suite.run().await
}

async fn holds(gateway: Gateway) {
    let report = judge(gateway).await;
    println!("conformance of {}: {}", gateway.name(), report.summary());
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn memory() {
    let suite = Suite::new(|| async {
        let expected = truth::expected(&worlds::common());
        let mut chats = expected.chats.clone();
        for chat in chats.iter_mut().filter(|chat| Some(&chat.id) == expected.pictured.as_ref()) {
            chat.picture_url = Some("https://pps.whatsapp.net/v/anna.jpg".to_owned());
        }
        let mut memory = Memory::new(chats, expected.messages.clone());
        if let Some(sample) = &expected.media {
            memory = memory.with_media(sample.id.key().clone(), sample.bytes.clone());
        }
        expected.contacts.iter().cloned().for_each(|contact| memory.put_contact(contact));
        expected.groups.iter().cloned().for_each(|group| memory.put_group(group));
        Ok(Fixture::new(Chats::new(memory), expected))
    });
    let report = suite.run().await;
    println!("conformance of memory: {}", report.summary());
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn waha_webjs() {
    holds(Gateway::Waha(Engine::Webjs)).await;
}

#[tokio::test]
async fn waha_wpp() {
    holds(Gateway::Waha(Engine::Wpp)).await;
}

#[tokio::test]
async fn waha_noweb() {
    holds(Gateway::Waha(Engine::Noweb)).await;
}

#[tokio::test]
async fn waha_gows() {
    holds(Gateway::Waha(Engine::Gows)).await;
}

#[tokio::test]
async fn wappfy() {
    holds(Gateway::Wappfy).await;
}

#[tokio::test]
async fn green_api() {
    holds(Gateway::GreenApi).await;
}

#[tokio::test]
async fn gowa_7_8() {
    holds(Gateway::Gowa(Version::new(7, 8, 0))).await;
}

#[tokio::test]
async fn gowa_8_3() {
    holds(Gateway::Gowa(Version::new(8, 3, 2))).await;
}

#[tokio::test]
async fn gowa_9_2() {
    holds(Gateway::Gowa(Version::new(9, 2, 0))).await;
}
