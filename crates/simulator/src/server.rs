//! The server under every dialect: one loopback port, a record of requests, faults, and an end.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::conversation::accept;
use crate::courier::{Carrier, Delivery};
use crate::fault::Faults;
use crate::http1::Incoming;
use crate::queue::Queue;
use crate::world::{Change, ChangeKind};

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
pub(crate) struct Shared {
    requests: Mutex<Vec<Recorded>>,
    pub(crate) faults: Faults,
    /// Cuts every open websocket.
    pub(crate) cut: Notify,
}

impl Shared {
    pub(crate) fn record(&self, request: &Incoming) -> usize {
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

    pub(crate) fn answered(&self, index: usize, request: &Incoming, status: StatusCode) {
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
    stop: Arc<watch::Sender<bool>>,
}

/// Ends a server from within, as a crash does.
#[derive(Debug, Clone)]
pub(crate) struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    /// The port is closed, idle connections end, and no event is delivered any more.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Bound {
    /// Binds a free port of the loopback interface.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn new() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, stop: Arc::new(watch::Sender::new(false)) })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.stop))
    }

    /// Starts to serve the routes.
    #[must_use]
    pub fn serve(self, routes: Router) -> Server {
        let shared = Arc::new(Shared::default());
        let url = self.url();
        let stopped = self.stop.subscribe();
        let task = tokio::spawn(accept(self.listener, routes, Arc::clone(&shared), stopped));
        let carrier = Carrier::new(&crate::Courier::default());
        Server { url, shared, stop: self.stop, task: Some(task), carrier, events: None }
    }
}

/// A running gateway. It listens on the loopback interface and stops when it is dropped.
pub struct Server {
    url: String,
    shared: Arc<Shared>,
    stop: Arc<watch::Sender<bool>>,
    task: Option<JoinHandle<()>>,
    carrier: Arc<Carrier>,
    events: Option<Arc<Queue<Change>>>,
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

    /// Delivers events as long as it runs.
    pub(crate) fn delivering(
        mut self,
        carrier: Arc<Carrier>,
        events: Arc<Queue<Change>>,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let mut stopped = self.stop.subscribe();
        self.carrier = carrier;
        self.events = Some(events);
        tokio::spawn(async move {
            tokio::select! {
                // An error says that the server is gone.
                _ = stopped.wait_for(|&stop| stop) => {}
                () = work => {}
            }
        });
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

    /// Every attempt so far to deliver an event to a webhook, with what the receiver answered.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.carrier.deliveries()
    }

    /// Like [`Server::deliveries`], once there were at least so many attempts; after 10 s those that were made.
    pub async fn delivered(&self, count: usize) -> Vec<Delivery> {
        self.carrier.delivered(count).await
    }

    /// Sends these bytes in place of an event, to everybody who would be told of one: an event of an unknown kind, a
    /// malformed one. They are signed and repeated as any other.
    pub fn inject(&self, bytes: impl Into<Bytes>) {
        if let Some(events) = &self.events {
            events.push(Change { at_ms: 0, via_api: false, by: None, kind: ChangeKind::Raw(bytes.into()) });
        }
    }

    /// Cuts every open websocket without a word. What happens until the client is back is lost to it.
    pub fn cut_websockets(&self) {
        self.shared.cut.notify_waiters();
    }

    /// Stops: no new request is taken, running ones have up to a second to end.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(mut task) = self.task.take()
            && tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}
