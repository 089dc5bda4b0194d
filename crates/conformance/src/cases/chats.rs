//! Lists of chats.

use std::collections::HashSet;

use wachats_core::{Capability, Chat, ChatId, ChatSort, ListChats, SortOrder};

use crate::check::{Context, Verdict, ensure, fail, skip, unique};
use crate::model::differing_chat_fields;

/// The ids in their order.
fn ids(chats: &[Chat]) -> Vec<&ChatId> {
    chats.iter().map(|chat| &chat.id).collect()
}

/// All chats in the gateway's own order; as many as are known of a large account.
async fn all(c: &Context) -> Verdict<Vec<Chat>> {
    let list = c.chats().list();
    let known = c.expected().chats.len() as u64;
    let list = if c.expected().complete { list } else { list.limit(known.max(1)) };
    Ok(list.collect().await?)
}

pub(super) async fn complete(c: &Context) -> Verdict {
    let found = all(c).await?;
    unique(&found, |chat| chat.id.clone(), "chats")?;
    let wanted = &c.expected().chats;
    let have: HashSet<_> = found.iter().map(|chat| &chat.id).collect();
    let lost = wanted.iter().filter(|chat| !have.contains(&chat.id)).count();
    let known: HashSet<_> = wanted.iter().map(|chat| &chat.id).collect();
    let extra = found.iter().filter(|chat| !known.contains(&chat.id)).count();
    if c.expected().complete {
        ensure(lost + extra == 0, || format!("{lost} chats are missing, {extra} are not the account's"))?;
    }
    for chat in &found {
        let Some(wanted) = wanted.iter().find(|w| w.id == chat.id) else { continue };
        let fields = differing_chat_fields(chat, wanted);
        ensure(fields.is_empty() || !c.expected().complete, || {
            format!("a chat of kind {} differs in {}", chat.kind, fields.join(", "))
        })?;
        ensure(chat.kind == chat.id.kind(), || "a chat's kind is not that of its id".into())?;
    }
    let times: Vec<_> = found.iter().filter_map(|chat| chat.last_message_at).collect();
    // Pinned chats stand first on some gateways, in others by their activity like the rest.
    let pinned = found.iter().filter(|chat| chat.pinned == Some(true)).count();
    let steps_up = times.windows(2).filter(|pair| matches!(pair, [a, b] if a < b)).count();
    ensure(steps_up <= pinned, || format!("the list is not newest first: {steps_up} times go up"))
}

pub(super) async fn pages(c: &Context) -> Verdict {
    let whole = all(c).await?;
    let size = 3;
    let mut query = ListChats::new();
    query.limit = Some(size);
    let mut found = Vec::new();
    let bound = whole.len() + 10;
    for page in 0.. {
        if page > bound {
            return fail(format!("{bound} pages of {size} don't reach the end of {} chats", whole.len()));
        }
        let answer = c.chats().provider().list_chats(&query).await?;
        ensure(answer.items.len() <= size as usize, || format!("a page holds {} chats", answer.items.len()))?;
        found.extend(answer.items);
        query.page = answer.next;
        if query.page.is_none() || (!c.expected().complete && found.len() >= whole.len()) {
            break;
        }
    }
    unique(&found, |chat| chat.id.clone(), "chats")?;
    if c.expected().complete {
        let (paged, whole) = (ids(&found), ids(&whole));
        ensure(paged == whole, || {
            format!("{} chats by pages, {} in one go, or in another order", paged.len(), whole.len())
        })?;
    }
    Ok(())
}

pub(super) async fn limits(c: &Context) -> Verdict {
    let whole = all(c).await?;
    for limit in [1_usize, 2, 5] {
        for page_size in [1, 2, 50] {
            let list = c.chats().list().limit(limit as u64).page_size(page_size).collect().await?;
            let wanted = limit.min(whole.len());
            ensure(list.len() == wanted, || {
                format!("a limit of {limit} in pages of {page_size} gave {}", list.len())
            })?;
            unique(&list, |chat| chat.id.clone(), "chats")?;
            if c.expected().complete {
                let first: Vec<_> = ids(&whole).into_iter().take(wanted).collect();
                ensure(ids(&list) == first, || {
                    format!("a limit of {limit} gave others than the first {wanted}")
                })?;
            }
        }
    }
    Ok(())
}

pub(super) async fn offset(c: &Context) -> Verdict {
    let whole = all(c).await?;
    for (offset, limit) in [(1, 2), (3, 4), (whole.len(), 5), (whole.len() + 7, 5)] {
        if !c.expected().complete && offset + limit > whole.len() {
            continue;
        }
        let found = c.chats().list().offset(offset as u64).limit(limit as u64).collect().await?;
        let wanted: Vec<_> = ids(&whole).into_iter().skip(offset).take(limit).collect();
        ensure(ids(&found) == wanted, || {
            format!(
                "offset {offset}, limit {limit}: {} chats, {} wanted, or others",
                found.len(),
                wanted.len()
            )
        })?;
    }
    Ok(())
}

