use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::Upload;
use crate::{Error, ErrorKind, Operation, Repeat, Result};

/// Everything that is not unreserved, `@` and `:` aside: both are legal in a path segment, and GOWA before
/// v9 takes them only as they are.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'!')
    .add(b'"')
    .add(b'#')
    .add(b'$')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'(')
    .add(b')')
    .add(b'*')
    .add(b'+')
    .add(b',')
    .add(b'/')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// With `@` encoded too, as WAHA recommends.
const SEGMENT_AT: &AsciiSet = &SEGMENT.add(b'@');

/// One request to a gateway, before it is sent.
///
/// A wrong path segment is told when it is sent, before any byte leaves.
pub struct Call {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    pub(crate) route: &'static str,
    pub(crate) path: Result<String>,
    pub(crate) at: Option<Url>,
    pub(crate) query: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: Option<Bytes>,
    pub(crate) upload: Option<Upload>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) repeat: Repeat,
    pub(crate) attempt: Option<Duration>,
    pub(crate) rate_key: Option<&'static str>,
    pub(crate) beginning: Option<usize>,
    encode_at: bool,
}

impl Call {
    pub(crate) fn new(operation: Operation, method: Method, route: &'static str, encode_at: bool) -> Self {
        Self {
            repeat: operation.repeat(),
            operation,
            method,
            route,
            path: Ok(String::new()),
            at: None,
            query: Vec::new(),
            body: None,
            upload: None,
            headers: Vec::new(),
            attempt: None,
            rate_key: None,
            beginning: None,
            encode_at,
        }
    }

    /// Sends it to another address of the same gateway, as Green-API's media host: credentials go there too. It
    /// must have passed [`Transport::check_address`](super::Transport::check_address).
    pub fn at(mut self, base: &Url) -> Self {
        self.at = Some(base.clone());
        self
    }

    /// Adds one segment to the path, encoded; refuses `.`, `..`, an empty one and control characters.
    pub fn segment(mut self, segment: impl AsRef<str>) -> Self {
        let segment = segment.as_ref();
        if let Ok(path) = &mut self.path {
            if matches!(segment, "" | "." | "..")
                || segment.len() > 1024
                || segment.chars().any(char::is_control)
            {
                self.path = Err(Error::new(ErrorKind::InvalidInput, self.operation)
                    .with_message("an id or name can't stand in a path"));
                return self;
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, if self.encode_at { SEGMENT_AT } else { SEGMENT }));
        }
        self
    }

    /// Adds several segments.
    pub fn path<'a>(self, segments: impl IntoIterator<Item = &'a str>) -> Self {
        segments.into_iter().fold(self, |call, segment| call.segment(segment))
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Adds a query parameter where there is a value.
    pub fn query_opt(self, name: &'static str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Adds a header of this request alone; one that can't be a header is told when it is sent.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends this as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => {
                self.body = Some(Bytes::from(bytes));
                self.header("content-type", "application/json")
            }
            Err(_) => {
                self.path = Err(Error::new(ErrorKind::InvalidInput, self.operation)
                    .with_message("the request can't be written as JSON"));
                self
            }
        }
    }

    /// Sends this body, which holds a file.
    pub fn upload(mut self, upload: Upload) -> Self {
        let content_type = upload.content_type().to_owned();
        self = self.header("content-type", content_type).header("content-length", upload.len().to_string());
        self.upload = Some(upload);
        self
    }

    /// Whether it may be repeated, where that differs from its operation (a look-up before a change).
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// The time of one attempt, in place of the default.
    pub fn attempt(mut self, time: Duration) -> Self {
        self.attempt = Some(time);
        self
    }

    /// Of an answer past the cap so many of its first bytes are handed over, in place of the error `TooLarge`.
    pub fn or_beginning(mut self, bytes: usize) -> Self {
        self.beginning = Some(bytes);
        self
    }

    /// The wire method whose rate limit counts it.
    pub fn rate_key(mut self, key: &'static str) -> Self {
        self.rate_key = Some(key);
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({} {} for {})", self.method, self.route, self.operation)
    }
}

/// What a gateway answered: status, headers and the whole body, decompressed.
pub struct Answer {
    /// The operation it answers.
    pub operation: Operation,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; invalid UTF-8 is still in it.
    pub body: Bytes,
}

impl Answer {
    /// Is it a 2xx?
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type, lower case, without parameters; `""` where none is told.
    pub fn content_type(&self) -> String {
        let value = self.headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
        value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// Does the body look like a web page?
    pub fn is_html(&self) -> bool {
        let head = self.body.trim_ascii_start();
        self.content_type() == "text/html" || head.starts_with(b"<!") || head.starts_with(b"<html")
    }

    /// Is the body empty, white space aside?
    pub fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    /// The body as text, invalid UTF-8 replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body decoded as JSON; a web page, plain text and an empty body are told apart in the error.
    ///
    /// # Errors
    /// `NotAGateway` for a web page or plain text, `Decode` for an empty body or JSON that doesn't fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        crate::decode::body(self)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}
