//! Wappfy end to end against its simulator: that it is WAHA in another dialect, in all the answers documented.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use wachats::wappfy::Wappfy;
use wachats::{Action, Capability, ChatId, Chats, ChatsProvider, ErrorKind, SessionState, Support};
use wachats_simulator::waha::Engine;
use wachats_simulator::wappfy::{Answers, Profile, serve};
use wachats_simulator::{Server, World};

const ALICE: &str = "5511911111111@c.us";

async fn sample(profile: Profile) -> (World, Server, Wappfy) {
    let world = World::sample();
    let server = serve(world.clone(), profile.key("key").session("shop")).await.unwrap();
    let wappfy = Wappfy::builder(server.url()).key("key").session("shop").build().unwrap();
    (world, server, wappfy)
}

fn id(text: &str) -> ChatId {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_key_travels_in_its_own_header_and_limit_is_always_sent() {
    let (_world, server, wappfy) = sample(Profile::new()).await;
    let chats = Chats::new(wappfy);
    assert_eq!(chats.list().collect().await.unwrap().len(), 14);
    let messages = chats.chat(ALICE).unwrap().messages().collect().await.unwrap();
    assert_eq!(messages.len(), 21);
    for request in server.requests() {
        assert!(request.headers.contains_key("apikey") && !request.headers.contains_key("x-api-key"));
        let listed = request.path_and_query.contains("/messages?");
        assert!(!listed || request.path_and_query.contains("limit="), "{}", request.path_and_query);
        assert!(!request.path_and_query.contains("merge"), "{}", request.path_and_query);
    }
    let wrong = Wappfy::builder(server.url()).key("wrong").session("shop").build().unwrap();
    assert_eq!(wrong.status().await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn what_is_not_documented_is_not_offered() {
    for engine in Engine::ALL {
        let (_world, server, wappfy) = sample(Profile::new().engine(engine)).await;
        let known = wappfy.capabilities().await.unwrap();
        assert_eq!(known.gateway.as_str(), "wappfy");
        assert_eq!(known.engine.as_deref(), Some(engine.name()));
        for withheld in [Capability::PinMessage, Capability::Star, Capability::AllMessages] {
            assert_eq!(known.support(withheld), Support::No, "{engine:?} {withheld}");
        }
        server.clear_requests();
        let chat = Chats::new(wappfy).chat(ALICE).unwrap();
        let error = chat.message("3EB0A000000000000002").unwrap().star().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn every_documented_answer_is_understood() {
    for answers in [Answers::Generated, Answers::Prose, Answers::Oldest] {
        let (world, _server, wappfy) = sample(Profile::new().answers(answers)).await;
        let send = Action::SendText { chat: id(ALICE), text: "hello".into(), reply_to: None };
        let sent = wappfy.perform(send).await.unwrap().message_id.unwrap();
        assert!(world.message(ALICE, sent.key().as_str()).is_some(), "{answers:?}");
        assert_eq!(wappfy.status().await.unwrap().state, SessionState::Working, "{answers:?}");
        let found = wappfy.resolve(&id("222222222222222@lid")).await.unwrap();
        assert_eq!(found.phone_id, Some(id("5511922222222@c.us")), "{answers:?}");
        let react = Action::React { chat: id(ALICE), id: sent, emoji: "👍".into() };
        wappfy.perform(react).await.unwrap();
    }
}
