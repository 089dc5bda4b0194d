//! What WAHA can do, by engine and version.

use std::time::Duration;

use wachats_core::{Capabilities, Capability as C, Ending, Entry, Gateway, Pager, Paging, Support};

use crate::dialect::Dialect;
use crate::engine::{Engine, Seen, Version};

/// Messages of a page: WAHA sets no bound, but its pages carry the raw objects too (2 KB each).
const MESSAGES: (u32, u32) = (50, 500);
const CHATS: (u32, u32) = (100, 500);

/// Where a wrong guess would be answered wrongly in silence, or by reading far more than needed.
pub(crate) const UNSURE: &[C] =
    &[C::FilterArchived, C::FilterSince, C::FilterUntil, C::FilterFromMe, C::FilterAck, C::ChatsSort];

const FILTERS: [C; 4] = [C::FilterSince, C::FilterUntil, C::FilterFromMe, C::FilterAck];

const NATIVE: [C; 28] = [
    C::ListChats,
    C::ChatsOffset,
    C::Overview,
    C::ChatPicture,
    C::PictureRefresh,
    C::MarkRead,
    C::MarkUnread,
    C::Archive,
    C::ListMessages,
    C::MessagesOffset,
    C::GetMessage,
    C::EditMessage,
    C::DeleteForEveryone,
    C::Star,
    C::React,
    C::SendText,
    C::Reply,
    C::DownloadMedia,
    C::Status,
    C::ResolveLid,
    C::AllMessages,
    C::PinMessage,
    C::PairQr,
    C::PairCode,
    C::SessionControl,
    C::Contacts,
    C::CheckNumber,
    C::GroupInfo,
];

/// What is known of a server; without an engine, what is true of all of them.
pub(crate) fn capabilities(dialect: &Dialect, seen: &Seen) -> Capabilities {
    let engine = seen.engine;
    let mut all = Capabilities::none(dialect.gateway.clone(), "the gateway has no endpoint for it");
    all.engine = engine.map(|e| e.as_str().to_owned());
    all.version.clone_from(&seen.version);
    all.set_all(&NATIVE, &Entry::native());
    all.set_all(&[C::DeleteChat, C::ClearMessages], &Entry::native());
    events(&mut all, dialect, engine);
    all.set(
        C::FilterName,
        Entry::emulated("the gateway has no such filter: all chats are read, page by page"),
    );
    all.set(
        C::FilterMedia,
        Entry::emulated("the gateway has no such filter: messages are read until enough match"),
    );
    all.set(C::Search, Entry::emulated("the gateway has no search: messages are read until enough match"));
    all.set(
        C::Sync,
        Entry::emulated(
            "a look at the status, the first 200 chats and up to 3 requests for each that was active since; an engine \
             that doesn't filter by time reads these from the newest message on",
        ),
    );
    by_engine(&mut all, engine);
    let version = seen.version.as_deref().and_then(Version::from_wire);
    filters(&mut all, engine, version);
    sending(&mut all, dialect, engine, version);
    paging(&mut all, engine);
    for (capability, reason) in dialect.withheld {
        all.set(*capability, Entry::no(*reason));
    }
    all
}

fn sending(all: &mut Capabilities, dialect: &Dialect, engine: Option<Engine>, version: Option<Version>) {
    all.set_all(&[C::SendContact, C::SendPoll], &Entry::native());
    let limit = dialect.file_limit.1;
    let media = format!(
        "{limit}, in base64; no stickers up to 2026.7, sound as voice notes or documents alone; Core refuses files \
         up to 2026.5"
    );
    all.set(C::SendMedia, Entry::native().because(media));
    all.set(C::SendLocation, Entry::native().because("with a name, without an address"));
    let typing = "sets the account online: its phone stops notifying until it is offline";
    let only = if dialect.recording { "" } else { "writing alone, not recording; " };
    all.set(C::Typing, Entry::native().because(format!("{only}{typing}")));
    let old = version.is_none_or(|version| version < Version::new(2026, 8, 0));
    let forward = match engine {
        Some(Engine::Gows) if old => Entry::no("the engine GOWS doesn't forward up to 2026.7"),
        Some(Engine::Webjs) => Entry::native().because("WEBJS tells no id of the copy"),
        Some(_) => Entry::native(),
        None => Entry::native().because("the engine decides: one that can't refuses by itself"),
    };
    all.set(C::Forward, forward);
}

