use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, redirect};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::limit::Gate;
use super::outcome::config;
use super::place::{PublicOnly, is_loopback};
use super::{Call, Funnel, HttpOptions, Rates};
use crate::{Gateway, Operation, Result};

/// Idle connections are dropped early: a reset on a reused one can't be told from a reset after the server
/// has read the request.
const IDLE: Duration = Duration::from_secs(4);

/// What a gateway gives to build its transport.
pub struct TransportConfig {
    gateway: Gateway,
    base: Url,
    funnel: Arc<dyn Funnel>,
    headers: HeaderMap,
    rates: Rates,
    encode_at: bool,
}

impl TransportConfig {
    /// A transport to `base`, its path kept, whose answers `funnel` turns into errors.
    pub fn new(gateway: Gateway, base: Url, funnel: impl Funnel + 'static) -> Self {
        Self {
            gateway,
            base,
            funnel: Arc::new(funnel),
            headers: HeaderMap::new(),
            rates: Rates::NONE,
            encode_at: true,
        }
    }

    /// A header of every request to the gateway's own origin, and to no other.
    ///
    /// # Errors
    /// `ConfigInvalid` for a value that can't be a header (CR, LF, NUL).
    pub fn secret_header(mut self, name: &'static str, value: &SecretString) -> Result<Self> {
        let mut value = HeaderValue::from_str(value.expose_secret())
            .map_err(|_| config("a key, token or password holds a character that no header can carry"))?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// The rate limits that the gateway publishes.
    pub fn rates(mut self, rates: Rates) -> Self {
        self.rates = rates;
        self
    }

    /// Leaves `@` in paths as it is (GOWA before v9 needs that).
    pub fn raw_at(mut self) -> Self {
        self.encode_at = false;
        self
    }

    /// Builds the transport; sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` for plain http to another machine, https without a TLS feature, or a client that
    /// can't be built.
    pub fn build(self, options: &HttpOptions) -> Result<Transport> {
        let mut base = self.base;
        base.set_query(None);
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        let loopback = is_loopback(&base);
        fit(&base, options)?;
        install_tls();
        let builder = ours(options.take_client().unwrap_or_default(), options);
        let builder = if loopback { builder.no_proxy() } else { builder };
        let http = builder
            .build()
            .map_err(|e| config("the HTTP client can't be built").with_source(e.without_url()))?;
        let allowed: Arc<[String]> = options.media_hosts.clone().into();
        let foreign = ours(Client::builder(), options)
            .no_proxy()
            .dns_resolver(PublicOnly { allowed })
            .build()
            .map_err(|e| config("the HTTP client can't be built").with_source(e.without_url()))?;
        let rates = if options.rate_limits { self.rates } else { Rates::NONE };
        Ok(Transport {
            inner: Arc::new(Inner {
                gateway: self.gateway,
                path: if path == "/" { String::new() } else { path },
                base,
                http,
                foreign,
                headers: self.headers,
                funnel: self.funnel,
                gate: Gate::new(rates, options.concurrency),
                options: options.clone(),
                encode_at: self.encode_at,
            }),
        })
    }
}

impl fmt::Debug for TransportConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportConfig({})", self.gateway)
    }
}

fn ours(builder: reqwest::ClientBuilder, options: &HttpOptions) -> reqwest::ClientBuilder {
    builder
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(options.connect)
        .pool_idle_timeout(IDLE)
        .retry(reqwest::retry::never())
        .user_agent(concat!("wachats/", env!("CARGO_PKG_VERSION")))
}

/// Refuses an address that no gateway may have.
fn fit(base: &Url, options: &HttpOptions) -> Result<()> {
    match base.scheme() {
        "http" if !is_loopback(base) && !options.allow_insecure => Err(config(
            "plain http to another machine would send keys and texts readable: use https, or allow it (--allow-insecure)",
        )),
        "https" if !cfg!(any(feature = "rustls", feature = "native-tls")) => {
            Err(config("https needs one of wachats' features rustls and native-tls"))
        }
        "http" | "https" => Ok(()),
        _ => Err(config("a gateway is reached by http or https")),
    }
}

/// reqwest takes the process's rustls provider; where the application set none, ring becomes it.
fn install_tls() {
    #[cfg(feature = "rustls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider().install_default().ok();
    }
}

pub(super) struct Inner {
    pub(super) gateway: Gateway,
    pub(super) base: Url,
    /// The base's path without a slash at its end.
    pub(super) path: String,
    pub(super) http: Client,
    pub(super) foreign: Client,
    pub(super) headers: HeaderMap,
    pub(super) funnel: Arc<dyn Funnel>,
    pub(super) gate: Gate,
    pub(super) options: HttpOptions,
    encode_at: bool,
}

/// The HTTP client of one account on one gateway. Cheap to clone; clones share limits and budget.
#[derive(Clone)]
pub struct Transport {
    pub(super) inner: Arc<Inner>,
}

impl Transport {
    /// A request of this operation. `route` is the template of its path, for spans: no id stands in it.
    pub fn call(&self, operation: Operation, method: Method, route: &'static str) -> Call {
        Call::new(operation, method, route, self.inner.encode_at)
    }

    /// Refuses another address of the same gateway under the rules for its own.
    ///
    /// # Errors
    /// `ConfigInvalid` for plain http to another machine, unless that is allowed, and for what is neither http
    /// nor https.
    pub fn check_address(&self, base: &Url) -> Result<()> {
        fit(base, &self.inner.options)
    }

    /// The gateway's own address.
    pub fn base(&self) -> &Url {
        &self.inner.base
    }

    /// The address of a path below the base, as for media that the gateway names by path. Refuses to leave
    /// the base.
    pub fn join(&self, path: &str) -> Option<Url> {
        let clean = path.split(['?', '#']).next().unwrap_or("").trim_start_matches('/');
        if clean.split('/').any(|s| matches!(s, "." | "..") || s.to_ascii_lowercase().contains("%2e"))
            || clean.contains('\\')
        {
            return None;
        }
        let mut url = self.inner.base.clone();
        url.set_path(&format!("{}/{clean}", self.inner.path));
        Some(url)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transport({})", self.inner.gateway)
    }
}
