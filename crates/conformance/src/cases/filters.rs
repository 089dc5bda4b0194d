//! Filters of messages, one by one and together, against the same list filtered here.

use chrono::{DateTime, TimeDelta, Utc};
use wachats_core::{Capability, ChatId, ListMessages, Message, MessageList};

use crate::check::{Context, Verdict, ensure, same_order, skip};

/// The same filters for the gateway.
fn asked(list: MessageList, query: &ListMessages) -> MessageList {
    let mut list = list.media_only(query.media_only);
    if let Some(since) = query.since {
        list = list.since(since);
    }
    if let Some(until) = query.until {
        list = list.until(until);
    }
    if let Some(from_me) = query.from_me {
        list = list.from_me(from_me);
    }
    if let Some(ack) = query.ack.clone() {
        list = list.ack(ack);
    }
    if let Some(text) = query.search.clone() {
        list = list.search(text);
    }
    list
}

/// What it needs of the gateway.
fn needs(query: &ListMessages) -> impl Iterator<Item = Capability> {
    let wanted = [
        (query.since.is_some(), Capability::FilterSince),
        (query.until.is_some(), Capability::FilterUntil),
        (query.from_me.is_some(), Capability::FilterFromMe),
        (query.ack.is_some(), Capability::FilterAck),
        (query.media_only, Capability::FilterMedia),
        (query.search.is_some(), Capability::Search),
    ];
    wanted.into_iter().filter_map(|(wanted, capability)| wanted.then_some(capability))
}

/// The gateway's answer is the whole list, filtered. Tells how many fit.
async fn agrees(c: &Context, whole: &[Message], query: &ListMessages, what: &str) -> Verdict<usize> {
    let Some(chat) = query.chat.chat() else { return skip("it is about no chat") };
    let list = asked(c.chats().chat(chat)?.messages(), query);
    let list = if c.expected().complete { list } else { list.limit(10) };
    let found = list.collect().await?;
    ensure(found.iter().all(|m| query.matches(m)), || {
        format!("{what}: a message that doesn't fit is in the list")
    })?;
    let wanted: Vec<_> = whole.iter().filter(|m| query.matches(m)).collect();
    if c.expected().complete {
        same_order(&found, &wanted, what)?;
    }
    Ok(wanted.len())
}

async fn whole(c: &Context) -> Verdict<(ChatId, Vec<Message>)> {
    let chat = c.long()?.clone();
    let messages = c.listed(&chat).await?;
    if messages.len() < 4 {
        return skip("the chat holds fewer than 4 messages");
    }
    Ok((chat, messages))
}

/// The time of the message so far down the list.
fn time_at(messages: &[Message], part: usize) -> Verdict<DateTime<Utc>> {
    match messages.get(messages.len() * part / 10).and_then(|m| m.sent_at) {
        Some(at) => Ok(at),
        None => skip("the gateway tells no times"),
    }
}

pub(super) async fn since(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    for part in [1, 4] {
        for second in [-1, 0, 1] {
            let mut query = ListMessages::new(chat.clone());
            query.since = Some(time_at(&messages, part)? + TimeDelta::seconds(second));
            agrees(c, &messages, &query, &format!("since {second:+} s")).await?;
        }
    }
    Ok(())
}

pub(super) async fn until(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    for part in [6, 8] {
        for second in [-1, 0, 1] {
            let mut query = ListMessages::new(chat.clone());
            query.until = Some(time_at(&messages, part)? + TimeDelta::seconds(second));
            agrees(c, &messages, &query, &format!("until {second:+} s")).await?;
        }
    }
    Ok(())
}

pub(super) async fn from_me(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    let mut sum = 0;
    for from_me in [true, false] {
        let mut query = ListMessages::new(chat.clone());
        query.from_me = Some(from_me);
        sum += agrees(c, &messages, &query, if from_me { "own" } else { "others'" }).await?;
    }
    ensure(sum == messages.len(), || format!("{sum} own and others', {} in all", messages.len()))
}

