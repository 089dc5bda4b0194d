//! The one place where an answer of GOWA becomes an error: status first, code second, text third.

use serde_json::Value;
use wachats_core::transport::{Answer, Funnel, by_status};
use wachats_core::{Effect, Error, ErrorKind as K, Gateway, Missing, Operation, Retry};

use crate::wire::Fault;

/// The code of an error that is none: WhatsApp did it, the gateway's own list failed.
pub(crate) const DONE_AT_WHATSAPP: &str = "DONE_AT_WHATSAPP";
/// The state of a session whose socket is down; the gateway connects again by itself.
pub(crate) const DISCONNECTED: &str = "DISCONNECTED";
/// The state of a session without a phone.
pub(crate) const NOT_PAIRED: &str = "NOT_PAIRED";
/// The code of a number that WhatsApp doesn't know, or could not be asked about.
pub(crate) const INVALID_JID: &str = "INVALID_JID";

/// Turns GOWA's answers into errors.
pub(crate) struct GowaFunnel;

impl Funnel for GowaFunnel {
    fn classify(&self, answer: &Answer) -> Option<Error> {
        if answer.is_success() {
            return refused_with_success(answer);
        }
        let json = answer.body.trim_ascii_start().first() == Some(&b'{');
        let fault: Fault = if json { answer.json().unwrap_or_default() } else { Fault::default() };
        let code = match &fault.code {
            Some(Value::String(code)) => code.clone(),
            Some(Value::Number(code)) => code.to_string(),
            _ => String::new(),
        };
        let text = fault.message.unwrap_or_default();
        let error = by_code(answer, &code, json).or_else(|| match answer.status {
            400 if json => crate::error_media::by_text(answer, &code, &text),
            500 if json => {
                crate::error_media::by_text(answer, &code, &text).or_else(|| by_text(answer, &text))
            }
            401 if code == "AUTHENTICATION_ERROR" => Some(not_connected(answer, &text)),
            401 => Some(by_status(answer).with_message("user or password is wrong or missing")),
            _ => None,
        });
        let error = error.unwrap_or_else(|| by_status(answer));
        let error = error.with_status(answer.status).with_body(&answer.body);
        // the code that stands for a success is ours and must not be overwritten
        Some(if code.is_empty() || error.code().is_some() { error } else { error.with_code(&code) })
    }
}

/// An error of this kind that took no effect.
fn refused(answer: &Answer, kind: K, message: &'static str) -> Error {
    Error::new(kind, answer.operation).with_effect(Effect::Refused).with_message(message)
}

fn missing(answer: &Answer, what: Missing, message: &'static str) -> Error {
    refused(answer, K::NotFound, message).with_missing(what).with_retry(Retry::Never)
}

/// A 2xx whose envelope holds the code of an error. Successes begin with theirs, so that pages aren't read
/// twice.
fn refused_with_success(answer: &Answer) -> Option<Error> {
    if answer.body.starts_with(br#"{"code":"SUCCESS""#) {
        return None;
    }
    let place = wachats_core::decode::locate(&answer.body, &["code"])?;
    let code: String = serde_json::from_slice(answer.body.get(place)?).ok()?;
    let failed = code.contains('_') && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    failed.then(|| {
        refused(answer, K::ServerFault, "the gateway tells a failure")
            .with_retry(Retry::Never)
            .with_status(answer.status)
            .with_body(&answer.body)
            .with_code(&code)
    })
}

fn by_code(answer: &Answer, code: &str, json: bool) -> Option<Error> {
    Some(match (answer.status, code) {
        (400, "DEVICE_ID_REQUIRED") => refused(
            answer,
            K::ConfigInvalid,
            "the gateway has several devices, or none: name one with the option device",
        ),
        (400, INVALID_JID) => {
            refused(answer, K::InvalidInput, "WhatsApp knows no such number, or could not be asked about it")
        }
        (404, "DEVICE_NOT_FOUND" | "NOT_FOUND") => {
            missing(answer, Missing::Session, "the gateway has no such device")
        }
        (404 | 405, _) if !json && !answer.is_html() => no_route(answer),
        (408, "CONTEXT_ERROR") => Error::new(K::Timeout, answer.operation)
            .with_message("WhatsApp gave the gateway no answer in time"),
        (429, "WA_REACHOUT_TIMELOCK") => time_lock(answer),
        (500, "INVALID_WA_CLI") => not_paired(answer),
        (503, "DEVICE_MANAGER_UNAVAILABLE") => refused(answer, K::Unavailable, "the gateway is starting up"),
        _ => return None,
    })
}

/// Plain text is the web framework's: `Not Found` since v9, `Cannot GET /…` before, `Method Not Allowed`.
fn no_route(answer: &Answer) -> Error {
    if answer.operation.capability().is_none() {
        return missing(answer, Missing::Other, "the gateway has no such route");
    }
    let error = refused(
        answer,
        K::Unsupported,
        "the gateway has no such route: its version is too old, or the base path is wrong",
    );
    match answer.operation.capability() {
        Some(capability) => error.with_capability(capability),
        None => error,
    }
}

fn not_paired(answer: &Answer) -> Error {
    refused(answer, K::SessionNotReady, "no phone is paired with this device")
        .with_state(NOT_PAIRED)
        .with_retry(Retry::Never)
}

fn not_connected(answer: &Answer, text: &str) -> Error {
    if text.contains("not logged in") {
        return not_paired(answer);
    }
    refused(
        answer,
        K::SessionNotReady,
        "the gateway is not connected to WhatsApp; it connects again by itself",
    )
    .with_state(DISCONNECTED)
    .with_retry(Retry::After(None))
}

