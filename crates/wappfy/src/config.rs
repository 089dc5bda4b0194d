use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use wachats_core::transport::HttpOptions;
use wachats_core::{Capability, ChatsProvider, ConnectOptions, Driver, Gateway, GatewayUri, Result};
use wachats_waha::{Dialect, Waha, WahaBuilder, WahaDriver};

use crate::Wappfy;

/// Where the service is.
const HOST: &str = "https://api.wappfy.com.br";

/// All that differs from WAHA.
pub(crate) const DIALECT: Dialect = Dialect::new(Gateway::WAPPFY, "apikey", "WAPPFY_API_KEY")
    .tells_version(false)
    .older_qr(true)
    .file_limit(16_000_000, "Wappfy takes files of up to 16 MB, as far as is known")
    .recording(false)
    .withholds(&[
        (Capability::PinMessage, "Wappfy's documentation calls it not implemented"),
        (Capability::Star, "Wappfy doesn't document it"),
        (Capability::AllMessages, "Wappfy doesn't document it"),
        (Capability::PollEvents, "Wappfy documents no websocket"),
    ]);

/// Builds a [`Wappfy`].
pub struct WappfyBuilder(WahaBuilder);

impl WappfyBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self(Waha::builder(url).dialect(DIALECT))
    }

    pub(crate) fn hosted() -> Self {
        Self::new(HOST)
    }

    /// The session, which Wappfy calls the name of the instance; `default` where none is named.
    pub fn session(self, name: impl Into<String>) -> Self {
        Self(self.0.session(name))
    }

    /// The API key, sent in the header `apikey` to the gateway's own origin alone.
    pub fn key(self, key: impl Into<SecretString>) -> Self {
        Self(self.0.key(key))
    }

    /// The options of the transport.
    pub fn http(self, options: HttpOptions) -> Self {
        Self(self.0.http(options))
    }

    /// Builds it; sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` for a wrong address, plain http to another machine (unless allowed), a missing key,
    /// or a key or session with characters that can't be sent.
    pub fn build(self) -> Result<Wappfy> {
        self.0.build().map(Wappfy::new)
    }
}

impl fmt::Debug for WappfyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WappfyBuilder")
    }
}

/// Opens `wappfy+https://api.wappfy.com.br?session=NAME`; the key is the secret `WAPPFY_API_KEY`.
#[derive(Clone, Copy, Debug, Default)]
pub struct WappfyDriver;

impl Driver for WappfyDriver {
    fn scheme(&self) -> &'static str {
        "wappfy"
    }

    fn options(&self) -> &'static [&'static str] {
        &["session"]
    }

    fn open(&self, uri: &GatewayUri, options: &ConnectOptions) -> Result<Arc<dyn ChatsProvider>> {
        let waha = WahaDriver::configure(uri, options, DIALECT)?.build()?;
        Ok(Arc::new(Wappfy::new(waha)))
    }
}

#[cfg(test)]
mod tests {
    use wachats_core::{ErrorKind, Support};

    use super::*;

    #[test]
    fn it_is_waha_under_another_name() {
        let wappfy = Wappfy::builder("http://127.0.0.1:1").key("k").build().unwrap();
        let known = wappfy.info().capabilities;
        assert_eq!(known.gateway, Gateway::WAPPFY);
        for withheld in [Capability::PinMessage, Capability::Star, Capability::AllMessages] {
            assert_eq!(known.support(withheld), Support::No, "{withheld}");
        }
        assert_eq!(known.support(Capability::MarkUnread), Support::Native);
    }

    #[test]
    fn a_missing_key_names_its_own_variable() {
        let error = Wappfy::builder("http://127.0.0.1:1").build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
        assert!(error.to_string().contains("WAPPFY_API_KEY"));
    }
}
