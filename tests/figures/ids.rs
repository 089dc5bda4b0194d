//! Hostile ids. `WACHATS_IDS=100000 cargo test --test figures -- --nocapture ids` runs the whole, for each gateway.

use wachats::{ChatId, MessageId};

use crate::common::{Gateway, ONE_OF_EACH};
use crate::support::{Rng, at_rest, count};

const PIECES: &[&str] = &[
    "..",
    ".",
    "/",
    "\\",
    "%2e",
    "%2F",
    "%00",
    "\r\n",
    "\0",
    " ",
    "?",
    "#",
    "&",
    ";",
    ":",
    "@",
    "@c.us",
    "@g.us",
    "@lid",
    "@s.whatsapp.net",
    "@newsletter",
    "@broadcast",
    "status",
    "79001234567",
    "1203630",
    "-",
    "_",
    "true_",
    "false_",
    "3EB0",
    "app",
    "logout",
    "sessions",
    "http://",
    "é",
    "с",
    "\u{202e}",
    "\u{ff0e}",
    "~",
    "{session}",
    "a",
    "0",
    "+",
    "=",
];

fn hostile(rng: &mut Rng) -> String {
    let mut text: String = (0..1 + rng.below(5)).map(|_| *rng.pick(PIECES)).collect();
    if rng.below(40) == 0 {
        text = text.repeat(300);
    }
    text
}

fn decoded(segment: &str) -> String {
    let mut out = Vec::new();
    let bytes = segment.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = segment.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap()
}

/// The path of a request without its query, segment by segment.
fn path(target: &str) -> Vec<String> {
    target.split('?').next().unwrap().split('/').map(decoded).collect()
}

async fn tried(gateway: Gateway) {
    const PLAIN: &str = "79001234567@c.us";
    const KEY: &str = "3EB0A000000000000002";
    let (_, opened) = at_rest(gateway).await;
    let (chats, server) = (&opened.chats, &opened.server);
    let asked = |chat: ChatId, id: Option<MessageId>| chats_requests(chats, server, chat, id);
    // how a plain id is asked for: what a hostile one may differ from in its own segments alone
    let plain = asked(PLAIN.parse().unwrap(), None).await;
    let plain_message = asked(PLAIN.parse().unwrap(), Some(KEY.parse().unwrap())).await;
    let shape = |target: &str| -> Vec<String> {
        let about = |s: &String| s.contains("79001234567") || s.contains(KEY);
        path(target).into_iter().map(|s| if about(&s) { "{id}".into() } else { s }).collect()
    };
    // GOWA believes an empty list of a paired device alone, and asks; no id is in that
    let fixed = "/app/status".to_owned();
    let shapes: Vec<Vec<String>> =
        plain.iter().chain(&plain_message).chain([&fixed]).map(|t| shape(t)).collect();
    let (mut sent, mut refused) = (0, 0);
    for seed in 0..count("WACHATS_IDS", 1_000) {
        let mut rng = Rng::new(seed as u64);
        let text = hostile(&mut rng);
        let mut targets = Vec::new();
        let mut ids = Vec::new();
        for chat in [text.parse::<ChatId>(), ChatId::from_wire(&text)].into_iter().flatten() {
            ids.push(chat.to_string());
            targets.extend(asked(chat, None).await);
        }
        for id in [text.parse::<MessageId>(), MessageId::from_wire(&text)].into_iter().flatten() {
            ids.extend([id.to_string(), PLAIN.to_owned(), "79001234567@s.whatsapp.net".to_owned()]);
            targets.extend(asked(PLAIN.parse().unwrap(), Some(id)).await);
        }
        refused += usize::from(ids.is_empty());
        for target in targets {
            sent += 1;
            assert!(!target.contains(['\\', '#', '\r', '\n', ' ']), "{text:?} asked for {target}");
            let segments = path(&target);
            let fits = shapes.iter().any(|shape| {
                let same = |(want, got): (&String, &String)| {
                    let jid = |id: &String| id.replace("@c.us", "@s.whatsapp.net");
                    want == got
                        || (want == "{id}"
                            && ids.iter().any(|id| {
                                id == got || jid(id) == *got || id.contains(got.as_str()) && got.len() > 3
                            }))
                };
                shape.len() == segments.len() && shape.iter().zip(&segments).all(same)
            });
            assert!(fits, "{}: {text:?} asked for {target}", gateway.name());
        }
    }
    println!("{}: {refused} refused before any request, {sent} requests, each to its path", gateway.name());
    assert!(sent > 0 && refused > 0);
}

/// What is asked for when a chat, or a message of it, is read.
async fn chats_requests(
    chats: &wachats::Chats,
    server: &wachats_simulator::Server,
    chat: ChatId,
    id: Option<MessageId>,
) -> Vec<String> {
    server.clear_requests();
    let chat = chats.chat(chat).unwrap();
    match id {
        None => drop(chat.messages().limit(1).page().await),
        Some(id) => {
            if let Ok(message) = chat.message(id) {
                message.get().await.ok();
            }
        }
    }
    server.requests().into_iter().map(|r| r.path_and_query).collect()
}

#[tokio::test]
async fn no_id_leads_a_request_astray() {
    for gateway in ONE_OF_EACH {
        tried(gateway).await;
    }
}
