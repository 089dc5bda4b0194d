//! The cases, in the order in which they run, and the proof that none of the capabilities is without one.

mod changes;
mod chats;
mod claims;
mod contacts;
mod events;
mod filters;
mod groups;
mod input;
mod lookups;
mod messages;
mod sending;
mod session;
mod sync;

use futures::future::BoxFuture;
use wachats_core::Capability;

use crate::check::{Context, Verdict};

/// One case.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// What it is about; unless it is a claim, it runs where all of this is offered.
    pub(crate) covers: &'static [Capability],
    /// It changes something.
    pub(crate) changes: bool,
    /// It judges what is denied as well as what is offered.
    pub(crate) claim: bool,
    pub(crate) run: fn(&Context) -> BoxFuture<'_, Verdict>,
}

macro_rules! rules {
    (@of read) => { (false, false) };
    (@of change) => { (true, false) };
    (@of claim_read) => { (false, true) };
    (@of claim_change) => { (true, true) };
    ($($kind:ident $name:literal [$($capability:ident),*] $run:path;)*) => {
        &[$(Rule {
            name: $name,
            covers: &[$(Capability::$capability),*],
            changes: rules!(@of $kind).0,
            claim: rules!(@of $kind).1,
            run: |context| Box::pin($run(context)),
        }),*]
    };
}

