//! A server that reads one request a connection and does what its script says next.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wachats_core::transport::{Answer, Funnel, HttpOptions, Transport, TransportConfig};
use wachats_core::{Error, Gateway};

#[derive(Clone)]
pub enum Act {
    /// Answer with these bytes and close.
    Reply(Vec<u8>),
    /// Close without an answer.
    Close,
    /// Keep the connection open and say nothing.
    Hang,
}

pub fn reply(status: &str, headers: &str, body: &str) -> Act {
    Act::Reply(
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

pub fn ok(body: &str) -> Act {
    reply("200 OK", "content-type: application/json\r\n", body)
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The last act is repeated for ever.
    pub async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        tokio::spawn(async move {
            let mut step = 0;
            while let Ok((mut socket, _)) = listener.accept().await {
                let act = script[step.min(script.len() - 1)].clone();
                step += 1;
                let log = log.clone();
                tokio::spawn(async move {
                    let mut data = Vec::new();
                    let mut chunk = [0; 4096];
                    loop {
                        let n = socket.read(&mut chunk).await.unwrap_or(0);
                        data.extend_from_slice(&chunk[..n]);
                        let text = String::from_utf8_lossy(&data).to_string();
                        let Some((head, body)) = text.split_once("\r\n\r\n") else {
                            if n == 0 {
                                return;
                            }
                            continue;
                        };
                        let length = head.lines().find_map(|l| {
                            l.to_ascii_lowercase()
                                .strip_prefix("content-length:")
                                .and_then(|v| v.trim().parse().ok())
                        });
                        if n == 0 || body.len() >= length.unwrap_or(0) {
                            log.lock().unwrap().push(text);
                            break;
                        }
                    }
                    match act {
                        Act::Reply(bytes) => {
                            socket.write_all(&bytes).await.ok();
                            socket.shutdown().await.ok();
                        }
                        Act::Close => {}
                        Act::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
                    }
                });
            }
        });
        Self { url, seen }
    }

    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

pub struct NoFunnel;

impl Funnel for NoFunnel {
    fn classify(&self, _: &Answer) -> Option<Error> {
        None
    }
}

pub const KEY: &str = "CANARY-KEY";

pub fn quick() -> HttpOptions {
    HttpOptions::new()
        .backoff(Duration::from_millis(1), Duration::from_millis(2))
        .read_attempt(Duration::from_secs(2))
}

pub fn transport(url: &str, options: &HttpOptions) -> Transport {
    TransportConfig::new(Gateway::new("test"), url.parse().unwrap(), NoFunnel)
        .secret_header("x-api-key", &SecretString::from(KEY))
        .unwrap()
        .build(options)
        .unwrap()
}
