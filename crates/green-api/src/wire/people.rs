use serde::Deserialize;
use serde_json::Value;

use super::Stamp;

/// `getContactInfo`; what isn't known is `""`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ContactInfo {
    pub(crate) avatar: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) contact_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) last_seen: Option<Value>,
    pub(crate) is_business: Option<bool>,
    pub(crate) chat_id: Option<String>,
    pub(crate) lid: Option<String>,
}

/// `getGroupData` as a group; for its members' ids alone see [`GroupData`](super::GroupData).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) owner: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) creation: Option<Stamp>,
    pub(crate) participants: Option<Vec<Member>>,
}

/// A member of a group.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) id: Option<String>,
    pub(crate) chat_id: Option<String>,
    pub(crate) lid: Option<String>,
    pub(crate) is_admin: Option<bool>,
    pub(crate) is_super_admin: Option<bool>,
}

/// `qr`: the type is `qrCode`, `alreadyLogged` or `error`, the message a PNG in base64 or a text.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Qr {
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) message: Option<String>,
}

/// `getAuthorizationCode`; a false status means "ask again later".
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthorizationCode {
    pub(crate) status: Option<bool>,
    pub(crate) code: Option<String>,
}
