//! Moves from one gateway to another: reads a chat through the old one, finds the same messages through the new one by
//! (chat, key, from me), and tells what differs: `cargo run --example moving_house [CHAT]`.
//!
//! Offline by default, from WAHA to GOWA; `WACHATS_FROM` and `WACHATS_TO` name two real gateways, secrets as ever (for
//! two of the same kind add `&env_prefix=NEW_` to one address and name its secrets so).
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use std::collections::{BTreeMap, HashMap};

use wachats::{Message, MessageKey, Secrets};
use wachats_conformance::differing_message_fields;
use wachats_simulator::World;

#[tokio::main]
async fn main() -> common::Result {
    let addresses = std::env::var("WACHATS_FROM").and_then(|from| Ok((from, std::env::var("WACHATS_TO")?)));
    let mut servers = Vec::new();
    let (old, new) = match addresses {
        Ok((from, to)) => {
            (wachats::connect(&from, Secrets::from_env())?, wachats::connect(&to, Secrets::from_env())?)
        }
        Err(_) => {
            let world = World::sample();
            let (old, new) = (common::waha_simulator(&world).await?, common::gowa_simulator(&world).await?);
            servers.extend([old.simulator, new.simulator]);
            (old.chats, new.chats)
        }
    };
    let id = std::env::args().nth(1).unwrap_or_else(|| "5511911111111".to_owned());
    println!("From {} to {}", old.gateway(), new.gateway());

    // An application stores (chat, key, from_me): the printed id may change with the gateway.
    let identity = |message: &Message| (message.key.clone(), message.from_me);
    let before: Vec<Message> = old.chat(&id)?.messages().limit(1000).collect().await?;
    let after: HashMap<(MessageKey, bool), Message> = {
        let found = new.chat(&id)?.messages().limit(1000).collect().await?;
        found.into_iter().map(|message| (identity(&message), message)).collect()
    };
    let mut differing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    let mut same = 0;
    for message in &before {
        match after.get(&identity(message)) {
            None => *missing.entry(message.kind.to_string()).or_default() += 1,
            Some(found) => {
                let fields = differing_message_fields(found, message);
                same += usize::from(fields.is_empty());
                fields.into_iter().for_each(|field| *differing.entry(field).or_default() += 1);
            }
        }
    }
    let found = before.len() - missing.values().sum::<usize>();
    println!("{} messages before, {found} of them found again, {same} of these the same", before.len());
    println!("{} are new to the old gateway", after.len() - found);
    missing.iter().for_each(|(kind, count)| println!("  not there any more: {count} of kind {kind}"));
    differing.iter().for_each(|(field, count)| println!("  told differently: {field} of {count}"));
    Ok(())
}
