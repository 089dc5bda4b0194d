//! `contacts`, `contact`, `check`, `group`.

use futures::{StreamExt, stream};
use serde::Serialize;
use wachats::{ChatId, GroupInfo, NumberCheck, Participant};

use crate::args::Command;
use crate::failure::{Failure, Run};
use crate::input;
use crate::output::Output;
use crate::read::print_list;
use crate::run::Session;

const CONTACTS: u64 = 100;

/// What is asked about people.
pub(crate) enum Wish {
    /// `None` for all.
    Contacts(Option<u64>),
    Contact(ChatId),
    /// As typed, and as read.
    Check(Vec<(String, ChatId)>),
    Group(ChatId),
}

pub(crate) fn wish(command: &Command) -> Run<Option<Wish>> {
    Ok(Some(match command {
        Command::Contacts { limit, all } => {
            let limit = input::count(*limit, "--limit")?.unwrap_or(CONTACTS);
            Wish::Contacts((!all).then_some(limit))
        }
        Command::Contact { id } => Wish::Contact(input::chat(id)?),
        Command::Check { numbers } => {
            let read = |typed: &String| Ok((typed.clone(), input::phone(typed)?));
            Wish::Check(numbers.iter().map(read).collect::<Run<_>>()?)
        }
        Command::Group { id } => {
            let id = input::chat(id)?;
            if !id.is_group() {
                return Err(Failure::usage("a group's id ends in @g.us").into());
            }
            Wish::Group(id)
        }
        _ => return Ok(None),
    }))
}

/// A number, and what was found out about it.
#[derive(Serialize)]
pub(crate) struct Checked {
    pub(crate) number: String,
    #[serde(flatten)]
    pub(crate) check: NumberCheck,
}

pub(crate) async fn run(session: Session, wish: Wish) -> Run {
    let Session { chats, mut out, progress } = session;
    match wish {
        Wish::Contacts(limit) => {
            let contacts = chats.contacts();
            let contacts = limit.map_or_else(|| contacts.clone(), |limit| contacts.clone().limit(limit));
            print_list(&mut out, contacts.stream(), limit, &progress, "contacts").await
        }
        Wish::Contact(id) => out.item(&chats.contact(id).await?),
        Wish::Check(numbers) => {
            // one after the other: gateways and WhatsApp brake who asks in bulk
            let checked = stream::iter(numbers).then(async |(number, id)| {
                let check = chats.check_number(id).await?;
                Ok(Checked { number, check })
            });
            print_list(&mut out, Box::pin(checked), None, &progress, "numbers").await
        }
        Wish::Group(id) => group(&mut out, &chats.group(id).await?),
    }
}

#[derive(Serialize)]
struct Head<'a> {
    id: &'a ChatId,
    subject: Option<&'a str>,
    description: Option<&'a str>,
    owner_id: Option<&'a ChatId>,
    created_at: Option<chrono::DateTime<chrono::Utc>>,
    announce: Option<bool>,
    locked: Option<bool>,
    participants: Option<usize>,
}

/// For eyes, the members stand below the group.
fn group(out: &mut Output, group: &GroupInfo) -> Run {
    if !out.is_table() {
        return out.item(group);
    }
    out.object(&Head {
        id: &group.id,
        subject: group.subject.as_deref(),
        description: group.description.as_deref(),
        owner_id: group.owner_id.as_ref(),
        created_at: group.created_at,
        announce: group.announce,
        locked: group.locked,
        participants: group.participants.as_ref().map(Vec::len),
    })?;
    let members = group.participants.as_deref().unwrap_or_default();
    if members.is_empty() {
        return Ok(());
    }
    out.text("\n")?;
    let mut list = out.list::<Participant>()?;
    for member in members {
        list.push(member)?;
    }
    list.end()
}
