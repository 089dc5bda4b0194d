//! The same chat through two gateways.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use chrono::DateTime;
use common::worlds::{ANNA, BORIS, BORIS_LID, CHOIR, NOW, SPARE};
use common::{Gateway, ONE_OF_EACH};
use wachats::{ErrorKind, Missing};
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Chat, Message};
use wachats_simulator::{Fault, World};

/// Messages are matched on every pair of gateways, and what one of them doesn't tell is no difference.
#[tokio::test]
async fn every_pair_of_gateways_has_the_same_messages() {
    let world = common::worlds::common();
    for here in ONE_OF_EACH {
        let here_opened = here.open(&world).await;
        for there in ONE_OF_EACH {
            let there_opened = there.open(&world).await;
            let pair = format!("{} and {}", here.name(), there.name());
            for chat in [ANNA, BORIS, CHOIR] {
                let diff = here_opened.chats.diff(&there_opened.chats, chat).unwrap().run().await.unwrap();
                assert!(diff.only_here.is_empty() && diff.only_there.is_empty(), "{pair}: {diff:?}");
                for different in &diff.different {
                    let left_out = ["id", "source", "media.url", "raw", "key", "from_me", "chat_id"];
                    assert!(!left_out.contains(&different.field.as_str()), "{pair}: {different:?}");
                    assert!(!different.here.is_null() && !different.there.is_null(), "{pair}: {different:?}");
                }
                assert_eq!(diff.equal, diff.different.is_empty());
                assert!(here != there || diff.equal, "{pair}: {diff:?}");
            }
        }
    }
}

async fn two_worlds(here: Gateway, there: Gateway) -> (World, World, common::Opened, common::Opened) {
    let (one, other) = (common::worlds::common(), common::worlds::common());
    let (here, there) = (here.open(&one).await, there.open(&other).await);
    (one, other, here, there)
}

#[tokio::test]
async fn what_one_side_lacks_is_told_within_the_bounds() {
    for [here, there] in [[ONE_OF_EACH[0], ONE_OF_EACH[3]], [ONE_OF_EACH[2], ONE_OF_EACH[1]]] {
        let (one, other, here, there) = two_worlds(here, there).await;
        let (old, new) = ("3EB0AAAAAAAAAAAAAAAA01", "3EB0AAAAAAAAAAAAAAAA02");
        one.add_message(Message::text(ANNA, old, "only here").at(NOW - 86_400 * 30));
        other.add_message(Message::text(ANNA, new, "only there").at(NOW + 5));
        let compare = || here.chats.diff(&there.chats, ANNA).unwrap();
        let whole = compare().run().await.unwrap();
        let keys = |keys: &[wachats::MessageKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(!whole.equal);
        assert_eq!((keys(&whole.only_here), keys(&whole.only_there)), (vec![old.into()], vec![new.into()]));
        let since = DateTime::from_timestamp(NOW - 86_400 * 20, 0).unwrap();
        let since = compare().since(since).run().await.unwrap();
        assert_eq!((keys(&since.only_here), keys(&since.only_there)), (vec![], vec![new.into()]));
        // the newest 3 of each: that the older side shows an older one instead is no difference
        let limited = compare().limit(3).run().await.unwrap();
        assert_eq!((keys(&limited.only_here), keys(&limited.only_there)), (vec![], vec![new.into()]));
    }
}

#[tokio::test]
async fn a_chat_that_one_side_does_not_know_is_all_on_the_other() {
    for here in ONE_OF_EACH {
        for there in ONE_OF_EACH {
            let (one, _, here, there) = two_worlds(here, there).await;
            let chat = "5511955555555@c.us";
            let key = "3EB0AAAAAAAAAAAAAAAA03";
            one.add_message(Message::text(chat, key, "Alone").at(NOW));
            let diff = here.chats.diff(&there.chats, chat).unwrap().run().await.unwrap();
            assert_eq!(diff.only_here.len(), 1);
            let diff = there.chats.diff(&here.chats, chat).unwrap().run().await.unwrap();
            assert_eq!((diff.only_here.len(), diff.only_there.len()), (0, 1));
        }
    }
}

/// A mistyped number must not be told as two equal chats; a chat that is empty on both sides is equal.
#[tokio::test]
async fn a_chat_that_neither_side_knows_is_not_found() {
    for here in ONE_OF_EACH {
        for there in ONE_OF_EACH {
            let (_, _, here, there) = two_worlds(here, there).await;
            let error = here.chats.diff(&there.chats, "5511955555556@c.us").unwrap().run().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.missing()),
                (ErrorKind::NotFound, Some(Missing::Chat)),
                "{error}"
            );
            let tomorrow = DateTime::from_timestamp(NOW + 86_400, 0).unwrap();
            let diff = here.chats.diff(&there.chats, ANNA).unwrap().since(tomorrow).run().await.unwrap();
            assert!(diff.equal);
        }
    }
}

/// A chat whose messages were cleared, and a channel, which WAHA's overview leaves out: both are in the list of chats.
#[tokio::test]
async fn an_empty_chat_that_either_side_lists_is_equal() {
    const NEWS: &str = "120363000000000077@newsletter";
    for here in [Gateway::Waha(Engine::Noweb), Gateway::Waha(Engine::Gows)].into_iter().chain(ONE_OF_EACH) {
        let (one, other, here, there) = two_worlds(here, ONE_OF_EACH[3]).await;
        one.add_chat(Chat::newsletter("120363000000000077").name("News").active_at(NOW));
        for world in [&one, &other] {
            world.clear_messages(SPARE);
        }
        here.server.clear_requests();
        let channels = here.chats.gateway() == wachats::Gateway::WAHA; // not every gateway lists them
        for chat in [NEWS, SPARE, BORIS_LID].into_iter().filter(|chat| channels || *chat != NEWS) {
            if chat == BORIS_LID {
                one.clear_messages(BORIS);
                other.clear_messages(BORIS);
            }
            let diff = here.chats.diff(&there.chats, chat).unwrap().run().await;
            assert!(diff.is_ok_and(|diff| diff.equal), "{chat} {:?}", here.chats.gateway());
        }
        let dear = ["overview", "picture", "Avatar"];
        let asked = here.server.requests();
        assert!(!asked.iter().any(|r| dear.iter().any(|part| r.path_and_query.contains(part))), "{asked:?}");
    }
}

/// What lies beyond the bound of a scan can't be told, and is taken to be known.
#[tokio::test]
async fn a_list_longer_than_the_bound_counts_as_one_that_has_the_chat() {
    let (_, _, here, there) = two_worlds(ONE_OF_EACH[0], ONE_OF_EACH[3]).await;
    let here = here.chats.max_scan(2);
    assert!(here.diff(&there.chats, "5511955555556@c.us").unwrap().run().await.unwrap().equal);
}

#[tokio::test]
async fn an_error_of_either_side_names_its_gateway() {
    let (_, _, here, there) = two_worlds(ONE_OF_EACH[0], ONE_OF_EACH[3]).await;
    there.server.faults().push(Fault::status(403).on("GET", "/messages"));
    for (one, other) in [(&here, &there), (&there, &here)] {
        let error = one.chats.diff(&other.chats, ANNA).unwrap().run().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert_eq!(error.gateway().unwrap().as_str(), "gowa");
    }
    assert!(here.chats.diff(&there.chats, "../x").is_err());
    let error = here.chats.diff(&there.chats, ANNA).unwrap().limit(0).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
