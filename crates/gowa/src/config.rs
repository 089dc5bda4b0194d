use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use wachats_core::transport::{HttpOptions, TransportConfig};
use wachats_core::{
    ChatsProvider, ConnectOptions, Driver, Error, ErrorKind, Gateway, GatewayUri, Operation, Result,
};

use crate::backend::Gowa;
use crate::error::{GowaFunnel, local};

const DEVICE: &str = "device";
const USER: &str = "GOWA_USER";
const PASSWORD: &str = "GOWA_PASS";
/// Longer than any device id or JID.
const MAX_DEVICE: usize = 128;

/// Opens GOWA from `gowa+http://HOST[:PORT][/BASE][?device=ID]`.
///
/// Secrets: `GOWA_USER` and `GOWA_PASS`, both or neither.
#[derive(Clone, Copy, Debug, Default)]
pub struct GowaDriver;

impl Driver for GowaDriver {
    fn scheme(&self) -> &'static str {
        "gowa"
    }

    fn options(&self) -> &'static [&'static str] {
        &[DEVICE]
    }

    fn open(&self, uri: &GatewayUri, options: &ConnectOptions) -> Result<Arc<dyn ChatsProvider>> {
        let secrets = &options.secrets;
        let mut builder = Gowa::builder(uri.base()).http(options.http.clone());
        if let Some(device) = uri.option(DEVICE) {
            builder = builder.device(device);
        }
        if secrets.get(USER).is_some() || secrets.get(PASSWORD).is_some() {
            builder = builder.basic_auth(secrets.require(USER)?, secrets.require(PASSWORD)?);
        }
        Ok(Arc::new(builder.build()?))
    }
}

/// How to reach a GOWA server. [`build`](Self::build) sends nothing.
#[derive(Clone)]
pub struct GowaBuilder {
    url: String,
    device: Option<String>,
    auth: Option<(SecretString, SecretString)>,
    http: HttpOptions,
}

impl GowaBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), device: None, auth: None, http: HttpOptions::new() }
    }

    /// The device to use, where the server has several (v8.0.0 and later; v7 has one account and ignores
    /// it): the slot's id, since v8.8.0 also the account's JID. At most 128 bytes.
    pub fn device(mut self, id: impl Into<String>) -> Self {
        self.device = Some(id.into());
        self
    }

    /// HTTP Basic credentials; without them requests are anonymous.
    pub fn basic_auth(mut self, user: impl Into<SecretString>, password: impl Into<SecretString>) -> Self {
        self.auth = Some((user.into(), password.into()));
        self
    }

    /// The transport's options.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Builds the backend; sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` for an address that is none, holds secrets, a query or a fragment, for plain http to
    /// another machine, for credentials that Basic can't carry and for a device id that is empty, too long
    /// or holds control characters.
    pub fn build(self) -> Result<Gowa> {
        let mut transport = TransportConfig::new(Gateway::GOWA, address(&self.url)?, GowaFunnel).raw_at();
        if let Some((user, password)) = &self.auth {
            transport = transport.secret_header("authorization", &basic(user, password)?)?;
        }
        if let Some(device) = &self.device {
            transport = transport.secret_header("x-device-id", &device_header(device)?)?;
        }
        Ok(Gowa::new(transport.build(&self.http).map_err(|e| e.with_gateway(Gateway::GOWA))?, self.device))
    }
}

impl fmt::Debug for GowaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GowaBuilder")
            .field("device", &self.device.is_some())
            .field("auth", &self.auth.is_some())
            .finish_non_exhaustive()
    }
}

fn config(message: &'static str) -> Error {
    local(ErrorKind::ConfigInvalid, Operation::Configure, message)
}

fn address(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| config("the gateway's address can't be read"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(config("a gateway is reached by http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(config("secrets don't belong in the address"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(config("the gateway's address ends with its base path: no query, no fragment"));
    }
    Ok(url)
}

/// `Basic base64(user:password)`. Encoding would hide what a header can't carry, so it is refused here.
fn basic(user: &SecretString, password: &SecretString) -> Result<SecretString> {
    let (user, password) = (user.expose_secret(), password.expose_secret());
    if user.is_empty() || user.contains(':') {
        return Err(config("the user's name for Basic authentication is empty or holds a colon"));
    }
    if password.is_empty() {
        return Err(config("the password for Basic authentication is empty"));
    }
    if user.chars().chain(password.chars()).any(char::is_control) {
        return Err(config("user or password hold a control character"));
    }
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Ok(SecretString::from(format!("Basic {pair}")))
}

/// The server reads the header as a query's value since v8.1.0, where a raw `+` is a space. What needs no
/// encoding is left as it is: v8.0 doesn't decode.
fn device_header(id: &str) -> Result<SecretString> {
    if id.is_empty() || id.len() > MAX_DEVICE || id.chars().any(char::is_control) {
        return Err(config("a device id is empty, longer than 128 bytes or holds control characters"));
    }
    let mut encoded = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-' | b'@' | b':') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(SecretString::from(encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: GowaBuilder) {
        assert_eq!(builder.build().err().unwrap().kind(), ErrorKind::ConfigInvalid);
    }

    #[test]
    fn wrong_settings_are_told_before_any_request() {
        for url in [
            "",
            "localhost:3000",
            "ftp://localhost",
            "http://u:p@localhost",
            "http://localhost?a=1",
            "http://localhost#a",
        ] {
            refused(Gowa::builder(url));
        }
        let gowa = || Gowa::builder("http://127.0.0.1:3000");
        for (user, password) in [("", "p"), ("u:v", "p"), ("u", ""), ("u\r\n", "p"), ("u", "p\n")] {
            refused(gowa().basic_auth(user, password));
        }
        for device in ["", "a\r\nx: y", "a\0", &"9".repeat(4096)] {
            refused(gowa().device(device));
        }
        assert!(gowa().device("dev 1").basic_auth("u", "p:q").build().is_ok());
        assert!(Gowa::builder("http://gowa.example").build().is_err());
    }

    #[test]
    fn the_device_header_is_encoded_as_a_query_value() {
        let header = |id| device_header(id).unwrap().expose_secret().to_owned();
        assert_eq!(header("5511900000000:12@s.whatsapp.net"), "5511900000000:12@s.whatsapp.net");
        assert_eq!(header("a+b c/é"), "a%2Bb%20c%2F%C3%A9");
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown =
            format!("{:?}", Gowa::builder("http://127.0.0.1:1").basic_auth("ann", "hidden").device("dev1"));
        assert!(!shown.contains("hidden") && !shown.contains("ann") && !shown.contains("dev1"), "{shown}");
    }
}
