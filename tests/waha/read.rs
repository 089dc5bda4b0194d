use std::collections::BTreeSet;

use futures::TryStreamExt;
use wachats::waha::{Method, Waha};
use wachats::{
    Ack, Capability, ChatSort, Chats, ChatsProvider, Effect, ErrorKind, ListChats, ListMessages, Message,
    Missing, OverviewQuery, PictureQuery, SessionState, SortOrder,
};
use wachats_simulator::Fault;
use wachats_simulator::waha::{Engine, Profile};
use wachats_simulator::world::Session;

use crate::*;

#[tokio::test]
async fn every_engine_lists_all_chats_and_messages_once() {
    for kind in Engine::ALL {
        let (world, _server, waha) = engine(kind).await;
        let mut query = ListChats::new();
        query.limit = Some(5);
        let chats = all_chats(&waha, query).await;
        let found: BTreeSet<_> = chats.iter().map(|chat| chat.id.to_string()).collect();
        assert_eq!(found.len(), chats.len(), "{kind:?}");
        let merged = |chat: &str| merges(kind) && chat == BRUNO_LID;
        let expected = world.chats().into_iter().map(|chat| chat.id).filter(|chat| !merged(chat));
        assert_eq!(found, expected.collect(), "{kind:?}");
        for size in [7, 100] {
            let mut query = ListMessages::new(id(BUSY));
            query.limit = Some(size);
            let wanted: Vec<_> = world.messages(BUSY).into_iter().map(|message| message.key).collect();
            assert_eq!(keys(&all_messages(&waha, query).await), wanted, "{kind:?} by {size}");
        }
        let streamed: Vec<Message> = Chats::new(waha)
            .chat(BUSY)
            .unwrap()
            .messages()
            .page_size(25)
            .stream()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(streamed.len(), 180, "{kind:?}");
    }
}

#[tokio::test]
async fn a_chat_shows_what_its_engine_tells_and_no_more() {
    for kind in Engine::ALL {
        let (_world, _server, waha) = engine(kind).await;
        let chats = all_chats(&waha, ListChats::new()).await;
        let by = |chat: &str| chats.iter().find(|c| c.id.as_str() == chat).unwrap();
        let (alice, carla, shop) = (by(ALICE), by("5511933333333@c.us"), by("5511955555555@c.us"));
        assert_eq!(alice.name.as_deref(), Some("Alice"));
        assert_eq!(by("333333333333333@lid").name, None, "{kind:?}: no name is made up");
        let flags = (alice.pinned, carla.archived, alice.archived, by(FAMILY).muted);
        let unread = (alice.unread_count, shop.marked_unread, shop.unread_count);
        match kind {
            Engine::Gows => assert_eq!(flags, (None, None, None, None)),
            _ => assert_eq!(flags, (Some(true), Some(true), Some(false), Some(true)), "{kind:?}"),
        }
        match kind {
            Engine::Webjs | Engine::Wpp => assert_eq!(unread, (Some(3), Some(true), None), "{kind:?}"),
            _ => assert_eq!(unread, (None, None, None), "{kind:?}"),
        }
        assert_eq!(alice.alternate_id.is_some(), kind == Engine::Noweb, "{kind:?}");
        assert_eq!(alice.last_message.is_some(), kind == Engine::Webjs, "{kind:?}");
    }
}

#[tokio::test]
async fn merged_chats_give_the_messages_of_both_ids() {
    let (_world, server, waha) = engine(Engine::Noweb).await;
    let mut seen = BTreeSet::new();
    for chat in [BRUNO, BRUNO_LID] {
        let all = all_messages(&waha, ListMessages::new(id(chat))).await;
        assert_eq!(all.len(), 12);
        seen.extend(all.into_iter().map(|message| message.chat_id.to_string()));
    }
    assert_eq!(seen.len(), 2, "each keeps the id that it was sent under");
    let mut query = OverviewQuery::new();
    query.ids = vec![id(BRUNO)];
    let overview = waha.overview(&query).await.unwrap();
    assert_eq!(overview.items.len(), 1);
    assert_eq!(overview.items[0].alternate_id, Some(id(BRUNO_LID)));
    assert!(overview.items[0].last_message.is_some());
    for (asked, phone, lid) in
        [(BRUNO, Some(BRUNO), Some(BRUNO_LID)), (BRUNO_LID, Some(BRUNO), Some(BRUNO_LID))]
    {
        let found = waha.resolve(&id(asked)).await.unwrap();
        assert_eq!((found.phone_id, found.lid), (phone.map(id), lid.map(id)));
    }
    let unknown = waha.resolve(&id("999999999999999@lid")).await.unwrap();
    assert_eq!((unknown.phone_id, unknown.lid), (None, Some(id("999999999999999@lid"))));
    assert!(paths(&server).iter().any(|path| path.ends_with("/lids/pn/5511922222222")));
}

