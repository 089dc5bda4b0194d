use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;
use wachats_core::transport::{HttpOptions, TransportConfig};
use wachats_core::{
    ChatsProvider, ConnectOptions, Driver, Error, ErrorKind, Gateway, GatewayUri, Operation, Result,
};

use crate::backend::GreenApi;
use crate::error::GreenFunnel;
use crate::secret::Token;
use crate::verb::RATES;

/// Builds a [`GreenApi`].
#[derive(Clone)]
pub struct GreenApiBuilder {
    url: String,
    instance: Option<String>,
    token: Option<SecretString>,
    media_url: Option<String>,
    http: HttpOptions,
}

impl GreenApiBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), instance: None, token: None, media_url: None, http: HttpOptions::new() }
    }

    /// The instance's number, `idInstance`; required.
    pub fn instance(mut self, id: impl fmt::Display) -> Self {
        self.instance = Some(id.to_string());
        self
    }

    /// The instance's token, `apiTokenInstance`; required.
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The address of the pool's media host, `mediaUrl`: files are uploaded to it, and media is fetched from it
    /// even where it is private. Without it `media` takes the place of `api` in the pool's own address.
    pub fn media_url(mut self, url: impl Into<String>) -> Self {
        self.media_url = Some(url.into());
        self
    }

    /// The transport's options. The published rate limits are kept unless these say otherwise.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Builds the gateway; sends nothing.
    ///
    /// # Errors
    /// `ConfigInvalid` for an address that can't be read or holds instance or token, for plain http to another
    /// machine, for a missing instance or token, and for those that can't stand in a path.
    pub fn build(self) -> Result<GreenApi> {
        let base = address(&self.url)?;
        let instance =
            self.instance.ok_or_else(|| config("the instance is missing: its number, idInstance"))?;
        if instance.is_empty() || instance.len() > 20 || !instance.bytes().all(|b| b.is_ascii_digit()) {
            return Err(config("an instance is a number, as in 7103000000"));
        }
        let token = Token::new(self.token.ok_or_else(|| config("the token of the instance is missing"))?);
        if !token.is_sound() {
            return Err(config("the token of the instance holds a character that none has"));
        }
        let mut http = self.http;
        let media = match &self.media_url {
            Some(media) => {
                let media = address(media)?;
                http = http.allow_media_host(media.host_str().unwrap_or_default());
                media
            }
            None => media_of(&base),
        };
        let transport = TransportConfig::new(Gateway::GREEN_API, base, GreenFunnel::new(token.clone()))
            .rates(RATES)
            .build(&http)
            .map_err(|e| e.with_gateway(Gateway::GREEN_API))?;
        transport.check_address(&media).map_err(|e| e.with_gateway(Gateway::GREEN_API))?;
        Ok(GreenApi::new(transport, media, &instance, token))
    }
}

impl fmt::Debug for GreenApiBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GreenApiBuilder").field("http", &self.http).finish_non_exhaustive()
    }
}

/// Where files are uploaded in a pool: `7103.media.greenapi.com` beside `7103.api.greenapi.com`. Elsewhere the
/// one address serves both.
fn media_of(base: &Url) -> Url {
    let mut media = base.clone();
    let host = base.host_str().unwrap_or_default();
    let pool = ["greenapi.com", "green-api.com"].iter().any(|domain| host.ends_with(domain));
    if pool {
        let labels: Vec<&str> =
            host.split('.').map(|label| if label == "api" { "media" } else { label }).collect();
        // a host of the same letters and dots can always be set
        media.set_host(Some(&labels.join("."))).ok();
    }
    media
}

/// An address of the pool. One with the instance in its path would carry the token too.
fn address(text: &str) -> Result<Url> {
    let url =
        Url::parse(text.trim()).map_err(|error| config(format!("the address can't be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(config("a gateway is reached by http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(config("secrets don't belong in the address"));
    }
    if url.path().to_ascii_lowercase().contains("/wainstance") {
        return Err(config(
            "the address ends before /waInstance…: instance and token are given apart from it",
        ));
    }
    Ok(url)
}

fn config(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::ConfigInvalid, Operation::Configure)
        .with_gateway(Gateway::GREEN_API)
        .with_message(message)
}

/// Opens `green-api+https://7103.api.greenapi.com?instance=7103000000[&media=https://…]` with the token of
/// `GREEN_API_TOKEN`.
#[derive(Clone, Copy, Debug, Default)]
pub struct GreenApiDriver;

impl Driver for GreenApiDriver {
    fn scheme(&self) -> &'static str {
        "green-api"
    }

    fn options(&self) -> &'static [&'static str] {
        &["instance", "media"]
    }

    fn open(&self, uri: &GatewayUri, options: &ConnectOptions) -> Result<Arc<dyn ChatsProvider>> {
        let mut builder = GreenApi::builder(uri.base()).http(options.http.clone());
        if let Some(instance) = uri.option("instance") {
            builder = builder.instance(instance);
        }
        if let Some(media) = uri.option("media") {
            builder = builder.media_url(media);
        }
        let token =
            options.secrets.require("GREEN_API_TOKEN").map_err(|e| e.with_gateway(Gateway::GREEN_API))?;
        Ok(Arc::new(builder.token(token).build()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: GreenApiBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::ConfigInvalid, Operation::Configure));
        error.to_string()
    }

    fn good() -> GreenApiBuilder {
        GreenApi::builder("http://127.0.0.1:1/").instance(7_103_000_001_u64).token("5e17d0c0ffee")
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_before_any_request() {
        good().build().unwrap();
        assert!(refused(GreenApi::builder("http://127.0.0.1:1").token("5e17d0c0ffee")).contains("instance"));
        assert!(refused(GreenApi::builder("http://127.0.0.1:1").instance(1)).contains("token"));
        assert!(refused(good().instance("71/../2")).contains("number"));
        assert!(refused(good().token("5e17\r\nX: y")).contains("character"));
        assert!(refused(good().media_url("ftp://x")).contains("http"));
        let pasted =
            GreenApi::builder("http://127.0.0.1:1/waInstance1/getChats/5e17d0c0ffee").instance(1).token("x");
        let told = refused(pasted);
        assert!(told.contains("waInstance") && !told.contains("5e17"), "{told}");
        assert!(
            refused(GreenApi::builder("http://example.com").instance(1).token("x")).contains("plain http")
        );
    }

    #[test]
    fn files_are_uploaded_to_the_media_host_of_the_pool() {
        let of = |base: &str| media_of(&base.parse().unwrap()).to_string();
        assert_eq!(of("https://7103.api.greenapi.com"), "https://7103.media.greenapi.com/");
        assert_eq!(of("https://api.green-api.com"), "https://media.green-api.com/");
        assert_eq!(of("http://127.0.0.1:80/api"), "http://127.0.0.1/api");
        assert!(refused(good().media_url("http://example.com")).contains("plain http"));
    }

    #[test]
    fn the_token_is_in_no_debug_output() {
        let shown = format!("{:?} {:?}", good(), good().build().unwrap());
        assert!(!shown.contains("5e17"), "{shown}");
    }
}
