//! A send under a key of the caller's own (WAHA from 2026.4.3): whether it took effect is looked up exactly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::time::Duration;

use common::{CANARY, quick, worlds};
use wachats::waha::Waha;
use wachats::{Action, Attempt, ChatId, Chats, ConnectOptions, Effect, ErrorKind, Secrets, Verdict};
use wachats_simulator::waha::{Engine, Profile, serve};
use wachats_simulator::{Fault, Server, World};

async fn opened(world: &World, engine: Engine, version: &str) -> (Server, Chats) {
    let profile = Profile::new(engine).version(version).key(CANARY);
    let server = serve(world.clone(), profile).await.unwrap();
    let options = ConnectOptions::new(Secrets::waha(CANARY)).http(quick());
    let chats = wachats::connect(&format!("waha+{}", server.url()), options).unwrap();
    (server, chats)
}

#[tokio::test]
async fn a_lost_answer_is_found_by_its_key() {
    for engine in Engine::ALL {
        let world = worlds::common();
        let (server, chats) = opened(&world, engine, "2026.7.1").await;
        let waha = chats.backend::<Waha>().unwrap();
        let chat: ChatId = worlds::ANNA.parse().unwrap();
        for (fault, took_effect) in [(Fault::reset().after_effect(), true), (Fault::reset(), false)] {
            let key = waha.new_message_key().await.unwrap();
            let send = Action::SendText { chat: chat.clone(), text: "Call me".into(), reply_to: None };
            let attempt = Attempt::new(send).with_id(key.clone().into()).settle(Duration::ZERO);
            server.faults().push(fault.on("POST", "/api/sendText"));
            let error = waha.send_text_as(&key, &chat, "Call me", None).await.unwrap_err();
            assert_eq!(error.effect(), Effect::Unknown, "{}", engine.name());
            server.faults().clear();
            let verdict = chats.reconcile(&attempt).await.unwrap();
            match verdict {
                Verdict::Done { message_id: Some(id) } if took_effect => assert_eq!(*id.key(), key),
                Verdict::NotDone if !took_effect => {}
                other => panic!("{}: {other:?}", engine.name()),
            }
            assert_eq!(world.message(chat.as_str(), key.as_str()).is_some(), took_effect);
        }
        let key = waha.new_message_key().await.unwrap();
        let sent = waha.send_text_as(&key, &chat, "Hello", None).await.unwrap();
        assert_eq!(*sent.message_id.unwrap().key(), key);
    }
}

/// Earlier versions ignore the id in silence: nothing is sent there.
#[tokio::test]
async fn where_the_id_would_be_ignored_nothing_is_sent() {
    let world = worlds::common();
    let (server, chats) = opened(&world, Engine::Noweb, "2026.4.1").await;
    let waha = chats.backend::<Waha>().unwrap();
    let (chat, key) = (worlds::ANNA.parse().unwrap(), "3EB0AAAA".parse().unwrap());
    let error = waha.send_text_as(&key, &chat, "Hello", None).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
    assert_eq!(waha.new_message_key().await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(server.requests().iter().all(|r| r.method == "GET"));
}
