//! The server under every dialect: one loopback port, a record of requests, faults, and an end.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt as _;

use crate::fault::{Fault, Faults, Kind};
use crate::http1::{Connection, Incoming};

/// A request the server read, whatever became of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// Method.
    pub method: Method,
    /// The request's target as it was sent, escapes and all.
    pub path_and_query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, decoded from chunks.
    pub body: Bytes,
    /// Status answered; `None` when a fault left the request without one, or while it is being handled.
    pub status: Option<u16>,
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<Recorded>>,
    faults: Faults,
}

impl Shared {
    fn record(&self, request: &Incoming) -> usize {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push(Recorded {
            method: request.method.clone(),
            path_and_query: request.target.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            status: None,
        });
        requests.len().saturating_sub(1)
    }

    fn answered(&self, index: usize, request: &Incoming, status: StatusCode) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        // The list may have been cleared meanwhile.
        if let Some(recorded) = requests.get_mut(index).filter(|r| r.path_and_query == request.target) {
            recorded.status = Some(status.as_u16());
        }
    }
}

/// A port that is bound and doesn't serve yet, for dialects whose answers name their own address.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Binds a free port of the loopback interface.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn new() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts to serve the routes.
    #[must_use]
    pub fn serve(self, routes: Router) -> Server {
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = watch::channel(false);
        let url = self.url();
        let task = tokio::spawn(accept(self.listener, routes, Arc::clone(&shared), stopped));
        Server { url, shared, stop, task: Some(task) }
    }
}

/// A running gateway. It listens on the loopback interface and stops when it is dropped.
pub struct Server {
    url: String,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Server {
    /// Serves any routes on a free port.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(routes: Router) -> io::Result<Self> {
        Ok(Bound::new().await?.serve(routes))
    }

    /// Adds a path that all routes of the dialect lie under to [`Server::url`]; the routes must have it already.
    #[must_use]
    pub fn with_base_path(mut self, path: &str) -> Self {
        self.url.push_str(path.trim_end_matches('/'));
        self
    }

    /// The address clients use, `http://127.0.0.1:PORT` and the dialect's base path, without a final slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every request read so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the requests read so far.
    pub fn clear_requests(&self) {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The rules by which this server fails.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Stops: no new request is taken, running ones have up to a second to end.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(mut task) = self.task.take()
            && tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

async fn accept(
    listener: TcpListener,
    routes: Router,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    // Dropping the set, as aborting this task does, ends every connection.
    let mut connections = JoinSet::new();
    let for_connections = stopped.clone();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|&stop| stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => {
                if let Ok((socket, _)) = accepted {
                    let _ = socket.set_nodelay(true);
                    let (routes, shared) = (routes.clone(), Arc::clone(&shared));
                    let conversation = converse(Connection::new(socket), routes, shared, for_connections.clone());
                    connections.spawn(conversation);
                }
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn converse(
    mut connection: Connection,
    routes: Router,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let request = tokio::select! {
            biased;
            request = connection.read() => request,
            _ = stopped.wait_for(|&stop| stop) => return,
        };
        // A request that can't be read is the client's loss: tests see a closed socket.
        let Ok(Some(request)) = request else { return };
        let index = shared.record(&request);
        let fault = shared.faults.strike(&request.method, &request.target);
        match answer(&mut connection, &routes, &shared, &request, index, fault).await {
            Ok(true) if request.keep_alive => {}
            _ => return,
        }
    }
}

/// Answers one request; `false` when the connection must close.
async fn answer(
    connection: &mut Connection,
    routes: &Router,
    shared: &Shared,
    request: &Incoming,
    index: usize,
    fault: Option<Fault>,
) -> io::Result<bool> {
    let Some(fault) = fault else {
        let (head, body) = handle(routes, request).await;
        shared.answered(index, request, head.status());
        return write(connection, request, &head, &body, false).await;
    };
    if !fault.wait.is_zero() {
        tokio::time::sleep(fault.wait).await;
    }
    let handled = if fault.runs_handler() { Some(handle(routes, request).await) } else { None };
    let (mut head, body) = match (&fault.kind, handled) {
        (Kind::Reset, _) => {
            reset(connection);
            return Ok(false);
        }
        (Kind::Close, _) => return Ok(false),
        (Kind::Hang, _) => {
            std::future::pending::<()>().await;
            return Ok(false);
        }
        (Kind::Raw(bytes), _) => {
            connection.part(bytes, false).await?;
            return Ok(false);
        }
        (Kind::Answer { status, content_type, body }, _) => {
            (plain(*status, content_type.as_deref()), body.clone())
        }
        (_, Some(handled)) => handled,
        (_, None) => (plain(500, None), Bytes::new()),
    };
    fault.add_headers(head.headers_mut());
    shared.answered(index, request, head.status());
    let chunked = fault.chunked;
    match fault.kind {
        Kind::Truncate(end) => {
            connection.head(&head, (!chunked).then_some(body.len())).await?;
            connection.part(body.get(..end.min(body.len())).unwrap_or_default(), chunked).await?;
            Ok(false)
        }
        Kind::Cut(end) => {
            write(connection, request, &head, &body.slice(..end.min(body.len())), chunked).await
        }
        Kind::Slow(speed) => {
            connection.head(&head, (!chunked).then_some(body.len())).await?;
            // Twenty parts a second, so that a client sees the body move.
            let step = usize::try_from(speed / 20).unwrap_or(1).max(1);
            let pause = Duration::from_secs_f64(step as f64 / f64::from(speed));
            for part in body.chunks(step) {
                tokio::time::sleep(pause).await;
                connection.part(part, chunked).await?;
            }
            if chunked {
                connection.last_chunk().await?;
            }
            Ok(true)
        }
        _ => write(connection, request, &head, &body, chunked).await,
    }
}

fn plain(status: u16, content_type: Option<&str>) -> Response<()> {
    let mut head = Response::new(());
    *head.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(value) = content_type.and_then(|text| HeaderValue::from_str(text).ok()) {
        head.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    head
}

async fn write(
    connection: &mut Connection,
    request: &Incoming,
    head: &Response<()>,
    body: &[u8],
    chunked: bool,
) -> io::Result<bool> {
    connection.head(head, (!chunked).then_some(body.len())).await?;
    if request.method != Method::HEAD {
        connection.part(body, chunked).await?;
        if chunked {
            connection.last_chunk().await?;
        }
    }
    Ok(true)
}

async fn handle(routes: &Router, request: &Incoming) -> (Response<()>, Bytes) {
    let mut built = Request::new(Body::from(request.body.clone()));
    *built.method_mut() = request.method.clone();
    *built.headers_mut() = request.headers.clone();
    let Ok(target) = request.target.parse() else {
        return (plain(400, Some("text/plain; charset=utf-8")), Bytes::from_static(b"Bad Request"));
    };
    *built.uri_mut() = target;
    let answer = match routes.clone().oneshot(built).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (Response::from_parts(parts, ()), body)
}

/// Makes the close that follows a reset instead of an orderly end.
fn reset(connection: &mut Connection) {
    let _ = connection.socket.set_zero_linger();
}
