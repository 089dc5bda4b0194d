//! GOWA end to end against its simulator: what the gateway's own tests can't show without a server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use futures::TryStreamExt;
use wachats::gowa::Gowa;
use wachats::transport::HttpOptions;
use wachats::{
    Action, Capability, ChatId, Chats, ChatsProvider, DisappearingTimer, Effect, Error, ErrorKind, ListChats,
    ListMessages, Message, Missing, OpenMedia, PictureQuery, Retry, Secrets, SessionState, Support,
};
use wachats_simulator::gowa::{Profile, Refusal, Version, serve};
use wachats_simulator::world::Session;
use wachats_simulator::{Fault, Server, World};

const ALICE: &str = "5511911111111@c.us";
const BUSY: &str = "5511966666666@c.us";
const FAMILY: &str = "120363000000000001@g.us";

async fn sample(profile: Profile) -> (World, Server, Gowa) {
    let world = World::sample();
    let server = serve(world.clone(), profile).await.unwrap();
    let http =
        HttpOptions::new().backoff(std::time::Duration::from_millis(1), std::time::Duration::from_millis(2));
    let gowa = Gowa::builder(server.url()).http(http).build().unwrap();
    (world, server, gowa)
}

fn profiles() -> [Profile; 4] {
    [Profile::v7_8(), Profile::v8_3(), Profile::v8_10(), Profile::v9_2()]
}

fn id(text: &str) -> ChatId {
    text.parse().unwrap()
}

fn paths(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|r| format!("{} {}", r.method, r.path_and_query)).collect()
}

async fn all_of(gowa: &Gowa, mut query: ListMessages) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        let page = gowa.list_messages(&query).await.unwrap();
        assert!(page.total.is_none() && page.skipped.is_empty());
        all.extend(page.items);
        match page.next {
            Some(next) => query.page = Some(next),
            None => return all,
        }
    }
}

#[tokio::test]
async fn every_version_lists_all_chats_and_messages_once() {
    for profile in profiles() {
        let (world, server, gowa) = sample(profile.base_path("/gowa").basic_auth("ann", "secret")).await;
        assert_eq!(gowa.list_chats(&ListChats::new()).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
        let gowa = Gowa::builder(server.url()).basic_auth("ann", "secret").device("dev1").build().unwrap();
        let mut query = ListChats::new();
        query.limit = Some(5);
        let mut seen = Vec::new();
        loop {
            let page = gowa.list_chats(&query).await.unwrap();
            seen.extend(page.items.into_iter().map(|chat| chat.id.to_string()));
            let Some(next) = page.next else { break };
            query.page = Some(next);
        }
        let mut expected: Vec<_> = world.chats().into_iter().map(|chat| chat.id).collect();
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected);
        for size in [1, 7, 100] {
            let mut query = ListMessages::new(id(BUSY));
            query.limit = Some(size);
            let keys: Vec<_> = all_of(&gowa, query).await.into_iter().map(|m| m.key.to_string()).collect();
            let expected: Vec<_> = world.messages(BUSY).into_iter().map(|m| m.key).collect();
            assert_eq!(keys, expected, "pages of {size}");
        }
        assert!(
            paths(&server)
                .iter()
                .any(|p| p.starts_with("GET /gowa/chat/5511966666666@s.whatsapp.net/messages"))
        );
    }
}

#[tokio::test]
async fn a_second_is_asked_for_whole() {
    let (_world, _server, gowa) = sample(Profile::v9_2()).await;
    let all = all_of(&gowa, ListMessages::new(id(BUSY))).await;
    let (since, until) = (all[100].sent_at.unwrap(), all[50].sent_at.unwrap());
    let mut query = ListMessages::new(id(BUSY));
    (query.since, query.until, query.from_me, query.limit) = (Some(since), Some(until), Some(true), Some(10));
    let expected: Vec<_> = all.iter().filter(|m| query.matches(m)).map(|m| m.key.clone()).collect();
    let got: Vec<_> = all_of(&gowa, query).await.into_iter().map(|m| m.key).collect();
    assert!(expected.len() > 20);
    assert_eq!(got, expected);
}

