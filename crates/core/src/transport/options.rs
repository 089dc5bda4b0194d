use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{ErrorKind, Gateway, Operation};

/// A request that failed and is about to be sent again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryEvent {
    /// Which gateway.
    pub gateway: Gateway,
    /// The operation it belongs to.
    pub operation: Operation,
    /// The template of the route, without ids.
    pub route: &'static str,
    /// How many attempts were made so far.
    pub attempt: u32,
    /// Why the last one failed.
    pub kind: ErrorKind,
    /// How long the pause before the next is.
    pub pause: Duration,
}

type Hook = Arc<dyn Fn(&RetryEvent) + Send + Sync>;

/// What the transport of a gateway may do. The defaults are those for production.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    pub(crate) allow_insecure: bool,
    pub(crate) attempts: u32,
    pub(crate) backoff: (Duration, Duration),
    pub(crate) rate_limits: bool,
    pub(crate) concurrency: usize,
    pub(crate) body_cap: usize,
    pub(crate) read_attempt: Duration,
    pub(crate) connect: Duration,
    pub(crate) media_hosts: Vec<String>,
    pub(crate) hook: Option<Hook>,
    pub(crate) client: Arc<Mutex<Option<reqwest::ClientBuilder>>>,
}

impl HttpOptions {
    /// The defaults: 3 attempts of a read with pauses of up to 0.5–5 s, 25 s each, 8 requests at a time, the
    /// gateway's own rate limits kept, bodies up to 64 MiB, 10 s to connect.
    pub fn new() -> Self {
        Self {
            allow_insecure: false,
            attempts: 3,
            backoff: (Duration::from_millis(500), Duration::from_secs(5)),
            rate_limits: true,
            concurrency: 8,
            body_cap: 64 << 20,
            read_attempt: Duration::from_secs(25),
            connect: Duration::from_secs(10),
            media_hosts: Vec::new(),
            hook: None,
            client: Arc::default(),
        }
    }

    /// Allows plain http to a host that is not this machine: keys and texts travel readable.
    pub fn allow_insecure(mut self, allow: bool) -> Self {
        self.allow_insecure = allow;
        self
    }

    /// How often a request may be sent in all, at least once.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The bound of the first and of the longest pause between attempts; the pause is drawn between 0 and
    /// the bound (full jitter).
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = (first, longest.max(first));
        self
    }

    /// Whether the rate limits that a gateway publishes are kept on this side (Green-API).
    pub fn rate_limits(mut self, keep: bool) -> Self {
        self.rate_limits = keep;
        self
    }

    /// How many requests may be under way at a time, at least 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// The most bytes of a decoded body; downloads of media are streams and not bound by it.
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// The time of one attempt of a read. An attempt of a change may last the whole operation.
    pub fn read_attempt(mut self, time: Duration) -> Self {
        self.read_attempt = time;
        self
    }

    /// The time to connect.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect = time;
        self
    }

    /// Allows media from this host although its address is private; without credentials.
    pub fn allow_media_host(mut self, host: impl Into<String>) -> Self {
        self.media_hosts.push(host.into());
        self
    }

    /// Told of every retry before its pause.
    pub fn on_retry(mut self, hook: impl Fn(&RetryEvent) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// A client of your own making: certificates, proxies, addresses. Redirects, time-outs and, for
    /// loopback, proxies stay wachats' own. It is used by the first gateway opened with these options.
    pub fn client(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.client = Arc::new(Mutex::new(Some(builder)));
        self
    }

    pub(crate) fn take_client(&self) -> Option<reqwest::ClientBuilder> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("allow_insecure", &self.allow_insecure)
            .field("attempts", &self.attempts)
            .field("rate_limits", &self.rate_limits)
            .field("concurrency", &self.concurrency)
            .field("body_cap", &self.body_cap)
            .finish_non_exhaustive()
    }
}
