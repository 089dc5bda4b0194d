use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// What kind of failure, for the caller to act on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $name,)*
        }

        impl ErrorKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word printed for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    /// The gateway, its engine or its version can't do it.
    Unsupported = "unsupported";
    /// Address, options or secrets are wrong or missing.
    ConfigInvalid = "config_invalid";
    /// An argument is wrong: refused here, or by the gateway.
    InvalidInput = "invalid_input";
    /// The key, token or password was not accepted.
    Unauthenticated = "unauthenticated";
    /// The key is known but may not do this.
    Forbidden = "forbidden";
    /// The session is not working: starting, stopped, or the phone is not paired.
    SessionNotReady = "session_not_ready";
    /// It isn't there; [`Error::missing`](crate::Error::missing) says what.
    NotFound = "not_found";
    /// It contradicts the state the gateway is in.
    Conflict = "conflict";
    /// Too many requests, or WhatsApp's own brake.
    RateLimited = "rate_limited";
    /// What the plan allows is used up.
    QuotaExceeded = "quota_exceeded";
    /// No answer in time.
    Timeout = "timeout";
    /// The connection could not be made or broke.
    Network = "network";
    /// The gateway answered with a redirect that is not followed.
    Redirected = "redirected";
    /// The gateway or what stands before it is down (502, 503, 504).
    Unavailable = "unavailable";
    /// The gateway failed (500), or WhatsApp refused.
    ServerFault = "server_fault";
    /// The answer can't be read.
    Decode = "decode";
    /// What answered is no gateway: a login page, a proxy's page.
    NotAGateway = "not_a_gateway";
    /// The answer or the file is larger than allowed.
    TooLarge = "too_large";
    /// The gateway gives the same page again and again.
    PagingStuck = "paging_stuck";
    /// A file could not be read or written here.
    Io = "io";
    /// A change was sent and its outcome is not known: it may or may not have taken effect.
    OutcomeUnknown = "outcome_unknown";
    /// None of the others.
    Unexpected = "unexpected";
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ErrorKind {
    pub(super) const fn default_message(self) -> &'static str {
        match self {
            Self::Unsupported => "the gateway can't do this",
            Self::ConfigInvalid => "the configuration is wrong",
            Self::InvalidInput => "the gateway refused an argument",
            Self::Unauthenticated => "the key was not accepted",
            Self::Forbidden => "the key may not do this",
            Self::SessionNotReady => "the session is not ready",
            Self::NotFound => "not found",
            Self::Conflict => "it contradicts the present state",
            Self::RateLimited => "too many requests",
            Self::QuotaExceeded => "the quota of the plan is used up",
            Self::Timeout => "no answer in time",
            Self::Network => "the connection failed",
            Self::Redirected => "the gateway redirects elsewhere; redirects of this kind are not followed",
            Self::Unavailable => "the gateway is unavailable",
            Self::ServerFault => "the gateway failed",
            Self::Decode => "the answer can't be read",
            Self::NotAGateway => "what answered is not a gateway",
            Self::TooLarge => "the answer is larger than allowed",
            Self::PagingStuck => "the gateway gives the same page again",
            Self::Io => "reading or writing a file failed",
            Self::OutcomeUnknown => {
                "the outcome is unknown: it may have taken effect; look before trying again"
            }
            Self::Unexpected => "an unexpected answer",
        }
    }
}
