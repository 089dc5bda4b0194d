//! The methods: verb, limit, handler, and the checks that come before.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::{Value, json};

use super::gateway::Gateway;
use super::profile::Instance;
use super::reply::{Answer, Reply};
use super::{account, actions, chats, notify, people, send, upload};
use crate::world::ids;

/// A call of a method.
pub(super) struct Call<'a> {
    pub(super) gateway: &'a Gateway,
    /// The path as it was sent; errors echo it.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// The JSON body; `null` without one.
    pub(super) body: Value,
    /// What follows the token.
    pub(super) rest: String,
}

impl Call<'_> {
    pub(super) fn error(&self, status: u16, message: &str) -> Reply {
        Reply::error(status, &self.path, message, self.gateway.world.now_ms())
    }

    /// 400 because of a field of the request.
    pub(super) fn invalid(&self, details: &str) -> Reply {
        self.error(400, &format!("Validation failed. Details: {details}"))
    }

    /// A number of the query.
    pub(super) fn query_number(&self, name: &str, default: u64) -> Result<u64, Reply> {
        match self.query.iter().find(|(key, _)| key == name) {
            None => Ok(default),
            Some((_, value)) => {
                value.parse().map_err(|_| self.invalid(&format!("'{name}' must be a number")))
            }
        }
    }

    /// A text of the body that must be there.
    pub(super) fn text(&self, name: &str) -> Result<&str, Reply> {
        match self.body.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            None | Some(Value::Null) => Err(self.invalid(&format!("'{name}' is required"))),
            Some(Value::String(_)) => Err(self.invalid(&format!("'{name}' is not allowed to be empty"))),
            Some(_) => Err(self.invalid(&format!("'{name}' must be a string"))),
        }
    }

    /// A text of the body that may be missing.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&str>, Reply> {
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty()).map(String::as_str)),
            Some(_) => Err(self.invalid(&format!("'{name}' must be a string"))),
        }
    }

    /// A number of the body; text that is one is not taken for it.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Reply> {
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.invalid(&format!("'{name}' must be a number"))),
            },
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.body.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The id of a chat in the body: `…@c.us`, `…@g.us` or `…@lid`.
    pub(super) fn chat(&self, name: &str) -> Result<String, Reply> {
        let id = self.text(name)?;
        let user = ids::user_of(id);
        let known = matches!(ids::server_of(id), "c.us" | "g.us" | "lid");
        let digits = !user.is_empty() && user.chars().all(|c| c.is_ascii_digit() || c == '-');
        if known && digits {
            return Ok(id.to_owned());
        }
        Err(self.invalid(&format!("'{name}' must be one of the formats: phone_number@c.us or group_id@g.us")))
    }
}

type Handler = fn(&Call<'_>) -> Answer;

/// Whether a method needs the phone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Phone,
    Nothing,
}

use Needs::{Nothing, Phone};

/// Verb, method, calls a second that are let through (0: no limit published), need, handler.
const METHODS: &[(&str, &str, u32, Needs, Handler)] = &[
    ("GET", "getStateInstance", 1, Nothing, account::state),
    ("GET", "getStatusInstance", 1, Nothing, account::status),
    ("GET", "getSettings", 1, Nothing, account::settings),
    ("POST", "setSettings", 1, Nothing, account::set_settings),
    ("GET", "getWaSettings", 1, Nothing, account::wa_settings),
    ("GET", "reboot", 1, Nothing, account::reboot),
    ("GET", "logout", 1, Nothing, account::logout),
    ("GET", "qr", 3, Nothing, account::qr),
    ("POST", "getAuthorizationCode", 1, Nothing, account::authorization_code),
    ("GET", "getChats", 1, Phone, chats::list),
    ("POST", "getChatHistory", 1, Phone, chats::history),
    ("POST", "getMessage", 10, Phone, chats::message),
    ("GET", "lastIncomingMessages", 1, Phone, chats::last_incoming),
    ("GET", "lastOutgoingMessages", 1, Phone, chats::last_outgoing),
    ("GET", "lastIncomingCalls", 1, Phone, chats::last_incoming_calls),
    ("GET", "lastOutgoingCalls", 1, Phone, chats::last_outgoing_calls),
    ("POST", "downloadFile", 5, Phone, chats::download),
    ("POST", "readChat", 10, Phone, actions::read),
    ("POST", "archiveChat", 10, Phone, actions::archive),
    ("POST", "unarchiveChat", 10, Phone, actions::unarchive),
    ("POST", "setDisappearingChat", 1, Phone, actions::disappearing),
    ("POST", "editMessage", 1, Phone, actions::edit),
    ("POST", "deleteMessage", 10, Phone, actions::delete),
    ("GET", "getContacts", 1, Phone, people::contacts),
    ("POST", "getContactInfo", 1, Phone, people::info),
    ("POST", "getGroupData", 1, Phone, people::group),
    ("POST", "getAvatar", 10, Phone, people::avatar),
    ("POST", "checkWhatsapp", 10, Phone, people::check),
    ("POST", "sendMessage", 50, Nothing, send::text),
    ("POST", "sendLocation", 50, Nothing, send::location),
    ("POST", "sendContact", 50, Nothing, send::contact),
    ("POST", "sendPoll", 50, Nothing, send::poll),
    ("POST", "sendFileByUrl", 50, Nothing, send::file_by_url),
    ("POST", "sendTyping", 0, Nothing, send::typing),
    ("POST", "forwardMessages", 50, Nothing, send::forward),
    ("GET", "showMessagesQueue", 1, Nothing, send::show_queue),
    ("GET", "getMessagesCount", 0, Nothing, send::count_queue),
    ("GET", "clearMessagesQueue", 1, Nothing, send::clear_queue),
    ("DELETE", "deleteNotification", 100, Nothing, notify::delete),
    ("GET", "getWebhooksCount", 0, Nothing, notify::count),
    ("DELETE", "clearWebhooksQueue", 0, Nothing, notify::clear),
];

