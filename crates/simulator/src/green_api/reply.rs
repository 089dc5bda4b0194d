//! Answers, and the several forms in which this gateway tells its errors.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

/// What a method answers; both sides are complete answers, the right one ends it early.
pub(super) type Answer = Result<Reply, Reply>;

/// An answer before it is put on the wire.
pub(super) struct Reply {
    status: u16,
    content_type: Option<String>,
    body: Bytes,
}

impl Reply {
    /// 200 with JSON.
    pub(super) fn json<T: Serialize>(body: &T) -> Self {
        Self::json_status(200, body)
    }

    /// Any status with JSON.
    pub(super) fn json_status<T: Serialize>(status: u16, body: &T) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default().into();
        Self { status, content_type: Some("application/json; charset=utf-8".to_owned()), body }
    }

    /// 200 with a text that is JSON or pretends to be.
    pub(super) fn json_text(body: Vec<u8>) -> Self {
        let content_type = Some("application/json; charset=utf-8".to_owned());
        Self { status: 200, content_type, body: body.into() }
    }

    /// 200 with nothing.
    pub(super) fn empty() -> Self {
        Self { status: 200, content_type: None, body: Bytes::new() }
    }

    /// A plain text.
    pub(super) fn text(status: u16, text: &str) -> Self {
        let content_type = Some("text/plain; charset=utf-8".to_owned());
        Self { status, content_type, body: text.to_owned().into() }
    }

    /// A file of the object storage.
    pub(super) fn file(mime: &str, body: Bytes) -> Self {
        Self { status: 200, content_type: Some(mime.to_owned()), body }
    }

    /// The framework's form of an error. It echoes the request's path, the token included.
    pub(super) fn error(status: u16, path: &str, message: &str, now_ms: i64) -> Self {
        let time = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
        let timestamp = time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let body = json!({"statusCode": status, "timestamp": timestamp, "path": path, "message": message});
        Self::json_status(status, &body)
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(value) = self.content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        response
    }
}
