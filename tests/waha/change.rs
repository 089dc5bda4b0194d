use std::time::Duration;

use wachats::{
    Action, Chats, ChatsProvider, Effect, ErrorKind, GetMessage, ListMessages, Missing, OpenMedia,
    PinDuration, Support,
};
use wachats_simulator::waha::{Engine, Profile};
use wachats_simulator::world::{Ack, Message};

use crate::*;

#[tokio::test]
async fn every_change_takes_effect_or_is_refused_before_it_is_sent() {
    for kind in Engine::ALL {
        let (world, server, waha) = engine(kind).await;
        let known = waha.capabilities().await.unwrap();
        let chats = Chats::new(waha);
        let own = message_id(&format!("true_{ALICE}_3EB0A000000000000002"));
        let full = || (id(ALICE), own.clone());
        let (chat, message) = full();
        let actions = [
            Action::Archive { chat: chat.clone() },
            Action::MarkUnread { chat: id(BUSY) },
            Action::PinMessage { chat: chat.clone(), id: message.clone(), duration: PinDuration::Week },
            Action::UnpinMessage { chat: chat.clone(), id: message.clone() },
            Action::EditMessage { chat: chat.clone(), id: message.clone(), text: "new words".into() },
            Action::React { chat: chat.clone(), id: message.clone(), emoji: "🎉".into() },
            Action::Star { chat: chat.clone(), id: message.clone() },
            Action::ClearMessages { chat: id("5511955555555@c.us") },
            Action::DeleteChat { chat: id("5511944444444@c.us") },
            Action::Unarchive { chat: chat.clone() },
        ];
        for action in actions {
            server.clear_requests();
            let capability = action.operation().capability().unwrap();
            let done = chats.perform(action.clone()).await;
            match known.support(capability) {
                Support::No => {
                    assert_eq!(done.unwrap_err().effect(), Effect::NotSent, "{kind:?} {capability}");
                    assert!(server.requests().is_empty(), "{kind:?} {capability}");
                }
                _ => assert_eq!(done.unwrap().operation, action.operation(), "{kind:?} {capability}"),
            }
        }
        let changed = world.message(ALICE, "3EB0A000000000000002").unwrap();
        assert_eq!((changed.content.text(), changed.starred), (Some("new words"), true), "{kind:?}");
        let read = chats.chat(ALICE).unwrap().message(own).unwrap().get().await.unwrap();
        assert_eq!((read.text.as_deref(), read.edited), (Some("new words"), Some(true)), "{kind:?}");
        assert!(!world.chat(ALICE).unwrap().archived);
    }
}

#[tokio::test]
async fn a_bare_key_is_looked_up_first() {
    for kind in Engine::ALL {
        let (world, server, waha) = engine(kind).await;
        let edit = |chat: &str, key: &str| Action::EditMessage {
            chat: id(chat),
            id: message_id(key),
            text: "new".into(),
        };
        let outcome = waha.perform(edit(ALICE, "3EB0A000000000000002")).await.unwrap();
        assert_eq!(outcome.message_id.unwrap().to_string(), format!("true_{ALICE}_3EB0A000000000000002"));
        let asked: Vec<_> = server.requests().into_iter().map(|r| r.method).collect();
        assert_eq!(asked, ["GET", "PUT"], "{kind:?}");
        server.clear_requests();
        let error = waha.perform(edit(ALICE, "3EB0NOSUCHKEY")).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.missing()),
            (ErrorKind::NotFound, Some(Missing::Message)),
            "{kind:?}"
        );
        assert!(server.requests().iter().all(|r| r.method == "GET"), "{kind:?}");
        // a key of another chat is not this chat's, although GOWS finds it
        let error = waha.perform(edit(BUSY, "3EB0A000000000000002")).await.unwrap_err();
        assert_eq!(error.missing(), Some(Missing::Message), "{kind:?}");
        let group =
            waha.get_message(&GetMessage::new(id(FAMILY), message_id("3EB0D000000000000000"))).await.unwrap();
        assert_eq!(group.sender_id, Some(id(ALICE)), "{kind:?}");
        assert_eq!(world.message(ALICE, "3EB0A000000000000002").unwrap().content.text(), Some("new"));
    }
}

