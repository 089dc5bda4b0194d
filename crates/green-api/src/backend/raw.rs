use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use wachats_core::transport::Call;
use wachats_core::{Effect, ErrorKind, Operation, Repeat, Result};

use super::GreenApi;
use crate::verb;

/// A call of any method of the wire, with the same authentication, limits, retries and errors as wachats' own.
#[must_use = "nothing is sent until it is awaited through value() or bytes()"]
pub struct RawRequest<'a> {
    gateway: &'a GreenApi,
    call: Call,
    /// The method's name can't stand in a path.
    refused: bool,
}

impl GreenApi {
    /// A call of the method `name`, as `getContactInfo`, spelled as Green-API's documents do today.
    ///
    /// What only reads is repeated like a read; `reboot`, `logout`, `qr`, `clearMessagesQueue` are GETs with
    /// effects and are not. The token is added here and taken out of what is answered.
    pub fn request(&self, method: reqwest::Method, name: &str) -> RawRequest<'_> {
        let read = verb::only_reads(name) && method != reqwest::Method::DELETE;
        let operation = if read { Operation::RawRead } else { Operation::RawChange };
        let refused = name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric());
        let call = self
            .transport
            .call(operation, method, "/waInstance{instance}/{method}/{token}")
            .path([self.instance.as_str(), if refused { "-" } else { name }, self.token.expose()])
            .repeat(if read { Repeat::Read } else { Repeat::Never })
            .rate_key(verb::rate_key(name));
        RawRequest { gateway: self, call, refused }
    }
}

impl RawRequest<'_> {
    /// Adds a segment after the token, as the receipt of `deleteNotification`.
    pub fn segment(mut self, segment: impl AsRef<str>) -> Self {
        self.call = self.call.segment(segment);
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    /// Sends this as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.call = self.call.json(body);
        self
    }

    /// Sends it and gives the body of a success as JSON; `null` for an empty one.
    ///
    /// # Errors
    /// Those of a read, or of a change: `OutcomeUnknown` where it may have taken effect.
    ///
    /// # Cancel safety
    /// Dropping the future may leave the request sent.
    pub async fn value(self) -> Result<Value> {
        let (gateway, call) = self.checked()?;
        gateway.send(call, |answer| if answer.is_empty() { Ok(Value::Null) } else { answer.json() }).await
    }

    /// Sends it and gives the body of a success as it came.
    ///
    /// # Errors
    /// As [`value`](Self::value), except that any body is taken.
    ///
    /// # Cancel safety
    /// As [`value`](Self::value).
    pub async fn bytes(self) -> Result<Bytes> {
        let (gateway, call) = self.checked()?;
        gateway.send(call, |answer| Ok(answer.body.clone())).await
    }
}

impl<'a> RawRequest<'a> {
    fn checked(self) -> Result<(&'a GreenApi, Call)> {
        if self.refused {
            return Err(self
                .gateway
                .error(ErrorKind::InvalidInput, Operation::RawRead)
                .with_effect(Effect::NotSent)
                .with_message("the name of a method has letters and digits alone"));
        }
        Ok((self.gateway, self.call))
    }
}

impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRequest({:?})", self.call)
    }
}
