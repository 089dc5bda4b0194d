//! The dialect of Green-API (its WhatsApp product): the secret in the path, a journal instead of chats' histories.
//!
//! An edit, a reaction and a deletion are entries of their own in the journal, beside the message they are about.
//! Media links are served without the token, as the gateway's object storage does. Not served: stories, groups'
//! management, webhooks by push (polling is).

mod account;
mod actions;
mod chats;
mod entry;
mod gateway;
mod journal;
mod notify;
mod people;
mod profile;
mod reply;
mod route;
mod send;
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
    let gateway = Arc::new(Gateway::new(world, profile, bound.url()));
    Ok(bound.serve(Router::new().fallback(handle).with_state(gateway)))
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
