use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tower_service::Service;
use wachats_core::{Error, ErrorKind, Operation, Result};

use crate::{Receiver, Verdict};

impl Receiver {
    /// A router with this path alone, to be served or merged into another.
    pub fn router(&self, path: &str) -> Router {
        Router::new().route_service(path, self.clone())
    }

    /// Serves a listener of its own until `stop` is ready, whatever the path: it is the signature that counts. What is
    /// being answered then is answered.
    ///
    /// # Errors
    /// `Io` where the listener fails.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let routes = Router::new().fallback_service(self.clone());
        axum::serve(listener, routes).with_graceful_shutdown(stop).await.map_err(|error| {
            Error::new(ErrorKind::Io, Operation::WebhookEvents)
                .with_message(format!("the listener failed: {}", error.kind()))
        })
    }

    async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        let (parts, body) = request.into_parts();
        let verdict = match self.admit(&parts.method, &parts.headers, body).await {
            Ok(body) => self.receive(&parts.headers, &body).await,
            Err(verdict) => verdict,
        };
        self.count(verdict);
        tracing::debug!(status = verdict.status(), "a delivery was answered");
        respond(verdict)
    }

    /// The body, read within the bounds. What isn't welcome is turned away before it is read.
    async fn admit<B>(&self, method: &Method, headers: &HeaderMap, body: B) -> Result<Bytes, Verdict>
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        if method != Method::POST {
            return Err(Verdict::WrongMethod);
        }
        if !is_json(headers) {
            return Err(Verdict::WrongType);
        }
        let inner = self.inner();
        let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if told.is_some_and(|length| length > inner.max_body) {
            return Err(Verdict::TooLarge);
        }
        let read = async {
            let _turn = inner.gate.acquire().await.map_err(|_| Verdict::NotKept)?;
            read(body, inner.max_body, told.unwrap_or(0)).await
        };
        tokio::time::timeout(inner.read_time, read).await.unwrap_or(Err(Verdict::TooSlow))
    }
}

/// Whatever length was told, no more than `most` bytes are held.
async fn read<B>(body: B, most: usize, told: usize) -> Result<Bytes, Verdict>
where
    B: http_body::Body<Data = Bytes> + Send,
{
    let mut body = std::pin::pin!(body);
    let mut whole: Option<Bytes> = None;
    let mut parts = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Verdict::Broken)?.into_data() else { continue };
        let held = whole.as_ref().map_or(parts.len(), Bytes::len);
        if held + data.len() > most {
            return Err(Verdict::TooLarge);
        }
        if held == 0 {
            // mostly there is one piece, which need not be copied
            whole = Some(data);
            continue;
        }
        if let Some(first) = whole.take() {
            parts.reserve(told.min(most).max(first.len()));
            parts.extend_from_slice(&first);
        }
        parts.extend_from_slice(&data);
    }
    Ok(whole.unwrap_or_else(|| parts.freeze()))
}

/// `application/json`, or no type at all; never compressed, since gateways don't and bombs are.
fn is_json(headers: &HeaderMap) -> bool {
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|value| value == "identity");
    let json = headers.get(header::CONTENT_TYPE).is_none_or(|value| {
        let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    });
    plain && json
}

fn respond(verdict: Verdict) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() =
        StatusCode::from_u16(verdict.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let told = match verdict {
        Verdict::WrongMethod => Some((header::ALLOW, "POST")),
        Verdict::NotKept => Some((header::RETRY_AFTER, "5")),
        // the rest of the body is not read
        Verdict::TooLarge | Verdict::TooSlow => Some((header::CONNECTION, "close")),
        _ => None,
    };
    if let Some((name, value)) = told {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

impl<B> Service<Request<B>> for Receiver
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let receiver = self.clone();
        Box::pin(async move { Ok(receiver.answer(request).await) })
    }
}
