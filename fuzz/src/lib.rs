//! A gateway that answers everything with the bytes under test, read through the library as an application would.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use wachats::transport::HttpOptions;
use wachats::{Chats, ConnectOptions, ErrorKind, Page, Secrets};

/// One gateway and its handle; made once for all runs of a target.
pub struct Canned {
    runtime: Runtime,
    body: Arc<Mutex<Vec<u8>>>,
    chats: Chats,
}

impl Canned {
    /// `uri` has `{}` where the server's address stands.
    pub fn new(uri: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let body = Arc::new(Mutex::new(Vec::new()));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let served = body.clone();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, served.clone()));
            }
        });
        let secrets = Secrets::from_lookup(|_| Some("key".into()));
        let http = HttpOptions::new().attempts(1).rate_limits(false);
        let options = ConnectOptions::new(secrets).http(http).timeout(Duration::from_secs(5));
        let chats = wachats::connect(&uri.replace("{}", &url), options).expect("the address is right");
        Self { runtime, body, chats }
    }

    /// Reads these bytes as a page of messages, of chats, and as one message.
    pub fn read(&self, bytes: &[u8]) {
        bytes.clone_into(&mut self.body.lock().expect("nobody panicked"));
        self.runtime.block_on(async {
            let chat = self.chats.chat("79001234567@c.us").expect("it is an id");
            judge(chat.messages().limit(20).raw(true).page().await);
            judge(chat.messages().limit(20).page().await);
            judge(self.chats.list().limit(20).page().await);
            let id = "true_79001234567@c.us_3EB0A0";
            chat.message(id).expect("it is an id").get().await.ok();
            self.chats.status().await.ok();
        });
    }
}

/// Whatever was read can be printed, written and read again.
fn judge<T>(page: wachats::Result<Page<T>>)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    match page {
        Ok(page) => {
            for item in &page.items {
                let text = serde_json::to_string(item).expect("the model is JSON");
                let again: T = serde_json::from_str(&text).expect("and reads its own");
                assert!(*item == again, "{text}");
            }
            for skipped in &page.skipped {
                assert!(!skipped.raw.get().is_empty());
            }
        }
        Err(error) => assert!(!matches!(error.kind(), ErrorKind::Timeout), "{error}"),
    }
}

async fn serve(mut socket: TcpStream, body: Arc<Mutex<Vec<u8>>>) {
    let (mut data, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(n @ 1..) = socket.read(&mut chunk).await {
        data.extend_from_slice(&chunk[..n]);
        let Some(end) = data.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&data[..end]).to_ascii_lowercase();
        let length =
            head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
        if data.len() < end + 4 + length {
            continue;
        }
        data.drain(..end + 4 + length);
        let bytes = body.lock().expect("nobody panicked").clone();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            bytes.len()
        );
        // in one piece: two would wait for each other's acknowledgement
        if socket.write_all(&[head.as_bytes(), &bytes].concat()).await.is_err() {
            return;
        }
    }
}