pub(super) async fn sorted(c: &Context) -> Verdict {
    let whole = all(c).await?;
    for (sort, word) in [(ChatSort::Id, "id"), (ChatSort::Name, "name"), (ChatSort::Activity, "activity")] {
        for order in [SortOrder::Asc, SortOrder::Desc] {
            let list = c.chats().list().sort(sort).order(order);
            let list = if c.expected().complete { list } else { list.limit(whole.len().max(1) as u64) };
            let mut found = list.collect().await?;
            unique(&found, |chat| chat.id.clone(), "chats")?;
            ensure(found.len() == whole.len(), || {
                format!("sorted by {word} there are {} chats, else {}", found.len(), whole.len())
            })?;
            if order == SortOrder::Desc {
                found.reverse();
            }
            let up = match sort {
                ChatSort::Id => found.is_sorted_by_key(|chat| &chat.id),
                ChatSort::Name => {
                    let names = found.iter().filter_map(|chat| chat.name.as_ref().map(|n| n.to_lowercase()));
                    names.is_sorted()
                }
                _ => found.iter().filter_map(|chat| chat.last_message_at).is_sorted(),
            };
            ensure(up, || format!("sorted by {word}, {order:?}, they are in no such order"))?;
        }
    }
    Ok(())
}

/// The filtered list is the whole list, filtered.
async fn filtered(c: &Context, archived: Option<bool>, name: Option<&str>) -> Verdict<usize> {
    let whole = all(c).await?;
    let mut list = c.chats().list();
    if let Some(archived) = archived {
        list = list.archived(archived);
    }
    if let Some(name) = name {
        list = list.name(name);
    }
    if !c.expected().complete {
        list = list.limit(5);
    }
    let found = list.collect().await?;
    let fits = |chat: &&Chat| {
        let named =
            |name: &str| chat.name.as_ref().is_some_and(|n| n.to_lowercase().contains(&name.to_lowercase()));
        name.is_none_or(named)
            && archived.is_none_or(|wanted| chat.archived.is_none_or(|told| told == wanted))
    };
    ensure(found.iter().all(|chat| fits(&chat)), || "a chat that doesn't fit is in the list".into())?;
    // The world tells what is archived even where the gateway's list doesn't.
    let world =
        |id: &ChatId| c.expected().chats.iter().find(|chat| chat.id == *id).and_then(|chat| chat.archived);
    let wanted = whole
        .iter()
        .filter(fits)
        .filter(|chat| archived.is_none_or(|wanted| world(&chat.id) != Some(!wanted)));
    if c.expected().complete {
        let wanted: Vec<_> = wanted.map(|chat| &chat.id).collect();
        ensure(ids(&found) == wanted, || {
            format!("{} chats, {} wanted, or in another order", found.len(), wanted.len())
        })?;
    }
    Ok(found.len())
}

pub(super) async fn archived(c: &Context) -> Verdict {
    let some = filtered(c, Some(true), None).await? + filtered(c, Some(false), None).await?;
    let all = c.expected().chats.len();
    ensure(some == all || !c.expected().complete, || format!("{some} archived or not, {all} in all"))
}

/// A part of a chat's name in another letter case.
fn part_of_name(chat: &Chat) -> Option<String> {
    let name: Vec<char> = chat.name.as_deref()?.trim().chars().collect();
    let part: String = name.iter().take(4).collect();
    let upper = part.to_uppercase();
    (!part.trim().is_empty()).then(|| if upper == part { part.to_lowercase() } else { upper })
}

pub(super) async fn named(c: &Context) -> Verdict {
    let parts: Vec<_> = all(c).await?.iter().filter_map(part_of_name).take(6).collect();
    if parts.is_empty() {
        return skip("no chat has a name");
    }
    for part in parts {
        let found = filtered(c, None, Some(&part)).await?;
        ensure(found > 0, || "a part of a name in another letter case finds nothing".into())?;
    }
    let none = filtered(c, None, Some("no chat is called this %_")).await?;
    ensure(none == 0, || "a name that no chat has finds some".into())
}

pub(super) async fn named_and_archived(c: &Context) -> Verdict {
    let chats = &c.expected().chats;
    for chat in chats.iter().filter(|chat| chat.archived == Some(true)).take(2) {
        let Some(part) = part_of_name(chat) else { continue };
        filtered(c, Some(true), Some(&part)).await?;
        filtered(c, Some(false), Some(&part)).await?;
    }
    Ok(())
}

pub(super) async fn overview(c: &Context) -> Verdict {
    let whole = all(c).await?;
    let found = c.chats().overview().limit(whole.len().max(1) as u64).collect().await?;
    unique(&found, |chat| chat.id.clone(), "chats")?;
    ensure(found.len() == whole.len() || !c.expected().complete, || {
        format!("{} chats in the overview, {} in the list", found.len(), whole.len())
    })?;
    for chat in &found {
        let Some(last) = &chat.last_message else { continue };
        ensure(last.chat_id == chat.id || Some(&last.chat_id) == chat.alternate_id.as_ref(), || {
            "a last message is of another chat".into()
        })?;
        if let Some(newest) = c.expected().messages_of(&chat.id).next().filter(|_| c.expected().complete) {
            ensure(newest.key == last.key, || {
                format!("of a chat of kind {} the last message is not the newest", chat.kind)
            })?;
        }
    }
    if let Some(pictured) = c.expected().pictured.as_ref().filter(|_| c.offers(Capability::ChatPicture)) {
        let named = c.chats().overview().ids([pictured.clone()]).collect().await?;
        ensure(ids(&named) == [pictured], || format!("an overview of one chat holds {}", named.len()))?;
        ensure(named.iter().all(|chat| chat.picture_url.is_some()), || {
            "a chat with a picture shows none".into()
        })?;
    }
    Ok(())
}

pub(super) async fn picture(c: &Context) -> Verdict {
    let Some(pictured) = &c.expected().pictured else { return skip("no chat is known to have a picture") };
    let url = c.chats().chat(pictured)?.picture(false).await?;
    ensure(url.is_some_and(|url| url.starts_with("http")), || {
        "a chat with a picture has no address of it".into()
    })
}
