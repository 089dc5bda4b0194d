//! The handle an application holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use futures::StreamExt;
use support::*;
use wachats_core::*;

mod support;

fn memory() -> Memory {
    Memory::new([Chat::new(chat_id(1)), Chat::new(chat_id(2))], [message(1, 3, 0), message(1, 4, 1_000)])
}

#[tokio::test]
async fn a_limit_of_zero_is_refused_before_any_request() {
    let memory = memory();
    let chats = Chats::new(memory.clone());
    let messages = chats.chat(chat_id(1)).unwrap().messages();
    let refused = [
        chats.list().limit(0).page().await.err(),
        chats.list().limit(0).collect().await.err(),
        chats.list().page_size(0).collect().await.err(),
        chats.overview().limit(0).page().await.err(),
        chats.overview().limit(0).collect().await.err(),
        messages.clone().limit(0).page().await.err(),
        messages.limit(0).stream().next().await.and_then(Result::err),
    ];
    for error in refused {
        assert_eq!(error.unwrap().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(memory.requests(), 0);
}

#[tokio::test]
async fn what_is_declared_impossible_is_refused_before_any_request() {
    let memory = memory().with_capability(Capability::Search, Entry::no("there is no search here"));
    let chats = Chats::new(memory.clone());
    let list = chats.chat(chat_id(1)).unwrap().messages().search("x");
    for error in [list.page().await.unwrap_err(), list.collect().await.unwrap_err()] {
        assert_eq!((error.kind(), error.capability()), (ErrorKind::Unsupported, Some(Capability::Search)));
    }
    assert_eq!(memory.requests(), 0);
}

#[tokio::test]
async fn verbs_change_what_is_read_afterwards() {
    let memory = memory();
    let chats = Chats::new(memory.clone());
    let chat = chats.chat("+7 900 000-00-01").unwrap();
    chat.archive().await.unwrap();
    chat.pin().await.unwrap();
    chat.mark_unread().await.unwrap();
    chat.disappearing(DisappearingTimer::Week).await.unwrap();
    let archived = chats.list().archived(true).collect().await.unwrap();
    assert_eq!((archived.len(), archived[0].pinned), (1, Some(true)));
    assert_eq!((archived[0].marked_unread, archived[0].ephemeral_seconds), (Some(true), Some(604_800)));
    chat.unarchive().await.unwrap();
    chat.unpin().await.unwrap();
    chat.mark_read().await.unwrap();

    let sent = chat.send("Hello").await.unwrap().message_id.unwrap();
    let reply = chat.reply(sent.clone(), "Hello yourself").await.unwrap().message_id.unwrap();
    let message = chat.message(sent.to_string()).unwrap();
    message.edit("Hello!").await.unwrap();
    message.react("👍").await.unwrap();
    message.star().await.unwrap();
    message.unstar().await.unwrap();
    message.pin(PinDuration::Day).await.unwrap();
    message.unpin().await.unwrap();
    let read = message.get().await.unwrap();
    assert_eq!((read.text.as_deref(), read.edited), (Some("Hello!"), Some(true)));
    assert_eq!(read.reactions.unwrap()[0].emoji, "👍");
    let answer = chat.message(reply).unwrap();
    assert_eq!(answer.get().await.unwrap().reply_to.unwrap().key, *sent.key());
    answer.delete_for_everyone().await.unwrap();
    assert_eq!(answer.get().await.unwrap().revoked, Some(true));
    answer.delete_for_me().await.unwrap();
    let error = answer.get().await.unwrap_err();
    assert_eq!((error.kind(), error.missing()), (ErrorKind::NotFound, Some(Missing::Message)));

    let foreign = chat.message("3EB000000004").unwrap();
    assert_eq!(foreign.edit("x").await.unwrap_err().kind(), ErrorKind::InvalidInput);
    chat.clear().await.unwrap();
    assert!(chat.messages().collect().await.unwrap().is_empty());
    chat.delete().await.unwrap();
    assert_eq!(chat.archive().await.unwrap_err().missing(), Some(Missing::Chat));
    assert_eq!(chat.send(" ").await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn ids_status_backend_and_media() {
    let mut lid = Chat::new(chat_id(7));
    lid.alternate_id = Some("123456@lid".parse().unwrap());
    let mut picture = message(7, 1, 0);
    picture.media = Some(MediaInfo::new());
    let memory = Memory::new([lid], [picture.clone()]).with_media(picture.key.clone(), "bytes");
    let chats = Chats::new(memory.clone());
    assert_eq!(chats.gateway(), Gateway::MEMORY);
    assert!(chats.backend::<Memory>().is_some() && chats.backend::<Lively>().is_none());
    assert_eq!(chats.resolve("123456@lid").await.unwrap().phone_id, Some(chat_id(7)));
    assert_eq!(chats.resolve("nobody at all").await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(chats.chat("../x@c.us").is_err());
    memory.set_state(SessionState::NeedsPairing);
    assert_eq!(chats.status().await.unwrap().state, SessionState::NeedsPairing);
    assert_eq!(chats.media(&picture).bytes(100).await.unwrap(), "bytes");
    let media = chats.chat(chat_id(7)).unwrap().message(picture.id).unwrap().media();
    assert_eq!(media.bytes(2).await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn a_time_holds_for_each_operation_of_a_copy() {
    struct Slow(Memory);
    #[async_trait::async_trait]
    impl ChatsProvider for Slow {
        fn info(&self) -> ProviderInfo {
            self.0.info()
        }
        async fn capabilities(&self) -> Result<std::sync::Arc<Capabilities>> {
            self.0.capabilities().await
        }
        async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
            tokio::time::sleep(Duration::from_secs(10)).await;
            self.0.list_chats(query).await
        }
    }
    let chats = Chats::new(Slow(memory()));
    assert_eq!(chats.list().collect().await.unwrap().len(), 2);
    let hasty = chats.timeout(Duration::from_secs(2));
    for error in [hasty.list().collect().await.unwrap_err(), hasty.list().page().await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
    let built = Chats::builder(Slow(memory())).timeout(Duration::from_secs(2)).build();
    assert_eq!(built.list().page().await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn streams_go_on_after_a_page() {
    let chats = Chats::new(Memory::new((0..55).map(|n| Chat::new(chat_id(n))), []));
    let first = chats.list().limit(10).page().await.unwrap();
    let rest = chats.list().page_size(20).after(first.next.unwrap()).collect().await.unwrap();
    assert_eq!(rest.len(), 45);
    let overview = chats.overview().page_size(10).limit(25).collect().await.unwrap();
    assert_eq!(overview.len(), 25);
}
