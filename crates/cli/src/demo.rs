//! `demo`: simulated gateways that serve one sample account, until Ctrl-C.

use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use wachats::ErrorKind;
use wachats_simulator::{Server, World, gowa, green_api, waha, wappfy};

use crate::failure::{Failure, Run};
use crate::output::Output;

const KEY: &str = "demo-key";
const INSTANCE: u64 = 7_103_000_000;

/// One simulated gateway.
struct Demo {
    name: &'static str,
    what: &'static str,
    server: Server,
    query: &'static str,
    env: &'static [(&'static str, &'static str)],
}

impl Demo {
    fn uri(&self) -> String {
        format!("{}+{}{}", self.name, self.server.url(), self.query)
    }
}

/// `{"waha":{"uri","env":{…}},…}`.
struct Ready<'a>(&'a [Demo]);

impl Serialize for Ready<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct One<'a> {
            uri: String,
            env: Env<'a>,
        }
        struct Env<'a>(&'a [(&'a str, &'a str)]);
        impl Serialize for Env<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().copied())
            }
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for demo in self.0 {
            map.serialize_entry(demo.name, &One { uri: demo.uri(), env: Env(demo.env) })?;
        }
        map.end()
    }
}

pub(crate) async fn run(out: &mut Output) -> Run {
    let failed = |error: io::Error| {
        Failure::new(ErrorKind::Io, format!("the simulators can't be started: {}", error.kind()))
    };
    let demos = start().await.map_err(failed)?;
    // Listened for before anyone is told that it may be sent.
    let stop = tokio::spawn(tokio::signal::ctrl_c());
    tokio::task::yield_now().await;
    if out.is_table() {
        out.text(&instructions(&demos))?;
    } else {
        out.object(&Ready(&demos))?;
    }
    stop.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(failed)?;
    for demo in demos {
        demo.server.stop().await;
    }
    Ok(())
}

async fn start() -> io::Result<Vec<Demo>> {
    let world = World::sample();
    let session = "?session=default";
    let webjs = waha::Profile::new(waha::Engine::Webjs).key(KEY);
    Ok(vec![
        Demo {
            name: "waha",
            what: "WAHA with the engine WEBJS",
            server: waha::serve(world.clone(), webjs).await?,
            query: session,
            env: &[("WAHA_API_KEY", KEY)],
        },
        Demo {
            name: "wappfy",
            what: "Wappfy",
            server: wappfy::serve(world.clone(), wappfy::Profile::new().key(KEY)).await?,
            query: session,
            env: &[("WAPPFY_API_KEY", KEY)],
        },
        Demo {
            name: "green-api",
            what: "Green-API",
            server: green_api::serve(world.clone(), green_api::Profile::new().credentials(INSTANCE, KEY))
                .await?,
            query: "?instance=7103000000",
            env: &[("GREEN_API_TOKEN", KEY)],
        },
        Demo {
            name: "gowa",
            what: "go-whatsapp-web-multidevice v9.2",
            server: gowa::serve(world, gowa::Profile::v9_2().basic_auth("demo", KEY)).await?,
            query: "",
            env: &[("GOWA_USER", "demo"), ("GOWA_PASS", KEY)],
        },
    ])
}

fn instructions(demos: &[Demo]) -> String {
    let mut text =
        String::from("Simulated gateways with one sample account; a change made through one shows in all.\n");
    for demo in demos {
        text += &format!("\n{}:\n", demo.what);
        for (name, value) in demo.env {
            text += &format!("  export {name}={value}\n");
        }
        text += &format!("  export WACHATS_GATEWAY='{}'\n", demo.uri());
    }
    text + "\nPaste one of them into another shell, then try:\n  \
        wachats status\n  \
        wachats chats\n  \
        wachats messages 5511911111111 --limit 10\n  \
        wachats messages 5511966666666 --search invoice\n  \
        wachats send 5511911111111 'Hello from the shell'\n  \
        wachats archive 5511911111111\n  \
        wachats capabilities\n\
        \nCtrl-C stops them.\n"
}
