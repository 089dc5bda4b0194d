//! What WAHA can do, by engine and version.

use std::time::Duration;

use wachats_core::{Capabilities, Capability as C, Ending, Entry, Pager, Paging, Support};

use crate::dialect::Dialect;
use crate::engine::{Engine, Seen, Version};

/// Messages of a page: WAHA sets no bound, but its pages carry the raw objects too (2 KB each).
const MESSAGES: (u32, u32) = (50, 500);
const CHATS: (u32, u32) = (100, 500);

/// Where a wrong guess would be answered wrongly in silence, or by reading far more than needed.
pub(crate) const UNSURE: &[C] =
    &[C::FilterArchived, C::FilterSince, C::FilterUntil, C::FilterFromMe, C::FilterAck, C::ChatsSort];

const FILTERS: [C; 4] = [C::FilterSince, C::FilterUntil, C::FilterFromMe, C::FilterAck];

const NATIVE: [C; 22] = [
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
];

/// What is known of a server; without an engine, what is true of all of them.
pub(crate) fn capabilities(dialect: &Dialect, seen: &Seen) -> Capabilities {
    let engine = seen.engine;
    let mut all = Capabilities::none(dialect.gateway.clone(), "WAHA has no endpoint for it");
    all.engine = engine.map(|e| e.as_str().to_owned());
    all.version.clone_from(&seen.version);
    all.set_all(&NATIVE, &Entry::native());
    all.set_all(&[C::DeleteChat, C::ClearMessages], &Entry::native());
    all.set_all(
        &[C::SendMedia, C::WebhookEvents, C::PollEvents, C::ChatArchiveEvent],
        &Entry::no("not built yet"),
    );
    all.set(C::FilterName, Entry::emulated("WAHA has no such filter: all chats are read, page by page"));
    all.set(C::FilterMedia, Entry::emulated("WAHA has no such filter: messages are read until enough match"));
    all.set(C::Search, Entry::emulated("WAHA has no search: messages are read until enough match"));
    by_engine(&mut all, engine);
    filters(&mut all, engine, seen.version.as_deref().and_then(Version::from_wire));
    paging(&mut all, engine);
    for (capability, reason) in dialect.withheld {
        all.set(*capability, Entry::no(*reason));
    }
    all
}

fn by_engine(all: &mut Capabilities, engine: Option<Engine>) {
    let all_read = "all chats are read, page by page";
    let archived = match engine {
        Some(Engine::Gows) => Entry::no("GOWS doesn't tell which chats are archived"),
        Some(_) => Entry::emulated(format!("WAHA has no such filter: {all_read}")),
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
            let no: Vec<_> =
                all.iter().filter(|(_, e)| e.support == Support::No).map(|(c, _)| c.as_str()).collect();
            no.join(" ")
        };
        let common = "pin_chat delete_for_me";
        let later = "disappearing send_media webhook_events poll_events chat_archive_event";
        assert_eq!(no(Engine::Webjs), format!("all_messages {common} {later}"));
        assert_eq!(no(Engine::Wpp), format!("all_messages pin_message {common} {later}"));
        assert_eq!(no(Engine::Noweb), format!("delete_chat {common} clear_messages {later}"));
        assert_eq!(
            no(Engine::Gows),
            format!("archive delete_chat filter_archived pin_message {common} clear_messages {later}")
        );
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
