//! Several providers as one: who is asked, in which order, and what is never done twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod flaky;

use std::time::Duration;

use flaky::*;
use wachats_core::*;

use ErrorKind as K;

/// One account behind two gateways.
struct Two {
    a: Flaky,
    b: Flaky,
    pool: Pool,
    chats: Chats,
}

fn two(change: impl FnOnce(PoolBuilder) -> PoolBuilder) -> Two {
    let account = account();
    let (a, b) = (Flaky::new(account.clone()), Flaky::new(account));
    let builder = Pool::builder().member("a", Chats::new(a.clone())).member("b", Chats::new(b.clone()));
    let pool = change(builder).build().unwrap();
    Two { a, b, chats: Chats::new(pool.clone()), pool }
}

fn texts(memory: &Memory, text: &str) -> usize {
    memory.messages().iter().filter(|m| m.text.as_deref() == Some(text)).count()
}

fn error(kind: K, effect: Effect) -> impl Fn(Operation) -> Error + Send + Sync {
    move |operation| Error::new(kind, operation).with_effect(effect)
}

#[tokio::test(start_paused = true)]
async fn a_read_fails_over_and_the_member_rests_longer_each_time() {
    let Two { a, b, pool, chats } = two(|p| p);
    assert_eq!(chats.list().collect().await.unwrap().len(), 1);
    assert_eq!((a.asked(), b.asked()), (1, 0));

    a.fail(error(K::Network, Effect::Unknown));
    let handle = chats.chat(chat_id()).unwrap();
    assert_eq!(handle.messages().collect().await.unwrap().len(), 3);
    let asked = a.asked();
    assert_eq!(handle.messages().collect().await.unwrap().len(), 3);
    assert_eq!(a.asked(), asked, "it rests");
    assert_eq!(
        pool.health()[0].state,
        MemberState::Resting { kind: K::Network, left: Duration::from_secs(1) }
    );

    tokio::time::sleep(Duration::from_millis(1_001)).await;
    handle.messages().collect().await.unwrap();
    assert!(a.asked() > asked, "after its rest it is tried again");
    assert_eq!(
        pool.health()[0].state,
        MemberState::Resting { kind: K::Network, left: Duration::from_secs(2) }
    );
    a.mend();
    tokio::time::sleep(Duration::from_millis(2_001)).await;
    let before = b.asked();
    handle.messages().collect().await.unwrap();
    assert_eq!((pool.health()[0].state, pool.health()[0].failures), (MemberState::Up, 0));
    assert_eq!(b.asked(), before);
}

#[tokio::test(start_paused = true)]
async fn when_all_rest_they_are_asked_all_the_same_and_the_first_error_is_told() {
    let Two { a, b, chats, .. } = two(|p| p);
    a.fail(error(K::Network, Effect::NotSent));
    b.fail(error(K::Unavailable, Effect::Unknown));
    for _ in 0..3 {
        let error = chats.list().page().await.unwrap_err();
        assert_eq!((error.kind(), error.gateway().map(Gateway::as_str)), (K::Network, None));
    }
    assert_eq!((a.asked(), b.asked()), (3, 3));
}

