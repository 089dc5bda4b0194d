//! What the tests across crates share: every gateway's simulator on one world, and that world in unified values.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail loudly; each test uses a part of them"
)]

pub mod sending;
pub mod truth;
pub mod witness;
pub mod worlds;

use std::sync::Arc;
use std::time::Duration;

use wachats::transport::HttpOptions;
use wachats::{Chats, ConnectOptions, Secrets};
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::{Server, World, gowa, green_api, waha, wappfy};

/// A gateway in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    Waha(Engine),
    Wappfy,
    Gowa(Version),
    GreenApi,
}

/// Every form that is tested, in the order of the tables.
pub const ALL: [Gateway; 9] = [
    Gateway::Waha(Engine::Webjs),
    Gateway::Waha(Engine::Wpp),
    Gateway::Waha(Engine::Noweb),
    Gateway::Waha(Engine::Gows),
    Gateway::Wappfy,
    Gateway::GreenApi,
    Gateway::Gowa(Version::new(7, 8, 0)),
    Gateway::Gowa(Version::new(8, 3, 2)),
    Gateway::Gowa(Version::new(9, 2, 0)),
];

/// One of each kind.
pub const ONE_OF_EACH: [Gateway; 4] =
    [Gateway::Waha(Engine::Webjs), Gateway::Wappfy, Gateway::GreenApi, Gateway::Gowa(Version::new(9, 2, 0))];

/// The key, token, user and password of every simulator: nothing may ever print it.
pub const CANARY: &str = "c4n4ryKEY0c4n4ryKEY0";

impl Gateway {
    /// Its name in tables.
    pub fn name(self) -> String {
        match self {
            Self::Waha(engine) => format!("waha {}", engine.name()),
            Self::Wappfy => "wappfy".to_owned(),
            Self::Gowa(version) => format!("gowa {version}"),
            Self::GreenApi => "green-api".to_owned(),
        }
    }

    /// A simulator of it on this world, which asks for the canary.
    pub async fn serve(self, world: &World) -> Server {
        let world = world.clone();
        let served = match self {
            Self::Waha(engine) => waha::serve(world, waha::Profile::new(engine).key(CANARY)).await,
            Self::Wappfy => wappfy::serve(world, wappfy::Profile::new().key(CANARY)).await,
            Self::Gowa(version) => {
                gowa::serve(world, gowa::Profile::new(version).basic_auth(CANARY, CANARY)).await
            }
            Self::GreenApi => {
                let profile = green_api::Profile::new().credentials(7_103_000_001, CANARY);
                green_api::serve(world, profile).await
            }
        };
        served.expect("a loopback port is free")
    }

    /// Its address, as an application writes it.
    pub fn uri(self, url: &str) -> String {
        match self {
            Self::Waha(_) => format!("waha+{url}?session=default"),
            Self::Wappfy => format!("wappfy+{url}?session=default"),
            Self::Gowa(_) => format!("gowa+{url}"),
            Self::GreenApi => format!("green-api+{url}?instance=7103000001&media={url}"),
        }
    }

    /// The secrets that its simulator asks for.
    pub fn secrets(self) -> Secrets {
        match self {
            Self::Waha(_) => Secrets::waha(CANARY),
            Self::Wappfy => Secrets::wappfy(CANARY),
            Self::Gowa(_) => Secrets::gowa(CANARY, CANARY),
            Self::GreenApi => Secrets::green_api(CANARY),
        }
    }

    /// A simulator of it on this world, and a handle that doesn't dawdle between attempts.
    pub async fn open(self, world: &World) -> Opened {
        self.open_with(world, |options| options).await
    }

    /// The same with other options.
    pub async fn open_with(
        self,
        world: &World,
        change: impl FnOnce(ConnectOptions) -> ConnectOptions,
    ) -> Opened {
        let server = self.serve(world).await;
        let options = change(ConnectOptions::new(self.secrets()).http(quick()));
        let chats = wachats::connect(&self.uri(server.url()), options).expect("the address is right");
        Opened { chats, server: Arc::new(server) }
    }
}

/// A transport that pauses for milliseconds only and keeps no rate limits of its own.
pub fn quick() -> HttpOptions {
    HttpOptions::new().backoff(Duration::from_millis(1), Duration::from_millis(4)).rate_limits(false)
}

/// A simulator and a handle on it.
pub struct Opened {
    pub chats: Chats,
    pub server: Arc<Server>,
}
