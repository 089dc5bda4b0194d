//! The websocket `/ws`: every event as a frame, none of them twice, those missed for ever lost.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;

use super::app::{App, Call};
use super::hooks::{Frame, wants};
use crate::queue::Queue;
use crate::socket::{Said, Upgrade, WebSocket};

/// Takes the connection over. A wrong key is told after the handshake, by the close code 1008.
pub(crate) fn upgrade(app: &Arc<App>, call: &Call<'_>) -> Option<Response<Body>> {
    let listed = |name: &str| -> Vec<String> {
        let values = call.params(name);
        let names = values.iter().flat_map(|value| value.split(','));
        let names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if names.is_empty() { vec!["*".to_owned()] } else { names }
    };
    let header = app.profile.dialect.key_header;
    let in_query = call.query.iter().find(|(name, _)| name.eq_ignore_ascii_case(header));
    let given = in_query.map(|(_, value)| value.as_str());
    let given = given.or_else(|| call.headers.get(header).and_then(|value| value.to_str().ok()));
    let welcome = app.profile.key.as_deref().is_none_or(|key| given == Some(key));
    let mine = listed("session").iter().any(|name| name == "*" || *name == app.profile.session);
    let events = Arc::new(listed("events"));
    // From now on nothing is missed, even while the handshake is on its way.
    let (app, queue) = (Arc::clone(app), app.frames.subscribe());
    Upgrade::answer(&call.headers, move |socket| {
        let (app, queue, events) = (Arc::clone(&app), Arc::clone(&queue), Arc::clone(&events));
        async move {
            if welcome {
                talk(&app, socket, &queue, &events, mine).await;
            } else {
                socket.close(1008, "Unauthorized").await;
            }
        }
    })
}

async fn talk(app: &App, mut socket: WebSocket, queue: &Queue<Frame>, events: &[String], mine: bool) {
    let pause = app.carrier.courier.ping.unwrap_or(Duration::from_secs(60));
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + pause, pause);
    let mut waiting = false;
    loop {
        tokio::select! {
            frame = queue.next() => {
                let wanted = mine && frame.event.is_none_or(|event| wants(events, event));
                if wanted && socket.text(&frame.text).await.is_err() {
                    return;
                }
            }
            said = socket.next() => match said {
                Said::Pong => waiting = false,
                // What clients say is read and not listened to.
                Said::Text(_) => {}
                Said::Close => return,
            },
            _ = ticks.tick() => {
                if waiting || socket.ping().await.is_err() {
                    return;
                }
                waiting = true;
            }
        }
    }
}
