//! Any other route of the gateway, with the same credentials, limits and errors.

use std::fmt;

use bytes::Bytes;
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use wachats_core::transport::Call;
use wachats_core::{Operation, Result};

use super::Gowa;

/// A request to a route that wachats doesn't know. Built by [`Gowa::request`].
#[must_use = "it is sent by `bytes` or `json`"]
pub struct RawRequest<'a> {
    gowa: &'a Gowa,
    call: Call,
}

impl Gowa {
    /// A request of your own: the path's segments below the base path, each encoded. JIDs stay as they are.
    ///
    /// A `GET` or `HEAD` is repeated as a read is, but for those that change something here (`/app/login`,
    /// `/app/logout`, `/app/reconnect`, `/devices/{id}/login`); everything else is never repeated once it
    /// may have taken effect.
    ///
    /// ```no_run
    /// # async fn f(gowa: &wachats_gowa::Gowa) -> wachats_core::Result<()> {
    /// let groups = gowa.request(wachats_gowa::Method::GET, ["user", "my", "groups"]).json().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn request<'p>(&self, method: Method, path: impl IntoIterator<Item = &'p str>) -> RawRequest<'_> {
        let path: Vec<&str> = path.into_iter().collect();
        let reads = matches!(method, Method::GET | Method::HEAD) && !changes(&path);
        let operation = if reads { Operation::RawRead } else { Operation::RawChange };
        RawRequest { gowa: self, call: self.transport.call(operation, method, "raw").path(path) }
    }
}

impl RawRequest<'_> {
    /// Adds a parameter to the query.
    pub fn query(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    /// Sends this as JSON.
    pub fn body(mut self, body: &impl Serialize) -> Self {
        self.call = self.call.json(body);
        self
    }

    /// Sends it and gives the body of a 2xx as it came.
    ///
    /// # Errors
    /// By the gateway's answer, as of any operation; `InvalidInput` for a segment that can't stand in a path.
    pub async fn bytes(self) -> Result<Bytes> {
        self.gowa.transport.send(self.call, |answer| Ok(answer.body.clone())).await
    }

    /// Sends it and reads the body of a 2xx as JSON: `{"code","message","results"}`.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); of a body that is no JSON `Decode` or `NotAGateway`, or `OutcomeUnknown`
    /// where it may have changed something.
    pub async fn json(self) -> Result<Value> {
        self.gowa.transport.send(self.call, |answer| answer.json()).await
    }
}

impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRequest({:?})", self.call)
    }
}

/// `GET`s that pair, unlink or connect. Routes are compared without case, as the gateway does.
fn changes(path: &[&str]) -> bool {
    let words: Vec<String> = path.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["app", "login" | "login-with-code" | "logout" | "reconnect", ..] | ["devices", _, "login", ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gets_that_change_something_are_no_reads() {
        let gowa = Gowa::builder("http://127.0.0.1:1").build().unwrap();
        let operation = |path: &[&str]| format!("{:?}", gowa.request(Method::GET, path.iter().copied()));
        for path in
            [&["app", "logout"][..], &["App", "Login"], &["devices", "dev1", "login"], &["app", "reconnect"]]
        {
            assert!(operation(path).contains("raw_change"), "{path:?}");
        }
        for path in [&["app", "status"][..], &["devices"], &["user", "my", "groups"]] {
            assert!(operation(path).contains("raw_read"), "{path:?}");
        }
        let post = format!("{:?}", gowa.request(Method::POST, ["send", "poll"]));
        assert!(post.contains("raw_change"));
    }
}
