//! What is emulated answers as a gateway would that does it itself, at the cost that is documented.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use futures::TryStreamExt;
use support::*;
use wachats_core::*;

mod support;

const OF_MESSAGES: [Capability; 7] = [
    Capability::FilterSince,
    Capability::FilterUntil,
    Capability::FilterFromMe,
    Capability::FilterAck,
    Capability::FilterMedia,
    Capability::Search,
    Capability::MessagesOffset,
];
const OF_CHATS: [Capability; 4] =
    [Capability::FilterArchived, Capability::FilterName, Capability::ChatsSort, Capability::ChatsOffset];
const BY_TIME: Pager = Pager::Time { overlap: Duration::ZERO };

fn world(rng: &mut fastrand::Rng, timed: bool) -> Memory {
    let messages: Vec<_> = (0..rng.u64(0..80))
        .map(|n| {
            let mut message = message(n % 2, n, 1_000 * rng.i64(0..50));
            message.from_me = rng.bool();
            message.ack = Some([Ack::Server, Ack::Read][rng.usize(..2)].clone());
            message.media = rng.bool().then(MediaInfo::new);
            message.text =
                (rng.u8(..4) > 0).then(|| ["Straße", "STRASSE 7", "Привет", "hello"][rng.usize(..4)].into());
            message
        })
        .collect();
    let chats: Vec<_> = (0..rng.u64(2..40))
        .map(|n| {
            let mut chat = Chat::new(chat_id(n));
            chat.last_message_at = (timed || rng.u8(..6) > 0).then(|| at(1_000 * rng.i64(0..20)));
            chat.name =
                (rng.u8(..6) > 0).then(|| ["Анна", "anna", "Bob", "BOB 2"][rng.usize(..4)].to_owned());
            chat.archived = [None, Some(true), Some(false)][rng.usize(..3)];
            chat.picture_url = rng.bool().then(|| format!("https://pictures.example/{n}"));
            chat
        })
        .collect();
    Memory::new(chats, messages)
}

/// The same data behind a gateway that lacks some of it.
fn lacking(memory: &Memory, all: &[Capability], rng: &mut fastrand::Rng) -> Memory {
    let mut lacking = memory.clone();
    for capability in all {
        if rng.bool() {
            lacking.capabilities_mut().set(*capability, Entry::emulated("test"));
        }
    }
    let (page, max) = (rng.u32(1..12), rng.u32(12..40));
    let pager = [BY_TIME, Pager::Offset, Pager::Window][rng.usize(..3)];
    // what takes neither an offset nor a time gives all in one answer, or never does
    let needed = [Capability::FilterUntil, Capability::MessagesOffset, Capability::ChatsOffset];
    let native = |c| lacking.info().capabilities.support(c) == Support::Native;
    let max = if pager == Pager::Window || !needed.into_iter().all(native) { 1_000 } else { max };
    lacking.capabilities_mut().messages = Paging::new(pager, Ending::ShortPage, page, max);
    lacking.capabilities_mut().chats = Paging::new(pager, Ending::ShortPage, page, max);
    lacking
}

fn messages_query(chats: &Chats, rng: &mut fastrand::Rng) -> MessageList {
    let mut list = chats.chat(chat_id(rng.u64(..2))).unwrap().messages();
    let (from, to) = (rng.i64(0..50), rng.i64(0..50));
    let maybe = |rng: &mut fastrand::Rng| rng.u8(..3) == 0;
    if maybe(rng) {
        list = list.since(at(1_000 * from.min(to)));
    }
    if maybe(rng) {
        list = list.until(at(1_000 * from.max(to)));
    }
    if maybe(rng) {
        list = list.from_me(rng.bool());
    }
    if maybe(rng) {
        list = list.ack(Ack::Read);
    }
    if maybe(rng) {
        list = list.media_only(true);
    }
    if maybe(rng) {
        list = list.search(["strasse", "ПРИВЕТ", "e"][rng.usize(..3)]);
    }
    if maybe(rng) {
        list = list.offset(rng.u64(0..30));
    }
    list
}