fn events(all: &mut Capabilities, dialect: &Dialect, engine: Option<Engine>) {
    let told = "no order is kept, and what fails 15 times is lost; WEBJS tells acks and presences only with \
                config.webjs.tagsEventsOn";
    let webhooks = if dialect.gateway == Gateway::WAHA {
        Entry::native().because(told)
    } else {
        Entry::native().because("taken to be WAHA's: the service documents neither payloads nor signatures")
    };
    all.set(C::WebhookEvents, webhooks);
    let socket = if cfg!(feature = "websocket") {
        Entry::native().because(
            "by websocket (Core since 2024.11.5), which keeps nothing: after a gap the messages sent since then are \
             read anew, with their acks, edits, deletions and reactions as far as the engine lists them; other events \
             of it are lost",
        )
    } else {
        Entry::no("wachats was built without its feature websocket")
    };
    all.set(C::PollEvents, socket);
    all.set(
        C::ChatArchiveEvent,
        match engine {
            Some(Engine::Webjs) => Entry::native(),
            Some(engine) => Entry::no(format!("the engine {} doesn't tell it", engine.as_str())),
            None => Entry::no("it isn't known which engine serves the session, and WEBJS alone tells it"),
        },
    );
}

fn by_engine(all: &mut Capabilities, engine: Option<Engine>) {
    let all_read = "all chats are read, page by page";
    let archived = match engine {
        Some(Engine::Gows) => Entry::no("GOWS doesn't tell which chats are archived"),
        Some(_) => Entry::emulated(format!("the gateway has no such filter: {all_read}")),
        None => {
            Entry::no("it isn't known which engine serves the session, and one doesn't tell what is archived")
        }
    };
    all.set(C::FilterArchived, archived);
    let sort = match engine {
        Some(Engine::Wpp | Engine::Gows) => Entry::native(),
        Some(Engine::Webjs) => {
            Entry::emulated(format!("WEBJS ignores the order by id: {all_read} and sorted here"))
        }
        Some(Engine::Noweb) => Entry::emulated(format!(
            "NOWEB fails on the order by name and gives merged chats a wrong place by id: {all_read} and sorted here"
        )),
        None => Entry::emulated(format!("two of the engines sort wrongly: {all_read} and sorted here")),
    };
    all.set(C::ChatsSort, sort);
    let Some(engine) = engine else {
        let told = "the engine decides: one that can't refuses by itself";
        for capability in [C::AllMessages, C::PinMessage, C::DeleteChat, C::ClearMessages, C::Archive] {
            all.set(capability, Entry::native().because(told));
        }
        return;
    };
    let not_here = || Entry::no(format!("the engine {} doesn't implement it", engine.as_str()));
    match engine {
        Engine::Webjs => all.set(C::AllMessages, not_here()),
        Engine::Wpp => all.set_all(&[C::AllMessages, C::PinMessage], &not_here()),
        Engine::Noweb => all.set_all(&[C::DeleteChat, C::ClearMessages], &not_here()),
        Engine::Gows => {
            all.set_all(&[C::Archive, C::PinMessage, C::DeleteChat, C::ClearMessages], &not_here())
        }
    };
}