#[tokio::test]
async fn versions_are_found_out() {
    for (profile, shown, archived) in [
        (Profile::v7_8(), "v7.5.1+", Support::No),
        (Profile::new(Version::new(7, 11, 0)), "v7.10.2+", Support::No),
        (Profile::new(Version::new(8, 0, 0)), "v8", Support::No),
        (Profile::v8_3(), "v8.1+", Support::No),
        (Profile::new(Version::new(8, 4, 0)), "v8.3.3+", Support::Native),
        (Profile::v8_10(), "v8.8+", Support::Native),
        (Profile::v9_2(), "v9.2.0", Support::Native),
    ] {
        let (_world, server, gowa) = sample(profile).await;
        let known = gowa.capabilities().await.unwrap();
        assert_eq!(
            (known.version.as_deref(), known.support(Capability::FilterArchived)),
            (Some(shown), archived)
        );
        let asked = server.requests().len();
        gowa.capabilities().await.unwrap();
        assert_eq!(server.requests().len(), asked, "the answer is kept");
        let mut query = ListChats::new();
        query.archived = Some(true);
        match archived {
            Support::No => {
                assert_eq!(gowa.list_chats(&query).await.unwrap_err().kind(), ErrorKind::Unsupported)
            }
            _ => assert_eq!(gowa.list_chats(&query).await.unwrap().items.len(), 3),
        }
    }
}

#[tokio::test]
async fn a_v8_without_chats_is_asked_again() {
    let world = World::new(wachats_simulator::world::Account::new("5511900000000", "Demo"));
    let server = serve(world.clone(), Profile::new(Version::new(8, 4, 0))).await.unwrap();
    let gowa = Gowa::builder(server.url()).build().unwrap();
    assert_eq!(gowa.capabilities().await.unwrap().support(Capability::FilterArchived), Support::No);
    world.add_chat(wachats_simulator::world::Chat::user("5511911111111").active_at(1_790_000_000));
    assert_eq!(gowa.capabilities().await.unwrap().support(Capability::FilterArchived), Support::Native);
    let elsewhere = Gowa::builder(format!("{}/elsewhere", server.url())).build().unwrap();
    assert_eq!(elsewhere.capabilities().await.unwrap_err().kind(), ErrorKind::NotAGateway);
}

#[tokio::test]
async fn an_empty_list_is_believed_only_of_a_paired_device() {
    for profile in profiles() {
        let (world, _server, gowa) = sample(profile.clone()).await;
        let unknown = ListMessages::new(id("5511999999999"));
        assert!(gowa.list_messages(&unknown).await.unwrap().items.is_empty(), "an unknown chat is empty");
        world.set_session(Session::NeedsPairing);
        if profile.version() >= Version::new(8, 0, 0) {
            for error in [
                gowa.list_chats(&ListChats::new()).await.unwrap_err(),
                gowa.list_messages(&ListMessages::new(id(ALICE))).await.unwrap_err(),
            ] {
                assert_eq!((error.kind(), error.retry()), (ErrorKind::SessionNotReady, Retry::Never));
            }
        }
        assert_eq!(gowa.status().await.unwrap().state, SessionState::NeedsPairing);
        world.set_session(Session::Starting);
        assert_eq!(gowa.status().await.unwrap().state, SessionState::Starting);
        assert!(!gowa.list_chats(&ListChats::new()).await.unwrap().items.is_empty());
        world.set_session(Session::Working);
        let status = gowa.status().await.unwrap();
        assert_eq!((status.state, status.account_id), (SessionState::Working, Some(id("5511900000000"))));
        assert!(status.version.is_some());
    }
}

#[tokio::test]
async fn devices_are_named() {
    let (_world, server, gowa) = sample(Profile::v9_2().device("a+b c").idle_device("other")).await;
    assert_eq!(gowa.list_chats(&ListChats::new()).await.unwrap_err().kind(), ErrorKind::ConfigInvalid);
    let named = |device: &str| Gowa::builder(server.url()).device(device).build().unwrap();
    assert!(!named("a+b c").list_chats(&ListChats::new()).await.unwrap().items.is_empty());
    assert!(
        !named("5511900000000@s.whatsapp.net").list_chats(&ListChats::new()).await.unwrap().items.is_empty()
    );
    let error = named("nope").list_chats(&ListChats::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.missing()), (ErrorKind::NotFound, Some(Missing::Session)));
    let error = named("other").list_chats(&ListChats::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionNotReady);
}

#[tokio::test]
async fn a_picture_never_takes_the_server_down() {
    for version in [Version::new(7, 8, 0), Version::new(8, 0, 0)] {
        let (world, server, gowa) = sample(Profile::new(version)).await;
        let picture = PictureQuery::new(id(ALICE));
        assert!(gowa.chat_picture(&picture).await.unwrap().is_some());
        assert_eq!(gowa.chat_picture(&PictureQuery::new(id(BUSY))).await.unwrap(), None);
        server.clear_requests();
        world.set_session(Session::Starting);
        assert_eq!(gowa.chat_picture(&picture).await.unwrap_err().kind(), ErrorKind::SessionNotReady);
        assert!(!paths(&server).iter().any(|p| p.contains("avatar")), "{version}");
        assert_eq!(gowa.status().await.unwrap().state, SessionState::Starting, "it is still there");
    }
    let profile = Profile::v9_2().refusal(ALICE, Refusal::PictureHidden);
    let (_world, _server, gowa) = sample(profile).await;
    assert_eq!(gowa.chat_picture(&PictureQuery::new(id(ALICE))).await.unwrap(), None);
}

