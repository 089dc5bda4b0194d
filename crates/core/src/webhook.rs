//! Telling a gateway's own deliveries from forged and replayed ones, without any framework.
//!
//! Verification works on the raw bytes, in constant time, before anything of them is read. A gateway implements
//! [`Webhook`]; what receives deliveries asks it to verify first and to decode then.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

use crate::{Error, ErrorKind, Event, Gateway, Operation, Result};

/// How one gateway signs and writes its deliveries.
pub trait Webhook: fmt::Debug + Send + Sync {
    /// Whose deliveries.
    fn gateway(&self) -> Gateway;

    /// Checks that the delivery is the gateway's own. Nothing of the body is read before its signature holds.
    ///
    /// # Errors
    /// `Unauthenticated` for a signature or token that is wrong, damaged or missing, and outside the replay window;
    /// `ConfigInvalid` where the keys are none, empty or the gateway's well-known default.
    fn verify(&self, keys: &WebhookKeys, headers: &dyn HeaderView, body: &[u8]) -> Result<()>;

    /// Refuses by its headers alone what can't be a delivery of the gateway, so that a stranger's body need not be
    /// read. What passes is still to be verified.
    ///
    /// # Errors
    /// `Unauthenticated` for a signature that is missing or damaged, and for a token that is wrong.
    fn screen(&self, _keys: &WebhookKeys, _headers: &dyn HeaderView) -> Result<()> {
        Ok(())
    }

    /// The time that a delivery tells of itself in what is signed, which nobody else can change; `None` where it tells
    /// none or can't be read.
    fn told_at(&self, _body: &[u8]) -> Option<DateTime<Utc>> {
        None
    }

    /// What the delivery tells. What isn't known becomes [`EventKind::Unknown`](crate::EventKind::Unknown).
    ///
    /// # Errors
    /// `Decode` for a body that is no JSON.
    fn decode(&self, headers: &dyn HeaderView, body: &[u8]) -> Result<Vec<Event>>;
}

/// The headers of a delivery, whatever holds them: a `HeaderMap`, or pairs of name and value.
pub trait HeaderView {
    /// The first value of a header; names are equal whatever their case.
    fn header(&self, name: &str) -> Option<&[u8]>;
}

