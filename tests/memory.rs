//! Memory: what a client holds while a gateway sends more than anyone asked for. Alone in its process, for the peak is the
//! process's. `WACHATS_MESSAGES=1000000 cargo test --test memory -- --nocapture` walks the whole million.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

mod common;
#[path = "matrix/support.rs"]
mod support;

use std::time::Duration;

use common::{Gateway, quick, worlds};
use futures::TryStreamExt;
use support::{Act, Wire, connect, count, list};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wachats::ErrorKind as K;
use wachats_simulator::waha::Engine;

const WAHA: Gateway = Gateway::Waha(Engine::Webjs);
const MIB: u64 = 1 << 20;

/// The peak of this process since it was last forgotten, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// A WAHA that makes up messages, one a second back from now, as many as it is asked for: it holds none.
async fn made_up(total: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket, total));
        }
    });
    url
}

async fn answer(mut socket: TcpStream, total: u64) {
    let (mut data, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let Ok(n @ 1..) = socket.read(&mut chunk).await else { return };
        data.extend_from_slice(&chunk[..n]);
        if !data.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = String::from_utf8(std::mem::take(&mut data)).unwrap();
        let target = head.split(' ').nth(1).unwrap().to_owned();
        let body = if target.contains("/messages") { page(&target, total) } else { probe(&target) };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if socket.write_all((head + &body).as_bytes()).await.is_err() {
            return;
        }
    }
}

fn probe(target: &str) -> String {
    if target.contains("version") {
        r#"{"version":"2026.7.1","engine":"WEBJS","tier":"PLUS"}"#.into()
    } else {
        r#"{"name":"default","status":"WORKING","engine":{"engine":"WEBJS"},"me":{"id":"5511900000000@c.us"}}"#.into()
    }
}

fn page(target: &str, total: u64) -> String {
    let value = |name: &str| -> Option<u64> {
        let query = target.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    };
    let newest = worlds::NOW as u64;
    let until = value("filter.timestamp.lte").unwrap_or(newest);
    let first = newest.saturating_sub(until) + value("offset").unwrap_or(0);
    let end = (first + value("limit").unwrap_or(50)).min(total);
    let rows: Vec<String> = (first..end)
        .map(|n| {
            format!(
                r#"{{"id":"false_5511911111111@c.us_3EB0{n:016X}","timestamp":{},"from":"5511911111111@c.us","fromMe":false,"body":"message {n}","hasMedia":false,"ack":3,"ackName":"READ","_data":{{"type":"chat"}}}}"#,
                newest - n
            )
        })
        .collect();
    format!("[{}]", rows.join(","))
}

#[tokio::test]
async fn bombs_slow_bodies_and_a_long_list_stay_within_the_cap() {
    const CAP: usize = 4 << 20;
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    // what is there anyway: the client, its TLS, the runtime, the bomb itself
    let bomb = &include_bytes!("matrix/fixtures/sixteen_mebibytes_of_zeros.gz")[..];
    let zipped = [
        format!("{json}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len()).into_bytes(),
        bomb.to_vec(),
    ];
    let acts = [
        ("a gzip bomb", Act::Bytes(zipped.concat())),
        ("a body without end", Act::Endless(format!("{json}Connection: close\r\n\r\n").into_bytes(), b'[')),
        (
            "10 GB as told",
            Act::Endless(format!("{json}Content-Length: 10737418240\r\n\r\n").into_bytes(), b' '),
        ),
        (
            "a slow body",
            Act::Drip(
                format!("{json}Content-Length: 900\r\n\r\n[[[[[[").into_bytes(),
                Duration::from_millis(1),
            ),
        ),
    ];
    let small = Wire::start(Act::KeepAlive(format!("{json}Content-Length: 2\r\n\r\n[]").into_bytes())).await;
    list(&connect(WAHA, &small.url, quick())).await.unwrap();
    forget_peak();
    // what an allocator keeps of one row would hide the next one: all are held against the beginning
    let before = peak();
    let grown = |name: &str, cap: usize| {
        let grown = peak().saturating_sub(before);
        println!(
            "{name}: {:.1} MiB over the beginning (cap {} MiB)",
            grown as f64 / MIB as f64,
            cap as u64 / MIB
        );
        assert!(grown <= cap as u64 + 16 * MIB, "{name}: {grown} bytes");
    };
    let total = count("WACHATS_MESSAGES", 10_000) as u64;
    let chats = connect(WAHA, &made_up(total).await, quick());
    let (mut seen, mut stream) = (0, chats.chat(worlds::ANNA).unwrap().messages().page_size(500).stream());
    while let Some(message) = stream.try_next().await.unwrap() {
        assert_eq!(message.sent_at.unwrap().timestamp() as u64, worlds::NOW as u64 - seen);
        seen += 1;
    }
    assert_eq!(seen, total);
    grown(&format!("{seen} messages streamed"), 0);
    for (name, act) in acts {
        let wire = Wire::start(act).await;
        let http = quick().attempts(1).body_cap(CAP).read_attempt(Duration::from_millis(800));
        let chats = connect(WAHA, &wire.url, http);
        for _ in 0..5 {
            let error = list(&chats).await.unwrap_err();
            assert!(matches!(error.kind(), K::TooLarge | K::Timeout | K::Network), "{name}: {error}");
        }
        grown(name, CAP);
    }
}
