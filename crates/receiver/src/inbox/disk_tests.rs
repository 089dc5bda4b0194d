use super::tests::{Folder, event, quick};
use super::*;

#[test]
fn what_must_outlive_a_power_cut_waits_for_the_disk() {
    let folder = Folder::new();
    for full in [false, true] {
        let mut store = sqlite::SqliteStore::open(&folder.file(), full).unwrap();
        for (safe, level) in [(false, if full { 2 } else { 1 }), (true, 2), (false, if full { 2 } else { 1 })]
        {
            store.begin(safe).unwrap();
            assert_eq!(store.synchronous(), level, "{full} {safe}");
            store.commit().unwrap();
        }
    }
}

/// As on a full disk: SQLite ends the transaction by itself, and what follows would be committed by itself.
#[tokio::test]
async fn after_a_transaction_that_broke_nothing_of_its_batch_is_kept() {
    let folder = Folder::new();
    let inbox = Inbox::open_with(folder.file(), quick()).unwrap();
    let worker = inbox.worker();
    let busy = worker.run(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    });
    let breaks = worker.run::<()>(|store| {
        store.rollback();
        Err(fault("the disk is full"))
    });
    let events = [event("a")];
    let (busy, broken, put) = tokio::join!(busy, breaks, inbox.put(&events));
    assert!(busy.is_err() && broken.is_err() && put.is_err());
    assert_eq!(inbox.counts().await.unwrap().waiting, 0);
    assert_eq!(inbox.put(&events).await.unwrap(), 1, "it comes again");
}

#[tokio::test]
async fn forgetting_keeps_up_and_takes_the_answers_along() {
    let folder = Folder::new();
    for inbox in [Inbox::in_memory_with(quick()), Inbox::open_with(folder.file(), quick()).unwrap()] {
        let long_ago = inbox.worker().run(|store| {
            for n in 0..10_600 {
                store.put(&n.to_string(), "", 1)?;
                let ticket = store.claim(7, 1, 1)?.map(|claimed| claimed.ticket);
                let ticket = ticket.ok_or_else(|| fault("none"))?;
                store.set_reply(ticket.id, 0, Some(&ReplyState::Unknown))?;
                store.finish(ticket, 2)?;
            }
            Ok(())
        });
        long_ago.await.unwrap();
        inbox.put(&[event("young")]).await.unwrap();
        inbox.next().await.unwrap().ack().await.unwrap();
        let all = async {
            while inbox.counts().await.unwrap().done > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all).await.expect("all are forgotten");
        let left = |store: &mut dyn Store| {
            (1..=10_600).try_fold(0, |n, id| Ok(n + usize::from(store.reply(id, 0)?.is_some())))
        };
        assert_eq!(inbox.worker().run(left).await.unwrap(), 0);
        assert_eq!(inbox.put(&[event("young")]).await.unwrap(), 0);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_there_becomes_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let open = |mode: u32, path: &std::path::Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    std::fs::write(folder.file(), "").unwrap();
    open(0o644, &folder.file());
    let inbox = Inbox::open(folder.file()).unwrap();
    inbox.put(&[event("a")]).await.unwrap();
    let files = || std::fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>();
    let private = |path: &std::path::PathBuf| path.metadata().unwrap().permissions().mode() & 0o077 == 0;
    assert!(files().len() == 3 && files().iter().all(private));
    // the log of a process that died, from before
    files().iter().for_each(|path| open(0o664, path));
    let again = Inbox::open(folder.file()).unwrap();
    assert!(files().iter().all(private));
    drop((inbox, again));
}

/// Closing any handle of a file ends the locks that its process holds on it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn opening_an_inbox_twice_ends_no_locks() {
    use std::os::unix::fs::MetadataExt;
    let folder = Folder::new();
    let inbox = Inbox::open(folder.file()).unwrap();
    inbox.put(&[event("a")]).await.unwrap();
    let place = format!(":{} ", folder.file().metadata().unwrap().ino());
    let locks = || {
        let all = std::fs::read_to_string("/proc/locks").unwrap();
        all.lines().filter(|line| line.contains(&place)).count()
    };
    let before = locks();
    assert!(before > 0, "an open inbox is locked against being taken apart");
    let second = Inbox::open(folder.file()).unwrap();
    assert!(locks() >= before);
    drop((inbox, second));
}

