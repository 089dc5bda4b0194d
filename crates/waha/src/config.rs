use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;
use wachats_core::transport::{HttpOptions, TransportConfig};
use wachats_core::{ChatsProvider, ConnectOptions, Driver, Error, ErrorKind, GatewayUri, Operation, Result};

use crate::backend::Waha;
use crate::dialect::Dialect;
use crate::error::WahaFunnel;

/// The session of a server that has one alone.
const DEFAULT_SESSION: &str = "default";

/// Builds a [`Waha`].
pub struct WahaBuilder {
    url: String,
    session: String,
    key: Option<SecretString>,
    http: HttpOptions,
    dialect: Dialect,
}

impl WahaBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            session: DEFAULT_SESSION.to_owned(),
            key: None,
            http: HttpOptions::new(),
            dialect: Dialect::WAHA,
        }
    }

    /// The session; `default` where none is named, the only one of WAHA Core up to 2026.5.
    pub fn session(mut self, name: impl Into<String>) -> Self {
        self.session = name.into();
        self
    }

    /// The API key, sent in the header `X-Api-Key` to the gateway's own origin alone.
    pub fn key(mut self, key: impl Into<SecretString>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The options of the transport.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Another service that offers WAHA's API under a name of its own.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Builds it; sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` for a wrong address, plain http to another machine (unless allowed), a missing key,
    /// or a key or session with characters that can't be sent.
    pub fn build(self) -> Result<Waha> {
        let config = |message: String| {
            Error::new(ErrorKind::ConfigInvalid, Operation::Configure)
                .with_gateway(self.dialect.gateway.clone())
                .with_message(message)
        };
        let base = Url::parse(&self.url).map_err(|e| config(format!("the address can't be read: {e}")))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(config(
                "credentials don't belong in the address: the API key goes into a header".into(),
            ));
        }
        let session = &self.session;
        let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '?' | '#');
        if session.trim().is_empty()
            || session.len() > 128
            || session.chars().any(odd)
            || session.starts_with('.')
        {
            return Err(config(
                "the session's name is empty, too long, or holds characters that no name has".into(),
            ));
        }
        let key = self.key.as_ref().filter(|key| {
            use secrecy::ExposeSecret;
            !key.expose_secret().trim().is_empty()
        });
        let key =
            key.ok_or_else(|| config(format!("the API key is missing: set {}", self.dialect.secret)))?;
        let transport = TransportConfig::new(self.dialect.gateway.clone(), base, WahaFunnel)
            .secret_header(self.dialect.key_header, key)
            .and_then(|config| config.build(&self.http))
            .map_err(|error| error.with_gateway(self.dialect.gateway.clone()))?;
        Ok(Waha::new(transport, self.dialect, self.session, key.clone()))
    }
}

impl fmt::Debug for WahaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WahaBuilder")
            .field("dialect", &self.dialect)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

/// Opens `waha+http(s)://HOST[:PORT][/BASE]?session=NAME`; the key is the secret `WAHA_API_KEY`.
#[derive(Clone, Copy, Debug, Default)]
pub struct WahaDriver;

impl WahaDriver {
    /// A builder set up from an address and options, for drivers of WAHA's dialects.
    ///
    /// # Errors
    /// `ConfigInvalid` for a missing secret.
    pub fn configure(uri: &GatewayUri, options: &ConnectOptions, dialect: Dialect) -> Result<WahaBuilder> {
        let key = options.secrets.require(dialect.secret)?;
        let builder =
            WahaBuilder::new(uri.base().as_str()).key(key).http(options.http.clone()).dialect(dialect);
        Ok(match uri.option("session") {
            Some(session) => builder.session(session),
            None => builder,
        })
    }
}

impl Driver for WahaDriver {
    fn scheme(&self) -> &'static str {
        "waha"
    }

    fn options(&self) -> &'static [&'static str] {
        &["session"]
    }

    fn open(&self, uri: &GatewayUri, options: &ConnectOptions) -> Result<Arc<dyn ChatsProvider>> {
        Ok(Arc::new(Self::configure(uri, options, Dialect::WAHA)?.build()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: WahaBuilder) -> String {
        let error = builder.build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
        error.to_string()
    }

    #[test]
    fn what_is_wrong_is_told_before_any_request() {
        let local = "http://127.0.0.1:3000";
        assert!(refused(WahaBuilder::new(local)).contains("WAHA_API_KEY"));
        assert!(refused(WahaBuilder::new(local).key("  ")).contains("WAHA_API_KEY"));
        assert!(refused(WahaBuilder::new(local).key("a\r\nb")).contains("header"));
        assert!(refused(WahaBuilder::new("nonsense").key("k")).contains("address"));
        assert!(refused(WahaBuilder::new("http://a:b@localhost").key("k")).contains("credentials"));
        assert!(refused(WahaBuilder::new("http://waha.example").key("k")).contains("plain http"));
        for session in ["", "..", "a/b", "a\r\n"] {
            assert!(
                refused(WahaBuilder::new(local).key("k").session(session)).contains("session"),
                "{session:?}"
            );
        }
        let shown = format!("{:?}", WahaBuilder::new(local).key("very-secret"));
        assert!(!shown.contains("very-secret"));
    }
}
