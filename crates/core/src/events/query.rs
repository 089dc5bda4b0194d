use std::time::Duration;

use chrono::{DateTime, Utc};

/// How events are pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollEvents {
    /// Keeps what the gateway sent with every event.
    pub raw: bool,
    /// Where to begin, for gateways that don't keep events themselves (WAHA): messages since then are read first.
    /// A queue (Green-API) begins with what was not acknowledged, whatever this says.
    pub since: Option<DateTime<Utc>>,
    /// How long faults are survived in a row before one is told.
    pub patience: Duration,
}

impl PollEvents {
    /// From now on, without raw JSON; faults are survived for ten minutes.
    pub fn new() -> Self {
        Self { raw: false, since: None, patience: Duration::from_secs(600) }
    }
}

impl Default for PollEvents {
    fn default() -> Self {
        Self::new()
    }
}
