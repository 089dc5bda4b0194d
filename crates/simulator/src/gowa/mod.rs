//! The dialect of go-whatsapp-web-multidevice (GOWA), from v7.2.0 to v9.2.0 and its head.
//!
//! The gateway keeps rows of its own: what it changes at WhatsApp on a client's behalf (an edit, a reaction, up to
//! v9.2.0 a deletion) changes the [`World`] and stays unseen in its lists, and no webhook tells of it. Not served:
//! `/send/link`, newsletters, group management. URLs are never fetched.

mod app;
mod call;
mod chats;
mod devices;
mod events;
mod flat;
mod gateway;
mod groups;
mod hooks;
mod media;
mod message_actions;
mod messages;
mod payload;
mod profile;
mod reply;
mod route;
mod rows;
mod send;
mod socket;
#[cfg(test)]
mod tests;
mod upload;
mod users;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};

pub use profile::{Profile, Refusal, Version};

use crate::form;
use crate::server::{Bound, Server};
use crate::world::World;
use gateway::Gateway;

/// The largest request, in bytes.
const BODY_LIMIT: usize = 100_000_000;

/// Serves a world as GOWA does. [`Server::url`] has the profile's base path.
///
/// # Errors
/// When no port can be bound.
pub async fn serve(world: World, profile: Profile) -> io::Result<Server> {
    let base_path = profile.base_path.clone();
    let bound = Bound::new().await?;
    let events = world.subscribe().0;
    let gateway = Arc::new(Gateway::new(world.through_api(), profile, bound.stopper()));
    let carrier = Arc::clone(&gateway.carrier);
    let work = hooks::deliver(Arc::clone(&gateway), Arc::clone(&events));
    let routes = Router::new().fallback(handle).with_state(gateway);
    Ok(bound.serve(routes).with_base_path(&base_path).delivering(carrier, events, work))
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    if body.len() > BODY_LIMIT {
        // the gateway's web framework closes such a connection without a word
        std::panic::resume_unwind(Box::new("the request is too large"));
    }
    let upload = if form::is_form(&parts.headers) { form::read(&parts.headers, &body).await } else { None };
    let arrival = route::Arrival {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        upload,
    };
    let reply = route::answer(&gateway, arrival);
    if reply.is_crash() || gateway.inner().dead {
        gateway.inner().dead = true;
        // The process is gone: nobody listens any more, and the connection ends with its task, without a word.
        gateway.stopper.stop();
        std::panic::resume_unwind(Box::new("the gateway crashed"));
    }
    reply.into_response(gateway.profile.version)
}
