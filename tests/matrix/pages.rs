//! Rows 33 to 46 and 64: pages with something wrong in them, and lists that change while they are read.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use serde_json::{Value, json};
use wachats::{ErrorKind as K, Message, Page, Pager};
use wachats_simulator::world;

use crate::common::{Gateway, worlds};
use crate::support::*;

fn keys(page: &Page<Message>) -> Vec<String> {
    page.items.iter().map(|m| m.key.to_string()).collect()
}

/// Serves the page with one item changed and gives what became of it; the others must be there.
async fn with_one(
    canned: &Canned,
    change: impl FnOnce(&mut Value),
) -> (Page<Message>, Option<Message>, Value) {
    let before = canned.read(canned.body.clone()).await.unwrap();
    let mut items = canned.items();
    let at = 2;
    change(&mut items[at]);
    let damaged = items[at].clone();
    let page = canned.read(canned.with(items)).await.unwrap();
    // every gateway lists newest first, so the item is the message at its place
    let key = keys(&before)[at].clone();
    for other in keys(&before).iter().filter(|k| **k != key) {
        assert!(keys(&page).contains(other), "{damaged}: another message is lost");
    }
    assert_eq!(
        page.items.len() + page.skipped.len(),
        before.items.len(),
        "{damaged}: a loss nobody is told of"
    );
    if let Some(skipped) = page.skipped.first() {
        let raw: Value = serde_json::from_str(skipped.raw.get()).unwrap();
        assert_eq!(raw, damaged, "what is skipped is kept as it came");
    }
    let found = page.items.iter().find(|m| m.key.to_string() == key).cloned();
    (page, found, damaged)
}

fn fields(canned: &Canned) -> Vec<String> {
    canned.items()[2].as_object().unwrap().keys().cloned().collect()
}

/// Without these an item has no place in the model.
fn needed(gateway: Gateway) -> &'static [&'static str] {
    match gateway {
        Gateway::GreenApi => &["idMessage", "chatId", "type"],
        // whose it is makes it another message
        Gateway::Gowa(_) => &["id", "chat_jid", "is_from_me"],
        _ => &["id"],
    }
}

pub(crate) async fn missing_optional_field(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let mut tried = 0;
    for field in fields(&canned) {
        let (_, found, _) =
            with_one(&canned, |item| drop(item.as_object_mut().unwrap().remove(&field))).await;
        if !needed(gateway).contains(&field.as_str()) {
            assert!(found.is_some(), "{field} is not needed");
            tried += 1;
        }
    }
    assert!(tried >= 3, "{tried} fields");
}

pub(crate) async fn missing_id(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let id = canned.id_field();
    let (page, found, _) = with_one(&canned, |item| drop(item.as_object_mut().unwrap().remove(id))).await;
    assert!(found.is_none());
    assert_eq!(page.skipped.len(), 1);
}

pub(crate) async fn wrong_type_of_optional_field(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let mut noted = 0;
    for field in fields(&canned) {
        for wrong in [json!({"x": 1}), json!([1]), json!(7), json!("text"), json!(null), json!(true)] {
            let (page, found, damaged) = with_one(&canned, |item| item[&field] = wrong.clone()).await;
            if !needed(gateway).contains(&field.as_str()) {
                assert!(found.is_some(), "{field} may be anything: {damaged}");
            }
            noted += page.notes.len();
        }
    }
    // a page that is composed of windows carries no notes
    let windows = canned.opened.chats.info().capabilities.messages.pager == Pager::Window;
    assert!(noted > 0 || windows, "what was left out is told");
}

pub(crate) async fn times_of_all_kinds(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let right = canned.read(canned.body.clone()).await.unwrap().items[2].sent_at.unwrap();
    let (seconds, iso) = (right.timestamp(), right.to_rfc3339());
    let times = [
        json!(seconds.to_string()),
        json!(seconds as f64 + 0.5),
        json!(seconds * 1000),
        json!(iso),
        json!(-seconds),
        json!(253_402_300_799_i64),
        json!("9999-12-31T23:59:59Z"),
        json!(i64::MAX),
        json!("yesterday"),
        json!(1e300),
    ];
    for time in times {
        let (page, found, _) = with_one(&canned, |item| item["timestamp"] = time.clone()).await;
        let found = found.expect("a time is not needed");
        match found.sent_at {
            None => {}
            // by whole seconds right, or plainly what the wire says
            Some(at) => {
                let said = time.as_i64().unwrap_or_default();
                let far = at.timestamp() == 253_402_300_799
                    || at.timestamp() == said
                    || at.timestamp() == said / 1000;
                assert!((at.timestamp() - seconds).abs() <= 1 || far, "{time}: {at}");
            }
        }
        drop(page);
    }
}

