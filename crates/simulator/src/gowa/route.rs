//! Which handler answers, and what stands before it: health, files, credentials, the choice of a device.

use std::sync::Arc;

use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use bytes::Bytes;

use super::call::Call;
use super::gateway::Gateway;
use super::profile::{Slot, Version};
use super::reply::{Answer, Reply};
use super::{app, chats, devices, groups, media, message_actions, messages, send, socket, upload, users};
use crate::form::Upload;

type Handler = fn(&Call<'_>) -> Answer;

/// Method, path, first version that has it, handler.
type Route = (&'static str, &'static str, Version, Handler);

const ALWAYS: Version = Version::new(0, 0, 0);

/// Routes that need no device.
const OPEN: &[Route] = &[
    ("GET", "app/info", Version::V9, app::info),
    ("GET", "devices", Version::V8, devices::list),
    ("POST", "devices", Version::V8, devices::add),
    ("GET", "devices/:id", Version::V8, devices::get),
    ("DELETE", "devices/:id", Version::V8, devices::remove),
    ("GET", "devices/:id/login", Version::V8, devices::login),
    ("POST", "devices/:id/login/code", Version::V8, devices::login_code),
    ("POST", "devices/:id/logout", Version::V8, devices::logout),
    ("POST", "devices/:id/reconnect", Version::V8, devices::reconnect),
    ("GET", "devices/:id/status", Version::V8, devices::status),
    ("GET", "devices/:id/webhook", Version::V8_10, devices::webhook),
    ("PATCH", "devices/:id/webhook", Version::V8_10, devices::set_webhook),
];

/// Routes of one device.
const SCOPED: &[Route] = &[
    ("GET", "app/login", ALWAYS, app::login),
    ("GET", "app/login-with-code", ALWAYS, app::login_with_code),
    ("GET", "app/logout", ALWAYS, app::logout),
    ("GET", "app/reconnect", ALWAYS, app::reconnect),
    ("GET", "app/devices", ALWAYS, app::devices),
    ("GET", "app/status", Version::new(7, 1, 0), app::status),
    ("GET", "chats", Version::new(7, 2, 0), chats::list),
    ("GET", "chat/:jid/messages", Version::new(7, 2, 0), messages::list),
    ("POST", "chat/:jid/pin", Version::new(7, 2, 0), chats::pin),
    ("POST", "chat/:jid/disappearing", Version::new(7, 10, 2), chats::disappearing),
    ("POST", "chat/:jid/archive", Version::V8_1, chats::archive),
    ("POST", "message/:id/read", ALWAYS, message_actions::read),
    ("POST", "message/:id/star", ALWAYS, message_actions::star),
    ("POST", "message/:id/unstar", ALWAYS, message_actions::unstar),
    ("POST", "message/:id/reaction", ALWAYS, message_actions::reaction),
    ("POST", "message/:id/update", ALWAYS, message_actions::update),
    ("POST", "message/:id/revoke", ALWAYS, message_actions::revoke),
    ("POST", "message/:id/delete", ALWAYS, message_actions::delete),
    ("POST", "message/:id/forward", Version::V8_11, message_actions::forward),
    ("GET", "message/:id/download", Version::V7_5_1, media::download),
    ("POST", "send/message", ALWAYS, send::text),
    ("POST", "send/location", ALWAYS, send::location),
    ("POST", "send/contact", ALWAYS, send::contact),
    ("POST", "send/poll", ALWAYS, send::poll),
    ("POST", "send/image", ALWAYS, upload::image),
    ("POST", "send/file", ALWAYS, upload::file),
    ("POST", "send/video", ALWAYS, upload::video),
    ("POST", "send/audio", ALWAYS, upload::audio),
    ("POST", "send/sticker", Version::new(7, 7, 0), upload::sticker),
    ("POST", "send/presence", ALWAYS, send::presence),
    ("POST", "send/chat-presence", Version::new(7, 1, 0), send::chat_presence),
    ("GET", "ws", ALWAYS, socket::open),
    ("GET", "user/info", ALWAYS, users::info),
    ("GET", "user/avatar", ALWAYS, users::avatar),
    ("GET", "user/check", Version::new(6, 0, 3), users::check),
    ("GET", "user/my/contacts", ALWAYS, users::contacts),
    ("GET", "user/my/groups", ALWAYS, users::groups),
    ("GET", "group/info", Version::new(7, 2, 0), groups::info),
    ("GET", "group/participants", ALWAYS, groups::participants),
];

/// A request as the server read it.
pub(super) struct Arrival {
    pub(super) method: Method,
    /// The path as it was sent.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The body as a form with files, where it is one.
    pub(super) upload: Option<Upload>,
}

/// Answers a request, whichever side of the handler's result it came from.
pub(super) fn answer(gateway: &Arc<Gateway>, arrival: Arrival) -> Reply {
    route(gateway, arrival).unwrap_or_else(|early| early)
}

fn route(gateway: &Arc<Gateway>, arrival: Arrival) -> Answer {
    let profile = &gateway.profile;
    // HEAD is answered wherever GET is.
    let method = if arrival.method == Method::HEAD { Method::GET } else { arrival.method.clone() };
    let path = arrival.path.trim_end_matches('/');
    if path.eq_ignore_ascii_case("/health") && method == Method::GET && profile.since(Version::V8_4) {
        return Ok(Reply::text(200, "OK"));
    }
    let inside = strip_base(path, &profile.base_path);
    if let Some(file) = inside.filter(|_| method == Method::GET).and_then(|path| gateway.file(path)) {
        return Ok(file);
    }
    let is_socket = inside.is_some_and(|path| path.eq_ignore_ascii_case("/ws"));
    // Browsers can't set headers on a websocket: there the query may have the credentials.
    let in_query = pairs(&arrival.query).into_iter().find(|(name, _)| is_socket && name == "authorization");
    authenticate(gateway, &arrival.headers, in_query.map(|(_, code)| format!("Basic {code}")))?;
    let segments: Vec<&str> = inside.unwrap_or_default().split('/').filter(|part| !part.is_empty()).collect();
    let mut call = Call {
        gateway,
        method,
        headers: arrival.headers,
        query: pairs(&arrival.query),
        body: arrival.body,
        upload: arrival.upload,
        params: Vec::new(),
        slot: None,
    };
    if let Some((params, handler)) = find(OPEN, &call, &segments) {
        call.params = params;
        return handler(&call);
    }
    if inside.is_some() && !segments.is_empty() {
        call.slot = choose_device(&call)?;
    }
    if let Some((params, handler)) = find(SCOPED, &call, &segments) {
        call.params = params;
        return handler(&call);
    }
    let exists = |routes: &[Route]| {
        routes.iter().any(|route| profile.since(route.2) && matched(route.1, &segments).is_some())
    };
    if exists(OPEN) || exists(SCOPED) {
        return Err(Reply::text(405, "Method Not Allowed"));
    }
    let text = match profile.version {
        version if version >= Version::V9 => "Not Found".to_owned(),
        _ => format!("Cannot {} {}", arrival.method, arrival.path),
    };
    Err(Reply::text(404, &text))
}

fn strip_base<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    let head = path.get(..base.len())?;
    let rest = path.get(base.len()..)?;
    (head.eq_ignore_ascii_case(base) && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

fn find(routes: &[Route], call: &Call<'_>, segments: &[&str]) -> Option<(Vec<String>, Handler)> {
    let fits = |route: &&Route| route.0 == call.method.as_str() && call.since(route.2);
    routes.iter().filter(fits).find_map(|route| Some((matched(route.1, segments)?, route.3)))
}

/// The parameters of a path that fits; words are compared without case, as the gateway's framework does.
fn matched(pattern: &str, segments: &[&str]) -> Option<Vec<String>> {
    let words: Vec<&str> = pattern.split('/').collect();
    if words.len() != segments.len() {
        return None;
    }
    let mut params = Vec::new();
    for (word, segment) in words.iter().zip(segments) {
        if word.starts_with(':') {
            params.push((*segment).to_owned());
        } else if !word.eq_ignore_ascii_case(segment) {
            return None;
        }
    }
    Some(params)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn authenticate(gateway: &Gateway, headers: &HeaderMap, in_query: Option<String>) -> Result<(), Reply> {
    let version = gateway.profile.version;
    let Some((user, password)) = &gateway.profile.basic_auth else { return Ok(()) };
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Some(given) = header.or(in_query) else { return Err(Reply::unauthorized(version)) };
    let malformed = || {
        if version >= Version::V9 { Reply::text(400, "Bad Request") } else { Reply::unauthorized(version) }
    };
    let (scheme, code) = given.split_once(' ').unwrap_or((&given, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Reply::unauthorized(version));
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(code.trim()).map_err(|_| malformed())?;
    let credentials = String::from_utf8(decoded).map_err(|_| malformed())?;
    match credentials.split_once(':') {
        Some((name, secret)) if name == user && secret == password => Ok(()),
        Some(_) => Err(Reply::unauthorized(version)),
        None => Err(malformed()),
    }
}

/// The slot that a request names, or the only one. Version 7 knows none and looks at no header.
fn choose_device(call: &Call<'_>) -> Result<Option<Slot>, Reply> {
    if !call.since(Version::V8) {
        return Ok(None);
    }
    let header =
        call.headers.get("x-device-id").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let mut wanted = header.unwrap_or_default().trim().to_owned();
    if call.since(Version::V8_1) {
        // Decoded as a query is: a plus sign becomes a space.
        let spaced = wanted.replace('+', " ");
        wanted = percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
    }
    if wanted.is_empty() {
        wanted = call.query("device_id").trim().to_owned();
    }
    let slots = call.gateway.inner().slots.clone();
    if wanted.is_empty() {
        return match slots.as_slice() {
            [only] => Ok(Some(only.clone())),
            _ => Err(Reply::error(
                400,
                "DEVICE_ID_REQUIRED",
                "device_id is required via X-Device-Id header or device_id query",
            )),
        };
    }
    let found = slots.into_iter().find(|slot| {
        let jid = call.gateway.jid_of(Some(slot));
        let by_jid = call.since(Version::V8_8) && !jid.is_empty() && wanted == jid;
        let by_device = call.since(Version::V8_11) && !jid.is_empty() && wanted == call.gateway.device_jid();
        slot.id == wanted || by_jid || by_device
    });
    found.map(Some).ok_or_else(|| {
        Reply::error_with(
            404,
            "DEVICE_NOT_FOUND",
            "device not found; create a device first from /api/devices or provide a valid X-Device-Id",
            serde_json::json!({"device_id": wanted}),
        )
    })
}
