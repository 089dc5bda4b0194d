//! Rows 58 and 59: whatever an id holds, a request goes to the intended path or not at all.
//!
//! `WACHATS_IDS=100000 cargo test -p wachats-core --test hostile` runs the whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, unreachable_pub, dead_code, clippy::print_stdout, reason = "tests")]

mod scripted;

use percent_encoding::percent_decode_str;
use reqwest::Method;
use scripted::{Server, ok, quick, transport};
use serde_json::Value;
use wachats_core::{ChatId, Effect, ErrorKind, MessageId, Operation};

fn ids() -> usize {
    std::env::var("WACHATS_IDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000)
}

/// What ids are made hostile of.
const PIECES: &[&str] = &[
    "..",
    ".",
    "/",
    "\\",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5c",
    "%00",
    "%0d%0a",
    "\r\n",
    "\0",
    "\t",
    " ",
    "?",
    "#",
    "&",
    "=",
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
    "//",
    "[::1]",
    "localhost",
    "é",
    "с",
    "\u{202e}",
    "\u{ff0e}\u{ff0e}",
    "\u{2215}",
    "%c0%ae",
    "%252e",
    "~",
    "*",
    "{session}",
    "\u{feff}",
    "a",
    "0",
    ",",
    "'",
    "\"",
    "<",
    "|",
];

fn hostile(rng: &mut fastrand::Rng) -> String {
    let mut text: String = (0..rng.usize(1..7)).map(|_| *rng.choice(PIECES).unwrap()).collect();
    match rng.u8(..20) {
        0 => text = text.repeat(200),
        1 => text.push(rng.char(..)),
        2 => text.insert(0, rng.char('\0'..'\u{a0}')),
        _ => {}
    }
    text
}

/// Ids that parse can stand in any path and header as they are.
#[test]
fn ids_that_parse_are_harmless() {
    let mut rng = fastrand::Rng::with_seed(58);
    let mut parsed = 0;
    for _ in 0..ids() {
        let text = hostile(&mut rng);
        let chats = [text.parse::<ChatId>(), ChatId::from_wire(&text)];
        let messages = [text.parse::<MessageId>(), MessageId::from_wire(&text)];
        let shown = chats.into_iter().flatten().map(|id| id.to_string());
        for id in shown.chain(messages.into_iter().flatten().map(|id| id.to_string())) {
            parsed += 1;
            let safe = |c: char| c.is_ascii_alphanumeric() || "@._-:=+~".contains(c);
            assert!(id.chars().all(safe) && id.len() <= 400, "{text:?} became {id:?}");
            assert!(!id.split('@').any(|part| matches!(part, "" | "." | "..")), "{text:?} became {id:?}");
            assert!(
                id.parse::<ChatId>().is_ok()
                    || MessageId::from_wire(&id).is_ok()
                    || ChatId::from_wire(&id).is_ok()
            );
        }
    }
    println!("of {} texts {parsed} ids", ids());
    assert!(parsed > 10);
}

/// Below the ids: any text as a segment is one segment, or sends nothing.
#[tokio::test]
async fn a_segment_is_one_segment_or_nothing_is_sent() {
    let server = Server::start(vec![ok("[]")]).await;
    let t = transport(&format!("{}/base", server.url), &quick());
    let mut rng = fastrand::Rng::with_seed(59);
    let (mut sent, mut refused, mut wanted) = (0, 0, Vec::new());
    for _ in 0..ids() {
        let text = hostile(&mut rng);
        let call = t
            .call(Operation::ListMessages, Method::GET, "/chats/{chat}/messages")
            .path(["chats", &text, "messages"]);
        match t.send(call, |a| a.json::<Value>()).await {
            Ok(_) => {
                sent += 1;
                wanted.push(text);
            }
            Err(error) => {
                refused += 1;
                assert_eq!(
                    (error.kind(), error.effect()),
                    (ErrorKind::InvalidInput, Effect::NotSent),
                    "{text:?}"
                );
            }
        }
    }
    let requests = server.requests();
    assert_eq!(requests.len(), sent, "what was refused sent nothing");
    for (request, text) in requests.iter().zip(wanted) {
        let line = request.lines().next().unwrap();
        let path = line.strip_prefix("GET ").and_then(|l| l.strip_suffix(" HTTP/1.1")).unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(
            (parts.len(), parts[1], parts[2], parts[4]),
            (5, "base", "chats", "messages"),
            "{text:?}: {path}"
        );
        assert_eq!(percent_decode_str(parts[3]).decode_utf8().unwrap(), text, "{path}");
        assert!(!path.contains(['?', '#', '\\']), "{path}");
    }
    println!("{sent} sent to their path, {refused} refused before any request");
    assert!(sent > 0 && refused > 0);
}
