use std::time::Duration;

use bytes::BytesMut;
use reqwest::{Method, Request, Response};
use tokio::time::Instant;
use tracing::Instrument;
use url::Url;

use super::tries::Tries;
use super::{Answer, Call, Transport, by_status};
use crate::{Effect, Error, ErrorKind, Operation, Repeat, Result, Retry};

const MAX_HOPS: usize = 3;

impl Transport {
    /// Sends a call, with its retries, and decodes what was answered.
    ///
    /// `decode` sees answers that the funnel found no error in; what it can't read of a read is asked for
    /// once more when it breaks off.
    ///
    /// # Errors
    /// By the table of outcomes: see [`ErrorKind`]; a change whose effect is not known is `OutcomeUnknown`.
    pub async fn send<T>(&self, call: Call, decode: impl Fn(&Answer) -> Result<T> + Send) -> Result<T> {
        let mut prepared = Some(self.prepare(&call)?);
        let mut tries = Tries::new(self, &call);
        loop {
            let (permit, time, span) = tries.begin().await?;
            if let Some(upload) = &call.upload {
                upload.ready(call.operation).await.map_err(|e| e.with_gateway(self.inner.gateway.clone()))?;
            }
            let request = self.next_request(&call, &mut prepared)?;
            let answered = self.exchange(&call, request, time).instrument(span).await;
            drop(permit);
            // a file that failed midway broke the request off: that, and not the connection, is what is told
            let answered = match (answered, &call.upload) {
                (Err(error), Some(upload)) => Err(upload.fault(call.operation).unwrap_or(error)),
                (answered, _) => answered,
            };
            let result = answered.and_then(|answer| match self.inner.funnel.classify(&answer) {
                Some(error) => Err(error.with_operation(call.operation)),
                None if answer.is_success() => decode(&answer).map_err(|e| e.with_operation(call.operation)),
                None => Err(by_status(&answer)),
            });
            match result {
                Ok(value) => return Ok(tries.succeeded(value)),
                Err(error) => tries.failed(error).await?,
            }
        }
    }

    /// Sends a call and gives the stream of its body, for downloads: bounded to its first byte.
    pub(super) async fn open(&self, call: Call) -> Result<Response> {
        let mut prepared = Some(self.prepare(&call)?);
        let mut tries = Tries::new(self, &call);
        loop {
            let (permit, time, span) = tries.begin().await?;
            let request = self.next_request(&call, &mut prepared)?;
            let response = self.first_byte(&call, request, time).instrument(span).await;
            drop(permit);
            let error = match response {
                Ok(response) if response.status().is_success() => return Ok(tries.succeeded(response)),
                Ok(response) => match self.read_body(call.operation, response).await {
                    Ok(answer) => self.inner.funnel.classify(&answer).unwrap_or_else(|| by_status(&answer)),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            tries.failed(error.with_operation(call.operation)).await?;
        }
    }

    /// The request of an attempt, its body from the beginning: nothing is copied for the first.
    fn next_request(&self, call: &Call, prepared: &mut Option<Request>) -> Result<Request> {
        let mut request = match prepared.take() {
            Some(request) => request,
            None => self.prepare(call)?,
        };
        if let Some(upload) = &call.upload {
            *request.body_mut() = Some(upload.body());
        }
        Ok(request)
    }

    pub(super) fn prepare(&self, call: &Call) -> Result<Request> {
        let path = call.path.as_ref().map_err(|e| {
            Error::new(e.kind(), call.operation)
                .with_gateway(self.inner.gateway.clone())
                .with_message(e.message().to_owned())
        })?;
        let mut url = call.at.as_ref().unwrap_or(&self.inner.base).clone();
        let below = call.at.as_ref().map_or(self.inner.path.as_str(), |at| at.path().trim_end_matches('/'));
        url.set_path(&format!("{below}{path}"));
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = Request::new(call.method.clone(), url);
        *request.headers_mut() = self.inner.headers.clone();
        for (name, value) in &call.headers {
            let value = value.parse().map_err(|_| {
                Error::new(ErrorKind::InvalidInput, call.operation)
                    .with_gateway(self.inner.gateway.clone())
                    .with_message("a header can't carry one of the values given")
            })?;
            request.headers_mut().insert(*name, value);
        }
        if let Some(body) = &call.body {
            *request.body_mut() = Some(body.clone().into());
        } else if call.upload.is_none() && !matches!(call.method, Method::GET | Method::HEAD) {
            request.headers_mut().insert("content-length", reqwest::header::HeaderValue::from_static("0"));
        }
        Ok(request)
    }

    /// One request and its whole answer.
    async fn exchange(&self, call: &Call, request: Request, time: Duration) -> Result<Answer> {
        let started = Instant::now();
        let response = self.first_byte(call, request, time).await?;
        let left = time.saturating_sub(started.elapsed());
        match tokio::time::timeout(left, self.read_body_or(call.operation, response, call.beginning)).await {
            Ok(answer) => answer,
            Err(_) => Err(timeout(call.operation, time)),
        }
    }

    /// One request up to its headers; redirects within the origin are followed for reads.
    pub(super) async fn first_byte(
        &self,
        call: &Call,
        mut request: Request,
        time: Duration,
    ) -> Result<Response> {
        let end = Instant::now() + time;
        for _ in 0..=MAX_HOPS {
            let response = match tokio::time::timeout_at(end, self.inner.http.execute(request)).await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => return Err(failed(call.operation, error)),
                Err(_) => return Err(timeout(call.operation, time)),
            };
            let status = response.status();
            if !status.is_redirection() || status.as_u16() == 304 {
                return Ok(response);
            }
            let target = target(&response);
            let redirected = |message: String| {
                Error::new(ErrorKind::Redirected, call.operation)
                    .with_status(status.as_u16())
                    .with_message(message)
            };
            match target {
                Some(url)
                    if call.repeat == Repeat::Read
                        && call.method == Method::GET
                        && same_origin(&url, response.url()) =>
                {
                    request = self.prepare(call)?;
                    *request.url_mut() = url;
                }
                Some(url) if !same_origin(&url, response.url()) => {
                    let host = crate::redact::line(url.host_str().unwrap_or("?"), 80);
                    return Err(redirected(format!(
                        "the gateway redirects to another place ({host}); that is never followed"
                    )));
                }
                _ => {
                    return Err(redirected(
                        "the gateway redirects; that is not followed for this request".into(),
                    ));
                }
            }
        }
        Err(Error::new(ErrorKind::Redirected, call.operation)
            .with_message("the gateway redirects more than three times"))
    }

    /// The whole body, at most the cap, decompressed.
    pub(super) async fn read_body(&self, operation: Operation, response: Response) -> Result<Answer> {
        self.read_body_or(operation, response, None).await
    }

    /// The whole body, or of a success past the cap so many of its first bytes.
    async fn read_body_or(
        &self,
        operation: Operation,
        mut response: Response,
        beginning: Option<usize>,
    ) -> Result<Answer> {
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let cap = self.inner.options.body_cap;
        let too_large = || {
            Error::new(ErrorKind::TooLarge, operation)
                .with_status(status)
                .with_effect(Effect::Unknown)
                .with_message(format!("the answer is larger than the cap of {cap} bytes"))
        };
        let mut body = BytesMut::new();
        // of a body that is decompressed neither is known
        let told = || headers.get("content-length")?.to_str().ok()?.parse().ok();
        let length: Option<u64> = response.content_length().or_else(told);
        let beginning = beginning.filter(|_| (200..300).contains(&status));
        // what is known to be too large isn't read to the cap first
        let most = match beginning {
            Some(bytes) if length.is_some_and(|n| n > cap as u64) => bytes.min(cap),
            None if length.is_some_and(|n| n > cap as u64) => return Err(too_large()),
            _ => cap,
        };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > most => {
                    let Some(bytes) = beginning else { return Err(too_large()) };
                    body.extend_from_slice(&chunk);
                    body.truncate(bytes);
                    return Ok(Answer { operation, status, headers, body: body.freeze() });
                }
                Ok(Some(chunk)) if body.is_empty() && body.capacity() == 0 => match length {
                    Some(n) if n == chunk.len() as u64 => {
                        // the whole body in one piece: keep it as it is
                        return match response.chunk().await {
                            Ok(None) => Ok(Answer { operation, status, headers, body: chunk }),
                            Ok(Some(_)) => Err(too_large()),
                            Err(error) => Err(failed(operation, error).with_status(status)),
                        };
                    }
                    known => {
                        body.reserve(
                            known
                                .and_then(|n| usize::try_from(n).ok())
                                .unwrap_or(0)
                                .min(most)
                                .max(chunk.len()),
                        );
                        body.extend_from_slice(&chunk);
                    }
                },
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Answer { operation, status, headers, body: body.freeze() }),
                Err(error) => return Err(failed(operation, error).with_effect(Effect::Unknown)),
            }
        }
    }
}

