use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Method, Request, Response};
use tokio::time::Instant;
use url::Url;

use super::place::{is_public, literal};
use super::send::{failed, same_origin, target, timeout};
use super::{Call, Transport, by_status};
use crate::layer::deadline;
use crate::{Effect, Error, ErrorKind, MediaStream, Missing, Operation, Result};

/// A download ends after this long without a byte.
const IDLE: Duration = Duration::from_secs(30);
const MAX_HOPS: usize = 3;

impl Transport {
    /// Downloads from an address that the gateway named.
    ///
    /// From the gateway's own origin with its credentials; from another public http(s) place without them.
    /// Link-local, loopback and private places are refused, unless the gateway itself is on that host or the
    /// host was allowed. Redirects are followed under the same rules.
    ///
    /// # Errors
    /// `InvalidInput` for a place that is refused, `NotFound` (media) for 403, 404 and 410, those of a read.
    pub async fn download(&self, operation: Operation, url: &Url) -> Result<MediaStream> {
        let told = |e: Error| e.with_operation(operation).with_gateway(self.inner.gateway.clone());
        let mut url = url.clone();
        let mut own_hops = 0;
        for _ in 0..=MAX_HOPS {
            let own = same_origin(&url, &self.inner.base) && url.username().is_empty();
            let response = if own && own_hops == 0 {
                own_hops += 1;
                self.fetch_own(operation, &url).await
            } else {
                self.fetch_foreign(operation, &url).await
            }
            .map_err(told)?;
            let status = response.status();
            if status.is_redirection() {
                url = target(&response).ok_or_else(|| told(Error::new(ErrorKind::Redirected, operation)))?;
                continue;
            }
            if status.is_success() {
                return Ok(self.streamed(operation, response));
            }
            let answer = self.read_body(operation, response).await.map_err(told)?;
            let error = match answer.status {
                403 | 404 | 410 => Error::new(ErrorKind::NotFound, operation)
                    .with_missing(Missing::Media)
                    .with_status(answer.status)
                    .with_message("the media is not there any more"),
                _ => self.inner.funnel.classify(&answer).unwrap_or_else(|| by_status(&answer)),
            };
            return Err(told(error));
        }
        Err(told(
            Error::new(ErrorKind::Redirected, operation)
                .with_message("the media redirects more than three times"),
        ))
    }

    /// Downloads the answer of a call, as where the gateway sends the bytes themselves.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn download_call(&self, call: Call) -> Result<MediaStream> {
        let operation = call.operation;
        let response = self.open(call).await?;
        Ok(self.streamed(operation, response))
    }

    async fn fetch_own(&self, operation: Operation, url: &Url) -> Result<Response> {
        let mut request = Request::new(Method::GET, url.clone());
        *request.headers_mut() = self.inner.headers.clone();
        self.within(operation, self.inner.http.execute(request)).await
    }

    pub(super) async fn fetch_foreign(&self, operation: Operation, url: &Url) -> Result<Response> {
        let refuse = |message: &'static str| {
            Error::new(ErrorKind::InvalidInput, operation).with_effect(Effect::NotSent).with_message(message)
        };
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(refuse("the media's address is neither http nor https, or holds credentials"));
        }
        let host = url.host_str().unwrap_or("");
        let trusted = self.inner.base.host_str() == Some(host)
            || self.inner.options.media_hosts.iter().any(|allowed| allowed == host);
        if !trusted && literal(url).is_some_and(|ip| !is_public(ip)) {
            return Err(refuse(
                "the media's address is private: it is not fetched unless its host is allowed",
            ));
        }
        let client = if trusted { &self.inner.http } else { &self.inner.foreign };
        let request = Request::new(Method::GET, url.clone());
        let fetched = self.within(operation, client.execute(request)).await;
        fetched.map_err(|error| {
            let private = std::error::Error::source(&error).is_some_and(|e| format!("{e:?}").contains("not public"));
            if private { refuse("the media's host resolves to a private address: it is not fetched unless its host is allowed") } else { error }
        })
    }

    async fn within(
        &self,
        operation: Operation,
        exchange: impl Future<Output = reqwest::Result<Response>>,
    ) -> Result<Response> {
        let until = deadline::until().unwrap_or_else(|| Instant::now() + deadline::WITH_MEDIA);
        let _permit = self.inner.gate.enter(operation, None, until).await?;
        match tokio::time::timeout_at(until, exchange).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failed(operation, error)),
            Err(_) => Err(timeout(operation, deadline::WITH_MEDIA)),
        }
    }

    pub(super) fn streamed(&self, operation: Operation, response: Response) -> MediaStream {
        let gateway = self.inner.gateway.clone();
        let mime_type = response
            .headers()
            .get("content-type")
            .and_then(|v| v.to_str().ok())
            .filter(|v| !v.is_empty())
            .map(str::to_owned);
        let size_bytes = response.content_length();
        let chunks = stream::unfold(response.bytes_stream().boxed(), move |mut chunks| async move {
            match tokio::time::timeout(IDLE, chunks.try_next()).await {
                Ok(Ok(Some(chunk))) => Some((Ok(chunk), chunks)),
                Ok(Ok(None)) => None,
                Ok(Err(error)) => Some((Err(failed(operation, error)), stream::empty().boxed())),
                Err(_) => Some((Err(timeout(operation, IDLE)), stream::empty().boxed())),
            }
        });
        let mut media = MediaStream::new(chunks.map_err(move |e| e.with_gateway(gateway.clone())));
        media.mime_type = mime_type;
        media.size_bytes = size_bytes;
        media
    }
}
