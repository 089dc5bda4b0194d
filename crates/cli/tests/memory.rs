//! What the largest file of each gateway costs in memory: next to nothing, since it is read while it is sent.
//!
//! `cargo test -p wachats-cli --test memory -- --nocapture` prints the figures.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly and tells its figures"
)]

mod common;

use std::time::Duration;

use common::{ALICE, KEY, command};
use wachats_simulator::waha::Engine;
use wachats_simulator::{Server, World, gowa, green_api, waha, wappfy};

/// A larger file may cost so much more than a small one, in KiB: one piece of it under way, not the whole.
const MORE: u64 = 8 * 1024;

/// The most memory that the process had at once, in KiB.
async fn peak(uri: &str, path: &str, kind: &str) -> u64 {
    let mut command = command(&["send", ALICE, "--file", path, "--as", kind, "--gateway", uri]);
    command.env("WAPPFY_API_KEY", KEY).env("GREEN_API_TOKEN", KEY);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut most = 0;
    loop {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = told
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        most = most.max(peak.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{uri}: {ended}");
            return most;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn gateways() -> Vec<(&'static str, Server, &'static str, &'static str, u64)> {
    let world = World::sample;
    let green = green_api::Profile::new().credentials(7_103_000_001, KEY);
    vec![
        (
            "waha",
            waha::serve(world(), waha::Profile::new(Engine::Webjs).key(KEY)).await.unwrap(),
            "",
            "document",
            37 << 20,
        ),
        (
            "wappfy",
            wappfy::serve(world(), wappfy::Profile::new().key(KEY)).await.unwrap(),
            "",
            "document",
            16_000_000,
        ),
        (
            "green-api",
            green_api::serve(world(), green).await.unwrap(),
            "?instance=7103000001",
            "document",
            100_000_000,
        ),
        (
            "gowa",
            gowa::serve(world(), gowa::Profile::v9_2().basic_auth("demo", KEY)).await.unwrap(),
            "",
            "video",
            99_990_000,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_file_costs_no_more_than_a_small_one() {
    let path = std::env::temp_dir().join(format!("wachats-memory-{}", std::process::id()));
    for (name, server, query, kind, largest) in gateways().await {
        let uri = format!("{name}+{}{query}", server.url());
        let head: &[u8] =
            if kind == "video" { b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41" } else { b"%PDF-1.7\n" };
        std::fs::write(&path, head).unwrap();
        let small = peak(&uri, path.to_str().unwrap(), kind).await;
        // holes are read as zeros
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(largest).unwrap();
        let large = peak(&uri, path.to_str().unwrap(), kind).await;
        println!("{name}: {largest} bytes at a peak of {large} KiB, {} bytes at {small} KiB", head.len());
        assert!(
            large < small + MORE,
            "{name}: {large} KiB for {largest} bytes, {small} KiB for a small file"
        );
        server.stop().await;
    }
    std::fs::remove_file(path).ok();
}
