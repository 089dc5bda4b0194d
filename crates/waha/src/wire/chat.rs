use serde::Deserialize;
use serde::de::IgnoredAny;

use super::WireMessage;
use super::scalar::{Flag, Jid, Number};

/// A chat as its engine hands it out; which fields there are tells the engine.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireChat {
    pub(crate) id: Option<Jid>,
    pub(crate) name: Option<String>,
    pub(crate) conversation_timestamp: Option<Number>,

    // WEBJS
    pub(crate) timestamp: Option<Number>,
    pub(crate) is_muted: Option<bool>,
    pub(crate) last_message: Option<Box<WireMessage>>,
    pub(crate) group_metadata: Option<GroupMetadata>,

    // WPP
    pub(crate) formatted_title: Option<String>,
    pub(crate) t: Option<Number>,
    pub(crate) archive: Option<Flag>,
    pub(crate) pin: Option<Flag>,
    pub(crate) ephemeral_duration: Option<Number>,

    // both of them
    pub(crate) unread_count: Option<Number>,
    pub(crate) mute_expiration: Option<Number>,

    // WEBJS and NOWEB
    pub(crate) archived: Option<Flag>,
    pub(crate) pinned: Option<Flag>,

    // NOWEB
    pub(crate) last_message_recv_timestamp: Option<Number>,
    pub(crate) mute_end_time: Option<Number>,
    pub(crate) ephemeral_expiration: Option<Number>,
    pub(crate) lid_jid: Option<Jid>,
    pub(crate) disappearing_mode: Option<IgnoredAny>,
    pub(crate) not_spam: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GroupMetadata {
    pub(crate) ephemeral_duration: Option<Number>,
}

/// A chat of the overview.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) id: Option<Jid>,
    pub(crate) name: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) last_message: Option<WireMessage>,
    #[serde(rename = "_chat")]
    pub(crate) chat: Option<WireChat>,
}
