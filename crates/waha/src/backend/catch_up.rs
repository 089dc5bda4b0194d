//! What happened while the websocket was down, as far as the messages sent since then tell it: that they came, how
//! far own ones got, that they were edited, deleted (where the engine still lists them) and reacted to. The rest is
//! lost: what happened to older messages, reactions that were taken back, and what concerns no message.

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use tokio::sync::mpsc;
use wachats_core::{Ack, Capability, Chats, Error, ErrorKind, Event, Message, Operation, Result, Support};

use super::Waha;
use crate::event::of_message;

/// What is read again although it was told before: messages arrive late, and clocks differ.
pub(super) const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// The most messages that are read of one gap.
const MOST: usize = 10_000;
/// The event for a message's ack is told by what level on: what lies below tells nothing new.
const ACKED: Ack = Ack::Device;

/// Reads the messages since a time and tells them, the oldest first. `now` is the time by the gateway's clock.
pub(super) async fn run(
    waha: Waha,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    raw: bool,
    told: mpsc::Sender<Result<Event>>,
) {
    let (gateway, session) = (waha.dialect.gateway.clone(), waha.session().to_owned());
    let chats = Chats::new(waha).raw(raw);
    let missed = match read(&chats, since).await {
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
    for message in missed.messages {
        for event in of_message(&gateway, &session, me.as_ref(), message, &ACKED, now) {
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
    messages: Vec<Message>,
    cut: bool,
}

async fn read(chats: &Chats, since: DateTime<Utc>) -> Result<Missed> {
    let account = chats.status().await?.account_id;
    let mut messages = Vec::new();
    let whole = match of_all(chats, since, &mut messages).await {
        Ok(()) => Ok(()),
        // the engine has no list of all messages
        Err(error) if error.kind() == ErrorKind::Unsupported => of_each(chats, since, &mut messages).await,
        Err(error) => Err(error),
    };
    let cut = messages.len() >= MOST;
    whole?;
    messages.sort_by_key(|message| message.sent_at);
    Ok(Missed { account, messages, cut })
}

async fn of_all(chats: &Chats, since: DateTime<Utc>, messages: &mut Vec<Message>) -> Result<()> {
    let known = chats.capabilities().await?;
    if known.support(Capability::AllMessages) == Support::No {
        return Err(Error::new(ErrorKind::Unsupported, Operation::ListMessages));
    }
    let limit = u64::try_from(MOST).unwrap_or(u64::MAX);
    let mut list = chats.messages().since(since).limit(limit).stream();
    while let Some(message) = list.try_next().await? {
        messages.push(message);
    }
    Ok(())
}

/// The chats that were active since then, the last active first, and the messages of each.
async fn of_each(chats: &Chats, since: DateTime<Utc>, messages: &mut Vec<Message>) -> Result<()> {
    messages.clear();
    let mut list = chats.list().stream();
    while let Some(chat) = list.try_next().await? {
        match chat.last_message_at {
            Some(at) if at < since => break,
            Some(_) => {}
            None => continue,
        }
        let left = MOST.saturating_sub(messages.len());
        if left == 0 {
            break;
        }
        let limit = u64::try_from(left).unwrap_or(u64::MAX);
        messages.extend(chats.chat(chat.id)?.messages().since(since).limit(limit).collect().await?);
    }
    Ok(())
}
