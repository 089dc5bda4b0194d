//! Moves from one gateway to another: reads a chat through both, finds the same messages by (chat, key, from me), and
//! tells what differs: `cargo run --example moving_house [CHAT]`.
//!
//! Offline by default, from WAHA to GOWA; `WACHATS_FROM` and `WACHATS_TO` name two real gateways, secrets as ever (for
//! two of the same kind add `&env_prefix=NEW_` to one address and name its secrets so).
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use std::collections::BTreeMap;

use wachats::Secrets;
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

    let diff = old.diff(&new, &id)?.limit(1000).run().await?;
    println!("{} messages are not there any more, {} are new", diff.only_here.len(), diff.only_there.len());
    let mut fields: BTreeMap<&str, usize> = BTreeMap::new();
    diff.different.iter().for_each(|told| *fields.entry(&told.field).or_default() += 1);
    fields.iter().for_each(|(field, count)| println!("  told differently: {field} of {count}"));
    Ok(())
}