pub(crate) async fn unknown_words(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let fields = match gateway {
        Gateway::GreenApi => ["typeMessage", "statusMessage"],
        Gateway::Gowa(_) => ["media_type", "status"],
        _ => ["ack", "ackName"],
    };
    for field in fields {
        for word in [json!("neverHeardOf"), json!(99)] {
            let (_, found, _) = with_one(&canned, |item| item[field] = word.clone()).await;
            let found = found.expect("an unknown word is kept");
            let text = serde_json::to_string(&found).unwrap();
            let back: Message = serde_json::from_str(&text).unwrap();
            assert_eq!(back, found, "{field} {word}");
        }
    }
}

pub(crate) async fn broken_characters(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let mut items = canned.items();
    items[2][canned.text_field()] = json!("MARK");
    let body = canned.with(items);
    let mark = body.windows(4).position(|w| w == b"MARK").unwrap();
    for bytes in [&b"a\xff\xfeb"[..], b"a\xed\xa0\x80b", b"a\\ud800b", b"a\\udc00\\ud800b", b"a\xc3"] {
        let mut broken = body.clone();
        broken.splice(mark..mark + 4, bytes.iter().copied());
        let page = canned.read(broken).await.unwrap();
        assert_eq!((page.items.len(), page.skipped.len()), (canned.items().len(), 0));
        let text = page.items[2].text.clone().unwrap();
        assert!(text.starts_with('a') && text.contains('\u{fffd}'), "{text:?}");
    }
}

pub(crate) async fn keys_given_twice(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let mut items = canned.items();
    items[2][canned.text_field()] = json!("MARK");
    let body = String::from_utf8(canned.with(items)).unwrap();
    let twice = format!("\"first\",\"{}\":\"second\"", canned.text_field());
    let page = canned.read(body.replace("\"MARK\"", &twice)).await.unwrap();
    assert_eq!((page.items.len(), page.skipped.len()), (canned.items().len(), 0));
    assert_eq!(page.items[2].text.as_deref(), Some("second"), "the last wins");
}

/// A message doubled within a page and again on the next one.
pub(crate) async fn doubled_messages(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let faults = canned.opened.server.faults();
    let mut items = canned.items();
    items.splice(1..1, [items[0].clone(), items[1].clone()]);
    let body = canned.with(items);
    faults.push(wachats_simulator::Fault::body(200, "application/json", body).times(1));
    let list = canned.opened.chats.chat(worlds::ANNA).unwrap().messages().page_size(6);
    let all: Vec<String> = list.stream().map_ok(|m| m.key.to_string()).try_collect().await.unwrap();
    let unique: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), unique.len()), (6, 6));
}

/// The list changes between any two pages; what was there from the beginning and stays is given once.
async fn while_it_changes(
    gateway: Gateway,
    change: impl Fn(&wachats_simulator::World, usize) -> Option<String>,
) {
    let (world, opened) = at_rest(gateway).await;
    let before: BTreeSet<String> = world.messages(worlds::BORIS).iter().map(|m| m.key.clone()).collect();
    let mut gone = BTreeSet::new();
    let mut stream = opened.chats.chat(worlds::BORIS).unwrap().messages().page_size(20).stream();
    let mut given = Vec::new();
    while let Some(message) = stream.try_next().await.unwrap() {
        given.push(message.key.to_string());
        if given.len() % 10 == 0 && given.len() < 200 {
            gone.extend(change(&world, given.len()));
        }
    }
    let unique: BTreeSet<String> = given.iter().cloned().collect();
    assert_eq!(unique.len(), given.len(), "doubled");
    for key in before.iter().filter(|key| !gone.contains(*key)) {
        assert!(unique.contains(key), "lost {key}");
    }
}

