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
    pub(crate) older_qr: bool,
    /// The largest file in bytes, and the words that refuse a larger one.
    pub(crate) file_limit: (u64, &'static str),
    pub(crate) recording: bool,
    pub(crate) withheld: &'static [(Capability, &'static str)],
}

impl Dialect {
    /// WAHA itself: header `X-Api-Key`, secret `WAHA_API_KEY`.
    pub const WAHA: Self = Self::new(Gateway::WAHA, "x-api-key", "WAHA_API_KEY");

    /// A service named `gateway` whose key travels in the header `key_header` (lower case) and stands in the
    /// secret `secret`.
    pub const fn new(gateway: Gateway, key_header: &'static str, secret: &'static str) -> Self {
        // base64 makes 4 bytes of 3, and the server takes a body of 50 MiB
        let file_limit = (37 << 20, "WAHA takes files of up to 37 MiB");
        let (tells_version, recording) = (true, true);
        Self {
            gateway,
            key_header,
            secret,
            tells_version,
            older_qr: false,
            file_limit,
            recording,
            withheld: &[],
        }
    }

    /// Whether `GET /api/server/version` may be asked for; `true` unless said otherwise.
    pub const fn tells_version(mut self, tells: bool) -> Self {
        self.tells_version = tells;
        self
    }

    /// Whether `GET /api/sessions/{session}/qrcode` is asked for the QR code where WAHA's own route isn't there;
    /// `false` unless said otherwise.
    pub const fn older_qr(mut self, has: bool) -> Self {
        self.older_qr = has;
        self
    }

    /// The largest file that the service takes, in bytes, and the words that refuse a larger one; 37 MiB unless
    /// said otherwise.
    pub const fn file_limit(mut self, bytes: u64, told: &'static str) -> Self {
        self.file_limit = (bytes, told);
        self
    }

    /// Whether `POST /api/{session}/presence` may be asked to show that the account is recording; `true` unless
    /// said otherwise.
    pub const fn recording(mut self, shows: bool) -> Self {
        self.recording = shows;
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