/// A server too old for a filter ignores it in silence.
fn filters(all: &mut Capabilities, engine: Option<Engine>, version: Option<Version>) {
    let scan = "messages are read, newest first, until enough match";
    let entry = match engine {
        Some(Engine::Wpp) => Entry::emulated(format!("WPP filters after it has cut the page: {scan}")),
        None => Entry::emulated(format!(
            "it isn't known whether the engine filters before it cuts the page: {scan}"
        )),
        Some(_) => Entry::native(),
    };
    all.set_all(&FILTERS, &entry);
    let older = |than: Version| version.is_some_and(|version| version < than);
    if older(Version::new(2025, 4, 2)) {
        all.set(C::FilterAck, Entry::emulated(format!("WAHA filters so since 2025.4.2: {scan}")));
    }
    if older(Version::new(2024, 10, 9)) {
        let old = Entry::emulated(format!("WAHA filters and pages messages since 2024.10.9: {scan}"));
        all.set_all(&FILTERS, &old).set(C::MessagesOffset, old);
    }
    if engine == Some(Engine::Gows) && all.support(C::FilterAck) == Support::Native {
        all.set(C::FilterAck, Entry::native().because("GOWS doesn't tell failed messages: error is refused"));
    }
}

/// A page of messages is cut before rows that are no messages are dropped from it.
fn paging(all: &mut Capabilities, engine: Option<Engine>) {
    let native = |capability: C| all.support(capability) == Support::Native;
    let (pager, ending) = if !native(C::MessagesOffset) {
        (Pager::Window, Ending::ShortPage)
    } else if native(C::FilterUntil) && engine.is_some() {
        (Pager::Time { overlap: Duration::ZERO }, Ending::EmptyPages(2))
    } else {
        (Pager::Offset, Ending::EmptyPages(2))
    };
    all.messages = Paging::new(pager, ending, MESSAGES.0, MESSAGES.1);
    all.chats = Paging::new(Pager::Offset, Ending::ShortPage, CHATS.0, CHATS.1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(engine: Option<Engine>, version: Option<&str>) -> Capabilities {
        let seen = Seen { engine, version: version.map(str::to_owned), account: None };
        capabilities(&Dialect::WAHA, &seen)
    }

    #[test]
    fn each_engine_has_its_own_list() {
        let no = |engine| {
            let all = of(Some(engine), Some("2026.7.1"));
            // pulling events depends on how wachats was built
            let lacking = all.iter().filter(|(c, e)| e.support == Support::No && *c != C::PollEvents);
            let lacking = lacking.filter(|(c, _)| !C::NOT_BUILT.contains(c));
            lacking.map(|(c, _)| c.as_str()).collect::<Vec<_>>().join(" ")
        };
        let common = "pin_chat delete_for_me";
        assert_eq!(no(Engine::Webjs), format!("all_messages {common} disappearing"));
        let later = "disappearing chat_archive_event";
        assert_eq!(no(Engine::Wpp), format!("all_messages pin_message {common} {later}"));
        assert_eq!(no(Engine::Noweb), format!("delete_chat {common} clear_messages {later}"));
        assert_eq!(
            no(Engine::Gows),
            format!(
                "archive delete_chat filter_archived pin_message {common} clear_messages {later} forward"
            )
        );
        assert_eq!(of(Some(Engine::Gows), Some("2026.8.1")).support(C::Forward), Support::Native);
    }

    #[test]
    fn what_an_old_server_would_ignore_is_emulated() {
        let old = of(Some(Engine::Noweb), Some("2024.9.2"));
        assert_eq!(old.support(C::FilterSince), Support::Emulated);
        assert_eq!(old.messages.pager, Pager::Window);
        let newer = of(Some(Engine::Noweb), Some("2025.1.1"));
        assert_eq!(newer.support(C::FilterSince), Support::Native);
        assert_eq!(newer.support(C::FilterAck), Support::Emulated);
        assert_eq!(of(Some(Engine::Noweb), None).support(C::FilterAck), Support::Native);
    }

    #[test]
    fn only_engines_that_filter_before_they_cut_are_walked_by_time() {
        let pager = |engine| of(engine, None).messages.pager;
        assert_eq!(pager(Some(Engine::Wpp)), Pager::Offset);
        assert_eq!(pager(None), Pager::Offset);
        assert_eq!(pager(Some(Engine::Gows)), Pager::Time { overlap: Duration::ZERO });
    }
}
