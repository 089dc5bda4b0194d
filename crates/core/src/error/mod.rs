mod effect;
mod kind;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

pub use effect::{Effect, Missing, Retry};
pub use kind::ErrorKind;

use crate::{Capability, Gateway, Operation, Repeat};

/// The result of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The one error of the library, one word in size.
///
/// Three facts tell what to do: [`kind`](Self::kind), [`retry`](Self::retry) and
/// [`effect`](Self::effect). Neither `Display` nor `Debug` nor the chain of sources shows a secret, a phone
/// number, a name or a text; [`snippet`](Self::snippet) gives the shape of what the gateway answered.
///
/// ```
/// use wachats_core::{Effect, Error, ErrorKind, Operation};
/// let error = Error::new(ErrorKind::Timeout, Operation::ListChats).with_message("no answer within 25 s");
/// assert_eq!(error.to_string(), "timeout: no answer within 25 s [list_chats]");
/// assert_eq!(error.effect(), Effect::Unknown);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Operation,
    gateway: Option<Gateway>,
    message: Cow<'static, str>,
    status: Option<u16>,
    code: Option<String>,
    retry: Option<Retry>,
    effect: Option<Effect>,
    retry_after: Option<Duration>,
    missing: Option<Missing>,
    capability: Option<Capability>,
    state: Option<String>,
    snippet: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind in this operation. Effect and retry follow from the two until set.
    pub fn new(kind: ErrorKind, operation: Operation) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            gateway: None,
            message: Cow::Borrowed(""),
            status: None,
            code: None,
            retry: None,
            effect: None,
            retry_after: None,
            missing: None,
            capability: None,
            state: None,
            snippet: None,
            source: None,
        }))
    }

    /// What happened and what to do, in words that hold no secret, number, name or text.
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The gateway that answered, or was to answer.
    pub fn with_gateway(mut self, gateway: Gateway) -> Self {
        self.0.gateway = Some(gateway);
        self
    }

    /// The same error told of another kind.
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error told of another operation.
    pub fn with_operation(mut self, operation: Operation) -> Self {
        self.0.operation = operation;
        self
    }

    /// The HTTP status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// The gateway's own code (GOWA's `code`, the name of WAHA's exception). Only what has the form of one is
    /// kept: `UPPER_CASE`, the name of an `…Error` or `…Exception`, a number of at most four digits.
    pub fn with_code(mut self, code: &str) -> Self {
        let letters = |also: &[u8]| code.bytes().all(|b| b.is_ascii_alphabetic() || also.contains(&b));
        let constant = letters(b"_") && code == code.to_ascii_uppercase();
        let exception = letters(b"") && (code.ends_with("Error") || code.ends_with("Exception"));
        let number = code.len() <= 4 && code.bytes().all(|b| b.is_ascii_digit());
        if !code.is_empty() && code.len() <= 48 && (constant || exception || number) {
            self.0.code = Some(code.to_owned());
        }
        self
    }

    /// Whether trying again makes sense.
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = Some(retry);
        self
    }

    /// Whether the request may have taken effect.
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = Some(effect);
        self
    }

    /// How long the gateway asks to wait.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// What was not found.
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.0.missing = Some(missing);
        self
    }

    /// Which capability the gateway lacks. With a status, the guard remembers it, unless several routes make it up.
    pub fn with_capability(mut self, capability: Capability) -> Self {
        self.0.capability = Some(capability);
        self
    }

    /// The state of a session that is not ready, in the gateway's own word.
    pub fn with_state(mut self, state: &str) -> Self {
        self.0.state = Some(crate::redact::line(state, 40));
        self
    }

    /// The shape of what the gateway answered; redacted here, at most 256 bytes are kept.
    pub fn with_body(mut self, body: &[u8]) -> Self {
        self.0.snippet = crate::redact::snippet(body);
        self
    }

    /// The cause. It must print no secret, number, name or text.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed.
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The gateway, where one was involved.
    pub fn gateway(&self) -> Option<&Gateway> {
        self.0.gateway.as_ref()
    }

    /// What happened, without kind and brackets.
    pub fn message(&self) -> &str {
        if self.0.message.is_empty() { self.0.kind.default_message() } else { &self.0.message }
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The gateway's own code, redacted.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How long the gateway asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What was not found, for [`ErrorKind::NotFound`].
    pub fn missing(&self) -> Option<Missing> {
        self.0.missing
    }

    /// Which capability is lacking, for [`ErrorKind::Unsupported`], where it is known.
    pub fn capability(&self) -> Option<Capability> {
        self.0.capability
    }

    /// The state of a session that is not ready, in the gateway's own word.
    pub fn state(&self) -> Option<&str> {
        self.0.state.as_deref()
    }

    /// The shape of the answer: keys, short numbers and markup are kept, texts and digits are not.
    pub fn snippet(&self) -> Option<&str> {
        self.0.snippet.as_deref()
    }

    /// Did whoever made it say that it would fail again?
    pub(crate) fn is_marked_final(&self) -> bool {
        self.0.retry == Some(Retry::Never)
    }

    /// Whether trying again makes sense.
    pub fn retry(&self) -> Retry {
        if let Some(retry) = self.0.retry {
            return retry;
        }
        use ErrorKind as K;
        let repeatable = self.operation().repeat() != Repeat::Never || self.effect() != Effect::Unknown;
        match self.kind() {
            K::Timeout | K::Network | K::Unavailable | K::RateLimited if repeatable => {
                Retry::After(self.0.retry_after)
            }
            K::SessionNotReady if self.0.state.as_deref() == Some("STARTING") => {
                Retry::After(self.0.retry_after)
            }
            _ => Retry::Never,
        }
    }

    /// Whether the request may have taken effect.
    pub fn effect(&self) -> Effect {
        if let Some(effect) = self.0.effect {
            return effect;
        }
        use ErrorKind as K;
        match (self.kind(), self.0.status) {
            (_, Some(400..=499)) => Effect::Refused,
            (_, Some(_))
            | (K::OutcomeUnknown | K::Timeout | K::Network | K::Redirected | K::Unavailable, None) => {
                Effect::Unknown
            }
            (K::ServerFault | K::Decode | K::NotAGateway | K::TooLarge | K::PagingStuck, None) => {
                Effect::Unknown
            }
            _ => Effect::NotSent,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [", self.kind(), self.message())?;
        if let Some(gateway) = self.gateway() {
            write!(f, "{gateway}, ")?;
        }
        write!(f, "{}", self.operation())?;
        if let Some(status) = self.status() {
            write!(f, ", {status}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("gateway", &self.gateway().map(Gateway::as_str))
            .field("status", &self.status())
            .field("code", &self.code())
            .field("retry", &self.retry())
            .field("effect", &self.effect())
            .field("message", &self.message())
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn a_4xx_is_refused_and_an_unknown_send_is_never_retried() {
        let refused = Error::new(ErrorKind::InvalidInput, Operation::SendText).with_status(400);
        assert_eq!(refused.effect(), Effect::Refused);
        let unknown = Error::new(ErrorKind::OutcomeUnknown, Operation::SendText);
        assert_eq!((unknown.effect(), unknown.retry()), (Effect::Unknown, Retry::Never));
    }

    #[test]
    fn words_of_kinds_are_snake_case_of_their_names() {
        for kind in ErrorKind::ALL {
            let json = serde_json::to_string(kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        for operation in Operation::ALL {
            assert_eq!(serde_json::to_string(operation).unwrap(), format!("\"{operation}\""));
        }
        for capability in Capability::ALL {
            assert_eq!(serde_json::to_string(capability).unwrap(), format!("\"{capability}\""));
        }
    }
}
