//! How events are printed.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use wachats::{Event, EventKind};

use super::rows::{Row, content, time};
use super::table::Column;
use super::terminal::{columns, cut, plain, width};
use crate::failure::Run;

/// Every key that an event of some kind has, in the order in which CSV shows them.
const KEYS: [&str; 31] = [
    "event",
    "gateway",
    "account_id",
    "at",
    "dedupe_key",
    "chat_id",
    "message",
    "message_key",
    "message_from_me",
    "ack",
    "text",
    "emoji",
    "sender_id",
    "archived",
    "presence",
    "last_seen_at",
    "action",
    "participant_ids",
    "by_id",
    "call_id",
    "is_video",
    "is_group",
    "label_id",
    "label_name",
    "state",
    "voter_id",
    "options",
    "method",
    "used",
    "total",
    "raw",
];

/// An event, or the sample that has every key.
pub(crate) enum Told {
    Event(Box<Event>),
    Sample,
}

impl From<Event> for Told {
    fn from(event: Event) -> Self {
        Self::Event(Box::new(event))
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Event(event) => event.serialize(serializer),
            Self::Sample => {
                let mut map = serializer.serialize_map(Some(KEYS.len()))?;
                for key in KEYS {
                    map.serialize_entry(key, &())?;
                }
                map.end()
            }
        }
    }
}

impl Told {
    /// The event in one line, as wide as the terminal.
    pub(crate) fn line(&self) -> String {
        let cells = self.cells();
        let mut line = String::new();
        for (cell, cells) in cells.iter().zip([19, 16, 26, usize::MAX]) {
            let cells = cells.min(columns().saturating_sub(width(&line)).max(16));
            let cell = cut(cell, cells);
            line += &cell;
            line.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&cell)).min(40)));
            line.push_str("  ");
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    }
}

impl Row for Told {
    const COLUMNS: &'static [Column] = &[
        Column::optional("AT (UTC)"),
        Column::new("EVENT"),
        Column::optional("CHAT"),
        Column::flexible("WHAT"),
    ];

    fn sample() -> Run<Self> {
        Ok(Self::Sample)
    }

    fn has_raw(&self) -> bool {
        match self {
            // it is written in any case
            Self::Event(event) => event.raw.is_some() || event.kind == EventKind::Unknown,
            Self::Sample => true,
        }
    }

    fn cells(&self) -> Vec<String> {
        let Self::Event(event) = self else { return vec![String::new(); 4] };
        let chat = event.chat_id.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![time(event.at), event.name().to_owned(), chat, plain(&what(event))]
    }
}

fn what(event: &Event) -> String {
    use EventKind as K;
    let some = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let id = |id: &Option<wachats::ChatId>| id.as_ref().map(ToString::to_string).unwrap_or_default();
    match &event.kind {
        K::MessageReceived { message } | K::MessageSent { message } => {
            let who = message.sender_name.as_deref().filter(|_| !message.from_me);
            let who = who.map(|name| format!("{name}: ")).unwrap_or_default();
            let kind = format!("[{}] ", message.kind);
            format!("{who}{}{}", if message.text.is_some() { "" } else { kind.as_str() }, content(message))
        }
        K::MessageAck { message_key, ack, .. } => format!("{message_key} {ack}"),
        K::MessageEdited { message_key, text, .. } => format!("{message_key} {}", some(text.as_deref())),
        K::MessageDeleted { message_key, .. } => message_key.to_string(),
        K::Reaction { message_key, emoji, .. } => {
            format!("{message_key} {}", emoji.as_deref().unwrap_or("(taken back)"))
        }
        K::ChatArchived { archived } => {
            if *archived { "archived" } else { "taken out of the archive" }.to_owned()
        }
        K::Presence { sender_id, presence, .. } => format!("{} {presence}", id(sender_id)),
        K::GroupChanged { action, participant_ids, .. } => {
            let who: Vec<String> = participant_ids.iter().map(ToString::to_string).collect();
            format!("{action} {}", who.join(" "))
        }
        K::Call { call_id, action, .. } => format!("{call_id} {action}"),
        K::Label { label_id, label_name, action } => {
            format!("{action} {}", label_name.as_deref().unwrap_or(label_id))
        }
        K::SessionState { state } => state.to_string(),
        K::PollVote { message_key, options, .. } => format!("{message_key} {}", options.join(", ")),
        K::Quota { method, used, total } => {
            let count = |n: &Option<u64>| n.map(|n| n.to_string()).unwrap_or_else(|| "?".to_owned());
            format!("{method} {} of {}", count(used), count(total))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_has_every_key() {
        let keys = wachats::csv::fields(&Told::Sample).unwrap();
        assert_eq!(keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), KEYS);
        let body = br#"{"event":"call.received","session":"default","payload":{"id":"C1","from":"5511911111111@c.us",
            "timestamp":1760000000,"isVideo":true,"isGroup":false}}"#;
        for event in wachats::waha::event::decode(body).unwrap() {
            let event = Told::from(event);
            for (key, _) in wachats::csv::fields(&event).unwrap() {
                assert!(KEYS.contains(&key.as_str()), "{key}");
            }
            assert!(
                event.line().contains("call") && event.line().ends_with("C1 offer\n"),
                "{}",
                event.line()
            );
        }
    }
}
