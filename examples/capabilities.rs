//! What the gateways can do, side by side: `cargo run --example capabilities`.
//!
//! Offline it shows every gateway there is, with `WACHATS_GATEWAY` that one, with its reasons.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use wachats::{Capability, Support};
use wachats_simulator::World;

#[tokio::main]
async fn main() -> common::Result {
    if let Some(chats) = common::real()? {
        let what = chats.capabilities().await?;
        for (capability, entry) in what.iter() {
            println!(
                "{:20} {:9} {}",
                capability.as_str(),
                word(entry.support),
                entry.reason.as_deref().unwrap_or("")
            );
        }
        return Ok(());
    }
    let mut columns = Vec::new();
    // The servers live as long as `opened`.
    let opened = common::all(&World::sample()).await?;
    for gateway in &opened {
        columns.push(gateway.chats.capabilities().await?);
    }
    print!("{:20}", "");
    for what in &columns {
        print!(" {:10}", what.gateway.as_str());
    }
    println!();
    for capability in Capability::ALL {
        print!("{:20}", capability.as_str());
        for what in &columns {
            print!(" {:10}", word(what.support(*capability)));
        }
        println!();
    }
    println!("\nWhy not native:");
    for what in &columns {
        for (capability, entry) in what.iter().filter(|(_, entry)| entry.support != Support::Native) {
            println!(
                "{:10} {:20} {}",
                what.gateway.as_str(),
                capability.as_str(),
                entry.reason.as_deref().unwrap_or("-")
            );
        }
    }
    Ok(())
}

fn word(support: Support) -> &'static str {
    match support {
        Support::Native => "native",
        Support::Emulated => "emulated",
        _ => "-",
    }
}
