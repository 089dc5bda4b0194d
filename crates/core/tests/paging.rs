//! How lists are walked: how many requests, where they end, and what happens when a gateway misbehaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use support::*;
use wachats_core::*;

mod support;

const BY_TIME: Pager = Pager::Time { overlap: Duration::ZERO };

fn memory(count: u64, per_second: u64, pager: Pager, ending: Ending) -> Memory {
    let messages = (0..count).rev().map(|n| message(1, n, 1_000 * i64::try_from(n / per_second).unwrap()));
    let mut memory = Memory::new([], messages);
    memory.capabilities_mut().messages = Paging::new(pager, ending, 10, 10);
    memory
}

async fn read(lively: &Lively) -> Result<Vec<Message>> {
    Chats::new(lively.clone()).chat(chat_id(1)).unwrap().messages().collect().await
}

#[tokio::test]
async fn a_gateway_that_gives_one_page_forever_is_found_out_in_two_calls() {
    for ending in [Ending::ShortPage, Ending::EmptyPages(2)] {
        for (pager, per_second, fault) in [
            (Pager::Offset, 1, Fault::SamePage),
            (Pager::Offset, 1, Fault::IgnoresOffset),
            (Pager::Offset, 1_000, Fault::IgnoresOffset),
            (BY_TIME, 1, Fault::SamePage),
            (BY_TIME, 1, Fault::IgnoresUntil),
            (BY_TIME, 1_000, Fault::SamePage),
            (BY_TIME, 1_000, Fault::IgnoresOffset),
        ] {
            let lively = Lively::quiet(memory(40, per_second, pager, ending), fault);
            let told = format!("{pager:?} {ending:?} {per_second} {fault:?}");
            match read(&lively).await {
                Ok(all) => panic!("{told}: {} messages", all.len()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::PagingStuck, "{told}: {error}");
                    assert!(lively.count() <= 3, "{told}: {} requests", lively.count());
                }
            }
        }
    }
}

#[tokio::test]
async fn chats_of_a_gateway_that_ignores_the_offset() {
    let mut memory = Memory::new((0..30).map(|n| Chat::new(chat_id(n))), []);
    memory.capabilities_mut().chats = Paging::new(Pager::Offset, Ending::ShortPage, 10, 10);
    let lively = Lively::quiet(memory, Fault::IgnoresOffset);
    let error = Chats::new(lively.clone()).list().collect().await.unwrap_err();
    assert_eq!((error.kind(), lively.count()), (ErrorKind::PagingStuck, 3));
}

#[tokio::test]
async fn a_limit_is_met_exactly_and_with_no_page_too_many() {
    for (pager, limit, requests) in [
        (Pager::Offset, 10, 1),
        (Pager::Offset, 3, 1),
        (Pager::Offset, 19, 2),
        (BY_TIME, 10, 1),
        (BY_TIME, 19, 2),
        (BY_TIME, 20, 3),
    ] {
        let lively = Lively::quiet(memory(100, 1, pager, Ending::ShortPage), Fault::None);
        let list = Chats::new(lively.clone()).chat(chat_id(1)).unwrap().messages().limit(limit);
        let keys: Vec<_> = list.collect().await.unwrap().iter().map(number_of).collect();
        assert_eq!(keys, (100 - limit..100).rev().collect::<Vec<_>>());
        assert_eq!(lively.count(), requests, "{pager:?} {limit}");
    }
}

#[tokio::test]
async fn nothing_is_sent_before_the_stream_is_polled_and_one_page_for_the_first_item() {
    let lively = Lively::quiet(memory(100, 1, Pager::Offset, Ending::ShortPage), Fault::None);
    let mut stream = Chats::new(lively.clone()).chat(chat_id(1)).unwrap().messages().stream();
    assert_eq!(lively.count(), 0);
    stream.next().await.unwrap().unwrap();
    assert_eq!(lively.count(), 1);
}

#[tokio::test]
async fn a_page_of_one_second_goes_on_by_offset() {
    for (pager, ending) in
        [(BY_TIME, Ending::ShortPage), (BY_TIME, Ending::EmptyPages(2)), (Pager::Offset, Ending::ShortPage)]
    {
        let lively = Lively::quiet(memory(95, 35, pager, ending), Fault::None);
        assert_eq!(read(&lively).await.unwrap().len(), 95, "{pager:?} {ending:?}");
    }
}

