//! Just enough of an HTTP/1.1 client to deliver events to a receiver on this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use url::{Host, Url};

const HEAD_LIMIT: usize = 64 * 1024;

/// What a receiver said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds of `Retry-After`.
    pub(crate) retry_after: Option<u64>,
}

/// An event on its way to one receiver.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Sent in chunks, without a length.
    pub(crate) chunked: bool,
    pub(crate) timeout: Duration,
}

impl Letter {
    /// A JSON body for an address.
    pub(crate) fn new(event: &str, url: &str, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Self {
            event: event.to_owned(),
            url: url.to_owned(),
            headers,
            body,
            chunked: false,
            timeout: Duration::from_secs(180),
        }
    }

    /// Sets a header; what can't be one is left out.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Sends it once.
    pub(crate) async fn send(&self) -> io::Result<Answer> {
        match tokio::time::timeout(self.timeout, self.exchange()).await {
            Ok(answer) => answer,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    async fn exchange(&self) -> io::Result<Answer> {
        let url =
            Url::parse(&self.url).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let address = loopback(&url)?;
        let mut socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (reader, writer) = socket.split();
        // A receiver may refuse before it has read everything: its answer counts, whatever became of the rest.
        let write = async {
            let _ = self.write(&url, writer).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = read(reader) => answer,
            () = write => Err(io::ErrorKind::Other.into()),
        }
    }

    async fn write(&self, url: &Url, mut writer: WriteHalf<'_>) -> io::Result<()> {
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let host = url.host_str().unwrap_or("localhost");
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let mut bytes = format!("POST {target} HTTP/1.1\r\nhost: {host}{port}\r\n").into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        let length = self.body.len();
        if self.chunked {
            let frame = format!("transfer-encoding: chunked\r\nconnection: close\r\n\r\n{length:x}\r\n");
            bytes.extend_from_slice(frame.as_bytes());
        } else {
            let frame = format!("content-length: {length}\r\nconnection: close\r\n\r\n");
            bytes.extend_from_slice(frame.as_bytes());
        }
        bytes.extend_from_slice(&self.body);
        if self.chunked {
            bytes.extend_from_slice(b"\r\n0\r\n\r\n");
        }
        writer.write_all(&bytes).await
    }
}

/// The simulator speaks to this machine alone.
fn loopback(url: &Url) -> io::Result<SocketAddr> {
    let ip = match (url.scheme(), url.host()) {
        ("http", Some(Host::Domain("localhost"))) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ("http", Some(Host::Ipv4(ip))) => IpAddr::V4(ip),
        ("http", Some(Host::Ipv6(ip))) => IpAddr::V6(ip),
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    if !ip.is_loopback() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    Ok(SocketAddr::new(ip, url.port_or_known_default().unwrap_or(80)))
}

/// Reads status and headers; the body is nobody's concern.
async fn read(mut reader: ReadHalf<'_>) -> io::Result<Answer> {
    let mut buffer = BytesMut::new();
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if buffer.len() > HEAD_LIMIT || reader.read_buf(&mut buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    let retry_after = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))
        .and_then(|(_, value)| value.trim().parse().ok());
    Ok(Answer { status, retry_after })
}
