use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::transport::HttpOptions;
use crate::{Chats, ChatsProvider, Error, ErrorKind, Operation, Result};

/// Opens one kind of gateway from an address. Pass your own to [`connect`]; there is no global registry.
pub trait Driver: Send + Sync {
    /// The word before the `+` of the address, as `waha`.
    fn scheme(&self) -> &'static str;

    /// The options it knows in the address's query, beside `env_prefix`.
    fn options(&self) -> &'static [&'static str];

    /// Builds the provider; sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` for a wrong address or option, or a missing secret.
    fn open(&self, uri: &GatewayUri, options: &ConnectOptions) -> Result<Arc<dyn ChatsProvider>>;
}

/// Opens the gateway at `uri` with the driver of its scheme; sends nothing.
///
/// # Errors
/// `ConfigInvalid` for an unknown scheme (the known ones are listed), an unknown option, a secret in the
/// address, a missing secret, or plain http to a host that is not this machine.
pub fn connect(uri: &str, options: impl Into<ConnectOptions>, drivers: &[&dyn Driver]) -> Result<Chats> {
    let mut options = options.into();
    let uri = GatewayUri::parse(uri, drivers)?;
    let driver = drivers
        .iter()
        .find(|d| d.scheme() == uri.scheme())
        .ok_or_else(|| config("no driver of this scheme is compiled in"))?;
    for name in uri.options.keys() {
        if name != "env_prefix" && !driver.options().contains(&name.as_str()) {
            let known = driver.options().join(", ");
            let name = crate::redact::line(name, 32);
            return Err(config(format!(
                "unknown option {name} in the address; {} knows {known}, env_prefix",
                uri.scheme()
            )));
        }
    }
    if let Some(prefix) = uri.option("env_prefix") {
        options.secrets = options.secrets.prefixed(prefix);
    }
    let provider = driver.open(&uri, &options)?;
    let mut chats = Chats::builder_from(provider);
    if let Some(max_scan) = options.max_scan {
        chats = chats.max_scan(max_scan);
    }
    if let Some(time) = options.timeout {
        chats = chats.timeout(time);
    }
    Ok(chats.build())
}

/// An address like `waha+http://localhost:3000/base?session=default`, taken apart.
#[derive(Clone)]
pub struct GatewayUri {
    scheme: String,
    base: Url,
    options: BTreeMap<String, String>,
}

impl GatewayUri {
    fn parse(text: &str, drivers: &[&dyn Driver]) -> Result<Self> {
        let known = || {
            let known: Vec<_> = drivers.iter().map(|d| format!("{}+http(s)://…", d.scheme())).collect();
            if known.is_empty() { "none: enable a gateway's feature".to_owned() } else { known.join(", ") }
        };
        let (scheme, rest) = text
            .split_once("://")
            .and_then(|(full, _)| full.rsplit_once('+'))
            .map(|(scheme, _)| (scheme, text.get(scheme.len() + 1..).unwrap_or("")))
            .ok_or_else(|| config(format!("an address begins with its gateway, one of {}", known())))?;
        if !drivers.iter().any(|d| d.scheme() == scheme) {
            return Err(config(format!("unknown gateway in the address; known are {}", known())));
        }
        let mut base =
            Url::parse(rest).map_err(|error| config(format!("the address can't be read: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none_or(str::is_empty) {
            return Err(config("a gateway is reached by http or https"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(config("secrets don't belong in the address: use the environment or Secrets"));
        }
        if base.fragment().is_some() {
            return Err(config("an address has no #fragment"));
        }
        let mut options = BTreeMap::new();
        for (name, value) in base.query_pairs() {
            if value.is_empty() {
                let name = crate::redact::line(&name, 32);
                return Err(config(format!("the option {name} in the address is empty")));
            }
            if options.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                let name = crate::redact::line(&name, 32);
                return Err(config(format!("the option {name} stands twice in the address")));
            }
        }
        base.set_query(None);
        Ok(Self { scheme: scheme.to_owned(), base, options })
    }

    /// The word before the `+`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The gateway's own address, base path included, options left out.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }
}

impl fmt::Debug for GatewayUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options: Vec<_> = self.options.keys().collect();
        f.debug_struct("GatewayUri")
            .field("scheme", &self.scheme)
            .field("options", &options)
            .finish_non_exhaustive()
    }
}

/// How to connect: secrets, and what the transport may do.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Where keys, tokens and passwords come from.
    pub secrets: Secrets,
    /// The transport's options.
    pub http: HttpOptions,
    /// The time of an operation with all its retries; 50 s where `None`.
    pub timeout: Option<Duration>,
    /// The most messages that an emulated look-up or filter reads; 10,000 where `None`.
    pub max_scan: Option<u64>,
}

impl ConnectOptions {
    /// Options with these secrets.
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets, ..Self::default() }
    }

    /// The transport's options.
    pub fn http(mut self, http: HttpOptions) -> Self {
        self.http = http;
        self
    }

    /// The time of an operation with all its retries.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// The most messages that an emulated look-up or filter reads.
    pub fn max_scan(mut self, messages: u64) -> Self {
        self.max_scan = Some(messages);
        self
    }
}