#[tokio::test]
async fn chats_are_managed() {
    let (world, _server, gowa) = sample(Profile::v9_2()).await;
    let chats = Chats::new(gowa);
    let alice = chats.chat(ALICE).unwrap();
    alice.archive().await.unwrap();
    assert!(world.chat(ALICE).unwrap().archived);
    alice.unarchive().await.unwrap();
    assert!(!world.chat(ALICE).unwrap().archived);
    alice.disappearing(DisappearingTimer::Week).await.unwrap();
    assert_eq!(world.chat(ALICE).unwrap().ephemeral_seconds, 604_800);
    chats.perform(Action::UnpinChat { chat: id(ALICE) }).await.unwrap();
    let outcome = alice.mark_read().await.unwrap();
    assert!(outcome.warnings.is_empty() && world.chat(ALICE).unwrap().unread == 0);
    let error = chats.chat(FAMILY).unwrap().mark_read().await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
    let error = alice.mark_unread().await.unwrap_err();
    assert_eq!((error.kind(), error.capability()), (ErrorKind::Unsupported, Some(Capability::MarkUnread)));
}

#[tokio::test]
async fn messages_are_managed() {
    let (world, server, gowa) = sample(Profile::v9_2()).await;
    let chats = Chats::new(gowa);
    let alice = chats.chat(ALICE).unwrap();
    let sent = alice.send("first").await.unwrap();
    let first = sent.message_id.unwrap();
    assert_eq!((first.is_full(), first.from_me()), (true, Some(true)));
    let message = alice.message(first.clone()).unwrap();
    let edited = message.edit("second").await.unwrap();
    assert!(edited.new_message_id.is_some_and(|id| id.key() != first.key()));
    let text = |key: &str| format!("{:?}", world.message(ALICE, key).unwrap().content);
    assert!(text(first.key().as_str()).contains("second"));
    let answer = alice.reply(first.clone(), "third").await.unwrap().message_id.unwrap();
    assert!(world.message(ALICE, answer.key().as_str()).unwrap().quoted.is_some());
    message.react("👍").await.unwrap();
    message.star().await.unwrap();
    assert!(world.message(ALICE, first.key().as_str()).unwrap().starred);
    message.react("").await.unwrap();
    message.unstar().await.unwrap();
    message.delete_for_everyone().await.unwrap();
    alice.message(answer.clone()).unwrap().delete_for_me().await.unwrap();
    assert!(world.message(ALICE, answer.key().as_str()).is_none());
    let partial = serde_json::json!({"code": "INTERNAL_SERVER_ERROR",
        "message": "WhatsApp action succeeded, but failed to delete local message A: database is locked"});
    server.faults().push(Fault::json(500, &partial).on("POST", "/revoke").times(1));
    let outcome = message.delete_for_everyone().await.unwrap();
    assert_eq!(outcome.warnings.len(), 1);
}

#[tokio::test]
async fn what_an_old_server_lacks_is_refused_and_remembered() {
    let (_world, server, gowa) = sample(Profile::v7_8()).await;
    let chats = Chats::new(gowa);
    let archive = || chats.perform(Action::Archive { chat: id(ALICE) });
    assert_eq!(archive().await.unwrap_err().kind(), ErrorKind::Unsupported);
    let asked = server.requests().len();
    assert_eq!(archive().await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(server.requests().len(), asked);
    let message = chats.chat(ALICE).unwrap().message("3EB0A000000000000001").unwrap();
    assert_eq!(message.react("").await.unwrap_err().kind(), ErrorKind::Unsupported);
    message.react("👍").await.unwrap();
}

#[tokio::test]
async fn whatsapps_refusals_are_never_repeated() {
    for version in [Version::new(8, 3, 2), Version::new(9, 2, 0)] {
        let profile =
            Profile::new(version).refusal(ALICE, Refusal::ReachOutTimelock).refusal(BUSY, Refusal::Nack(479));
        let (_world, server, gowa) = sample(profile).await;
        let chats = Chats::new(gowa);
        let send = async |chat: &str| -> Error {
            server.clear_requests();
            let error = chats.chat(chat).unwrap().send("hi").await.unwrap_err();
            assert_eq!(
                (server.requests().len(), error.retry(), error.effect()),
                (1, Retry::Never, Effect::Refused)
            );
            error
        };
        assert_eq!(send(ALICE).await.kind(), ErrorKind::RateLimited);
        assert_eq!(send(BUSY).await.kind(), ErrorKind::ServerFault);
        server.faults().push(Fault::status(500).on("POST", "/send/message").times(1));
        let error = chats.chat(FAMILY).unwrap().send("hi").await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::OutcomeUnknown, Effect::Unknown));
    }
}

