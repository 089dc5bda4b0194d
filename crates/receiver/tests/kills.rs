//! The figure: a receiver killed 200 times (`kill -9`) between answer and handling loses nothing and does nothing twice.
//! `WACHATS_KILLS=200 cargo test -p wachats-receiver --test kills -- --nocapture`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

mod support;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use support::{ALICE, Client, Dice, Folder, JSON, Kind, SECRET, count, within};
use tokio::process::{Child, Command};
use wachats_core::Chats;
use wachats_core::transport::HttpOptions;
use wachats_receiver::{Inbound, Inbox, InboxOptions, Receiver};
use wachats_simulator::World;
use wachats_simulator::waha::{self, Engine};
use wachats_waha::Waha;

const FOLDER: &str = "WACHATS_KILLS_FOLDER";
const GATEWAY: &str = "WACHATS_KILLS_GATEWAY";

fn inbox(folder: &Path) -> Inbox {
    let mut options = InboxOptions::new();
    options.lease = Duration::from_millis(200);
    options.first_pause = Duration::from_millis(20);
    options.longest_pause = Duration::from_millis(100);
    options.attempts = 1_000;
    Inbox::open_with(folder.join("events.db"), options).unwrap()
}

/// The application's own data, where an event's effect is keyed by the event.
fn effects(folder: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(folder.join("effects.db")).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS effect (key TEXT PRIMARY KEY, runs INTEGER NOT NULL)",
    )
    .unwrap();
    db
}

/// The process that is killed: it receives, handles, and answers each message.
#[test]
#[ignore = "run by the other test, as a process of its own"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let inbox = inbox(&folder);
        let receiver = Receiver::boxed(Kind::Waha.webhook(), SECRET.into(), inbox.clone()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { receiver.serve(listener, std::future::pending()).await });
        std::fs::write(folder.join("address.new"), &address).unwrap();
        std::fs::rename(folder.join("address.new"), folder.join("address")).unwrap();
        let http = HttpOptions::new().backoff(Duration::from_millis(1), Duration::from_millis(2));
        let gateway = Waha::builder(std::env::var(GATEWAY).unwrap()).key("k").http(http).build().unwrap();
        let db = Arc::new(std::sync::Mutex::new(effects(&folder)));
        inbox
            .handling()
            .concurrency(4)
            .replies_through(Chats::new(gateway))
            .run(move |event: Arc<Inbound>| {
                let db = Arc::clone(&db);
                async move {
                    tokio::time::sleep(Duration::from_millis(3)).await;
                    let sql =
                        "INSERT INTO effect VALUES (?1, 1) ON CONFLICT (key) DO UPDATE SET runs = runs + 1";
                    db.lock()
                        .unwrap()
                        .execute(sql, [&event.dedupe_key])
                        .map_err(|error| error.to_string())?;
                    let text = event.message().and_then(|message| message.text.clone()).unwrap_or_default();
                    event.reply(format!("re: {text}")).await.map(drop).map_err(|error| error.to_string())
                }
            })
            .await;
    });
}

async fn start(folder: &Path, gateway: &str) -> (Child, String) {
    std::fs::remove_file(folder.join("address")).ok();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(GATEWAY, gateway)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let address = within(Duration::from_secs(20), "the child listens", async {
        loop {
            match std::fs::read_to_string(folder.join("address")) {
                Ok(address) => return address,
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    })
    .await;
    (child, address)
}

/// Delivers one event until it is answered with 200, as a gateway does.
async fn deliver(address: &tokio::sync::watch::Receiver<String>, n: u64) {
    let body = Kind::Waha.body(n);
    let (name, value) = Kind::Waha.header(SECRET, body.as_bytes());
    loop {
        let at = address.borrow().clone();
        let attempt = async {
            let mut client = Client::open(&at).await.ok()?;
            Some(client.post(&[JSON, (name, &value)], body.as_bytes()).await.ok()?.0)
        };
        if let Ok(Some(200)) = tokio::time::timeout(Duration::from_secs(2), attempt).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_nothing_and_double_nothing() {
    let kills = count("WACHATS_KILLS", 200).max(3);
    let folder = Folder::new("kills");
    let world = World::sample();
    let gateway = waha::serve(world.clone(), waha::Profile::new(Engine::Gows).key("k")).await.unwrap();
    let (mut child, address) = start(&folder.0, gateway.url()).await;
    let (move_to, address) = tokio::sync::watch::channel(address);

    let over = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU64::new(0));
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (address, over, sent) = (address.clone(), Arc::clone(&over), Arc::clone(&sent));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let n = sent.fetch_add(1, Ordering::Relaxed);
                    deliver(&address, n).await;
                    if n % 7 == 0 {
                        deliver(&address, n).await;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
        })
        .collect();

    let mut dice = Dice(0x5eed);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(20 + dice.roll(80))).await;
        child.kill().await.unwrap();
        let (next, address) = start(&folder.0, gateway.url()).await;
        child = next;
        move_to.send_replace(address);
    }
    over.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let sent = sent.load(Ordering::Relaxed);
    let inbox = inbox(&folder.0);
    within(Duration::from_secs(120), "everything is handled", async {
        while inbox.counts().await.unwrap().done < sent {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    child.kill().await.unwrap();

    let counts = inbox.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.done, counts.dead), (0, sent, 0));
    let (rows, runs): (u64, u64) = effects(&folder.0)
        .query_row("SELECT count(*), sum(runs) FROM effect", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(rows, sent, "nothing is lost");
    let mut answers: HashMap<String, u32> = HashMap::new();
    for message in world.messages(ALICE) {
        if let Some(text) = message.content.text().filter(|text| text.starts_with("re: ")) {
            *answers.entry(text.to_owned()).or_default() += 1;
        }
    }
    assert!(answers.values().all(|count| *count == 1), "no answer is sent twice");
    let unknown = inbox.unknown_replies(100_000).await.unwrap().len() as u64;
    let missing = sent - answers.len() as u64;
    assert!(missing <= unknown, "{missing} answers are missing, {unknown} are known to be unknown");
    println!(
        "{kills} kills, {sent} events: {rows} effects ({} handlers ran again), {} answers sent once each, {unknown} of unknown outcome",
        runs - rows,
        answers.len()
    );
}
