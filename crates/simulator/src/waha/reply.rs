//! Answers and the shapes of refusals.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::app::{App, Call};
use crate::world::Session;

const JSON: &str = "application/json; charset=utf-8";

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

/// What a handler that succeeded has to say.
#[derive(Debug)]
pub(crate) enum Done {
    /// A value: 200, or 201 to a POST.
    Json(Value),
    /// Nothing: neither body nor content type.
    Empty,
    /// An answer of its own.
    Raw(Reply),
}

pub(crate) type Outcome = Result<Done, Reply>;

impl From<Value> for Done {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: Some(JSON.to_owned()), body: body.to_string().into() }
    }

    pub(crate) fn bytes(mime: &str, body: Bytes) -> Self {
        Self { status: 200, content_type: Some(mime.to_owned()), body }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content_type: None, body: Bytes::new() }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(value) = self.content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        response
    }
}

/// Shape A: NestJS's own.
pub(crate) fn refused(status: u16, message: impl Into<Value>) -> Reply {
    let error = match status {
        400 => "Bad Request",
        404 => "Not Found",
        422 => "Unprocessable Entity",
        501 => "Not Implemented",
        _ => "Error",
    };
    Reply::json(status, &json!({"message": message.into(), "error": error, "statusCode": status}))
}

/// 401 and 403 carry no `error`.
pub(crate) fn unauthorized() -> Reply {
    Reply::json(401, &json!({"message": "Unauthorized", "statusCode": 401}))
}

/// What the router says of a route or a method it doesn't know.
pub(crate) fn cannot(method: &str, target: &str) -> Reply {
    refused(404, format!("Cannot {method} {target}"))
}

pub(crate) fn not_implemented(app: &App, detail: &str) -> Reply {
    let space = if detail.is_empty() { "" } else { " " };
    let engine = app.profile.engine.name();
    if !app.profile.since(2025, 6, 6) {
        return refused(422, "The method is not implemented by the engine.");
    }
    refused(
        501,
        format!(
            "{detail}{space}The method is not implemented by '{engine}' engine. Check the docs and try another engine: https://waha.devlike.pro/"
        ),
    )
}

pub(crate) fn plus_only(app: &App) -> Reply {
    let engine = app.profile.engine.name();
    refused(
        422,
        format!(
            "The feature is available only in Plus version for '{engine}' engine. Check this out: https://waha.devlike.pro/"
        ),
    )
}

pub(crate) fn status_word(session: Session) -> &'static str {
    match session {
        Session::Working => "WORKING",
        Session::Starting => "STARTING",
        Session::NeedsPairing => "SCAN_QR_CODE",
        Session::Stopped => "STOPPED",
        Session::Failed => "FAILED",
    }
}

/// Shape B: the session isn't in the state the call needs.
pub(crate) fn wrong_status(name: &str, session: Session, expected: &str) -> Reply {
    let body = json!({
        "error": "Session status is not as expected. Try again later or restart the session",
        "session": name, "status": status_word(session), "expected": [expected],
    });
    Reply::json(422, &body)
}

/// Shape B of a session that was never created.
pub(crate) fn no_session(name: &str) -> Reply {
    let error = format!("Session \"{name}\" does not exist");
    Reply::json(422, &json!({"error": error, "session": name}))
}

/// Shape C: an exception that is not HTTP's. It echoes the request, body and all.
pub(crate) fn crash(call: &Call<'_>, name: &str, message: &str, place: &str) -> Reply {
    crash_with(call, name, message, place, &Map::new())
}

/// Shape C with further members of the exception (`code`, `errno` …).
pub(crate) fn crash_with(
    call: &Call<'_>,
    name: &str,
    message: &str,
    place: &str,
    more: &Map<String, Value>,
) -> Reply {
    let stack = if place.is_empty() {
        format!("{name}: {message}")
    } else {
        format!("{name}: {message}\n    at {place} (/srv/app:1:1)")
    };
    let mut exception = json!({"message": message, "name": name, "stack": stack});
    if let Some(members) = exception.as_object_mut() {
        members.extend(more.clone());
    }
    let mut request =
        json!({"path": call.target, "method": call.method.as_str(), "query": call.query_object()});
    if let (Some(body), Some(members)) = (&call.body, request.as_object_mut()) {
        members.insert("body".to_owned(), body.clone());
    }
    let timestamp = chrono::DateTime::from_timestamp_millis(call.app.world.now_ms())
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let body = json!({
        "statusCode": 500, "timestamp": timestamp, "exception": exception, "request": request,
        "version": call.app.version(),
    });
    Reply::json(500, &body)
}
