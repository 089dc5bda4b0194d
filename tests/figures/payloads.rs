//! Corrupted pages. `WACHATS_CORRUPTIONS=10000 cargo test --test figures -- --nocapture payloads` runs the whole, for each
//! gateway 10,000 pages with a damaged item and 10,000 with damaged bytes.

use serde_json::{Value, json};
use wachats::ErrorKind as K;

use crate::common::{Gateway, ONE_OF_EACH};
use crate::support::{Canned, Rng, count};

/// One item of the page spoilt in its structure.
fn spoilt(rng: &mut Rng, item: &Value) -> Value {
    const WORDS: [&str; 6] = ["", "x", "🦀", "\u{0}", "9999999999999999999999", "true_x_y"];
    let wrong = |rng: &mut Rng| match rng.below(9) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!(-1),
        4 => json!(1e308),
        5 => json!(u64::MAX),
        6 => json!(true),
        7 => json!([[[{"a": [1, {"b": null}]}]]]),
        _ => json!(WORDS[rng.below(WORDS.len())]),
    };
    let mut item = item.clone();
    if rng.below(8) == 0 {
        return wrong(rng);
    }
    spoil(rng, &mut item, &wrong);
    item
}

/// Goes down at random and spoils what it finds there.
fn spoil(rng: &mut Rng, at: &mut Value, wrong: &impl Fn(&mut Rng) -> Value) {
    let inner = match at {
        Value::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(rng.below(map.len())).cloned().unwrap();
            if rng.below(6) == 0 {
                map.remove(&key);
                return;
            }
            map.get_mut(&key).unwrap()
        }
        Value::Array(list) if !list.is_empty() => {
            let index = rng.below(list.len());
            &mut list[index]
        }
        other => {
            *other = wrong(rng);
            return;
        }
    };
    if rng.below(3) == 0 {
        *inner = wrong(rng);
    } else {
        spoil(rng, inner, wrong);
    }
}

async fn structure(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let items = canned.items();
    let whole: Vec<String> =
        canned.read(canned.body.clone()).await.unwrap().items.iter().map(|m| m.key.to_string()).collect();
    let (mut untouched, mut delivered, mut lost, mut kept) = (0, 0, 0, 0);
    for seed in 0..count("WACHATS_CORRUPTIONS", 300) {
        let mut rng = Rng::new(seed as u64);
        let mut page = items.clone();
        let mut touched = Vec::new();
        for _ in 0..=rng.below(2) {
            let at = rng.below(page.len());
            let other = spoilt(&mut rng, &items[at]);
            // two that are the same to the byte are one thing that is told once
            if !page.contains(&other) {
                page[at] = other;
                touched.push(at);
            }
        }
        let read = canned.read(canned.with(page.clone())).await;
        let read = read.unwrap_or_else(|error| panic!("{} {seed}: {error}", gateway.name()));
        for (at, key) in whole.iter().enumerate().filter(|(at, _)| !touched.contains(at)) {
            untouched += 1;
            let there = read.items.iter().any(|m| m.key.as_str() == key);
            delivered += usize::from(there);
            assert!(
                there,
                "{} {seed}: item {at} is lost with another: {:?}",
                gateway.name(),
                touched.iter().map(|t| &page[*t]).collect::<Vec<_>>()
            );
        }
        lost += items.len() - read.items.len();
        for skipped in &read.skipped {
            let raw: Value = serde_json::from_str(skipped.raw.get()).expect("what is kept is JSON");
            kept += usize::from(touched.iter().any(|at| page[*at] == raw));
        }
        let spoilt = || touched.iter().map(|at| page[*at].to_string()).collect::<Vec<_>>();
        let told = read.items.len() + read.skipped.len();
        assert_eq!(told, items.len(), "{} {seed}: {:?}", gateway.name(), spoilt());
    }
    println!(
        "{}: structure: {delivered} of {untouched} untouched delivered, {kept} of {lost} lost kept as they came",
        gateway.name()
    );
    assert_eq!((delivered, kept), (untouched, lost));
}

fn damaged(rng: &mut Rng, body: &[u8]) -> Vec<u8> {
    let mut bytes = body.to_vec();
    for _ in 0..=rng.below(3) {
        let at = rng.below(bytes.len());
        let end = (at + 1 + rng.below(40)).min(bytes.len());
        match rng.below(6) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << rng.below(8),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = rng.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => bytes[at] = rng.next() as u8,
            _ => bytes.insert(at, *rng.pick(b"{}[]\",:\\0\x00\xff\n")),
        }
        if bytes.is_empty() {
            return bytes;
        }
    }
    bytes
}

/// How many items there are when words that are none count as `null` and strings are made readable; `None` where the
/// structure itself is broken.
fn places(body: &[u8], pointer: &str) -> Option<usize> {
    let mut out = String::new();
    let text = String::from_utf8_lossy(body);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                out.push_str("\"x");
                let mut key = String::new();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => drop(rest.next()?),
                        c if c.is_ascii_alphanumeric() => key.push(c),
                        _ => {}
                    }
                }
                out.push_str(&key);
                out.push('"');
            }
            '{' | '}' | '[' | ']' | ',' | ':' => out.push(c),
            c if c.is_ascii_whitespace() => out.push(' '),
            _ => {
                while rest.peek().is_some_and(|c| !"{}[],:\"".contains(*c) && !c.is_ascii_whitespace()) {
                    rest.next();
                }
                out.push_str("null");
            }
        }
    }
    let pointer = pointer.replace('/', "/x");
    serde_json::from_str::<Value>(&out).ok()?.pointer(&pointer)?.as_array().map(Vec::len)
}

async fn bytes(gateway: Gateway) {
    let canned = Canned::of(gateway).await;
    let (mut broken, mut refused, mut repaired) = (0, 0, 0);
    for seed in 0..count("WACHATS_CORRUPTIONS", 300) {
        let mut rng = Rng::new(seed as u64 ^ 0xb17e);
        let body = damaged(&mut rng, &canned.body);
        let valid = serde_json::from_str::<Value>(&String::from_utf8_lossy(&body)).is_ok();
        broken += usize::from(!valid);
        match canned.read(body.clone()).await {
            Ok(_) if valid => {}
            // repaired by design: an item that can't be read is told, and no other is lost
            Ok(page) => {
                let told = page.items.len() + page.skipped.len();
                let there = places(&body, canned.pointer);
                assert_eq!(
                    Some(told),
                    there,
                    "{} {seed}: {}",
                    gateway.name(),
                    String::from_utf8_lossy(&body)
                );
                repaired += 1;
            }
            Err(error) => {
                refused += usize::from(!valid);
                let kind = error.kind();
                assert!(matches!(kind, K::Decode | K::NotAGateway), "{} {seed}: {error}", gateway.name());
            }
        }
    }
    println!(
        "{}: bytes: of {broken} pages of broken JSON {refused} refused, {repaired} read with every item told",
        gateway.name()
    );
}

#[tokio::test]
async fn a_damaged_item_costs_no_other() {
    for gateway in ONE_OF_EACH {
        structure(gateway).await;
    }
}

#[tokio::test]
async fn damaged_bytes_are_never_a_short_list() {
    for gateway in ONE_OF_EACH {
        bytes(gateway).await;
    }
}
