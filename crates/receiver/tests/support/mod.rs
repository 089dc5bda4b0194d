//! What the tests share: signed deliveries of every gateway, a client of a few lines, a folder that goes.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail loudly; each test uses a part of them"
)]

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wachats_core::webhook::Webhook;

pub const SECRET: &str = "the webhook's own secret";
pub const ALICE: &str = "5511911111111@c.us";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Waha,
    Wappfy,
    GreenApi,
    Gowa,
}

pub const KINDS: [Kind; 4] = [Kind::Waha, Kind::Wappfy, Kind::GreenApi, Kind::Gowa];

impl Kind {
    pub fn webhook(self) -> Box<dyn Webhook> {
        match self {
            Self::Waha => Box::new(wachats_waha::event::WahaEvents::new()),
            Self::Wappfy => Box::new(wachats_wappfy::event::events()),
            Self::GreenApi => Box::new(wachats_green_api::event::GreenApiEvents::new()),
            Self::Gowa => Box::new(wachats_gowa::event::GowaEvents::new()),
        }
    }

    /// The body that tells of message number `n`, the same in every call.
    pub fn body(self, n: u64) -> String {
        static NOW: OnceLock<DateTime<Utc>> = OnceLock::new();
        self.body_at(n, *NOW.get_or_init(Utc::now))
    }

    /// The same as told at this time.
    pub fn body_at(self, n: u64, at: DateTime<Utc>) -> String {
        let (seconds, millis) = (at.timestamp(), at.timestamp_millis());
        match self {
            Self::Waha | Self::Wappfy => format!(
                r#"{{"id":"evt_{n}","timestamp":{millis},"event":"message.any","session":"default",
                "me":{{"id":"5511900000000@c.us"}},"engine":"NOWEB","payload":{{"id":"false_{ALICE}_3EB0{n:016}",
                "timestamp":{seconds},"from":"{ALICE}","fromMe":false,"body":"number {n}","hasMedia":false}}}}"#
            ),
            Self::GreenApi => format!(
                r#"{{"typeWebhook":"incomingMessageReceived","instanceData":{{"idInstance":7103000001,
                "wid":"5511900000000@c.us","typeInstance":"whatsapp"}},"timestamp":{seconds},"idMessage":"3EB0{n:016}",
                "senderData":{{"chatId":"{ALICE}","sender":"{ALICE}","senderName":"Alice"}},
                "messageData":{{"typeMessage":"textMessage","textMessageData":{{"textMessage":"number {n}"}}}}}}"#
            ),
            Self::Gowa => format!(
                r#"{{"event":"message","device_id":"5511900000000@s.whatsapp.net","payload":{{"id":"3EB0{n:016}",
                "chat_id":"5511911111111@s.whatsapp.net","from":"5511911111111@s.whatsapp.net",
                "timestamp":"{}","is_from_me":false,"body":"number {n}"}}}}"#,
                at.format("%FT%TZ")
            ),
        }
    }

    /// The header by which a delivery is known.
    pub fn header(self, secret: &str, body: &[u8]) -> (&'static str, String) {
        match self {
            Self::Waha | Self::Wappfy => ("x-webhook-hmac", sign::<Hmac<Sha512>>(secret, body)),
            Self::GreenApi => ("authorization", format!("Bearer {secret}")),
            Self::Gowa => ("x-hub-signature-256", format!("sha256={}", sign::<Hmac<Sha256>>(secret, body))),
        }
    }
}

fn sign<M: Mac + KeyInit>(secret: &str, body: &[u8]) -> String {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A connection that is kept.
pub struct Client(TcpStream);

impl Client {
    pub async fn open(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    pub async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes).await
    }

    /// Status and head of the answer; bodies are empty.
    pub async fn answer(&mut self) -> std::io::Result<(u16, String)> {
        let mut head = Vec::new();
        let mut piece = [0; 1024];
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            match self.0.read(&mut piece).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                n => head.extend_from_slice(&piece[..n]),
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Ok((status.ok_or(std::io::ErrorKind::InvalidData)?, head))
    }

    pub async fn post(&mut self, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<(u16, String)> {
        self.write(&request("POST", headers, Some(body.len()), body)).await?;
        self.answer().await
    }
}

/// A request with a length, or without one.
pub fn request(method: &str, headers: &[(&str, &str)], length: Option<usize>, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} /hook HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
    if let Some(length) = length {
        bytes.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
    }
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

pub const JSON: (&str, &str) = ("content-type", "application/json");

pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let nanos =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
        let path = std::env::temp_dir().join(format!("wachats-{name}-{}-{nanos}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// How many of what a figure is about: a hundredth unless the environment says otherwise.
pub fn count(variable: &str, whole: u64) -> u64 {
    let asked = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(whole / 100)
}

/// Numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

pub async fn within<T>(time: Duration, what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(time, future).await.unwrap_or_else(|_| panic!("not in time: {what}"))
}
