//! The one place where Green-API's answers become errors: 400 stands for almost everything there, and its
//! text alone tells what is meant. Bodies are JSON, plain text or a web page.

use serde_json::Value;
use wachats_core::transport::{Answer, Funnel, by_status};
use wachats_core::{Effect, Error, ErrorKind, Missing, Operation, Retry};

use crate::secret::Token;

/// The code of a 400 that says that the chat is, or is not, in the archive already: a success.
pub(crate) const ALREADY: &str = "ALREADY_DONE";

/// See [`Funnel`].
pub(crate) struct GreenFunnel {
    token: Token,
}

impl GreenFunnel {
    pub(crate) fn new(token: Token) -> Self {
        Self { token }
    }
}

impl Funnel for GreenFunnel {
    fn classify(&self, answer: &Answer) -> Option<Error> {
        let sentence = || answer.body.trim_ascii_start().first() == Some(&b'"');
        if answer.is_success() && !sentence() {
            return None; // a page: it is looked through once, before it is decoded
        }
        let answer = self.token.clean(answer);
        if answer.is_success() { in_success(&answer) } else { Some(of_status(&answer)) }
    }
}

/// A success whose body is a bare string that begins with "Error".
fn in_success(answer: &Answer) -> Option<Error> {
    let text = serde_json::from_slice::<String>(&answer.body).ok()?.to_lowercase();
    if !text.starts_with("error") {
        return None;
    }
    let error = |kind: ErrorKind| Error::new(kind, answer.operation).with_status(answer.status);
    let error = match () {
        () if text.contains("not-found") => error(ErrorKind::NotFound)
            .with_missing(Missing::Chat)
            .with_message("WhatsApp doesn't know the chat"),
        () if text.contains("forbidden") => {
            error(ErrorKind::Forbidden).with_message("the account is not a member of the group")
        }
        () => error(ErrorKind::ServerFault).with_message("WhatsApp refused"),
    };
    Some(error.with_effect(Effect::Refused).with_retry(Retry::Never))
}

fn of_status(answer: &Answer) -> Error {
    let error = by_status(answer);
    let text = text_of(answer);
    match answer.status {
        400 => of_400(answer.operation, error, &text),
        401 => error.with_message("the token of the instance was not accepted"),
        403 => error.with_message(
            "this host doesn't serve the instance: check its number and the address of its pool",
        ),
        404 if text.starts_with("cannot ") => of_unknown_method(answer.operation, error),
        404 => error
            .with_missing(Missing::Session)
            .with_message("the instance is not on this host: check its number and the address of its pool"),
        429 => error.with_message("too many calls a second of this method"),
        466 => {
            let error = error
                .with_retry(Retry::Never)
                .with_message("the quota that the tariff gives for a month is used up");
            match quota_code(answer) {
                Some(code) => error.with_code(&code),
                None => error,
            }
        }
        413 => final_size(error),
        500 if text.contains("entity too large") || text.contains("exceeded max upload size") => {
            final_size(error)
        }
        _ => error,
    }
}

fn final_size(error: Error) -> Error {
    error
        .with_kind(ErrorKind::TooLarge)
        .with_effect(Effect::Refused)
        .with_retry(Retry::Never)
        .with_message("the request is larger than Green-API takes")
}

fn of_unknown_method(operation: Operation, error: Error) -> Error {
    let error = error
        .with_kind(ErrorKind::Unsupported)
        .with_effect(Effect::Refused)
        .with_message("this host has no such method: check that the address is Green-API's");
    match operation.capability() {
        Some(capability) => error.with_capability(capability),
        None => error,
    }
}

