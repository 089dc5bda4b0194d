//! What Green-API can do. It has one engine and tells no version, so this is known without asking.

use wachats_core::{Capabilities, Capability, Ending, Entry, Gateway, Pager, Paging};

/// Green-API publishes no upper bound of `count`: the cap of a body ends a window before this does.
pub(crate) const MESSAGES: Paging = Paging::new(Pager::Window, Ending::ShortPage, 100, 1_000_000);
/// The same for `getChats`.
pub(crate) const CHATS: Paging = Paging::new(Pager::Window, Ending::ShortPage, 100, 100_000);

/// The capabilities of every instance.
pub(crate) fn all() -> Capabilities {
    use Capability as C;
    let mut table = Capabilities::none(Gateway::GREEN_API, "not built yet");
    table.chats = CHATS;
    table.messages = MESSAGES;
    table.set_all(
        &[
            C::ListChats,
            C::ChatPicture,
            C::MarkRead,
            C::GetMessage,
            C::DeleteForEveryone,
            C::DeleteForMe,
            C::Disappearing,
            C::Reply,
            C::DownloadMedia,
            C::Status,
            C::PairCode,
            C::GroupInfo,
        ],
        &Entry::native(),
    );
    let journal = "only what the journal holds: messages since incomingWebhook, outgoingMessageWebhook and \
                   outgoingAPIMessageWebhook were switched on; up to 2 minutes late";
    table.set(C::ListMessages, Entry::native().because(journal));
    table.set(
        C::AllMessages,
        Entry::native().because("the two journals, 2 calls; one day back unless since is given"),
    );
    table.set(
        C::Archive,
        Entry::native().because("needs incomingWebhook, and a message in the chat's journal"),
    );
    table.set(C::EditMessage, Entry::native().because("texts alone; the edit gets an id of its own"));
    table.set(C::SendText, Entry::native().because("queued for up to 24 hours, not sent at once"));
    table.set_all(
        &[C::ChatsOffset, C::ChatsSort, C::FilterArchived, C::FilterName],
        &Entry::emulated("getChats takes only a count: the list is read from its top, 1 call a window"),
    );
    table.set_all(
        &[
            C::MessagesOffset,
            C::FilterSince,
            C::FilterUntil,
            C::FilterFromMe,
            C::FilterAck,
            C::FilterMedia,
            C::Search,
        ],
        &Entry::emulated("getChatHistory takes only a count: read by a window that doubles, 1 call a window, 1 call a second"),
    );
    table.set(
        C::Overview,
        Entry::emulated("getChats, the two journals of 14 days (3 calls) and getAvatar for each chat"),
    );
    table.set(
        C::ResolveLid,
        Entry::emulated("no method of its own: getContacts, checkWhatsapp (a quota counts it) and up to 5 groups' members"),
    );
    table.set(
        C::Sync,
        Entry::emulated(
            "the state and both journals since the cursor, 4 calls whatever changed, each 1 a second",
        ),
    );
    table.set(C::PairQr, Entry::native().because("a picture alone, which changes every 20 s"));
    table.set(
        C::SessionControl,
        Entry::native()
            .because("restart and logout alone: an instance runs by itself, and a restart takes minutes"),
    );
    table.set(
        C::Contacts,
        Entry::native()
            .because("up to 5 minutes old; empty may mean that the instance isn't ready: ask again"),
    );
    table.set(
        C::CheckNumber,
        Entry::native()
            .because("a quota counts it (100 a month on the free plan), and wrong answers are reported"),
    );
    let queued = "queued for up to 24 hours, not sent at once";
    table.set_all(&[C::SendLocation, C::SendContact, C::SendPoll], &Entry::native().because(queued));
    table.set(
        C::SendMedia,
        Entry::native().because(
            "queued; files of up to 100 MB, shown by their name's ending: JPEG and PNG as pictures, MP4 as video, MP3 \
             as audio, Ogg as voice note, all else as documents; captions of up to 1024 characters",
        ),
    );
    table.set(
        C::Forward,
        Entry::native().because("queued; the message must be in the journal, and is looked up there first"),
    );
    table.set(
        C::Typing,
        Entry::native()
            .because("for 1 to 20 s, it can't be ended; it stands in the queue and delays what follows"),
    );
    let none = Entry::no("Green-API has no method for it");
    table.set_all(
        &[
            C::MarkUnread,
            C::DeleteChat,
            C::PinMessage,
            C::PinChat,
            C::ClearMessages,
            C::Star,
            C::ChatArchiveEvent,
        ],
        &none,
    );
    table.set(
        C::WebhookEvents,
        Entry::native()
            .because("only kinds that the settings name; while a webhook is set nothing can be polled"),
    );
    table.set(
        C::PollEvents,
        Entry::native()
            .because("only kinds that the settings name, kept for 24 hours; not while a webhook is set"),
    );
    table.set(C::React, Entry::no("Green-API shows reactions but can't send them"));
    table.set(C::PictureRefresh, Entry::no("getAvatar takes no refresh"));
    table
}
