//! Answers: the JSON envelope, plain texts, and what differs between the two web frameworks GOWA was built on.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use serde::Serialize;

use super::profile::Version;

/// What a handler answers; both sides are complete answers, the right one ends a handler early.
pub(super) type Answer = Result<Reply, Reply>;

enum Type {
    Json,
    Text,
    File(String),
}

/// An answer before it is put on the wire.
pub(super) struct Reply {
    status: u16,
    content_type: Type,
    authenticate: Option<&'static str>,
    body: Bytes,
    crash: bool,
    /// Another answer in place of this one.
    ready: Option<Box<Response<Body>>>,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<T>,
}

impl Reply {
    fn new(status: u16, content_type: Type, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, authenticate: None, body: body.into(), crash: false, ready: None }
    }

    fn envelope<T: Serialize>(status: u16, code: &str, message: &str, results: Option<T>) -> Self {
        let json = serde_json::to_string(&Envelope { code, message, results }).unwrap_or_default();
        Self::new(status, Type::Json, escape_html(&json))
    }

    /// 200 without `results`.
    pub(super) fn done(message: &str) -> Self {
        Self::envelope::<()>(200, "SUCCESS", message, None)
    }

    /// 200 with `results`, which may be `null`.
    pub(super) fn results<T: Serialize>(message: &str, results: T) -> Self {
        Self::envelope(200, "SUCCESS", message, Some(results))
    }

    /// An error.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::envelope::<()>(status, code, message, None)
    }

    /// An error that tells more.
    pub(super) fn error_with<T: Serialize>(status: u16, code: &str, message: &str, results: T) -> Self {
        Self::envelope(status, code, message, Some(results))
    }

    /// An error of the gateway's own, with the text of the failure.
    pub(super) fn internal(message: &str) -> Self {
        Self::error(500, "INTERNAL_SERVER_ERROR", message)
    }

    /// A field that doesn't pass.
    pub(super) fn invalid(message: &str) -> Self {
        Self::error(400, "VALIDATION_ERROR", message)
    }

    /// A plain text.
    pub(super) fn text(status: u16, text: &str) -> Self {
        Self::new(status, Type::Text, text.to_owned())
    }

    /// Asks for credentials.
    pub(super) fn unauthorized(version: Version) -> Self {
        let challenge = if version >= Version::V9 {
            r#"Basic realm="Restricted", charset="UTF-8""#
        } else {
            "basic realm=Restricted"
        };
        Self { authenticate: Some(challenge), ..Self::text(401, "Unauthorized") }
    }

    /// A stored file.
    pub(super) fn file(mime: &str, bytes: Bytes) -> Self {
        Self::new(200, Type::File(mime.to_owned()), bytes)
    }

    /// No answer at all: the process died.
    pub(super) fn crash() -> Self {
        Self { crash: true, ..Self::text(500, "") }
    }

    /// An answer that is made already.
    pub(super) fn ready(answer: Response<Body>) -> Self {
        Self { ready: Some(Box::new(answer)), ..Self::text(101, "") }
    }

    pub(super) fn is_crash(&self) -> bool {
        self.crash
    }

    pub(super) fn into_response(self, version: Version) -> Response<Body> {
        if let Some(ready) = self.ready {
            return *ready;
        }
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = match &self.content_type {
            Type::Json if version >= Version::V9 => "application/json; charset=utf-8",
            Type::Json => "application/json",
            Type::Text => "text/plain; charset=utf-8",
            Type::File(mime) => mime,
        };
        if let Ok(value) = HeaderValue::from_str(content_type) {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        if let Some(challenge) = self.authenticate {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// Go's encoder writes these characters as escapes; they can only stand inside strings.
pub(super) fn escape_html(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '&' | '<' | '>' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
