//! Pairing and the session on every gateway: what a QR code is, who starts and stops, and that no change is sent twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{ALL, CANARY, Gateway, ONE_OF_EACH, quick, worlds};
use wachats::{Chats, ConnectOptions, Effect, ErrorKind as K, Retry, Secrets, SessionState};
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::Session;
use wachats_simulator::{Fault, World, wappfy};

const PHONE: &str = "+55 11 90000-0000";

fn unpaired() -> World {
    let world = worlds::common();
    world.set_session(Session::NeedsPairing);
    world
}

/// The picture of a code is drawn by the simulator from what the code says: equal codes have equal pictures.
#[tokio::test]
async fn a_code_is_shown_until_a_phone_scans_it() {
    for gateway in ALL {
        let (world, name) = (unpaired(), gateway.name());
        let opened = gateway.open(&world).await;
        let session = opened.chats.session();
        assert_eq!(opened.chats.status().await.unwrap().state, SessionState::NeedsPairing, "{name}");
        let qr = session.pairing_qr().await.unwrap();
        let waha = matches!(gateway, Gateway::Waha(_) | Gateway::Wappfy);
        assert_eq!(qr.value, waha.then(|| world.pairing_qr()), "{name}");
        let picture = qr.picture.clone().unwrap();
        assert_eq!(picture.mime_type, "image/png", "{name}");
        assert!(picture.bytes.len() > 200 && picture.bytes.starts_with(b"\x89PNG"), "{name}");
        // elsewhere it is fetched midway: a time counted from now would outlive the code
        assert_eq!(qr.expires_at.is_some(), matches!(gateway, Gateway::Gowa(_)), "{name}");
        assert_eq!(qr.voids_former, matches!(gateway, Gateway::Gowa(_)), "{name}");
        assert!(qr.expires_at.is_none_or(|at| at.timestamp_subsec_nanos() == 0), "{name}: whole seconds");
        assert!(!format!("{qr:?}").contains("2@"), "{name}");
        world.new_qr();
        let next = session.pairing_qr().await.unwrap();
        assert_ne!(next.picture, qr.picture, "{name}: the next code is another one");
        let waiting = opened.chats.clone();
        let until = tokio::spawn(async move { waiting.wait_until_working(Duration::from_secs(30)).await });
        assert!(world.pair(), "{name}");
        let status = until.await.unwrap().unwrap();
        assert_eq!(status.state, SessionState::Working, "{name}");
        let paired = session.pairing_qr().await.unwrap_err();
        assert_eq!((paired.kind(), paired.effect()), (K::Conflict, Effect::Refused), "{name}");
    }
}

