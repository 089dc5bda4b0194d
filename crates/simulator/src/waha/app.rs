//! The running server's state, and one request as its handlers see it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::hooks::Frame;
use super::profile::{Engine, Profile};
use super::reply::{Reply, no_session, refused, unauthorized, wrong_status};
use crate::courier::Carrier;
use crate::queue::Fanout;
use crate::world::{Session, World, ids, mixed};

/// A file made ready for fetching.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) mime: String,
    pub(crate) bytes: Bytes,
    pub(crate) expires: Option<Instant>,
}

/// What the server remembers beside the world.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) config: Value,
    /// Sessions beside the profile's own, with their configuration; they have no chats.
    pub(crate) others: BTreeMap<String, (Session, Value)>,
    pub(crate) files: BTreeMap<String, StoredFile>,
    pub(crate) subscribed: BTreeSet<String>,
    /// The profile's session was deleted.
    pub(crate) deleted: bool,
    /// State of the profile's session as events have told it, and when it got there, newest last.
    pub(crate) told: Session,
    pub(crate) statuses: Vec<(Session, i64)>,
}

pub(crate) struct App {
    pub(crate) world: World,
    pub(crate) profile: Profile,
    /// The address the server really listens on.
    pub(crate) own_url: String,
    pub(crate) carrier: Arc<Carrier>,
    /// Open websockets.
    pub(crate) frames: Fanout<Frame>,
    serial: AtomicU64,
    memory: Mutex<Memory>,
}

impl App {
    pub(crate) fn new(world: World, profile: Profile, own_url: String) -> Self {
        let memory = Memory { config: profile.full_config(), told: world.session(), ..Memory::default() };
        let carrier = Carrier::new(&profile.courier);
        let (frames, serial) = (Fanout::default(), AtomicU64::new(0));
        Self { world, profile, own_url, carrier, frames, serial, memory: Mutex::new(memory) }
    }

    /// Two numbers that look random and are the same in every run. They are not the world's: events must not change
    /// the keys of its messages.
    pub(crate) fn serial(&self) -> (u64, u64) {
        let count = self.serial.fetch_add(1, Ordering::Relaxed);
        (mixed(count.wrapping_mul(2)), mixed(count.wrapping_mul(2).wrapping_add(1)))
    }

    /// The account, as sessions and events show it.
    pub(crate) fn me(&self) -> Value {
        let account = self.world.account();
        let mut me = json!({"id": account.id, "pushName": account.name});
        if let (Some(lid), Some(members)) = (&account.lid, me.as_object_mut()) {
            if self.profile.since(2025, 8, 2) {
                members.insert("lid".to_owned(), json!(lid));
            }
            if self.engine() == Engine::Gows {
                let jid = format!("{}:{}@s.whatsapp.net", ids::user_of(&account.id), account.device);
                members.insert("jid".to_owned(), json!(jid));
            }
        }
        me
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn engine(&self) -> Engine {
        self.profile.engine
    }

    /// Whether lid and phone chats of one person are shown as one.
    pub(crate) fn can_merge(&self) -> bool {
        !self.engine().in_browser() && self.profile.since(2026, 3, 1) && self.profile.dialect.extended_query
    }

    pub(crate) fn version(&self) -> Value {
        let browser =
            if self.engine().in_browser() { json!("/usr/bin/google-chrome-stable") } else { Value::Null };
        json!({
            "version": self.profile.version, "engine": self.engine().name(), "tier": "CORE", "browser": browser,
            "platform": "linux/x64", "worker": {"id": null},
        })
    }
}

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) method: Method,
    /// Path and query as sent.
    pub(crate) target: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) headers: HeaderMap,
}

/// Splits a path into its decoded segments.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect()
}

/// Decodes a query the way express does: `+` is a space.
pub(crate) fn query(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

impl Call<'_> {
    /// The last value of a query parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter that may be repeated.
    pub(crate) fn params(&self, name: &str) -> Vec<String> {
        let wanted = |key: &str| key == name || key.strip_suffix("[]") == Some(name);
        self.query.iter().filter(|(key, _)| wanted(key)).map(|(_, value)| value.clone()).collect()
    }

    pub(crate) fn query_object(&self) -> Value {
        let mut object = Map::new();
        for (key, value) in &self.query {
            match object.get_mut(key) {
                None => {
                    object.insert(key.clone(), json!(value));
                }
                Some(Value::Array(values)) => values.push(json!(value)),
                Some(known) => *known = json!([known.clone(), value]),
            }
        }
        Value::Object(object)
    }

    /// A member of the body.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.body.as_ref().and_then(|body| body.get(name)).filter(|value| !value.is_null())
    }

    pub(crate) fn text_field(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str)
    }

    pub(crate) fn check_key(&self) -> Result<(), Reply> {
        let Some(key) = self.app.profile.key.as_deref() else { return Ok(()) };
        let header = self.app.profile.dialect.key_header;
        let given = match self.headers.get(header) {
            Some(value) => value.to_str().ok(),
            None if self.app.profile.since(2026, 4, 3) && header == "x-api-key" => self.param(header),
            None => None,
        };
        if given == Some(key) { Ok(()) } else { Err(unauthorized()) }
    }

    /// Waits for nothing unless the profile asks for WAHA's own patience.
    async fn hold(&self, seconds: u64) {
        if self.app.profile.real_waits {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }

    /// Lets only a working session pass.
    pub(crate) async fn working(&self, session: &str) -> Result<(), Reply> {
        self.in_status(session, Session::Working).await
    }

    pub(crate) async fn in_status(&self, name: &str, expected: Session) -> Result<(), Reply> {
        let status = self.session_status(name)?;
        if status == expected {
            return Ok(());
        }
        self.hold(if status == Session::Stopped { 5 } else { 10 }).await;
        // It may have got there meanwhile.
        let status = self.session_status(name)?;
        if status == expected {
            return Ok(());
        }
        let word = super::reply::status_word(expected);
        Err(wrong_status(name, status, word))
    }

    /// The state of a session that exists.
    pub(crate) fn session_status(&self, name: &str) -> Result<Session, Reply> {
        self.core_session(name)?;
        let memory = self.app.memory();
        if name == self.app.profile.session && !memory.deleted {
            return Ok(self.app.world.session());
        }
        memory.others.get(name).map(|(session, _)| *session).ok_or_else(|| no_session(name))
    }

    /// Core up to 2026.5 knows one session.
    pub(crate) fn core_session(&self, name: &str) -> Result<(), Reply> {
        let profile = &self.app.profile;
        if profile.since(2026, 6, 1) || profile.session != "default" || name == "default" {
            return Ok(());
        }
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(name);
        Err(refused(
            422,
            format!(
                "WAHA Core support only 'default' session. You tried to access '{name}' session (base64: {encoded}). If you want to run more then one WhatsApp account - please get WAHA PLUS version. Check this out: https://waha.devlike.pro/"
            ),
        ))
    }

    /// NOWEB keeps chats and messages only where its store is enabled.
    pub(crate) fn with_store(&self) -> Result<(), Reply> {
        if self.app.engine() != Engine::Noweb || Profile::store_enabled(&self.app.memory().config) {
            return Ok(());
        }
        Err(refused(
            400,
            "Enable NOWEB store \"config.noweb.store.enabled=True\" and \"config.noweb.store.full_sync=True\" when starting a new session. Read more: https://waha.devlike.pro/docs/engines/noweb/#store",
        ))
    }
}
