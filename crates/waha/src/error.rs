//! The one place where WAHA's answers become errors: by status first, by the body's shape and words second.
//!
//! The words of the server are looked at and never repeated: a 500 echoes the request, texts and numbers too.

use serde_json::Value;
use wachats_core::transport::{Answer, Funnel, by_status};
use wachats_core::{Effect, Error, ErrorKind as K, Missing, Operation, Retry};

/// WAHA's, and that of every service that speaks its dialect.
pub(crate) struct WahaFunnel;

impl Funnel for WahaFunnel {
    fn classify(&self, answer: &Answer) -> Option<Error> {
        if answer.is_success() {
            return None;
        }
        let told = Told::of(answer);
        let base = by_status(answer);
        let error = match answer.status {
            400 => bad_request(base, &told),
            404 => not_found(base, &told),
            422 => unprocessable(base, &told),
            500 => crashed(base, &told),
            501 => lacks(base, "the engine behind WAHA doesn't implement it"),
            401 => base.with_message("the API key is missing or wrong"),
            403 => base.with_message("the API key is limited to another session or lacks this scope"),
            _ => return None,
        };
        let name = told.name();
        Some(if name.is_empty() { error } else { error.with_code(name) })
    }
}

/// What a body tells; its shapes share keys of different types.
struct Told(Value);

