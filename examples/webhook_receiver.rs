//! Receives WAHA's webhooks into a durable inbox: `cargo run --example webhook_receiver`.
//!
//! Offline by default: a simulator delivers, twice each and out of order. For a real WAHA set `WACHATS_WEBHOOK_SECRET` and
//! give an address to listen at: `… --example webhook_receiver 127.0.0.1:8080`, until Ctrl-C.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod common;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use wachats::waha::event::WahaEvents;
use wachats::webhook::WebhookKeys;
use wachats_receiver::{Inbound, Inbox, Receiver};
use wachats_simulator::waha::{self, Engine, Profile};
use wachats_simulator::world::{Ack, Content, Message};
use wachats_simulator::{Courier, Server, World};

#[tokio::main]
async fn main() -> common::Result {
    let address = std::env::args().nth(1);
    let secret = std::env::var("WACHATS_WEBHOOK_SECRET").unwrap_or_else(|_| "demo secret".to_owned());

    // Events are here from the answer to their delivery until they are handled, whatever happens in between.
    let path = std::env::temp_dir().join(format!("wachats-example-{}.db", std::process::id()));
    let inbox = Inbox::open(&path)?;
    let receiver = Receiver::new(WahaEvents::new(), WebhookKeys::new(secret.as_str()), inbox.clone())?;
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let url = format!("http://{}/waha", listener.local_addr()?);
    println!("Waiting for webhooks at {url}");
    let server = {
        let receiver = receiver.clone();
        tokio::spawn(async move { receiver.serve(listener, std::future::pending()).await })
    };

    let simulator = if address.is_none() { Some(simulate(&url, &secret).await?) } else { None };
    let stop = async {
        match &simulator {
            Some(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            None => tokio::signal::ctrl_c().await.unwrap_or_default(),
        }
    };
    // A handler that fails has its event come again, ten times, with pauses that grow.
    let handling = inbox.handling().run_until(stop, |event: Arc<Inbound>| async move {
        let text = event.message().and_then(|message| message.text.as_deref()).unwrap_or_default();
        let chat = event.chat_id.as_ref().map(ToString::to_string).unwrap_or_default();
        println!("  {:18} {chat:28} {text}", event.name());
        Ok::<_, Infallible>(())
    });
    handling.await;

    let verdicts = receiver.verdicts();
    println!("{} deliveries were taken, {} events were new.", verdicts.accepted, verdicts.new_events);
    println!("{} deliveries bore a wrong signature or none.", verdicts.forged);
    server.abort();
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(format!("{}{ending}", path.display())).ok();
    }
    Ok(())
}

async fn simulate(url: &str, secret: &str) -> common::Result<Server> {
    let world = World::sample();
    // a delivery of months ago would be refused as a replay
    world.set_clock(None);
    let courier = Courier::new().duplicated(1).reordered(3);
    let profile = Profile::new(Engine::Noweb).webhook(url, Some(secret)).courier(courier);
    let server = waha::serve(world.clone(), profile).await?;
    world.receive(Message::text("5511911111111@c.us", "3EB0E1", "Good morning"));
    let own = world.send_from_phone("5511911111111@c.us", Content::Text("Hello, Alice".to_owned()));
    world.ack("5511911111111@c.us", &own.key, Ack::Read);
    world.react("5511911111111@c.us", &own.key, Some("5511911111111@c.us"), "👍");
    Ok(server)
}
