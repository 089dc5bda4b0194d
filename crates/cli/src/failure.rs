//! What went wrong, as it is told on stderr, and the exit code.

use std::io::{self, Write};

use serde::Serialize;
use wachats::{Effect, Error, ErrorKind, Operation};

use crate::output::Format;

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Whoever read our output has gone: nothing to tell.
    BrokenPipe,
    /// What was compared differs, and was printed.
    Differs,
    /// It failed.
    Failed(Box<Failure>),
}

pub(crate) type Run<T = ()> = Result<T, Stop>;

impl Stop {
    /// Writing to stdout failed.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::from(Failure::new(ErrorKind::Io, format!("writing the output failed: {}", error.kind())))
    }

    /// Which option it is about, where there are two it could be.
    pub(crate) fn of_option(self, option: &str) -> Self {
        match self {
            Self::Failed(mut failure) => {
                failure.message = format!("{option}: {}", failure.message);
                Self::Failed(failure)
            }
            other => other,
        }
    }

    /// What the command was about, where the failure itself doesn't tell.
    pub(crate) fn of(self, operation: Option<Operation>, gateway: Option<&'static str>) -> Self {
        match self {
            Self::BrokenPipe | Self::Differs => self,
            Self::Failed(mut failure) => {
                failure.operation = failure.operation.or(operation);
                failure.gateway = failure.gateway.or_else(|| gateway.map(str::to_owned));
                Self::Failed(failure)
            }
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

/// A failure: the library's error, or one found here before any request.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    message: String,
    gateway: Option<String>,
    operation: Option<Operation>,
    status: Option<u16>,
    effect: Effect,
    retry_after_seconds: Option<u64>,
}

impl Failure {
    /// Found here; nothing was sent.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            gateway: None,
            operation: None,
            status: None,
            effect: Effect::NotSent,
            retry_after_seconds: None,
        }
    }

    /// A wrong argument.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn exit_code(&self) -> u8 {
        use ErrorKind as K;
        match self.kind {
            K::InvalidInput | K::ConfigInvalid => 2,
            K::Unsupported => 3,
            K::Unauthenticated | K::Forbidden => 4,
            K::NotFound => 5,
            K::SessionNotReady => 6,
            K::RateLimited | K::QuotaExceeded => 7,
            K::Network | K::Timeout | K::Redirected | K::Unavailable => 8,
            K::Decode | K::NotAGateway => 9,
            K::OutcomeUnknown => 10,
            _ => 1,
        }
    }

    /// The line for people, and the one for programs where they read the output.
    pub(crate) fn tell(&self, format: Format, err: &mut dyn Write) -> io::Result<()> {
        write!(err, "error: {}: {}", self.kind, one_line(&self.message))?;
        if let Some(seconds) = self.retry_after_seconds {
            write!(err, " (try again in {seconds} s)")?;
        }
        let status = self.status.map(|status| status.to_string());
        let known: Vec<_> =
            [self.gateway.as_deref(), self.operation.map(Operation::as_str), status.as_deref()]
                .into_iter()
                .flatten()
                .collect();
        if !known.is_empty() {
            write!(err, " [{}]", known.join(", "))?;
        }
        writeln!(err)?;
        if format.is_json() {
            serde_json::to_writer(&mut *err, &Told { error: self.into() })?;
            writeln!(err)?;
        }
        err.flush()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // Configuration is read on behalf of a command: its name says more.
        let operation = Some(error.operation()).filter(|o| *o != Operation::Configure);
        Self {
            kind: error.kind(),
            message: error.message().to_owned(),
            gateway: error.gateway().map(|gateway| gateway.as_str().to_owned()),
            operation,
            status: error.status(),
            effect: error.effect(),
            retry_after_seconds: error.retry_after().map(|wait| wait.as_millis().div_ceil(1000) as u64),
        }
    }
}

#[derive(Serialize)]
struct Told<'a> {
    error: Fields<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    kind: ErrorKind,
    message: &'a str,
    gateway: Option<&'a str>,
    operation: Option<Operation>,
    status: Option<u16>,
    effect: Effect,
    retry_after_seconds: Option<u64>,
}

impl<'a> From<&'a Failure> for Fields<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            kind: failure.kind,
            message: &failure.message,
            gateway: failure.gateway.as_deref(),
            operation: failure.operation,
            status: failure.status,
            effect: failure.effect,
            retry_after_seconds: failure.retry_after_seconds,
        }
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_kind_has_the_exit_code_of_the_manual() {
        let code = |kind| Failure::new(kind, "").exit_code();
        let all: Vec<_> = ErrorKind::ALL.iter().map(|kind| (kind.as_str(), code(*kind))).collect();
        let expected = [
            ("unsupported", 3),
            ("config_invalid", 2),
            ("invalid_input", 2),
            ("unauthenticated", 4),
            ("forbidden", 4),
            ("session_not_ready", 6),
            ("not_found", 5),
            ("conflict", 1),
            ("rate_limited", 7),
            ("quota_exceeded", 7),
            ("timeout", 8),
            ("network", 8),
            ("redirected", 8),
            ("unavailable", 8),
            ("server_fault", 1),
            ("decode", 9),
            ("not_a_gateway", 9),
            ("too_large", 1),
            ("paging_stuck", 1),
            ("io", 1),
            ("outcome_unknown", 10),
            ("unexpected", 1),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn both_lines_tell_the_same() {
        let error = Error::new(ErrorKind::RateLimited, Operation::SendText)
            .with_message("slow down")
            .with_gateway(wachats::Gateway::GOWA)
            .with_status(429)
            .with_retry_after(Duration::from_millis(1500));
        let mut told = Vec::new();
        Failure::from(error).tell(Format::Json, &mut told).unwrap();
        assert_eq!(
            String::from_utf8(told).unwrap(),
            "error: rate_limited: slow down (try again in 2 s) [gowa, send_text, 429]\n\
             {\"error\":{\"kind\":\"rate_limited\",\"message\":\"slow down\",\"gateway\":\"gowa\",\
             \"operation\":\"send_text\",\"status\":429,\"effect\":\"refused\",\"retry_after_seconds\":2}}\n"
        );
    }
}
