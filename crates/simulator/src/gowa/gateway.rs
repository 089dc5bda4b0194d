//! The running gateway: its slots, its files, its own copies of rows, and the way to WhatsApp.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::profile::{Profile, Refusal, Slot, Version};
use super::reply::Reply;
use crate::courier::Carrier;
use crate::queue::Fanout;
use crate::server::Stopper;
use crate::world::{Message, Session, World, ids, mixed};

/// A row's place: canonical chat and key.
pub(super) type Place = (String, String);

/// What the gateway's own database says otherwise than the world.
#[derive(Default)]
pub(super) struct Local {
    /// Rows as they were before the gateway itself changed the message: it doesn't touch its own copy.
    pub(super) kept: BTreeMap<Place, Message>,
    /// Rows that the gateway removed.
    pub(super) gone: BTreeSet<Place>,
    /// Archive flags of chats whose row didn't follow.
    pub(super) archived: BTreeMap<String, bool>,
    /// Timers of chats whose row didn't follow.
    pub(super) timers: BTreeMap<String, u32>,
}

pub(super) struct Inner {
    pub(super) slots: Vec<Slot>,
    pub(super) local: Local,
    /// Served files by their path under the base path, with their MIME types.
    pub(super) files: BTreeMap<String, (String, Bytes)>,
    /// Grows with every answer whose order is random in the real gateway.
    pub(super) turn: usize,
    /// The process died; no request is answered any more.
    pub(super) dead: bool,
}

pub(super) struct Gateway {
    pub(super) world: World,
    pub(super) profile: Profile,
    pub(super) stopper: Stopper,
    pub(super) carrier: Arc<Carrier>,
    /// Open websockets.
    pub(super) frames: Fanout<Arc<str>>,
    /// Number of files that events made ready.
    files: AtomicU64,
    inner: Mutex<Inner>,
}

impl Gateway {
    pub(super) fn new(world: World, profile: Profile, stopper: Stopper) -> Self {
        let created_ms = world.now_ms();
        let slots = profile
            .slots
            .iter()
            .map(|(id, main)| Slot { id: id.clone(), main: *main, created_ms, webhook: None })
            .collect();
        let inner = Inner { slots, local: Local::default(), files: BTreeMap::new(), turn: 0, dead: false };
        let carrier = Carrier::new(&profile.courier);
        let (frames, files) = (Fanout::default(), AtomicU64::new(0));
        Self { world, profile, stopper, carrier, frames, files, inner: Mutex::new(inner) }
    }

