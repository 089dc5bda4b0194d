use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tower_service::Service;

use crate::{Receiver, Verdict};

/// A body that brings nothing for so long is given up: a gateway sends its deliveries in one go, and a packet that is
/// lost on the way, or twice, comes again sooner.
const STALL: Duration = Duration::from_secs(3);
/// So much of each body takes no room, so that ordinary deliveries come in however many large ones are on their way:
/// it is little beside what their connections take.
const SMALL: usize = 16 << 10;

impl Receiver {
    /// A router with this path alone, to be served or merged into another.
    /// A server of your own has to see to it that connections of which no request comes are closed: axum's doesn't,
    /// [`serve`](Self::serve) does.
    pub fn router(&self, path: &str) -> Router {
        Router::new().route_service(path, self.clone())
    }

    async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        let (parts, body) = request.into_parts();
        let verdict = match self.admit(&parts.method, &parts.headers, body).await {
            Ok((body, _place)) => self.receive(&parts.headers, &body).await,
            Err(verdict) => verdict,
        };
        self.count(verdict);
        tracing::debug!(status = verdict.status(), "a delivery was answered");
        respond(verdict)
    }

    /// The body, read within the bounds, and its place. What isn't welcome is turned away before it is read.
    async fn admit<B>(
        &self,
        method: &Method,
        headers: &HeaderMap,
        body: B,
    ) -> Result<(Bytes, Place<'_>), Verdict>
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
        if !self.screen(headers) {
            return Err(Verdict::Forged);
        }
        let mut place = Place { room: &inner.room, taken: None, bytes: 0 };
        let body = read(body, inner.max_body, inner.read_time, &mut place).await?;
        Ok((body, place))
    }
}

/// What a delivery takes of the room for bodies, from its first bytes until it is answered.
struct Place<'a> {
    room: &'a Semaphore,
    taken: Option<SemaphorePermit<'a>>,
    bytes: usize,
}

impl Place<'_> {
    /// Nobody waits for room: those who hold it and are slow could make everybody wait.
    fn grow(&mut self, bytes: usize) -> Result<(), Verdict> {
        let before = self.bytes.max(SMALL);
        self.bytes += bytes;
        let more = u32::try_from(self.bytes.max(SMALL) - before).map_err(|_| Verdict::NotKept)?;
        if more > 0 {
            let more = self.room.try_acquire_many(more).map_err(|_| Verdict::NotKept)?;
            match &mut self.taken {
                Some(taken) => taken.merge(more),
                taken => *taken = Some(more),
            }
        }
        Ok(())
    }
}

/// However long it was told to be, no more than `most` bytes are held, and no more than have come.
async fn read<B>(body: B, most: usize, time: Duration, place: &mut Place<'_>) -> Result<Bytes, Verdict>
where
    B: http_body::Body<Data = Bytes> + Send,
{
    let mut body = std::pin::pin!(body);
    let mut whole: Option<Bytes> = None;
    let mut parts = BytesMut::new();
    let end = Instant::now().checked_add(time);
    loop {
        let stalled = Instant::now() + STALL;
        let until = end.map_or(stalled, |end| end.min(stalled));
        let frame = tokio::time::timeout_at(until, body.frame()).await.map_err(|_| Verdict::TooSlow)?;
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|_| Verdict::Broken)?.into_data() else { continue };
        let held = whole.as_ref().map_or(parts.len(), Bytes::len);
        if held + data.len() > most {
            return Err(Verdict::TooLarge);
        }
        place.grow(data.len())?;
        if held == 0 {
            // mostly there is one piece, which need not be copied
            whole = Some(data);
            continue;
        }
        if let Some(first) = whole.take() {
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
