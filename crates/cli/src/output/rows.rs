//! How chats and messages stand in tables.

use chrono::{DateTime, Utc};
use serde::Serialize;
use wachats::{Chat, ChatId, Message, MessageKey, MessageKind};

use super::table::Column;
use super::terminal::{cut, plain};
use crate::failure::Run;

/// An item of a list.
pub(crate) trait Row: Serialize + Sized {
    const COLUMNS: &'static [Column];
    /// Any one: its keys are the columns of CSV.
    fn sample() -> Run<Self>;
    fn has_raw(&self) -> bool;
    fn cells(&self) -> Vec<String>;
}

impl Row for Chat {
    const COLUMNS: &'static [Column] = &[
        Column::optional("LAST ACTIVE (UTC)"),
        Column::new("ID"),
        Column::optional("UNREAD"),
        Column::optional("FLAGS"),
        Column::optional("PICTURE"),
        Column::new("NAME"),
        Column::flexible("LAST MESSAGE"),
    ];

    fn sample() -> Run<Self> {
        Ok(Self::new(sample_id()?))
    }

    fn has_raw(&self) -> bool {
        self.raw.is_some()
    }

    fn cells(&self) -> Vec<String> {
        let unread = match (self.unread_count, self.marked_unread) {
            (_, Some(true)) => "marked".to_owned(),
            (Some(0) | None, _) => String::new(),
            (Some(count), _) => count.to_string(),
        };
        let flags = [(self.archived, "archived"), (self.pinned, "pinned"), (self.muted, "muted")];
        let flags: Vec<_> =
            flags.iter().filter(|(set, _)| *set == Some(true)).map(|(_, word)| *word).collect();
        let last = self.last_message.as_deref().map(|last| {
            let who = if last.from_me { "me: " } else { "" };
            let kind = match last.kind {
                MessageKind::Text => String::new(),
                _ => format!("[{}] ", plain(last.kind.as_str())),
            };
            format!("{who}{kind}{}", content(last))
        });
        vec![
            time(self.last_message_at),
            self.id.to_string(),
            unread,
            flags.join(" "),
            if self.picture_url.is_some() { "yes".to_owned() } else { String::new() },
            cut(&self.name.as_deref().map(plain).unwrap_or_default(), 28),
            last.unwrap_or_default(),
        ]
    }
}

impl Row for Message {
    const COLUMNS: &'static [Column] = &[
        Column::new("SENT (UTC)"),
        Column::varying("CHAT"),
        Column::new("FROM"),
        Column::new("KIND"),
        Column::optional("ACK"),
        Column::new("KEY"),
        Column::flexible("TEXT"),
    ];

    fn sample() -> Run<Self> {
        let key: MessageKey = "0".parse().map_err(wachats::Error::from)?;
        Ok(Self::new(sample_id()?, key, false))
    }

    fn has_raw(&self) -> bool {
        self.raw.is_some()
    }

    fn cells(&self) -> Vec<String> {
        let sender = || {
            let id = self.sender_id.as_ref().map(|id| id.user().to_owned());
            self.sender_name.as_deref().map(plain).filter(|name| !name.is_empty()).or(id).unwrap_or_default()
        };
        vec![
            time(self.sent_at),
            self.chat_id.to_string(),
            if self.from_me { "me".to_owned() } else { cut(&sender(), 20) },
            plain(self.kind.as_str()),
            self.ack.as_ref().map(|ack| plain(ack.as_str())).unwrap_or_default(),
            self.key.to_string(),
            content(self),
        ]
    }
}

/// What a message says, in one line: its text, or what it holds instead.
pub(super) fn content(message: &Message) -> String {
    let media = message.media.as_ref().and_then(|media| media.file_name.as_deref());
    let place = message.location.as_ref();
    let place = place.map(|place| match &place.name {
        Some(name) => name.clone(),
        None => format!("{:.5}, {:.5}", place.latitude, place.longitude),
    });
    let cards = message.contacts.as_deref().filter(|cards| !cards.is_empty());
    let cards = cards
        .map(|cards| cards.iter().filter_map(|card| card.name.as_deref()).collect::<Vec<_>>().join(", "));
    let parts = [media.map(|media| format!("[{media}]")), place, cards, message.text.clone()];
    let mut text = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if message.edited == Some(true) {
        text += " (edited)";
    }
    for reaction in message.reactions.iter().flatten() {
        text += " ";
        text += &reaction.emoji;
    }
    plain(&text)
}

pub(super) fn time(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

pub(super) fn sample_id() -> Run<ChatId> {
    Ok("10000@c.us".parse::<ChatId>().map_err(wachats::Error::from)?)
}