/// Every case.
pub(crate) const CASES: &[Rule] = rules! {
    read "info sends nothing" [] input::info_sends_nothing;
    read "a probe is kept" [] input::probe_is_kept;
    read "hostile ids are refused" [] input::hostile_ids;
    read "absurd arguments are refused" [] input::absurd_arguments;
    read "a stream is lazy" [] input::lazy_stream;
    read "debug shows no content" [ListChats] input::debug_is_redacted;
    read "page tokens are bound" [ListChats] input::tokens;
    read "message page tokens are bound" [ListMessages] input::message_tokens;

    claim_read "claim: list_chats" [ListChats] claims::list_chats;
    claim_read "claim: chats_offset" [ChatsOffset] claims::chats_offset;
    claim_read "claim: chats_sort" [ChatsSort] claims::chats_sort;
    claim_read "claim: overview" [Overview] claims::overview;
    claim_read "claim: chat_picture" [ChatPicture] claims::chat_picture;
    claim_read "claim: list_messages" [ListMessages] claims::list_messages;
    claim_read "claim: messages_offset" [MessagesOffset] claims::messages_offset;
    claim_read "claim: filter_since" [FilterSince] claims::filter_since;
    claim_read "claim: filter_until" [FilterUntil] claims::filter_until;
    claim_read "claim: filter_from_me" [FilterFromMe] claims::filter_from_me;
    claim_read "claim: filter_ack" [FilterAck] claims::filter_ack;
    claim_read "claim: filter_media" [FilterMedia] claims::filter_media;
    claim_read "claim: filter_archived" [FilterArchived] claims::filter_archived;
    claim_read "claim: filter_name" [FilterName] claims::filter_name;
    claim_read "claim: search" [Search] claims::search;
    claim_read "claim: all_messages" [AllMessages] claims::all_messages;
    claim_read "claim: get_message" [GetMessage] claims::get_message;
    claim_read "claim: picture_refresh" [PictureRefresh] claims::picture_refresh;
    claim_read "claim: download_media" [DownloadMedia] claims::download_media;
    claim_read "claim: status" [Status] claims::status;
    claim_read "claim: resolve_lid" [ResolveLid] claims::resolve_lid;
    claim_change "claim: poll_events" [PollEvents] claims::poll_events;
    claim_read "claim: contacts" [Contacts] contacts::claim_contacts;
    claim_read "claim: check_number" [CheckNumber] contacts::claim_check;
    claim_read "claim: group_info" [GroupInfo] groups::claim;
    claim_read "claim: sync" [Sync] sync::claim;
    claim_change "claim: pair_qr" [PairQr] session::claim_qr;
    claim_change "claim: pair_code" [PairCode] session::claim_code;
    claim_change "claim: session_control" [SessionControl] session::claim_control;
    claim_change "claim: mark_read" [MarkRead] claims::mark_read;
    claim_change "claim: mark_unread" [MarkUnread] claims::mark_unread;
    claim_change "claim: archive" [Archive] claims::archive;
    claim_change "claim: delete_chat" [DeleteChat] claims::delete_chat;
    claim_change "claim: pin_message" [PinMessage] claims::pin_message;
    claim_change "claim: pin_chat" [PinChat] claims::pin_chat;
    claim_change "claim: edit_message" [EditMessage] claims::edit_message;
    claim_change "claim: delete_for_everyone" [DeleteForEveryone] claims::delete_for_everyone;
    claim_change "claim: delete_for_me" [DeleteForMe] claims::delete_for_me;
    claim_change "claim: clear_messages" [ClearMessages] claims::clear_messages;
    claim_change "claim: disappearing" [Disappearing] claims::disappearing;
    claim_change "claim: star" [Star] claims::star;
    claim_change "claim: react" [React] claims::react;
    claim_change "claim: send_text" [SendText] claims::send_text;
    claim_change "claim: reply" [Reply] claims::reply;
    claim_change "claim: send_media" [SendMedia] sending::claim_media;
    claim_change "claim: send_location" [SendLocation] sending::claim_location;
    claim_change "claim: send_contact" [SendContact] sending::claim_contact;
    claim_change "claim: send_poll" [SendPoll] sending::claim_poll;
    claim_change "claim: forward" [Forward] sending::claim_forward;
    claim_change "claim: typing" [Typing] sending::claim_typing;

    read "chats: all of them, once" [ListChats] chats::complete;
    read "chats: page by page" [ListChats] chats::pages;
    read "chats: a limit is the total" [ListChats] chats::limits;
    read "chats: an offset skips" [ListChats, ChatsOffset] chats::offset;
    read "chats: sorted" [ListChats, ChatsSort] chats::sorted;
    read "chats: archived or not" [ListChats, FilterArchived] chats::archived;
    read "chats: by name" [ListChats, FilterName] chats::named;
    read "chats: by name and archived" [ListChats, FilterName, FilterArchived] chats::named_and_archived;
    read "overview: newest message, chats named" [Overview] chats::overview;
    read "picture: where there is one" [ChatPicture] chats::picture;

    read "messages: all of them, once" [ListMessages] messages::complete;
    read "messages: page by page" [ListMessages] messages::pages;
    read "messages: a limit is the total" [ListMessages] messages::limits;
    read "messages: an offset skips" [ListMessages, MessagesOffset] messages::offset;
    read "messages: a chat that isn't there" [ListMessages] messages::unknown_chat;
    read "messages: raw on request" [ListMessages] messages::raw;
    read "messages: of all chats" [AllMessages] messages::of_all_chats;

    read "sync: what is new, oldest first, once" [Sync, ListMessages] sync::complete;
    read "sync: goes on after each message" [Sync] sync::resumed;

    read "filter: since is inclusive" [ListMessages, FilterSince] filters::since;
    read "filter: until is inclusive" [ListMessages, FilterUntil] filters::until;
    read "filter: own or others'" [ListMessages, FilterFromMe] filters::from_me;
    read "filter: ack" [ListMessages, FilterAck] filters::ack;
    read "filter: media" [ListMessages, FilterMedia] filters::media;
    read "search: any letter case, any script" [ListMessages, Search] filters::search;
    read "search: nothing is a wildcard" [ListMessages, Search] filters::search_is_literal;
    read "filters: combined" [ListMessages] filters::combined;
    read "filters: limit and offset count matches" [ListMessages, FilterFromMe, MessagesOffset] filters::cut;

    read "message: by either form of its id" [GetMessage] lookups::by_id;
    read "message: one that isn't there" [GetMessage] lookups::not_there;
    read "media: the very bytes" [DownloadMedia] lookups::media_bytes;
    read "media: of a text" [DownloadMedia] lookups::media_of_text;
    read "status: an answer" [Status] lookups::status;
    read "resolve: both ways" [ResolveLid] lookups::resolve;
    read "resolve: unknown is null" [ResolveLid] lookups::resolve_unknown;

    read "contacts: all of them, once" [Contacts] contacts::complete;
    read "contacts: page by page" [Contacts] contacts::pages;
    read "contact: by its id" [Contacts] contacts::one;
    read "contact: one that isn't known" [Contacts] contacts::unknown;
    read "contact: people only" [Contacts, CheckNumber] contacts::no_person;
    read "number: there, and not" [CheckNumber] contacts::checked;
    read "group: as it is" [GroupInfo] groups::as_it_is;
    read "group: one that isn't there" [GroupInfo] groups::not_there;
    read "group: what is none" [GroupInfo] groups::no_group;

    read "pairing: what is no phone is refused" [PairCode] session::no_phone;
    change "session: restarted, it works again" [SessionControl, Status] session::restarted;
    change "session: stopped and started" [SessionControl, Status] session::stopped_and_started;
    change "pairing: a QR code after a logout" [SessionControl, PairQr, Status] session::qr_after_logout;
    change "pairing: a code after a logout" [SessionControl, PairCode, Status] session::code_after_logout;

    change "send: it is there afterwards" [SendText, ListMessages] changes::send;
    change "events: what is sent is told" [PollEvents, SendText] events::sent;
    change "events: what is not acknowledged comes again" [PollEvents, SendText] events::again;
    change "reply: it names what it answers" [Reply, ListMessages] changes::reply;
    read "what can't be sent is refused" [] sending::bad_input;
    change "media: a picture with its caption" [SendMedia, ListMessages] sending::picture_with_caption;
    change "media: a document keeps its name" [SendMedia, ListMessages] sending::document;
    change "media: in answer to a message" [SendMedia, Reply, ListMessages] sending::reply_with_a_file;
    change "media: every kind, or why not" [SendMedia] sending::every_kind;
    change "location: the very place" [SendLocation, ListMessages] sending::location;
    change "contact: name and number" [SendContact, ListMessages] sending::contact;
    change "poll: of one answer or several" [SendPoll, ListMessages] sending::poll_of_one_or_several;
    change "forward: it is there afterwards" [Forward, ListMessages] sending::forward;
    change "forward: a message that isn't there" [Forward] sending::forward_of_nothing;
    change "forward: a message of another chat" [Forward] sending::forward_of_another_chats;
    change "typing: shown, and stopped where it can be" [Typing] sending::typing_and_stopped;
    change "edit: the text is the new one" [EditMessage] changes::edit;
    change "edit: by a bare key" [EditMessage] changes::edit_by_key;
    change "delete for everyone: gone or revoked" [DeleteForEveryone] changes::delete_for_everyone;
    change "delete for me: gone" [DeleteForMe] changes::delete_for_me;
    change "react: set and taken back" [React] changes::react;
    change "star: set and taken back" [Star] changes::star;
    change "pin a message: set and taken back" [PinMessage] changes::pin_message;
    change "archive: set and taken back" [Archive] changes::archive;
    change "pin a chat: set and taken back" [PinChat] changes::pin_chat;
    change "unread: set and taken back" [MarkUnread, MarkRead] changes::unread;
    change "mark read: nothing is unread" [MarkRead] changes::mark_read;
    change "disappearing: every value" [Disappearing] changes::disappearing;
    change "clear: the chat stays, empty" [ClearMessages, ListMessages] changes::clear;
    change "delete a chat: it leaves the list" [DeleteChat, ListChats] changes::delete_chat;
};

