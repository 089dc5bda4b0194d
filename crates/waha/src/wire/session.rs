use serde::Deserialize;

use super::scalar::Jid;

/// `GET /api/sessions/{session}`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    pub(crate) status: Option<String>,
    pub(crate) me: Option<Me>,
    /// Empty while the session is stopped.
    pub(crate) engine: Option<SessionEngine>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Me {
    pub(crate) id: Option<Jid>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SessionEngine {
    pub(crate) engine: Option<String>,
}

/// `GET /api/server/version`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Server {
    pub(crate) version: Option<String>,
    pub(crate) engine: Option<String>,
}

/// `GET /api/{session}/lids/…`; `phone` and `jid` are the words of Wappfy's prose.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lid {
    pub(crate) lid: Option<Jid>,
    pub(crate) pn: Option<Jid>,
    pub(crate) phone: Option<Jid>,
    pub(crate) jid: Option<Jid>,
}

/// `GET …/picture`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Picture {
    pub(crate) url: Option<String>,
}
