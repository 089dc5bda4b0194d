//! The dialect of Wappfy: WAHA's API under another header, with the answers its documentation gives.
//!
//! Nothing of Wappfy was ever recorded. Its pages show two answers for many routes: the generated ones, which are
//! WAHA's, and those of the prose. [`Answers`] chooses between them, so that a client can be tried against both.

use std::io;

use serde_json::{Value, json};

use crate::courier::Courier;
use crate::server::Server;
use crate::waha::{self, Call, Dialect, Done, Outcome, Reply};
use crate::world::{World, ids};

/// Which of the documented answers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answers {
    /// WAHA's shapes, as in the generated part of the pages.
    #[default]
    Generated,
    /// The shapes in the prose of the same pages.
    Prose,
    /// Sends are answered as in the oldest generation of the pages, the rest as generated.
    Oldest,
}

/// Which Wappfy is served.
#[derive(Debug, Clone)]
pub struct Profile {
    waha: waha::Profile,
    answers: Answers,
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

impl Profile {
    /// One instance named `default` that asks for no key. The engine behind it is not told by anybody: WPP is assumed,
    /// as it serves what the documentation lists.
    #[must_use]
    pub fn new() -> Self {
        let mut waha = waha::Profile::new(waha::Engine::Wpp).version("2026.6.1");
        waha.dialect = Dialect::WAPPFY;
        Self { waha, answers: Answers::Generated }
    }

    /// Asks for this key in the header `apikey`.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.waha = self.waha.key(key);
        self
    }

    /// Names the instance.
    #[must_use]
    pub fn session(mut self, name: &str) -> Self {
        self.waha = self.waha.session(name);
        self
    }

    /// Chooses among the documented answers.
    #[must_use]
    pub fn answers(mut self, answers: Answers) -> Self {
        self.answers = answers;
        self
    }

    /// Adds a webhook for all events, signed with a key or not at all. Wappfy documents none: they are WAHA's.
    #[must_use]
    pub fn webhook(mut self, url: &str, key: Option<&str>) -> Self {
        self.waha = self.waha.webhook(url, key);
        self
    }

    /// Sets how events travel.
    #[must_use]
    pub fn courier(mut self, courier: Courier) -> Self {
        self.waha = self.waha.courier(courier);
        self
    }

    /// Changes the engine behind it, which Wappfy doesn't tell.
    #[must_use]
    pub fn engine(mut self, engine: waha::Engine) -> Self {
        let key = self.waha.key.take();
        let session = self.waha.session.clone();
        let version = self.waha.version.clone();
        let (webhooks, courier) = (self.waha.webhooks.clone(), self.waha.courier.clone());
        self.waha = waha::Profile::new(engine).version(&version).session(&session);
        self.waha.key = key;
        (self.waha.webhooks, self.waha.courier) = (webhooks, courier);
        self.waha.dialect = Dialect::WAPPFY;
        self
    }
}

/// Serves a world in Wappfy's dialect on a free loopback port.
///
/// # Errors
/// When no port can be bound.
pub async fn serve(world: World, profile: Profile) -> io::Result<Server> {
    let rewrite = match profile.answers {
        Answers::Generated => None,
        Answers::Prose => Some(prose as waha::Rewrite),
        Answers::Oldest => Some(oldest as waha::Rewrite),
    };
    waha::start(world, profile.waha, rewrite).await
}

fn is_send(path: &[&str]) -> bool {
    matches!(path, ["api", verb] if verb.starts_with("send") && *verb != "sendSeen")
}

/// Key of the message that a send just made.
fn sent_key(value: &Value) -> String {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    id.split('_').nth(2).unwrap_or_default().to_owned()
}

fn oldest(call: &Call<'_>, path: &[&str], outcome: Outcome) -> Outcome {
    match outcome {
        Ok(Done::Json(value)) if is_send(path) => {
            let chat = call.text_field("chatId").map(ids::canonical).unwrap_or_default();
            let seconds = value.get("timestamp").and_then(Value::as_i64).unwrap_or_default();
            Ok(json!({
                "key": {"id": sent_key(&value), "fromMe": true, "remoteJid": ids::protocol(&chat)},
                "messageTimestamp": seconds.to_string(), "status": "PENDING",
            })
            .into())
        }
        other => other,
    }
}

fn prose(_call: &Call<'_>, path: &[&str], outcome: Outcome) -> Outcome {
    let Ok(done) = outcome else { return outcome };
    let value = match (done, path) {
        (Done::Json(value), _) => value,
        (Done::Empty, ["api", "reaction"]) => return Ok(json!({"success": true}).into()),
        (done, _) => return Ok(done),
    };
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(match path {
        path if is_send(path) => json!({"success": true, "messageId": sent_key(&value)}),
        ["api", "reaction"] => json!({"success": true}),
        ["api", "contacts", "check-exists"] => {
            let found = value.get("numberExists").and_then(Value::as_bool).unwrap_or(false);
            let jid = text(&value, "chatId").map(|id| ids::protocol(&id));
            json!({"exists": found, "jid": jid, "isInWhatsapp": found})
        }
        ["api", "contacts"] => json!({"contacts": [contact(&value)]}),
        ["api", "contacts", "all"] => {
            let list: Vec<Value> = value.as_array().into_iter().flatten().map(contact).collect();
            json!({"contacts": list})
        }
        ["api", _, "lids", "pn", _] | ["api", _, "lids", _] if value.get("lid").is_some() => {
            let phone = text(&value, "pn");
            json!({
                "lid": value.get("lid"), "phone": phone.as_deref().map(ids::user_of),
                "jid": phone.as_deref().map(ids::protocol),
            })
        }
        ["api", _, "groups"] => json!({"groups": value}),
        ["api", _, "groups", _, "participants"] => json!({"participants": value}),
        ["api", _, "auth", "qr"] => {
            // the page calls the answer a file
            let picture = text(&value, "value").map(|value| crate::qr::png(&value));
            let picture = picture.map(|bytes| Done::Raw(Reply::bytes("image/png", bytes)));
            return Ok(picture.unwrap_or(Done::Json(value)));
        }
        ["api", "sessions", ..] => with_prose_status(value),
        _ => value,
    }
    .into())
}

fn contact(value: &Value) -> Value {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    json!({
        "jid": ids::protocol(id), "name": value.get("name"), "notify": value.get("pushname"), "verifiedName": null,
        "businessName": null,
    })
}

fn with_prose_status(mut value: Value) -> Value {
    let word = match value.get("status").and_then(Value::as_str) {
        Some("WORKING") => "authenticated",
        Some("STOPPED") => "stopped",
        Some("STARTING") => "active",
        Some(_) => "disconnected",
        None => return value,
    };
    if let Some(members) = value.as_object_mut() {
        members.insert("status".to_owned(), json!(word));
    }
    value
}