impl From<Secrets> for ConnectOptions {
    fn from(secrets: Secrets) -> Self {
        Self::new(secrets)
    }
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Keys, tokens and passwords by the name of their environment variable.
///
/// `WAHA_API_KEY`, `WAPPFY_API_KEY`, `GREEN_API_TOKEN`, `GOWA_USER` and `GOWA_PASS`. `Debug` shows none.
///
/// ```
/// use wachats_core::Secrets;
/// let secrets = Secrets::waha("a key");
/// assert!(secrets.get("WAHA_API_KEY").is_some());
/// assert_eq!(format!("{secrets:?}"), "Secrets(…)");
/// ```
#[derive(Clone)]
pub struct Secrets {
    prefix: String,
    /// Given one by one: by their plain names, whatever the prefix of variables.
    given: BTreeMap<&'static str, SecretString>,
    lookup: Arc<Lookup>,
}

impl Secrets {
    /// None at all.
    pub fn none() -> Self {
        Self::from_lookup(|_| None)
    }

    /// From the environment, read when a gateway is opened.
    pub fn from_env() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// From a function of your own: a vault, a test.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { prefix: String::new(), given: BTreeMap::new(), lookup: Arc::new(lookup) }
    }

    /// One secret by the name of its variable, which holds under any `env_prefix`; others are asked of `self`.
    pub fn with(mut self, name: &'static str, value: impl Into<SecretString>) -> Self {
        self.given.insert(name, value.into());
        self
    }

    /// WAHA's API key.
    pub fn waha(key: impl Into<SecretString>) -> Self {
        Self::none().with("WAHA_API_KEY", key)
    }

    /// Wappfy's API key.
    pub fn wappfy(key: impl Into<SecretString>) -> Self {
        Self::none().with("WAPPFY_API_KEY", key)
    }

    /// Green-API's token of the instance.
    pub fn green_api(token: impl Into<SecretString>) -> Self {
        Self::none().with("GREEN_API_TOKEN", token)
    }

    /// GOWA's user and password.
    pub fn gowa(user: impl Into<SecretString>, password: impl Into<SecretString>) -> Self {
        Self::none().with("GOWA_USER", user).with("GOWA_PASS", password)
    }

    fn prefixed(mut self, prefix: &str) -> Self {
        self.prefix = prefix.to_owned();
        self
    }

    /// The secret of this name; an empty one counts as missing.
    pub fn get(&self, name: &str) -> Option<SecretString> {
        let asked = || (self.lookup)(&format!("{}{name}", self.prefix)).map(SecretString::from);
        let secret = self.given.get(name).cloned().or_else(asked);
        secret.filter(|secret| !secret.expose_secret().is_empty())
    }

    /// The secret of this name, or an error that names the variable.
    ///
    /// # Errors
    /// `ConfigInvalid` when it is missing.
    pub fn require(&self, name: &str) -> Result<SecretString> {
        self.get(name).ok_or_else(|| {
            config(format!("a secret is missing: set {}{name}", crate::redact::line(&self.prefix, 32)))
        })
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

fn config(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::ConfigInvalid, Operation::Configure).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    struct Fake;

    impl Driver for Fake {
        fn scheme(&self) -> &'static str {
            "fake"
        }
        fn options(&self) -> &'static [&'static str] {
            &["session"]
        }
        fn open(&self, _: &GatewayUri, options: &ConnectOptions) -> Result<Arc<dyn ChatsProvider>> {
            options.secrets.require("KEY")?;
            Ok(Arc::new(Memory::new(Vec::new(), Vec::new())))
        }
    }

    fn refused(uri: &str) -> String {
        let secrets = Secrets::from_lookup(|name| (name == "KEY").then(|| "k".to_owned()));
        let error = connect(uri, secrets, &[&Fake]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid, "{uri}");
        error.to_string()
    }

    #[test]
    fn a_wrong_address_is_told_before_any_request() {
        assert!(refused("http://localhost").contains("fake+http"));
        assert!(refused("other+http://localhost").contains("fake+http"));
        assert!(refused("fake+ftp://localhost").contains("http or https"));
        assert!(refused("fake+http://user:pw@localhost").contains("secrets"));
        assert!(refused("fake+http://localhost?sesion=x").contains("sesion"));
        assert!(refused("fake+http://localhost?session=a&session=b").contains("twice"));
        assert!(refused("fake+http://localhost#x").contains("fragment"));
        assert!(refused("fake+http://localhost?env_prefix=CRM_").contains("CRM_KEY"));
    }

    #[test]
    fn a_prefix_picks_another_set_of_variables() {
        let secrets = Secrets::from_lookup(|name| (name == "CRM_KEY").then(|| "k".to_owned()));
        assert!(connect("fake+http://localhost?env_prefix=CRM_", secrets, &[&Fake]).is_ok());
        let given = Secrets::none().with("KEY", "k");
        assert!(connect("fake+http://localhost?env_prefix=CRM_", given, &[&Fake]).is_ok());
    }
}