#[tokio::test]
async fn without_an_offset_a_second_may_hold_one_page() {
    let mut crowded = memory(95, 35, BY_TIME, Ending::ShortPage);
    crowded.capabilities_mut().set(Capability::MessagesOffset, Entry::no("not here"));
    let error = read(&Lively::quiet(crowded.clone(), Fault::None)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PagingStuck);
    crowded.capabilities_mut().messages.max_page_size = 60;
    assert_eq!(read(&Lively::quiet(crowded, Fault::None)).await.unwrap().len(), 95);
}

#[tokio::test]
async fn two_empty_pages_are_the_end_where_rows_are_dropped() {
    for (pager, count, requests) in [
        (BY_TIME, 0, 2),
        (BY_TIME, 5, 3),
        (Pager::Offset, 0, 2),
        (Pager::Offset, 5, 3),
        (Pager::Offset, 15, 5),
    ] {
        let lively = Lively::quiet(memory(count, 1, pager, Ending::EmptyPages(2)), Fault::None);
        assert_eq!(read(&lively).await.unwrap().len() as u64, count, "{pager:?}");
        assert_eq!(lively.count(), requests, "{pager:?} {count}");
    }
    let thinned =
        memory(95, 1, Pager::Offset, Ending::EmptyPages(2)).dropping(|m| number_of(m) / 10 % 3 == 1);
    let read = read(&Lively::quiet(thinned, Fault::None)).await.unwrap();
    assert_eq!(read.len(), 65, "pages that are empty amid the list");
}

#[tokio::test]
async fn windows_grow_to_at_most_twice_the_last() {
    let mut counted = memory(1_000, 3, Pager::Window, Ending::ShortPage);
    only_a_count(&mut counted, 50, 5_000);
    let lively = Lively::quiet(counted.clone(), Fault::None);
    assert_eq!(read(&lively).await.unwrap().len(), 1_000);
    assert_eq!(lively.count(), 6, "50, 100, 200, 400, 800, 1600");

    let list = Chats::new(lively.clone()).chat(chat_id(1)).unwrap().messages();
    assert_eq!(list.clone().limit(333).collect().await.unwrap().len(), 333);
    assert_eq!(lively.count(), 7, "one window of what is wanted");

    let first = list.clone().limit(60).page().await.unwrap();
    let second = list.limit(60).after(first.next.unwrap()).page().await.unwrap();
    assert_eq!(number_of(first.items.last().unwrap()), number_of(&second.items[0]) + 1);
    assert_eq!(second.items.len(), 60);
}

#[tokio::test]
async fn a_window_past_the_cap_names_the_time_reached() {
    let mut counted = memory(1_000, 1, Pager::Window, Ending::ShortPage);
    only_a_count(&mut counted, 50, 5_000);
    let lively = Lively::quiet(counted.largest_answer(300), Fault::None);
    let mut stream = Chats::new(lively).chat(chat_id(1)).unwrap().messages().stream();
    let mut given = 0;
    let error = loop {
        match stream.try_next().await {
            Ok(item) => given += u64::from(item.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!((given, error.kind()), (200, ErrorKind::TooLarge));
    assert!(error.message().contains(&at(800_000).format("%Y-%m-%dT%H:%M:%SZ").to_string()), "{error}");
}

#[tokio::test]
async fn what_can_not_be_decoded_is_told_once_and_stops_nothing() {
    for (pager, ending) in [
        (Pager::Offset, Ending::ShortPage),
        (BY_TIME, Ending::ShortPage),
        (Pager::Window, Ending::ShortPage),
        (Pager::Offset, Ending::EmptyPages(2)),
    ] {
        let mut memory = memory(95, 4, pager, ending);
        if pager == Pager::Window {
            only_a_count(&mut memory, 10, 5_000);
        }
        let told = Arc::new(Mutex::new(Vec::new()));
        let log = told.clone();
        let chats = Chats::new(Lively::quiet(memory, Fault::Skips))
            .on_skipped(move |s| log.lock().unwrap().push(s.raw.get().to_owned()));
        let read = chats.chat(chat_id(1)).unwrap().messages().collect().await.unwrap();
        let mut told = told.lock().unwrap().clone();
        assert_eq!((read.len(), told.len()), (63, 32), "{pager:?} {ending:?}");
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 32);
    }
}

#[tokio::test]
async fn messages_without_a_time_keep_their_place() {
    for pager in [Pager::Offset, BY_TIME] {
        let lively = Lively::quiet(memory(50, 3, pager, Ending::ShortPage), Fault::Timeless);
        assert_eq!(read(&lively).await.unwrap().len(), 50, "{pager:?}");
    }
}
