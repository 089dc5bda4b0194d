//! Events on their way out: the envelope, its headers and signature, attempts, and frames for websockets.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::app::App;
use super::events::{self, Event};
use crate::post::Letter;
use crate::queue::Queue;
use crate::signature::hmac_sha512;
use crate::world::{Change, ChangeKind, Session, mixed};

/// An event as websockets get it.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// `None` for bytes put in by a test, which everybody gets.
    pub(crate) event: Option<&'static str>,
    pub(crate) text: Arc<str>,
}

/// A webhook of the session's configuration.
#[derive(Debug, Clone)]
struct Hook {
    url: String,
    events: Vec<String>,
    key: Option<String>,
    policy: String,
    delay: Duration,
    retries: u32,
    headers: Vec<(String, String)>,
}

/// Whether a list of names has an event; `*` leaves out the two that are for debugging.
pub(crate) fn wants(names: &[String], event: &str) -> bool {
    let all = !matches!(event, "state.change" | "engine.event");
    names.iter().any(|name| name == event || (name == "*" && all))
}

fn hooks(config: &Value) -> Vec<Hook> {
    let list = config.get("webhooks").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(hook).collect()
}

fn hook(config: &Value) -> Option<Hook> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let events = config.get("events").and_then(Value::as_array);
    let retries = config.get("retries").cloned().unwrap_or_default();
    let attempts = retries.get("attempts").and_then(Value::as_u64).unwrap_or(15);
    let headers = config.get("customHeaders").and_then(Value::as_array);
    Some(Hook {
        url: text(config, "url")?,
        events: events.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        key: config.get("hmac").and_then(|hmac| text(hmac, "key")).filter(|key| !key.is_empty()),
        policy: text(&retries, "policy").unwrap_or_default(),
        delay: Duration::from_secs_f64(
            retries.get("delaySeconds").and_then(Value::as_f64).unwrap_or(2.0).clamp(0.0, 86_400.0),
        ),
        retries: u32::try_from(attempts).unwrap_or(u32::MAX),
        headers: headers
            .into_iter()
            .flatten()
            .filter_map(|header| Some((text(header, "name")?, text(header, "value")?)))
            .collect(),
    })
}

impl Hook {
    /// The pause before a further attempt, counted from 1.
    fn pause(&self, attempt: u32) -> Duration {
        match self.policy.as_str() {
            "linear" => self.delay.saturating_mul(attempt),
            "exponential" => {
                let pause = self.delay.saturating_mul(2_u32.saturating_pow(attempt));
                // Up to a fifth more, the same in every run.
                pause.mul_f64(1.0 + (mixed(u64::from(attempt)) % 200) as f64 / 1000.0)
            }
            _ => self.delay,
        }
    }

    fn letter(&self, app: &App, event: &str, at_ms: i64, body: &Bytes) -> Letter {
        let (number, _) = app.serial();
        let mut letter = Letter::new(event, &self.url, body.clone())
            .header("user-agent", &format!("WAHA/{}", app.profile.version))
            .header("x-webhook-request-id", &format!("{number:016x}"))
            .header("x-webhook-timestamp", &at_ms.to_string());
        if let Some(key) = &self.key {
            letter = letter
                .header("x-webhook-hmac", &hmac_sha512(key, body))
                .header("x-webhook-hmac-algorithm", "sha512");
        }
        self.headers.iter().fold(letter, |letter, (name, value)| letter.header(name, value))
    }
}

/// Attempts until the receiver is content or the patience is over; tells when the first one is made.
async fn carry(app: Arc<App>, hook: Hook, letter: Letter, first: oneshot::Sender<()>) {
    let mut first = Some(first);
    for attempt in 1..=hook.retries.saturating_add(1) {
        let answer = app.carrier.attempt(&letter, attempt).await;
        if let Some(first) = first.take() {
            let _ = first.send(());
        }
        if answer.is_some_and(|answer| answer.status < 300) {
            return;
        }
        if attempt <= hook.retries {
            let asked = answer.and_then(|answer| answer.retry_after).map(Duration::from_secs);
            tokio::time::sleep(app.carrier.pause(asked.unwrap_or_else(|| hook.pause(attempt)))).await;
        }
    }
}

