//! Webhooks: who is told, signed with what, and how often it is tried.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::events::{self, Event};
use super::gateway::Gateway;
use super::profile::{Slot, Version};
use super::reply::escape_html;
use super::{flat, socket};
use crate::post::Letter;
use crate::queue::Queue;
use crate::signature::hmac_sha256;
use crate::world::{Change, ChangeKind, Session, ids};

/// Five attempts with these pauses between them; every event has 30 s for all its receivers together.
const PAUSES: [u64; 4] = [1, 2, 4, 8];
const BUDGET: Duration = Duration::from_secs(30);

/// Delivers what happens, for ever. First attempts go out one after the other, except that nobody is waited for longer
/// than a second.
pub(super) async fn deliver(gateway: Arc<Gateway>, queue: Arc<Queue<Change>>) {
    let mut tasks = JoinSet::new();
    loop {
        for change in gateway.carrier.next(&queue).await {
            while tasks.try_join_next().is_some() {}
            if change.kind == ChangeKind::Session(Session::Working) && !change.via_api {
                socket::logged_in(&gateway);
            }
            let slot = gateway.inner().slots.iter().find(|slot| slot.main).cloned();
            if slot.is_none() && gateway.profile.since(Version::V8) {
                continue;
            }
            for (name, body) in bodies(&gateway, slot.as_ref(), &change) {
                let letters = letters(&gateway, slot.as_ref(), name, &body);
                for _ in 0..gateway.carrier.copies() {
                    let (first, made) = oneshot::channel();
                    tasks.spawn(carry(Arc::clone(&gateway), letters.clone(), first));
                    let _ = tokio::time::timeout(Duration::from_secs(1), made).await;
                }
            }
        }
    }
}

/// Serves the receivers one after the other: a slow one uses up the time of the rest.
async fn carry(gateway: Arc<Gateway>, letters: Vec<Letter>, first: oneshot::Sender<()>) {
    let mut first = Some(first);
    let work = async {
        for letter in letters {
            let mut pauses = PAUSES.into_iter();
            for attempt in 1.. {
                let answer = gateway.carrier.attempt(&letter, attempt).await;
                if let Some(first) = first.take() {
                    let _ = first.send(());
                }
                if answer.is_some_and(|answer| (200..300).contains(&answer.status)) {
                    break;
                }
                let Some(pause) = pauses.next() else { break };
                tokio::time::sleep(gateway.carrier.pause(Duration::from_secs(pause))).await;
            }
        }
    };
    let _ = tokio::time::timeout(BUDGET, work).await;
}

/// A device's own webhook takes the place of the gateway's list, its events and, where it has one, its secret.
fn letters(gateway: &Gateway, slot: Option<&Slot>, event: Option<&str>, body: &Bytes) -> Vec<Letter> {
    let profile = &gateway.profile;
    let own = slot.and_then(|slot| slot.webhook.as_ref()).filter(|webhook| !webhook.url.is_empty());
    let (urls, secret, names) = match own {
        Some(webhook) => {
            let secret = if webhook.secret.is_empty() { &profile.webhook_secret } else { &webhook.secret };
            (std::slice::from_ref(&webhook.url), secret, webhook.events.as_str())
        }
        None => (profile.webhooks.as_slice(), &profile.webhook_secret, profile.webhook_events.as_str()),
    };
    let wanted = |event: &str| names.split(',').any(|name| name.trim().eq_ignore_ascii_case(event));
    if !names.trim().is_empty() && event.is_some_and(|event| !wanted(event)) {
        return Vec::new();
    }
    let signature = format!("sha256={}", hmac_sha256(secret, body));
    let letter = |url: &String| {
        let mut letter = Letter::new(event.unwrap_or("raw"), url, body.clone())
            .header("user-agent", "Go-http-client/1.1")
            .header("x-hub-signature-256", &signature)
            .header("accept-encoding", "gzip");
        letter.chunked = !profile.since(Version::V9_0_1);
        letter.timeout = Duration::from_secs(10);
        letter
    };
    urls.iter().map(letter).collect()
}

type Body = (Option<&'static str>, Bytes);

fn bodies(gateway: &Gateway, slot: Option<&Slot>, change: &Change) -> Vec<Body> {
    if let ChangeKind::Raw(bytes) = &change.kind {
        return vec![(None, bytes.clone())];
    }
    let body = |value: Value| Bytes::from(escape_html(&value.to_string()));
    if gateway.profile.since(Version::V8) {
        let events = events::of(gateway, change);
        return events
            .into_iter()
            .map(|event| (Some(event.name), body(enveloped(gateway, slot, event))))
            .collect();
    }
    flat::of(gateway, change).map(|(name, value)| (Some(name), body(value))).into_iter().collect()
}

/// The envelope of v8.0.0 and later. It names the account, not the slot; the slot only since v8.8.0.
fn enveloped(gateway: &Gateway, slot: Option<&Slot>, event: Event) -> Value {
    let mut object = Map::new();
    object.insert("event".to_owned(), json!(event.name));
    object.insert("device_id".to_owned(), json!(ids::protocol(&gateway.world.account().id)));
    if let (true, Some(slot)) = (gateway.profile.since(Version::V8_8), slot) {
        object.insert("session_id".to_owned(), json!(slot.id));
    }
    object.extend(event.timestamp.map(|at| ("timestamp".to_owned(), json!(at))));
    object.insert("payload".to_owned(), Value::Object(event.payload));
    Value::Object(object)
}
