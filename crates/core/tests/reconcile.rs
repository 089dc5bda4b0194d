//! After an unknown outcome: looking, never sending. And waiting for a session, on request alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod flaky;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use flaky::*;
use wachats_core::*;

fn at_once(action: Action) -> Attempt {
    Attempt::new(action).settle(Duration::ZERO)
}

#[tokio::test]
async fn a_send_is_found_or_was_not_made() {
    let flaky = Flaky::new(account());
    let chats = Chats::new(flaky.clone());
    let attempt = at_once(send("Hello"));
    flaky.lose_answers();
    assert_eq!(chats.perform(send("Hello")).await.unwrap_err().effect(), Effect::Unknown);
    flaky.mend();
    let before = flaky.memory.messages().len();
    let Verdict::Done { message_id: Some(id) } = chats.reconcile(&attempt).await.unwrap() else { panic!() };
    assert!(id.key().as_str().starts_with("MEM"));
    assert_eq!(chats.reconcile(&at_once(send("Another"))).await.unwrap(), Verdict::NotDone);
    assert_eq!(flaky.memory.messages().len(), before, "it never sends");

    // the same text known to come of another send
    let other = at_once(send("Hello")).not(id.key().clone());
    assert_eq!(chats.reconcile(&other).await.unwrap(), Verdict::NotDone);
    let by_id = at_once(send("whatever")).with_id(id.clone());
    assert_eq!(chats.reconcile(&by_id).await.unwrap(), Verdict::Done { message_id: Some(id) });
    let by_id = at_once(send("whatever")).with_id("NONE".parse().unwrap());
    assert_eq!(chats.reconcile(&by_id).await.unwrap(), Verdict::NotDone);
}

#[tokio::test]
async fn what_is_not_there_yet_may_come() {
    let chats = Chats::new(account());
    let early = chats.reconcile(&Attempt::new(send("Hello"))).await.unwrap();
    assert!(matches!(early, Verdict::TooEarly { wait } if wait > Duration::from_secs(50)), "{early:?}");
    let long_ago = Attempt::new(send("Hello")).started_at(Utc::now() - TimeDelta::minutes(2));
    assert_eq!(chats.reconcile(&long_ago).await.unwrap(), Verdict::NotDone);
}

#[tokio::test]
async fn the_same_text_sent_before_leaves_it_open() {
    let memory = account();
    let chats = Chats::new(memory.clone());
    chats.perform(send("OK")).await.unwrap();
    let later = at_once(send("OK")).started_at(Utc::now() + TimeDelta::seconds(5));
    let verdict = chats.reconcile(&later).await.unwrap();
    assert!(matches!(verdict, Verdict::CantTell { .. }), "{verdict:?}");
    let apart = later.clocks_apart(Duration::from_secs(1));
    assert_eq!(chats.reconcile(&apart).await.unwrap(), Verdict::NotDone);
}

#[tokio::test]
async fn a_reply_is_known_by_what_it_answers() {
    let chats = Chats::new(account());
    let reply = |key: &str| Action::SendText {
        chat: chat_id(),
        text: "Yes".into(),
        reply_to: Some(key.parse().unwrap()),
    };
    let attempt = at_once(reply("OLD0"));
    chats.perform(reply("OLD2")).await.unwrap();
    assert_eq!(chats.reconcile(&attempt).await.unwrap(), Verdict::NotDone);
    chats.perform(reply("OLD0")).await.unwrap();
    assert!(matches!(chats.reconcile(&attempt).await.unwrap(), Verdict::Done { .. }));
}

#[tokio::test]
async fn a_session_that_does_not_work_may_still_send() {
    let memory = account();
    memory.set_state(SessionState::Starting);
    let verdict = Chats::new(memory).reconcile(&at_once(send("Hello"))).await.unwrap();
    assert!(matches!(verdict, Verdict::CantTell { .. }), "{verdict:?}");
}

