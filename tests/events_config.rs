//! Webhooks set up through each gateway's own API, read back, and put to use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::time::Duration;

use common::{CANARY, quick};
use secrecy::ExposeSecret;
use wachats::gowa::Gowa;
use wachats::green_api::GreenApi;
use wachats::waha::Waha;
use wachats::wappfy::Wappfy;
use wachats::webhook::{WebhookKeys, Window};
use wachats::{ErrorKind, gowa, green_api, waha, wappfy};
use wachats_receiver::{Inbox, Receiver};
use wachats_simulator::waha::Engine;
use wachats_simulator::world::Message;
use wachats_simulator::{
    World, gowa as gowa_sim, green_api as green_sim, waha as waha_sim, wappfy as wappfy_sim,
};

const ALICE: &str = "5511911111111@c.us";
const SECRET: &str = "the webhook's own secret";

/// A receiver on a port of its own, and where it is.
async fn receive(webhook: impl wachats::webhook::Webhook + 'static) -> (Receiver, String) {
    // the sample's clock stands still, far from today
    let keys = WebhookKeys::new(SECRET).window(Window::new(Duration::MAX));
    let receiver = Receiver::new(webhook, keys, Inbox::in_memory()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = receiver.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    (receiver, url)
}

/// What is set up works: the next message comes in signed.
async fn works(world: &World, receiver: &Receiver, key: &str) {
    world.receive(Message::text(ALICE, key, "by webhook"));
    let waiting = async {
        loop {
            let event = receiver.inbox().next().await.unwrap();
            event.ack().await.unwrap();
            if event.message().is_some_and(|message| message.text.as_deref() == Some("by webhook")) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it is delivered");
    assert_eq!(receiver.verdicts().forged, 0);
}

#[tokio::test]
async fn waha_keeps_the_rest_of_its_configuration() {
    let (world, (receiver, url)) = (World::sample(), receive(waha::event::WahaEvents::new()).await);
    let server =
        waha_sim::serve(world.clone(), waha_sim::Profile::new(Engine::Noweb).key(CANARY)).await.unwrap();
    let gateway = Waha::builder(server.url()).key(CANARY).http(quick()).build().unwrap();
    assert!(gateway.webhooks().await.unwrap().is_empty());
    let mut wanted = waha::WebhookConfig::new(&url, SECRET).events(["message.any", "message.ack"]);
    wanted.retries = Some(waha::WebhookRetries::exponential(3, 0.5));
    wanted.headers = vec![("X-Tenant".to_owned(), "7".into())];
    gateway.set_webhooks(std::slice::from_ref(&wanted)).await.unwrap();
    let found = gateway.webhooks().await.unwrap();
    assert_eq!((found.len(), &found[0].url, &found[0].events), (1, &wanted.url, &wanted.events));
    assert_eq!(found[0].key.as_ref().unwrap().expose_secret(), SECRET);
    assert_eq!((&found[0].retries, found[0].headers.len()), (&wanted.retries, 1));
    let session = gateway.request(waha::Method::GET, ["api", "sessions", "default"]).json().await.unwrap();
    assert_eq!(session["config"]["noweb"]["store"]["enabled"], true, "the store stays on");
    works(&world, &receiver, "3EB0E1").await;

    let before = server.requests().len();
    wanted.key = None;
    assert_eq!(gateway.set_webhooks(&[wanted.clone()]).await.unwrap_err().kind(), ErrorKind::ConfigInvalid);
    assert_eq!(server.requests().len(), before);
    wanted.key = Some(SECRET.into());
    wanted.events = vec!["message.sent".to_owned()];
    assert_eq!(gateway.set_webhooks(&[wanted]).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    gateway.set_webhooks(&[]).await.unwrap();
    assert!(gateway.webhooks().await.unwrap().is_empty());
}

#[tokio::test]
async fn wappfy_is_taken_for_waha() {
    let (world, (receiver, url)) = (World::sample(), receive(wappfy::event::events()).await);
    let server = wappfy_sim::serve(world.clone(), wappfy_sim::Profile::new().key(CANARY)).await.unwrap();
    let gateway = Wappfy::builder(server.url()).key(CANARY).http(quick()).build().unwrap();
    gateway.set_webhooks(&[wappfy::WebhookConfig::new(&url, SECRET)]).await.unwrap();
    assert_eq!(gateway.webhooks().await.unwrap()[0].url, url);
    works(&world, &receiver, "3EB0E1").await;
}

#[tokio::test]
async fn gowa_has_one_for_each_device_since_8_10() {
    let (world, (receiver, url)) = (World::sample(), receive(gowa::event::GowaEvents::new()).await);
    let server = gowa_sim::serve(world.clone(), gowa_sim::Profile::v9_2()).await.unwrap();
    let gateway = Gowa::builder(server.url()).http(quick()).build().unwrap();
    assert_eq!(gateway.webhook().await.unwrap().url, "");
    let wanted = gowa::WebhookConfig::new(&url, SECRET).events(["message", "message.ack"]);
    gateway.set_webhook(&wanted).await.unwrap();
    let found = gateway.webhook().await.unwrap();
    assert_eq!((&found.url, &found.events), (&wanted.url, &wanted.events));
    assert_eq!(found.secret.unwrap().expose_secret(), SECRET);
    works(&world, &receiver, "3EB0E1").await;
    let absent = Gowa::builder(server.url()).device("nobody").http(quick()).build().unwrap();
    assert_eq!(absent.webhook().await.unwrap_err().kind(), ErrorKind::NotFound);

    for profile in [gowa_sim::Profile::v7_8(), gowa_sim::Profile::v8_3()] {
        let server = gowa_sim::serve(World::sample(), profile).await.unwrap();
        let gateway = Gowa::builder(server.url()).http(quick()).build().unwrap();
        for error in [gateway.webhook().await.unwrap_err(), gateway.set_webhook(&wanted).await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            assert!(error.message().contains("v8.10"), "{error}");
        }
    }
}

#[tokio::test]
async fn green_api_has_an_address_and_kinds() {
    let (world, (receiver, url)) = (World::sample(), receive(green_api::event::GreenApiEvents::new()).await);
    let profile = green_sim::Profile::new().fresh().credentials(7_103_000_001, CANARY);
    let server = green_sim::serve(world.clone(), profile).await.unwrap();
    let builder = GreenApi::builder(server.url()).instance(7_103_000_001_u64).token(CANARY);
    let gateway = builder.http(quick()).build().unwrap();
    let fresh = gateway.webhook().await.unwrap();
    assert_eq!((fresh.url, fresh.incoming), (None, Some(false)));
    let mut wanted = green_api::WebhookConfig::pushed(&url, SECRET);
    (wanted.polls, wanted.calls) = (Some(false), None);
    gateway.set_webhook(&wanted).await.unwrap();
    let found = gateway.webhook().await.unwrap();
    assert_eq!((found.url, found.incoming, found.polls), (Some(url), Some(true), Some(false)));
    assert_eq!(found.token.unwrap().expose_secret(), SECRET);
    works(&world, &receiver, "3EB0E1").await;
    wanted.token = None;
    assert_eq!(gateway.set_webhook(&wanted).await.unwrap_err().kind(), ErrorKind::ConfigInvalid);
    gateway.set_webhook(&green_api::WebhookConfig::polled()).await.unwrap();
    assert_eq!(gateway.webhook().await.unwrap().url, None);
}
