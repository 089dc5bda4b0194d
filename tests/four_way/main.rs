//! One world through every gateway: what they tell must be the same wherever the wire carries the fact.
//!
//! Each is compared with the world itself, field by field; every difference stands in a table with its reason, and a row
//! of the table that no longer is a difference fails too. `--nocapture` prints what was found.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

#[path = "../common/mod.rs"]
mod common;
mod differences;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::{ALL, Gateway, truth};
use differences::DIFFERENCES;
use serde::Serialize;
use serde_json::Value;
use wachats::{Chat, ChatId, Message};
use wachats_conformance::{Expected, differing_chat_fields, differing_message_fields};
use wachats_simulator::World;

/// What differs, and how often.
type Found = BTreeMap<String, usize>;

/// Fields told by one side and not by the other. Addresses are the gateway's own affair.
fn untold<T: Serialize>(what: &str, found: &T, wanted: &T, tally: &mut Found) {
    const OWN: [&str; 6] = ["id", "raw", "picture_url", "last_message", "url", "at"];
    let value = |item: &T| serde_json::to_value(item).expect("the model is JSON");
    let (Value::Object(found), Value::Object(wanted)) = (value(found), value(wanted)) else { return };
    for (field, wanted) in &wanted {
        let told = found.get(field).is_some_and(|value| !value.is_null());
        if OWN.contains(&field.as_str()) {
            continue;
        }
        if wanted.is_null() {
            if told {
                *tally.entry(format!("{what}.{field} told, unlike the world")).or_default() += 1;
            }
        } else if !told {
            *tally.entry(format!("{what}.{field} untold")).or_default() += 1;
        } else if let ("media", Some(found), Some(wanted)) =
            (field.as_str(), found[field].as_object(), wanted.as_object())
        {
            for (part, wanted) in wanted {
                if !OWN.contains(&part.as_str()) && !wanted.is_null() && found[part].is_null() {
                    *tally.entry(format!("{what}.media.{part} untold")).or_default() += 1;
                }
            }
        }
    }
}

/// A person's phone and lid count as one.
fn person(world: &World, id: &ChatId) -> String {
    world.phone_of(id.as_str()).unwrap_or_else(|| id.to_string())
}

fn identity(world: &World, message: &Message) -> (String, String, bool) {
    (person(world, &message.chat_id), message.key.to_string(), message.from_me)
}

async fn compare(gateway: Gateway, world: &World, truth: &Expected) -> Found {
    let opened = gateway.open(world).await;
    let mut tally = Found::new();
    let chats = opened.chats.list().collect().await.expect("chats can be listed");
    compare_chats(&chats, &truth.chats, &mut tally);
    let mut found: HashMap<(String, String, bool), Message> = HashMap::new();
    for chat in &truth.chats {
        match opened.chats.chat(&chat.id).unwrap().messages().collect().await {
            Ok(messages) => found.extend(messages.into_iter().map(|m| (identity(world, &m), m))),
            Err(error) => {
                *tally.entry(format!("messages of a {} chat: {}", chat.kind, error.kind())).or_default() += 1;
            }
        }
    }
    let wanted: HashMap<_, _> = truth.messages.iter().map(|m| (identity(world, m), m)).collect();
    for (identity, message) in &found {
        if !wanted.contains_key(identity) {
            *tally.entry(format!("message added: {}", message.kind)).or_default() += 1;
        }
    }
    for (identity, wanted) in wanted {
        let Some(message) = found.get(&identity) else {
            let place = wanted.chat_id.kind();
            *tally.entry(format!("message missing: {} in a {place} chat", wanted.kind)).or_default() += 1;
            continue;
        };
        for field in differing_message_fields(message, wanted) {
            let what = match field {
                "kind" => format!("message.kind {} told as {}", wanted.kind, message.kind),
                "chat_id" => continue, // a lid's chat merged into the phone's, or the reverse
                _ => format!("message.{field} told otherwise"),
            };
            *tally.entry(what).or_default() += 1;
        }
        untold("message", message, wanted, &mut tally);
    }
    tally
}

fn compare_chats(found: &[Chat], wanted: &[Chat], tally: &mut Found) {
    for chat in found.iter().filter(|chat| !wanted.iter().any(|w| w.id == chat.id)) {
        *tally.entry(format!("chat added: {}", chat.kind)).or_default() += 1;
    }
    for wanted in wanted {
        let Some(chat) = found.iter().find(|chat| chat.id == wanted.id) else {
            let kind = if wanted.id.is_lid() { "lid" } else { wanted.kind.as_str() };
            *tally.entry(format!("chat missing: {kind}")).or_default() += 1;
            continue;
        };
        for field in differing_chat_fields(chat, wanted) {
            *tally.entry(format!("chat.{field} told otherwise")).or_default() += 1;
        }
        untold("chat", chat, wanted, tally);
    }
}

#[tokio::test]
async fn every_gateway_tells_the_same_world() {
    let world = World::sample();
    let truth = truth::expected(&world);
    let mut used = BTreeSet::new();
    let mut unexplained = Vec::new();
    for gateway in ALL {
        let name = gateway.name();
        for (what, count) in compare(gateway, &world, &truth).await {
            let row = DIFFERENCES.iter().position(|(gateways, told, _)| {
                *told == what && gateways.iter().any(|g| name.starts_with(g))
            });
            match row {
                Some(row) => {
                    let (gateways, _, reason) = DIFFERENCES[row];
                    used.extend(gateways.iter().filter(|g| name.starts_with(*g)).map(|g| (row, *g)));
                    println!("{name:12} {count:4} × {what}: {reason}");
                }
                None => unexplained.push(format!("{name:12} {count:4} × {what}")),
            }
        }
    }
    let stale: Vec<String> = DIFFERENCES
        .iter()
        .enumerate()
        .flat_map(|(row, (gateways, what, _))| gateways.iter().map(move |g| (row, *g, *what)))
        .filter(|(row, gateway, _)| !used.contains(&(*row, *gateway)))
        .map(|(_, gateway, what)| format!("{gateway}: {what}"))
        .collect();
    assert!(unexplained.is_empty(), "differences without a reason:\n{}", unexplained.join("\n"));
    assert!(stale.is_empty(), "reasons without a difference:\n{}", stale.join("\n"));
}

/// The same identities through all of them, in the chats that all of them carry.
#[tokio::test]
async fn identities_are_the_same_on_every_gateway() {
    let world = common::worlds::common();
    type Identities = BTreeSet<(String, String, bool)>;
    let mut all: Vec<(String, Identities)> = Vec::new();
    for gateway in ALL {
        let opened = gateway.open(&world).await;
        let mut seen = BTreeSet::new();
        for chat in [common::worlds::ANNA, common::worlds::BORIS, common::worlds::CHOIR] {
            let messages = opened.chats.chat(chat).unwrap().messages().collect().await.unwrap();
            seen.extend(messages.iter().map(|m| identity(&world, m)));
        }
        all.push((gateway.name(), seen));
    }
    let (first, wanted) = &all[0];
    for (name, seen) in &all {
        assert_eq!(seen.len(), wanted.len(), "{name} against {first}");
        assert!(
            seen == wanted,
            "{name} and {first} disagree on {} identities",
            seen.symmetric_difference(wanted).count()
        );
    }
}
