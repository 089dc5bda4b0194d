use serde::Deserialize;
use smol_str::SmolStr;
use wachats_core::{ChatId, MessageKey};

use super::{Id, Stamp};

/// An entry of a journal or the body of a notification, in the spellings of both: a payload named `X` in the
/// journal is named `XData` in a notification. The same shape recurs as `messageData` and `quotedMessage`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) id_message: Id<MessageKey>,
    pub(crate) chat_id: Id<ChatId>,
    pub(crate) timestamp: Option<Stamp>,
    /// `incoming` or `outgoing`.
    #[serde(rename = "type")]
    pub(crate) direction: Option<SmolStr>,
    pub(crate) type_message: Option<SmolStr>,
    pub(crate) sender_id: Id<ChatId>,
    pub(crate) sender_name: Option<String>,
    pub(crate) sender_contact_name: Option<String>,
    pub(crate) status_message: Option<SmolStr>,
    pub(crate) send_by_api: Option<bool>,
    pub(crate) deleted_message_id: Id<MessageKey>,
    pub(crate) edited_message_id: Id<MessageKey>,
    pub(crate) is_edited: Option<bool>,
    pub(crate) is_deleted: Option<bool>,

    // notifications alone
    pub(crate) type_webhook: Option<SmolStr>,
    pub(crate) sender_data: Option<Box<SenderData>>,
    pub(crate) instance_data: Option<Box<InstanceData>>,
    /// Who calls.
    pub(crate) from: Id<ChatId>,
    /// Of a notification all of the content, of a journal's `contactsArrayMessage` the contacts.
    pub(crate) message_data: Option<Box<Entry>>,

    // of a quoted message
    pub(crate) stanza_id: Id<MessageKey>,
    pub(crate) participant: Id<ChatId>,

    // texts
    pub(crate) text_message: Option<String>,
    pub(crate) text_message_data: Option<Box<TextData>>,
    pub(crate) extended_text_message: Option<Box<Extended>>,
    pub(crate) extended_text_message_data: Option<Box<Extended>>,
    pub(crate) edited_message_data: Option<Box<TextData>>,
    pub(crate) deleted_message_data: Option<Box<TextData>>,
    pub(crate) quoted_message: Option<Box<Entry>>,

    // media, flat in the journal
    pub(crate) download_url: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) mime_type: Option<String>,
    pub(crate) is_forwarded: Option<bool>,
    pub(crate) file_message_data: Option<Box<FileData>>,

    // the rest
    #[serde(alias = "locationMessageData")]
    pub(crate) location: Option<Box<Place>>,
    #[serde(alias = "contactMessageData")]
    pub(crate) contact: Option<Box<Card>>,
    pub(crate) contacts: Option<Vec<Card>>,
    pub(crate) poll_message_data: Option<Box<Poll>>,
    #[serde(
        alias = "interactiveButtonsReply",
        alias = "buttonsMessage",
        alias = "listMessage",
        alias = "templateMessage"
    )]
    pub(crate) interactive_buttons: Option<Box<Buttons>>,
    #[serde(
        alias = "templateButtonReplyMessage",
        alias = "templateButtonsReplyMessage",
        alias = "buttonsResponseMessage",
        alias = "listResponseMessage"
    )]
    pub(crate) interactive_buttons_response: Option<Box<Selected>>,
    #[serde(alias = "groupInviteMessageData")]
    pub(crate) group_invite_message: Option<Box<Invite>>,
}

/// Of a notification: which chat, and who wrote.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SenderData {
    pub(crate) chat_id: Id<ChatId>,
    pub(crate) sender: Id<ChatId>,
    pub(crate) sender_name: Option<String>,
    pub(crate) sender_contact_name: Option<String>,
}

/// Of a notification: whose account it is.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct InstanceData {
    pub(crate) wid: Option<String>,
}

/// Text of a notification, an edit, or what a deletion is about.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct TextData {
    pub(crate) text_message: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) stanza_id: Id<MessageKey>,
}

/// Text with a preview or an answer; the emoji of a reaction.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Extended {
    pub(crate) text: Option<String>,
    pub(crate) stanza_id: Id<MessageKey>,
    pub(crate) participant: Id<ChatId>,
    pub(crate) is_forwarded: Option<bool>,
}

/// The file of a notification.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct FileData {
    pub(crate) download_url: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) mime_type: Option<String>,
    pub(crate) is_forwarded: Option<bool>,
}

/// A place.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Place {
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) name_location: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) is_forwarded: Option<bool>,
}

/// A contact card.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Card {
    pub(crate) display_name: Option<String>,
    pub(crate) vcard: Option<String>,
    pub(crate) is_forwarded: Option<bool>,
}

/// A poll, or votes for one.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Poll {
    pub(crate) name: Option<String>,
    /// Of votes: the poll.
    pub(crate) stanza_id: Id<MessageKey>,
}

/// A message with buttons or a list to choose from.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Buttons {
    pub(crate) content_text: Option<String>,
    pub(crate) title_text: Option<String>,
    pub(crate) title: Option<String>,
}

/// What was chosen.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Selected {
    pub(crate) stanza_id: Id<MessageKey>,
    pub(crate) selected_display_text: Option<String>,
    pub(crate) selected_button_text: Option<String>,
    pub(crate) title: Option<String>,
}

/// An invitation to a group; null in journals.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Invite {
    pub(crate) caption: Option<String>,
}
