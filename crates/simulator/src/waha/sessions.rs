//! Sessions: list, look, create, change, start, stop, forget.

use serde_json::{Value, json};

use super::app::Call;
use super::reply::{Done, Outcome, Reply, cannot, refused, status_word};
use crate::world::Session;

pub(crate) fn route(call: &Call<'_>, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(call),
        ("POST", []) => create(call),
        ("GET", [name]) => {
            call.core_session(name)?;
            Ok(info(call, name, None).ok_or_else(not_found)?.into())
        }
        ("PUT", [name]) => update(call, name),
        ("DELETE", [name]) => delete(call, name),
        ("GET", [name, "me"]) => me(call, name),
        ("POST", [name, "start"]) => start(call, name, false),
        ("POST", [name, "restart"]) => start(call, name, true),
        ("POST", [name, "stop"]) => stop(call, name),
        ("POST", [name, "logout"]) => logout(call, name),
        (method, _) => Err(cannot(method, &call.target)),
    }
}

fn not_found() -> Reply {
    refused(404, "Session not found")
}

fn status_and_config(call: &Call<'_>, name: &str) -> Option<(Session, Value)> {
    let memory = call.app.memory();
    if name == call.app.profile.session && !memory.deleted {
        return Some((call.app.world.session(), memory.config.clone()));
    }
    memory.others.get(name).cloned()
}

fn set_status(call: &Call<'_>, name: &str, session: Session) {
    if name == call.app.profile.session {
        call.app.world.set_session(session);
    } else if let Some((status, _)) = call.app.memory().others.get_mut(name) {
        *status = session;
    }
}

/// A session as it is shown, in its own state or in `shown`.
fn info(call: &Call<'_>, name: &str, shown: Option<Session>) -> Option<Value> {
    let (status, config) = status_and_config(call, name)?;
    let status = shown.unwrap_or(status);
    let own = name == call.app.profile.session;
    let me = if status == Session::Working && own { call.app.me() } else { Value::Null };
    let (timestamps, engine) = match status {
        Session::Stopped => (json!({"activity": null}), json!({})),
        _ => (json!({}), json!({"engine": call.app.engine().name()})),
    };
    Some(json!({
        "name": name, "status": status_word(status), "config": config, "me": me, "presence": null,
        "timestamps": timestamps, "engine": engine,
    }))
}

fn list(call: &Call<'_>) -> Outcome {
    let all = matches!(call.param("all"), Some("true" | "True" | "1"));
    let mut names: Vec<String> = vec![call.app.profile.session.clone()];
    names.extend(call.app.memory().others.keys().cloned());
    let list: Vec<Value> = names
        .iter()
        .filter(|name| {
            all || status_and_config(call, name).is_some_and(|(status, _)| status != Session::Stopped)
        })
        .filter_map(|name| {
            let mut shown = info(call, name, None)?;
            shown.as_object_mut()?.remove("engine");
            Some(shown)
        })
        .collect();
    Ok(Value::Array(list).into())
}

const EVENTS: &str = "session.status, message, message.reaction, message.any, message.ack, message.ack.group, message.waiting, message.revoked, message.edited, state.change, group.join, group.leave, group.v2.join, group.v2.leave, group.v2.update, group.v2.participants, presence.update, poll.vote, poll.vote.failed, chat.archive, call.received, call.accepted, call.rejected, label.upsert, label.deleted, label.chat.added, label.chat.deleted, event.response, event.response.failed, engine.event, *";

/// What validation says about a session's name and webhooks.
fn check_body(call: &Call<'_>) -> Result<(), Reply> {
    let mut faults = Vec::new();
    let name = call.text_field("name").unwrap_or_default();
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        faults.push("Session name can only contain alphanumeric characters, hyphens, and underscores (a-z, A-Z, 0-9, -, _) or be empty".to_owned());
    }
    let webhooks = call.field("config").and_then(|config| config.get("webhooks")).and_then(Value::as_array);
    for (index, webhook) in webhooks.into_iter().flatten().enumerate() {
        let url = webhook.get("url").and_then(Value::as_str).unwrap_or_default();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            faults.push(format!("config.webhooks.{index}.url must be a URL address"));
        }
        let events = webhook.get("events").and_then(Value::as_array);
        let unknown =
            |event: &Value| event.as_str().is_none_or(|event| !EVENTS.split(", ").any(|e| e == event));
        if events.into_iter().flatten().any(unknown) {
            faults.push(format!(
                "config.webhooks.{index}.each value in events must be one of the following values: {EVENTS}"
            ));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(refused(400, json!(faults))) }
}

