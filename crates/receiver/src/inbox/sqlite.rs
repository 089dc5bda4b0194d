use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Params, Row, params};
use wachats_core::{Error, ErrorKind, Operation, Result};

use super::store::{Claimed, Counts, DeadRow, ReplyState, Store, Ticket, UnknownReply, fault};

/// How long another process may hold the database before a delivery is answered with 503.
const BUSY: Duration = Duration::from_secs(5);
/// After so many statements, some 200 transactions, the log is written back into the database, by the inbox's thread.
const TIDY: u32 = 600;
const VERSION: i64 = 1;

/// `state`: 0 waits, 1 was handled, 2 was given up. While it is claimed, `due_ms` is when the claim ends. Ids are told to
/// the application, so that of what was forgotten must not be another's.
const SCHEMA: &str = "
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    owner INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX event_due ON event (due_ms, id) WHERE state = 0;
CREATE INDEX event_done ON event (due_ms) WHERE state = 1;
CREATE INDEX event_dead ON event (id) WHERE state = 2;
CREATE TABLE reply (
    event INTEGER NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    message_id TEXT,
    PRIMARY KEY (event, number)
) WITHOUT ROWID;
CREATE INDEX reply_unknown ON reply (event) WHERE state = 'unknown';
";

/// Events in a file. Several processes may share it.
pub(super) struct SqliteStore {
    db: Connection,
    full_sync: bool,
    /// What the last transaction was begun as.
    safe: bool,
    /// Statements since the log was written back.
    changes: u32,
}

impl SqliteStore {
    pub(super) fn open(path: &Path, full_sync: bool) -> Result<Self> {
        private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(told)?;
        let mut store = Self { db, full_sync, safe: false, changes: 0 };
        store.prepare()?;
        Ok(store)
    }

    fn prepare(&mut self) -> Result<()> {
        self.db.busy_timeout(BUSY).map_err(told)?;
        self.db.set_prepared_statement_cache_capacity(32);
        // an event touches three pages, and each is written whole to the log: small ones answer sooner
        self.db.pragma_update(None, "page_size", 2048).map_err(told)?;
        let mode: String =
            self.db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(told)?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(fault("the inbox's file can't have a write-ahead log: is it on a network drive?"));
        }
        let sync = if self.full_sync { "FULL" } else { "NORMAL" };
        self.db.pragma_update(None, "synchronous", sync).map_err(told)?;
        // SQLite would do it in the commit that a delivery waits for
        self.db.pragma_update(None, "wal_autocheckpoint", 0).map_err(told)?;
        self.begin(false)?;
        let version: i64 = self.db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(told)?;
        match version {
            VERSION => {}
            0 => self.db.execute_batch(SCHEMA).map_err(told)?,
            _ => return Err(fault("the inbox was written by a newer version of wachats")),
        }
        // also where it is there: see `tidy`
        self.write_version()?;
        self.commit()
    }

    fn write_version(&self) -> Result<()> {
        self.db.pragma_update(None, "user_version", VERSION).map_err(told)
    }

    #[cfg(test)]
    pub(super) fn synchronous(&self) -> i64 {
        self.db.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap_or(-1)
    }

    /// Runs one statement; did it change a row?
    fn change(&mut self, sql: &str, params: impl Params) -> Result<bool> {
        self.changes = self.changes.saturating_add(1);
        let changed = self.db.prepare_cached(sql).and_then(|mut statement| statement.execute(params));
        changed.map(|rows| rows > 0).map_err(told)
    }

    fn one<T>(
        &mut self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.db.prepare_cached(sql).map_err(told)?;
        statement.query_row(params, read).optional().map_err(told)
    }

    fn all<T>(
        &mut self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.db.prepare_cached(sql).map_err(told)?;
        let rows = statement.query_map(params, read).map_err(told)?;
        rows.collect::<rusqlite::Result<_>>().map_err(told)
    }
}

