//! What happened while the websocket was down, as far as the messages sent since then tell it: that they came, how
//! far own ones got, that they were edited, deleted (where the engine still lists them) and reacted to. The rest is
//! lost: what happened to older messages, reactions that were taken back, and what concerns no message.

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use serde_json::Value;
use tokio::sync::mpsc;
use wachats_core::delivery::Fields;
use wachats_core::{Ack, Capability, Chats, Error, ErrorKind, Event, Message, Operation, Result, Support};

use super::Waha;
use crate::event::of_message;

/// What is read again although it was told before: messages arrive late, and clocks differ.
pub(super) const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// The most messages that are read of one gap.
const MOST: usize = 10_000;
/// The event for a message's ack is told by what level on: what lies below tells nothing new.
const ACKED: Ack = Ack::Device;

/// Reads the messages since a time and tells them, the oldest first.
pub(super) async fn run(waha: Waha, since: DateTime<Utc>, raw: bool, told: mpsc::Sender<Result<Event>>) {
    let (gateway, session) = (waha.dialect.gateway.clone(), waha.session().to_owned());
    // when a message was edited is nowhere else
    let chats = Chats::new(waha).raw(true);
    let missed = match read(&chats, since, raw).await {
        Ok(missed) => missed,
        Err(error) => {
            let error = Error::new(error.kind(), Operation::PollEvents)
                .with_gateway(gateway)
                .with_message("what happened while the websocket was down could not be read");
            // nobody listens any more
            let _ = told.send(Err(error)).await;
            return;
        }
    };
    let me = missed.account;
    for Row { message, edited_at } in missed.rows {
        for event in of_message(&gateway, &session, me.as_ref(), message, &ACKED, edited_at) {
            if told.send(Ok(event)).await.is_err() {
                return;
            }
        }
    }
    if missed.cut {
        let error = Error::new(ErrorKind::TooLarge, Operation::PollEvents)
            .with_gateway(gateway)
            .with_message(format!(
                "more than {MOST} messages came while the websocket was down: older ones are not told"
            ));
        let _ = told.send(Err(error)).await;
    }
}

/// Whether the gap is worth reading again after a pause.
pub(super) fn may_pass(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(
        error.kind(),
        K::Network
            | K::Timeout
            | K::Unavailable
            | K::ServerFault
            | K::RateLimited
            | K::SessionNotReady
            | K::Decode
            | K::NotAGateway
    )
}

struct Missed {
    account: Option<wachats_core::ChatId>,
    rows: Vec<Row>,
    cut: bool,
}

struct Row {
    message: Message,
    /// When it was edited last, where the engine says so (WEBJS, WPP).
    edited_at: Option<DateTime<Utc>>,
}

impl Row {
    /// The raw JSON goes unless it was asked for: it holds the whole page in memory.
    fn new(mut message: Message, keep_raw: bool) -> Self {
        let edited_at = if message.edited == Some(true) { edited_at(&message) } else { None };
        if !keep_raw {
            message.raw = None;
        }
        Self { message, edited_at }
    }
}

fn edited_at(message: &Message) -> Option<DateTime<Utc>> {
    let row: Value = serde_json::from_str(message.raw.as_ref()?.get()).ok()?;
    row.inner("_data").millis("latestEditSenderTimestampMs")
}

async fn read(chats: &Chats, since: DateTime<Utc>, raw: bool) -> Result<Missed> {
    let account = chats.status().await?.account_id;
    let mut rows = Vec::new();
    let whole = match of_all(chats, since, raw, &mut rows).await {
        Ok(()) => Ok(()),
        // the engine has no list of all messages
        Err(error) if error.kind() == ErrorKind::Unsupported => of_each(chats, since, raw, &mut rows).await,
        Err(error) => Err(error),
    };
    let cut = rows.len() >= MOST;
    whole?;
    rows.sort_by_key(|row| row.message.sent_at);
    Ok(Missed { account, rows, cut })
}

async fn of_all(chats: &Chats, since: DateTime<Utc>, raw: bool, rows: &mut Vec<Row>) -> Result<()> {
    let known = chats.capabilities().await?;
    if known.support(Capability::AllMessages) == Support::No {
        return Err(Error::new(ErrorKind::Unsupported, Operation::ListMessages));
    }
    let limit = u64::try_from(MOST).unwrap_or(u64::MAX);
    let mut list = chats.messages().since(since).limit(limit).stream();
    while let Some(message) = list.try_next().await? {
        rows.push(Row::new(message, raw));
    }
    Ok(())
}

/// The chats that were active since then, the last active first, and the messages of each.
async fn of_each(chats: &Chats, since: DateTime<Utc>, raw: bool, rows: &mut Vec<Row>) -> Result<()> {
    rows.clear();
    let mut list = chats.list().stream();
    while let Some(chat) = list.try_next().await? {
        match chat.last_message_at {
            Some(at) if at < since => break,
            Some(_) => {}
            None => continue,
        }
        let left = MOST.saturating_sub(rows.len());
        if left == 0 {
            break;
        }
        let limit = u64::try_from(left).unwrap_or(u64::MAX);
        let mut list = chats.chat(chat.id)?.messages().since(since).limit(limit).stream();
        while let Some(message) = list.try_next().await? {
            rows.push(Row::new(message, raw));
        }
    }
    Ok(())
}
