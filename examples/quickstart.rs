//! One account, every gateway: run `cargo run --example quickstart`. Nothing to install, no account needed.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use common::{Opened, Result};
use wachats::{Capability, Chats, ErrorKind, SortOrder};
use wachats_simulator::World;

#[tokio::main]
async fn main() -> Result {
    if let Some(chats) = common::real()? {
        return show(&chats).await;
    }
    println!("A made-up WhatsApp account, served by simulators of the gateways that wachats speaks.");
    println!("The same lines of code read and change it through each of them.\n");
    for Opened { chats, simulator } in common::all(&World::sample()).await? {
        show(&chats).await?;
        change(&chats).await?;
        if let Some(server) = simulator {
            println!("   (all this took {} HTTP requests)\n", server.requests().len());
            server.stop().await;
        }
    }
    println!(
        "Your own gateway: WACHATS_GATEWAY='waha+http://localhost:3000?session=default' WAHA_API_KEY=… \\"
    );
    println!("  cargo run --example list_chats");
    Ok(())
}

async fn show(chats: &Chats) -> Result {
    let what = chats.capabilities().await?;
    let about = [what.engine.as_deref(), what.version.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    println!("== {} {}", what.gateway, about.join(" "));
    println!("   The account is {}. Its most recent chats:", chats.status().await?.state);
    let list = chats.list().limit(4).collect().await?;
    for chat in &list {
        let archived = if chat.archived == Some(true) { "archived" } else { "" };
        println!("     {:32} {:16} {archived}", chat.id.as_str(), chat.name.as_deref().unwrap_or("-"));
    }
    let Some(chat) = list.iter().find(|chat| chat.id.is_phone()) else { return Ok(()) };
    println!("   The newest messages of {}:", chat.name.as_deref().unwrap_or("the first person"));
    for message in chats.chat(&chat.id)?.messages().limit(3).collect().await? {
        let who = if message.from_me { "me" } else { message.sender_name.as_deref().unwrap_or("them") };
        println!("     {who:>12}: {} [{}]", message.text.as_deref().unwrap_or("-"), message.kind);
    }
    Ok(())
}

async fn change(chats: &Chats) -> Result {
    let dmitri = chats.chat("+7 900 123-45-67")?;
    let own = dmitri.messages().from_me(true).limit(1).collect().await?;
    for message in own {
        let outcome = dmitri.message(message.id)?.edit("Привет, edited").await?;
        println!(
            "   Edited an own message{}.",
            if outcome.new_message_id.is_some() { " (the edit has an id)" } else { "" }
        );
    }
    dmitri.archive().await?;
    println!("   Archived Dmitri's chat, and took it out again.");
    dmitri.unarchive().await?;
    let what = chats.capabilities().await?;
    for wish in [Capability::PinChat, Capability::MarkUnread] {
        let told = what.reason(wish).unwrap_or("the gateway does it by itself");
        println!("   Can it {wish}? {:?}: {told}", what.support(wish));
    }
    // What a gateway can't do is refused before any request, never ignored in silence.
    match chats.list().order(SortOrder::Asc).limit(1).collect().await {
        Err(error) if error.kind() == ErrorKind::Unsupported => println!("   Chats, oldest first: {error}"),
        other => println!("   Chats, oldest first: {} found", other?.len()),
    }
    match dmitri.pin().await {
        Err(error) if error.kind() == ErrorKind::Unsupported => println!("   Pinning the chat: {error}"),
        other => println!("   Pinning the chat: done ({})", other?.operation),
    }
    Ok(())
}