/// 400 by its text, in the order from the particular to the general.
fn of_400(operation: Operation, error: Error, text: &str) -> Error {
    use ErrorKind as K;
    let has = |part: &str| text.contains(part);
    let missing = |missing: Missing, message: &'static str| {
        Error::new(K::NotFound, operation).with_status(400).with_missing(missing).with_message(message)
    };
    match () {
        () if has("already archive=") => {
            error.with_kind(K::Conflict).with_code(ALREADY).with_message("the chat is in that state already")
        }
        () if has("last message not found") => error
            .with_kind(K::Conflict)
            .with_message("a chat without a message in the journal can't be archived or read"),
        () if has("message not found by id") || has("message by id not found") => {
            missing(Missing::Message, "the journal has no message of this id in this chat")
        }
        () if has("encrypted url not found") => {
            missing(Missing::Media, "the message's file is not there any more")
        }
        () if has("chat with id") && has("not found") => missing(Missing::Chat, "there is no such chat"),
        () if has("instance is deleted") => missing(Missing::Session, "the instance is deleted"),
        () if has("is expired") => error
            .with_kind(K::QuotaExceeded)
            .with_retry(Retry::Never)
            .with_message("the instance is not paid for any more"),
        () if has("starting or not authorized") => error
            .with_kind(K::SessionNotReady)
            .with_state("starting or notAuthorized")
            .with_retry(Retry::After(None))
            .with_message("the instance is starting, or its phone is not paired"),
        () if has("in starting process") || has("instance is starting") => error
            .with_kind(K::SessionNotReady)
            .with_state("STARTING")
            .with_message("the instance is starting; it may take minutes"),
        () if has("not authorized") || has("not authorised") || has("notauthorized") => error
            .with_kind(K::SessionNotReady)
            .with_state("notAuthorized")
            .with_message("the instance is not paired with a phone"),
        () if has("custom webhook url is set") => error
            .with_kind(K::Conflict)
            .with_message("notifications go to a webhook address: they can't be polled while it is set"),
        () if has("timeout limit exceeded") => {
            error.with_kind(K::Timeout).with_message("WhatsApp gave the gateway no answer in time")
        }
        () if has("internal server error") => {
            error.with_kind(K::ServerFault).with_effect(Effect::Unknown).with_message("the gateway failed")
        }
        () => error,
    }
}

/// The text of an error, lower case: JSON's `message` (a string or several), else the whole body.
fn text_of(answer: &Answer) -> String {
    let told = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(Value::String(text)) => text,
        Ok(Value::Object(fields)) => match fields.get("message") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(texts)) => {
                texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
            }
            _ => String::new(),
        },
        _ => answer.text().into_owned(),
    };
    told.chars().take(1024).collect::<String>().to_lowercase()
}