/// A configuration as it is kept: NOWEB's defaults are filled in.
fn normalised(mut config: Value) -> Value {
    if let Some(noweb) = config.get_mut("noweb").and_then(Value::as_object_mut) {
        noweb.entry("markOnline").or_insert(json!(true));
        let store = noweb.entry("store").or_insert(json!({"enabled": false}));
        if let Some(store) = store.as_object_mut() {
            store.entry("fullSync").or_insert(json!(false));
        }
    }
    config
}

fn create(call: &Call<'_>) -> Outcome {
    check_body(call)?;
    let name = call.text_field("name").filter(|name| !name.is_empty()).unwrap_or("default").to_owned();
    call.core_session(&name)?;
    if status_and_config(call, &name).is_some() {
        return Err(refused(422, format!("Session '{name}' already exists. Use PUT to update it.")));
    }
    let config = normalised(call.field("config").cloned().unwrap_or_default());
    let starts = call.field("start").and_then(Value::as_bool).unwrap_or(true);
    let own = name == call.app.profile.session;
    // A session made by a client is not paired.
    let status = if starts { Session::NeedsPairing } else { Session::Stopped };
    {
        let mut memory = call.app.memory();
        if own {
            memory.deleted = false;
            memory.config = config;
            memory.statuses.clear();
        } else {
            memory.others.insert(name.clone(), (status, config));
        }
    }
    set_status(call, &name, status);
    Ok(info(call, &name, starts.then_some(Session::Starting)).ok_or_else(not_found)?.into())
}

fn update(call: &Call<'_>, name: &str) -> Outcome {
    call.core_session(name)?;
    check_body(call)?;
    let (status, _) = status_and_config(call, name).ok_or_else(not_found)?;
    let config = normalised(call.field("config").cloned().unwrap_or_default());
    {
        let mut memory = call.app.memory();
        match memory.others.get_mut(name) {
            Some((_, kept)) => *kept = config,
            None => memory.config = config,
        }
    }
    // A running session is restarted.
    let shown = (status != Session::Stopped).then_some(Session::Starting);
    if shown.is_some() {
        set_status(call, name, Session::Starting);
        set_status(call, name, status);
    }
    Ok(info(call, name, shown).ok_or_else(not_found)?.into())
}

fn delete(call: &Call<'_>, name: &str) -> Outcome {
    call.core_session(name)?;
    let mut memory = call.app.memory();
    if name == call.app.profile.session {
        memory.deleted = true;
    } else {
        memory.others.remove(name);
    }
    Ok(Done::Empty)
}

fn me(call: &Call<'_>, name: &str) -> Outcome {
    call.core_session(name)?;
    match status_and_config(call, name) {
        None | Some((Session::Stopped, _)) => Err(refused(
            404,
            format!(
                "We didn't find a session with name '{name}'.\nPlease start it first by using POST /api/sessions/{name}/start request"
            ),
        )),
        Some((Session::Working, _)) if name == call.app.profile.session => Ok(call.app.me().into()),
        Some(_) => Ok(Done::Empty),
    }
}

/// Starts a session. The answer shows `STARTING`; a stopped or failed one works by the next request.
fn start(call: &Call<'_>, name: &str, again: bool) -> Outcome {
    call.core_session(name)?;
    let (status, _) = status_and_config(call, name).ok_or_else(not_found)?;
    if status != Session::Stopped && !again {
        return Err(refused(422, format!("Session '{name}' is already started.")));
    }
    let paired = name == call.app.profile.session && call.app.world.is_paired();
    set_status(call, name, Session::Starting);
    set_status(call, name, if paired { Session::Working } else { Session::NeedsPairing });
    Ok(info(call, name, Some(Session::Starting)).ok_or_else(not_found)?.into())
}

fn stop(call: &Call<'_>, name: &str) -> Outcome {
    call.core_session(name)?;
    set_status(call, name, Session::Stopped);
    Ok(info(call, name, None).ok_or_else(not_found)?.into())
}

/// Unpairs a session; a running one starts again and waits for its QR code.
fn logout(call: &Call<'_>, name: &str) -> Outcome {
    call.core_session(name)?;
    let (status, _) = status_and_config(call, name).ok_or_else(not_found)?;
    set_status(call, name, Session::NeedsPairing);
    if status == Session::Stopped {
        set_status(call, name, Session::Stopped);
    }
    Ok(info(call, name, None).ok_or_else(not_found)?.into())
}
