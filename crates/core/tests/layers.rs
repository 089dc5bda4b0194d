//! The layers: their order, and that each can be replaced.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod flaky;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flaky::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wachats_core::layer::{Deadline, Emulate, Guard, Trace, deadline};
use wachats_core::*;

/// Keeps the fields of spans and events, one line each.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(format!("span {}", span.metadata().name()));
        span.record(&mut line);
        let mut lines = self.0.lock().unwrap();
        lines.push(line.0);
        Id::from_u64(lines.len() as u64)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line("event".into());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A provider that isn't sure of a filter before it is probed, and lacks a search.
fn lacking() -> Flaky {
    let memory = account()
        .with_capability(Capability::Search, Entry::emulated("pages are read"))
        .with_capability(Capability::PinChat, Entry::no("it can't"));
    Flaky::new(memory)
}

/// The order is trace, deadline, guard, emulate, provider: each is seen at its place.
#[tokio::test]
async fn trace_deadline_guard_emulate_provider() {
    let log = Log::default();
    // while there is one dispatcher alone, a thread that isn't its own could switch a callsite off for all
    let _second = tracing::Dispatch::new(Log::default());
    let _on = tracing::subscriber::set_default(log.clone());
    let flaky = lacking();
    let outer = Arc::new(Mutex::new(Vec::new()));
    let seen = outer.clone();
    let chats = Chats::builder(flaky.clone()).layer(move |inner| Probe { inner, seen }).build();

    // trace around guard: what the guard refuses has its span and its event; nothing was asked
    let refused = chats.chat(chat_id()).unwrap().pin().await.unwrap_err();
    assert_eq!((refused.kind(), flaky.asked()), (ErrorKind::Unsupported, 0));
    let lines = log.0.lock().unwrap().clone();
    assert!(lines[0].starts_with("span wachats") && lines[0].contains("pin_chat"), "{lines:?}");
    assert!(lines[1].contains("unsupported") && lines[1].contains("not_sent"), "{lines:?}");
    assert_eq!(lines.len(), 2);

    // guard around emulate: a filter that is emulated passes the guard, one that isn't doesn't
    let list = chats.chat(chat_id()).unwrap().messages();
    assert_eq!(list.clone().search("TEXT 2").limit(5).page().await.unwrap().items.len(), 1);
    // deadline around emulate: all pages of one composed answer end at one time
    let memory = account();
    let mut small = memory.clone();
    small.capabilities_mut().messages = Paging::new(Pager::Offset, Ending::ShortPage, 1, 1);
    let flaky = Flaky::new(small.with_capability(Capability::Search, Entry::emulated("pages are read")));
    let composed = Chats::new(flaky.clone());
    composed.chat(chat_id()).unwrap().messages().search("TEXT 0").limit(1).page().await.unwrap();
    let untils = flaky.untils.lock().unwrap().clone();
    assert!(untils.len() >= 3 && untils.iter().all(|u| u.is_some() && *u == untils[0]), "{untils:?}");

    // layers of the user stand around all others
    assert_eq!(outer.lock().unwrap().as_slice(), ["perform, no deadline", "list_messages, no deadline"]);
}

/// A layer of the user's own: counts what passes.
struct Probe {
    inner: Arc<dyn ChatsProvider>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Probe {
    fn note(&self, what: &str) {
        let bound = if deadline::until().is_some() { "a deadline" } else { "no deadline" };
        self.seen.lock().unwrap().push(format!("{what}, {bound}"));
    }
}

#[async_trait::async_trait]
impl ChatsProvider for Probe {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.inner.capabilities().await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        self.note("list_messages");
        self.inner.list_messages(query).await
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        self.note("perform");
        self.inner.perform(action).await
    }
}

/// A stack of the user's own making does the same, and the backend is still found.
#[tokio::test]
async fn each_layer_can_be_replaced() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let chats = Chats::builder(lacking())
        .without_layers()
        .layer(|inner| Emulate::new(inner, 100))
        .layer(Guard::new)
        .layer(move |inner| Probe { inner, seen: log }) // in place of nothing: between guard and deadline
        .layer(Deadline::new)
        .layer(Trace::new)
        .build();
    let found = chats.chat(chat_id()).unwrap().messages().search("TEXT 2").limit(5).page().await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(seen.lock().unwrap().as_slice(), ["list_messages, a deadline"]);
    assert!(chats.backend::<Flaky>().is_some());

    let bare = Chats::builder(lacking()).without_layers().build();
    let refused = bare.chat(chat_id()).unwrap().messages().search("TEXT 2").limit(5).page().await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported, "nothing emulates");
}

/// The time of one operation can be told for one call.
#[tokio::test(start_paused = true)]
async fn the_time_of_an_operation_can_be_told_for_one_call() {
    let flaky = Flaky::new(account());
    let chats = Chats::builder(flaky.clone()).timeout(Duration::from_secs(20)).build();
    chats.status().await.unwrap();
    chats.timeout(Duration::from_secs(3)).status().await.unwrap();
    Chats::new(flaky.clone()).status().await.unwrap();
    let now = tokio::time::Instant::now();
    let left: Vec<_> = flaky.untils.lock().unwrap().iter().map(|u| (u.unwrap() - now).as_secs()).collect();
    assert_eq!(left, [20, 3, 50]);
}