/// Which of the quotas is used up, in Green-API's own word.
fn quota_code(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let parts = [body.get("correspondentsStatus"), body.get("invokeStatus"), Some(&body)];
    let codes = parts.into_iter().flatten().filter_map(|part| part.get("status")?.as_str());
    let word =
        |code: &&str| code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && code.contains("EXCEEDED");
    codes.into_iter().find(word).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "5e17d0c0ffee5e17d0c0ffee";

    fn classify(operation: Operation, status: u16, body: &str) -> Option<Error> {
        let answer = Answer { operation, status, headers: Default::default(), body: body.to_owned().into() };
        GreenFunnel::new(Token::new(TOKEN.into())).classify(&answer)
    }

    fn error(operation: Operation, status: u16, body: &str) -> Error {
        classify(operation, status, body).unwrap()
    }

    /// The frame's JSON, which echoes the path with the token in it.
    fn framed(message: &str) -> String {
        format!(
            r#"{{"statusCode":400,"timestamp":"2026-01-01T00:00:00.000Z","path":"/waInstance1/x/{TOKEN}","message":"{message}"}}"#
        )
    }

    #[test]
    fn a_400_is_sorted_by_its_text_in_json_and_in_plain_text() {
        use ErrorKind as K;
        let table = [
            ("Message not found by id 3EB0", K::NotFound, Some(Missing::Message)),
            ("Message by id not found", K::NotFound, Some(Missing::Message)),
            ("chat with id 79001234567@c.us not found", K::NotFound, Some(Missing::Chat)),
            (
                "File message encrypted url not found by chatId 7@c.us and idMessage 3EB0",
                K::NotFound,
                Some(Missing::Media),
            ),
            ("Instance is deleted", K::NotFound, Some(Missing::Session)),
            ("Instance account is expired. Renew it", K::QuotaExceeded, None),
            ("instance in starting process try later", K::SessionNotReady, None),
            ("instance is starting or not authorized", K::SessionNotReady, None),
            ("instance account not authorized", K::SessionNotReady, None),
            ("Message cannot be received because custom webhook url is set", K::Conflict, None),
            ("ArchiveChatError: cannot archive chat cause last message not found in chat", K::Conflict, None),
            ("chat with id 79001234567@c.us already archive=true", K::Conflict, None),
            ("Validation failed. Details: 'chatId' is required", K::InvalidInput, None),
            ("bad request data", K::InvalidInput, None),
            ("check phone number timeout limit exceeded", K::Timeout, None),
            ("Internal Server Error", K::ServerFault, None),
        ];
        for (text, kind, missing) in table {
            for body in
                [text.to_owned(), framed(text), format!("\"{text}\""), format!(r#"{{"message":["{text}"]}}"#)]
            {
                let error = error(Operation::GetMessage, 400, &body);
                assert_eq!((error.kind(), error.missing()), (kind, missing), "{text}");
                let shown = format!("{error} {error:?} {:?} {:?}", error.snippet(), error.code());
                assert!(
                    !shown.contains(TOKEN) && !shown.contains("7900") && !shown.contains("3EB0"),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn an_instance_that_starts_may_be_asked_again_one_that_is_not_paired_may_not() {
        let starting = error(Operation::SendText, 400, "instance in starting process try later");
        assert_eq!((starting.state(), starting.effect()), (Some("STARTING"), Effect::Refused));
        assert_eq!(starting.retry(), Retry::After(None));
        let unpaired = error(Operation::SendText, 400, "instance account not authorized");
        assert_eq!(unpaired.retry(), Retry::Never);
        let hidden = error(Operation::SendText, 400, "Internal Server Error");
        assert_eq!(hidden.effect(), Effect::Unknown);
    }

    #[test]
    fn the_other_statuses() {
        use ErrorKind as K;
        let of = |status, body: &str| error(Operation::EditMessage, status, body);
        assert_eq!(of(401, "Unauthorized").kind(), K::Unauthenticated);
        assert_eq!(of(403, "Forbidden").kind(), K::Forbidden);
        let cannot = of(404, &format!(r#"{{"message":"Cannot GET /waInstance1/x/{TOKEN}"}}"#));
        assert_eq!((cannot.kind(), cannot.status()), (K::Unsupported, Some(404)));
        assert!(cannot.capability().is_some());
        assert_eq!(of(404, "").missing(), Some(Missing::Session));
        assert_eq!(
            (of(429, "Too Many Requests").kind(), of(429, "").effect()),
            (K::RateLimited, Effect::Refused)
        );
        assert_eq!((of(499, "").kind(), of(499, "").effect()), (K::Timeout, Effect::Unknown));
        let large = of(500, "request entity too large");
        assert_eq!(
            (large.kind(), large.effect(), large.retry()),
            (K::TooLarge, Effect::Refused, Retry::Never)
        );
        assert_eq!(of(500, "interface conversion: interface {} is nil").kind(), K::ServerFault);
        assert_eq!(of(502, "<html><h1>502 Bad Gateway</h1></html>").kind(), K::Unavailable);
    }

    #[test]
    fn a_quota_is_final_and_names_itself() {
        let both = r#"{"invokeStatus":{"method":"x","used":0,"status":"QUOTE_ALLOWED"},
            "correspondentsStatus":{"used":3,"total":3,"status":"CORRESPONDENTS_QUOTE_EXCEEDED","description":"79001234567@c.us"}}"#;
        let flat = r#"{"method":"checkWhatsapp","used":100,"total":100,"status":"QUOTE_EXCEEDED"}"#;
        for (body, code) in [(both, "CORRESPONDENTS_QUOTE_EXCEEDED"), (flat, "QUOTE_EXCEEDED")] {
            let error = error(Operation::SendText, 466, body);
            assert_eq!((error.kind(), error.retry()), (ErrorKind::QuotaExceeded, Retry::Never));
            assert_eq!((error.code(), error.effect()), (Some(code), Effect::Refused));
        }
    }

    #[test]
    fn a_string_in_place_of_the_answer_may_be_an_error() {
        let of = |body: &str| classify(Operation::ResolveLid, 200, body);
        assert_eq!(of(r#""Error: item-not-found""#).unwrap().missing(), Some(Missing::Chat));
        assert_eq!(of(r#""Error: forbidden""#).unwrap().kind(), ErrorKind::Forbidden);
        assert!(of(r#""ok""#).is_none() && of("").is_none() && of("{}").is_none());
    }
}
