//! The dialect of Green-API (its WhatsApp product): the secret in the path, a journal instead of chats' histories.
//!
//! An edit, a reaction and a deletion are entries of their own in the journal, beside the message they are about.
//! Media links are served without the token, as the gateway's object storage does. Notifications wait in a queue, which
//! is polled or pushed to an address, never both. Not served: stories, groups' management.

mod account;
mod actions;
mod chats;
mod entry;
mod gateway;
mod journal;
mod news;
mod notify;
mod people;
mod profile;
mod reply;
mod route;
mod send;
mod settings;
#[cfg(test)]
mod tests;
mod upload;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};

pub use profile::{Instance, Profile};

use crate::server::{Bound, Server};
use crate::world::World;
use gateway::Gateway;

/// Serves a world as Green-API does, at `{url}/waInstance{id}/{method}/{token}`.
///
/// # Errors
/// When no port can be bound.
pub async fn serve(world: World, profile: Profile) -> io::Result<Server> {
    let bound = Bound::new().await?;
    let events = world.subscribe().0;
    let gateway = Gateway::new(world.through_api(), profile, bound.url(), Arc::clone(&events));
    let gateway = Arc::new(gateway);
    let (carrier, work) = (Arc::clone(&gateway.carrier), notify::deliver(Arc::clone(&gateway)));
    let routes = Router::new().fallback(handle).with_state(gateway);
    Ok(bound.serve(routes).delivering(carrier, events, work))
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let arrival = route::Arrival {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    match route::answer(&gateway, arrival).await {
        Ok(reply) | Err(reply) => reply.into_response(),
    }
}
