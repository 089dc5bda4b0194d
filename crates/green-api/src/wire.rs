//! What stands on the wire, every field optional: journals, notifications and the answers of other methods.

mod entry;
mod id;
mod people;
mod stamp;

use serde::Deserialize;
use serde_json::Value;

pub(crate) use entry::{Card, Entry, Place};
pub(crate) use id::Id;
pub(crate) use people::{AuthorizationCode, ContactInfo, Group, Member, Qr};
pub(crate) use stamp::Stamp;

/// A row of `getChats` or `getContacts`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ChatRow {
    pub(crate) id: Option<String>,
    /// Some versions name it so.
    pub(crate) chat_id: Option<String>,
    /// A string or a number.
    pub(crate) phone_number: Option<Value>,
    pub(crate) lid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) contact_name: Option<String>,
    pub(crate) archive: Option<bool>,
    /// In seconds; 0 is off.
    pub(crate) ephemeral_expiration: Option<u64>,
}

/// `getAvatar`, in today's form and that of 2023.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Avatar {
    pub(crate) url_avatar: Option<String>,
    pub(crate) reason: Option<String>,
}

/// `getGroupData`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GroupData {
    pub(crate) participants: Option<Vec<ChatRow>>,
}

/// `checkWhatsapp`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Existence {
    pub(crate) exists_whatsapp: Option<bool>,
    /// In LID mode alone; it may be a lid.
    pub(crate) chat_id: Option<String>,
}

/// `getStateInstance`; the state is null while the instance is being created.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) state_instance: Option<String>,
}

/// The settings that hold data back. Each is `"yes"` or `"no"`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Settings {
    pub(crate) wid: Option<String>,
    pub(crate) type_instance: Option<String>,
    pub(crate) incoming_webhook: Option<String>,
    pub(crate) outgoing_message_webhook: Option<String>,
    #[serde(rename = "outgoingAPIMessageWebhook")]
    pub(crate) outgoing_api_message_webhook: Option<String>,
    pub(crate) edited_message_webhook: Option<String>,
    pub(crate) deleted_message_webhook: Option<String>,
}

/// `getWaSettings`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WaSettings {
    pub(crate) phone: Option<String>,
    /// The account's device, `…:8@s.whatsapp.net`.
    pub(crate) device_id: Option<String>,
}

/// `downloadFile`, where it answers with an address.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct File {
    pub(crate) download_url: Option<String>,
}
