//! What each release can do, and why not more.

use wachats_core::{Capabilities, Capability as C, Ending, Entry, Gateway, Pager, Paging};

use crate::version::{V8_1, V8_3, V8_3_3, Version};

/// The most rows of a page, of chats and of messages.
pub(crate) const MAX_PAGE: u32 = 100;
/// Times are shown in whole seconds and stored finer.
const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

/// The capabilities of a server of this version.
pub(crate) fn of(version: &Version) -> Capabilities {
    let mut all = Capabilities::none(Gateway::GOWA, "the gateway has no such route");
    all.version = version.shown();
    all.chats = Paging::new(Pager::Offset, Ending::ShortPage, MAX_PAGE, MAX_PAGE);
    all.messages = Paging::new(Pager::Time { overlap: SECOND }, Ending::ShortPage, MAX_PAGE, MAX_PAGE);
    all.set_all(
        &[
            C::ListChats,
            C::ChatsOffset,
            C::ListMessages,
            C::MessagesOffset,
            C::FilterSince,
            C::FilterUntil,
            C::FilterFromMe,
            C::FilterMedia,
            C::PinChat,
            C::Star,
            C::SendText,
            C::Status,
        ],
        &Entry::native(),
    );
    all.set(C::ChatsSort, Entry::no("the gateway lists the last active chats first, in no other order"))
        .set(C::FilterAck, Entry::no("the gateway keeps no state of delivery"))
        .set(C::MarkUnread, Entry::no("the gateway can't mark a chat as unread"))
        .set(C::DeleteChat, Entry::no("the gateway can't delete a chat"))
        .set(C::ClearMessages, Entry::no("the gateway can't clear a chat"))
        .set(C::PinMessage, Entry::no("the gateway pins chats, not messages"))
        .set(C::AllMessages, Entry::no("the gateway lists the messages of one chat at a time"))
        .set(C::PictureRefresh, Entry::no("the gateway keeps no picture: each address is asked for anew"));
    all.set(C::FilterName, Entry::emulated("reads the list of chats; the gateway's own search takes % and _ as wildcards and folds ASCII alone"))
        .set(C::Search, Entry::emulated("reads the chat, 100 messages a request; one request where the gateway's own search can't be wrong"))
        .set(C::GetMessage, Entry::emulated("reads the chat from the newest message on, 100 a request"))
        .set(C::Overview, Entry::emulated("two requests a chat beside the list: the newest message and the picture"))
        .set(C::MarkRead, Entry::emulated("one look-up and a read receipt for each of the 25 newest incoming messages; chats with one person alone"));
    all.set(C::Reply, Entry::native().because("a message that the gateway doesn't store is answered without its quote"))
        .set(C::EditMessage, Entry::native().because("the gateway's own list keeps the old text"))
        .set(C::DeleteForEveryone, Entry::native().because("up to v9.2.0 the gateway's own list keeps the message"))
        .set(C::DeleteForMe, Entry::native().because("up to v9.2.0 the gateway's own list keeps the message; it guesses from the key's length whose message it is"))
        .set(C::React, Entry::native().because("the gateway's own list doesn't show it; taking one back came with v8.3.4"));
    let not_built = Entry::no("not built yet");
    all.set_all(&[C::SendMedia, C::WebhookEvents, C::PollEvents, C::ChatArchiveEvent], &not_built);
    all.set(
        C::Archive,
        since(version, V8_1, "archiving came with v8.1.0; an older server refuses it by itself"),
    )
    .set(
        C::Disappearing,
        since(version, (7, 10, 2), "the timer came with v7.10.2; an older server refuses it by itself"),
    )
    .set(
        C::DownloadMedia,
        since(version, (7, 5, 1), "downloads came with v7.5.1; an older server refuses them by itself"),
    )
    .set(
        C::ResolveLid,
        since(version, V8_3, "resolving came with v8.3.0; on an older server the other id stays unknown"),
    )
    .set(C::FilterArchived, archived(version))
    .set(
        C::ChatPicture,
        match version.at_least(V8_1) {
            Some(true) => Entry::native(),
            _ => Entry::native().because(
                "asked for only while WhatsApp is connected: up to v8.0.0 the gateway crashes otherwise",
            ),
        },
    );
    all
}

/// What came with a release and is refused by older ones in so many words.
fn since(version: &Version, number: (u16, u16, u16), reason: &'static str) -> Entry {
    match version.at_least(number) {
        Some(true) => Entry::native(),
        Some(false) => Entry::no(reason),
        None => Entry::native().because(reason),
    }
}

/// Older servers ignore the filter, and some can't be told from newer ones until they have a chat.
fn archived(version: &Version) -> Entry {
    match version.at_least(V8_3_3) {
        Some(true) => Entry::native(),
        Some(false) => Entry::no(
            "before v8.3.3 the gateway ignores the filter and doesn't tell which chats are archived",
        ),
        None if *version == Version::UNKNOWN => {
            Entry::native().because("v8.3.3 and later; the server is asked first")
        }
        None => Entry::no(
            "the server is a v8 that can't be told from one before v8.3.3, which ignores the filter, until it has a chat",
        ),
    }
}

/// Capabilities of which a wrong guess would be answered wrongly in silence.
pub(crate) fn unsure(version: &Version) -> Vec<C> {
    match version.at_least(V8_3_3) {
        Some(_) => Vec::new(),
        None if *version == Version::UNKNOWN => vec![C::FilterArchived, C::ResolveLid],
        None => vec![C::FilterArchived],
    }
}

#[cfg(test)]
mod tests {
    use wachats_core::Support;

    use super::*;

    #[test]
    fn what_is_not_native_has_a_reason() {
        for version in [Version::UNKNOWN, Version::V7, Version::V8, Version::told("v9.2.0")] {
            let all = of(&version);
            for (capability, entry) in all.iter() {
                assert!(entry.support == Support::Native || entry.reason.is_some(), "{capability}");
                assert_ne!(
                    entry.reason.as_deref(),
                    Some("the gateway has no such route"),
                    "{capability} is not said"
                );
            }
        }
    }

    #[test]
    fn versions_differ_where_the_gateway_does() {
        let support = |version: &Version, capability| of(version).support(capability);
        let new = Version::told("v9.2.0");
        assert_eq!(support(&Version::V7, C::Archive), Support::No);
        assert_eq!(support(&Version::V8, C::Archive), Support::Native);
        assert_eq!(support(&Version::V8.before(V8_3_3), C::FilterArchived), Support::No);
        assert_eq!(support(&Version::V8, C::FilterArchived), Support::No);
        assert_eq!(support(&new, C::FilterArchived), Support::Native);
        assert!(unsure(&new).is_empty() && unsure(&Version::V7).is_empty());
        assert_eq!(unsure(&Version::V8), [C::FilterArchived]);
        assert_eq!(of(&new).version.as_deref(), Some("v9.2.0"));
    }
}
