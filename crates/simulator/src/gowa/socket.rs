//! The websocket `/ws`: news about devices for the gateway's own pages. It has no message events.

use std::sync::Arc;

use serde_json::{Value, json};

use super::app;
use super::call::Call;
use super::gateway::Gateway;
use super::reply::{Answer, Reply};
use crate::socket::{Said, Upgrade, WebSocket};

fn frame(code: &str, message: &str, result: &Value) -> String {
    json!({"code": code, "message": message, "result": result}).to_string()
}

fn tell(gateway: &Gateway, code: &str, message: &str, result: &Value) {
    gateway.frames.send(&Arc::from(frame(code, message, result)));
}

/// A device's webhook settings were replaced.
pub(super) fn webhook_updated(gateway: &Gateway, slot: &str) {
    let message = format!("Device {slot} webhook config updated");
    tell(gateway, "DEVICE_WEBHOOK_CONFIG_UPDATED", &message, &json!({"device_id": slot}));
}

/// A device was unlinked. It is named by its JID, not by its slot.
pub(super) fn logged_out(gateway: &Gateway) {
    let device = json!({"device_id": gateway.device_jid()});
    tell(gateway, "DEVICE_LOGGED_OUT", "Device logged out (slot kept)", &device);
}

/// The account was paired.
pub(super) fn logged_in(gateway: &Gateway) {
    let message = format!("Successfully pair with {}", gateway.device_jid());
    tell(gateway, "LOGIN_SUCCESS", &message, &Value::Null);
}

/// `GET /ws`
pub(super) fn open(call: &Call<'_>) -> Answer {
    let (gateway, queue) = (Arc::clone(call.gateway), call.gateway.frames.subscribe());
    let answer = Upgrade::answer(&call.headers, move |socket| {
        let (gateway, queue) = (Arc::clone(&gateway), Arc::clone(&queue));
        async move { talk(&gateway, &queue, socket).await }
    });
    // What is no websocket is told so.
    answer.map(Reply::ready).ok_or_else(|| Reply::text(426, "Upgrade Required"))
}

async fn talk(gateway: &Gateway, queue: &crate::queue::Queue<Arc<str>>, mut socket: WebSocket) {
    loop {
        tokio::select! {
            text = queue.next() => {
                if socket.text(&text).await.is_err() {
                    return;
                }
            }
            said = socket.next() => match said {
                Said::Pong => {}
                Said::Text(text) => {
                    // A frame that is no JSON ends the conversation.
                    let Ok(asked) = serde_json::from_slice::<Value>(&text) else { return };
                    if asked.get("code").and_then(Value::as_str) == Some("FETCH_DEVICES") {
                        let devices = Value::from(app::listed(gateway));
                        tell(gateway, "LIST_DEVICES", "Device found", &devices);
                    }
                }
                Said::Close => return,
            },
        }
    }
}
