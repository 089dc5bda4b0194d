//! The methods of the wire that wachats calls, and how often Green-API lets each be called.

use reqwest::Method;
use wachats_core::transport::Rates;

/// One method of the wire.
#[derive(Clone, Copy)]
pub(crate) struct Verb {
    /// Its name, in the spelling of today's documents.
    pub(crate) name: &'static str,
    /// What spans show in place of the path.
    pub(crate) route: &'static str,
    get: bool,
}

impl Verb {
    /// GET or POST: the wrong one is answered with 404.
    pub(crate) fn method(self) -> Method {
        if self.get { Method::GET } else { Method::POST }
    }
}

macro_rules! verbs {
    ($($constant:ident = $name:literal, $get:literal;)*) => {$(
        pub(crate) const $constant: Verb = Verb {
            name: $name,
            route: concat!("/waInstance{instance}/", $name, "/{token}"),
            get: $get,
        };
    )*};
}

verbs! {
    GET_CHATS = "getChats", true;
    GET_CONTACTS = "getContacts", true;
    GET_AVATAR = "getAvatar", false;
    GET_GROUP_DATA = "getGroupData", false;
    CHECK_WHATSAPP = "checkWhatsapp", false;
    GET_STATE_INSTANCE = "getStateInstance", true;
    GET_SETTINGS = "getSettings", true;
    GET_WA_SETTINGS = "getWaSettings", true;
    GET_CONTACT_INFO = "getContactInfo", false;
    QR = "qr", true;
    GET_AUTHORIZATION_CODE = "getAuthorizationCode", false;
    REBOOT = "reboot", true;
    LOGOUT = "logout", true;
    GET_CHAT_HISTORY = "getChatHistory", false;
    GET_MESSAGE = "getMessage", false;
    LAST_INCOMING = "lastIncomingMessages", true;
    LAST_OUTGOING = "lastOutgoingMessages", true;
    DOWNLOAD_FILE = "downloadFile", false;
    READ_CHAT = "readChat", false;
    ARCHIVE_CHAT = "archiveChat", false;
    UNARCHIVE_CHAT = "unarchiveChat", false;
    SET_DISAPPEARING_CHAT = "setDisappearingChat", false;
    EDIT_MESSAGE = "editMessage", false;
    DELETE_MESSAGE = "deleteMessage", false;
    SEND_MESSAGE = "sendMessage", false;
    SEND_FILE_BY_UPLOAD = "sendFileByUpload", false;
    SEND_FILE_BY_URL = "sendFileByUrl", false;
    SEND_LOCATION = "sendLocation", false;
    SEND_CONTACT = "sendContact", false;
    SEND_POLL = "sendPoll", false;
    FORWARD_MESSAGES = "forwardMessages", false;
    SEND_TYPING = "sendTyping", false;
}

/// The limiter's key of a method that has none of its own.
pub(crate) const UNLISTED: &str = "unlisted";

/// Requests a second for each method of an instance, as published; what is not listed is taken as 1.
pub(crate) const RATES: Rates = Rates { by_method: BY_METHOD, other: Some(1.0) };

const BY_METHOD: &[(&str, f64)] = &[
    ("receiveNotification", 100.0),
    ("deleteNotification", 100.0),
    ("sendMessage", 50.0),
    ("sendFileByUrl", 50.0),
    ("sendFileByUpload", 50.0),
    ("sendPoll", 50.0),
    ("sendLocation", 50.0),
    ("sendContact", 50.0),
    ("forwardMessages", 50.0),
    ("getMessage", 10.0),
    ("readChat", 10.0),
    ("deleteMessage", 10.0),
    ("archiveChat", 10.0),
    ("unarchiveChat", 10.0),
    ("checkWhatsapp", 10.0),
    ("getAvatar", 10.0),
    ("addGroupParticipant", 10.0),
    ("removeGroupParticipant", 10.0),
    ("setGroupAdmin", 10.0),
    ("removeAdmin", 10.0),
    ("leaveGroup", 10.0),
    ("deleteStatus", 10.0),
    ("downloadFile", 5.0),
    ("sendTextStatus", 5.0),
    ("sendVoiceStatus", 5.0),
    ("sendMediaStatus", 5.0),
    ("qr", 3.0),
    ("getChatHistory", 1.0),
    ("lastIncomingMessages", 1.0),
    ("lastOutgoingMessages", 1.0),
    ("getContacts", 1.0),
    ("getContactInfo", 1.0),
    ("getChats", 1.0),
    ("setDisappearingChat", 1.0),
    ("getSettings", 1.0),
    ("setSettings", 1.0),
    ("getStateInstance", 1.0),
    ("getStatusInstance", 1.0),
    ("getWaSettings", 1.0),
    ("getAuthorizationCode", 1.0),
    ("reboot", 1.0),
    ("logout", 1.0),
    ("createGroup", 1.0),
    ("updateGroupName", 1.0),
    ("getGroupData", 1.0),
    ("setGroupPicture", 1.0),
    ("showMessagesQueue", 1.0),
    ("clearMessagesQueue", 1.0),
    ("getIncomingStatuses", 1.0),
    ("getOutgoingStatuses", 1.0),
    ("getStatusStatistic", 1.0),
    ("editMessage", 1.0),
    ("setProfilePicture", 0.1),
];

/// The limiter's key of a method by its name.
pub(crate) fn rate_key(name: &str) -> &'static str {
    BY_METHOD.iter().find(|(key, _)| *key == name).map_or(UNLISTED, |(key, _)| key)
}

/// Does this method only read? Several GETs have effects (`reboot`, `logout`, `clearMessagesQueue`, `qr`),
/// and most reads are POSTs.
pub(crate) fn only_reads(name: &str) -> bool {
    let reads = ["get", "last", "show", "check", "receiveNotification", "downloadFile"];
    reads.iter().any(|start| name.starts_with(start)) && name != "getAuthorizationCode"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_called_has_a_rate_of_its_own() {
        for verb in [
            GET_CHATS,
            GET_CONTACTS,
            GET_AVATAR,
            GET_GROUP_DATA,
            CHECK_WHATSAPP,
            GET_STATE_INSTANCE,
            GET_SETTINGS,
            GET_WA_SETTINGS,
            GET_CONTACT_INFO,
            QR,
            GET_AUTHORIZATION_CODE,
            REBOOT,
            LOGOUT,
            GET_CHAT_HISTORY,
            GET_MESSAGE,
            LAST_INCOMING,
            LAST_OUTGOING,
            DOWNLOAD_FILE,
            READ_CHAT,
            ARCHIVE_CHAT,
            UNARCHIVE_CHAT,
            SET_DISAPPEARING_CHAT,
            EDIT_MESSAGE,
            DELETE_MESSAGE,
            SEND_MESSAGE,
            SEND_FILE_BY_UPLOAD,
            SEND_FILE_BY_URL,
            SEND_LOCATION,
            SEND_CONTACT,
            SEND_POLL,
            FORWARD_MESSAGES,
        ] {
            assert_eq!(rate_key(verb.name), verb.name);
            assert!(verb.route.ends_with("/{token}"));
        }
        assert_eq!(rate_key("setGroupDescription"), UNLISTED);
    }

    #[test]
    fn gets_with_effects_are_changes() {
        for name in ["reboot", "logout", "clearMessagesQueue", "qr", "getAuthorizationCode", "sendMessage"] {
            assert!(!only_reads(name), "{name}");
        }
        for name in ["getChatHistory", "lastIncomingCalls", "checkWhatsapp", "showMessagesQueue"] {
            assert!(only_reads(name), "{name}");
        }
    }
}