impl HeaderView for HeaderMap {
    fn header(&self, name: &str) -> Option<&[u8]> {
        self.get(name).map(reqwest::header::HeaderValue::as_bytes)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderView for [(N, V)] {
    fn header(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.as_ref().eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderView for Vec<(N, V)> {
    fn header(&self, name: &str) -> Option<&[u8]> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const K: usize> HeaderView for [(N, V); K] {
    fn header(&self, name: &str) -> Option<&[u8]> {
        self.as_slice().header(name)
    }
}

impl<T: HeaderView + ?Sized> HeaderView for &T {
    fn header(&self, name: &str) -> Option<&[u8]> {
        (**self).header(name)
    }
}

/// The secrets that deliveries may be signed with, and how strictly they are taken. `Debug` shows none.
///
/// ```
/// use wachats_core::webhook::{WebhookKeys, Window};
/// // while a secret is being changed both count
/// let keys = WebhookKeys::new("the new secret").or("the old one").window(Window::minutes(5));
/// # drop(keys);
/// ```
#[derive(Clone, Default)]
pub struct WebhookKeys {
    secrets: Vec<SecretString>,
    allow_default_secret: bool,
    window: Option<Window>,
}

impl WebhookKeys {
    /// One secret.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self::default().or(secret)
    }

    /// One more secret that counts.
    pub fn or(mut self, secret: impl Into<SecretString>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Refuses deliveries that are older or younger than this, where what is signed tells a time.
    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// Takes a secret that everybody knows (GOWA's `secret`) as one: for trying things out.
    pub fn allow_default_secret(mut self, allow: bool) -> Self {
        self.allow_default_secret = allow;
        self
    }

    /// The replay window, where there is one.
    pub fn replay_window(&self) -> Option<Window> {
        self.window
    }

    /// Checks that there are secrets that can be one. `default` is the one a gateway comes with.
    ///
    /// # Errors
    /// `ConfigInvalid` for no secret, an empty one, or the default unless it is allowed.
    pub fn check(&self, gateway: &Gateway, default: Option<&str>) -> Result<()> {
        let wrong = |message: &'static str| {
            Err(Error::new(ErrorKind::ConfigInvalid, Operation::WebhookEvents)
                .with_gateway(gateway.clone())
                .with_message(message))
        };
        if self.secrets.is_empty() {
            return wrong("no webhook secret is set, so that anybody could deliver");
        }
        if self.secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
            return wrong("a webhook secret is empty");
        }
        let known = |secret: &SecretString| Some(secret.expose_secret()) == default;
        if !self.allow_default_secret && self.secrets.iter().any(known) {
            return wrong("the webhook secret is the one the gateway comes with, which everybody knows");
        }
        Ok(())
    }
}

impl From<SecretString> for WebhookKeys {
    fn from(secret: SecretString) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for WebhookKeys {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl From<&[SecretString]> for WebhookKeys {
    fn from(secrets: &[SecretString]) -> Self {
        Self { secrets: secrets.to_vec(), ..Self::default() }
    }
}

impl fmt::Debug for WebhookKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookKeys")
            .field("secrets", &self.secrets.len())
            .field("allow_default_secret", &self.allow_default_secret)
            .field("window", &self.window)
            .finish()
    }
}

/// How far the time of a delivery may be from now, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window(Duration);

impl Window {
    /// This far.
    pub const fn new(width: Duration) -> Self {
        Self(width)
    }

    /// So many minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self(Duration::from_secs(60 * minutes as u64))
    }

    /// Checks the time that a delivery tells. One that tells none passes: what is signed can't be made to lack it.
    ///
    /// # Errors
    /// `Unauthenticated` outside the window.
    pub fn check(self, gateway: &Gateway, at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
        let Some(at) = at else { return Ok(()) };
        if now.signed_duration_since(at).abs().to_std().unwrap_or(Duration::MAX) <= self.0 {
            return Ok(());
        }
        Err(refused(gateway, "the delivery's time is outside the replay window"))
    }
}

/// Which hash a signature is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

/// Checks an HMAC written as hexadecimal digits of either case, over the raw body, against every key: in constant
/// time, so that neither a near miss nor which key it was can be measured.
///
/// # Errors
/// `Unauthenticated` unless it is that of one of the keys.
pub fn verify_hmac(
    gateway: &Gateway,
    hash: Hash,
    keys: &WebhookKeys,
    signature: Option<&[u8]>,
    body: &[u8],
) -> Result<()> {
    let Some(signature) = signature else {
        return Err(refused(gateway, "the delivery bears no signature"));
    };
    let valid = match hash {
        Hash::Sha256 => matches::<Hmac<Sha256>, 32>(keys, signature, body),
        Hash::Sha512 => matches::<Hmac<Sha512>, 64>(keys, signature, body),
    };
    if valid { Ok(()) } else { Err(refused(gateway, "the delivery's signature is wrong")) }
}

/// Checks that there is something of a signature's form; whether it is right, [`verify_hmac`] tells.
///
/// # Errors
/// `Unauthenticated` for one that is missing or is no hexadecimal digits of the hash's length.
pub fn screen_hmac(gateway: &Gateway, hash: Hash, signature: Option<&[u8]>) -> Result<()> {
    let formed = signature.is_some_and(|signature| match hash {
        Hash::Sha256 => unhex::<32>(signature).is_some(),
        Hash::Sha512 => unhex::<64>(signature).is_some(),
    });
    if formed { Ok(()) } else { Err(refused(gateway, "the delivery's signature is missing or damaged")) }
}

fn matches<M: Mac + KeyInit, const N: usize>(keys: &WebhookKeys, signature: &[u8], body: &[u8]) -> bool {
    let given: Option<[u8; N]> = unhex(signature);
    // a damaged signature costs what a wrong one costs
    let bytes = given.unwrap_or([0; N]);
    let mut valid = Choice::from(0);
    for secret in &keys.secrets {
        if let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret.expose_secret().as_bytes()) {
            mac.update(body);
            valid |= mac.finalize().into_bytes().as_slice().ct_eq(&bytes);
        }
    }
    bool::from(valid) & given.is_some()
}

/// Checks a bearer token in `Authorization`, in constant time but for its length.
///
/// # Errors
/// `Unauthenticated` unless it is one of the keys.
pub fn verify_bearer(gateway: &Gateway, keys: &WebhookKeys, headers: &dyn HeaderView) -> Result<()> {
    let Some(value) = headers.header("authorization") else {
        return Err(refused(gateway, "the delivery bears no token"));
    };
    let token = match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token.trim_ascii(),
        _ => return Err(refused(gateway, "the delivery bears no token of the kind Bearer")),
    };
    let mut valid = Choice::from(0);
    for secret in &keys.secrets {
        valid |= secret.expose_secret().as_bytes().ct_eq(token);
    }
    if valid.into() { Ok(()) } else { Err(refused(gateway, "the delivery's token is wrong")) }
}

fn refused(gateway: &Gateway, message: &'static str) -> Error {
    Error::new(ErrorKind::Unauthenticated, Operation::WebhookEvents)
        .with_gateway(gateway.clone())
        .with_message(message)
}

fn unhex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? * 16 + digit(*low)?;
    }
    Some(out)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
