//! What each release can do, and why not more.

use wachats_core::{Capabilities, Capability as C, Ending, Entry, Gateway, Pager, Paging};

use crate::version::{V7_5_1, V7_10_2, V8_1, V8_3, V8_3_3, V8_11, Version};

/// The most rows of a page, of chats and of messages.
pub(crate) const MAX_PAGE: u32 = 100;
/// Times are shown in whole seconds and stored finer.
const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

/// What each release does without more ado.
const PLAIN: &[C] = &[
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
    C::PairQr,
    C::PairCode,
    C::Contacts,
    C::GroupInfo,
];

/// What no release can do.
const LACKING: &[(C, &str)] = &[
    (C::ChatsSort, "the gateway lists the last active chats first, in no other order"),
    (C::FilterAck, "the gateway keeps no state of delivery"),
    (C::MarkUnread, "the gateway can't mark a chat as unread"),
    (C::DeleteChat, "the gateway can't delete a chat"),
    (C::ClearMessages, "the gateway can't clear a chat"),
    (C::PinMessage, "the gateway pins chats, not messages"),
    (C::AllMessages, "the gateway lists the messages of one chat at a time"),
    (C::PictureRefresh, "the gateway keeps no picture: each address is asked for anew"),
    (C::PollEvents, "the gateway's websocket tells of no messages: events come by webhook alone"),
    (C::ChatArchiveEvent, "the gateway tells nobody when a chat is archived"),
];

/// What is composed, and what it costs.
const EMULATED: &[(C, &str)] = &[
    (
        C::FilterName,
        "reads the list, 100 chats a request; the gateway's own search takes % and _ as wildcards and folds \
         ASCII alone",
    ),
    (
        C::Search,
        "reads the chat, 100 messages a request; the gateway's own search takes % and _ as wildcards, folds \
         ASCII alone and drops other filters",
    ),
    (C::GetMessage, "reads the chat from the newest message on, 100 a request"),
    (C::Overview, "two requests a chat beside the list: the newest message and the picture"),
    (
        C::Sync,
        "a look at the status, the first 100 chats and a request for each that was active since; history \
         that the gateway takes in later than the overlap isn't seen",
    ),
    (
        C::MarkRead,
        "one look-up and a read receipt for each of the 25 newest incoming messages; chats with one person alone",
    ),
];

/// What is to be known of what the gateway does itself.
const LIMITED: &[(C, &str)] = &[
    (C::SessionControl, "restart and logout alone: the gateway connects by itself"),
    (
        C::SendMedia,
        "documents of up to 50 MB, else requests of up to 100 MB; one look-up before each, for the chat's timer",
    ),
    (C::SendLocation, "without name, address and reply"),
    (C::SendContact, "without reply; the name can't hold a semicolon or a backslash"),
    (C::SendPoll, "without reply"),
    (C::Typing, "writing alone, not recording"),
    (C::Reply, "a message that the gateway doesn't store is answered without its quote"),
    (C::EditMessage, "the gateway's own list keeps the old text"),
    (C::DeleteForEveryone, "up to v9.2.0 the gateway's own list keeps the message"),
    (
        C::DeleteForMe,
        "up to v9.2.0 the gateway's own list keeps the message; it guesses from the key's length whose it is",
    ),
    (
        C::WebhookEvents,
        "messages sent through the gateway are not told; set per device since v8.10.0, before by the server's \
         environment; what fails 5 times is lost",
    ),
    (C::React, "the gateway's own list doesn't show it; taking one back came with v8.3.4"),
];

const OLD_FORWARD: &str = "forwarding came with v8.11.0; an older server refuses it";
const FORWARD: &str = "the message is looked for in its chat first, 100 a request; places, cards and polls that the \
                       gateway sent itself arrive as texts, voice notes as audio";

/// The capabilities of a server of this version.
pub(crate) fn of(version: &Version) -> Capabilities {
    let mut all = Capabilities::none(Gateway::GOWA, "the gateway has no such route");
    all.version = version.shown();
    all.chats = Paging::new(Pager::Offset, Ending::ShortPage, MAX_PAGE, MAX_PAGE);
    all.messages = Paging::new(Pager::Time { overlap: SECOND }, Ending::ShortPage, MAX_PAGE, MAX_PAGE);
    all.set_all(PLAIN, &Entry::native());
    for (capability, reason) in LACKING {
        all.set(*capability, Entry::no(*reason));
    }
    for (capability, cost) in EMULATED {
        all.set(*capability, Entry::emulated(*cost));
    }
    for (capability, limit) in LIMITED {
        all.set(*capability, Entry::native().because(*limit));
    }
    let timer = since(version, V7_10_2, "the timer came with v7.10.2; an older server refuses it");
    let forward = match version.at_least(V8_11) {
        Some(true) => Entry::native().because(FORWARD),
        Some(false) => Entry::no(OLD_FORWARD),
        None => Entry::native().because(format!("{OLD_FORWARD}; {FORWARD}")),
    };
    let media = since(version, V7_5_1, "downloads came with v7.5.1; an older server refuses them");
    let resolve = since(version, V8_3, "resolving came with v8.3.0; before, the other id stays unknown");
    all.set(C::Archive, since(version, V8_1, "archiving came with v8.1.0; an older server refuses it"))
        .set(C::Disappearing, timer)
        .set(C::DownloadMedia, media)
        .set(C::Forward, forward)
        .set(C::ResolveLid, resolve)
        .set(C::CheckNumber, check(version))
        .set(C::FilterArchived, archived(version))
        .set(C::ChatPicture, picture(version));
    all
}

fn check(version: &Version) -> Entry {
    match version.at_least(V8_1) {
        Some(true) => Entry::native().because("a no can't be told from a failure: it is told as not known"),
        None if *version == Version::UNKNOWN => {
            Entry::native().because("v8.1.0 and later; the server is asked first")
        }
        _ => Entry::no("before v8.1.0 the gateway says of every number that it is on WhatsApp"),
    }
}

fn picture(version: &Version) -> Entry {
    if version.at_least(V8_1) == Some(true) {
        return Entry::native();
    }
    Entry::native()
        .because("asked for only while WhatsApp is connected: up to v8.0.0 the gateway crashes otherwise")
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
            "the server is a v8 that can't be told from one before v8.3.3, which ignores the filter, until it \
             has a chat",
        ),
    }
}

/// Capabilities of which a wrong guess would be answered wrongly in silence.
pub(crate) fn unsure(version: &Version) -> Vec<C> {
    match version.at_least(V8_3_3) {
        Some(_) => Vec::new(),
        None if *version == Version::UNKNOWN => vec![C::FilterArchived, C::ResolveLid, C::CheckNumber],
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