#[tokio::test]
async fn media_are_read_below_the_base() {
    for profile in [Profile::v7_8(), Profile::v9_2().base_path("/gowa")] {
        let (world, _server, gowa) = sample(profile).await;
        let all = all_of(&gowa, ListMessages::new(id(ALICE))).await;
        let of = |key: &str| OpenMedia::of(all.iter().find(|m| m.key.as_str() == key).unwrap());
        let media = gowa.open_media(&of("3EB0A000000000000007")).await.unwrap();
        assert_eq!(media.file_name.as_deref(), Some("invoice 7.pdf"));
        let bytes =
            world.message(ALICE, "3EB0A000000000000007").unwrap().content.media().unwrap().bytes.clone();
        assert_eq!(Some(media.bytes(1 << 20).await.unwrap()), bytes);
        let error = gowa.open_media(&of("3EB0A000000000000014")).await.err().unwrap();
        assert_eq!(error.missing(), Some(Missing::Media));
        let error = gowa.open_media(&OpenMedia::new(id(ALICE), "NOPE".parse().unwrap())).await.err().unwrap();
        assert_eq!(error.missing(), Some(Missing::Message));
    }
}

#[tokio::test]
async fn both_ids_of_a_person() {
    let (_world, server, gowa) = sample(Profile::v9_2().refusal(BUSY, Refusal::NotOnWhatsapp)).await;
    let (phone, lid) = (id("5511922222222"), id("222222222222222@lid"));
    for asked in [&phone, &lid] {
        let both = gowa.resolve(asked).await.unwrap();
        assert_eq!((both.phone_id, both.lid), (Some(phone.clone()), Some(lid.clone())));
    }
    assert_eq!(gowa.resolve(&id(BUSY)).await.unwrap().lid, None);
    let old = Chats::new(
        Gowa::builder(serve(World::sample(), Profile::v7_8()).await.unwrap().url()).build().unwrap(),
    );
    drop(server);
    assert!(old.resolve("5511922222222").await.is_err());
}

#[tokio::test]
async fn search_is_right_whatever_the_gateway_does() {
    let (_world, server, gowa) = sample(Profile::v9_2()).await;
    let direct = |needle: &str| {
        let mut query = ListMessages::new(id(BUSY));
        query.search = Some(needle.to_owned());
        query
    };
    let mut query = direct("INVOICE");
    (query.from_me, query.limit) = (Some(true), Some(2));
    server.clear_requests();
    let first = gowa.list_messages(&query).await.unwrap();
    assert_eq!((first.items.len(), server.requests().len()), (2, 1));
    assert_eq!(all_of(&gowa, query).await.len(), 4);
    for needle in ["line", "100%", "Привет"] {
        let error = gowa.list_messages(&direct(needle)).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unsupported, None), "{needle}");
    }
    let chats = Chats::new(gowa);
    let found = async |chat: &str, needle: &str| -> usize {
        chats.chat(chat).unwrap().messages().search(needle).collect().await.unwrap().len()
    };
    assert_eq!(found(BUSY, "line").await, 173);
    assert_eq!(found("79001234567@c.us", "ПРИВЕТ").await, 8);
    assert_eq!(found(ALICE, "100%").await, 1);
    assert_eq!(found(ALICE, "a_b").await, 1);
}

#[tokio::test]
async fn the_driver_takes_both_secrets_or_neither() {
    let server = serve(World::sample(), Profile::v9_2().basic_auth("ann", "secret")).await.unwrap();
    let uri = format!("gowa+{}?device=dev1", server.url());
    let chats = wachats::connect(&uri, Secrets::gowa("ann", "secret")).unwrap();
    let listed: Vec<_> = chats.list().limit(3).stream().try_collect().await.unwrap();
    assert_eq!(listed.len(), 3);
    assert!(wachats::connect(&uri, Secrets::none()).is_ok(), "anonymous");
    for half in ["GOWA_USER", "GOWA_PASS"] {
        let error = wachats::connect(&uri, Secrets::none().with(half, "x")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    }
    assert!(wachats::connect(&format!("gowa+{}?session=a", server.url()), Secrets::none()).is_err());
    let raw = chats
        .backend::<Gowa>()
        .unwrap()
        .request(wachats::gowa::Method::GET, ["app", "info"])
        .json()
        .await
        .unwrap();
    assert_eq!(raw["results"]["version"], "v9.2.0");
}
