//! The dialect of WAHA, with each of its four engines.
//!
//! Built from recordings of WAHA 2026.4.1 (NOWEB), its source and its documentation. Raw objects of WEBJS, WPP and GOWS
//! follow the source, as no body of theirs was recorded. Beyond a single account: sessions that clients create exist,
//!
//! but have no chats and tell of nothing.

mod app;
mod change;
mod chats;
mod contacts;
mod dto;
mod events;
mod files;
mod group_events;
mod groups;
mod hooks;
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
mod socket;

use std::io;
use std::sync::Arc;

pub(crate) use profile::Dialect;
pub use profile::{Engine, Profile};

use crate::server::{Bound, Server};
use crate::world::World;

/// Serves a world in WAHA's dialect on a free loopback port.
///
/// # Errors
/// When no port can be bound.
pub async fn serve(world: World, profile: Profile) -> io::Result<Server> {
    start(world, profile, None).await
}

pub(crate) async fn start(world: World, profile: Profile, rewrite: Option<Rewrite>) -> io::Result<Server> {
    let bound = Bound::new().await?;
    let events = world.subscribe().0;
    let app = Arc::new(app::App::new(world.through_api(), profile, bound.url()));
    let carrier = Arc::clone(&app.carrier);
    let work = hooks::deliver(Arc::clone(&app), Arc::clone(&events));
    Ok(bound.serve(routes::router(app, rewrite)).delivering(carrier, events, work))
}

pub(crate) use app::Call;
pub(crate) use reply::{Done, Outcome, Reply};
pub(crate) use routes::Rewrite;