#[tokio::test]
async fn a_send_gives_the_id_that_every_engine_hides_elsewhere() {
    for kind in Engine::ALL {
        for profile in [Profile::new(kind), Profile::new(kind).renamed_keys()] {
            let (world, _server, waha) = sample(profile).await;
            let reply_to = Some(message_id("3EB0A000000000000001"));
            let send = Action::SendText { chat: id(ALICE), text: "hello".into(), reply_to };
            let sent = waha.perform(send).await.unwrap().message_id.unwrap();
            assert!(sent.from_me() == Some(true) && sent.chat() == Some(&id(ALICE)), "{kind:?}");
            let stored = world.message(ALICE, sent.key().as_str()).unwrap();
            assert_eq!(stored.quoted.unwrap().key, "3EB0A000000000000001", "{kind:?}");
        }
        let (_world, _server, waha) = sample(Profile::new(kind).empty_sends()).await;
        let send = Action::SendText { chat: id(ALICE), text: "hello".into(), reply_to: None };
        assert_eq!(
            waha.perform(send).await.unwrap().message_id,
            None,
            "{kind:?}: an empty answer is a success"
        );
    }
}

#[tokio::test]
async fn marking_as_read_goes_on_until_nothing_is_left() {
    let (world, server, waha) = engine(Engine::Noweb).await;
    for n in 0..230_i64 {
        let message = Message::text(ALICE, &format!("3EB0AA{n:04}"), "unread");
        world.add_message(message.at(world.now() - 3_000 + n).ack(Ack::Device));
    }
    waha.perform(Action::MarkRead { chat: id(ALICE) }).await.unwrap();
    let left = world.messages(ALICE).into_iter().filter(|m| !m.from_me && m.ack == Some(Ack::Device));
    assert_eq!(left.count(), 0);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn media_come_from_the_servers_own_address_and_are_asked_for_anew() {
    for kind in Engine::ALL {
        let (_world, server, waha) =
            sample(Profile::new(kind).file_lifetime(Duration::from_millis(80))).await;
        let list = all_messages(&waha, ListMessages::new(id(ALICE))).await;
        assert!(list.iter().all(|m| m.media.as_ref().is_none_or(|media| media.url.is_none())), "{kind:?}");
        assert!(paths(&server).iter().all(|path| path.contains("downloadMedia=false")), "{kind:?}");
        let document = list.iter().find(|m| m.key.as_str() == "3EB0A000000000000007").unwrap();
        let media = document.media.clone().unwrap();
        assert_eq!(
            (media.mime_type.as_deref(), media.size_bytes),
            (Some("application/pdf"), Some(15)),
            "{kind:?}"
        );
        let opened = waha.open_media(&OpenMedia::of(document)).await.unwrap();
        assert_eq!(opened.file_name.as_deref(), Some("invoice 7.pdf"), "{kind:?}");
        assert_eq!(&opened.bytes(1000).await.unwrap()[..], b"%PDF-1.4 sample");
        // with an address that is gone by now
        let mut query = GetMessage::new(id(ALICE), document.id.clone());
        query.fetch_media = true;
        let ready = waha.get_message(&query).await.unwrap();
        let url = ready.media.clone().unwrap().url.unwrap();
        assert!(url.starts_with(server.url()), "{kind:?}: {url}");
        tokio::time::sleep(Duration::from_millis(150)).await;
        let again = waha.open_media(&OpenMedia::of(&ready)).await.unwrap();
        assert_eq!(again.bytes(1000).await.unwrap().len(), 15, "{kind:?}");
        let gone = list.iter().find(|m| m.key.as_str() == "3EB0A000000000000014").unwrap();
        let error = waha.open_media(&OpenMedia::of(gone)).await.unwrap_err();
        assert_eq!((error.kind(), error.missing()), (ErrorKind::NotFound, Some(Missing::Media)), "{kind:?}");
    }
}