#[tokio::test]
async fn an_answer_is_an_answer() {
    let Two { b, chats, .. } = two(|p| p);
    let missing = chats.chat(chat_id()).unwrap().message("NONE").unwrap().get().await.unwrap_err();
    assert_eq!(missing.kind(), K::NotFound);
    assert_eq!(b.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn quota_and_key_concern_the_account() {
    let Two { a, chats, pool, .. } = two(|p| p.quota_rest(Duration::from_secs(7_200)));
    for (kind, rest) in [(K::QuotaExceeded, 7_200), (K::Unauthenticated, 600)] {
        a.fail(error(kind, Effect::Refused));
        chats.perform(send("Hello")).await.unwrap();
        let left = Duration::from_secs(rest);
        assert_eq!(pool.health()[0].state, MemberState::Resting { kind, left });
        assert_eq!(pool.member_of(&chat_id()), Some("b"));
        a.mend();
        pool.revive("a").unwrap();
        pool.bind(&chat_id(), "a").unwrap();
        assert_eq!(pool.health()[0].state, MemberState::Up);
    }
}

#[tokio::test]
async fn row_66_an_unknown_outcome_is_not_sent_elsewhere_unless_told_so() {
    let Two { a, b, pool, chats } = two(|p| p);
    a.lose_answers();
    let error = chats.perform(send("Once")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (K::OutcomeUnknown, Effect::Unknown));
    assert_eq!((b.asked(), texts(&a.memory, "Once")), (0, 1));
    assert_eq!(pool.member_of(&chat_id()), Some("a"), "that is where to look");

    let Two { a, b, pool, chats } = two(|p| p.elsewhere(Elsewhere::EvenUnknown));
    a.lose_answers();
    chats.perform(send("Twice")).await.unwrap();
    assert_eq!((b.asked(), texts(&a.memory, "Twice")), (1, 2));
    assert_eq!(pool.member_of(&chat_id()), Some("b"));
    b.fail(|operation| Error::new(K::Network, operation).with_effect(Effect::NotSent));
    let error = chats.perform(send("Doubt")).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown, "a later refusal doesn't lift the doubt");
}

#[tokio::test]
async fn what_took_no_effect_may_go_elsewhere_and_never_means_never() {
    for (kind, effect) in [
        (K::Network, Effect::NotSent),
        (K::SessionNotReady, Effect::Refused),
        (K::RateLimited, Effect::Refused),
        (K::Unauthenticated, Effect::Refused),
        (K::QuotaExceeded, Effect::Refused),
        (K::Unavailable, Effect::Refused),
    ] {
        let Two { a, chats, .. } = two(|p| p);
        a.fail(error(kind, effect));
        chats.perform(send("Hello")).await.unwrap();
        assert_eq!(texts(&a.memory, "Hello"), 1);

        let Two { a, b, chats, .. } = two(|p| p.elsewhere(Elsewhere::Never));
        a.fail(error(kind, effect));
        for _ in 0..2 {
            assert_eq!(chats.perform(send("Hello")).await.unwrap_err().kind(), kind);
        }
        assert_eq!((a.asked(), b.asked()), (2, 0));
    }
    for (kind, effect) in [(K::InvalidInput, Effect::Refused), (K::NotFound, Effect::Refused)] {
        let Two { a, b, chats, .. } = two(|p| p);
        a.fail(error(kind, effect));
        assert_eq!(chats.perform(send("Hello")).await.unwrap_err().kind(), kind);
        assert_eq!(b.asked(), 0);
    }
}

#[tokio::test]
async fn a_chat_stays_with_its_member() {
    let Two { a, b, pool, chats } = two(|p| p);
    pool.bind(&chat_id(), "b").unwrap();
    assert_eq!(pool.bind(&chat_id(), "c").unwrap_err().kind(), K::InvalidInput);
    chats.perform(send("Hello")).await.unwrap();
    chats.chat(chat_id()).unwrap().messages().collect().await.unwrap();
    assert_eq!((a.asked(), b.asked()), (0, 2));
}

#[tokio::test]
async fn chats_are_spread_and_the_same_way_every_time() {
    let Two { a, b, pool, chats } = two(|p| p.prefer(Prefer::Spread));
    for n in 0..100 {
        let chat = chat_number(n);
        let action = Action::SendText { chat, text: "Hello".into(), reply_to: None };
        chats.perform(action).await.unwrap();
    }
    assert!(a.asked() > 30 && b.asked() > 30, "{} and {}", a.asked(), b.asked());
    for n in 0..100 {
        let again = two(|p| p.prefer(Prefer::Spread));
        again.chats.chat(chat_number(n)).unwrap().messages().page().await.unwrap();
        assert_eq!(again.a.asked() + again.b.asked(), 1);
        assert_eq!(
            pool.member_of(&chat_number(n)) == Some("a"),
            again.a.asked() == 1,
            "in every run the same"
        );
    }
}

#[tokio::test]
async fn a_page_goes_on_where_it_began() {
    let Two { a, b, chats, .. } = two(|p| p);
    let list = chats.chat(chat_id()).unwrap().messages().limit(2);
    let first = list.page().await.unwrap();
    let token: PageToken = serde_json::from_str(&serde_json::to_string(&first.next).unwrap()).unwrap();
    a.fail(error(K::Network, Effect::Unknown));
    let failed = list.clone().after(token.clone()).page().await.unwrap_err();
    assert_eq!((failed.kind(), b.asked()), (K::Network, 0));
    a.mend();
    let rest = list.after(token).page().await.unwrap();
    assert_eq!((rest.items.len(), rest.next.is_none()), (1, true));
}

#[tokio::test]
async fn a_stream_goes_on_elsewhere_without_loss_or_duplicate() {
    let account = account();
    for n in 0..200_u32 {
        let mut message = Message::new(chat_id(), format!("KEY{n}").parse().unwrap(), false);
        message.sent_at = Some(chrono::Utc::now() + chrono::TimeDelta::seconds(i64::from(n / 3)));
        account.insert(message);
    }
    let (mut a, b) = (Flaky::new(account.clone()), Flaky::new(account.clone()));
    a.memory.capabilities_mut().messages = Paging::new(Pager::Offset, Ending::ShortPage, 10, 10);
    let calls = std::sync::atomic::AtomicU32::new(0);
    a.fail_where(move |operation| {
        let dead = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 5;
        dead.then(|| Error::new(K::Unavailable, operation))
    });
    let pool = Pool::builder().member("a", Chats::new(a.clone())).member("b", Chats::new(b.clone()));
    let chats = Chats::new(pool.build().unwrap());
    let all = chats.chat(chat_id()).unwrap().messages().collect().await.unwrap();
    let keys: std::collections::BTreeSet<_> = all.iter().map(|m| m.key.to_string()).collect();
    assert_eq!((all.len(), keys.len()), (203, 203));
    assert!(a.asked() > 5 && b.asked() > 5);
}

#[tokio::test]
async fn what_one_of_them_can_the_pool_can() {
    let account = account().with_capability(Capability::PinChat, Entry::no("it can't"));
    let lacking = account
        .clone()
        .with_capability(Capability::Search, Entry::no("it has no search"))
        .with_capability(Capability::GetMessage, Entry::emulated("by a scan"));
    let (a, b) = (Flaky::new(lacking), Flaky::new(account));
    let pool = Pool::builder().member("a", Chats::new(a.clone())).member("b", Chats::new(b.clone()));
    let chats = Chats::new(pool.build().unwrap());
    let found = chats.chat(chat_id()).unwrap().messages().search("TEXT 1").collect().await.unwrap();
    assert_eq!((found.len(), a.asked(), b.asked()), (1, 0, 1));
    let message = chats.chat(chat_id()).unwrap().message("OLD1").unwrap().get().await.unwrap();
    assert_eq!(message.text.as_deref(), Some("text 1"));
    assert_eq!(b.asked(), 1, "a's own layers found it by a scan");
    assert_eq!(chats.info().capabilities.support(Capability::PinChat), Support::No);
}

#[tokio::test]
async fn separate_accounts_never_answer_for_each_other() {
    let Two { a, b, pool, chats } = two(|p| p.separate_accounts());
    assert_eq!(chats.list().page().await.unwrap_err().kind(), K::Unsupported);
    assert_eq!(chats.messages().page().await.unwrap_err().kind(), K::Unsupported);
    assert_eq!((a.asked(), b.asked()), (0, 0));
    pool.bind(&chat_id(), "b").unwrap();
    b.fail(error(K::Network, Effect::NotSent));
    let handle = chats.chat(chat_id()).unwrap();
    assert_eq!(handle.messages().page().await.unwrap_err().kind(), K::Network);
    assert_eq!(handle.send("Hello").await.unwrap_err().kind(), K::Network);
    assert_eq!(handle.message("OLD1").unwrap().edit("x").await.unwrap_err().kind(), K::Network);
    assert_eq!(a.asked(), 0);
    assert_eq!(pool.member("a").unwrap().list().collect().await.unwrap().len(), 1);
    // a chat that nobody serves yet goes to one that can
    let new = Action::SendText { chat: chat_number(7), text: "Hello".into(), reply_to: None };
    a.fail(error(K::QuotaExceeded, Effect::Refused));
    b.mend();
    chats.perform(new).await.unwrap();
    assert_eq!(pool.member_of(&chat_number(7)), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn a_member_that_hangs_leaves_time_for_the_next() {
    let Two { a, b, chats, .. } = two(|p| p);
    a.fail(error(K::Timeout, Effect::Unknown));
    chats.timeout(Duration::from_secs(20)).list().page().await.unwrap();
    let now = tokio::time::Instant::now();
    let left = |flaky: &Flaky| flaky.untils.lock().unwrap()[0].unwrap() - now;
    assert_eq!((left(&a), left(&b)), (Duration::from_secs(10), Duration::from_secs(20)));
}

#[tokio::test]
async fn its_status_is_the_best_of_its_members() {
    let account = account();
    let (a, b) = (Flaky::new(account.clone()), Flaky::new(account));
    a.fail(error(K::Network, Effect::NotSent));
    let pool = Pool::builder().member("a", Chats::new(a.clone())).member("b", Chats::new(b.clone()));
    let chats = Chats::new(pool.build().unwrap());
    let status = chats.status().await.unwrap();
    assert_eq!(status.state, SessionState::Working);
    assert_eq!(status.detail.as_deref(), Some("a: network, b: working"));
    b.fail(error(K::Unauthenticated, Effect::Refused));
    assert!(chats.status().await.is_err());
}

#[test]
fn a_pool_has_members_with_names_of_their_own() {
    assert_eq!(Pool::builder().build().unwrap_err().kind(), K::ConfigInvalid);
    let twice = Pool::builder().member("a", Chats::new(account())).member("a", Chats::new(account()));
    assert_eq!(twice.build().unwrap_err().kind(), K::ConfigInvalid);
}
