//! Green-API end to end: the library against the simulator's dialect of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod secrecy;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::DateTime;
use futures::TryStreamExt;
use wachats::green_api::GreenApi;
use wachats::transport::HttpOptions;
use wachats::{
    Ack, Capability, ChatSort, Chats, ConnectOptions, DisappearingTimer, Effect, ErrorKind, Message,
    MessageKind, Missing, Retry, Secrets, SessionState, SortOrder, Support,
};
use wachats_simulator::green_api::{self, Instance, Profile};
use wachats_simulator::world::Session;
use wachats_simulator::{Fault, Server, World};

const ALICE: &str = "5511911111111@c.us";
const BUSY: &str = "5511966666666@c.us";
const CARLA: &str = "5511933333333@c.us";
const TOKEN: &str = "5e17d0c0ffee5e17d0c0ffee5e17d0c0ffee5e17d0c0ffee";

async fn serve(world: &World, profile: Profile) -> Server {
    green_api::serve(world.clone(), profile).await.unwrap()
}

fn http() -> HttpOptions {
    HttpOptions::new().rate_limits(false).backoff(Duration::from_millis(1), Duration::from_millis(2))
}

fn connect_as(server: &Server, instance: &str, token: &str) -> Chats {
    let uri = format!("green-api+{}/?instance={instance}", server.url());
    wachats::connect(&uri, ConnectOptions::new(Secrets::green_api(token)).http(http())).unwrap()
}

fn connect(server: &Server) -> Chats {
    connect_as(server, "7103000001", TOKEN)
}

fn profile() -> Profile {
    Profile::new().credentials(7_103_000_001, TOKEN)
}

async fn sample() -> (World, Server, Chats) {
    let world = World::sample();
    let server = serve(&world, profile()).await;
    let chats = connect(&server);
    (world, server, chats)
}

/// How often each method was called since the last look.
fn calls(server: &Server, method: &str) -> usize {
    server.requests().iter().filter(|r| r.path_and_query.contains(&format!("/{method}/"))).count()
}

fn keys(messages: &[Message]) -> Vec<String> {
    messages.iter().map(|m| m.key.to_string()).collect()
}

#[tokio::test]
async fn chats_are_listed_sorted_filtered_and_paged() {
    let (world, server, chats) = sample().await;
    let all = chats.list().collect().await.unwrap();
    let served = world
        .chats()
        .iter()
        .filter(|c| c.id.ends_with("c.us") || c.id.ends_with("g.us") || c.id.ends_with("lid"))
        .count();
    assert_eq!(all.len(), served);
    assert_eq!(calls(&server, "getChats"), 1);
    let carla = all.iter().find(|c| c.id.as_str() == CARLA).unwrap();
    assert_eq!((carla.archived, carla.pinned, carla.last_message_at), (Some(true), None, None));

    let mut paged = Vec::new();
    let mut page = chats.list().limit(5).page().await.unwrap();
    loop {
        paged.append(&mut page.items);
        let Some(next) = page.next.take() else { break };
        page = chats.list().limit(5).after(next).page().await.unwrap();
    }
    assert_eq!(paged, all);
    let ids = |list: Vec<wachats::Chat>| list.into_iter().map(|c| c.id.to_string()).collect::<Vec<_>>();
    let by_place = ids(all.clone());
    assert_eq!(ids(chats.list().offset(3).limit(4).collect().await.unwrap()), by_place[3..7]);
    let backwards = ids(chats.list().order(SortOrder::Asc).collect().await.unwrap());
    assert!(backwards.iter().eq(by_place.iter().rev()));
    let by_name = chats.list().sort(ChatSort::Name).order(SortOrder::Asc).limit(2).collect().await.unwrap();
    assert_eq!(by_name[0].name.as_deref(), Some("Alice"));
    assert!(chats.list().archived(true).collect().await.unwrap().iter().all(|c| c.archived == Some(true)));
    assert_eq!(ids(chats.list().name("ДМИТ").collect().await.unwrap()), ["79001234567@c.us"]);
}