pub(super) async fn ack(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    let mut acks: Vec<_> =
        messages.iter().filter_map(|m| m.ack.clone()).filter(|a| a.level().is_some()).collect();
    acks.sort_by_key(wachats_core::Ack::level);
    acks.dedup();
    if acks.is_empty() {
        return skip("the gateway tells no ack in this chat");
    }
    for ack in acks {
        let mut query = ListMessages::new(chat.clone());
        let word = format!("ack {ack}");
        query.ack = Some(ack);
        agrees(c, &messages, &query, &word).await?;
    }
    Ok(())
}

pub(super) async fn media(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    let mut query = ListMessages::new(chat);
    query.media_only = true;
    agrees(c, &messages, &query, "media").await.map(drop)
}

/// Words of the chat, the longest first: one of each script.
fn words(messages: &[Message]) -> Vec<String> {
    let mut words: Vec<String> = messages
        .iter()
        .filter_map(|m| m.text.as_deref())
        .flat_map(str::split_whitespace)
        .filter(|word| word.chars().count() >= 4 && word.chars().all(char::is_alphabetic))
        // "ß" has no capital of its own: in capitals such a word is another one.
        .filter(|word| word.to_uppercase().to_lowercase() == word.to_lowercase())
        .map(str::to_owned)
        .collect();
    words.sort_by_key(|word| (word.is_ascii(), std::cmp::Reverse(word.chars().count())));
    words.dedup();
    let (ascii, other): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.is_ascii());
    ascii.into_iter().take(2).chain(other.into_iter().take(3)).collect()
}

pub(super) async fn search(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    let words = words(&messages);
    if words.is_empty() {
        return skip("the chat holds no words to search for");
    }
    for word in words {
        let script = if word.is_ascii() { "ASCII" } else { "other letters" };
        for spelling in [word.to_lowercase(), word.to_uppercase()] {
            let mut query = ListMessages::new(chat.clone());
            query.search = Some(spelling);
            let fit = agrees(c, &messages, &query, &format!("search, {script}")).await?;
            ensure(fit > 0 || !c.expected().complete, || format!("a word in {script} finds nothing"))?;
        }
    }
    Ok(())
}

pub(super) async fn search_is_literal(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    for text in ["%", "_", "a%", "*", "\\", "'", "no message says this"] {
        let mut query = ListMessages::new(chat.clone());
        query.search = Some(text.to_owned());
        agrees(c, &messages, &query, "search for signs that are wildcards elsewhere").await?;
    }
    Ok(())
}

pub(super) async fn combined(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    let (newer, older) = (time_at(&messages, 2)?, time_at(&messages, 7)?);
    let word = words(&messages).into_iter().next();
    let ack = messages.iter().find_map(|m| m.ack.clone());
    let mut tried = 0;
    // Every set of filters whose bits are set.
    for set in 1_u8..64 {
        if set.count_ones() < 2 || (!c.expected().complete && set.count_ones() != 2) {
            continue;
        }
        let on = |bit: u8| set & (1 << bit) != 0;
        let mut query = ListMessages::new(chat.clone());
        query.since = on(0).then_some(older);
        query.until = on(1).then_some(newer);
        query.from_me = on(2).then_some(true);
        query.ack = ack.clone().filter(|_| on(3));
        query.media_only = on(4);
        query.search = word.clone().filter(|_| on(5));
        if needs(&query).count() < 2 || needs(&query).any(|capability| !c.offers(capability)) {
            continue;
        }
        let names: Vec<_> = needs(&query).map(Capability::as_str).collect();
        agrees(c, &messages, &query, &names.join(" + ")).await?;
        tried += 1;
    }
    if tried == 0 { skip("fewer than two filters are offered") } else { Ok(()) }
}

pub(super) async fn cut(c: &Context) -> Verdict {
    let (chat, messages) = whole(c).await?;
    let own: Vec<_> = messages.iter().filter(|m| m.from_me).collect();
    if !c.expected().complete || own.len() < 6 {
        return skip("fewer than 6 own messages are known");
    }
    for (offset, limit) in [(0, 3), (2, 3), (4, 1)] {
        let list = c.chats().chat(&chat)?.messages().from_me(true).offset(offset).limit(limit);
        let found = list.collect().await?;
        let wanted: Vec<_> = own.iter().skip(offset as usize).take(limit as usize).copied().collect();
        same_order(&found, &wanted, &format!("own, offset {offset}, limit {limit}"))?;
    }
    Ok(())
}
