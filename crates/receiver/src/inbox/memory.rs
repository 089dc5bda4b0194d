use std::collections::{BTreeMap, BTreeSet, HashMap};

use wachats_core::Result;

use super::store::{Claimed, Counts, DeadRow, ReplyState, Store, Ticket, UnknownReply, fault};

/// More events than this may not wait: the gateway is asked to come again.
const MOST_WAITING: usize = 100_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Done,
    Dead,
}

struct Row {
    key: String,
    body: String,
    received_ms: i64,
    due_ms: i64,
    owner: i64,
    attempts: u32,
    state: State,
    reason: String,
}

/// Events in memory: gone with the process.
#[derive(Default)]
pub(super) struct MemoryStore {
    rows: BTreeMap<i64, Row>,
    keys: HashMap<String, i64>,
    /// Those that wait, by when they are due.
    due: BTreeSet<(i64, i64)>,
    /// Those that were handled, by when.
    done: BTreeSet<(i64, i64)>,
    dead: BTreeSet<i64>,
    replies: BTreeMap<(i64, u32), ReplyState>,
    last: i64,
}

impl MemoryStore {
    /// Changes a row whose claim is held.
    fn held(&mut self, ticket: Ticket, change: impl FnOnce(&mut Row)) -> bool {
        let Some(row) = self.rows.get_mut(&ticket.id) else { return false };
        let held = row.state == State::Waiting && row.owner == ticket.owner && row.attempts == ticket.attempt;
        if held {
            self.due.remove(&(row.due_ms, ticket.id));
            change(row);
            match row.state {
                State::Waiting => self.due.insert((row.due_ms, ticket.id)),
                State::Done => self.done.insert((row.due_ms, ticket.id)),
                State::Dead => self.dead.insert(ticket.id),
            };
        }
        held
    }
}

impl Store for MemoryStore {
    fn begin(&mut self, _: bool) -> Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        Ok(())
    }

    fn begin_at_once(&mut self) -> bool {
        true
    }

    fn rollback(&mut self) {}

    fn untidy(&self) -> bool {
        false
    }

    fn tidy(&mut self) {}

    fn stands(&self) -> bool {
        true
    }

    fn put(&mut self, key: &str, body: &str, now: i64) -> Result<bool> {
        if self.keys.contains_key(key) {
            return Ok(false);
        }
        if self.due.len() >= MOST_WAITING {
            return Err(fault("the inbox in memory is full"));
        }
        self.last += 1;
        self.keys.insert(key.to_owned(), self.last);
        self.due.insert((now, self.last));
        let row = Row {
            key: key.to_owned(),
            body: body.to_owned(),
            received_ms: now,
            due_ms: now,
            owner: 0,
            attempts: 0,
            state: State::Waiting,
            reason: String::new(),
        };
        self.rows.insert(self.last, row);
        Ok(true)
    }

    fn claim(&mut self, owner: i64, now: i64, until: i64) -> Result<Option<Claimed>> {
        let Some(&(due, id)) = self.due.first().filter(|(due, _)| *due <= now) else { return Ok(None) };
        let Some(row) = self.rows.get_mut(&id) else { return Ok(None) };
        self.due.remove(&(due, id));
        self.due.insert((until, id));
        (row.due_ms, row.owner, row.attempts) = (until, owner, row.attempts + 1);
        let ticket = Ticket { id, owner, attempt: row.attempts };
        Ok(Some(Claimed { ticket, body: row.body.clone(), received_ms: row.received_ms }))
    }

    fn renew(&mut self, ticket: Ticket, until: i64) -> Result<bool> {
        Ok(self.held(ticket, |row| row.due_ms = until))
    }

    fn release(&mut self, ticket: Ticket, now: i64) -> Result<bool> {
        Ok(self.held(ticket, |row| {
            (row.due_ms, row.owner, row.attempts) = (now, 0, row.attempts.saturating_sub(1));
        }))
    }

    fn finish(&mut self, ticket: Ticket, now: i64) -> Result<bool> {
        Ok(self.held(ticket, |row| {
            (row.state, row.due_ms, row.body) = (State::Done, now, String::new());
        }))
    }

    fn again(&mut self, ticket: Ticket, due: i64, reason: &str) -> Result<bool> {
        Ok(self.held(ticket, |row| (row.due_ms, row.owner, row.reason) = (due, 0, reason.to_owned())))
    }

    fn bury(&mut self, ticket: Ticket, reason: &str) -> Result<bool> {
        Ok(self.held(ticket, |row| (row.state, row.reason) = (State::Dead, reason.to_owned())))
    }

    fn next_due(&mut self) -> Result<Option<i64>> {
        Ok(self.due.first().map(|(due, _)| *due))
    }

    fn reply(&mut self, event: i64, number: u32) -> Result<Option<ReplyState>> {
        Ok(self.replies.get(&(event, number)).cloned())
    }

    fn set_reply(&mut self, event: i64, number: u32, state: Option<&ReplyState>) -> Result<()> {
        match state {
            Some(state) => self.replies.insert((event, number), state.clone()),
            None => self.replies.remove(&(event, number)),
        };
        Ok(())
    }

    fn unknown_replies(&mut self, limit: u32) -> Result<Vec<UnknownReply>> {
        let unknown = self.replies.iter().filter(|(_, state)| **state == ReplyState::Unknown);
        let told = unknown.filter_map(|(&(event_id, number), _)| {
            let dedupe_key = self.rows.get(&event_id)?.key.clone();
            Some(UnknownReply { event_id, dedupe_key, number })
        });
        Ok(told.take(limit as usize).collect())
    }

    fn dead(&mut self, limit: u32) -> Result<Vec<DeadRow>> {
        let rows = self.dead.iter().filter_map(|id| {
            let row = self.rows.get(id)?;
            Some(DeadRow {
                id: *id,
                body: row.body.clone(),
                attempts: row.attempts,
                reason: row.reason.clone(),
            })
        });
        Ok(rows.take(limit as usize).collect())
    }

    fn revive(&mut self, id: i64, now: i64) -> Result<bool> {
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.state == State::Dead) else {
            return Ok(false);
        };
        (row.state, row.due_ms, row.owner, row.attempts) = (State::Waiting, now, 0, 0);
        self.dead.remove(&id);
        self.due.insert((now, id));
        Ok(true)
    }

    fn counts(&mut self) -> Result<Counts> {
        let count = |n: usize| n as u64;
        Ok(Counts {
            waiting: count(self.due.len()),
            done: count(self.done.len()),
            dead: count(self.dead.len()),
        })
    }

    fn prune(&mut self, before: i64, most: usize) -> Result<usize> {
        for pruned in 0..most {
            let Some(&(at, id)) = self.done.first().filter(|(at, _)| *at < before) else { return Ok(pruned) };
            self.done.remove(&(at, id));
            if let Some(row) = self.rows.remove(&id) {
                self.keys.remove(&row.key);
            }
            let replies = self.replies.range((id, 0)..=(id, u32::MAX)).map(|(key, _)| *key);
            for key in replies.collect::<Vec<_>>() {
                self.replies.remove(&key);
            }
        }
        Ok(most)
    }
}