#[test]
fn messages_equal_the_model() {
    for seed in 0..schedules() {
        let mut rng = fastrand::Rng::with_seed(seed);
        let model = world(&mut rng, false);
        let gateway = lacking(&model, &OF_MESSAGES, &mut rng);
        let limit = rng.bool().then(|| rng.u64(1..40));
        let ask = rng.fork();
        let query = |memory: &Memory| messages_query(&Chats::new(memory.clone()), &mut ask.clone());
        runtime().block_on(async {
            let total = |list: MessageList| limit.map_or(list.clone(), |limit| list.limit(limit));
            let expected = total(query(&model)).collect().await.unwrap();
            let given = total(query(&gateway)).collect().await.unwrap();
            assert!(expected == given, "streams: seed {seed}");

            // the same by pages
            let (mut paged, mut token) = (Vec::new(), None);
            let size = rng.u32(1..20);
            loop {
                let mut list = query(&gateway).page_size(size);
                if let Some(token) = token {
                    list = list.after(token);
                }
                let page = list.page().await.unwrap();
                assert!(page.items.len() <= size as usize, "seed {seed}");
                paged.extend(page.items);
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            let all = query(&model).collect().await.unwrap();
            assert!(all == paged, "pages: seed {seed}: {} and {}", all.len(), paged.len());
        });
    }
}

fn chats_query(chats: &Chats, rng: &mut fastrand::Rng, timed: bool) -> ChatList {
    let mut list = chats.list();
    if rng.bool() {
        list = list.archived(rng.bool());
    }
    if rng.bool() {
        list = list.name(["ann", "АНН", "bob"][rng.usize(..3)]);
    }
    if rng.bool() {
        list = list.sort([ChatSort::Name, ChatSort::Id, ChatSort::Activity][rng.usize(..3)]);
    }
    if rng.bool() && timed {
        list = list.order(SortOrder::Asc);
    }
    if rng.bool() {
        list = list.offset(rng.u64(..20));
    }
    list
}

#[test]
fn chats_equal_the_model() {
    for seed in 0..schedules() {
        let mut rng = fastrand::Rng::with_seed(seed);
        // chats of which no time is told keep the gateway's order: reversed, that isn't the model's
        let timed = seed.is_multiple_of(2);
        let model = world(&mut rng, timed);
        let gateway = lacking(&model, &OF_CHATS, &mut rng);
        let limit = rng.bool().then(|| rng.u64(1..40));
        let ask = rng.fork();
        let query = |memory: &Memory| chats_query(&Chats::new(memory.clone()), &mut ask.clone(), timed);
        runtime().block_on(async {
            let total = |list: ChatList| limit.map_or(list.clone(), |limit| list.limit(limit));
            let expected = total(query(&model)).collect().await.unwrap();
            let given = total(query(&gateway)).collect().await.unwrap();
            let ids = |chats: &[Chat]| chats.iter().map(|c| c.id.to_string()).collect::<Vec<_>>();
            assert_eq!(ids(&expected), ids(&given), "seed {seed}, {limit:?}, {:?}", query(&gateway));
            assert!(expected == given, "streams: seed {seed}");

            let (mut paged, mut token) = (Vec::new(), None);
            loop {
                let mut list = query(&gateway).page_size(7);
                if let Some(token) = token {
                    list = list.after(token);
                }
                let page = list.page().await.unwrap();
                paged.extend(page.items);
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            assert!(query(&model).collect().await.unwrap() == paged, "pages: seed {seed}");
        });
    }
}

#[test]
fn overviews_equal_the_model() {
    for seed in 0..schedules() / 3 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let model = world(&mut rng, false);
        let mut gateway = lacking(&model, &OF_CHATS, &mut rng);
        gateway.capabilities_mut().set(Capability::Overview, Entry::emulated("composed"));
        let ids: Vec<_> = if rng.bool() { vec![chat_id(1), chat_id(3), chat_id(999)] } else { Vec::new() };
        runtime().block_on(async {
            let all = |memory: &Memory| Chats::new(memory.clone()).overview().ids(ids.clone()).page_size(7);
            let expected = all(&model).collect().await.unwrap();
            assert!(expected == all(&gateway).collect().await.unwrap(), "seed {seed}");
            let two = all(&gateway).limit(2).collect().await.unwrap();
            assert!(expected[..expected.len().min(2)] == two[..], "seed {seed}");
        });
    }
}

fn without(capability: Capability, count: u64) -> Memory {
    let messages = (0..count).rev().map(|n| message(1, n, 1_000 * i64::try_from(n).unwrap()));
    Memory::new([], messages).with_capability(capability, Entry::emulated("test"))
}

#[tokio::test]
async fn a_look_up_knows_that_it_is_not_there_only_once_all_was_read() {
    let memory = without(Capability::GetMessage, 350);
    let chats = Chats::new(memory.clone());
    let chat = chats.chat(chat_id(1)).unwrap();

    let before = memory.requests();
    let found = chat.message("3EB000000200").unwrap().get().await.unwrap();
    assert_eq!(number_of(&found), 200);
    assert_eq!(memory.requests() - before, 3, "it refuses, then two pages of 100");

    let error = chat.message("3EB000000999").unwrap().get().await.unwrap_err();
    assert_eq!((error.kind(), error.missing()), (ErrorKind::NotFound, Some(Missing::Message)));

    let near = Chats::builder(memory).max_scan(100).build();
    let near = near.chat(chat_id(1)).unwrap();
    let error = near.message("3EB000000200").unwrap().get().await.unwrap_err();
    assert_eq!((error.kind(), error.capability()), (ErrorKind::Unsupported, Some(Capability::GetMessage)));
    assert!(error.message().contains("max_scan"), "{error}");
    assert!(near.message("3EB000000300").unwrap().get().await.is_ok());
}

#[tokio::test]
async fn a_filtered_list_with_a_limit_is_bounded_and_one_of_everything_is_not() {
    let memory = without(Capability::Search, 20_000);
    let list = Chats::new(memory.clone()).chat(chat_id(1)).unwrap().messages().search("text 77");
    assert_eq!(list.collect().await.unwrap().len(), 111);

    let before = memory.requests();
    let error = list.clone().limit(120).collect().await.unwrap_err();
    assert_eq!((error.kind(), error.capability()), (ErrorKind::Unsupported, Some(Capability::Search)));
    assert!(error.message().contains("since") && error.message().contains("max_scan"), "{error}");
    assert!(memory.requests() - before <= 102, "10,000 messages at 100 a page");

    let page = list.clone().limit(120).max_scan(30_000).page().await.unwrap();
    assert_eq!((page.items.len(), page.next.is_none()), (111, true));
    let near = list.since(at(1_000 * 19_000)).limit(50);
    assert!(near.collect().await.unwrap().is_empty(), "no bound is met: since ends it");
}

#[tokio::test]
async fn an_emulated_since_reads_no_further() {
    let memory = without(Capability::FilterSince, 5_000);
    let list = Chats::new(memory.clone()).chat(chat_id(1)).unwrap().messages().since(at(1_000 * 4_850));
    assert_eq!(list.collect().await.unwrap().len(), 150);
    assert!(memory.requests() <= 3, "{} requests", memory.requests());
}

#[tokio::test]
async fn what_each_emulation_costs() {
    // an offset over a count: one request
    let mut counted = without(Capability::MessagesOffset, 500);
    only_a_count(&mut counted, 100, 5_000);
    let list = Chats::new(counted.clone()).chat(chat_id(1)).unwrap().messages();
    let page = list.offset(40).limit(20).page().await.unwrap();
    assert_eq!((number_of(&page.items[0]), page.items.len()), (459, 20));
    assert_eq!(counted.requests(), 1);

    // an overview: the list, and two requests a chat
    let chats: Vec<_> = (0..5).map(|n| Chat::new(chat_id(n))).collect();
    let messages: Vec<_> = (0..5).map(|n| message(n, n, 1_000)).collect();
    let memory =
        Memory::new(chats, messages).with_capability(Capability::Overview, Entry::emulated("composed"));
    let page = Chats::new(memory.clone()).overview().page().await.unwrap();
    assert!(page.items.iter().all(|c| c.last_message.is_some()));
    assert_eq!(memory.requests(), 1 + 1 + 5 * 2, "it refuses, the list, and two a chat");

    // chats in another order: all of them
    let chats: Vec<_> = (0..250).map(|n| Chat::new(chat_id(n))).collect();
    let memory =
        Memory::new(chats, []).with_capability(Capability::ChatsSort, Entry::emulated("sorted here"));
    let names: Vec<_> =
        Chats::new(memory.clone()).list().sort(ChatSort::Id).limit(3).collect().await.unwrap();
    assert_eq!(
        names.iter().map(|c| c.id.clone()).collect::<Vec<_>>(),
        [chat_id(249), chat_id(248), chat_id(247)]
    );
    assert_eq!(memory.requests(), 4, "three pages of 100, and the top once more: chats move");
}

#[tokio::test]
async fn one_picture_that_fails_spoils_no_overview() {
    let mut picture = Chat::new(chat_id(1));
    picture.picture_url = Some("https://pictures.example/1".into());
    let memory = Memory::new([picture], [message(1, 1, 0)])
        .with_capability(Capability::Overview, Entry::emulated("composed"));
    let mut broken = memory.clone();
    // it says that it can and then can't
    let info = broken.capabilities_mut().clone();
    broken.capabilities_mut().set(Capability::ChatPicture, Entry::no("broken"));
    let chats = Chats::from_arc(std::sync::Arc::new(Says { memory: broken, says: info }));
    let page = chats.overview().page().await.unwrap();
    assert_eq!(page.items[0].picture_url, None);
    assert!(page.items[0].last_message.is_some());
}

/// Declares more than it can.
struct Says {
    memory: Memory,
    says: Capabilities,
}

#[async_trait::async_trait]
impl ChatsProvider for Says {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(std::sync::Arc::new(self.says.clone()))
    }
    async fn capabilities(&self) -> Result<std::sync::Arc<Capabilities>> {
        Ok(std::sync::Arc::new(self.says.clone()))
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.memory.list_chats(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.memory.list_messages(query).await
    }
    async fn chat_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        self.memory.chat_picture(query).await
    }
}

