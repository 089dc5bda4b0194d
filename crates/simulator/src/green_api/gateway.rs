//! The running instance: what its journal remembers beside the world, its queues, its limits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use super::profile::{Instance, Profile};
use super::reply::Reply;
use super::settings::Settings;
use crate::courier::Carrier;
use crate::queue::Queue;
use crate::world::{Change, Content, Message, Session, World};

/// A message's place: canonical chat and key.
pub(super) type Place = (String, String);

/// A call whose messages wait to be sent.
pub(super) struct Queued {
    pub(super) messages: Vec<Message>,
    pub(super) method: &'static str,
    pub(super) body: Value,
}

/// A notification that waits to be fetched or pushed.
#[derive(Clone)]
pub(super) struct Notice {
    pub(super) receipt: u64,
    pub(super) event: String,
    pub(super) body: Bytes,
}

#[derive(Default)]
pub(super) struct Inner {
    /// Messages as they were before this gateway changed them: the journal keeps the first text.
    pub(super) kept: BTreeMap<Place, Message>,
    /// Ids of the journal's entries for edits that this gateway made, by the edited message.
    pub(super) edit_ids: BTreeMap<Place, String>,
    /// Ids and times of deletions that this gateway made, by the deleted message.
    pub(super) deletions: BTreeMap<Place, (String, i64)>,
    /// When this gateway set a chat's timer, in seconds UTC.
    pub(super) timers: BTreeMap<String, i64>,
    pub(super) outbox: Vec<Queued>,
    pub(super) notices: VecDeque<Notice>,
    pub(super) last_receipt: u64,
    /// Times of the calls of the last second, by method.
    pub(super) calls: BTreeMap<&'static str, VecDeque<Instant>>,
}

pub(super) struct Gateway {
    pub(super) world: World,
    pub(super) profile: Profile,
    /// Own address, for media links.
    pub(super) url: String,
    pub(super) carrier: Arc<Carrier>,
    /// What happened and is not in the queue of notifications yet.
    pub(super) events: Arc<Queue<Change>>,
    /// Held while events become notifications, so that they keep their order.
    pub(super) collecting: Mutex<()>,
    settings: Mutex<Settings>,
    inner: Mutex<Inner>,
}

impl Gateway {
    pub(super) fn new(world: World, profile: Profile, url: String, events: Arc<Queue<Change>>) -> Self {
        let carrier = Carrier::new(&profile.courier);
        let settings = Mutex::new(Settings::new(&profile));
        let inner = Mutex::new(Inner { last_receipt: 1000, ..Inner::default() });
        Self { world, profile, url, carrier, events, collecting: Mutex::new(()), settings, inner }
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a switch of the settings is on.
    pub(super) fn on(&self, switch: &str) -> bool {
        self.settings().on(switch)
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state's word; `None` while the instance is being created.
    pub(super) fn state(&self) -> Option<&'static str> {
        self.state_in(self.world.session())
    }

    /// The word for a state of the session.
    pub(super) fn state_in(&self, session: Session) -> Option<&'static str> {
        match (self.profile.instance, session) {
            (Instance::Unborn, _) => None,
            (Instance::YellowCard, Session::Working) => Some("yellowCard"),
            (_, Session::Working) => Some("authorized"),
            (_, Session::Starting) => Some("starting"),
            (_, Session::NeedsPairing | Session::Stopped) => Some("notAuthorized"),
            (_, Session::Failed) => Some("blocked"),
        }
    }

    /// Refuses what needs a phone while there is none; the words differ by the state.
    pub(super) fn authorized(&self) -> Result<(), Reply> {
        match self.world.session() {
            Session::Working => Ok(()),
            Session::Starting => Err(Reply::text(400, "instance in starting process try later")),
            Session::NeedsPairing | Session::Stopped | Session::Failed => {
                Err(Reply::text(400, "instance account not authorized"))
            }
        }
    }

    /// Whether a call is within the published limit of its method; it counts only where limits are on.
    pub(super) fn within_limit(&self, method: &'static str, per_second: u32) -> bool {
        if !self.profile.rate_limits || per_second == 0 {
            return true;
        }
        let now = Instant::now();
        let mut inner = self.inner();
        let calls = inner.calls.entry(method).or_default();
        while calls.front().is_some_and(|&first| now.duration_since(first) >= Duration::from_secs(1)) {
            calls.pop_front();
        }
        if calls.len() >= per_second as usize {
            return false;
        }
        calls.push_back(now);
        true
    }

    /// Sends what waits, once the account is connected. It goes out whichever number was paired meanwhile.
    pub(super) fn flush(&self) {
        if self.world.session() != Session::Working {
            return;
        }
        let waiting = std::mem::take(&mut self.inner().outbox);
        for queued in waiting {
            for message in queued.messages {
                self.world.send_message(message);
            }
        }
    }

    /// Keeps a message as it is now for the journal.
    pub(super) fn keep(&self, message: &Message) {
        let place = (message.chat.clone(), message.key.clone());
        self.inner().kept.entry(place).or_insert_with(|| message.clone());
    }

    /// Address of a message's file in the storage; `""` when WhatsApp has dropped it, a marker when it is too large.
    pub(super) fn media_url(&self, message: &Message) -> String {
        let Content::Media(media) = &message.content else { return String::new() };
        if media.size > 100_000_000 {
            return "{{SWE002}}".to_owned();
        }
        if media.bytes.is_none() {
            return String::new();
        }
        format!("{}/{}/{}.{}", self.url, self.profile.id, message.key, media.extension())
    }

    /// A file of the storage by its path; no token is asked for.
    pub(super) fn file(&self, path: &str) -> Option<Reply> {
        let name = path.strip_prefix(&format!("/{}/", self.profile.id))?;
        if let Some(digits) = name.strip_suffix(".avatar.jpg") {
            let chats = self.world.chats();
            let chat = chats.into_iter().find(|chat| crate::world::ids::user_of(&chat.id) == digits)?;
            return Some(Reply::file("image/jpeg", chat.picture?.bytes));
        }
        let key = name.split('.').next()?;
        let message = self.world.find_message(key)?;
        let media = message.content.media()?;
        Some(Reply::file(&media.mime, media.bytes.clone()?))
    }
}
