//! The queue of notifications, polled: the first is given again and again until it is deleted by its receipt.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::Method;
use wachats_core::delivery::{Delivery, Fields};
use wachats_core::events::{Batch, EventSource, unreadable};
use wachats_core::transport::{Call, Transport};
use wachats_core::{ErrorKind, Event, EventStream, Gateway, Operation, PollEvents, Repeat, Result};

use super::GreenApi;
use crate::event::GreenApiEvents;
use crate::secret::Token;

/// How long the gateway may hold a request while nothing happens; it takes 5 to 60 s.
const WAIT: Duration = Duration::from_secs(20);
/// What an attempt may last beyond that.
const MARGIN: Duration = Duration::from_secs(10);
/// How much is read of a notification past the cap: its receipt stands at the beginning.
const BEGINNING: usize = 64 << 10;
/// Where the gateway says at once that nothing happened, it is left alone for this long.
const REST: Duration = Duration::from_millis(250);

/// Whether the queue of an instance is being polled by this backend.
#[derive(Clone, Default)]
pub(super) struct Polled(Arc<AtomicBool>);

impl Polled {
    pub(super) fn is_on(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Ends the polling when the stream is dropped.
struct Lock(Polled);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}

impl GreenApi {
    pub(super) async fn poll(&self, query: &PollEvents) -> Result<EventStream> {
        let conflict = |message: &'static str| {
            self.error(ErrorKind::Conflict, Operation::PollEvents).with_message(message)
        };
        if self.polled.0.swap(true, Ordering::AcqRel) {
            return Err(conflict("the queue is polled already: two would take each other's notifications"));
        }
        let lock = Lock(self.polled.clone());
        if self.webhook_settings(Operation::PollEvents).await?.url.is_some() {
            return Err(conflict(
                "notifications are pushed to a webhook address: they can't be polled while it is set",
            ));
        }
        let source = Queue {
            transport: self.transport.clone(),
            instance: self.instance.clone(),
            token: self.token.clone(),
            events: GreenApiEvents::new().raw(query.raw),
            _lock: lock,
        };
        Ok(EventStream::new(Gateway::GREEN_API, source).patience(query.patience))
    }
}

struct Queue {
    transport: Transport,
    instance: String,
    token: Token,
    events: GreenApiEvents,
    _lock: Lock,
}

impl Queue {
    fn call(&self, method: Method, name: &'static str, route: &'static str) -> Call {
        self.transport
            .call(Operation::PollEvents, method, route)
            .path([self.instance.as_str(), name, self.token.expose()])
            .rate_key(name)
    }

    /// What a notification tells; one that can't be read is an event too, so that it is deleted like any other.
    fn events(&self, body: &[u8]) -> Vec<Event> {
        match self.events.decode(body) {
            Ok(events) if !events.is_empty() => events,
            _ => {
                // the account as all other events name it
                let instance = self.instance.trim_start_matches("waInstance");
                vec![unreadable(&Gateway::GREEN_API, instance, inner(body))]
            }
        }
    }
}

#[async_trait]
impl EventSource for Queue {
    async fn fetch(&mut self) -> Result<Option<Batch>> {
        let asked = Instant::now();
        let call = self
            .call(Method::GET, "receiveNotification", "/waInstance{instance}/receiveNotification/{token}")
            .query("receiveTimeout", WAIT.as_secs())
            .attempt(WAIT + MARGIN)
            .or_beginning(BEGINNING);
        let token = &self.token;
        let body: Bytes = self.transport.send(call, |answer| Ok(token.clean(answer).body.clone())).await?;
        if matches!(body.trim_ascii(), b"" | b"null") {
            if asked.elapsed() < REST {
                tokio::time::sleep(REST).await;
            }
            return Ok(Some(Batch::empty()));
        }
        match receipt(&body) {
            Some(receipt) => Ok(Some(Batch::new(self.events(&body)).receipt(receipt))),
            // nothing that could be deleted: no notification
            None => Err(wachats_core::Error::new(ErrorKind::Decode, Operation::PollEvents)
                .with_gateway(Gateway::GREEN_API)
                .with_body(&body)
                .with_message("the answer is no notification: it bears no receipt")),
        }
    }

    /// One that is gone already is as good as deleted.
    async fn settle(&mut self, receipt: u64) -> Result<()> {
        let route = "/waInstance{instance}/deleteNotification/{token}/{receipt}";
        let call = self
            .call(Method::DELETE, "deleteNotification", route)
            .segment(receipt.to_string())
            .repeat(Repeat::Same);
        self.transport.send(call, |_| Ok(())).await
    }
}

/// The receipt, read as JSON or, of a notification that is none, found in the text.
fn receipt(body: &[u8]) -> Option<u64> {
    if let Ok(delivery) = Delivery::parse(&Gateway::GREEN_API, body) {
        return delivery.value().count("receiptId");
    }
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"receiptId\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse().ok()
}

/// The notification without the wrapper in which the queue hands it out: the receipt differs each time it is queued.
fn inner(body: &[u8]) -> &[u8] {
    let mark = b"\"body\"";
    let at = body.windows(mark.len()).position(|window| window == mark);
    let rest = at.and_then(|at| body.get(at + mark.len()..)).unwrap_or(body).trim_ascii_start();
    let rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii();
    if at.is_some() { rest.strip_suffix(b"}").unwrap_or(rest) } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_found_where_the_rest_is_damaged() {
        assert_eq!(receipt(br#"{"receiptId":7,"body":{}}"#), Some(7));
        assert_eq!(receipt(br#"{"receiptId": 12 ,"body":{not JSON}"#), Some(12));
        assert_eq!(receipt(br#"{"receiptId":"9","body":{}}"#), Some(9));
        assert_eq!(receipt(br#"{"receiptId":9007199254740993,"body":{}}"#), Some(9_007_199_254_740_993));
        assert_eq!(receipt(b"{\"receiptId\":5,\"body\":\"\xff"), Some(5));
        for none in [
            &b"[]"[..],
            b"{}",
            br#"{"receiptId":null}"#,
            br#"{"receiptId":-1}"#,
            b"<html>",
            b"{\"receiptId\":x",
        ] {
            assert_eq!(receipt(none), None, "{}", String::from_utf8_lossy(none));
        }
    }

    #[test]
    fn a_damaged_notification_is_the_same_under_another_receipt() {
        let (a, b) =
            (inner(b"{\"receiptId\":1,\"body\":{not JSON}"), inner(b"{\"receiptId\":2,\"body\": {not JSON}"));
        assert_eq!((a, b), (&b"{not JSON"[..], &b"{not JSON"[..]));
        assert_eq!(inner(b"nothing like it"), b"nothing like it");
    }
}
