//! The table of routes.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use chrono::DateTime;
use serde_json::{Value, json};

use super::app::{App, Call, query, segments};
use super::reply::{Done, Outcome, Reply, cannot, crash_with, not_implemented, plus_only, refused};
use super::{change, chats, contacts, files, groups, messages, pairing, send, sessions, socket};

/// Changes what a handler has to say, for services that put WAHA's API in other words.
pub(crate) type Rewrite = fn(&Call<'_>, &[&str], Outcome) -> Outcome;

struct Shared {
    app: Arc<App>,
    rewrite: Option<Rewrite>,
}

pub(crate) fn router(app: Arc<App>, rewrite: Option<Rewrite>) -> Router {
    // The limit is the gateway's own, below.
    let routes = Router::new().fallback(dispatch).layer(DefaultBodyLimit::disable());
    routes.with_state(Arc::new(Shared { app, rewrite }))
}

const BODY_LIMIT: usize = 50 * 1024 * 1024;

async fn dispatch(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let post = method == Method::POST;
    let mut call = Call {
        app: &shared.app,
        method,
        target,
        query: query(uri.query().unwrap_or("")),
        body: None,
        headers,
    };
    let path = segments(uri.path());
    if path == ["ws"]
        && let Some(answer) = socket::upgrade(&shared.app, &call)
    {
        return answer;
    }
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let outcome = match read_body(&mut call, &body) {
        Err(reply) => Err(reply),
        Ok(()) => {
            let outcome = route(&call, &path).await;
            match shared.rewrite {
                Some(rewrite) => rewrite(&call, &path, outcome),
                None => outcome,
            }
        }
    };
    let status = if post { 201 } else { 200 };
    let reply = match outcome {
        Ok(Done::Json(value)) => Reply::json(status, &value),
        Ok(Done::Empty) => Reply::empty(status),
        Ok(Done::Raw(reply)) | Err(reply) => reply,
    };
    let mut response = reply.into_response();
    // The clock of the host is that of the events.
    let now = DateTime::from_timestamp_millis(shared.app.world.now_ms()).unwrap_or_default();
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Parses a JSON body before anything else looks at the request, as the server does.
fn read_body(call: &mut Call<'_>, body: &[u8]) -> Result<(), Reply> {
    let is_json = call
        .headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"));
    if body.is_empty() || !is_json {
        return Ok(());
    }
    if body.len() > BODY_LIMIT {
        let more = json!({"expected": body.len(), "length": body.len(), "limit": BODY_LIMIT, "type": "entity.too.large"});
        let more = more.as_object().cloned().unwrap_or_default();
        return Err(crash_with(
            call,
            "PayloadTooLargeError",
            "request entity too large",
            "readStream",
            &more,
        ));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            call.body = Some(value);
            Ok(())
        }
        Err(error) => Err(refused(400, complaint(body, &error))),
    }
}

/// Words of the JSON parser of the server's runtime.
fn complaint(body: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "Unexpected end of JSON input".to_owned();
    }
    if body.first() == Some(&b'{') && error.line() == 1 && error.column() <= 2 {
        return "Expected property name or '}' in JSON at position 1".to_owned();
    }
    let position = error.column().saturating_sub(1);
    let found = body.get(position).map_or('?', |&byte| char::from(byte));
    format!("Unexpected token {found} in JSON at position {position}")
}

async fn route(call: &Call<'_>, path: &[&str]) -> Outcome {
    let app = call.app;
    let method = call.method.as_str();
    match path {
        ["ping"] if method == "GET" => return Ok(json!({"message": "pong"}).into()),
        ["pictures", chat] if method == "GET" => return files::picture(call, chat),
        ["api", ..] | ["health"] => call.check_key()?,
        _ => return Err(cannot(method, &call.target)),
    }
    let since = |year, month, number| app.profile.since(year, month, number);
    match (method, path) {
        ("GET", ["health"]) if since(2026, 6, 1) => {
            Ok(json!({"status": "ok", "info": {}, "error": {}, "details": {}}).into())
        }
        ("GET", ["health"]) => Err(plus_only(app)),
        ("GET", ["api", "server", "version"] | ["api", "version"]) => Ok(app.version().into()),
        (_, ["api", "sessions", rest @ ..]) => sessions::route(call, rest),
        ("GET", ["api", "files", name @ ..]) => files::get(call, name),
        (_, ["api", "contacts", rest @ ..]) => contacts::route(call, rest).await,
        ("GET", ["api", "messages"]) => match (call.param("session"), call.param("chatId")) {
            (None, _) => Err(refused(400, "Session name is required")),
            (Some(session), chat) => messages::list(call, session, chat.unwrap_or_default()).await,
        },
        ("PUT", ["api", "reaction"]) => change::react(call).await,
        ("PUT", ["api", "star"]) => change::star(call).await,
        ("POST", ["api", verb]) if send::knows(call, verb) => send::route(call, verb).await,
        (_, ["api", session, "auth", rest @ ..]) => pairing::route(call, session, rest).await,
        ("GET", ["api", session, "new-message-id"]) if since(2026, 4, 3) => {
            call.working(session).await?;
            Ok(json!({"id": app.world.new_key()}).into())
        }
        (_, ["api", session, "lids", rest @ ..]) if since(2025, 5, 4) => {
            contacts::lids(call, session, rest).await
        }
        (_, ["api", session, "contacts", id]) if since(2026, 3, 1) => {
            contacts::by_id(call, session, id).await
        }
        (_, ["api", session, "groups", rest @ ..]) => groups::route(call, session, rest).await,
        (_, ["api", session, "presence", rest @ ..]) => groups::presence(call, session, rest).await,
        (_, ["api", session, "chats", rest @ ..]) => chats_route(call, session, rest).await,
        _ => Err(cannot(method, &call.target)),
    }
}

async fn chats_route(call: &Call<'_>, session: &str, rest: &[&str]) -> Outcome {
    let since = |year, month, number| call.app.profile.since(year, month, number);
    match (call.method.as_str(), rest) {
        ("GET", []) => chats::list(call, session).await,
        ("GET" | "POST", ["overview"]) if since(2024, 12, 6) => chats::overview(call, session).await,
        ("DELETE", [chat]) => change::delete_chat(call, session, chat).await,
        ("GET", [chat, "picture"]) if since(2024, 12, 6) => chats::picture(call, session, chat).await,
        ("POST", [chat, "archive"]) => change::archive(call, session, chat, true).await,
        ("POST", [chat, "unarchive"]) => change::archive(call, session, chat, false).await,
        ("POST", [chat, "unread"]) if since(2024, 10, 9) => change::unread(call, session, chat).await,
        ("GET", [chat, "messages"]) => messages::list(call, session, chat).await,
        ("DELETE", [chat, "messages"]) => change::clear(call, session, chat).await,
        ("POST", [chat, "messages", "read"]) if since(2025, 4, 2) => {
            messages::read(call, session, chat).await
        }
        ("GET", [chat, "messages", id]) if since(2024, 10, 9) => messages::get(call, session, chat, id).await,
        ("POST", [chat, "messages", id, verb @ ("pin" | "unpin")]) if since(2024, 11, 5) => {
            if !call.app.profile.dialect.pins {
                return Err(not_implemented(call.app, ""));
            }
            change::pin(call, session, chat, id, *verb == "pin").await
        }
        ("PUT", [chat, "messages", id]) => change::edit(call, session, chat, id).await,
        ("DELETE", [chat, "messages", id]) => change::delete(call, session, chat, id).await,
        (method, _) => Err(cannot(method, &call.target)),
    }
}
