//! Where the examples get their gateway from: the one that `WACHATS_GATEWAY` names, with its secret in the environment
//! (`WAHA_API_KEY`, `WAPPFY_API_KEY`, `GREEN_API_TOKEN`, `GOWA_USER` and `GOWA_PASS`), or a simulator that needs none.
#![allow(dead_code, unreachable_pub, reason = "each example uses a part of it")]

use std::error::Error;

use wachats::{Chats, Secrets};
use wachats_simulator::waha::Engine;
use wachats_simulator::{Server, World, gowa, green_api, waha, wappfy};

pub type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A gateway, and the simulator behind it unless it is a real one.
pub struct Opened {
    pub chats: Chats,
    pub simulator: Option<Server>,
}

impl Opened {
    fn simulated(scheme: &str, options: &str, server: Server, secrets: Secrets) -> Result<Self> {
        let chats = wachats::connect(&format!("{scheme}+{}{options}", server.url()), secrets)?;
        Ok(Self { chats, simulator: Some(server) })
    }
}

/// The gateway to work with.
pub async fn open() -> Result<Opened> {
    match real()? {
        Some(chats) => Ok(Opened { chats, simulator: None }),
        None => waha_simulator(&World::sample()).await,
    }
}

/// The gateway that the environment names.
pub fn real() -> Result<Option<Chats>> {
    match std::env::var("WACHATS_GATEWAY") {
        Ok(uri) => Ok(Some(wachats::connect(&uri, Secrets::from_env())?)),
        Err(_) => Ok(None),
    }
}

/// One simulated account behind every gateway there is.
pub async fn all(world: &World) -> Result<Vec<Opened>> {
    let wappfy = wappfy::serve(world.clone(), wappfy::Profile::new().key("demo")).await?;
    let profile = green_api::Profile::new();
    let (instance, token) = (profile.id(), profile.token().to_owned());
    let green = green_api::serve(world.clone(), profile).await?;
    let options = format!("?instance={instance}&media={}", green.url());
    Ok(vec![
        waha_simulator(world).await?,
        Opened::simulated("wappfy", "?session=default", wappfy, Secrets::wappfy("demo"))?,
        Opened::simulated("green-api", &options, green, Secrets::green_api(token))?,
        gowa_simulator(world).await?,
    ])
}

pub async fn waha_simulator(world: &World) -> Result<Opened> {
    let server = waha::serve(world.clone(), waha::Profile::new(Engine::Webjs).key("demo")).await?;
    Opened::simulated("waha", "?session=default", server, Secrets::waha("demo"))
}

pub async fn gowa_simulator(world: &World) -> Result<Opened> {
    let profile = gowa::Profile::v9_2().basic_auth("demo", "demo");
    let server = gowa::serve(world.clone(), profile).await?;
    Opened::simulated("gowa", "", server, Secrets::gowa("demo", "demo"))
}
