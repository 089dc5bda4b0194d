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

type Place = (ChatId, MessageKey);

/// Sorts the entries of a window, newest first, and folds them. The raw JSON of a message into which others were
/// folded is the array of all of them, its own first.
pub(crate) fn fold(rows: Vec<Row>) -> Vec<Placed> {
    let rows = sorted(rows);
    let rows = unique(rows);
    let mut owners: HashMap<Place, usize> = HashMap::new();
    let mut edits: HashMap<Place, MessageKey> = HashMap::new();
    for (index, (_, row)) in rows.iter().enumerate() {
        let place = (row.message.chat_id.clone(), row.message.key.clone());
        match &row.about {
            None => drop(owners.insert(place, index)),
            Some(About::Edit(target)) => drop(edits.insert(place, target.clone())),
            Some(_) => {}
        }
    }
    let owner_of = |chat: &ChatId, target: &MessageKey| {
        let mut place = (chat.clone(), target.clone());
        for _ in 0..MAX_CHAIN {
            if let Some(owner) = owners.get(&place) {
                return Some(*owner);
            }
            place.1 = edits.get(&place)?.clone();
        }
        None
    };
    let mut folded: HashMap<usize, Vec<Row>> = HashMap::new();
    let mut kept: Vec<(usize, i64, Row)> = Vec::with_capacity(rows.len());
    for (index, (at, row)) in rows.into_iter().enumerate() {
        let owner = row.about.as_ref().and_then(|about| owner_of(&row.message.chat_id, about.target()));
        match owner {
            Some(owner) => folded.entry(owner).or_default().push(row),
            None => kept.push((index, at, row)),
        }
    }
    kept.into_iter()
        .map(|(index, at, row)| {
            let mut message = row.message;
            if let Some(changes) = folded.remove(&index) {
                apply(&mut message, changes);
            }
            Placed { at, message }
        })
        .collect()
}

/// Newest first. The order given is kept within a second, and by rows without a time.
fn sorted(rows: Vec<Row>) -> Vec<(i64, Row)> {
    let mut last = rows.iter().find_map(|row| row.message.sent_at).map_or(0, |at| at.timestamp());
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            last = row.message.sent_at.map_or(last, |at| at.timestamp());
            (last, row)
        })
        .collect();
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows
}

/// A message that came undecrypted may come again under the same id: the readable one stays, else the newer.
fn unique(rows: Vec<(i64, Row)>) -> Vec<(i64, Row)> {
    let place = |row: &Row| (row.message.chat_id.clone(), row.message.key.clone(), row.message.from_me);
    let mut seen = HashSet::with_capacity(rows.len());
    if rows.iter().all(|(_, row)| seen.insert(place(row))) {
        return rows;
    }
    let readable: HashSet<_> =
        rows.iter().filter(|(_, row)| !row.marked).map(|(_, row)| place(row)).collect();
    seen.clear();
    let stays = |row: &Row| !row.marked || !readable.contains(&place(row));
    rows.into_iter().filter(|(_, row)| stays(row) && seen.insert(place(row))).collect()
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