    /// A UUID for a file of an event. It doesn't touch the world's numbers, so that events change nothing.
    pub(super) fn file_id(&self) -> String {
        let count = self.files.fetch_add(1, Ordering::Relaxed).wrapping_mul(2);
        let hex = format!("{:016x}{:016x}", mixed(count), mixed(count.wrapping_add(1)));
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the slot holds the account; version 7 has nothing else.
    pub(super) fn is_main(slot: Option<&Slot>) -> bool {
        slot.is_none_or(|slot| slot.main)
    }

    /// The account's JID while the slot knows it: it forgets it with the pairing.
    pub(super) fn jid_of(&self, slot: Option<&Slot>) -> String {
        let paired = matches!(self.world.session(), Session::Working | Session::Starting | Session::Failed);
        if paired && Self::is_main(slot) { ids::protocol(&self.world.account().id) } else { String::new() }
    }

    /// The account's JID with the number of the linked device.
    pub(super) fn device_jid(&self) -> String {
        let account = self.world.account();
        format!("{}:{}@s.whatsapp.net", ids::user_of(&account.id), account.device)
    }

    /// (connected, logged in), as the status routes tell it.
    pub(super) fn connection(&self, slot: Option<&Slot>) -> (bool, bool) {
        if !Self::is_main(slot) {
            return (false, false);
        }
        match self.world.session() {
            Session::Working => (true, true),
            Session::Starting => (false, true),
            Session::NeedsPairing => (true, false),
            Session::Stopped | Session::Failed => (false, false),
        }
    }

    /// Rows of chats and messages lie under the account's JID: a slot without one sees none of them.
    pub(super) fn sees_rows(&self, slot: Option<&Slot>) -> bool {
        !self.profile.since(Version::V8) || !self.jid_of(slot).is_empty()
    }

    /// The slot's client; version 7 always has one.
    pub(super) fn client(&self, slot: Option<&Slot>) -> Result<(), Reply> {
        let missing = !Self::is_main(slot) || self.world.session() == Session::Stopped;
        if missing && self.profile.since(Version::V8) {
            return Err(Reply::error(500, "INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty"));
        }
        Ok(())
    }

    /// A connected and paired client.
    pub(super) fn login(&self, slot: Option<&Slot>) -> Result<(), Reply> {
        match self.connection(slot) {
            (true, true) => Ok(()),
            (true, false) => Err(Reply::error(401, "AUTHENTICATION_ERROR", "you are not logged in")),
            (false, _) => Err(Reply::error(
                401,
                "AUTHENTICATION_ERROR",
                "you are not connect to services server, please reconnect",
            )),
        }
    }

    /// The canonical chat behind a JID, once the client is ready: the checks of every call that asks WhatsApp.
    pub(super) fn recipient(&self, slot: Option<&Slot>, jid: &str) -> Result<String, Reply> {
        self.login(slot)?;
        let bare = jid.strip_prefix('+').unwrap_or(jid);
        if ids::user_of(bare).is_empty() {
            return Err(Reply::internal(&format!("invalid JID {bare}: no server specified")));
        }
        let chat = ids::canonical(bare);
        if let Some(text) = self.refusals(&chat).find_map(|refusal| match refusal {
            Refusal::Text(text) => Some(text),
            _ => None,
        }) {
            return Err(Reply::internal(text));
        }
        if ids::server_of(&chat) == "lid" {
            return Ok(self.world.phone_of(&chat).unwrap_or(chat));
        }
        if self.profile.account_validation && !self.is_on_whatsapp(&chat) {
            return Err(Reply::error(400, "INVALID_JID", &format!("Phone {jid} is not on whatsapp")));
        }
        Ok(chat)
    }

    /// Whether a number has an account: those of the world, and those refused for another reason; what is no number
    /// always "has" one.
    pub(super) fn is_on_whatsapp(&self, chat: &str) -> bool {
        if ids::server_of(chat) != "c.us" {
            return true;
        }
        let mut refusals = self.refusals(chat).peekable();
        if refusals.peek().is_some() {
            return !refusals.any(|refusal| *refusal == Refusal::NotOnWhatsapp);
        }
        self.world.number(chat).is_some()
    }

    pub(super) fn refusals<'a>(&'a self, chat: &'a str) -> impl Iterator<Item = &'a Refusal> {
        self.profile.refusals.iter().filter(move |(id, _)| id == chat).map(|(_, refusal)| refusal)
    }

    /// Whether WhatsApp takes a message. `explained` is for the `send/*` routes, which know the time-lock by name.
    pub(super) fn accepts(&self, jid: &str, chat: &str, explained: bool) -> Result<(), Reply> {
        if ids::user_of(jid).contains(':') {
            return Err(Reply::internal("message recipient must be a user JID with no device part"));
        }
        for refusal in self.refusals(chat) {
            match refusal {
                Refusal::ReachOutTimelock if explained && self.profile.since(Version::V8_6) => {
                    return Err(Reply::error(429, "WA_REACHOUT_TIMELOCK", TIMELOCK));
                }
                Refusal::ReachOutTimelock => return Err(Reply::internal("server returned error 463")),
                Refusal::Nack(code) => {
                    return Err(Reply::internal(&format!("server returned error {code}")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The server's clock as Go prints it, in the sentences that tell what was done.
    pub(super) fn stamp(&self) -> String {
        let time = chrono::DateTime::from_timestamp(self.world.now(), 0).unwrap_or_default();
        time.format("(server timestamp: %Y-%m-%d %H:%M:%S +0000 UTC)").to_string()
    }

    /// An id in the form of a UUID, the same in every run.
    pub(super) fn uuid(&self) -> String {
        let digits = format!("{}{}", self.world.new_key(), self.world.new_key()).to_ascii_lowercase();
        let hex: Vec<char> = digits.chars().filter(char::is_ascii_hexdigit).collect();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().iter().collect::<String>();
        format!("{}-{}-4{}-a{}-{}", part(4, 12), part(12, 16), part(16, 19), part(19, 22), part(26, 38))
    }
}

const TIMELOCK: &str = "WhatsApp rejected this send with error 463 (reach-out timelock). This is WhatsApp's server-side \
anti-spam restriction on starting new chats and cannot be bypassed by the API. It usually means there is no prior \
conversation with this recipient, or the sending account is temporarily restricted from reaching new contacts. To get \
through: ask the recipient to message you first, reply within an already-established conversation, or open and send \
the chat once from the phone linked to this session, then reduce your sending rate and wait for the restriction to \
clear. Newly-linked or low-activity numbers are affected most.";

/// Completes a phone as request bodies may give it: short ones are people, long ones groups.
pub(super) fn sanitized(phone: &str) -> String {
    match phone {
        "" => String::new(),
        jid if jid.contains('@') => jid.to_owned(),
        digits if digits.chars().count() <= 15 => format!("{digits}@s.whatsapp.net"),
        digits => format!("{digits}@g.us"),
    }
}

/// Joins the complaints about fields the way the gateway's validator does: sorted by field, one sentence.
pub(super) fn required(fields: &[(&str, &str)]) -> Result<(), Reply> {
    let mut missing: Vec<&str> =
        fields.iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| *name).collect();
    missing.sort_unstable();
    if missing.is_empty() {
        return Ok(());
    }
    let complaints: Vec<String> = missing.iter().map(|name| format!("{name}: cannot be blank")).collect();
    Err(Reply::invalid(&format!("{}.", complaints.join("; "))))
}
