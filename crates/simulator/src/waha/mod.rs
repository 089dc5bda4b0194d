//! The dialect of WAHA, with each of its four engines.
//!
//! Built from recordings of WAHA 2026.4.1 (NOWEB), its source and its documentation. Raw objects of WEBJS, WPP and GOWS
//! follow the source, as no body of theirs was recorded. Beyond a single account: sessions that clients create exist,
//! but have no chats. Webhooks and the websocket are not served.

mod app;
mod change;
mod chats;
mod contacts;
mod dto;
mod files;
mod groups;
mod ids;
mod messages;
mod pairing;
mod profile;
mod proto;
mod query;
mod raw_chat;
mod raw_gows;
mod raw_noweb;
mod raw_web;
mod reply;
mod routes;
mod send;
mod sessions;

use std::io;

pub(crate) use profile::Dialect;
pub use profile::{Engine, Profile};

use crate::server::{Bound, Server};
use crate::world::World;

/// Serves a world in WAHA's dialect on a free loopback port.
///
/// # Errors
/// When no port can be bound.
pub async fn serve(world: World, profile: Profile) -> io::Result<Server> {
    let bound = Bound::new().await?;
    let routes = routes::router(app::App::new(world, profile, bound.url()), None);
    Ok(bound.serve(routes))
}

pub(crate) use app::{App, Call};
pub(crate) use reply::{Done, Outcome, Reply};
pub(crate) use routes::{Rewrite, router};
