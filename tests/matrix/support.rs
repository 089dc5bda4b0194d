//! What the rows share: a gateway at rest behind its simulator, a server of any bytes, a page as the gateway sends it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail loudly; each test uses a part of them"
)]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wachats::transport::HttpOptions;
use wachats::{Chats, ConnectOptions, Message, Outcome, Page, Result};
use wachats_simulator::{Fault, Recorded, World};

use crate::common::{Gateway, Opened, quick, worlds};

/// A gateway whose probes are behind it: what comes next is the request of the operation alone.
pub async fn at_rest(gateway: Gateway) -> (World, Opened) {
    at_rest_with(gateway, quick().read_attempt(Duration::from_millis(400))).await
}

pub async fn at_rest_with(gateway: Gateway, http: HttpOptions) -> (World, Opened) {
    let world = worlds::common();
    let opened = gateway.open_with(&world, |o| o.http(http).timeout(Duration::from_secs(4))).await;
    opened.chats.capabilities().await.expect("the probe answers");
    opened.chats.list().limit(2).page().await.expect("chats can be listed");
    list(&opened.chats).await.expect("messages can be listed");
    opened.server.clear_requests();
    (world, opened)
}

/// Opened on any address: a server of our own that is no simulator.
pub fn connect(gateway: Gateway, url: &str, http: HttpOptions) -> Chats {
    let options = ConnectOptions::new(gateway.secrets()).http(http).timeout(Duration::from_secs(4));
    wachats::connect(&gateway.uri(url), options).expect("the address is right")
}

/// The read of the rows: one page of one chat's messages.
pub async fn list(chats: &Chats) -> Result<Page<Message>> {
    chats.chat(worlds::ANNA)?.messages().limit(6).page().await
}

pub async fn send(chats: &Chats, text: &str) -> Result<Outcome> {
    chats.chat(worlds::ANNA)?.send(text).await
}

/// Requests that may send something, as far as their route tells.
pub fn sends(requests: &[Recorded]) -> usize {
    requests.iter().filter(|r| r.path_and_query.to_lowercase().contains("send")).count()
}

/// How many messages of this text the account sent in truth.
pub fn truth(world: &World, text: &str) -> usize {
    world.messages(worlds::ANNA).iter().filter(|m| m.content.text() == Some(text)).count()
}

/// What a raw server does with a connection, once a request was read.
#[derive(Clone)]
pub enum Act {
    /// These bytes, then an orderly end.
    Bytes(Vec<u8>),
    /// These bytes, then more and more of one byte, until nobody listens any more.
    Endless(Vec<u8>, u8),
    /// One byte of these every so often.
    Drip(Vec<u8>, Duration),
    /// These bytes, and the connection is kept for the next request.
    KeepAlive(Vec<u8>),
}

/// A server of bytes. It ends with its handle.
pub struct Wire {
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
    task: tokio::task::JoinHandle<()>,
}

impl Wire {
    pub async fn start(act: Act) -> Self {
        Self::at("127.0.0.1:0", act).await.unwrap()
    }

    pub async fn at(address: &str, act: Act) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (seen, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (log, count) = (seen.clone(), connections.clone());
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                tokio::spawn(talk(socket, act.clone(), log.clone()));
            }
        });
        Ok(Self { url, seen, connections, task })
    }

    /// What was read, request by request; what is no HTTP as it came.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(mut socket: TcpStream, act: Act, log: Arc<Mutex<Vec<String>>>) {
    loop {
        let Ok(request) = tokio::time::timeout(Duration::from_secs(20), request(&mut socket)).await else {
            return;
        };
        if request.is_empty() {
            return;
        }
        log.lock().unwrap().push(request);
        let done = match &act {
            Act::Bytes(bytes) => {
                socket.write_all(bytes).await.ok();
                socket.shutdown().await.ok();
                return;
            }
            Act::KeepAlive(bytes) => socket.write_all(bytes).await,
            Act::Endless(head, byte) => {
                socket.write_all(head).await.ok();
                let chunk = vec![*byte; 64 << 10];
                loop {
                    if socket.write_all(&chunk).await.is_err() {
                        return;
                    }
                }
            }
            Act::Drip(bytes, pause) => {
                for byte in bytes {
                    tokio::time::sleep(*pause).await;
                    if socket.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                }
                return;
            }
        };
        if done.is_err() {
            return;
        }
    }
}

