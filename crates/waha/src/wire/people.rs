use serde::Deserialize;
use wachats_core::ChatId;

use super::scalar::{Flag, Jid};

/// A contact in the fields of all engines; `jid`, `notify`, `verifiedName` and `businessName` are the words of
/// Wappfy's prose.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireContact {
    pub(crate) id: Option<Jid>,
    pub(crate) jid: Option<Jid>,
    pub(crate) name: Option<String>,
    pub(crate) pushname: Option<String>,
    pub(crate) push_name: Option<String>,
    pub(crate) notify: Option<String>,
    pub(crate) verified_name: Option<String>,
    pub(crate) business_name: Option<String>,
    pub(crate) lid: Option<Jid>,
    pub(crate) is_business: Option<Flag>,
    pub(crate) is_my_contact: Option<Flag>,
}

impl WireContact {
    /// Its id, whatever it is called.
    pub(crate) fn id(&self) -> Option<&ChatId> {
        [&self.id, &self.jid].into_iter().flatten().find_map(|jid| jid.id.as_ref())
    }
}

/// `GET /api/contacts/check-exists`; `exists`, `isInWhatsapp` and `jid` are the words of Wappfy's prose.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Existence {
    pub(crate) number_exists: Option<Flag>,
    pub(crate) exists: Option<Flag>,
    pub(crate) is_in_whatsapp: Option<Flag>,
    pub(crate) chat_id: Option<Jid>,
    pub(crate) jid: Option<Jid>,
    /// The phone where `chat_id` is a lid (GOWS).
    pub(crate) pn: Option<Jid>,
}
