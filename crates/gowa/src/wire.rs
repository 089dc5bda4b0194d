//! What is on the wire, as far as it is read. Every field may be missing: releases differ, and one damaged
//! field must not cost its item.

use serde::Deserialize;

/// `{code, message, results?}`: the envelope of every JSON answer.
#[derive(Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) results: Option<T>,
}

/// The envelope of an error. The code is a string at every release; the published schema has numbers.
#[derive(Default, Deserialize)]
pub(crate) struct Fault {
    #[serde(default)]
    pub(crate) code: Option<serde_json::Value>,
    #[serde(default)]
    pub(crate) message: Option<String>,
}

/// A row of `GET /chats`.
#[derive(Default, Deserialize)]
pub(crate) struct Chat {
    #[serde(default)]
    pub(crate) jid: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) last_message_time: Option<String>,
    #[serde(default)]
    pub(crate) ephemeral_expiration: Option<u64>,
    /// Since v8.3.3.
    #[serde(default)]
    pub(crate) archived: Option<bool>,
}

/// A row of `GET /chat/{jid}/messages`.
#[derive(Default, Deserialize)]
pub(crate) struct Message {
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) chat_jid: Option<String>,
    /// With the number of the linked device where it was sent through the gateway.
    #[serde(default)]
    pub(crate) sender_jid: Option<String>,
    /// Since v9.0.1.
    #[serde(default)]
    pub(crate) sender_display_name: Option<String>,
    #[serde(default)]
    pub(crate) content: Option<String>,
    #[serde(default)]
    pub(crate) timestamp: Option<String>,
    #[serde(default)]
    pub(crate) is_from_me: Option<bool>,
    #[serde(default)]
    pub(crate) media_type: Option<String>,
    /// Since v8.6.0, and only where there are any.
    #[serde(default)]
    pub(crate) reactions: Option<Vec<Reaction>>,
    #[serde(default)]
    pub(crate) filename: Option<String>,
    #[serde(default)]
    pub(crate) file_length: Option<u64>,
}

/// The chat told with `GET /chat/{jid}/messages`.
#[derive(Default, Deserialize)]
pub(crate) struct ChatInfo {
    #[serde(default)]
    pub(crate) chat_info: Option<Chat>,
}

/// One reaction in a message.
#[derive(Default, Deserialize)]
pub(crate) struct Reaction {
    #[serde(default)]
    pub(crate) emoji: Option<String>,
    #[serde(default)]
    pub(crate) sender_jid: Option<String>,
    #[serde(default)]
    pub(crate) is_from_me: Option<bool>,
    #[serde(default)]
    pub(crate) timestamp: Option<String>,
}

/// `GET /app/status`.
#[derive(Default, Deserialize)]
pub(crate) struct AppStatus {
    /// The slot; before v8 the account's own JID with its device.
    #[serde(default)]
    pub(crate) device_id: Option<String>,
    #[serde(default)]
    pub(crate) is_connected: Option<bool>,
    #[serde(default)]
    pub(crate) is_logged_in: Option<bool>,
    /// Since v8.8.0; empty while no phone is paired.
    #[serde(default)]
    pub(crate) jid: Option<String>,
}

/// `GET /app/info`, since v9.0.0.
#[derive(Default, Deserialize)]
pub(crate) struct AppInfo {
    #[serde(default)]
    pub(crate) version: Option<String>,
}

/// A row of `GET /devices`, since v8.0.0.
#[derive(Default, Deserialize)]
pub(crate) struct Device {
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) jid: Option<String>,
}

/// What a send, edit, reaction or deletion tells.
#[derive(Default, Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    pub(crate) message_id: Option<String>,
}

/// `GET /message/{id}/download`.
#[derive(Default, Deserialize)]
pub(crate) struct Download {
    #[serde(default)]
    pub(crate) filename: Option<String>,
    /// Below the gateway's own address.
    #[serde(default)]
    pub(crate) file_path: Option<String>,
    #[serde(default)]
    pub(crate) file_size: Option<u64>,
}

/// `GET /user/avatar`.
#[derive(Default, Deserialize)]
pub(crate) struct Avatar {
    #[serde(default)]
    pub(crate) url: Option<String>,
}

/// `GET /user/info`; the two ids since v8.3.0.
#[derive(Default, Deserialize)]
pub(crate) struct UserInfo {
    /// Digits.
    #[serde(default)]
    pub(crate) resolved_phone: Option<String>,
    /// A full `…@lid`.
    #[serde(default)]
    pub(crate) resolved_lid: Option<String>,
}