/// Published limits of the two methods that aren't handled by the table.
const SPECIAL: &[(&str, &str, u32)] =
    &[("GET", "receiveNotification", 100), ("POST", "sendFileByUpload", 50)];

/// A request as the server read it.
pub(super) struct Arrival {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Answers a request.
pub(super) async fn answer(gateway: &Gateway, arrival: Arrival) -> Answer {
    if arrival.method == Method::GET
        && let Some(file) = gateway.file(&arrival.path)
    {
        return Ok(file);
    }
    let verb = arrival.method.as_str().to_owned();
    let cannot = || Reply::json_status(404, &json!({"message": format!("Cannot {verb} {}", arrival.path)}));
    let mut parts = arrival.path.trim_matches('/').splitn(4, '/');
    let instance = parts.next().and_then(|part| part.strip_prefix("waInstance"));
    let (Some(instance), Some(name), Some(token)) = (instance, parts.next(), parts.next()) else {
        return Err(cannot());
    };
    if instance.parse() != Ok(gateway.profile.id) {
        return Err(Reply::text(403, "Forbidden"));
    }
    let error = |status, message: &str| Reply::error(status, &arrival.path, message, gateway.world.now_ms());
    if token != gateway.profile.token {
        return Err(error(401, "Unauthorized"));
    }
    match gateway.profile.instance {
        Instance::Expired => {
            let text = "Instance account is expired. Renew your instance from personal area";
            return Err(Reply::text(400, text));
        }
        Instance::Deleted => return Err(Reply::text(400, "Instance is deleted")),
        Instance::Usable | Instance::YellowCard | Instance::Unborn => {}
    }
    let fits = |wanted: &str, method: &str| wanted == verb && method.eq_ignore_ascii_case(name);
    let known = METHODS.iter().find(|row| fits(row.0, row.1));
    let special = SPECIAL.iter().find(|row| fits(row.0, row.1));
    let (method, limit) = match (known, special) {
        (Some(row), _) => (row.1, row.2),
        (None, Some(row)) => (row.1, row.2),
        (None, None) => return Err(cannot()),
    };
    if !gateway.within_limit(method, limit) {
        return Err(error(429, "Too Many Requests"));
    }
    if gateway.profile.quotas_used_up.contains(&method.to_ascii_lowercase()) {
        return Err(Reply::json_status(466, &quota(method)));
    }
    gateway.flush();
    if method == "sendFileByUpload" {
        return upload::send(gateway, &arrival).await;
    }
    if arrival.body.len() > 100 * 1024 {
        return Err(Reply::json_status(500, &json!({"message": "request entity too large"})));
    }
    let body = if arrival.body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&arrival.body).map_err(|_| error(400, "Unexpected token in JSON"))?
    };
    let call = Call {
        gateway,
        path: arrival.path.clone(),
        query: url::form_urlencoded::parse(arrival.query.as_bytes()).into_owned().collect(),
        body,
        rest: parts.next().unwrap_or_default().to_owned(),
    };
    match known {
        None => notify::receive(&call).await,
        Some((_, _, _, needs, handler)) => {
            if *needs == Phone {
                gateway.authorized()?;
            }
            handler(&call)
        }
    }
}

fn quota(method: &str) -> Value {
    json!({
        "invokeStatus": {
            "method": method,
            "used": 100,
            "total": 100,
            "status": "QUOTE_EXCEEDED",
            "description": "the month's calls of this method are used up",
        },
        "correspondentsStatus": {
            "method": "correspondents",
            "used": 0,
            "total": 3,
            "status": "QUOTE_ALLOWED",
            "description": "within the month's quota",
        },
    })
}