#[tokio::test]
async fn a_window_grows_to_the_end_of_a_chat_and_loses_nothing() {
    let (world, server, chats) = sample().await;
    let chat = chats.chat(BUSY).unwrap();
    let all: Vec<Message> = chat.messages().page_size(20).stream().try_collect().await.unwrap();
    let known = world.messages(BUSY);
    assert_eq!(all.len(), known.len());
    assert_eq!(all.iter().map(|m| &m.key).collect::<HashSet<_>>().len(), known.len());
    assert!(all.windows(2).all(|pair| pair[0].sent_at >= pair[1].sent_at));
    let asked: usize = server
        .requests()
        .iter()
        .map(|r| {
            serde_json::from_slice::<serde_json::Value>(&r.body).unwrap()["count"].as_u64().unwrap() as usize
        })
        .sum();
    assert!(asked <= 2 * 320 && calls(&server, "getChatHistory") == 5, "20, 40, 80, 160, 320: {asked}");

    let since = all[100].sent_at.unwrap();
    let until = all[20].sent_at.unwrap();
    let of =
        |keep: &dyn Fn(&Message) -> bool| keys(&all.iter().filter(|m| keep(m)).cloned().collect::<Vec<_>>());
    let list = || chat.messages();
    assert_eq!(keys(&list().since(since).collect().await.unwrap()), of(&|m| m.sent_at.unwrap() >= since));
    assert_eq!(
        keys(&list().until(until).from_me(true).collect().await.unwrap()),
        of(&|m| m.sent_at.unwrap() <= until && m.from_me)
    );
    assert_eq!(keys(&list().media_only(true).collect().await.unwrap()), of(&|m| m.media.is_some()));
    assert_eq!(keys(&list().search("INVOICE").collect().await.unwrap()), of(&|m| m.contains("invoice")));
    assert_eq!(keys(&list().ack(Ack::Read).collect().await.unwrap()), of(&|m| m.ack == Some(Ack::Read)));
    assert_eq!(keys(&list().offset(30).limit(5).collect().await.unwrap()), of(&|_| true)[30..35]);
    server.clear_requests();
    chat.messages().limit(50).collect().await.unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_backend_pages_by_itself_while_messages_arrive() {
    let (world, _server, chats) = sample().await;
    let gateway: &GreenApi = chats.backend().unwrap();
    let provider: &dyn wachats::ChatsProvider = gateway;
    let mut query = wachats::ListMessages::new(BUSY.parse::<wachats::ChatId>().unwrap());
    query.limit = Some(33);
    let mut read = Vec::new();
    for round in 0.. {
        let page = provider.list_messages(&query).await.unwrap();
        read.extend(keys(&page.items));
        world.send(BUSY, wachats_simulator::world::Content::Text(format!("arrival {round}")));
        let Some(next) = page.next else { break };
        query.page = Some(next);
    }
    let before: Vec<String> =
        world.messages(BUSY).into_iter().map(|m| m.key).filter(|k| k.starts_with("3EB014")).collect();
    assert_eq!(read.iter().collect::<HashSet<_>>().len(), read.len());
    assert!(before.iter().all(|key| read.contains(key)));
    query.page = None;
    query.from_me = Some(true);
    assert_eq!(
        provider.list_messages(&query).await.unwrap_err().capability(),
        Some(Capability::FilterFromMe)
    );
}

#[tokio::test]
async fn a_chat_of_every_kind_is_read_folded() {
    let world = World::sample();
    let server = serve(&world, profile().ghost(ALICE)).await;
    let skipped = Arc::new(AtomicUsize::new(0));
    let count = skipped.clone();
    let chats = connect(&server).on_skipped(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let all: Vec<Message> = chats.chat(ALICE).unwrap().messages().stream().try_collect().await.unwrap();
    assert_eq!((all.len(), skipped.load(Ordering::Relaxed)), (world.messages(ALICE).len(), 1));
    let of = |number: &str| all.iter().find(|m| m.key.as_str().ends_with(number)).unwrap();
    for (number, kind) in [
        ("03", MessageKind::Image),
        ("04", MessageKind::Video),
        ("05", MessageKind::Audio),
        ("06", MessageKind::Voice),
        ("07", MessageKind::Document),
        ("08", MessageKind::Sticker),
        ("09", MessageKind::Location),
        ("0A", MessageKind::Contact),
        ("0B", MessageKind::Poll),
        ("0C", MessageKind::Text),
        ("0F", MessageKind::Revoked),
        ("10", MessageKind::Call),
    ] {
        assert_eq!(of(&format!("000{number}")).kind, kind, "{number}");
    }
    assert_eq!(of("0003").reactions.as_ref().unwrap()[0].emoji, "❤️");
    assert_eq!((of("000E").edited, of("000F").revoked), (Some(true), Some(true)));
    assert_eq!(of("000D").reply_to.as_ref().unwrap().text.as_deref(), Some("Pizza or pasta?"));
    assert_eq!(of("000F").text, None);

    let document = of("0007");
    assert_eq!(&chats.media(document).bytes(1000).await.unwrap()[..], b"%PDF-1.4 sample");
    assert_eq!(calls(&server, "downloadFile"), 0, "the journal's own address is enough");
    let handle = chats.chat(ALICE).unwrap().message(document.key.as_str()).unwrap();
    assert_eq!(handle.get().await.unwrap().key, document.key);
    assert!(handle.media().open().await.unwrap().file_name.is_some());
    let error = chats.media(of("0014")).open().await.unwrap_err();
    assert_eq!((error.kind(), error.missing()), (ErrorKind::NotFound, Some(Missing::Media)));
    let missing = chats.chat(ALICE).unwrap().message("3EB0FFFF").unwrap().get().await.unwrap_err();
    assert_eq!((missing.kind(), missing.missing()), (ErrorKind::NotFound, Some(Missing::Message)));
}

#[tokio::test]
async fn messages_of_all_chats_come_from_the_two_journals() {
    let (world, server, chats) = sample().await;
    let day = chats.messages().collect().await.unwrap();
    assert!(!day.is_empty() && day.iter().any(|m| m.from_me) && day.iter().any(|m| !m.from_me));
    let since = DateTime::from_timestamp(world.now() - 4 * 86_400, 0).unwrap();
    let more: Vec<Message> = chats.messages().since(since).stream().try_collect().await.unwrap();
    assert!(more.len() > day.len() && more.iter().all(|m| m.sent_at.unwrap() >= since));
    assert!(calls(&server, "lastIncomingMessages") >= 2 && calls(&server, "getChatHistory") == 0);
    let journaled = |m: &&wachats_simulator::world::Message| {
        m.sent_at_ms >= since.timestamp_millis()
            && !m.chat.ends_with("newsletter")
            && !m.chat.starts_with("status")
            && !matches!(m.content, wachats_simulator::world::Content::Call(_))
    };
    assert_eq!(more.len(), world.all_messages().iter().filter(journaled).count());
}

#[tokio::test]
async fn changes_take_effect_and_repeat_without_harm() {
    let (world, server, chats) = sample().await;
    let chat = chats.chat(ALICE).unwrap();
    chat.archive().await.unwrap();
    chat.archive().await.unwrap();
    assert!(world.chat(ALICE).unwrap().archived);
    chat.unarchive().await.unwrap();
    assert!(!world.chat(ALICE).unwrap().archived);
    chat.mark_read().await.unwrap();
    chat.disappearing(DisappearingTimer::Week).await.unwrap();
    assert_eq!(world.chat(ALICE).unwrap().ephemeral_seconds, 604_800);

    let edited = chat.message("3EB0A000000000000002").unwrap().edit("Changed").await.unwrap();
    assert_eq!(edited.message_id.unwrap().from_me(), Some(true));
    assert!(edited.new_message_id.is_some_and(|id| id.key().as_str() != "3EB0A000000000000002"));
    let all = chat.messages().collect().await.unwrap();
    let shown = all.iter().find(|m| m.key.as_str() == "3EB0A000000000000002").unwrap();
    assert_eq!((shown.text.as_deref(), shown.edited), (Some("Changed"), Some(true)));

    chat.message("3EB0A000000000000007").unwrap().delete_for_everyone().await.unwrap();
    let gone = chat.messages().collect().await.unwrap();
    let gone = gone.iter().find(|m| m.key.as_str() == "3EB0A000000000000007").unwrap();
    assert_eq!((&gone.kind, gone.revoked, &gone.media), (&MessageKind::Revoked, Some(true), &None));
    chat.message("3EB0A000000000000001").unwrap().delete_for_me().await.unwrap();
    assert!(world.message(ALICE, "3EB0A000000000000001").is_none());

    let sent = chat.reply("3EB0A00000000000000D", "Good").await.unwrap();
    assert!(sent.queued && sent.message_id.as_ref().is_some_and(|id| id.is_full()));
    let requests = server.requests().len();
    let refused = [
        chat.mark_unread().await.unwrap_err(),
        chat.message("3EB0A000000000000002").unwrap().react("👍").await.unwrap_err(),
        chat.picture(true).await.unwrap_err(),
    ];
    assert!(refused.iter().all(|e| e.kind() == ErrorKind::Unsupported && e.effect() == Effect::NotSent));
    let long = chat.send("x".repeat(20_001)).await.unwrap_err();
    assert_eq!((long.kind(), server.requests().len()), (ErrorKind::InvalidInput, requests));
    let empty = chats.chat("5511900000999@c.us").unwrap().archive().await.unwrap_err();
    assert_eq!(empty.missing(), Some(Missing::Chat));
}

#[tokio::test]
async fn an_overview_takes_three_calls_and_a_picture_each() {
    let (_world, server, chats) = sample().await;
    let page = chats.overview().limit(6).page().await.unwrap();
    assert_eq!(page.items.len(), 6);
    assert_eq!((server.requests().len(), calls(&server, "getAvatar")), (9, 6));
    let alice = chats.overview().ids([ALICE.parse().unwrap()]).collect().await.unwrap().remove(0);
    assert!(alice.picture_url.is_some() && alice.last_message.is_some());
    assert_eq!(alice.last_message_at, alice.last_message.unwrap().sent_at);
    server.clear_requests();
    server.faults().push(Fault::status(466).on("POST", "/getAvatar/").times(1000));
    let fresh = connect(&server);
    let all = fresh.overview().collect().await.unwrap();
    assert!(
        all.len() > 6 && all.iter().all(|c| c.picture_url.is_none()),
        "one picture doesn't spoil an overview"
    );
}

#[tokio::test]
async fn a_status_tells_the_state_and_what_stops_the_journal() {
    let (world, server, chats) = sample().await;
    let status = chats.status().await.unwrap();
    assert_eq!(status.state, SessionState::Working);
    assert_eq!(status.account_id.unwrap().as_str(), "5511900000000@c.us");
    let own = chats.chat(ALICE).unwrap().messages().from_me(true).limit(1).collect().await.unwrap().remove(0);
    assert_eq!(own.sender_id.unwrap().as_str(), "5511900000000@c.us", "known from the status on");
    world.set_session(Session::NeedsPairing);
    assert_eq!(chats.status().await.unwrap().state, SessionState::NeedsPairing);
    let error = chats.list().page().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::SessionNotReady, Retry::Never));
    assert!(chats.chat(ALICE).unwrap().send("queued").await.unwrap().queued);
    world.set_session(Session::Starting);
    let error = chats.list().page().await.unwrap_err();
    assert_eq!((error.state(), error.retry()), (Some("STARTING"), Retry::After(None)));
    drop(server);

    let fresh = serve(&World::sample(), profile().fresh()).await;
    let detail = connect(&fresh).status().await.unwrap().detail.unwrap();
    assert!(detail.contains("incomingWebhook") && detail.contains("deletedMessageWebhook"), "{detail}");
    for (instance, kind) in
        [(Instance::Expired, ErrorKind::QuotaExceeded), (Instance::Deleted, ErrorKind::NotFound)]
    {
        let server = serve(&World::sample(), profile().instance(instance)).await;
        assert_eq!(connect(&server).status().await.unwrap_err().kind(), kind);
    }
    let unborn = serve(&World::sample(), profile().instance(Instance::Unborn)).await;
    assert_eq!(connect(&unborn).status().await.unwrap().state, SessionState::Unknown);
}