#[tokio::test]
async fn the_engine_is_asked_for_once_and_only_where_a_guess_could_be_wrong() {
    for kind in Engine::ALL {
        let (_world, server, waha) = engine(kind).await;
        let chats = Chats::new(waha);
        chats.list().limit(3).page().await.unwrap();
        assert_eq!(server.requests().len(), 1, "{kind:?}");
        let chat = chats.chat(BUSY).unwrap();
        let since = chrono::DateTime::from_timestamp(1_790_856_000 - 9 * 86_400, 0).unwrap();
        let mine = chat.messages().from_me(true).since(since).limit(5).collect().await.unwrap();
        assert!(mine.len() == 5 && mine.iter().all(|m| m.from_me && m.sent_at.unwrap() >= since), "{kind:?}");
        let asked = paths(&server);
        let native = asked
            .iter()
            .any(|path| path.contains("filter.fromMe=true&") || path.ends_with("filter.fromMe=true"));
        assert_eq!(native, kind != Engine::Wpp, "{kind:?}: {asked:?}");
        chat.messages().from_me(false).limit(5).collect().await.unwrap();
        let probes = paths(&server).iter().filter(|path| path.ends_with("/api/sessions/default")).count();
        assert_eq!(probes, 1, "{kind:?}");
        let archived = chats.list().archived(true).collect().await;
        match kind {
            Engine::Gows => assert_eq!(archived.unwrap_err().kind(), ErrorKind::Unsupported),
            _ => assert_eq!(archived.unwrap().len(), 3, "{kind:?}"),
        }
    }
}

#[tokio::test]
async fn chats_are_sorted_rightly_on_engines_that_sort_wrongly() {
    for kind in Engine::ALL {
        let (_world, _server, waha) = engine(kind).await;
        let chats = Chats::new(waha);
        let by_id = chats.list().sort(ChatSort::Id).order(SortOrder::Asc).collect().await.unwrap();
        assert!(by_id.windows(2).all(|pair| pair[0].id < pair[1].id), "{kind:?}");
        let by_name = chats.list().sort(ChatSort::Name).order(SortOrder::Asc).collect().await.unwrap();
        let names: Vec<_> = by_name.iter().filter_map(|chat| chat.name.clone()).collect();
        assert!(names.windows(2).all(|pair| pair[0] <= pair[1]), "{kind:?}: {names:?}");
        assert_eq!(by_id.len(), by_name.len());
    }
}

#[tokio::test]
async fn refusals_are_told_by_what_they_mean() {
    let (world, server, waha) = engine(Engine::Noweb).await;
    let wrong = Waha::builder(server.url()).key("wrong").build().unwrap();
    assert_eq!(wrong.list_chats(&ListChats::new()).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    let other = Waha::builder(server.url()).key("key").session("other").build().unwrap();
    for error in [other.list_chats(&ListChats::new()).await.unwrap_err(), other.status().await.unwrap_err()] {
        assert_eq!((error.kind(), error.missing()), (ErrorKind::NotFound, Some(Missing::Session)));
    }
    let status = waha.status().await.unwrap();
    assert_eq!((status.state, status.engine.as_deref()), (SessionState::Working, Some("NOWEB")));
    assert_eq!(
        (status.version.as_deref(), status.account_id),
        (Some("2026.7.1"), Some(id("5511900000000@c.us")))
    );
    world.set_session(Session::NeedsPairing);
    assert_eq!(waha.status().await.unwrap().state, SessionState::NeedsPairing);
    let error = waha.list_chats(&ListChats::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.state()), (ErrorKind::SessionNotReady, Some("SCAN_QR_CODE")));
    let (_world, _server, waha) = sample(Profile::new(Engine::Noweb).store(false)).await;
    assert_eq!(waha.list_chats(&ListChats::new()).await.unwrap_err().kind(), ErrorKind::ConfigInvalid);
    let (_world, _server, waha) = sample(Profile::new(Engine::Webjs).version("2024.10.9")).await;
    let error = waha.overview(&OverviewQuery::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.capability()), (ErrorKind::Unsupported, Some(Capability::Overview)));
}

#[tokio::test]
async fn what_an_engine_refuses_by_itself_is_remembered() {
    let (_world, server, waha) = engine(Engine::Webjs).await;
    let chats = Chats::new(waha);
    for _ in 0..2 {
        assert_eq!(chats.messages().limit(3).page().await.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    assert_eq!(server.requests().len(), 1);
    chats.chat(ALICE).unwrap().messages().limit(3).page().await.unwrap();
    let (_world, _server, waha) = engine(Engine::Gows).await;
    let all = Chats::new(waha).messages().limit(3).page().await.unwrap();
    assert_eq!(all.items.len(), 3);
}

#[tokio::test]
async fn gows_is_not_asked_for_failed_messages() {
    let (_world, _server, waha) = engine(Engine::Gows).await;
    let chat = Chats::new(waha).chat(ALICE).unwrap();
    let error = chat.messages().ack(Ack::Error).limit(3).collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(!chat.messages().ack(Ack::Read).limit(3).collect().await.unwrap().is_empty());
}

#[tokio::test]
async fn pictures_raw_requests_and_damaged_items() {
    let (_world, server, waha) = engine(Engine::Wpp).await;
    let mut query = PictureQuery::new(id(ALICE));
    query.refresh = true;
    assert!(waha.chat_picture(&query).await.unwrap().unwrap().contains("sample-alice"));
    assert_eq!(waha.chat_picture(&PictureQuery::new(id(BUSY))).await.unwrap(), None);
    assert!(paths(&server)[0].ends_with("/picture?refresh=true"));
    let version = waha.request(Method::GET, ["api", "server", "version"]).json().await.unwrap();
    assert_eq!(version["engine"], "WPP");
    let error = waha.request(Method::GET, ["api", "..", "x"]).json().await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
    let body = r#"[{"id":"true_5511911111111@c.us_3EB0A","timestamp":"soon","body":"x"},{"body":"no id"}]"#;
    server.faults().push(Fault::body(200, "application/json", body).on("GET", "/messages").times(1));
    let page = waha.list_messages(&ListMessages::new(id(ALICE))).await.unwrap();
    assert_eq!((page.items.len(), page.skipped.len(), page.notes.len()), (1, 1, 1));
    assert!(page.skipped[0].raw.get().contains("no id"));
}
