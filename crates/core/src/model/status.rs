use serde::{Deserialize, Serialize};
use std::fmt;

use super::{ChatId, open_enum};
use crate::Gateway;

open_enum! {
    /// Whether the account can be worked with.
    SessionState {
        /// It works.
        Working = "working",
        /// It is on its way: WAHA `STARTING`, Green-API `starting` and `sleepMode`, GOWA logged in but not
        /// connected.
        Starting = "starting",
        /// The phone must be paired: WAHA `SCAN_QR_CODE` and `PASSKEY_*`, Green-API `notAuthorized` and
        /// `pendingCode`, GOWA not logged in.
        NeedsPairing = "needs_pairing",
        /// It was stopped.
        Stopped = "stopped",
        /// It failed: WAHA `FAILED`, Green-API `blocked` and `suspended`.
        Failed = "failed",
        /// The gateway gives a word that is not known, or none.
        Unknown = "unknown",
    }
}

/// The state of the account behind a gateway.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// Which gateway.
    pub gateway: Gateway,
    /// The engine behind it (`WEBJS WPP NOWEB GOWS`), where there is one.
    pub engine: Option<String>,
    /// The gateway's version, where it tells it.
    pub version: Option<String>,
    /// Whether the account can be worked with.
    pub state: SessionState,
    /// The account's own id, where known.
    pub account_id: Option<ChatId>,
    /// More, in words: the gateway's own state, settings that hold back data.
    pub detail: Option<String>,
    /// What failed may work again after a restart (WAHA, Wappfy: codes that nobody scanned), and wasn't blocked by
    /// WhatsApp. Not in the JSON.
    #[serde(skip)]
    pub restart_mends: bool,
}

impl Status {
    /// A status with nothing but the state known.
    pub fn new(gateway: Gateway, state: SessionState) -> Self {
        Self {
            gateway,
            engine: None,
            version: None,
            state,
            account_id: None,
            detail: None,
            restart_mends: false,
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("gateway", &self.gateway.as_str())
            .field("engine", &self.engine)
            .field("version", &self.version)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The two ids of one person, as far as the gateway knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resolved {
    /// The id by phone number, `…@c.us`.
    pub phone_id: Option<ChatId>,
    /// The hidden id, `…@lid`.
    pub lid: Option<ChatId>,
}

impl Resolved {
    /// What is known of a person's ids.
    pub fn new(phone_id: Option<ChatId>, lid: Option<ChatId>) -> Self {
        Self { phone_id, lid }
    }
}
