//! Just enough of a websocket's server side: texts out, pings, an orderly close; what the client says is handed over.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha1::{Digest as _, Sha1};

use crate::http1::Connection;

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

type Talk = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What takes the connection over once the answer 101 went out. Carried as an extension of that answer.
#[derive(Clone)]
pub(crate) struct Upgrade(Arc<dyn Fn(WebSocket) -> Talk + Send + Sync>);

impl Upgrade {
    /// The answer 101 to a request that asks for a websocket; `None` when it doesn't.
    pub(crate) fn answer<F, T>(headers: &HeaderMap, talk: F) -> Option<Response<Body>>
    where
        F: Fn(WebSocket) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let asked = headers.get("upgrade")?.to_str().ok()?.eq_ignore_ascii_case("websocket");
        let key = headers.get("sec-websocket-key").filter(|_| asked)?.to_str().ok()?;
        let accept = STANDARD.encode(Sha1::digest(format!("{key}{GUID}")));
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        answer.headers_mut().insert("upgrade", HeaderValue::from_static("websocket"));
        answer.headers_mut().insert("connection", HeaderValue::from_static("Upgrade"));
        answer.headers_mut().insert("sec-websocket-accept", HeaderValue::try_from(accept).ok()?);
        answer.extensions_mut().insert(Self(Arc::new(move |socket| Box::pin(talk(socket)))));
        Some(answer)
    }

    pub(crate) async fn talk(self, connection: Connection) {
        (self.0)(WebSocket { connection }).await;
    }
}

/// What a client said.
#[derive(Debug)]
pub(crate) enum Said {
    Text(Bytes),
    Pong,
    /// It closes, or something nobody expects.
    Close,
}

/// An open websocket.
pub(crate) struct WebSocket {
    connection: Connection,
}

impl WebSocket {
    async fn send(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = vec![0x80 | kind];
        let length = payload.len();
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ 0..=125), _) => frame.push(short),
            (_, Ok(medium)) => {
                frame.push(126);
                frame.extend_from_slice(&medium.to_be_bytes());
            }
            _ => {
                frame.push(127);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(payload);
        self.connection.part(&frame, false).await
    }

    pub(crate) async fn text(&mut self, text: &str) -> io::Result<()> {
        self.send(TEXT, text.as_bytes()).await
    }

    pub(crate) async fn ping(&mut self) -> io::Result<()> {
        self.send(PING, &[]).await
    }

    /// Says why and waits a moment for the client to say the same.
    pub(crate) async fn close(mut self, code: u16, reason: &str) {
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend_from_slice(reason.as_bytes());
        if self.send(CLOSE, &payload).await.is_ok() {
            let second = std::time::Duration::from_secs(1);
            let _ =
                tokio::time::timeout(second, async { while !matches!(self.next().await, Said::Close) {} })
                    .await;
        }
    }

    /// What the client says next. Giving up the wait loses nothing.
    pub(crate) async fn next(&mut self) -> Said {
        loop {
            let Ok((kind, payload)) = self.frame().await else { return Said::Close };
            match kind {
                TEXT => return Said::Text(payload),
                PONG => return Said::Pong,
                PING => {
                    if self.send(PONG, &payload).await.is_err() {
                        return Said::Close;
                    }
                }
                _ => return Said::Close,
            }
        }
    }

    /// A whole frame; long messages in several frames are not expected of clients.
    async fn frame(&mut self) -> io::Result<(u8, Bytes)> {
        loop {
            if let Some((kind, length, payload)) = parse(self.connection.buffered()) {
                self.connection.consume(length);
                return Ok((kind, payload));
            }
            self.connection.fill().await?;
        }
    }
}

/// Kind, length with everything around it, and unmasked payload of the first frame, once it is complete.
fn parse(bytes: &[u8]) -> Option<(u8, usize, Bytes)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, mut at) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4_usize),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    let length = usize::try_from(length).ok()?;
    let mask: [u8; 4] = if second & 0x80 == 0 {
        [0; 4]
    } else {
        let mask = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        at = at.checked_add(4)?;
        mask
    };
    let end = at.checked_add(length)?;
    let payload = bytes.get(at..end)?.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    Some((first & 0x0f, end, payload.collect()))
}
