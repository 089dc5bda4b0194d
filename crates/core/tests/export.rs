//! Exports, interrupted again and again: nothing is lost, nothing stands twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::DateTime;
use fastrand::Rng;
use wachats_core::{
    Capabilities, Capability, Chat, ChatId, ChatScope, Chats, ChatsProvider, Ending, Entry, Error, ErrorKind,
    ExportFormat, ListChats, ListMessages, Memory, Message, Operation, Page, Pager, Paging, ProviderInfo,
    Result,
};

/// Memory behind a line that breaks after so many pages of messages.
struct Breaking {
    inner: Memory,
    pages: Arc<AtomicI64>,
}

#[async_trait]
impl ChatsProvider for Breaking {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        self.inner.capabilities().await
    }
    async fn list_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        self.inner.list_chats(query).await
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        if self.pages.fetch_sub(1, Ordering::Relaxed) <= 0 {
            return Err(Error::new(ErrorKind::Unavailable, Operation::ListMessages));
        }
        self.inner.list_messages(query).await
    }
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("wachats-export-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn chat(n: u64) -> ChatId {
    format!("7900000000{n}").parse().unwrap()
}

fn message(chat: &ChatId, key: String, at: i64) -> Message {
    let mut message = Message::new(chat.clone(), key.parse().unwrap(), at % 3 == 0);
    message.sent_at = DateTime::from_timestamp(1_700_000_000 + at, 0);
    message.text = Some(format!("a \"text\",\nof {key}"));
    message
}

fn world(rng: &mut Rng, pager: Pager) -> Memory {
    let mut messages = Vec::new();
    for c in 0..3 {
        let spread = rng.i64(1..400);
        for n in 0..rng.usize(0..400) {
            messages.push(message(&chat(c), format!("C{c}N{n}"), rng.i64(0..spread)));
        }
    }
    let mut memory = Memory::new((0..3).map(|c| Chat::new(chat(c))), messages);
    // A window must hold the whole list.
    let largest = if pager == Pager::Window { 100_000 } else { 50 };
    memory.capabilities_mut().messages = Paging::new(pager, Ending::ShortPage, 20, largest);
    match pager {
        Pager::Time { .. } => memory,
        Pager::Offset => memory.with_capability(Capability::FilterUntil, Entry::emulated("no such filter")),
        _ => memory
            .with_capability(Capability::FilterUntil, Entry::emulated("no such filter"))
            .with_capability(Capability::MessagesOffset, Entry::emulated("only a count")),
    }
}

async fn interrupted(seed: u64, pager: Pager) {
    let mut rng = Rng::with_seed(seed);
    let memory = world(&mut rng, pager);
    let originals = memory.messages();
    let folder = Folder::new();
    let file = folder.0.join("all.jsonl");
    let pages = Arc::new(AtomicI64::new(0));
    let chats = Chats::new(Breaking { inner: memory.clone(), pages: Arc::clone(&pages) });
    let mut runs = 0;
    let report = loop {
        runs += 1;
        assert!(runs < 500, "seed {seed}, {pager:?}: it gets nowhere");
        // A list without a filter by time is read from its top: it needs more pages each time.
        pages.store(rng.i64(1..6) + 2 * runs, Ordering::Relaxed);
        match chats.export(ChatScope::All, &file).resume(true).run().await {
            Ok(report) => break report,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "seed {seed}: {error}"),
        }
        assert!(!file.exists(), "seed {seed}: the name was taken before the end");
        if rng.bool() {
            let part = file.with_extension("jsonl.part");
            let mut part = std::fs::OpenOptions::new().append(true).open(part).unwrap();
            part.write_all(b"{\"what a killed run wrote").unwrap();
        }
        for n in 0..rng.usize(0..30) {
            memory.insert(message(&chat(rng.u64(0..3)), format!("A{runs}N{n}"), 1_000 + runs));
        }
    };
    let text = std::fs::read_to_string(&file).unwrap();
    let mut seen: HashMap<(ChatId, String, bool), usize> = HashMap::new();
    for line in text.lines() {
        let message: Message = serde_json::from_str(line).unwrap();
        *seen.entry((message.chat_id, message.key.to_string(), message.from_me)).or_default() += 1;
    }
    for (which, times) in &seen {
        assert_eq!(*times, 1, "seed {seed}: {} stands {times} times", which.1);
    }
    for message in &originals {
        let which = (message.chat_id.clone(), message.key.to_string(), message.from_me);
        assert!(seen.contains_key(&which), "seed {seed}: {} is lost", which.1);
    }
    assert_eq!((report.chats, report.messages), (3, text.lines().count() as u64), "seed {seed}");
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left, ["all.jsonl"], "seed {seed}");
}

#[tokio::test]
async fn an_interrupted_export_loses_and_doubles_nothing() {
    for seed in 0..25 {
        interrupted(seed, Pager::Time { overlap: std::time::Duration::ZERO }).await;
        interrupted(seed, Pager::Offset).await;
        interrupted(seed, Pager::Window).await;
    }
}

#[tokio::test]
async fn csv_has_a_header_and_a_line_for_each_message() {
    let folder = Folder::new();
    let file = folder.0.join("one.csv");
    let mut rng = Rng::with_seed(7);
    let memory = world(&mut rng, Pager::Offset);
    let expected = memory.messages().iter().filter(|m| m.chat_id == chat(0)).count() as u64;
    let chats = Chats::new(memory);
    let report = chats.export(chat(0), &file).run().await.unwrap();
    assert_eq!((report.chats, report.messages), (1, expected));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("id,key,chat_id,"), "{}", text.lines().next().unwrap());
    assert_eq!(text.matches("\"a \"\"text\"\",\nof ").count() as u64, expected);
}

#[tokio::test]
async fn since_and_until_bound_it() {
    let folder = Folder::new();
    let memory = Memory::new([], (0..100).map(|n| message(&chat(0), format!("N{n}"), n)));
    let at = |n: i64| DateTime::from_timestamp(1_700_000_000 + n, 0).unwrap();
    let export = Chats::new(memory).export(chat(0), folder.0.join("x.jsonl")).since(at(10)).until(at(19));
    assert_eq!(export.run().await.unwrap().messages, 10);
}

#[tokio::test]
async fn another_query_does_not_go_on_with_the_file() {
    let folder = Folder::new();
    let file = folder.0.join("x");
    let pages = Arc::new(AtomicI64::new(1));
    let mut memory = Memory::new([], (0..100).map(|n| message(&chat(0), format!("N{n}"), n)));
    memory.capabilities_mut().messages =
        Paging::new(Pager::Time { overlap: std::time::Duration::ZERO }, Ending::ShortPage, 10, 10);
    let chats = Chats::new(Breaking { inner: memory, pages: Arc::clone(&pages) });
    let export = |format| chats.export(chat(0), &file).format(format).resume(true).run();
    assert_eq!(export(ExportFormat::Jsonl).await.unwrap_err().kind(), ErrorKind::Unavailable);
    pages.store(1_000, Ordering::Relaxed);
    assert_eq!(export(ExportFormat::Csv).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(export(ExportFormat::Jsonl).await.unwrap().messages, 100);
    let unnamed = chats.export(chat(0), &file).run().await.unwrap_err();
    assert_eq!(unnamed.kind(), ErrorKind::InvalidInput);
}