/// Capabilities about which nothing can be asked of a provider, and why.
pub(crate) const EXEMPT: &[(Capability, &str)] = &[
    (Capability::WebhookEvents, "a gateway calls its receiver; there is nothing to ask of a provider"),
    (Capability::ChatArchiveEvent, "it comes by webhook; there is nothing to ask of a provider"),
];

/// A capability without a case fails the build.
const _: () = assert!(every_capability_has_a_case(), "a capability has neither a case nor an exemption");

const fn every_capability_has_a_case() -> bool {
    let mut all = Capability::ALL;
    while let [capability, rest @ ..] = all {
        if !has_claim(*capability, CASES) && !is_exempt(*capability, EXEMPT) {
            return false;
        }
        all = rest;
    }
    true
}

const fn has_claim(wanted: Capability, mut rules: &[Rule]) -> bool {
    while let [rule, rest @ ..] = rules {
        if let (true, [only]) = (rule.claim, rule.covers)
            && *only as usize == wanted as usize
        {
            return true;
        }
        rules = rest;
    }
    false
}

const fn is_exempt(wanted: Capability, mut exempt: &[(Capability, &str)]) -> bool {
    while let [(capability, _), rest @ ..] = exempt {
        if *capability as usize == wanted as usize {
            return true;
        }
        exempt = rest;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reason of an exemption that ends when the operation is built.
    const NOT_BUILT: &str = "no operation of the library uses it yet";

    #[test]
    fn each_capability_is_claimed_once_or_exempt() {
        for capability in Capability::ALL {
            let claims = CASES.iter().filter(|r| r.claim && r.covers == [*capability]).count();
            let exempt = EXEMPT.iter().filter(|(c, reason)| c == capability && !reason.is_empty()).count();
            assert_eq!(claims + exempt, 1, "{capability}");
        }
    }

    /// What is built later leaves the list, and needs a case from then on.
    #[test]
    fn nothing_that_is_built_is_exempt_as_not_built() {
        let mut exempt: Vec<_> =
            EXEMPT.iter().filter(|(_, why)| *why == NOT_BUILT).map(|(c, _)| *c).collect();
        let mut not_built = Capability::NOT_BUILT.to_vec();
        exempt.sort();
        not_built.sort();
        assert_eq!(exempt, not_built);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = CASES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CASES.len());
    }
}
