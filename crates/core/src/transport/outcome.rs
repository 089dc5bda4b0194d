use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use super::Answer;
use crate::{Effect, Error, ErrorKind, Gateway, Missing, Operation, Repeat, Retry};

/// The one place where a gateway's answers become errors.
pub trait Funnel: Send + Sync {
    /// The error of an answer, by its status first and its body second; `None` leaves a 2xx to be decoded
    /// and any other status to [`by_status`].
    fn classify(&self, answer: &Answer) -> Option<Error>;
}

/// The error of a status that the gateway's own contract says nothing more of.
pub fn by_status(answer: &Answer) -> Error {
    use ErrorKind as K;
    let operation = answer.operation;
    let error = |kind: K| Error::new(kind, operation).with_status(answer.status).with_body(&answer.body);
    match answer.status {
        300..=399 => error(K::Redirected),
        400 | 422 => error(K::InvalidInput),
        401 => error(K::Unauthenticated),
        403 => error(K::Forbidden),
        404 => error(K::NotFound).with_missing(Missing::Other),
        405 | 501 => match operation.capability() {
            Some(capability) => error(K::Unsupported).with_capability(capability),
            None => error(K::Unsupported),
        },
        408 | 499 | 524 => error(K::Timeout).with_effect(Effect::Unknown),
        409 => error(K::Conflict),
        413 => error(K::TooLarge)
            .with_message("the request is larger than the gateway, or what stands before it, takes"),
        429 => with_wait(error(K::RateLimited).with_effect(Effect::Refused), &answer.headers),
        466 => error(K::QuotaExceeded),
        503 if retry_after(&answer.headers).is_some() => {
            with_wait(error(K::Unavailable).with_effect(Effect::Refused), &answer.headers)
        }
        502..=504 => error(K::Unavailable),
        400..=499 => error(K::InvalidInput),
        500..=599 => error(K::ServerFault),
        _ => error(K::Unexpected),
    }
}

fn with_wait(error: Error, headers: &HeaderMap) -> Error {
    match retry_after(headers) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// `Retry-After` in seconds or as a date; a date in the past is no wait. A date is measured against the
/// server's own `Date` where it sends one, so that a skewed clock doesn't count.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(366 * 86_400)));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let now = headers
        .get("date")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| httpdate::parse_http_date(v).ok())
        .unwrap_or_else(SystemTime::now);
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// The error of a 2xx whose body isn't the JSON that was expected.
pub fn not_json(answer: &Answer, error: &serde_json::Error) -> Error {
    let operation = answer.operation;
    if answer.is_empty() {
        return Error::new(ErrorKind::Decode, operation)
            .with_message("the answer is empty where JSON was expected")
            .with_status(answer.status);
    }
    let json = matches!(
        answer.body.trim_ascii_start().first(),
        Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b't' | b'f' | b'n')
    );
    if answer.is_html() || (!json && answer.content_type() != "application/json") {
        let what = if answer.is_html() { "a web page" } else { "plain text" };
        return Error::new(ErrorKind::NotAGateway, operation)
            .with_message(format!("what answered is not a gateway: it sent {what}"))
            .with_status(answer.status)
            .with_body(&answer.body);
    }
    let message = if error.is_eof() {
        format!("the answer breaks off after {} bytes", answer.body.len())
    } else {
        format!("the answer can't be read at line {} column {}", error.line(), error.column())
    };
    Error::new(ErrorKind::Decode, operation)
        .with_message(message)
        .with_status(answer.status)
        .with_body(&answer.body)
}

/// What a failed attempt means for the caller: of a change whose effect is unknown, `OutcomeUnknown`.
pub(super) fn settle(error: Error, repeat: Repeat, gateway: &Gateway) -> Error {
    use ErrorKind as K;
    let error = error.with_gateway(gateway.clone());
    if repeat == Repeat::Read || error.effect() != Effect::Unknown {
        return error;
    }
    let why = match error.kind() {
        K::Timeout => "no answer in time",
        K::Network => "the connection broke after the request was sent",
        K::Unavailable => "something before the gateway answered for it",
        K::ServerFault => "the gateway failed after the request was sent",
        K::Decode | K::NotAGateway => "the gateway accepted it and its answer can't be read",
        K::TooLarge => "the gateway's answer is larger than allowed",
        _ => return error,
    };
    let tried = error.retry();
    let error = error
        .with_kind(K::OutcomeUnknown)
        .with_effect(Effect::Unknown)
        .with_message(format!("{why}: it may have taken effect; look before trying again"));
    match tried {
        Retry::Exhausted(n) => error.with_retry(Retry::Exhausted(n)),
        _ => error.with_retry(Retry::Never),
    }
}

/// Whether another attempt makes sense, and how many there may be in all; `None` for none.
pub(super) fn attempts(error: &Error, repeat: Repeat, most: u32) -> Option<u32> {
    use ErrorKind as K;
    let may_repeat = repeat != Repeat::Never;
    match (error.kind(), error.effect()) {
        (K::Network, Effect::NotSent) if !error.is_marked_final() => Some(most),
        (K::RateLimited | K::Unavailable, Effect::Refused) if !error.is_marked_final() => Some(most),
        (K::SessionNotReady, _) => None,
        (K::Timeout | K::Network | K::Unavailable, Effect::Unknown) if may_repeat => Some(most),
        (K::Timeout, Effect::Refused) if may_repeat => Some(most),
        (K::ServerFault, Effect::Unknown) if may_repeat && !error.is_marked_final() => Some(2),
        (K::Decode, _) if repeat == Repeat::Read && error.message().contains("breaks off") => Some(2),
        _ => None,
    }
}

/// The operation of a failed configuration.
pub(super) fn config(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::ConfigInvalid, Operation::Configure).with_message(message)
}
