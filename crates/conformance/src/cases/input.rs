//! Bad input, page tokens, and what may be sent when.

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use wachats_core::{
    Action, Capability, ChatId, ErrorKind, ListChats, ListMessages, Operation, PageToken, Result,
};

use crate::check::{Context, Verdict, ensure, fail, skip};

pub(super) async fn info_sends_nothing(c: &Context) -> Verdict {
    let before = c.requests();
    let info = c.chats().info();
    ensure(info.gateway == c.capabilities.gateway, || "info and probe name different gateways".into())?;
    let unsaid =
        Capability::ALL.iter().filter(|capability| c.capabilities.get(**capability).is_none()).count();
    ensure(unsaid == 0, || format!("nothing is said of {unsaid} capabilities"))?;
    c.nothing_sent_since(before, "info")
}

pub(super) async fn probe_is_kept(c: &Context) -> Verdict {
    let before = c.requests();
    let again = c.chats().capabilities().await?;
    ensure(*again == *c.capabilities, || "two probes disagree".into())?;
    ensure(c.chats().info().unsure.is_empty(), || "after the probe something is unsure still".into())?;
    c.nothing_sent_since(before, "a second look at the capabilities")
}

pub(super) async fn hostile_ids(c: &Context) -> Verdict {
    let before = c.requests();
    let long = "9".repeat(4096);
    let ids = [
        "",
        ".",
        "..",
        "../x",
        "%2e%2e",
        "a/b",
        "a\rb",
        "a\r\nX: y",
        "a\0b",
        &long,
        "1 2@c.us",
        "5511@c.us/../x",
    ];
    for id in ids {
        let refused = |error: wachats_core::Error| error.kind() == ErrorKind::InvalidInput;
        ensure(c.chats().chat(id).err().is_some_and(refused), || {
            format!("a chat id of {} bytes is taken", id.len())
        })?;
        let resolved = c.chats().resolve(id).await;
        ensure(resolved.err().is_some_and(refused), || format!("an id of {} bytes is resolved", id.len()))?;
        let message = c.chats().chat(c.user()?)?.message(id).err();
        let key_like = id.bytes().all(|b| b.is_ascii_alphanumeric()) && !id.is_empty() && id.len() < 128;
        ensure(key_like || message.is_some_and(refused), || {
            format!("a message id of {} bytes is taken", id.len())
        })?;
    }
    c.nothing_sent_since(before, "a hostile id")
}

pub(super) async fn absurd_arguments(c: &Context) -> Verdict {
    let before = c.requests();
    let chat = c.user()?.clone();
    let handle = c.chats().chat(&chat)?;
    let refused = |answer: Result<()>, what: &str| {
        let kinds = [ErrorKind::InvalidInput, ErrorKind::Unsupported];
        match answer {
            Err(error) => ensure(kinds.contains(&error.kind()), || format!("{what} gave {error}")),
            Ok(()) => fail(format!("{what} was accepted")),
        }
    };
    refused(c.chats().list().limit(0).page().await.map(drop), "a list of no chats")?;
    refused(c.chats().list().limit(0).collect().await.map(drop), "a stream of no chats")?;
    refused(handle.messages().limit(0).page().await.map(drop), "a list of no messages")?;
    refused(handle.messages().limit(0).collect().await.map(drop), "a stream of no messages")?;
    refused(handle.messages().search("  ").page().await.map(drop), "a search for nothing")?;
    let now = Utc::now();
    let turned = handle.messages().since(now).until(now - TimeDelta::hours(1));
    refused(turned.page().await.map(drop), "since later than until")?;
    let acts = [
        Action::SendText { chat: chat.clone(), text: "  ".into(), reply_to: None },
        Action::SendText { chat: chat.clone(), text: "x".repeat(70_000), reply_to: None },
        Action::React { chat: chat.clone(), id: c.text(false)?.id.clone(), emoji: "not an emoji".into() },
        Action::EditMessage { chat, id: c.text(true)?.id.clone(), text: String::new() },
    ];
    for act in acts {
        let what = format!("{} with an absurd argument", act.operation());
        refused(c.chats().perform(act).await.map(drop), &what)?;
    }
    c.nothing_sent_since(before, "an absurd argument")
}

pub(super) async fn lazy_stream(c: &Context) -> Verdict {
    let before = c.requests();
    drop(c.chats().list().stream());
    drop(c.chats().chat(c.user()?)?.messages().stream());
    c.nothing_sent_since(before, "a stream that nobody polled")
}