/// WhatsApp's brake on writing to strangers. Trying again makes it worse.
fn time_lock(answer: &Answer) -> Error {
    refused(
        answer,
        K::RateLimited,
        "WhatsApp restricts this account from starting chats; trying again makes it worse",
    )
    .with_retry(Retry::Never)
}

/// Every other failure comes as a 500 whose text alone tells what it is.
fn by_text(answer: &Answer, text: &str) -> Option<Error> {
    let starts = |prefix: &str| text.starts_with(prefix);
    let has = |part: &str| text.contains(part);
    if starts("WhatsApp action succeeded") && answer.operation == Operation::DeleteMessage {
        return Some(
            Error::new(K::Unexpected, answer.operation)
                .with_effect(Effect::Unknown)
                .with_code(DONE_AT_WHATSAPP)
                .with_message("WhatsApp did it; the gateway's own list could not be changed"),
        );
    }
    if let Some(error) = not_there(answer, text) {
        return Some(error);
    }
    if let Some(number) = text.strip_prefix("server returned error ") {
        // v8.6.0 and later answer the time-lock with a 429
        return Some(if number.trim() == "463" {
            time_lock(answer)
        } else {
            refused(answer, K::ServerFault, "WhatsApp refused it").with_retry(Retry::Never)
        });
    }
    if starts("invalid start_time")
        || starts("invalid end_time")
        || starts("invalid JID")
        || starts("bind ")
        || has("unexpected end of JSON input")
        || text == "Unprocessable Entity"
        || starts("message recipient must be a user JID")
    {
        return Some(refused(answer, K::InvalidInput, "the gateway could not read the request"));
    }
    if has("is not logged in (session deleted)") || has("client not initialized") {
        return Some(not_paired(answer));
    }
    if has("websocket not connected") {
        return Some(not_connected(answer, ""));
    }
    if has("websocket disconnected before info query")
        || has("info query timed out")
        || starts("failed to dial whatsapp")
    {
        return Some(unavailable(answer, "the gateway lost WhatsApp while it asked"));
    }
    if has("context deadline exceeded") {
        return Some(
            Error::new(K::Timeout, answer.operation)
                .with_effect(Effect::Unknown)
                .with_message("the gateway ran out of time"),
        );
    }
    has("database is locked").then(|| unavailable(answer, "the gateway's database is busy"))
}

fn unavailable(answer: &Answer, message: &'static str) -> Error {
    Error::new(K::Unavailable, answer.operation).with_effect(Effect::Unknown).with_message(message)
}

/// Texts that say that something isn't there, or that WhatsApp keeps it back.
fn not_there(answer: &Answer, text: &str) -> Option<Error> {
    let gone = text.ends_with("not found");
    let (what, message) = if text.starts_with("chat with JID ") && gone {
        (Missing::Chat, "the gateway has no such chat")
    } else if text.starts_with("message with ID ") && gone || text.contains(" does not belong to chat ") {
        (Missing::Message, "the gateway has no such message in this chat")
    } else if text.ends_with("does not contain downloadable media") {
        (Missing::Media, "the message has no media")
    } else if text.starts_with("failed to download media")
        && ["403", "404", "410"].iter().any(|status| text.ends_with(&format!("status code {status}")))
    {
        (Missing::Media, "the media is not there any more: WhatsApp keeps it for a time only")
    } else if text.contains("that group does not exist") {
        (Missing::Chat, "there is no such group")
    } else if text.contains("not participating in that group") {
        return Some(
            refused(answer, K::Forbidden, "the account is not a member of the group")
                .with_retry(Retry::Never),
        );
    } else if text.starts_with("device ") && gone {
        (Missing::Session, "the gateway has no such device")
    } else if text.starts_with("device ") && text.ends_with("already exists") {
        return Some(refused(answer, K::Conflict, "the gateway has this device already"));
    } else if let Some(at) = text.find("info query returned status ") {
        let told = text.get(at + "info query returned status ".len()..).unwrap_or("");
        return Some(match told.get(..3).unwrap_or("") {
            "429" => refused(answer, K::RateLimited, "WhatsApp asks the gateway to slow down"),
            "401" | "403" if answer.operation != Operation::ChatPicture => {
                refused(answer, K::Forbidden, "WhatsApp doesn't allow it").with_retry(Retry::Never)
            }
            "401" | "403" | "404" if answer.operation == Operation::ChatPicture => no_picture(answer),
            "404" => missing(answer, Missing::Other, "WhatsApp has no such thing"),
            _ => return None,
        });
    } else if ["does not have a profile picture", "hidden their profile picture", "no avatar found"]
        .iter()
        .any(|no| text.contains(no))
    {
        return Some(no_picture(answer));
    } else {
        return None;
    };
    Some(missing(answer, what, message))
}

fn no_picture(answer: &Answer) -> Error {
    missing(answer, Missing::Media, "there is no picture, or it is hidden")
}

/// The error of an answer that isn't what it should be, by its status alone.
pub(crate) fn unexpected(answer: &Answer, message: &'static str) -> Error {
    if answer.is_success() {
        Error::new(K::Decode, answer.operation)
            .with_status(answer.status)
            .with_body(&answer.body)
            .with_message(message)
    } else {
        by_status(answer)
    }
}

/// An error of this gateway that was found before any request.
pub(crate) fn local(kind: K, operation: Operation, message: &'static str) -> Error {
    Error::new(kind, operation).with_gateway(Gateway::GOWA).with_effect(Effect::NotSent).with_message(message)
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