impl Store for SqliteStore {
    fn begin(&mut self, safe: bool) -> Result<()> {
        if safe != self.safe {
            let sync = if safe || self.full_sync { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", sync).map_err(told)?;
            self.safe = safe;
        }
        self.change("BEGIN IMMEDIATE", []).map(drop)
    }

    fn commit(&mut self) -> Result<()> {
        self.change("COMMIT", []).map(drop)
    }

    fn begin_at_once(&mut self) -> bool {
        if self.full_sync || self.db.busy_timeout(Duration::ZERO).is_err() {
            return false;
        }
        let begun = self.begin(false).is_ok();
        let patient = self.db.busy_timeout(BUSY).is_ok();
        if begun && !patient {
            self.rollback();
        }
        begun && patient
    }

    fn untidy(&self) -> bool {
        self.changes >= TIDY
    }

    fn tidy(&mut self) {
        if self.untidy() {
            self.changes = 0;
            // where another process is at it, it is done
            self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).ok();
            // whoever writes next begins the log anew and waits until the disk has its head: not a delivery
            if self.begin_at_once() && self.write_version().and_then(|()| self.commit()).is_err() {
                self.rollback();
            }
        }
    }

    fn rollback(&mut self) {
        // without a transaction there is nothing to undo
        self.db.execute_batch("ROLLBACK").ok();
    }

    fn stands(&self) -> bool {
        !self.db.is_autocommit()
    }

    fn put(&mut self, key: &str, body: &str, now: i64) -> Result<bool> {
        self.change(
            "INSERT INTO event (key, body, received_ms, due_ms) VALUES (?1, ?2, ?3, ?3) ON CONFLICT (key) DO NOTHING",
            params![key, body, now],
        )
    }

    fn claim(&mut self, owner: i64, now: i64, until: i64) -> Result<Option<Claimed>> {
        self.one(
            "UPDATE event SET owner = ?1, due_ms = ?3, attempts = attempts + 1
             WHERE id = (SELECT id FROM event WHERE state = 0 AND due_ms <= ?2 ORDER BY due_ms, id LIMIT 1)
             RETURNING id, attempts, body, received_ms",
            params![owner, now, until],
            |row| {
                let ticket = Ticket { id: row.get(0)?, owner, attempt: row.get(1)? };
                Ok(Claimed { ticket, body: row.get(2)?, received_ms: row.get(3)? })
            },
        )
    }

    fn renew(&mut self, t: Ticket, until: i64) -> Result<bool> {
        self.change(
            "UPDATE event SET due_ms = ?4 WHERE id = ?1 AND state = 0 AND owner = ?2 AND attempts = ?3",
            params![t.id, t.owner, t.attempt, until],
        )
    }

    fn release(&mut self, t: Ticket, now: i64) -> Result<bool> {
        self.change(
            "UPDATE event SET due_ms = ?4, owner = 0, attempts = attempts - 1
             WHERE id = ?1 AND state = 0 AND owner = ?2 AND attempts = ?3",
            params![t.id, t.owner, t.attempt, now],
        )
    }

    fn finish(&mut self, t: Ticket, now: i64) -> Result<bool> {
        self.change(
            "UPDATE event SET state = 1, due_ms = ?4, body = ''
             WHERE id = ?1 AND state = 0 AND owner = ?2 AND attempts = ?3",
            params![t.id, t.owner, t.attempt, now],
        )
    }

    fn again(&mut self, t: Ticket, due: i64, reason: &str) -> Result<bool> {
        self.change(
            "UPDATE event SET due_ms = ?4, owner = 0, reason = ?5
             WHERE id = ?1 AND state = 0 AND owner = ?2 AND attempts = ?3",
            params![t.id, t.owner, t.attempt, due, reason],
        )
    }

    fn bury(&mut self, t: Ticket, reason: &str) -> Result<bool> {
        self.change(
            "UPDATE event SET state = 2, reason = ?4
             WHERE id = ?1 AND state = 0 AND owner = ?2 AND attempts = ?3",
            params![t.id, t.owner, t.attempt, reason],
        )
    }

    fn next_due(&mut self) -> Result<Option<i64>> {
        self.one("SELECT due_ms FROM event WHERE state = 0 ORDER BY due_ms, id LIMIT 1", [], |row| row.get(0))
    }

    fn reply(&mut self, event: i64, number: u32) -> Result<Option<ReplyState>> {
        let sql = "SELECT state, message_id FROM reply WHERE event = ?1 AND number = ?2";
        self.one(sql, params![event, number], |row| {
            Ok(match row.get_ref(0)?.as_str()? {
                "sent" => ReplyState::Sent(row.get(1)?),
                "sending" => ReplyState::Sending,
                _ => ReplyState::Unknown,
            })
        })
    }

