//! Where notifications are pushed, and which kinds are made at all.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wachats_core::{ErrorKind, Operation, Repeat, Result};

use super::GreenApi;
use crate::verb;

/// Where an instance pushes notifications, and which kinds it makes. The kinds hold for the queue too, and journals are
/// filled only while those of messages are on.
///
/// `None` is "not told" when read and "leave it as it is" when written. `Debug` shows neither address nor token.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The address (`webhookUrl`); `None` where there is none, and notifications wait in the queue.
    pub url: Option<String>,
    /// The token that each delivery bears (`webhookUrlToken`), as `Authorization: Bearer …`.
    pub token: Option<SecretString>,
    /// Messages that come in (`incomingWebhook`).
    pub incoming: Option<bool>,
    /// Messages sent on the phone (`outgoingMessageWebhook`).
    pub outgoing_phone: Option<bool>,
    /// Messages sent through the API (`outgoingAPIMessageWebhook`).
    pub outgoing_api: Option<bool>,
    /// How far sent messages got (`outgoingWebhook`).
    pub statuses: Option<bool>,
    /// The state of the instance (`stateWebhook`).
    pub state: Option<bool>,
    /// Calls that come in (`incomingCallWebhook`).
    pub calls: Option<bool>,
    /// Votes in polls (`pollMessageWebhook`).
    pub polls: Option<bool>,
    /// Edits (`editedMessageWebhook`).
    pub edits: Option<bool>,
    /// Deletions (`deletedMessageWebhook`).
    pub deletions: Option<bool>,
}

impl WebhookConfig {
    /// Every kind of notification, kept in the queue to be polled.
    pub fn polled() -> Self {
        let on = Some(true);
        Self {
            url: None,
            token: None,
            incoming: on,
            outgoing_phone: on,
            outgoing_api: on,
            statuses: on,
            state: on,
            calls: on,
            polls: on,
            edits: on,
            deletions: on,
        }
    }

    /// Every kind of notification, pushed to this address with this token.
    pub fn pushed(url: impl Into<String>, token: impl Into<SecretString>) -> Self {
        Self { url: Some(url.into()), token: Some(token.into()), ..Self::polled() }
    }

    fn kinds(&self) -> [(&'static str, Option<bool>); 9] {
        [
            ("incomingWebhook", self.incoming),
            ("outgoingMessageWebhook", self.outgoing_phone),
            ("outgoingAPIMessageWebhook", self.outgoing_api),
            ("outgoingWebhook", self.statuses),
            ("stateWebhook", self.state),
            ("incomingCallWebhook", self.calls),
            ("pollMessageWebhook", self.polls),
            ("editedMessageWebhook", self.edits),
            ("deletedMessageWebhook", self.deletions),
        ]
    }
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookConfig")
            .field("url", &self.url.is_some())
            .field("token", &self.token.is_some())
            .field("kinds", &self.kinds())
            .finish()
    }
}

/// What `getSettings` tells of notifications.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Wire {
    webhook_url: Option<String>,
    webhook_url_token: Option<String>,
    incoming_webhook: Option<String>,
    outgoing_message_webhook: Option<String>,
    #[serde(rename = "outgoingAPIMessageWebhook")]
    outgoing_api_message_webhook: Option<String>,
    outgoing_webhook: Option<String>,
    state_webhook: Option<String>,
    incoming_call_webhook: Option<String>,
    poll_message_webhook: Option<String>,
    edited_message_webhook: Option<String>,
    deleted_message_webhook: Option<String>,
}

/// `setSettings`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Saved {
    save_settings: Option<bool>,
}

impl GreenApi {
    /// Where notifications are pushed, and which kinds are made.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn webhook(&self) -> Result<WebhookConfig> {
        self.webhook_settings(Operation::WebhookEvents).await
    }

    pub(super) async fn webhook_settings(&self, operation: Operation) -> Result<WebhookConfig> {
        let wire: Wire = self.send(self.call(operation, verb::GET_SETTINGS), |answer| answer.json()).await?;
        let yes = |word: Option<String>| word.map(|word| word == "yes");
        Ok(WebhookConfig {
            url: wire.webhook_url.filter(|url| !url.is_empty()),
            token: wire.webhook_url_token.filter(|token| !token.is_empty()).map(SecretString::from),
            incoming: yes(wire.incoming_webhook),
            outgoing_phone: yes(wire.outgoing_message_webhook),
            outgoing_api: yes(wire.outgoing_api_message_webhook),
            statuses: yes(wire.outgoing_webhook),
            state: yes(wire.state_webhook),
            calls: yes(wire.incoming_call_webhook),
            polls: yes(wire.poll_message_webhook),
            edits: yes(wire.edited_message_webhook),
            deletions: yes(wire.deleted_message_webhook),
        })
    }

    /// Sets where notifications are pushed, and which kinds are made. Without an address they are kept in the queue for
    /// up to 24 hours. The instance restarts, and it takes up to 5 minutes until all of it holds.
    ///
    /// # Errors
    /// `Conflict`, before any request, for an address while this backend polls; `ConfigInvalid` for an address without
    /// a token, whose deliveries nobody could tell from forged ones; those of a change that may be repeated.
    pub async fn set_webhook(&self, config: &WebhookConfig) -> Result<()> {
        let operation = Operation::WebhookEvents;
        let refuse = |kind, message: &'static str| Err(self.error(kind, operation).with_message(message));
        let token = config.token.as_ref().map(ExposeSecret::expose_secret).filter(|token| !token.is_empty());
        if config.url.is_some() && self.polled.is_on() {
            return refuse(ErrorKind::Conflict, "the queue is being polled: drop its stream first");
        }
        if config.url.is_some() && token.is_none() {
            return refuse(ErrorKind::ConfigInvalid, "a webhook address needs a token to know deliveries by");
        }
        let mut body = Map::new();
        body.insert("webhookUrl".into(), json!(config.url.as_deref().unwrap_or_default()));
        body.insert("webhookUrlToken".into(), json!(token.unwrap_or_default()));
        for (name, on) in config.kinds() {
            if let Some(on) = on {
                body.insert(name.into(), json!(if on { "yes" } else { "no" }));
            }
        }
        let call = self
            .transport
            .call(operation, Method::POST, "/waInstance{instance}/setSettings/{token}")
            .path([self.instance.as_str(), "setSettings", self.token.expose()])
            .rate_key("setSettings")
            .repeat(Repeat::Same)
            .json(&Value::Object(body));
        let saved: Saved = self.send(call, |answer| answer.json()).await?;
        if saved.save_settings == Some(false) {
            return refuse(ErrorKind::ServerFault, "the gateway did not take the settings");
        }
        Ok(())
    }
}
