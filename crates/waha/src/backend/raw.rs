use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use wachats_core::transport::Call;
use wachats_core::{Operation, Result};

use super::Waha;

/// A request of your own: see [`Waha::request`]. Nothing is sent until it is awaited.
#[must_use = "it is sent by `json` or `bytes`"]
pub struct RawRequest<'w> {
    waha: &'w Waha,
    call: Call,
}

impl<'w> RawRequest<'w> {
    pub(super) fn new<'a>(waha: &'w Waha, method: Method, path: impl IntoIterator<Item = &'a str>) -> Self {
        let read = matches!(method, Method::GET | Method::HEAD);
        let operation = if read { Operation::RawRead } else { Operation::RawChange };
        Self { waha, call: waha.transport.call(operation, method, "(raw)").path(path) }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    /// Sends this as JSON.
    pub fn body(mut self, body: &impl Serialize) -> Self {
        self.call = self.call.json(body);
        self
    }

    /// The time of one attempt, in place of the default.
    pub fn attempt(mut self, time: Duration) -> Self {
        self.call = self.call.attempt(time);
        self
    }

    /// Sends it and reads the answer of a 2xx as JSON; an empty one is `null`.
    ///
    /// # Errors
    /// Those of a read or of a change, by the method.
    pub async fn json(self) -> Result<Value> {
        let decode = |answer: &wachats_core::transport::Answer| {
            if answer.is_empty() { Ok(Value::Null) } else { answer.json() }
        };
        self.waha.transport.send(self.call, decode).await
    }

    /// Sends it and gives the body of a 2xx as it came.
    ///
    /// # Errors
    /// Those of a read or of a change, by the method.
    pub async fn bytes(self) -> Result<Bytes> {
        self.waha.transport.send(self.call, |answer| Ok(answer.body.clone())).await
    }
}

impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRequest({:?})", self.call)
    }
}
