//! Lists of messages.

use wachats_core::{ChatId, ErrorKind, ListMessages, Message};

use crate::check::{Context, Verdict, ensure, fail, identity, same_order, unique};
use crate::model::differing_message_fields;

fn newest_first(messages: &[Message]) -> Verdict {
    let times = messages.iter().filter_map(|m| m.sent_at).map(|at| at.timestamp());
    ensure(times.rev().is_sorted(), || "the list is not newest first".into())
}

pub(super) async fn complete(c: &Context) -> Verdict {
    let chats = [&c.expected().user, &c.expected().group, &c.expected().long, &c.expected().spare];
    for chat in chats.into_iter().flatten() {
        let found = c.listed(chat).await?;
        unique(&found, identity, "messages")?;
        newest_first(&found)?;
        let wanted: Vec<_> = c.expected().messages_of(chat).collect();
        if c.expected().complete {
            let missing = wanted.iter().filter(|w| !found.iter().any(|m| m.key == w.key)).count();
            let extra = found.iter().filter(|m| !wanted.iter().any(|w| w.key == m.key)).count();
            ensure(missing + extra == 0, || {
                format!(
                    "a chat of kind {}: {missing} messages missing, {extra} not the account's",
                    chat.kind()
                )
            })?;
        }
        for message in &found {
            ensure(message.id.is_full() && message.id.key() == &message.key, || {
                "an id is not in full".into()
            })?;
            ensure(message.id.from_me() == Some(message.from_me), || "an id contradicts its message".into())?;
            let Some(wanted) = wanted.iter().find(|w| w.key == message.key && w.from_me == message.from_me)
            else {
                continue;
            };
            let fields = differing_message_fields(message, wanted);
            ensure(fields.is_empty() || !c.expected().complete, || {
                format!("a message of kind {} differs in {}", wanted.kind, fields.join(", "))
            })?;
        }
    }
    Ok(())
}

pub(super) async fn pages(c: &Context) -> Verdict {
    let chat = c.long()?.clone();
    let whole = c.listed(&chat).await?;
    let size = 13;
    let mut query = ListMessages::new(chat);
    query.limit = Some(size);
    let mut found: Vec<Message> = Vec::new();
    let bound = whole.len() / 4 + 20;
    for page in 0.. {
        if page > bound {
            return fail(format!("{bound} pages of {size} don't reach the end of {} messages", whole.len()));
        }
        let answer = c.chats().provider().list_messages(&query).await?;
        ensure(answer.items.len() <= size as usize, || {
            format!("a page holds {} messages", answer.items.len())
        })?;
        found.extend(answer.items);
        query.page = answer.next;
        if query.page.is_none() || (!c.expected().complete && found.len() >= whole.len()) {
            break;
        }
    }
    unique(&found, identity, "messages")?;
    newest_first(&found)?;
    if c.expected().complete {
        same_order(&found, &whole.iter().collect::<Vec<_>>(), "page by page")?;
    }
    Ok(())
}

pub(super) async fn limits(c: &Context) -> Verdict {
    let chat = c.long()?;
    let whole = c.listed(chat).await?;
    for (limit, page_size) in [(1, 1), (7, 3), (7, 7), (20, 50), (25, 6)] {
        let found = c.chats().chat(chat)?.messages().limit(limit).page_size(page_size).collect().await?;
        let wanted: Vec<_> = whole.iter().take(limit as usize).collect();
        if c.expected().complete {
            same_order(&found, &wanted, &format!("limit {limit} in pages of {page_size}"))?;
        }
        ensure(found.len() <= limit as usize, || format!("a limit of {limit} gave {}", found.len()))?;
        unique(&found, identity, "messages")?;
    }
    Ok(())
}

pub(super) async fn offset(c: &Context) -> Verdict {
    let chat = c.long()?;
    let whole = c.listed(chat).await?;
    for (offset, limit) in [(1, 3), (5, 5), (10, 30), (whole.len(), 5), (whole.len() + 9, 3)] {
        if !c.expected().complete {
            continue;
        }
        let found =
            c.chats().chat(chat)?.messages().offset(offset as u64).limit(limit as u64).collect().await?;
        let wanted: Vec<_> = whole.iter().skip(offset).take(limit).collect();
        same_order(&found, &wanted, &format!("offset {offset}, limit {limit}"))?;
    }
    Ok(())
}

pub(super) async fn unknown_chat(c: &Context) -> Verdict {
    let nobody = ChatId::phone("1234500000").map_err(wachats_core::Error::from)?;
    match c.chats().chat(nobody)?.messages().limit(5).collect().await {
        Ok(messages) => ensure(messages.is_empty(), || "a chat that isn't there has messages".into()),
        // Gateways that can't tell answer with an empty list; the others say that it isn't there.
        Err(error) => {
            c.expect_error::<()>(Err(error), &[ErrorKind::NotFound], "a chat that isn't there").map(drop)
        }
    }
}

pub(super) async fn raw(c: &Context) -> Verdict {
    let chat = c.long()?;
    let plain = c.chats().chat(chat)?.messages().limit(3).collect().await?;
    ensure(plain.iter().all(|m| m.raw.is_none()), || "raw JSON is kept although nobody asked".into())?;
    let raw = c.chats().chat(chat)?.messages().limit(3).raw(true).collect().await?;
    let kept = raw.iter().filter_map(|m| m.raw.as_ref());
    let mut bad = kept.filter(|raw| serde_json::from_str::<serde_json::Value>(raw.get()).is_err());
    ensure(bad.next().is_none(), || "raw JSON is no JSON".into())
}

pub(super) async fn of_all_chats(c: &Context) -> Verdict {
    let found = c.chats().messages().limit(40).collect().await?;
    unique(&found, identity, "messages")?;
    newest_first(&found)?;
    ensure(found.len() <= 40, || format!("a limit of 40 gave {}", found.len()))?;
    if c.expected().complete {
        let strange =
            |m: &&Message| !c.expected().messages.iter().any(|w| w.key == m.key && w.from_me == m.from_me);
        let strange = found.iter().filter(strange).count();
        ensure(strange == 0, || format!("{strange} messages are not the account's"))?;
    }
    Ok(())
}
