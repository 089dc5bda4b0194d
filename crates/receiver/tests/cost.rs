//! The figure: answering a delivery costs at most five times what an empty axum handler costs, at 1,000 deliveries a second.
//! `WACHATS_COST_MS=20000 cargo test -p wachats-receiver --release --test cost -- --nocapture`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

mod support;

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use support::{Client, Folder, JSON, Kind, SECRET, count};
use wachats_receiver::{Inbox, Receiver};

/// Connections, each with its share of the deliveries.
const CONNECTIONS: u64 = 10;
/// Deliveries a second, all connections together.
const RATE: u64 = 1_000;

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// The time of each answer, deliveries going out at their rate whether or not others are answered.
async fn measure(address: &str, first: u64, time: Duration) -> Vec<Duration> {
    let pause = Duration::from_micros(1_000_000 * CONNECTIONS / RATE);
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            let address = address.to_owned();
            tokio::spawn(async move {
                let mut client = Client::open(&address).await.unwrap();
                let mut times = Vec::new();
                let began =
                    tokio::time::Instant::now() + pause.mul_f64(connection as f64 / CONNECTIONS as f64);
                for n in 0_u32.. {
                    let at = began + pause * n;
                    if at.duration_since(began) >= time {
                        break;
                    }
                    let body = Kind::Waha.body(first + u64::from(n) * CONNECTIONS + connection);
                    let (name, value) = Kind::Waha.header(SECRET, body.as_bytes());
                    tokio::time::sleep_until(at).await;
                    let asked = Instant::now();
                    let (status, _) = client.post(&[JSON, (name, &value)], body.as_bytes()).await.unwrap();
                    times.push(asked.elapsed());
                    assert_eq!(status, 200);
                }
                times
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_costs_at_most_five_empty_ones() {
    let whole = Duration::from_millis(count("WACHATS_COST_MS", 60_000));
    let folder = Folder::new("cost");
    let inbox = Inbox::open(folder.file("events.db")).unwrap();
    let receiver = Receiver::boxed(Kind::Waha.webhook(), SECRET.into(), inbox.clone()).unwrap();
    let full = serve(receiver.router("/hook")).await;
    let empty = serve(Router::new().route("/hook", post(async || ()))).await;
    let (mut of_full, mut of_empty) = (Vec::new(), Vec::new());
    let rounds = 10_u32;
    // a round to warm up, then the two in turn
    measure(&empty, 0, whole / rounds / 2).await;
    measure(&full, 1 << 50, whole / rounds / 2).await;
    for round in 0..u64::from(rounds) {
        of_empty.extend(measure(&empty, 0, whole / rounds / 2).await);
        of_full.extend(measure(&full, round * 10_000_000, whole / rounds / 2).await);
    }
    let count = of_full.len();
    let (full, empty) = (median(&mut of_full), median(&mut of_empty));
    let ratio = full.as_secs_f64() / empty.as_secs_f64();
    println!(
        "{count} deliveries at {RATE} a second: {} µs an answer (99 %: {} µs), an empty handler {} µs: {ratio:.2} times",
        full.as_micros(),
        of_full[count * 99 / 100].as_micros(),
        empty.as_micros()
    );
    assert!(inbox.counts().await.unwrap().waiting >= count as u64);
    // unoptimised hashes and JSON are no measure of anything
    let most = if cfg!(debug_assertions) { 40.0 } else { 5.0 };
    assert!(ratio <= most, "{ratio:.2} times");
}