#[test]
fn a_damaged_file_is_an_error_and_no_end() {
    let folder = Folder::new();
    let mut store = sqlite::SqliteStore::open(&folder.file(), false).unwrap();
    store.begin(false).unwrap();
    for n in 0..2_000 {
        store.put(&format!("key {n}"), &"x".repeat(200), n).unwrap();
    }
    store.commit().unwrap();
    drop(store);
    let mut bytes = std::fs::read(folder.file()).unwrap();
    let from = 4 * 2048;
    bytes[from..].fill(0xa5);
    std::fs::write(folder.file(), bytes).unwrap();
    let mut store = sqlite::SqliteStore::open(&folder.file(), false).unwrap();
    store.begin(false).unwrap();
    let error = store.put("key 1", "y", 1).and_then(|_| store.claim(1, 5_000, 6_000).map(drop)).unwrap_err();
    assert_eq!(error.kind(), wachats_core::ErrorKind::Io);
    assert!(!error.to_string().contains("key"), "{error}");
    store.rollback();
}

/// What can be kept at once is kept on the caller's thread; where another process is at it, only the inbox's own waits.
#[tokio::test]
async fn another_process_that_writes_holds_up_no_runtime() {
    let folder = Folder::new();
    let inbox = Inbox::open_with(folder.file(), quick()).unwrap();
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let put = tokio::spawn({
        let inbox = inbox.clone();
        async move { inbox.put(&[event("a")]).await }
    });
    let began = std::time::Instant::now();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(began.elapsed() < Duration::from_secs(2) && !put.is_finished());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(put.await.unwrap().unwrap(), 1);
}

/// Nobody handles, so nobody asks the inbox's thread for anything.
#[tokio::test]
async fn the_log_is_written_back_also_where_deliveries_only_come_in() {
    let folder = Folder::new();
    let inbox = Inbox::open_with(folder.file(), quick()).unwrap();
    for n in 0..3_000 {
        inbox.put(&[event(&n.to_string())]).await.unwrap();
    }
    let log = folder.0.join("events.db-wal").metadata().unwrap().len();
    assert!(log < 10 << 20, "{log} bytes");
    assert_eq!(inbox.counts().await.unwrap().waiting, 3_000);
}

/// Whoever writes first into a log begins it anew, and waits until the disk has its head.
#[test]
fn no_delivery_begins_the_log() {
    let folder = Folder::new();
    let mut store = sqlite::SqliteStore::open(&folder.file(), false).unwrap();
    let log = folder.0.join("events.db-wal");
    let head = || std::fs::read(&log).unwrap()[..32].to_vec();
    let mut n = 0;
    let mut put_at_once = |store: &mut sqlite::SqliteStore| {
        n += 1;
        assert!(store.begin_at_once());
        store.put(&n.to_string(), "", n).unwrap();
        store.commit().unwrap();
    };
    for _ in 0..2 {
        let begun = head();
        while !store.untidy() {
            put_at_once(&mut store);
        }
        assert!(head() == begun);
        store.tidy();
        let anew = head();
        assert!(anew != begun, "the log was written back and begun anew");
        put_at_once(&mut store);
        assert!(head() == anew, "by the inbox's thread");
    }
    // the last to close it takes the log away
    drop(store);
    let mut store = sqlite::SqliteStore::open(&folder.file(), false).unwrap();
    let begun = head();
    put_at_once(&mut store);
    assert!(head() == begun, "also where the file was there");
}

/// What was asked for first is done first.
#[tokio::test]
async fn what_is_kept_at_once_overtakes_nothing() {
    let folder = Folder::new();
    let inbox = Inbox::open_with(folder.file(), quick()).unwrap();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = |name: &'static str| {
        let order = Arc::clone(&order);
        move |_: &mut dyn Store| {
            std::thread::sleep(Duration::from_millis(5));
            order.lock().unwrap().push(name);
            Ok(true)
        }
    };
    inbox.worker().post(log("first"));
    inbox.worker().run_here(log("second")).await.unwrap();
    inbox.worker().run_here(log("third")).await.unwrap();
    assert_eq!(*order.lock().unwrap(), ["first", "second", "third"]);
}