#[tokio::test]
async fn a_code_is_typed_on_the_phone() {
    for gateway in ALL {
        let (world, name) = (unpaired(), gateway.name());
        let opened = gateway.open(&world).await;
        let outcome = opened.chats.session().pairing_code(PHONE).await.unwrap();
        let code = outcome.code.clone().unwrap();
        let wanted = world.pairing_code("5511900000000");
        assert_eq!(code, wanted, "{name}: ABCD-EFGH everywhere");
        assert_eq!((&outcome.chat_id, &outcome.message_id), (&None, &None), "{name}");
        assert!(!format!("{outcome:?}").contains(&code), "{name}");
        world.pair();
        let paired = opened.chats.session().pairing_code(PHONE).await.unwrap_err();
        assert_eq!(paired.kind(), K::Conflict, "{name}");
        assert_ne!(paired.effect(), Effect::Unknown, "{name}");
        opened.server.clear_requests();
        for wrong in ["12 ab", "222@lid", "120363000000000001@g.us"] {
            let error = opened.chats.session().pairing_code(wrong).await.unwrap_err();
            assert_eq!(error.kind(), K::InvalidInput, "{name}");
        }
        assert!(opened.server.requests().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_session_without_a_code_says_why() {
    for (session, word, retry) in [
        (Session::Starting, "STARTING", true),
        (Session::Stopped, "STOPPED", false),
        (Session::Failed, "FAILED", false),
    ] {
        for engine in [Engine::Webjs, Engine::Noweb] {
            let world = unpaired();
            world.set_session(session);
            let opened = Gateway::Waha(engine).open(&world).await;
            let error = opened.chats.session().pairing_qr().await.unwrap_err();
            assert_eq!((error.kind(), error.state()), (K::SessionNotReady, Some(word)));
            assert_eq!(error.retry() == Retry::After(None), retry, "{word}");
        }
    }
    let world = unpaired();
    world.set_session(Session::Starting);
    let opened = Gateway::GreenApi.open(&world).await;
    let error = opened.chats.session().pairing_qr().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (K::SessionNotReady, Retry::After(None)));
    let error = opened.chats.session().pairing_code(PHONE).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (K::SessionNotReady, Effect::Refused));
}

/// Codes that nobody scanned, or WhatsApp's own refusal.
#[tokio::test]
async fn a_failed_session_says_whether_a_restart_mends_it() {
    for gateway in ALL {
        let (world, name) = (unpaired(), gateway.name());
        let opened = gateway.open(&world).await;
        assert!(!opened.chats.status().await.unwrap().restart_mends, "{name}: nothing failed");
        world.set_session(Session::Failed);
        let status = opened.chats.status().await.unwrap();
        let waha = matches!(gateway, Gateway::Waha(_) | Gateway::Wappfy);
        assert_eq!(status.restart_mends, waha, "{name}: {}", status.state);
        assert!(!serde_json::to_string(&status).unwrap().contains("restart_mends"), "{name}");
    }
}

#[tokio::test]
async fn who_starts_and_who_stops() {
    for gateway in ALL {
        let (world, name) = (worlds::common(), gateway.name());
        let opened = gateway.open(&world).await;
        let session = opened.chats.session();
        session.restart().await.unwrap();
        assert_eq!(world.session(), Session::Working, "{name}");
        opened.server.clear_requests();
        if matches!(gateway, Gateway::Waha(_) | Gateway::Wappfy) {
            session.stop().await.unwrap();
            assert_eq!(opened.chats.status().await.unwrap().state, SessionState::Stopped, "{name}");
            session.start().await.unwrap();
            session.start().await.unwrap();
            assert_eq!(world.session(), Session::Working, "{name}: the phone stayed paired");
        } else {
            for refused in [session.start().await, session.stop().await] {
                let error = refused.unwrap_err();
                assert_eq!((error.kind(), error.effect()), (K::Unsupported, Effect::NotSent), "{name}");
                assert!(error.message().contains("no start"), "{name}: {error}");
            }
            assert!(opened.server.requests().is_empty(), "{name}");
        }
        session.logout().await.unwrap();
        assert_ne!(world.session(), Session::Working, "{name}");
        assert!(!world.is_paired(), "{name}: nothing brings it back but a phone");
    }
}

/// A restart, a logout and a code are changes: once sent, they are never sent again.
#[tokio::test]
async fn nothing_is_sent_twice_when_no_answer_comes() {
    for gateway in ONE_OF_EACH {
        for what in ["restart", "logout", "code"] {
            let world = if what == "code" { unpaired() } else { worlds::common() };
            let opened = gateway.open(&world).await;
            let session = opened.chats.session();
            opened.server.faults().push(Fault::reset().after_effect().after(u32::from(
                gateway == Gateway::GreenApi && what == "code", // it looks at the state first
            )));
            opened.server.clear_requests();
            let answer = match what {
                "restart" => session.restart().await,
                "logout" => session.logout().await,
                _ => session.pairing_code(PHONE).await,
            };
            let error = answer.unwrap_err();
            let name = format!("{} {what}", gateway.name());
            assert_eq!((error.kind(), error.effect()), (K::OutcomeUnknown, Effect::Unknown), "{name}");
            let looks = usize::from(gateway == Gateway::GreenApi && what == "code");
            assert_eq!(opened.server.requests().len(), 1 + looks, "{name}");
        }
        let opened = gateway.open(&unpaired()).await;
        opened.server.faults().push(Fault::status(502).times(1));
        opened.chats.session().pairing_qr().await.unwrap(); // asking again for a code is no harm
    }
}

/// Both halves of Wappfy's pages.
#[tokio::test]
async fn wappfys_code_is_a_value_or_a_file() {
    for answers in [wappfy::Answers::Generated, wappfy::Answers::Prose] {
        let world = unpaired();
        let profile = wappfy::Profile::new().key(CANARY).answers(answers);
        let server = wappfy::serve(world.clone(), profile).await.unwrap();
        let uri = format!("wappfy+{}?session=default", server.url());
        let options = ConnectOptions::new(Secrets::wappfy(CANARY)).http(quick());
        let chats: Chats = wachats::connect(&uri, options).unwrap();
        let qr = chats.session().pairing_qr().await.unwrap();
        assert_eq!(qr.value.is_some(), answers == wappfy::Answers::Generated);
        assert!(qr.picture.is_some());
    }
}

#[tokio::test]
async fn gowa_restarts_only_what_was_paired() {
    let opened = Gateway::Gowa(Version::new(9, 2, 0)).open(&unpaired()).await;
    let error = opened.chats.session().restart().await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (K::SessionNotReady, Effect::Refused));
}