/// The same request with its body from the beginning.
pub(super) fn clone_request(request: &Request, call: &Call) -> Request {
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    *copy.headers_mut() = request.headers().clone();
    *copy.body_mut() = match (&call.upload, &call.body) {
        (Some(upload), _) => Some(upload.body()),
        (None, body) => body.clone().map(Into::into),
    };
    copy
}

pub(super) fn target(response: &Response) -> Option<Url> {
    let location = response.headers().get("location")?.to_str().ok()?;
    response.url().join(location).ok()
}

pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

pub(super) fn timeout(operation: Operation, time: Duration) -> Error {
    Error::new(ErrorKind::Timeout, operation)
        .with_effect(Effect::Unknown)
        .with_message(format!("no answer within {:.1} s", time.as_secs_f32()))
}

/// The error of a request that got no answer. reqwest prints addresses: they are taken off.
pub(super) fn failed(operation: Operation, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let chain = chain(&error);
    let certificate = chain.contains("certificate") || chain.contains("tls") || chain.contains("handshake");
    if error.is_connect() && certificate {
        return Error::new(ErrorKind::Network, operation)
            .with_effect(Effect::NotSent)
            .with_retry(Retry::Never)
            .with_message("no secure connection: the certificate or the handshake failed")
            .with_source(error);
    }
    if error.is_connect() {
        let (kind, message) = if error.is_timeout() {
            (ErrorKind::Network, "the gateway can't be reached: connecting took too long")
        } else if chain.contains("dns") || chain.contains("lookup") || chain.contains("not public") {
            (ErrorKind::Network, "the gateway's host name can't be resolved")
        } else {
            (ErrorKind::Network, "the gateway can't be reached: the connection was refused")
        };
        return Error::new(kind, operation)
            .with_effect(Effect::NotSent)
            .with_message(message)
            .with_source(error);
    }
    if error.is_timeout() {
        return Error::new(ErrorKind::Timeout, operation).with_effect(Effect::Unknown).with_source(error);
    }
    if error.is_builder() {
        return Error::new(ErrorKind::InvalidInput, operation)
            .with_effect(Effect::NotSent)
            .with_message("the request can't be built")
            .with_source(error);
    }
    Error::new(ErrorKind::Network, operation)
        .with_effect(Effect::Unknown)
        .with_message("the connection broke before the answer was whole")
        .with_source(error)
}

fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        text.push_str(&error.to_string().to_ascii_lowercase());
        text.push('\n');
        next = error.source();
    }
    text
}
