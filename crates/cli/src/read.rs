//! Commands that only read.

use chrono::{DateTime, Utc};
use futures::{Stream, TryStreamExt};
use serde::Serialize;
use wachats::{Ack, Capability, ChatId, ChatScope, ChatSort, MessageId, Result, SortOrder};

use crate::args::{Command, Much};
use crate::change::{of_chat, of_message};
use crate::failure::{Failure, Run};
use crate::input;
use crate::output::{Output, Row};
use crate::progress::Progress;
use crate::run::Session;

const CHATS: u64 = 100;
const MESSAGES: u64 = 50;

/// A reading command, its arguments read.
pub(crate) enum Read {
    Chats { much: Amount, sort: ChatSort, order: SortOrder, archived: Option<bool>, name: Option<String> },
    Overview { limit: u64, offset: u64, ids: Vec<ChatId> },
    Picture { chat: ChatId, refresh: bool },
    Messages(Box<Messages>),
    Message { chat: ChatId, id: MessageId },
    Status,
    Capabilities,
    Resolve(ChatId),
}

/// How much of a list; `limit` is `None` for all of it.
pub(crate) struct Amount {
    limit: Option<u64>,
    offset: u64,
}

pub(crate) struct Messages {
    scope: ChatScope,
    much: Amount,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    from_me: Option<bool>,
    ack: Option<Ack>,
    media_only: bool,
    search: Option<String>,
}

impl Amount {
    fn of(much: &Much, default: u64) -> Run<Self> {
        let limit = input::count(much.limit, "--limit")?;
        let limit = if much.all { None } else { Some(limit.unwrap_or(default)) };
        Ok(Self { limit, offset: much.offset.unwrap_or(0) })
    }
}

/// Reads the arguments of a reading command; `None` for any other.
pub(crate) fn read(command: &Command) -> Run<Option<Read>> {
    Ok(Some(match command {
        Command::Chats { much, sort, order, archived, name } => Read::Chats {
            much: Amount::of(much, CHATS)?,
            sort: match sort.as_str() {
                "id" => ChatSort::Id,
                "name" => ChatSort::Name,
                _ => ChatSort::Activity,
            },
            order: if order == "asc" { SortOrder::Asc } else { SortOrder::Desc },
            archived: *archived,
            name: name.clone(),
        },
        Command::Overview { limit, offset, id } => Read::Overview {
            limit: input::count(*limit, "--limit")?.unwrap_or(CHATS),
            offset: offset.unwrap_or(0),
            ids: id.iter().map(|id| input::chat(id)).collect::<Run<_>>()?,
        },
        Command::Picture { chat, refresh } => Read::Picture { chat: of_chat(chat)?, refresh: *refresh },
        Command::Messages { chat, much, since, until, from_me, ack, media_only, search } => {
            if search.as_deref().is_some_and(|text| text.trim().is_empty()) {
                return Err(Failure::usage("--search needs a text").into());
            }
            let (since, until) = input::span(since.as_deref(), until.as_deref())?;
            Read::Messages(Box::new(Messages {
                scope: if chat == "all" { ChatScope::All } else { input::chat(chat)?.into() },
                much: Amount::of(much, MESSAGES)?,
                since,
                until,
                from_me: *from_me,
                ack: ack.as_deref().map(Ack::from),
                media_only: *media_only,
                search: search.clone(),
            }))
        }
        Command::Message(arg) => {
            let (chat, id) = of_message(arg)?;
            Read::Message { chat, id }
        }
        Command::Status => Read::Status,
        Command::Capabilities => Read::Capabilities,
        Command::Resolve { id } => Read::Resolve(input::chat(id)?),
        _ => return Ok(None),
    }))
}

#[derive(Serialize)]
struct Picture<'a> {
    chat_id: &'a ChatId,
    url: Option<String>,
}

pub(crate) async fn run(session: Session, read: Read) -> Run {
    let Session { chats, mut out, progress } = session;
    match read {
        Read::Chats { much, sort, order, archived, name } => {
            let mut list = chats.list().sort(sort).order(order);
            if let Some(archived) = archived {
                list = list.archived(archived);
            }
            if let Some(name) = name {
                list = list.name(name);
            }
            if much.offset > 0 {
                list = list.offset(much.offset);
            }
            if let Some(limit) = much.limit {
                list = list.limit(limit);
            }
            print_list(&mut out, list.stream(), much.limit, &progress, "chats").await
        }
        Read::Overview { limit, offset, ids } => {
            let mut list = chats.overview().limit(limit);
            if offset > 0 {
                list = list.offset(offset);
            }
            if !ids.is_empty() {
                list = list.ids(ids);
            }
            print_list(&mut out, list.stream(), Some(limit), &progress, "chats").await
        }
        Read::Messages(query) => messages(&chats, &mut out, &progress, *query).await,
        Read::Message { chat, id } => out.item(&chats.chat(chat)?.message(id)?.get().await?),
        Read::Picture { chat, refresh } => {
            let url = chats.chat(&chat)?.picture(refresh).await?;
            out.object(&Picture { chat_id: &chat, url })
        }
        Read::Status => out.object(&chats.status().await?),
        Read::Resolve(id) => out.object(&chats.resolve(id).await?),
        Read::Capabilities => {
            let known = chats.capabilities().await?;
            let rows = Capability::ALL.iter().filter_map(|c| Some((*c, known.get(*c)?)));
            out.capabilities(&known, rows)
        }
    }
}

async fn messages(chats: &wachats::Chats, out: &mut Output, progress: &Progress, query: Messages) -> Run {
    let mut list = match query.scope {
        ChatScope::One(id) => chats.chat(id)?.messages(),
        _ => chats.messages(),
    };
    if let Some(since) = query.since {
        list = list.since(since);
    }
    if let Some(until) = query.until {
        list = list.until(until);
    }
    if let Some(from_me) = query.from_me {
        list = list.from_me(from_me);
    }
    if let Some(ack) = query.ack {
        list = list.ack(ack);
    }
    if query.media_only {
        list = list.media_only(true);
    }
    if let Some(text) = query.search {
        list = list.search(text);
    }
    if query.much.offset > 0 {
        list = list.offset(query.much.offset);
    }
    if let Some(limit) = query.much.limit {
        list = list.limit(limit);
    }
    print_list(out, list.stream(), query.much.limit, progress, "messages").await
}

/// Prints a list as it arrives.
pub(crate) async fn print_list<T: Row>(
    out: &mut Output,
    mut items: impl Stream<Item = Result<T>> + Unpin,
    limit: Option<u64>,
    progress: &Progress,
    what: &str,
) -> Run {
    // A bar between rows on the same terminal would only flicker.
    if limit.is_none() && out.is_quiet() {
        progress.show_items(what);
    }
    let mut rows = out.list::<T>()?;
    let done = async {
        while let Some(item) = items.try_next().await? {
            rows.push(&item)?;
            progress.inc(1);
        }
        Ok(())
    }
    .await;
    progress.finish();
    match done {
        Ok(()) => rows.end(),
        Err(stop) => {
            rows.break_off();
            Err(stop)
        }
    }
}
