//! Connections: requests read one after the other, answered by the routes or by a fault.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::fault::{Fault, Kind};
use crate::http1::{Connection, Incoming};
use crate::server::Shared;
use crate::socket::Upgrade;

/// Takes connections until it is told to stop, then waits for those that are open.
pub(crate) async fn accept(
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
            Ok(Next::Request) if request.keep_alive => {}
            Ok(Next::Talk(upgrade)) => {
                tokio::select! {
                    () = upgrade.talk(connection) => {}
                    () = shared.cut.notified() => {}
                    _ = stopped.wait_for(|&stop| stop) => {}
                }
                return;
            }
            _ => return,
        }
    }
}

/// What becomes of a connection after an answer.
enum Next {
    Request,
    Close,
    Talk(Upgrade),
}

/// Answers one request.
async fn answer(
    connection: &mut Connection,
    routes: &Router,
    shared: &Shared,
    request: &Incoming,
    index: usize,
    fault: Option<Fault>,
) -> io::Result<Next> {
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
            return Ok(Next::Close);
        }
        (Kind::Close, _) => return Ok(Next::Close),
        (Kind::Hang, _) => {
            std::future::pending::<()>().await;
            return Ok(Next::Close);
        }
        (Kind::Raw(bytes), _) => {
            connection.part(bytes, false).await?;
            return Ok(Next::Close);
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
            Ok(Next::Close)
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
            Ok(Next::Request)
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
) -> io::Result<Next> {
    if let (StatusCode::SWITCHING_PROTOCOLS, Some(upgrade)) =
        (head.status(), head.extensions().get::<Upgrade>())
    {
        connection.switch(head).await?;
        return Ok(Next::Talk(upgrade.clone()));
    }
    connection.head(head, (!chunked).then_some(body.len())).await?;
    if request.method != Method::HEAD {
        connection.part(body, chunked).await?;
        if chunked {
            connection.last_chunk().await?;
        }
    }
    Ok(Next::Request)
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
