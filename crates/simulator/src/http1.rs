//! Just enough HTTP/1.1 to serve tests: every byte of an answer is ours, so that it can be wrong on purpose.

use std::io;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// A request as it came off the wire.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) keep_alive: bool,
}

/// A connection and what was read of it too early.
pub(crate) struct Connection {
    pub(crate) socket: TcpStream,
    buffer: BytesMut,
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Connection {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self { socket, buffer: BytesMut::new() }
    }

    /// What was read and not used yet.
    pub(crate) fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Drops the first bytes of what was read.
    pub(crate) fn consume(&mut self, length: usize) {
        let _ = self.buffer.split_to(length.min(self.buffer.len()));
    }

    pub(crate) async fn fill(&mut self) -> io::Result<()> {
        if self.socket.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
                let line = self.buffer.split_to(end.saturating_add(1));
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.buffer.len() > HEAD_LIMIT {
                return Err(bad("a line without an end"));
            }
            self.fill().await?;
        }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Bytes> {
        if length > BODY_LIMIT {
            return Err(bad("a body too large for tests"));
        }
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    /// The next request, `None` when the client closed the connection between two of them.
    pub(crate) async fn read(&mut self) -> io::Result<Option<Incoming>> {
        if self.buffer.is_empty() && self.socket.read_buf(&mut self.buffer).await? == 0 {
            return Ok(None);
        }
        let first = self.line().await?;
        let mut words = first.split(' ');
        let method = words.next().unwrap_or_default().parse().map_err(|_| bad("no method"))?;
        let target = words.next().ok_or_else(|| bad("no target"))?.to_owned();
        let old = words.next() == Some("HTTP/1.0");
        let mut headers = HeaderMap::new();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad("a header without a colon"))?;
            let name = HeaderName::try_from(name).map_err(|_| bad("a header's name"))?;
            let value = HeaderValue::try_from(value.trim()).map_err(|_| bad("a header's value"))?;
            headers.append(name, value);
        }
        let word = |name: &str| {
            headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase()
        };
        let keep_alive = if old { word("connection") == "keep-alive" } else { word("connection") != "close" };
        if word("expect") == "100-continue" {
            self.socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = if word("transfer-encoding").contains("chunked") {
            self.chunks().await?
        } else {
            self.exactly(word("content-length").parse().unwrap_or(0)).await?
        };
        Ok(Some(Incoming { method, target, headers, body, keep_alive }))
    }

    async fn chunks(&mut self) -> io::Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| bad("a chunk's size"))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body.freeze());
            }
            if body.len().saturating_add(size) > BODY_LIMIT {
                return Err(bad("a body too large for tests"));
            }
            body.extend_from_slice(&self.exactly(size).await?);
            self.line().await?;
        }
    }

    /// Writes status line and headers of an answer after which the connection speaks another protocol.
    pub(crate) async fn switch(&mut self, answer: &Response<()>) -> io::Result<()> {
        let mut head = start(answer);
        head.extend_from_slice(b"\r\n");
        self.socket.write_all(&head).await
    }

    /// Writes status line and headers. `length` is the body's, `None` announces chunks.
    pub(crate) async fn head(&mut self, answer: &Response<()>, length: Option<usize>) -> io::Result<()> {
        let mut head = start(answer);
        match length {
            Some(length) => head.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes()),
            None => head.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n"),
        }
        self.socket.write_all(&head).await
    }

    /// Writes a part of a body, framed where it goes in chunks.
    pub(crate) async fn part(&mut self, bytes: &[u8], chunked: bool) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if !chunked {
            return self.socket.write_all(bytes).await;
        }
        self.socket.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
        self.socket.write_all(bytes).await?;
        self.socket.write_all(b"\r\n").await
    }

    /// Ends a body sent in chunks.
    pub(crate) async fn last_chunk(&mut self) -> io::Result<()> {
        self.socket.write_all(b"0\r\n\r\n").await
    }
}

/// Status line and headers, without those about the body's length.
fn start(answer: &Response<()>) -> Vec<u8> {
    let status = answer.status();
    let reason = status.canonical_reason().unwrap_or("Unknown");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in answer.headers() {
        if name != "content-length" && name != "transfer-encoding" {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
    }
    head
}
