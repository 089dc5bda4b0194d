//! Faults on demand: what can go wrong between a client and its gateway.
//!
//! A [`Fault`] says which requests it strikes ([`Fault::on`], [`Fault::times`], [`Fault::after`]) and what happens to
//! them. The first rule that fits a request strikes; the others wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;

/// One rule.
///
/// ```
/// use wachats_simulator::Fault;
/// let rule = Fault::status(503).header("Retry-After", "1").on("GET", "/chats").times(1);
/// # drop(rule);
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) wait: Duration,
    pub(crate) after_effect: bool,
    pub(crate) chunked: bool,
    method: Option<String>,
    path: String,
    skip: u32,
    left: Option<u32>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// The handler's own answer, later or otherwise touched by the modifiers.
    Pass,
    /// An answer that is not the handler's.
    Answer { status: u16, content_type: Option<String>, body: Bytes },
    /// Close the socket with a reset.
    Reset,
    /// Close the socket politely, without an answer.
    Close,
    /// Never answer.
    Hang,
    /// Bytes that need not be HTTP.
    Raw(Bytes),
    /// The handler's answer, cut after so many bytes of its body; its declared length stays.
    Truncate(usize),
    /// The handler's answer with its body cut and a length that fits.
    Cut(usize),
    /// The handler's answer, its body at so many bytes per second.
    Slow(u32),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            wait: Duration::ZERO,
            after_effect: false,
            chunked: false,
            method: None,
            path: String::new(),
            skip: 0,
            left: None,
        }
    }

    fn answer(status: u16, content_type: Option<&str>, body: impl Into<Bytes>) -> Self {
        Self::new(Kind::Answer { status, content_type: content_type.map(str::to_owned), body: body.into() })
    }

    /// An empty answer with this status; see [`Fault::text`] for a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::answer(status, None, Bytes::new())
    }

    /// An answer with any type and bytes.
    #[must_use]
    pub fn body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::answer(status, Some(content_type), body)
    }

    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::answer(status, Some("application/json; charset=utf-8"), body.to_string())
    }

    /// An HTML page, as reverse proxies answer.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let page = format!(
            "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        );
        Self::answer(status, Some("text/html"), page)
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("Location", location)
    }

    /// The right answer, but later.
    #[must_use]
    pub fn delay(duration: Duration) -> Self {
        Self::new(Kind::Pass).wait(duration)
    }

    /// Closes the socket with a reset once the request was read.
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Closes the socket in order, without an answer, once the request was read.
    #[must_use]
    pub fn close() -> Self {
        Self::new(Kind::Close)
    }

    /// Reads the request and never answers; the socket stays open until the client or the server ends it.
    #[must_use]
    pub fn hang() -> Self {
        Self::new(Kind::Hang)
    }

    /// Writes these bytes in place of an HTTP answer and closes.
    #[must_use]
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::new(Kind::Raw(bytes.into()))
    }

    /// The right headers, a body that ends after `bytes` bytes, then the socket closes. See [`Fault::chunked`].
    #[must_use]
    pub fn truncate(bytes: usize) -> Self {
        Self::new(Kind::Truncate(bytes))
    }

    /// A complete answer whose JSON ends after `bytes` bytes.
    #[must_use]
    pub fn truncate_json(bytes: usize) -> Self {
        Self::new(Kind::Cut(bytes))
    }

    /// The right answer, its body at this speed; 0 counts as 1.
    #[must_use]
    pub fn slow_body(bytes_per_second: u32) -> Self {
        Self::new(Kind::Slow(bytes_per_second.max(1)))
    }

    /// Adds a header to the answer, or replaces it.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body of an answer, as plain text unless it has a type already.
    #[must_use]
    pub fn text(mut self, text: impl Into<Bytes>) -> Self {
        if let Kind::Answer { body, content_type, .. } = &mut self.kind {
            *body = text.into();
            content_type.get_or_insert_with(|| "text/plain; charset=utf-8".to_owned());
        }
        self
    }

    /// Waits before whatever the rule does.
    #[must_use]
    pub fn wait(mut self, duration: Duration) -> Self {
        self.wait = duration;
        self
    }

    /// Lets the handler run first: the change takes effect, only the answer is lost.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    /// Sends the body in chunks instead of declaring its length.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Strikes only requests of this method (empty: any) whose path and query contain `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = (!method.is_empty()).then(|| method.to_ascii_uppercase());
        path.clone_into(&mut self.path);
        self
    }

    /// Strikes at most so many times; without it for ever.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.left = Some(times);
        self
    }

    /// Lets so many fitting requests pass first.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Whether the handler runs before the rule strikes.
    pub(crate) fn runs_handler(&self) -> bool {
        self.after_effect
            || matches!(self.kind, Kind::Pass | Kind::Truncate(_) | Kind::Cut(_) | Kind::Slow(_))
    }

    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.insert(name, value);
            }
        }
    }

    fn fits(&self, method: &Method, target: &str) -> bool {
        self.left != Some(0)
            && self.method.as_deref().is_none_or(|wanted| wanted == method.as_str())
            && (target.contains(&self.path) || decoded(target).contains(&self.path))
    }
}

fn decoded(target: &str) -> String {
    percent_encoding::percent_decode_str(target).decode_utf8_lossy().into_owned()
}

/// The rules of one server; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Fault>>>);

impl Faults {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a rule behind the others.
    pub fn push(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Removes every rule.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// How many rules can still strike.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.lock().iter().filter(|fault| fault.left != Some(0)).count()
    }

    /// The rule that strikes this request, counted as used.
    pub(crate) fn strike(&self, method: &Method, target: &str) -> Option<Fault> {
        let mut rules = self.lock();
        for rule in rules.iter_mut().filter(|rule| rule.fits(method, target)) {
            if rule.skip > 0 {
                rule.skip = rule.skip.saturating_sub(1);
                continue;
            }
            rule.left = rule.left.map(|left| left.saturating_sub(1));
            return Some(rule.clone());
        }
        None
    }
}
