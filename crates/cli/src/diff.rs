//! `diff`: one chat through two gateways.

use chrono::{DateTime, Utc};
use wachats::{ChatId, Chats};

use crate::args::Command;
use crate::failure::{Run, Stop};
use crate::input;
use crate::run::Session;

/// What to compare.
pub(crate) struct Wish {
    chat: ChatId,
    /// The address of the other gateway.
    pub(crate) with: String,
    since: Option<DateTime<Utc>>,
    limit: Option<u64>,
}

pub(crate) fn wish(command: &Command) -> Run<Option<Wish>> {
    let Command::Diff { chat, with, since, limit } = command else { return Ok(None) };
    let (since, _) = input::span(since.as_deref(), None)?;
    let limit = input::count(*limit, "--limit")?;
    Ok(Some(Wish { chat: input::chat(&chat.chat)?, with: with.clone(), since, limit }))
}

pub(crate) async fn run(mut session: Session, there: Chats, wish: Wish) -> Run {
    let mut comparison = session.chats.diff(&there, wish.chat)?;
    if let Some(since) = wish.since {
        comparison = comparison.since(since);
    }
    if let Some(limit) = wish.limit {
        comparison = comparison.limit(limit);
    }
    let diff = comparison.run().await?;
    session.out.object(&diff)?;
    if diff.equal { Ok(()) } else { Err(Stop::Differs) }
}