    fn set_reply(&mut self, event: i64, number: u32, state: Option<&ReplyState>) -> Result<()> {
        let (word, id) = match state {
            None => {
                let sql = "DELETE FROM reply WHERE event = ?1 AND number = ?2";
                return self.change(sql, params![event, number]).map(drop);
            }
            Some(ReplyState::Sending) => ("sending", None),
            Some(ReplyState::Unknown) => ("unknown", None),
            Some(ReplyState::Sent(id)) => ("sent", id.as_deref()),
        };
        let sql = "INSERT OR REPLACE INTO reply (event, number, state, message_id) VALUES (?1, ?2, ?3, ?4)";
        self.change(sql, params![event, number, word, id]).map(drop)
    }

    fn unknown_replies(&mut self, limit: u32) -> Result<Vec<UnknownReply>> {
        self.all(
            "SELECT reply.event, event.key, reply.number FROM reply JOIN event ON event.id = reply.event
             WHERE reply.state = 'unknown' ORDER BY reply.event LIMIT ?1",
            [limit],
            |row| Ok(UnknownReply { event_id: row.get(0)?, dedupe_key: row.get(1)?, number: row.get(2)? }),
        )
    }

    fn dead(&mut self, limit: u32) -> Result<Vec<DeadRow>> {
        let sql = "SELECT id, body, attempts, reason FROM event WHERE state = 2 ORDER BY id LIMIT ?1";
        self.all(sql, [limit], |row| {
            Ok(DeadRow { id: row.get(0)?, body: row.get(1)?, attempts: row.get(2)?, reason: row.get(3)? })
        })
    }

    fn revive(&mut self, id: i64, now: i64) -> Result<bool> {
        let sql =
            "UPDATE event SET state = 0, due_ms = ?2, owner = 0, attempts = 0 WHERE id = ?1 AND state = 2";
        self.change(sql, params![id, now])
    }

    fn counts(&mut self) -> Result<Counts> {
        let mut counts = Counts::default();
        let sql = "SELECT state, count(*) FROM event GROUP BY state";
        for (state, count) in self.all(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
            let count = u64::try_from(count).unwrap_or(0);
            match state {
                0 => counts.waiting = count,
                1 => counts.done = count,
                _ => counts.dead = count,
            }
        }
        Ok(counts)
    }

    fn prune(&mut self, before: i64, most: usize) -> Result<usize> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let old = "SELECT id FROM event WHERE state = 1 AND due_ms < ?1 ORDER BY due_ms, id LIMIT ?2";
        self.change(&format!("DELETE FROM reply WHERE event IN ({old})"), [before, most])?;
        let mut delete =
            self.db.prepare_cached(&format!("DELETE FROM event WHERE id IN ({old})")).map_err(told)?;
        delete.execute([before, most]).map_err(told)
    }
}

/// The file holds messages: it is made readable by its owner alone, also where it was there before, and so are SQLite's
/// own files beside it, which follow it when they are made.
///
/// None that is there is opened for it: closing it again would end the locks that another inbox of this process holds
/// on it, and with them what keeps other processes from undoing the log.
fn private(path: &Path) -> Result<()> {
    let wrong = |error: std::io::Error| fault(format!("the inbox's file can't be opened: {}", error.kind()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(wrong(error)),
        _ => {}
    }
    #[cfg(unix)]
    for ending in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        restrict_to_owner(Path::new(&file)).map_err(wrong)?;
    }
    Ok(())
}

/// Takes everybody's rights but the owner's, where they have some.
#[cfg(unix)]
fn restrict_to_owner(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(told) = std::fs::metadata(file) else { return Ok(()) };
    let mut permissions = told.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(permissions.mode() & 0o700);
    std::fs::set_permissions(file, permissions)
}

/// By its code alone: texts of SQLite may hold values.
fn told(error: rusqlite::Error) -> Error {
    let kind = ErrorKind::Io;
    let message = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds the inbox".into(),
        Some(ErrorCode::DiskFull) => "the disk is full".into(),
        Some(ErrorCode::NotADatabase) => "the file is no inbox".into(),
        Some(code) => format!("the inbox failed: {code:?}"),
        None => "the inbox failed".to_owned(),
    };
    Error::new(kind, Operation::WebhookEvents).with_message(message)
}
