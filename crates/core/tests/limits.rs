//! The limits of a transport, over a real socket: places, rates, pauses, the budget of retries.
//!
//! `WACHATS_CLIENTS=1000 cargo test -p wachats-core --test limits -- --nocapture storm` runs the whole storm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, unreachable_pub, dead_code, clippy::print_stdout, reason = "tests")]

mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use scripted::{Act, NoFunnel, Server, ok, quick, reply, transport};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;
use wachats_core::transport::{HttpOptions, Rates, Transport, TransportConfig};
use wachats_core::{Effect, ErrorKind, Gateway, Operation, Result};

async fn read(t: &Transport) -> Result<Value> {
    t.send(t.call(Operation::ListChats, Method::GET, "/chats").path(["chats"]), |a| a.json()).await
}

/// A server that takes 30 ms for an answer and counts how many it works at.
async fn slow(most: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let now = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (now, most) = (now.clone(), most.clone());
            tokio::spawn(async move {
                let mut head = [0; 1024];
                while socket.read(&mut head).await.unwrap_or(0) > 0 {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]").await.ok();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn no_more_requests_than_allowed_are_under_way() {
    for places in [1, 4] {
        let most = Arc::new(AtomicUsize::new(0));
        let t = transport(&slow(most.clone()).await, &quick().concurrency(places));
        let done = join_all((0..20).map(|_| read(&t))).await;
        assert!(done.iter().all(Result::is_ok));
        assert_eq!(most.load(Ordering::SeqCst), places);
    }
}

/// Waiting for a place is no part of an attempt: with one place and 30 ms an answer, the last of twenty waits
/// 570 ms, far longer than its attempt may take.
#[tokio::test]
async fn waiting_for_a_place_is_no_part_of_an_attempt() {
    let most = Arc::new(AtomicUsize::new(0));
    let options = quick().concurrency(1).read_attempt(Duration::from_millis(200));
    let t = transport(&slow(most).await, &options);
    assert!(join_all((0..20).map(|_| read(&t))).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn each_wire_method_has_its_rate_and_a_rate_can_be_left_to_the_gateway() {
    const RATES: Rates = Rates { by_method: &[("slow", 5.0)], other: Some(1_000.0) };
    let server = Server::start(vec![ok("[]")]).await;
    let build = |options: &HttpOptions| {
        let config = TransportConfig::new(Gateway::new("test"), server.url.parse().unwrap(), NoFunnel);
        config.rates(RATES).build(options).unwrap()
    };
    let keyed = |t: Transport, key| async move {
        let call = t.call(Operation::ListChats, Method::GET, "/chats").path(["chats"]).rate_key(key);
        t.send(call, |a| a.json::<Value>()).await.unwrap();
    };
    let took = |t: Transport, key| async move {
        let started = Instant::now();
        join_all((0..10).map(|_| keyed(t.clone(), key))).await;
        started.elapsed()
    };
    let t = build(&quick());
    // five at once, the others 200 ms apart
    let slow = took(t.clone(), "slow").await;
    assert!((Duration::from_millis(900)..Duration::from_secs(4)).contains(&slow), "{slow:?}");
    assert!(took(t.clone(), "another").await < Duration::from_millis(700));
    assert!(took(build(&quick().rate_limits(false)), "slow").await < Duration::from_millis(700));
}

#[tokio::test]
async fn rows_17_and_18_a_pause_binds_every_call_of_the_account_and_no_other_account() {
    let server =
        Server::start(vec![reply("429 Too Many Requests", "retry-after: 1\r\n", ""), ok("[]")]).await;
    let t = transport(&server.url, &quick());
    let other = transport(&server.url, &quick());
    let started = Instant::now();
    let first = tokio::spawn({
        let t = t.clone();
        async move { read(&t).await.map(|_| started.elapsed()) }
    });
    while server.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    read(&other).await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(800), "another account waits for nothing");
    let later = join_all((0..4).map(|_| async { read(&t).await.map(|_| started.elapsed()) })).await;
    for waited in later.into_iter().chain([first.await.unwrap()]) {
        assert!(waited.unwrap() >= Duration::from_millis(950));
    }
}

#[tokio::test]
async fn row_20_a_wait_longer_than_the_operation_fails_at_once_and_is_told() {
    let server = Server::start(vec![reply("503 Busy", "retry-after: 3600\r\n", "")]).await;
    let t = transport(&server.url, &quick());
    let started = Instant::now();
    let error = read(&t).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ErrorKind::Unavailable, Some(Duration::from_secs(3_600)))
    );
    let blocked = read(&t).await.unwrap_err();
    assert_eq!((blocked.kind(), blocked.effect()), (ErrorKind::RateLimited, Effect::NotSent));
    assert!(started.elapsed() < Duration::from_secs(1));
}

fn clients() -> usize {
    std::env::var("WACHATS_CLIENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(10)
}

/// Many clients against a server that closes every connection. Each has a budget of ten retries; once that is
/// drained it sends first attempts alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_storm_of_many_clients() {
    const CALLS: usize = 100;
    let server = Server::start(vec![Act::Close]).await;
    let clients: Vec<_> = (0..clients()).map(|_| transport(&server.url, &quick())).collect();
    let count = clients.len();
    let (mut seen, mut after) = (0, 0);
    for chunk in clients.chunks(50) {
        for round in 0..CALLS {
            join_all(chunk.iter().map(read)).await.into_iter().for_each(|a| assert!(a.is_err()));
            if round == 4 {
                seen = server.requests().len(); // five calls of three attempts each empty the budget
            }
        }
        after += server.requests().len() - seen;
    }
    let all = server.requests().len();
    let (calls, ratio) = (count * CALLS, after as f64 / (count * (CALLS - 5)) as f64);
    let whole = all as f64 / calls as f64;
    println!(
        "retry storm: {count} clients, {calls} calls, {whole:.3} requests a call in all, {ratio:.3} after the drain"
    );
    assert!(ratio <= 1.1 && whole <= 1.1, "{ratio} after the drain, {whole} in all");
}