pub(crate) async fn arrivals_while_paging(gateway: Gateway) {
    while_it_changes(gateway, |world, n| {
        for i in 0..3 {
            let key = format!("3EB0F{n:08}{i:07}");
            world.add_message(world::Message::text(worlds::BORIS, &key, "new").at(worlds::NOW + n as i64));
        }
        None
    })
    .await;
}

pub(crate) async fn deletions_while_paging(gateway: Gateway) {
    while_it_changes(gateway, |world, n| {
        let key = world.messages(worlds::BORIS).get(n * 7 % 100)?.key.clone();
        world.delete_message(worlds::BORIS, &key);
        Some(key)
    })
    .await;
}

/// Three messages share each second of that chat, and the gateway may give them in any order.
pub(crate) async fn equal_times(gateway: Gateway) {
    while_it_changes(gateway, |_, _| None).await;
    let (_, opened) = at_rest(gateway).await;
    let list = opened.chats.chat(worlds::BORIS).unwrap().messages();
    let (once, again) = (list.collect().await.unwrap(), list.collect().await.unwrap());
    assert_eq!(once, again);
    assert!(once.is_sorted_by_key(|m| std::cmp::Reverse(m.sent_at)));
}

/// The gateway gives one page whatever is asked for: found out soon, and nothing is given twice.
pub(crate) async fn same_page_for_ever(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let page = wachats_simulator::Fault::body(200, "application/json", canned.body.clone());
    canned.opened.server.clear_requests();
    canned.opened.server.faults().push(page);
    let mut stream = canned.opened.chats.chat(worlds::ANNA).unwrap().messages().page_size(6).stream();
    let mut given = Vec::new();
    let end = loop {
        match stream.try_next().await {
            Ok(Some(message)) => given.push(message.key.to_string()),
            Ok(None) => break None,
            Err(error) => break Some(error.kind()),
        }
        assert!(given.len() <= 6, "it goes on and on");
    };
    // a gateway that takes a count and gives as many as before has no more: that is an end
    assert!(matches!(end, None | Some(K::PagingStuck)), "{end:?}");
    assert!(canned.opened.server.requests().len() <= 4, "{} requests", canned.opened.server.requests().len());
    let unique: BTreeSet<_> = given.iter().collect();
    assert_eq!((given.len(), unique.len()), (6, 6));
}

/// Items without an id are not the same item.
pub(crate) async fn empty_ids(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let mut items = canned.items();
    for item in items.iter_mut().take(3) {
        item[canned.id_field()] = json!("");
    }
    let page = canned.read(canned.with(items)).await.unwrap();
    assert_eq!((page.items.len(), page.skipped.len()), (canned.items().len() - 3, 3));
}

/// The session breaks down between two pages: told by its kind, and the list goes on from its token.
pub(crate) async fn session_changes_while_paging(gateway: Gateway) {
    let (world, opened) = at_rest(gateway).await;
    let list = opened.chats.chat(worlds::BORIS).unwrap().messages().page_size(50);
    let first = list.page().await.unwrap();
    let token = first.next.clone().unwrap();
    world.set_session(world::Session::Stopped);
    let broken = list.clone().after(token.clone()).page().await;
    if !matches!(gateway, Gateway::Gowa(_) | Gateway::GreenApi) {
        // the others read what they keep themselves
        assert_eq!(broken.unwrap_err().kind(), K::SessionNotReady);
    }
    let waited = opened.chats.wait_until_working(std::time::Duration::from_millis(600)).await.unwrap_err();
    assert_eq!(waited.kind(), K::SessionNotReady, "{waited}");
    world.set_session(world::Session::Working);
    opened.chats.wait_until_working(std::time::Duration::from_secs(5)).await.unwrap();
    let mut all = keys(&first);
    let mut next = Some(token);
    while let Some(token) = next {
        let page = list.clone().after(token).page().await.unwrap();
        all.extend(keys(&page));
        next = page.next;
    }
    let unique: BTreeSet<_> = all.iter().collect();
    assert_eq!((unique.len(), all.len()), (world.messages(worlds::BORIS).len(), all.len()));
}