/// One request, or what came in its place.
async fn request(socket: &mut TcpStream) -> String {
    let (mut data, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let n = socket.read(&mut chunk).await.unwrap_or(0);
        data.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&data).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head));
        if n == 0 || whole || data.first().is_some_and(|b| !b.is_ascii_uppercase()) {
            return text;
        }
    }
}

fn length(head: &str) -> usize {
    let mut lengths = head
        .lines()
        .filter_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    lengths.next_back().unwrap_or(0)
}

/// A page of messages as the gateway itself sends it, to be spoilt and served again.
pub struct Canned {
    pub opened: Opened,
    pub world: World,
    pub body: Vec<u8>,
    /// Where the items stand.
    pub pointer: &'static str,
    gateway: Gateway,
}

impl Canned {
    pub async fn of(gateway: Gateway) -> Self {
        // what is broken is asked for once more: that makes no other answer of it
        let (world, opened) = at_rest_with(gateway, quick().attempts(1)).await;
        list(&opened.chats).await.expect("a page");
        let requests = opened.server.requests();
        let request = requests.last().expect("it was asked for");
        assert_eq!(requests.len(), 1, "{}: a page is one request", gateway.name());
        let body = replay(opened.server.url(), request).await;
        let pointer = if matches!(gateway, Gateway::Gowa(_)) { "/results/data" } else { "" };
        let canned = Self { opened, world, body, pointer, gateway };
        assert!(canned.items().len() >= 4, "{}: {:?}", gateway.name(), canned.json());
        canned
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("what the gateway sends is JSON")
    }

    pub fn items(&self) -> Vec<Value> {
        self.json().pointer(self.pointer).and_then(Value::as_array).cloned().expect("a list")
    }

    /// The body with other items.
    pub fn with(&self, items: Vec<Value>) -> Vec<u8> {
        let mut body = self.json();
        *body.pointer_mut(self.pointer).expect("a list") = Value::Array(items);
        body.to_string().into_bytes()
    }

    /// What the library makes of such a body.
    pub async fn read(&self, body: impl Into<Vec<u8>>) -> Result<Page<Message>> {
        let faults = self.opened.server.faults();
        faults.clear();
        self.opened.server.clear_requests();
        faults.push(Fault::body(200, "application/json; charset=utf-8", body.into()));
        list(&self.opened.chats).await
    }

    /// The field by which the gateway names an item.
    pub fn id_field(&self) -> &'static str {
        if self.gateway == Gateway::GreenApi { "idMessage" } else { "id" }
    }

    /// The field of an item's text.
    pub fn text_field(&self) -> &'static str {
        match self.gateway {
            Gateway::GreenApi => "textMessage",
            Gateway::Gowa(_) => "content",
            _ => "body",
        }
    }
}

/// The same request once more, past the library.
pub async fn replay(url: &str, request: &Recorded) -> Vec<u8> {
    let address = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path_and_query);
    for (name, value) in &request.headers {
        if name != "connection" && name != "accept-encoding" {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
    }
    head += "connection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&request.body).await.unwrap();
    let (mut data, mut chunk) = (Vec::new(), [0; 16_384]);
    loop {
        let n = socket.read(&mut chunk).await.unwrap();
        data.extend_from_slice(&chunk[..n]);
        let end = data.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = end {
            let wanted = length(&String::from_utf8_lossy(&data[..end]));
            if n == 0 || data.len() >= end + wanted {
                return data[end..].to_vec();
            }
        }
        assert!(n > 0, "an answer");
    }
}

/// Seeded numbers, the same in every run.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// How often a figure is tried: a hundredth in CI, the whole by its command.
pub fn count(variable: &str, hundredth: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(hundredth)
}
