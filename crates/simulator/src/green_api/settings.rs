//! The instance's settings: switches, which are the words `yes` and `no`, and a few texts and numbers.

use serde_json::{Map, Value, json};

use super::profile::Profile;

/// Settings by their wire names.
pub(super) struct Settings(Map<String, Value>);

const TEXTS: [&str; 4] = ["webhookUrl", "webhookUrlToken", "countryInstance", "typeAccount"];
const NUMBERS: [&str; 2] = ["delaySendMessagesMilliseconds", "autoTyping"];

impl Settings {
    pub(super) fn new(profile: &Profile) -> Self {
        let word = |on: bool| if on { "yes" } else { "no" };
        let settings = json!({
            "countryInstance": "",
            "typeAccount": "",
            "webhookUrl": profile.webhook_url,
            "webhookUrlToken": profile.webhook_token,
            "delaySendMessagesMilliseconds": 500,
            "markIncomingMessagesReaded": "no",
            "markIncomingMessagesReadedOnReply": "no",
            "sharedSession": "no",
            "outgoingWebhook": word(profile.outgoing_api),
            "outgoingMessageWebhook": word(profile.outgoing_phone),
            "outgoingAPIMessageWebhook": word(profile.outgoing_api),
            "incomingWebhook": word(profile.incoming),
            "deviceWebhook": "no",
            "stateWebhook": word(profile.other_events),
            "keepOnlineStatus": "no",
            "pollMessageWebhook": word(profile.other_events),
            "incomingBlockWebhook": word(profile.other_events),
            "incomingCallWebhook": word(profile.other_events),
            "editedMessageWebhook": word(profile.edited),
            "deletedMessageWebhook": word(profile.deleted),
            "enableMessagesHistory": "no",
            "autoTyping": 0,
        });
        if let Value::Object(settings) = settings { Self(settings) } else { Self(Map::new()) }
    }

    /// Whether a switch is on.
    pub(super) fn on(&self, switch: &str) -> bool {
        self.text(switch) == "yes"
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// All of them, as they are answered.
    pub(super) fn shown(&self) -> Map<String, Value> {
        self.0.clone()
    }

    /// Takes over what is given, all of it or nothing; names it doesn't know are passed over.
    pub(super) fn change(&mut self, given: &Map<String, Value>) -> Result<(), String> {
        let mut changed = self.0.clone();
        for (name, value) in given {
            let Some(kept) = changed.get_mut(name) else { continue };
            if NUMBERS.contains(&name.as_str()) {
                if !value.is_u64() {
                    return Err(format!("'{name}' must be a number"));
                }
            } else if TEXTS.contains(&name.as_str()) {
                if !value.is_string() {
                    return Err(format!("'{name}' must be a string"));
                }
            } else if !matches!(value.as_str(), Some("yes" | "no")) {
                return Err(format!("'{name}' must be one of [yes, no]"));
            }
            kept.clone_from(value);
        }
        self.0 = changed;
        Ok(())
    }
}