#[tokio::test]
async fn edits_deletions_reactions_and_clearing_show() {
    let chats = Chats::new(account());
    let (chat, id): (ChatId, MessageId) = (chat_id(), "OLD1".parse().unwrap());
    let edit = Action::EditMessage { chat: chat.clone(), id: id.clone(), text: "new".into() };
    let react = Action::React { chat: chat.clone(), id: id.clone(), emoji: "👍".into() };
    let delete = Action::DeleteMessage { chat: chat.clone(), id: id.clone(), for_me: false };
    let mine = Action::DeleteMessage { chat: chat.clone(), id: "OLD0".parse().unwrap(), for_me: true };
    let clear = Action::ClearMessages { chat: chat.clone() };
    for action in [edit, react, delete, mine, clear] {
        let attempt = at_once(action.clone());
        let before = chats.reconcile(&attempt).await.unwrap();
        let told = matches!(action, Action::React { .. }); // no reaction is told where there is none
        assert!(before == Verdict::NotDone || told, "{action:?}: {before:?}");
        chats.perform(action.clone()).await.unwrap();
        let after = chats.reconcile(&attempt).await.unwrap();
        assert!(matches!(after, Verdict::Done { .. }), "{action:?}: {after:?}");
    }
    let pin = Action::PinMessage { chat: chat.clone(), id, duration: PinDuration::Day };
    for action in [pin, Action::Archive { chat }] {
        assert!(matches!(chats.reconcile(&at_once(action)).await.unwrap(), Verdict::CantTell { .. }));
    }
}

#[tokio::test]
async fn a_gateway_that_lets_nobody_look_is_told() {
    let blind = account()
        .with_capability(Capability::ListMessages, Entry::no("it lists nothing"))
        .with_capability(Capability::GetMessage, Entry::no("it finds nothing"));
    let chats = Chats::new(blind);
    let edit = Action::EditMessage { chat: chat_id(), id: "OLD1".parse().unwrap(), text: "new".into() };
    for action in [send("Hello"), edit] {
        let verdict = chats.reconcile(&at_once(action)).await.unwrap();
        assert!(matches!(verdict, Verdict::CantTell { .. }), "{verdict:?}");
    }
}

#[tokio::test]
async fn of_a_pool_the_member_is_asked_that_may_have_done_it() {
    let (a, b) = (Flaky::new(account()), Flaky::new(account()));
    let pool = Pool::builder().member("a", Chats::new(a.clone())).member("b", Chats::new(b.clone()));
    let chats = Chats::new(pool.build().unwrap());
    a.lose_answers();
    let attempt = at_once(send("Hello"));
    chats.perform(send("Hello")).await.unwrap_err();
    a.mend();
    assert!(matches!(chats.reconcile(&attempt).await.unwrap(), Verdict::Done { .. }));
    assert_eq!(b.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_waited_for_with_growing_pauses() {
    let flaky = Flaky::new(account());
    flaky.memory.set_state(SessionState::Starting);
    let chats = Chats::new(flaky.clone());
    let started = tokio::time::Instant::now();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, memory) = (seen.clone(), flaky.memory.clone());
    let status = chats
        .wait_until_working_with(Duration::from_secs(600), move |answer| {
            let mut log = log.lock().unwrap();
            log.push(started.elapsed());
            assert!(answer.is_ok());
            if log.len() == 12 {
                memory.set_state(SessionState::Working);
            }
        })
        .await
        .unwrap();
    assert_eq!(status.state, SessionState::Working);
    let seen = seen.lock().unwrap();
    let pauses: Vec<_> = seen.windows(2).map(|w| (w[1] - w[0]).as_millis()).collect();
    assert!(pauses[0] == 500 && pauses[1] == 750 && pauses.is_sorted(), "{pauses:?}");
    assert_eq!(pauses.last(), Some(&10_000));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_and_what_it_does_not_mend_is_told_at_once() {
    let flaky = Flaky::new(account());
    flaky.memory.set_state(SessionState::NeedsPairing);
    let chats = Chats::new(flaky.clone());
    let error = chats.wait_until_working(Duration::from_secs(30)).await.unwrap_err();
    assert_eq!((error.kind(), error.state()), (ErrorKind::SessionNotReady, Some("needs_pairing")));
    assert!(matches!(error.retry(), Retry::After(None)));

    flaky.fail(|operation| Error::new(ErrorKind::Network, operation));
    let error = chats.wait_until_working(Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    let asked = flaky.asked();
    flaky.fail(|operation| Error::new(ErrorKind::Unauthenticated, operation));
    let error = chats.wait_until_working(Duration::from_secs(600)).await.unwrap_err();
    assert_eq!((error.kind(), flaky.asked()), (ErrorKind::Unauthenticated, asked + 1));
}
