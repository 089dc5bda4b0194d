//! People, groups and pairing on the wire. Every field may be missing, as everywhere.

use serde::Deserialize;

/// `GET /user/my/contacts`; no rows are `null`.
#[derive(Default, Deserialize)]
pub(crate) struct Contact {
    #[serde(default)]
    pub(crate) jid: Option<String>,
    /// The address book's name, else the person's own, else the business', else `""`.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

/// `GET /user/info`.
#[derive(Default, Deserialize)]
pub(crate) struct Info {
    #[serde(default)]
    pub(crate) data: Option<Vec<Person>>,
    /// Digits; since v8.3.0, where a lid was asked for.
    #[serde(default)]
    pub(crate) resolved_phone: Option<String>,
    /// A full `…@lid`; since v8.3.0.
    #[serde(default)]
    pub(crate) resolved_lid: Option<String>,
}

/// A person in `GET /user/info`. `verified_name` is printed Go structure text, not a name.
#[derive(Default, Deserialize)]
pub(crate) struct Person {
    /// The name of the stored chat.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// What they say of themselves.
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) picture_id: Option<String>,
    #[serde(default)]
    pub(crate) devices: Option<Vec<Device>>,
}

/// A device of a person: its user is the number as WhatsApp knows it.
#[derive(Default, Deserialize)]
pub(crate) struct Device {
    #[serde(default, rename = "User")]
    pub(crate) user: Option<String>,
    #[serde(default, rename = "Server")]
    pub(crate) server: Option<String>,
}

/// `GET /user/check`.
#[derive(Default, Deserialize)]
pub(crate) struct Check {
    #[serde(default)]
    pub(crate) is_on_whatsapp: Option<bool>,
}

/// `GET /group/info`: the protocol library's structure. An unset id is `""`, an unset time that of the year 1.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Group {
    #[serde(rename = "OwnerJID")]
    pub(crate) owner_jid: Option<String>,
    #[serde(rename = "OwnerPN")]
    pub(crate) owner_pn: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) group_created: Option<String>,
    pub(crate) is_announce: Option<bool>,
    pub(crate) is_locked: Option<bool>,
    pub(crate) participants: Option<Vec<Member>>,
}

/// A member of a group. The id may be a lid while the phone stands beside it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Member {
    #[serde(rename = "JID")]
    pub(crate) jid: Option<String>,
    pub(crate) phone_number: Option<String>,
    #[serde(rename = "LID")]
    pub(crate) lid: Option<String>,
    pub(crate) is_admin: Option<bool>,
    pub(crate) is_super_admin: Option<bool>,
}

/// `GET /app/login`.
#[derive(Default, Deserialize)]
pub(crate) struct Login {
    /// The address of a PNG below the gateway's own.
    #[serde(default)]
    pub(crate) qr_link: Option<String>,
    /// In seconds.
    #[serde(default)]
    pub(crate) qr_duration: Option<u64>,
}

/// `GET /app/login-with-code`.
#[derive(Default, Deserialize)]
pub(crate) struct LoginCode {
    #[serde(default)]
    pub(crate) pair_code: Option<String>,
}

/// Looks whether a list is `null` without reading its rows.
#[derive(Default, Deserialize)]
pub(crate) struct NoRows {
    #[serde(default)]
    pub(crate) data: Option<serde::de::IgnoredAny>,
}
