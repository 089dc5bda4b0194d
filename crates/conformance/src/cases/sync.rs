//! Catching up since a cursor.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use wachats_core::{Capability, ErrorKind, Message, SyncCursor, SyncStart};

use crate::check::{Context, Verdict, ensure, identity, skip, unique};

/// So many of the newest messages are caught up with.
const NEWEST: usize = 40;

pub(super) async fn claim(c: &Context) -> Verdict {
    let mut stream = c.chats().sync(since(c)?).stream();
    super::claims::judge(c, Capability::Sync, stream.try_next()).await
}

/// When the newest of the known messages were sent.
fn since(c: &Context) -> Verdict<DateTime<Utc>> {
    let mut times: Vec<_> = c.expected().messages.iter().filter_map(|message| message.sent_at).collect();
    times.sort_unstable();
    let first = times.len().saturating_sub(NEWEST);
    match times.get(first) {
        Some(time) => Ok(*time),
        None => skip("no message is known"),
    }
}

async fn caught_up(c: &Context, start: impl Into<SyncStart>) -> Verdict<(Vec<Message>, SyncCursor)> {
    let mut stream = c.chats().sync(start).stream();
    let mut messages = Vec::new();
    while let Some(new) = stream.try_next().await? {
        messages.push(new.message);
    }
    match stream.cursor() {
        Some(cursor) => Ok((messages, cursor)),
        None => crate::check::fail("a run that ended has no cursor"),
    }
}

pub(super) async fn complete(c: &Context) -> Verdict {
    let since = since(c)?;
    let (found, cursor) = caught_up(c, since).await?;
    unique(&found, identity, "messages")?;
    let times: Vec<_> = found.iter().filter_map(|m| m.sent_at).map(|at| at.timestamp()).collect();
    ensure(times.is_sorted(), || "the messages are not oldest first".into())?;
    ensure(times.iter().all(|at| *at >= since.timestamp()), || "a message is older than asked for".into())?;
    if !c.expected().complete {
        return Ok(());
    }
    // what the lists of these chats hold must be there
    let chats = [&c.expected().user, &c.expected().group, &c.expected().long, &c.expected().spare];
    for chat in chats.into_iter().flatten() {
        let wanted = c.chats().chat(chat)?.messages().since(since).collect().await?;
        let lost = wanted.iter().filter(|m| !found.iter().any(|f| identity(f) == identity(m))).count();
        ensure(lost == 0, || format!("{lost} of {} messages of a chat are lost", wanted.len()))?;
    }
    let (again, _) = caught_up(c, cursor).await?;
    ensure(again.is_empty(), || format!("{} messages came again although nothing is new", again.len()))
}

pub(super) async fn resumed(c: &Context) -> Verdict {
    let since = since(c)?;
    let (whole, end) = caught_up(c, since).await?;
    let mut stream = c.chats().sync(since).stream();
    let mut found = Vec::new();
    while found.len() < whole.len() / 2
        && let Some(new) = stream.try_next().await?
    {
        found.push(new);
    }
    let Some(last) = found.last() else { return skip("there is nothing to catch up with") };
    let cursor: SyncCursor = last.cursor().to_string().parse()?;
    let (rest, _) = caught_up(c, cursor).await?;
    if c.expected().complete {
        let both: Vec<_> = found.iter().map(|new| &new.message).chain(&rest).map(identity).collect();
        let wanted: Vec<_> = whole.iter().map(identity).collect();
        ensure(both == wanted, || {
            format!("{} messages in two runs, {} in one, or in another order", both.len(), wanted.len())
        })?;
    }
    let damaged = end.to_string().replace("\"floor\":", "\"floor\":1");
    match damaged.parse::<SyncCursor>() {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        _ => crate::check::fail("a damaged cursor was taken for a good one"),
    }
}
