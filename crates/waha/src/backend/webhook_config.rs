//! The webhooks of a session's configuration.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use wachats_core::delivery::Fields;
use wachats_core::{Error, ErrorKind, Operation, Repeat, Result};

use super::Waha;

/// How often a delivery that failed is repeated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WebhookRetries {
    /// How the pauses grow: `constant`, `linear` or `exponential`.
    pub policy: String,
    /// The first pause, in seconds; 0 is none.
    pub delay_seconds: f64,
    /// How often it is repeated after the first delivery.
    pub attempts: u32,
}

impl WebhookRetries {
    /// So many repetitions with pauses that double, the first of this many seconds.
    pub fn exponential(attempts: u32, delay_seconds: f64) -> Self {
        Self { policy: "exponential".to_owned(), delay_seconds, attempts }
    }
}

/// One webhook of a session. `Debug` shows neither address, key nor headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The address.
    pub url: String,
    /// The events, by WAHA's names; `*` are all but `state.change` and `engine.event`.
    pub events: Vec<String>,
    /// The key that deliveries are signed with (HMAC-SHA512); the server shows it in plain text to whoever may read
    /// the session.
    pub key: Option<SecretString>,
    /// Repetitions; 15 after 2 seconds each where `None`.
    pub retries: Option<WebhookRetries>,
    /// Headers of every delivery.
    pub headers: Vec<(String, SecretString)>,
}

impl WebhookConfig {
    /// All events to this address, signed with this key.
    pub fn new(url: impl Into<String>, key: impl Into<SecretString>) -> Self {
        Self {
            url: url.into(),
            events: vec!["*".to_owned()],
            key: Some(key.into()),
            retries: None,
            headers: Vec::new(),
        }
    }

    /// Only these events.
    pub fn events(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.events = names.into_iter().map(Into::into).collect();
        self
    }

    fn read(value: &Value) -> Option<Self> {
        let retries = value.inner("retries");
        let retries = retries.is_object().then(|| WebhookRetries {
            policy: retries.text("policy").unwrap_or("constant").to_owned(),
            delay_seconds: retries.number("delaySeconds").unwrap_or(2.0),
            attempts: retries.count("attempts").and_then(|n| u32::try_from(n).ok()).unwrap_or(15),
        });
        let header =
            |value: &Value| Some((value.text("name")?.to_owned(), SecretString::from(value.text("value")?)));
        Some(Self {
            url: value.text("url")?.to_owned(),
            events: value
                .items("events")
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            key: value.inner("hmac").text("key").map(SecretString::from),
            retries,
            headers: value.items("customHeaders").iter().filter_map(header).collect(),
        })
    }

    fn write(&self) -> Value {
        let mut webhook = Map::new();
        webhook.insert("url".into(), json!(self.url));
        webhook.insert("events".into(), json!(self.events));
        if let Some(key) = &self.key {
            webhook.insert("hmac".into(), json!({ "key": key.expose_secret() }));
        }
        if let Some(retries) = &self.retries {
            let WebhookRetries { policy, delay_seconds, attempts } = retries;
            let retries = json!({"policy": policy, "delaySeconds": delay_seconds, "attempts": attempts});
            webhook.insert("retries".into(), retries);
        }
        if !self.headers.is_empty() {
            let header = |(name, value): &(String, SecretString)| json!({"name": name, "value": value.expose_secret()});
            webhook.insert("customHeaders".into(), self.headers.iter().map(header).collect());
        }
        Value::Object(webhook)
    }
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookConfig")
            .field("events", &self.events)
            .field("key", &self.key.is_some())
            .field("retries", &self.retries)
            .field("headers", &self.headers.len())
            .finish_non_exhaustive()
    }
}

impl Waha {
    /// The webhooks of the session. Those that the whole server has by its environment are not among them.
    ///
    /// # Errors
    /// Those of a read; `NotFound` when the session isn't there.
    pub async fn webhooks(&self) -> Result<Vec<WebhookConfig>> {
        let config = self.session_config().await?;
        Ok(config.items("webhooks").iter().filter_map(WebhookConfig::read).collect())
    }

    /// Replaces the webhooks of the session, and leaves the rest of its configuration as it is. A running session is
    /// restarted for it, which takes seconds; what another program changes in between is lost.
    ///
    /// # Errors
    /// `ConfigInvalid`, before any request, for a webhook without a key: nobody could tell its deliveries from forged
    /// ones. `InvalidInput` for an unknown event or what is no address; those of a change that may be repeated.
    pub async fn set_webhooks(&self, webhooks: &[WebhookConfig]) -> Result<()> {
        let unsigned =
            |webhook: &WebhookConfig| webhook.key.as_ref().is_none_or(|key| key.expose_secret().is_empty());
        if webhooks.iter().any(unsigned) {
            return Err(Error::new(ErrorKind::ConfigInvalid, Operation::WebhookEvents)
                .with_gateway(self.dialect.gateway.clone())
                .with_message("a webhook needs a key to know its deliveries by"));
        }
        let mut config = self.session_config().await?;
        if let Some(members) = config.as_object_mut() {
            members.insert("webhooks".into(), webhooks.iter().map(WebhookConfig::write).collect());
        }
        let call = self
            .transport
            .call(Operation::WebhookEvents, Method::PUT, "/api/sessions/{session}")
            .path(["api", "sessions", self.session()])
            .repeat(Repeat::Same)
            .json(&json!({ "config": config }));
        self.transport.send(call, |_| Ok(())).await
    }

    async fn session_config(&self) -> Result<Value> {
        let call = self
            .transport
            .call(Operation::WebhookEvents, Method::GET, "/api/sessions/{session}")
            .path(["api", "sessions", self.session()]);
        let session: Value = self.transport.send(call, |answer| answer.json()).await?;
        let config = session.inner("config");
        Ok(if config.is_object() { config.clone() } else { json!({}) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_back() {
        let wire = json!({"url": "https://example.com/hook", "events": ["message.any", "session.status"],
            "hmac": {"key": "hidden"}, "retries": {"policy": "linear", "delaySeconds": 0.5, "attempts": 3},
            "customHeaders": [{"name": "X-A", "value": "hidden too"}]});
        let config = WebhookConfig::read(&wire).unwrap();
        assert_eq!(config.write(), wire);
        let shown = format!("{config:?}");
        assert!(!shown.contains("hidden") && !shown.contains("example.com"), "{shown}");
        let plain = json!({"url": "http://x", "events": []});
        assert_eq!(WebhookConfig::read(&plain).unwrap().write(), plain);
        assert!(WebhookConfig::read(&json!({"events": ["*"]})).is_none());
    }
}