/// Delivers what happens, for ever. First attempts go out one after the other, except that nobody is waited for longer
/// than a second; repetitions don't hold up anything.
pub(crate) async fn deliver(app: Arc<App>, queue: Arc<Queue<Change>>) {
    let mut tasks = JoinSet::new();
    loop {
        for change in app.carrier.next(&queue).await {
            while tasks.try_join_next().is_some() {}
            let (deleted, config) = {
                let memory = app.memory();
                (memory.deleted, memory.config.clone())
            };
            if deleted {
                continue;
            }
            for (event, at_ms, body) in envelopes(&app, &change, &config) {
                let copies = app.carrier.copies();
                for hook in hooks(&config) {
                    if event.is_some_and(|event| !wants(&hook.events, event)) {
                        continue;
                    }
                    for _ in 0..copies {
                        let letter = hook.letter(&app, event.unwrap_or("raw"), at_ms, &body);
                        let (first, made) = oneshot::channel();
                        tasks.spawn(carry(Arc::clone(&app), hook.clone(), letter, first));
                        let _ = tokio::time::timeout(Duration::from_secs(1), made).await;
                    }
                }
            }
        }
    }
}

type Envelope = (Option<&'static str>, i64, Bytes);

/// The bodies of an event for webhooks; websockets are served on the way.
fn envelopes(app: &App, change: &Change, config: &Value) -> Vec<Envelope> {
    if let ChangeKind::Raw(bytes) = &change.kind {
        let text = String::from_utf8_lossy(bytes).into_owned();
        app.frames.send(&Frame { event: None, text: text.into() });
        return vec![(None, app.world.now_ms(), bytes.clone())];
    }
    if let ChangeKind::Session(session) = change.kind {
        let mut memory = app.memory();
        memory.told = session;
        memory.statuses.push((session, change.at_ms));
        let excess = memory.statuses.len().saturating_sub(3);
        memory.statuses.drain(..excess);
    }
    let mut twin: Option<String> = None;
    let mut envelopes = Vec::new();
    for event in events::of(app, change, config) {
        let id = event_id(app, change.at_ms);
        let frame = envelope(app, config, &event, change.at_ms, &id);
        app.frames.send(&Frame { event: Some(event.name), text: frame.to_string().into() });
        // Both of a pair are made of one object, whose id the sender of webhooks reads when both have written it.
        let body = match (event.name, &twin) {
            ("message", Some(twin)) => envelope(app, config, &event, change.at_ms, twin),
            _ => frame,
        };
        if event.name == "message.any" {
            twin = Some(id);
        }
        envelopes.push((Some(event.name), change.at_ms, body.to_string().into()));
    }
    envelopes
}

fn envelope(app: &App, config: &Value, event: &Event, at_ms: i64, id: &str) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    // Envelopes of 2024 had less.
    if app.profile.since(2024, 9, 0) {
        put("id", json!(id));
        put("timestamp", json!(at_ms));
        if let Some(metadata) = config.get("metadata") {
            put("metadata", metadata.clone());
        }
    }
    put("event", json!(event.name));
    put("session", json!(app.profile.session));
    let working = app.memory().told == Session::Working;
    put("me", if working { app.me() } else { Value::Null });
    put("payload", event.payload.clone());
    put("engine", json!(app.engine().name()));
    put("environment", app.version());
    Value::Object(object)
}

/// `evt_` and a ULID in lower case.
fn event_id(app: &App, at_ms: i64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let (one, two) = app.serial();
    let random = (u128::from(one) << 64 | u128::from(two)) & ((1 << 80) - 1);
    let number = u128::from(at_ms.unsigned_abs() & 0xffff_ffff_ffff) << 80 | random;
    let digit = |place: u32| {
        let index = usize::try_from(number >> (5 * place) & 31).unwrap_or_default();
        DIGITS.get(index).map_or('0', |&digit| char::from(digit))
    };
    let ulid: String = (0..26).rev().map(digit).collect();
    format!("evt_{ulid}")
}