pub(super) async fn debug_is_redacted(c: &Context) -> Verdict {
    let chats = c.chats().list().limit(20).collect().await?;
    let mut seen = format!("{:?} {:?} {:?}", c.chats(), chats, c.capabilities);
    if c.offers(Capability::ListMessages) {
        let messages = c.chats().chat(c.long()?)?.messages().limit(20).collect().await?;
        seen.push_str(&format!("{messages:?}"));
    }
    for chat in &c.expected().chats {
        let user = chat.id.user();
        ensure(user.len() < 6 || !seen.contains(user), || "Debug shows the digits of an id".into())?;
        let name = chat.name.as_deref().unwrap_or_default();
        ensure(name.len() < 5 || !seen.contains(name), || "Debug shows a name".into())?;
    }
    for message in &c.expected().messages {
        ensure(!seen.contains(message.key.as_str()), || "Debug shows a message's key".into())?;
        let text = message.text.as_deref().unwrap_or_default();
        ensure(text.len() < 5 || !seen.contains(text), || "Debug shows a text".into())?;
    }
    Ok(())
}

/// Tokens that look like this one and are not: of another gateway, another query, with another cursor.
fn forgeries(token: &PageToken) -> Verdict<Vec<(PageToken, &'static str)>> {
    let Ok(json) = serde_json::to_value(token) else { return fail("a token can't be written as JSON") };
    let forge = |field: &str, value: Value| -> Option<PageToken> {
        let mut forged = json.clone();
        forged.as_object_mut()?.insert(field.to_owned(), value);
        serde_json::from_value(forged).ok()
    };
    let forged = [
        (forge("gateway", Value::from("elsewhere")), "a token of another gateway"),
        (forge("query", Value::from(7_u64)), "a token of another query"),
        (forge("cursor", Value::from("{\"unread\"")), "a token with a broken cursor"),
        (forge("cursor", Value::from("[[[[]]]]")), "a token with a strange cursor"),
    ];
    Ok(forged.into_iter().filter_map(|(token, what)| Some((token?, what))).collect())
}

/// The token after a way through JSON.
fn stored(token: &PageToken) -> Verdict<PageToken> {
    let text = serde_json::to_string(token).or_else(|_| fail("a token can't be written as JSON"))?;
    serde_json::from_str(&text).or_else(|_| fail("a token can't be read back from JSON"))
}

pub(super) async fn tokens(c: &Context) -> Verdict {
    let mut query = ListChats::new();
    query.limit = Some(2);
    let first = c.chats().provider().list_chats(&query).await?;
    let Some(token) = first.next else { return skip("the list has one page only") };
    query.page = Some(stored(&token)?);
    let second = c.chats().provider().list_chats(&query).await?;
    let repeated = second.items.iter().filter(|chat| first.items.iter().any(|f| f.id == chat.id)).count();
    ensure(repeated == 0, || format!("the second page repeats {repeated} chats of the first"))?;
    let before = c.requests();
    for (token, what) in forgeries(&token)? {
        query.page = Some(token);
        let answer = c.chats().provider().list_chats(&query).await;
        c.expect_error(answer, &[ErrorKind::InvalidInput], what)?;
    }
    c.nothing_sent_since(before, "a forged token")
}

pub(super) async fn message_tokens(c: &Context) -> Verdict {
    let chat: ChatId = c.long()?.clone();
    let mut query = ListMessages::new(chat.clone());
    query.limit = Some(2);
    let first = c.chats().provider().list_messages(&query).await?;
    let Some(token) = first.next else { return skip("the list has one page only") };
    query.page = Some(stored(&token)?);
    let second = c.chats().provider().list_messages(&query).await?;
    let repeated = second.items.iter().filter(|m| first.items.iter().any(|f| f.key == m.key)).count();
    ensure(repeated == 0, || format!("the second page repeats {repeated} messages of the first"))?;
    let before = c.requests();
    for (token, what) in forgeries(&token)? {
        query.page = Some(token);
        let answer = c.chats().provider().list_messages(&query).await;
        let error = c.expect_error(answer, &[ErrorKind::InvalidInput], what)?;
        ensure(error.operation() == Operation::ListMessages, || {
            format!("{what} names another operation: {error}")
        })?;
    }
    if let Some(other) = c.expected().user.as_ref().filter(|user| **user != chat) {
        let mut elsewhere = ListMessages::new(other.clone());
        elsewhere.page = Some(token);
        let answer = c.chats().provider().list_messages(&elsewhere).await;
        c.expect_error(answer, &[ErrorKind::InvalidInput], "the token of another chat")?;
    }
    c.nothing_sent_since(before, "a forged token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forged_tokens_can_be_made() {
        let token = PageToken::new(wachats_core::Gateway::MEMORY, 1, &3_u32).unwrap();
        assert_eq!(forgeries(&token).unwrap().len(), 4);
        assert!(stored(&token).is_ok());
    }
}
