//! WAHA end to end against its simulator, on each of its four engines: what the crate's own tests can't show
//! without a server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod change;
mod read;

use std::time::Duration;

use wachats::transport::HttpOptions;
use wachats::waha::Waha;
use wachats::{Chat, ChatId, ChatsProvider, ListChats, ListMessages, Message, MessageId};
use wachats_simulator::waha::{Engine, Profile, serve};
use wachats_simulator::{Server, World};

pub(crate) const ALICE: &str = "5511911111111@c.us";
pub(crate) const BRUNO: &str = "5511922222222@c.us";
pub(crate) const BRUNO_LID: &str = "222222222222222@lid";
pub(crate) const BUSY: &str = "5511966666666@c.us";
pub(crate) const FAMILY: &str = "120363000000000001@g.us";

pub(crate) fn merges(engine: Engine) -> bool {
    matches!(engine, Engine::Noweb | Engine::Gows)
}

pub(crate) fn client(server: &Server) -> Waha {
    let http = HttpOptions::new().backoff(Duration::from_millis(1), Duration::from_millis(2));
    Waha::builder(server.url()).key("key").http(http).build().unwrap()
}

pub(crate) async fn sample(profile: Profile) -> (World, Server, Waha) {
    let world = World::sample();
    let server = serve(world.clone(), profile.key("key")).await.unwrap();
    let waha = client(&server);
    (world, server, waha)
}

pub(crate) async fn engine(engine: Engine) -> (World, Server, Waha) {
    sample(Profile::new(engine)).await
}

pub(crate) fn id(text: &str) -> ChatId {
    text.parse().unwrap()
}

pub(crate) fn message_id(text: &str) -> MessageId {
    text.parse().unwrap()
}

pub(crate) fn paths(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|r| format!("{} {}", r.method, r.path_and_query)).collect()
}

pub(crate) fn keys(messages: &[Message]) -> Vec<String> {
    messages.iter().map(|message| message.key.to_string()).collect()
}

pub(crate) async fn all_chats(waha: &Waha, mut query: ListChats) -> Vec<Chat> {
    let mut all = Vec::new();
    loop {
        let page = waha.list_chats(&query).await.unwrap();
        assert!(page.skipped.is_empty() && page.notes.is_empty());
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        query.page = Some(next);
    }
}

pub(crate) async fn all_messages(waha: &Waha, mut query: ListMessages) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        let page = waha.list_messages(&query).await.unwrap();
        assert!(page.skipped.is_empty() && page.notes.is_empty());
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        query.page = Some(next);
    }
}
