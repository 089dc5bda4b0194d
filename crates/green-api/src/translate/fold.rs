//! Reactions, edits and deletions are entries of their own in the journal. Those whose message is in the window
//! are put into it and leave the list; the others stay.

use std::collections::{HashMap, HashSet};

use wachats_core::{ChatId, Message, MessageKey, RawJson, Reaction};

use super::message::{About, Row, empty};

/// An edit may be of an edit; chains longer than any real one are not followed.
const MAX_CHAIN: usize = 64;

/// A message and the second by which it has its place: its own or, where that is unknown, its neighbour's.
pub(crate) struct Placed {
    /// In unix seconds.
    pub(crate) at: i64,
    /// The message.
    pub(crate) message: Message,
}

/// Sorts the entries of a window, newest first, and folds them. The raw JSON of a message into which others were
/// folded is the array of all of them, its own first.
pub(crate) fn fold(rows: Vec<Row>) -> Vec<Placed> {
    let rows = unique(sorted(rows));
    if rows.iter().all(|row| row.about.is_none()) {
        return rows.into_iter().map(Placed::from).collect();
    }
    let owners = owners(&rows);
    let mut kept: Vec<Placed> = Vec::with_capacity(rows.len());
    let mut places = Vec::with_capacity(rows.len());
    let mut folded: HashMap<usize, Vec<Row>> = HashMap::new();
    for (row, owner) in rows.into_iter().zip(owners) {
        places.push(kept.len());
        match owner {
            Some(owner) => folded.entry(owner).or_default().push(row),
            None => kept.push(row.into()),
        }
    }
    for (owner, changes) in folded {
        if let Some(placed) = places.get(owner).and_then(|place| kept.get_mut(*place)) {
            apply(&mut placed.message, changes);
        }
    }
    kept
}

impl From<Row> for Placed {
    fn from(row: Row) -> Self {
        Self { at: row.at, message: row.message }
    }
}

/// Newest first. The order given is kept within a second, and by rows without a time: they take their
/// neighbour's.
fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    let mut last = rows.iter().find_map(|row| row.message.sent_at).map_or(0, |at| at.timestamp());
    for row in &mut rows {
        last = row.message.sent_at.map_or(last, |at| at.timestamp());
        row.at = last;
    }
    if !rows.is_sorted_by(|newer, older| newer.at >= older.at) {
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    }
    rows
}

/// A message that came undecrypted may come again under the same id: the readable one stays, else the newer.
fn unique(rows: Vec<Row>) -> Vec<Row> {
    let place = |row: &Row| (row.message.chat_id.clone(), row.message.key.clone(), row.message.from_me);
    let mut seen = HashSet::with_capacity(rows.len());
    if rows.iter().all(|row| seen.insert((&row.message.chat_id, &row.message.key, row.message.from_me))) {
        return rows;
    }
    let readable: HashSet<_> = rows.iter().filter(|row| !row.marked).map(place).collect();
    let stays = |row: &Row| !row.marked || !readable.contains(&place(row));
    let mut seen = HashSet::with_capacity(rows.len());
    rows.into_iter().filter(|row| stays(row) && seen.insert(place(row))).collect()
}

/// Of each entry that is about another one of the window, where that stands.
fn owners(rows: &[Row]) -> Vec<Option<usize>> {
    let mut owners: HashMap<(&ChatId, &MessageKey), usize> = HashMap::with_capacity(rows.len());
    let mut edits: HashMap<(&ChatId, &MessageKey), &MessageKey> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let place = (&row.message.chat_id, &row.message.key);
        match &row.about {
            None => drop(owners.insert(place, index)),
            Some(About::Edit(target)) => drop(edits.insert(place, target)),
            Some(_) => {}
        }
    }
    let owner_of = |row: &Row| {
        let mut place = (&row.message.chat_id, row.about.as_ref()?.target());
        for _ in 0..MAX_CHAIN {
            if let Some(owner) = owners.get(&place) {
                return Some(*owner);
            }
            place.1 = edits.get(&place)?;
        }
        None
    };
    rows.iter().map(owner_of).collect()
}

/// Puts the entries about a message, newest first, into it, oldest first.
fn apply(message: &mut Message, changes: Vec<Row>) {
    let mut raws = vec![message.raw.take()];
    for change in changes.into_iter().rev() {
        let mut entry = change.message;
        raws.push(entry.raw.take());
        match change.about {
            Some(About::Reaction(_)) => react(message, entry),
            Some(About::Edit(_)) if message.revoked != Some(true) => {
                message.text = entry.text.take();
                message.edited = Some(true);
            }
            Some(About::Edit(_)) => message.edited = Some(true),
            Some(About::Deletion(_)) => empty(message),
            None => {}
        }
    }
    let raws: Vec<RawJson> = raws.into_iter().flatten().collect();
    if !raws.is_empty() {
        let all: Vec<&str> = raws.iter().map(RawJson::get).collect();
        message.raw = Some(RawJson::new(format!("[{}]", all.join(",")).into_bytes()));
    }
}

/// One reaction a person; a newer one takes its place, an empty one takes it away.
fn react(message: &mut Message, entry: Message) {
    let reactions = message.reactions.get_or_insert_default();
    reactions.retain(|old| {
        let own = old.from_me == Some(true);
        own != entry.from_me || (!own && old.sender_id != entry.sender_id)
    });
    if let Some(emoji) = entry.text {
        let mut reaction = Reaction::new(emoji);
        reaction.sender_id = entry.sender_id;
        reaction.from_me = Some(entry.from_me);
        reaction.at = entry.sent_at;
        reactions.push(reaction);
    }
}
