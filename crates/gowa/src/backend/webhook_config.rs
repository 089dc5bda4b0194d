//! A device's own webhook, v8.10.0 and later. Before, the server's environment alone says where events go.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use wachats_core::{Error, ErrorKind, Operation, Repeat, Result};

use super::{Gowa, results};
use crate::error::local;
use crate::event::DEFAULT_SECRET;
use crate::wire;

/// Where a device's events go. It takes the place of the server's own list. `Debug` shows neither address nor secret.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The address; empty for none, and then the server's own list holds.
    pub url: String,
    /// The secret that deliveries are signed with (HMAC-SHA256); `None` for the server's own.
    pub secret: Option<SecretString>,
    /// The events, by GOWA's names; none for all.
    pub events: Vec<String>,
    /// The gateway doesn't check the receiver's certificate.
    pub insecure_skip_verify: bool,
}

impl WebhookConfig {
    /// All events to this address, signed with this secret.
    pub fn new(url: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self { url: url.into(), secret: Some(secret.into()), ..Self::default() }
    }

    /// Only these events.
    pub fn events(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.events = names.into_iter().map(Into::into).collect();
        self
    }
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookConfig")
            .field("url", &!self.url.is_empty())
            .field("secret", &self.secret.is_some())
            .field("events", &self.events)
            .field("insecure_skip_verify", &self.insecure_skip_verify)
            .finish()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    webhook_url: Option<String>,
    webhook_secret: Option<String>,
    webhook_events: Option<String>,
    webhook_insecure_skip_verify: Option<bool>,
}

impl From<Wire> for WebhookConfig {
    fn from(wire: Wire) -> Self {
        let events = wire.webhook_events.unwrap_or_default();
        let events = events.split(',').map(str::trim).filter(|name| !name.is_empty());
        Self {
            url: wire.webhook_url.unwrap_or_default(),
            secret: wire.webhook_secret.filter(|secret| !secret.is_empty()).map(SecretString::from),
            events: events.map(str::to_owned).collect(),
            insecure_skip_verify: wire.webhook_insecure_skip_verify == Some(true),
        }
    }
}

const ROUTE: &str = "/devices/{id}/webhook";

impl Gowa {
    /// The device's own webhook.
    ///
    /// # Errors
    /// `Unsupported` before v8.10.0; `ConfigInvalid` where no device is named and the server has several; `NotFound`
    /// where the device isn't there; those of a read.
    pub async fn webhook(&self) -> Result<WebhookConfig> {
        let slot = self.slot().await?;
        let call = self.look(Operation::WebhookEvents, ROUTE, &["devices", &slot, "webhook"]);
        let wire = self.transport.send(call, results::<Wire>).await.map_err(too_old)?;
        Ok(wire.into())
    }

    /// Replaces the device's own webhook.
    ///
    /// # Errors
    /// `ConfigInvalid`, before any request, for the secret that every server comes with, and for an event whose name
    /// holds a comma; otherwise as [`webhook`](Self::webhook), and those of a change that may be repeated.
    pub async fn set_webhook(&self, config: &WebhookConfig) -> Result<()> {
        let secret = config.secret.as_ref().map(ExposeSecret::expose_secret);
        let refuse = |message| Err(local(ErrorKind::ConfigInvalid, Operation::WebhookEvents, message));
        if secret == Some(DEFAULT_SECRET) {
            return refuse("the webhook secret is the one every server comes with, which everybody knows");
        }
        if config.events.iter().any(|name| name.contains(',')) {
            return refuse("the name of an event holds no comma");
        }
        let slot = self.slot().await?;
        // what is left out would become empty
        let body = json!({
            "webhook_url": config.url,
            "webhook_secret": secret.unwrap_or_default(),
            "webhook_events": config.events.join(","),
            "webhook_insecure_skip_verify": config.insecure_skip_verify,
        });
        let call = self
            .transport
            .call(Operation::WebhookEvents, Method::PATCH, ROUTE)
            .path(["devices", slot.as_str(), "webhook"])
            .repeat(Repeat::Same)
            .json(&body);
        self.transport.send(call, |_| Ok(())).await.map_err(too_old)
    }

    /// The device's slot: the one that was named, else the only one there is.
    async fn slot(&self) -> Result<String> {
        if let Some(device) = &self.device {
            return Ok(device.clone());
        }
        let operation = Operation::WebhookEvents;
        let call = self.look(operation, "/devices", &["devices"]);
        let devices = self.transport.send(call, results::<Vec<wire::Device>>).await.map_err(too_old)?;
        let mut ids = devices.into_iter().filter_map(|device| device.id);
        match (ids.next(), ids.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(local(
                ErrorKind::ConfigInvalid,
                operation,
                "the gateway has several devices, or none: name one with the option device",
            )),
        }
    }
}

fn too_old(error: Error) -> Error {
    if error.kind() == ErrorKind::Unsupported {
        return error.with_message(
            "a device's own webhook came with v8.10.0; before, the server's environment sets it",
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_anybody_could_forge_is_refused_before_any_request() {
        let gowa = Gowa::builder("http://127.0.0.1:1").device("dev1").build().unwrap();
        for config in [
            WebhookConfig::new("http://127.0.0.1:2/hook", DEFAULT_SECRET),
            WebhookConfig::new("http://127.0.0.1:2/hook", "s").events(["message,message.ack"]),
        ] {
            let error = gowa.set_webhook(&config).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
        }
        let shown = format!("{:?}", WebhookConfig::new("http://127.0.0.1:2/hook", "hidden"));
        assert!(!shown.contains("hidden") && !shown.contains("127"), "{shown}");
    }
}
