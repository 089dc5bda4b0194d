use std::fmt;

use wachats_core::{Capability, Gateway};

/// What differs between WAHA and a service that offers its API under a name of its own.
///
/// Such a service is this crate's backend with another `Dialect`: nothing on the wire is read twice.
#[derive(Clone)]
pub struct Dialect {
    pub(crate) gateway: Gateway,
    pub(crate) key_header: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) tells_version: bool,
    pub(crate) withheld: &'static [(Capability, &'static str)],
}

impl Dialect {
    /// WAHA itself: header `X-Api-Key`, secret `WAHA_API_KEY`.
    pub const WAHA: Self = Self::new(Gateway::WAHA, "x-api-key", "WAHA_API_KEY");

    /// A service named `gateway` whose key travels in the header `key_header` (lower case) and stands in the
    /// secret `secret`.
    pub const fn new(gateway: Gateway, key_header: &'static str, secret: &'static str) -> Self {
        Self { gateway, key_header, secret, tells_version: true, withheld: &[] }
    }

    /// Whether `GET /api/server/version` may be asked for; `true` unless said otherwise.
    pub const fn tells_version(mut self, tells: bool) -> Self {
        self.tells_version = tells;
        self
    }

    /// What the service doesn't offer although WAHA does, each with its reason.
    pub const fn withholds(mut self, capabilities: &'static [(Capability, &'static str)]) -> Self {
        self.withheld = capabilities;
        self
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialect({})", self.gateway)
    }
}
