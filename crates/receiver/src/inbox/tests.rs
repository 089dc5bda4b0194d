use wachats_core::{DedupeKey, EventKind};

use super::*;

pub(super) fn event(key: &str) -> Event {
    let kind = EventKind::ChatArchived { archived: true };
    Event::new(Gateway::MEMORY, kind, DedupeKey::new("chat_archived", key))
}

pub(super) fn quick() -> InboxOptions {
    InboxOptions {
        lease: Duration::from_millis(300),
        attempts: 3,
        first_pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(20),
        ..InboxOptions::new()
    }
}

/// Every test runs on both kinds.
fn both() -> Vec<(Inbox, Option<Folder>)> {
    let mut all = vec![(Inbox::in_memory_with(quick()), None)];
    #[cfg(feature = "sqlite")]
    {
        let folder = Folder::new();
        all.push((Inbox::open_with(folder.file(), quick()).unwrap(), Some(folder)));
    }
    all
}

pub(super) struct Folder(pub(super) std::path::PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let name = format!("wachats-inbox-{}-{:x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn file(&self) -> std::path::PathBuf {
        self.0.join("events.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[tokio::test]
async fn an_event_is_kept_once_and_handed_to_one() {
    for (inbox, _folder) in both() {
        assert_eq!(inbox.put(&[event("a"), event("b"), event("a")]).await.unwrap(), 2);
        assert_eq!(inbox.put(&[event("b")]).await.unwrap(), 0);
        let a = inbox.next().await.unwrap();
        let b = inbox.try_next().await.unwrap().unwrap();
        assert!(a.dedupe_key.ends_with('a') && b.dedupe_key.ends_with('b'));
        assert!(inbox.try_next().await.unwrap().is_none());
        assert!(a.ack().await.unwrap() && !a.ack().await.unwrap());
        drop(b);
        let b = inbox.next().await.unwrap();
        assert_eq!(b.attempt(), 2);
        b.ack().await.unwrap();
        assert_eq!(inbox.put(&[event("a"), event("b")]).await.unwrap(), 0, "handled is not forgotten");
        let counts = inbox.counts().await.unwrap();
        assert_eq!((counts.waiting, counts.done, counts.dead), (0, 2, 0));
    }
}

#[tokio::test]
async fn a_claim_is_held_while_its_holder_lives_and_ends_with_it() {
    for (inbox, _folder) in both() {
        inbox.put(&[event("a")]).await.unwrap();
        let held = inbox.next().await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(inbox.try_next().await.unwrap().is_none(), "two leases long");
        // as if the process were gone: nothing is said, nothing renewed
        std::mem::forget(held);
        inbox.put(&[event("b")]).await.unwrap();
        let b = inbox.next().await.unwrap();
        b.ack().await.unwrap();
    }
}

#[tokio::test]
async fn failures_pause_and_end_as_dead_letters() {
    for (inbox, _folder) in both() {
        inbox.put(&[event("a")]).await.unwrap();
        for attempt in 1..=3 {
            let inbound = inbox.next().await.unwrap();
            assert_eq!(inbound.attempt(), attempt);
            inbound.fail("no luck").await.unwrap();
        }
        assert!(inbox.try_next().await.unwrap().is_none());
        let dead = inbox.dead_letters(10).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts, dead[0].reason.as_str()), (1, 3, "no luck"));
        assert_eq!(dead[0].event.as_ref().unwrap().name(), "chat_archived");
        assert!(inbox.revive(dead[0].id).await.unwrap() && !inbox.revive(dead[0].id).await.unwrap());
        inbox.next().await.unwrap().bury("hopeless").await.unwrap();
        assert_eq!(inbox.counts().await.unwrap().dead, 1);
    }
}

/// As if the process were killed by the event: the claim is neither renewed nor given back.
async fn claim_and_die(inbox: &Inbox) -> u32 {
    let claim = |store: &mut dyn Store| store.claim(fastrand::i64(1..), now(), now());
    let claimed = inbox.worker().run(claim).await.unwrap().unwrap();
    // its lease ends in the millisecond in which it began
    tokio::time::sleep(Duration::from_millis(2)).await;
    claimed.ticket.attempt
}

#[tokio::test]
async fn an_event_that_kills_the_process_ends_as_a_dead_letter() {
    for (inbox, _folder) in both() {
        inbox.put(&[event("kills")]).await.unwrap();
        for attempt in 1..=3 {
            assert_eq!(claim_and_die(&inbox).await, attempt);
        }
        inbox.put(&[event("after")]).await.unwrap();
        assert!(inbox.next().await.unwrap().dedupe_key.ends_with("after"), "it stands in nobody's way");
        let dead = inbox.dead_letters(10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert!(
            dead[0].reason.contains("died") && dead[0].event.as_ref().unwrap().dedupe_key.ends_with("kills")
        );
        assert!(inbox.revive(dead[0].id).await.unwrap());
        assert_eq!(claim_and_die(&inbox).await, 1, "with all its attempts");
    }
}

/// A transaction that fails undoes a claim: what is said of it later must not end the next one of the same event.
#[tokio::test]
async fn no_two_claims_are_alike() {
    for (inbox, _folder) in both() {
        inbox.put(&[event("a")]).await.unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let undone = inbox.worker().run::<()>(move |store| {
            // in memory nothing is undone, but the claim ends as it begins
            tell.send(claim_due(store, Duration::ZERO)?.unwrap().ticket).unwrap();
            store.rollback();
            Err(fault("the disk is full"))
        });
        assert!(undone.await.is_err());
        let ticket = told.recv().unwrap();
        let held = inbox.next().await.unwrap();
        assert!(!inbox.worker().run(move |store| store.finish(ticket, now())).await.unwrap());
        assert!(held.ack().await.unwrap(), "the claim that counts is held");
    }
}

/// They are told to the application, which may have written them down.
#[tokio::test]
async fn the_number_of_a_forgotten_event_is_never_another_ones() {
    for (inbox, _folder) in both() {
        let mut last = 0;
        for key in ["a", "b", "c"] {
            inbox.put(&[event(key)]).await.unwrap();
            let held = inbox.next().await.unwrap();
            assert!(held.id() > last);
            last = held.id();
            held.ack().await.unwrap();
            assert_eq!(inbox.worker().run(|store| store.prune(i64::MAX, 10)).await.unwrap(), 1);
        }
    }
}

#[tokio::test]
async fn the_least_memory_is_seen_in_the_options() {
    let short = InboxOptions { keep: Duration::from_secs(1), ..quick() };
    assert_eq!(Inbox::in_memory_with(short).options().keep, Duration::from_secs(20 * 60));
    let longest = InboxOptions { keep: Duration::MAX, ..quick() };
    assert_eq!(Inbox::in_memory_with(longest).options().keep, Duration::MAX);
}

#[tokio::test]
async fn a_stream_tells_when_its_claim_was_lost() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    // while there is one dispatcher alone, a thread that isn't its own could switch a callsite off for all
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(Log::default()).finish());
    let _guard = tracing::subscriber::set_default(subscriber);
    for (inbox, _folder) in both() {
        log.0.lock().unwrap().clear();
        inbox.put(&[event("a"), event("b")]).await.unwrap();
        let mut events = inbox.events(Gateway::MEMORY);
        events.next().await.unwrap().unwrap();
        // another process thinks that this one is dead, long after
        let claim = |store: &mut dyn Store| store.claim(7, now() + 60_000, now() + 120_000);
        while inbox.worker().run(claim).await.unwrap().is_some() {}
        inbox.put(&[event("c")]).await.unwrap();
        events.ack().await.unwrap();
        events.next().await.unwrap().unwrap();
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("whose claim had ended"), "{text}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_wait_that_is_given_up_gives_back_what_it_claimed() {
    for (inbox, _folder) in both() {
        for _ in 0..200 {
            let wait = tokio::spawn({
                let inbox = inbox.clone();
                async move { inbox.next().await.map(|_| ()) }
            });
            tokio::task::yield_now().await;
            wait.abort();
            let _ = wait.await;
        }
        inbox.put(&[event("a")]).await.unwrap();
        let inbound = tokio::time::timeout(Duration::from_secs(5), inbox.next()).await.unwrap().unwrap();
        assert_eq!(inbound.attempt(), 1);
        inbound.ack().await.unwrap();
    }
}

#[tokio::test]
async fn handlers_that_fail_panic_or_hang_are_tried_again() {
    for (inbox, _folder) in both() {
        inbox.put(&[event("fails"), event("panics"), event("hangs"), event("fine")]).await.unwrap();
        let (done, mut all_done) = tokio::sync::mpsc::unbounded_channel();
        let handling = inbox.handling().concurrency(4).time_limit(Duration::from_millis(100));
        let running = tokio::spawn(handling.run(move |event: Arc<Inbound>| {
            let done = done.clone();
            async move {
                if event.attempt() == 1 {
                    match event.dedupe_key.rsplit('|').next().unwrap() {
                        "fails" => return Err("no"),
                        "panics" => panic!("on purpose"),
                        "hangs" => std::future::pending().await,
                        _ => {}
                    }
                }
                done.send(()).unwrap();
                Ok(())
            }
        }));
        for _ in 0..4 {
            tokio::time::timeout(Duration::from_secs(5), all_done.recv()).await.unwrap().unwrap();
        }
        while inbox.counts().await.unwrap().done < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        running.abort();
    }
}

#[tokio::test]
async fn as_a_stream_it_is_like_any_other() {
    for (inbox, _folder) in both() {
        inbox.put(&[event("a"), event("b")]).await.unwrap();
        let mut events = inbox.events(Gateway::MEMORY);
        assert!(events.next().await.unwrap().unwrap().dedupe_key.ends_with('a'));
        assert!(events.next().await.unwrap().unwrap().dedupe_key.ends_with('a'));
        events.ack().await.unwrap();
        assert!(events.next().await.unwrap().unwrap().dedupe_key.ends_with('b'));
        drop(events);
        assert!(inbox.next().await.unwrap().dedupe_key.ends_with('b'));
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn what_is_on_disk_outlives_the_process_and_is_private() {
    let folder = Folder::new();
    let inbox = Inbox::open_with(folder.file(), quick()).unwrap();
    inbox.put(&[event("a"), event("b")]).await.unwrap();
    inbox.next().await.unwrap().ack().await.unwrap();
    drop(inbox);
    let inbox = Inbox::open_with(folder.file(), quick()).unwrap();
    assert_eq!(inbox.put(&[event("a"), event("b")]).await.unwrap(), 0);
    assert!(inbox.next().await.unwrap().dedupe_key.ends_with('b'));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for file in std::fs::read_dir(&folder.0).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
    std::fs::write(folder.0.join("other"), "this is no database, however long it may be told to be").unwrap();
    assert!(Inbox::open(folder.0.join("other")).is_err());
    assert!(Inbox::open(folder.0.join("none").join("events.db")).is_err());
}

/// Two handles on one file are to each other what two processes are.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn two_on_one_file_share_the_work() {
    let folder = Folder::new();
    let both = [
        Inbox::open_with(folder.file(), quick()).unwrap(),
        Inbox::open_with(folder.file(), quick()).unwrap(),
    ];
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut running = Vec::new();
    for inbox in &both {
        let seen = Arc::clone(&seen);
        running.push(tokio::spawn(inbox.handling().concurrency(3).run(move |event: Arc<Inbound>| {
            seen.lock().unwrap().push(event.dedupe_key.clone());
            async { Ok::<_, std::convert::Infallible>(()) }
        })));
    }
    for n in 0..100 {
        let event = event(&n.to_string());
        let (one, other) = tokio::join!(
            both[0].put(std::slice::from_ref(&event)),
            both[1].put(std::slice::from_ref(&event))
        );
        assert_eq!(one.unwrap() + other.unwrap(), 1);
    }
    while both[0].counts().await.unwrap().done < 100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.iter().for_each(tokio::task::JoinHandle::abort);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 100);
}