#[tokio::test]
async fn pages_go_on_although_messages_arrive_and_go() {
    let memory = without(Capability::FilterMedia, 0);
    let media = |n| {
        let mut message = message(1, n, 1_000 * i64::try_from(n / 4).unwrap());
        message.media = (n % 3 > 0).then(MediaInfo::new);
        message
    };
    (0..300).for_each(|n| memory.insert(media(n)));
    let list = Chats::new(memory.clone()).chat(chat_id(1)).unwrap().messages().media_only(true).page_size(17);
    let (mut seen, mut token, mut turn) = (Vec::new(), None, 0);
    loop {
        let list = token.map_or(list.clone(), |token| list.clone().after(token));
        let page = list.page().await.unwrap();
        seen.extend(page.items.iter().map(number_of));
        token = page.next;
        turn += 1;
        (0..20).for_each(|n| memory.insert(media(1_000 * turn + n)));
        memory.remove(&chat_id(1), &message(1, *seen.last().unwrap(), 0).key);
        if token.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..300).rev().filter(|n| n % 3 > 0).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_token_of_another_query_is_refused() {
    let memory = without(Capability::Search, 50);
    let list = Chats::new(memory).chat(chat_id(1)).unwrap().messages();
    let page = list.clone().search("text").limit(5).page().await.unwrap();
    let token = page.next.unwrap();
    let error = list.clone().search("other").limit(5).after(token.clone()).page().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let json = serde_json::to_string(&token).unwrap();
    let stored: PageToken = serde_json::from_str(&json).unwrap();
    let rest: Vec<_> = list.search("text").after(stored).stream().try_collect().await.unwrap();
    assert_eq!(rest.len(), 45);
}
