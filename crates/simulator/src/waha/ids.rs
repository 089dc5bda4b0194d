//! Message ids in WAHA's spelling.

use super::app::Call;
use super::reply::{Reply, crash};
use crate::world::{Message, World, ids};

/// A message id taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MessageId {
    /// `None` where only the key was given.
    pub(crate) from_me: Option<bool>,
    pub(crate) chat: Option<String>,
    pub(crate) key: String,
}

/// `{fromMe}_{chat}_{key}`, and `_{participant}` in groups and among the status posts.
pub(crate) fn full_id(world: &World, message: &Message) -> String {
    let base = format!("{}_{}_{}", message.from_me, message.chat, message.key);
    if ids::has_participants(&message.chat) { format!("{base}_{}", world.sender_of(message)) } else { base }
}

/// Takes an id apart; WAHA insists on three or four parts.
pub(crate) fn parse(call: &Call<'_>, text: &str, place: &str) -> Result<MessageId, Reply> {
    let parts: Vec<&str> = text.split('_').collect();
    match parts.as_slice() {
        [from_me, chat, key] | [from_me, chat, key, _] => Ok(MessageId {
            from_me: Some(*from_me == "true"),
            chat: Some(ids::canonical(chat)),
            key: (*key).to_owned(),
        }),
        _ => Err(crash(
            call,
            "Error",
            "Message id be in format false_11111111111@c.us_AAAAAAAAAAAAAAAAAAAA[_participant]",
            place,
        )),
    }
}

/// Takes an id apart, or lets a bare key pass.
pub(crate) fn parse_or_bare(call: &Call<'_>, text: &str, place: &str) -> Result<MessageId, Reply> {
    if text.contains('_') {
        return parse(call, text, place);
    }
    Ok(MessageId { from_me: None, chat: None, key: text.to_owned() })
}
