use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;

use super::*;
use crate::{DedupeKey, Error, ErrorKind, Event, EventKind, Gateway, Operation, Result};

/// What a source is to answer, and what it was told.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<Result<Batch, ErrorKind>>>>,
    settled: Arc<Mutex<Vec<u64>>>,
    refusals: Arc<Mutex<u32>>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Result<Batch, ErrorKind>>) -> Self {
        let script = Self::default();
        script.answers.lock().unwrap().extend(answers);
        script
    }

    fn open(&self) -> EventStream {
        EventStream::new(Gateway::MEMORY, self.clone())
    }

    fn settled(&self) -> Vec<u64> {
        self.settled.lock().unwrap().clone()
    }
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, Operation::PollEvents)
}

#[async_trait]
impl EventSource for Script {
    async fn fetch(&mut self) -> Result<Option<Batch>> {
        self.answers.lock().unwrap().pop_front().transpose().map_err(error)
    }

    async fn settle(&mut self, receipt: u64) -> Result<()> {
        let mut refusals = self.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return Err(error(ErrorKind::Network));
        }
        self.settled.lock().unwrap().push(receipt);
        Ok(())
    }
}

fn event(key: &str) -> Event {
    let kind = EventKind::ChatArchived { archived: true };
    Event::new(Gateway::MEMORY, kind, DedupeKey::new("chat_archived", key))
}

fn batch(keys: &[&str], receipt: u64) -> Result<Batch, ErrorKind> {
    Ok(Batch::new(keys.iter().map(|key| event(key)).collect()).receipt(receipt))
}

async fn key(events: &mut EventStream) -> String {
    events.next().await.unwrap().unwrap().dedupe_key.rsplit('|').next().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_is_not_acknowledged_comes_again() {
    let script = Script::new([batch(&["a", "b"], 1), Ok(Batch::empty()), batch(&["c"], 2)]);
    let mut events = script.open();
    events.ack().await.unwrap();
    assert_eq!(key(&mut events).await, "a");
    assert_eq!(key(&mut events).await, "a");
    events.ack().await.unwrap();
    events.ack().await.unwrap();
    assert!(script.settled().is_empty());
    assert_eq!(key(&mut events).await, "b");
    events.ack().await.unwrap();
    assert_eq!(script.settled(), [1]);
    assert_eq!(key(&mut events).await, "c");
    events.ack().await.unwrap();
    assert_eq!(events.next().await.unwrap(), None);
    assert_eq!(script.settled(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn doubles_are_settled_and_not_handed_over() {
    let script = Script::new([batch(&["a"], 1), batch(&["a"], 2), batch(&[], 3), batch(&["a", "b"], 4)]);
    let mut events = script.open();
    assert_eq!(key(&mut events).await, "a");
    events.ack().await.unwrap();
    assert_eq!(key(&mut events).await, "b");
    assert_eq!(script.settled(), [1, 2, 3]);
    events.ack().await.unwrap();
    assert_eq!(script.settled(), [1, 2, 3, 4]);
}

/// Two gateways of one account may share an inbox, and so a stream.
#[tokio::test(start_paused = true)]
async fn one_key_of_two_gateways_is_two_events() {
    let mut other = event("a");
    other.gateway = Gateway::WAHA;
    let script = Script::new([Ok(Batch::new(vec![event("a"), other.clone(), event("a"), other]))]);
    let mut events = script.open();
    for gateway in [Gateway::MEMORY, Gateway::WAHA] {
        assert_eq!(events.next().await.unwrap().unwrap().gateway, gateway);
        events.ack().await.unwrap();
    }
    assert_eq!(events.next().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_could_not_be_told_is_told_before_anything_else() {
    let script = Script::new([batch(&["a"], 1), batch(&["b"], 2)]);
    *script.refusals.lock().unwrap() = 3;
    let mut events = script.open();
    key(&mut events).await;
    assert_eq!(events.ack().await.unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(key(&mut events).await, "b");
    assert_eq!(script.settled(), [1]);
}

#[tokio::test(start_paused = true)]
async fn faults_are_survived_for_a_time_and_refusals_are_not() {
    use ErrorKind as K;
    let faults = [K::Network, K::Timeout, K::Unavailable, K::ServerFault, K::Decode, K::NotAGateway];
    let script = Script::new(faults.into_iter().map(Err).chain([batch(&["a"], 1), Err(K::Conflict)]));
    let mut events = script.open();
    assert_eq!(key(&mut events).await, "a");
    events.ack().await.unwrap();
    assert_eq!(events.next().await.unwrap_err().kind(), K::Conflict);
    assert_eq!(events.next().await.unwrap(), None);

    let script = Script::new((0..500).map(|_| Err(K::Network)));
    let mut events = script.open().patience(Duration::from_secs(60));
    let began = tokio::time::Instant::now();
    assert_eq!(events.next().await.unwrap_err().kind(), K::Network);
    assert_eq!(began.elapsed().as_secs(), 60);
    assert!(script.answers.lock().unwrap().len() > 400, "pauses grow");
}

#[tokio::test(start_paused = true)]
async fn as_a_stream_each_is_acknowledged_when_the_next_is_asked_for() {
    let script =
        Script::new([batch(&["a"], 1), Err(ErrorKind::Forbidden), batch(&["b"], 2), batch(&["b"], 3)]);
    let mut stream = Box::pin(script.open().into_stream());
    stream.next().await.unwrap().unwrap();
    assert!(script.settled().is_empty());
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(script.settled(), [1]);
    stream.next().await.unwrap().unwrap();
    assert!(stream.next().await.is_none());
    assert_eq!(script.settled(), [1, 2, 3]);
}

#[test]
fn what_is_no_json_is_kept_as_it_came() {
    let event = unreadable(&Gateway::WAHA, "default", b"{not \xff JSON");
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!((&json["event"], &json["raw"]), (&"unknown".into(), &"{not \u{fffd} JSON".into()));
    assert_eq!(event.dedupe_key, unreadable(&Gateway::WAHA, "default", b"{not \xff JSON").dedupe_key);
}