impl Told {
    fn of(answer: &Answer) -> Self {
        Self(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// `message`, of a crash or of a refusal.
    fn message(&self) -> &str {
        let crash = self.text("/exception/message");
        if crash.is_empty() { self.text("/message") } else { crash }
    }

    /// Name or code of an exception: an identifier, never free text.
    fn name(&self) -> &str {
        let name = [self.text("/exception/code"), self.text("/exception/name"), self.text("/error/key")];
        name.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    }

    fn says(&self, part: &str) -> bool {
        self.message().contains(part)
    }

    fn is_missing_file(&self) -> bool {
        self.text("/error/key") == "FILE_NOT_FOUND"
            || self.text("/exception/code") == "ENOENT"
            || self.message().starts_with("ENOENT")
            || self.message().starts_with("File not found")
    }
}

fn refused(error: Error, kind: K, message: &'static str) -> Error {
    error.with_kind(kind).with_effect(Effect::Refused).with_retry(Retry::Never).with_message(message)
}

fn missing(error: Error, what: Missing, message: &'static str) -> Error {
    refused(error, K::NotFound, message).with_missing(what)
}

/// By engine, edition or version; the guard remembers it.
fn lacks(error: Error, message: &'static str) -> Error {
    let capability = error.operation().capability();
    let error = refused(error, K::Unsupported, message);
    match capability {
        Some(capability) => error.with_capability(capability),
        None => error,
    }
}

fn bad_request(error: Error, told: &Told) -> Error {
    if told.says("NOWEB store") || told.says("noweb.store") {
        return refused(
            error,
            K::ConfigInvalid,
            "the session's NOWEB store is off: set config.noweb.store.enabled when the session is created",
        );
    }
    if told.says("Session name is required") {
        return refused(error, K::ConfigInvalid, "the server wants a session to be named");
    }
    error.with_retry(Retry::Never)
}

fn not_found(error: Error, told: &Told) -> Error {
    let message = told.message();
    if message.starts_with("Cannot ") {
        return lacks(error, "this version of the server has no such endpoint");
    }
    if message.starts_with("We didn't find a session") || message.starts_with("Session not found") {
        return missing(error, Missing::Session, "there is no such session, or it was never started");
    }
    if told.is_missing_file() {
        return missing(error, Missing::Media, "the file is not there any more");
    }
    if message.contains("essage not found") {
        return missing(error, Missing::Message, "there is no such message");
    }
    if told.0.is_null() {
        return error.with_message("nothing is there, and what says so isn't WAHA: is the address right?");
    }
    error
}

fn unprocessable(error: Error, told: &Told) -> Error {
    let state = told.text("/status");
    let about_session = told.0.get("session").is_some() || told.0.get("expected").is_some();
    let reason = told.text("/error");
    if about_session && state.is_empty() && reason.contains("does not exist") {
        return missing(error, Missing::Session, "there is no such session");
    }
    if about_session {
        return not_ready(error, state);
    }
    let message = told.message();
    // before 2024 the same was told in the general shape
    if message.contains("Session status is not as expected") {
        return not_ready(error, "");
    }
    if message.contains("SCAN_QR_CODE status") {
        return not_ready(error, "");
    }
    if message.contains("support only 'default' session") {
        return missing(error, Missing::Session, "WAHA Core up to 2026.5 knows one session alone: default");
    }
    if message.contains("only in Plus version") {
        return lacks(error, "this edition of the server lacks it (WAHA Core has it since 2026.6.1)");
    }
    if message.contains("not implemented by the engine") {
        return lacks(error, "the engine behind WAHA doesn't implement it");
    }
    if message.starts_with("Message with id") && message.ends_with("not found") {
        return missing(error, Missing::Message, "the message referred to is not in the server's store");
    }
    if message.starts_with("No recent message found") {
        return refused(error, K::Conflict, "the chat holds no message, and the engine needs one for this");
    }
    if message.contains("already exists") || message.contains("already started") {
        return refused(error, K::Conflict, "the session is in that state already");
    }
    error.with_retry(Retry::Never)
}

fn not_ready(error: Error, state: &str) -> Error {
    let error = error.with_kind(K::SessionNotReady).with_effect(Effect::Refused);
    if state.is_empty() {
        return error.with_message("the session isn't working");
    }
    error.with_state(state).with_message(match state {
        "STARTING" => "the session is starting",
        "SCAN_QR_CODE" => "the session waits for its QR code to be scanned",
        "PASSKEY_REQUIRED" | "PASSKEY_CONFIRMATION_REQUIRED" => "the session waits for a passkey",
        "STOPPED" => "the session is stopped",
        "FAILED" => "the session failed; it has to be restarted",
        _ => "the session isn't working",
    })
}

fn crashed(error: Error, told: &Told) -> Error {
    if told.is_missing_file() {
        return missing(error, Missing::Media, "the file is not there any more");
    }
    if told.says("rate-overlimit") {
        // WhatsApp's own brake holds for minutes: nothing is gained by asking again at once
        let error = error.with_kind(K::RateLimited).with_message("WhatsApp limits how often this is asked");
        return if error.operation().is_read() { error } else { error.with_effect(Effect::Refused) };
    }
    if let Some(error) = of_group(&error, told) {
        return error;
    }
    if told.says("Message id be in format") {
        return refused(error, K::InvalidInput, "the server can't take this message id apart");
    }
    if told.text("/exception/type") == "entity.too.large" || told.says("request entity too large") {
        return refused(error, K::TooLarge, "the request is larger than the 50 MB the server takes");
    }
    if told.says("no such column") {
        return error.with_retry(Retry::Never).with_message("the server's store can't answer this query");
    }
    if told.says("Timed Out") || told.says("timed out") || told.says("protocolTimeout") {
        return error.with_message("the engine behind WAHA didn't answer in its time");
    }
    if is_broken_page(told.message()) {
        return error.with_message(
            "the engine's WhatsApp Web page is broken: a restart of the session or a newer WAHA may help",
        );
    }
    error.with_message("the engine behind WAHA failed")
}

/// What WhatsApp says of a group that isn't there, or that the account is no member of. NOWEB's words are recorded,
/// the others are those of the libraries inside the engines.
fn of_group(error: &Error, told: &Told) -> Option<Error> {
    if error.operation() != Operation::GroupInfo {
        return None;
    }
    let new = || Error::new(K::ServerFault, error.operation()).with_status(500);
    let named = told.says("Group with id") && told.says("not found");
    if named || told.says("item-not-found") || told.says("that group does not exist") {
        return Some(missing(new(), Missing::Chat, "there is no such group"));
    }
    let outside = ["forbidden", "not-authorized", "not participating in that group"];
    let outside = outside.iter().any(|words| told.says(words));
    outside.then(|| refused(new(), K::Forbidden, "the account is not a member of the group"))
}

/// WEBJS when WhatsApp Web has changed under it: minified names and errors of the browser.
fn is_broken_page(message: &str) -> bool {
    message.len() == 1
        || ["Evaluation failed", "Protocol error", "Target closed", "Cannot read properties of undefined"]
            .iter()
            .any(|start| message.starts_with(start))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;
    use wachats_core::Capability;

    use super::*;

    macro_rules! recorded {
        ($name:literal) => {
            include_str!(concat!("../tests/fixtures/error_", $name, ".json"))
        };
    }

    fn of(operation: Operation, status: u16, body: &str) -> Error {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let answer = Answer { operation, status, headers: HeaderMap::new(), body };
        WahaFunnel.classify(&answer).unwrap_or_else(|| by_status(&answer))
    }

    #[test]
    fn recorded_refusals() {
        let list = |status, body| of(Operation::ListChats, status, body);
        let stopped = list(422, recorded!("422_stopped"));
        assert_eq!((stopped.kind(), stopped.state()), (K::SessionNotReady, Some("STOPPED")));
        assert_eq!((stopped.effect(), stopped.retry()), (Effect::Refused, Retry::Never));
        let id = of(Operation::GetMessage, 500, recorded!("500_message_id"));
        assert_eq!((id.kind(), id.effect(), id.retry()), (K::InvalidInput, Effect::Refused, Retry::Never));
        let route = list(404, recorded!("404_route"));
        assert_eq!((route.kind(), route.capability()), (K::Unsupported, Some(Capability::ListChats)));
        let message = of(Operation::GetMessage, 404, recorded!("404_message"));
        assert_eq!((message.kind(), message.missing()), (K::NotFound, Some(Missing::Message)));
        assert_eq!(list(404, recorded!("404_session")).missing(), Some(Missing::Session));
        assert_eq!(of(Operation::DownloadMedia, 404, recorded!("404_file")).missing(), Some(Missing::Media));
        assert_eq!(list(422, recorded!("422_core")).missing(), Some(Missing::Session));
        let engine = of(Operation::Archive, 501, recorded!("501_engine"));
        assert_eq!((engine.kind(), engine.capability()), (K::Unsupported, Some(Capability::Archive)));
        assert_eq!(list(400, recorded!("400_query")).kind(), K::InvalidInput);
        assert_eq!(list(401, recorded!("401")).kind(), K::Unauthenticated);
        let sort = list(500, recorded!("500_sort"));
        assert_eq!(
            (sort.kind(), sort.retry(), sort.code()),
            (K::ServerFault, Retry::Never, Some("SQLITE_ERROR"))
        );
    }

    #[test]
    fn words_that_decide() {
        let starting = r#"{"error":"x","session":"default","status":"STARTING","expected":["WORKING"]}"#;
        assert_eq!(of(Operation::ListChats, 422, starting).retry(), Retry::After(None));
        let unknown = r#"{"error":"Session \"x\" does not exist","session":"x"}"#;
        assert_eq!(of(Operation::ListChats, 422, unknown).missing(), Some(Missing::Session));
        let plus = r#"{"message":"The feature is available only in Plus version for 'WEBJS' engine.","statusCode":422}"#;
        assert_eq!(of(Operation::SendText, 422, plus).kind(), K::Unsupported);
        let old = r#"{"message":"The method is not implemented by the engine.","statusCode":422}"#;
        assert_eq!(of(Operation::Archive, 422, old).kind(), K::Unsupported);
        let empty = r#"{"message":"No recent message found in chat '1@c.us' to modify it","statusCode":422}"#;
        assert_eq!(of(Operation::MarkUnread, 422, empty).kind(), K::Conflict);
        let store = r#"{"message":"Enable NOWEB store \"config.noweb.store.enabled=True\" and \"config…\"","statusCode":400}"#;
        assert_eq!(of(Operation::ListChats, 400, store).kind(), K::ConfigInvalid);
        let brake = r#"{"statusCode":500,"exception":{"message":"rate-overlimit","name":"Error"}}"#;
        assert_eq!(of(Operation::ChatPicture, 500, brake).kind(), K::RateLimited);
        let file = r#"{"error":{"code":404,"key":"FILE_NOT_FOUND","message":"File not found","details":""}}"#;
        assert_eq!(of(Operation::DownloadMedia, 404, file).missing(), Some(Missing::Media));
        let large = r#"{"statusCode":500,"exception":{"message":"request entity too large","type":"entity.too.large"}}"#;
        assert_eq!(of(Operation::SendText, 500, large).effect(), Effect::Refused);
    }

    #[test]
    fn groups_are_told_by_text() {
        let of = |message: &str| {
            let body =
                format!(r#"{{"statusCode":500,"exception":{{"message":"{message}","name":"Error"}}}}"#);
            of(Operation::GroupInfo, 500, &body)
        };
        let gone = of("Group with id '120363000000000099@g.us' not found");
        assert_eq!(
            (gone.kind(), gone.missing(), gone.effect()),
            (K::NotFound, Some(Missing::Chat), Effect::Refused)
        );
        assert_eq!(of("item-not-found").kind(), K::NotFound);
        assert_eq!(of("you're not participating in that group").kind(), K::Forbidden);
        assert_eq!(of("something else").kind(), K::ServerFault);
    }

    #[test]
    fn a_crash_is_told_without_what_it_echoes() {
        let body = r#"{"statusCode":500,"exception":{"message":"13 INTERNAL: no 5511911111111","name":"Error","code":13},
            "request":{"path":"/api/sendText","body":{"chatId":"5511911111111@c.us","text":"a secret text"}}}"#;
        let error = of(Operation::SendText, 500, body);
        let shown = format!("{error} {error:?} {:?}", error.snippet());
        assert!(!shown.contains("secret") && !shown.contains("55119"), "{shown}");
        assert_eq!((error.kind(), error.effect()), (K::ServerFault, Effect::Unknown));
    }

    #[test]
    fn what_is_not_wahas_is_left_to_the_status() {
        assert_eq!(of(Operation::ListChats, 502, "<html>bad gateway</html>").kind(), K::Unavailable);
        assert_eq!(of(Operation::ListChats, 404, "<html>not found</html>").kind(), K::NotFound);
        assert_eq!(of(Operation::ListChats, 500, "").kind(), K::ServerFault);
    }
}