#[tokio::test]
async fn two_ids_of_a_person_are_told_where_something_names_both() {
    let server = serve(&World::sample(), profile().lid_mode()).await;
    let chats = connect(&server);
    let bruno = chats.resolve("5511922222222@c.us").await.unwrap();
    assert_eq!(bruno.lid.unwrap().as_str(), "222222222222222@lid");
    let member = chats.resolve("444444444444444@lid").await.unwrap();
    assert_eq!(member.phone_id.unwrap().as_str(), "5511988888888@c.us");
    let hidden = chats.resolve("333333333333333@lid").await.unwrap();
    assert!(hidden.phone_id.is_none());
    assert_eq!(chats.capabilities().await.unwrap().support(Capability::ResolveLid), Support::Emulated);
}

#[tokio::test]
async fn the_published_limits_are_kept_and_a_quota_is_final() {
    let server = serve(&World::sample(), profile().rate_limits().quota_used_up("getAvatar")).await;
    let uri = format!("green-api+{}?instance=7103000001", server.url());
    let chats = wachats::connect(&uri, Secrets::green_api(TOKEN)).unwrap();
    let started = Instant::now();
    for _ in 0..3 {
        chats.list().limit(1).page().await.unwrap();
    }
    assert!(started.elapsed() >= Duration::from_millis(1900));
    assert!(server.requests().iter().all(|r| r.status == Some(200)), "never 429");
    let error = chats.chat(ALICE).unwrap().picture(false).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry(), calls(&server, "getAvatar")),
        (ErrorKind::QuotaExceeded, Retry::Never, 1)
    );
}
