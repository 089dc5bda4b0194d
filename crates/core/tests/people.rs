//! Contacts, groups and the session through the layers, the memory provider and a pool.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use wachats_core::{
    Action, Capability, ChatId, Chats, Contact, Effect, Entry, ErrorKind as K, GroupInfo, Memory, Operation,
    Participant, Pool, Role, SessionState, Support,
};

fn id(text: &str) -> ChatId {
    text.parse().unwrap()
}

fn account() -> Memory {
    let memory = Memory::new([], []);
    for n in [3, 1, 2] {
        memory.put_contact(Contact::new(id(&format!("7900000000{n}"))));
    }
    let mut group = GroupInfo::new(id("120363000000000001@g.us"));
    group.participants = Some(vec![Participant::new(id("79000000001"), Role::Admin)]);
    memory.put_group(group);
    memory
}

#[tokio::test]
async fn contacts_come_by_id_in_pages_of_any_size() {
    let chats = Chats::new(account());
    let all = chats.contacts().collect().await.unwrap();
    let digits: Vec<_> = all.iter().map(|contact| contact.phone.as_deref().unwrap()).collect();
    assert_eq!(digits, ["79000000001", "79000000002", "79000000003"]);
    for size in 1..4 {
        assert_eq!(chats.contacts().page_size(size).collect().await.unwrap(), all);
    }
    assert_eq!(chats.contacts().limit(2).collect().await.unwrap(), all[..2]);
    let zero = chats.contacts().limit(0).collect().await.unwrap_err();
    assert_eq!((zero.kind(), zero.operation()), (K::InvalidInput, Operation::Contacts));
}

#[tokio::test]
async fn what_is_no_person_is_refused_before_the_provider_is_asked() {
    let memory = account();
    let chats = Chats::new(memory.clone());
    assert_eq!(chats.contact("120363000000000001@g.us").await.unwrap_err().kind(), K::InvalidInput);
    assert_eq!(chats.check_number("1@lid").await.unwrap_err().kind(), K::InvalidInput);
    assert_eq!(chats.group("79000000001").await.unwrap_err().kind(), K::InvalidInput);
    let letters = chats.check_number("7900 letters").await.unwrap_err();
    assert_eq!((letters.kind(), letters.operation()), (K::InvalidInput, Operation::CheckNumber));
    assert_eq!(chats.session().pairing_code("1@lid").await.unwrap_err().kind(), K::InvalidInput);
    assert_eq!(memory.requests(), 0);
    let without = account().with_capability(Capability::Contacts, Entry::no("none"));
    let error = Chats::new(without).contact("79000000001").await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (K::Unsupported, Effect::NotSent));
}

#[tokio::test]
async fn a_session_goes_through_its_states() {
    let memory = account();
    let chats = Chats::new(memory.clone());
    let state = async || chats.status().await.unwrap().state;
    let session = chats.session();
    assert_eq!(session.pairing_qr().await.unwrap_err().kind(), K::Conflict);
    let outcome = session.stop().await.unwrap();
    assert_eq!((outcome.operation, outcome.chat_id), (Operation::SessionStop, None));
    assert_eq!(state().await, SessionState::Stopped);
    assert_eq!(session.pairing_qr().await.unwrap_err().kind(), K::SessionNotReady);
    session.start().await.unwrap();
    assert_eq!(state().await, SessionState::Working);
    session.logout().await.unwrap();
    let (one, two) = (session.pairing_qr().await.unwrap(), session.pairing_qr().await.unwrap());
    assert_ne!(one.value, two.value);
    assert!(session.pairing_code("79000000001").await.unwrap().code.is_some());
    session.restart().await.unwrap();
    assert_eq!(state().await, SessionState::NeedsPairing, "a restart pairs nobody");
}

#[tokio::test]
async fn a_pool_knows_people_and_has_no_session() {
    let pool = |separate: bool| {
        let builder = Pool::builder().member("a", Chats::new(account())).member("b", Chats::new(account()));
        let builder = if separate { builder.separate_accounts() } else { builder };
        Chats::new(builder.build().unwrap())
    };
    let one = pool(false);
    assert_eq!(one.contacts().page_size(2).collect().await.unwrap().len(), 3);
    assert_eq!(one.check_number("79000000001").await.unwrap().exists, Some(true));
    assert_eq!(one.group("120363000000000001@g.us").await.unwrap().participants.unwrap().len(), 1);
    for chats in [&one, &pool(true)] {
        let known = chats.info().capabilities;
        for capability in [Capability::PairQr, Capability::PairCode, Capability::SessionControl] {
            assert_eq!(known.support(capability), Support::No);
        }
        let error = chats.session().logout().await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (K::Unsupported, Effect::NotSent));
        assert!(error.message().contains("ask the member"), "{error}");
        assert_eq!(chats.session().pairing_qr().await.unwrap_err().kind(), K::Unsupported);
        // without the layers above it, it refuses by itself
        let bare = chats.provider().perform(Action::SessionStop).await.unwrap_err();
        assert_eq!(bare.capability(), Some(Capability::SessionControl));
    }
    assert_eq!(pool(true).contacts().page().await.unwrap_err().kind(), K::Unsupported);
}
