//! Changes, judged by what the gateway shows of them afterwards and by the witness.

use wachats_core::{
    Action, Chat, ChatId, DisappearingTimer, ErrorKind, Message, MessageId, MessageKind, Operation,
    PinDuration,
};

use crate::check::{Context, Verdict, ensure, fail};

/// The chat as the gateway lists it now.
async fn chat_now(c: &Context, id: &ChatId) -> Verdict<Option<Chat>> {
    Ok(c.chats().list().collect().await?.into_iter().find(|chat| chat.id == *id))
}

/// The message as the gateway lists it now.
async fn message_now(c: &Context, chat: &ChatId, id: &MessageId) -> Verdict<Option<Message>> {
    Ok(c.chats().chat(chat)?.messages().collect().await?.into_iter().find(|m| m.key == *id.key()))
}

/// A flag that the gateway tells is as wanted.
fn shows<T: PartialEq>(told: Option<T>, wanted: T, what: &str) -> Verdict {
    ensure(told.is_none_or(|told| told == wanted), || format!("{what} is not shown as changed"))
}

pub(super) async fn send(c: &Context) -> Verdict {
    let chat = c.user()?;
    let text = "Olá, \u{1F600} ждём & <tea> 100% \"now\"";
    let send = Action::SendText { chat: chat.clone(), text: text.into(), reply_to: None };
    let outcome = c.perform(send).await?;
    if outcome.queued || !c.shows(Operation::SendText) {
        return Ok(());
    }
    let newest = c.chats().chat(chat)?.messages().limit(5).collect().await?;
    let Some(sent) = newest.iter().find(|m| m.from_me && m.text.as_deref() == Some(text)) else {
        return fail("the text sent is not among the newest messages");
    };
    let named = outcome.message_id.is_none_or(|id| id.key() == &sent.key);
    ensure(named, || "the outcome names another message than the one that is there".into())
}

pub(super) async fn reply(c: &Context) -> Verdict {
    let (chat, asked) = (c.user()?, c.text(false)?);
    let reply_to = Some(asked.id.clone());
    let outcome =
        c.perform(Action::SendText { chat: chat.clone(), text: "An answer".into(), reply_to }).await?;
    if outcome.queued || !c.shows(Operation::SendText) {
        return Ok(());
    }
    let newest = c.chats().chat(chat)?.messages().limit(5).collect().await?;
    let Some(sent) = newest.iter().find(|m| m.from_me && m.text.as_deref() == Some("An answer")) else {
        return fail("the answer is not among the newest messages");
    };
    shows(sent.reply_to.as_ref().map(|r| &r.key), &asked.key, "the message answered")
}

async fn edit_as(c: &Context, id: MessageId) -> Verdict {
    let (chat, own) = (c.user()?, c.text(true)?);
    let text = "Changed, \u{1F600} да";
    c.perform(Action::EditMessage { chat: chat.clone(), id, text: text.into() }).await?;
    if !c.shows(Operation::EditMessage) {
        return Ok(());
    }
    let Some(now) = message_now(c, chat, &own.id).await? else { return fail("the edited message is gone") };
    shows(now.text.as_deref(), text, "the text")?;
    shows(now.edited, true, "that it was edited")
}

pub(super) async fn edit(c: &Context) -> Verdict {
    edit_as(c, c.text(true)?.id.clone()).await
}

pub(super) async fn edit_by_key(c: &Context) -> Verdict {
    edit_as(c, MessageId::from(c.text(true)?.key.clone())).await
}

pub(super) async fn delete_for_everyone(c: &Context) -> Verdict {
    let (chat, own) = (c.user()?, c.text(true)?);
    c.perform(Action::DeleteMessage { chat: chat.clone(), id: own.id.clone(), for_me: false }).await?;
    if !c.shows(Operation::DeleteMessage) {
        return Ok(());
    }
    match message_now(c, chat, &own.id).await? {
        None => Ok(()),
        Some(left) => ensure(left.revoked == Some(true) || left.kind == MessageKind::Revoked, || {
            "a message deleted for everyone is there and not shown as revoked".into()
        }),
    }
}

pub(super) async fn delete_for_me(c: &Context) -> Verdict {
    let (chat, own) = (c.user()?, c.text(true)?);
    c.perform(Action::DeleteMessage { chat: chat.clone(), id: own.id.clone(), for_me: true }).await?;
    if !c.shows(Operation::DeleteMessage) {
        return Ok(());
    }
    let left = message_now(c, chat, &own.id).await?;
    ensure(left.is_none_or(|m| m.revoked == Some(true)), || {
        "a message deleted for oneself is still there".into()
    })
}

pub(super) async fn react(c: &Context) -> Verdict {
    let (chat, other) = (c.user()?, c.text(false)?);
    for emoji in ["👍", "❤️", ""] {
        let action = Action::React { chat: chat.clone(), id: other.id.clone(), emoji: emoji.into() };
        if emoji.is_empty() {
            // Some versions of GOWA can react and not take it back; they say so.
            match c.chats().perform(action.clone()).await {
                Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(()),
                answer => answer.map(drop)?,
            }
        }
        c.perform(action).await?;
        if !c.shows(Operation::React) {
            continue;
        }
        let Some(now) = message_now(c, chat, &other.id).await? else { return fail("the message is gone") };
        let Some(reactions) = now.reactions else { continue };
        let own: Vec<_> =
            reactions.iter().filter(|r| r.from_me == Some(true)).map(|r| r.emoji.as_str()).collect();
        let wanted: Vec<_> = [emoji].into_iter().filter(|e| !e.is_empty()).collect();
        ensure(own == wanted, || {
            format!("{} own reactions are shown, {} wanted, or others", own.len(), wanted.len())
        })?;
    }
    Ok(())
}

pub(super) async fn star(c: &Context) -> Verdict {
    let (chat, id) = (c.user()?.clone(), c.text(false)?.id.clone());
    c.perform(Action::Star { chat: chat.clone(), id: id.clone() }).await?;
    c.perform(Action::Star { chat: chat.clone(), id: id.clone() }).await?;
    c.perform(Action::Unstar { chat, id }).await.map(drop)
}

pub(super) async fn pin_message(c: &Context) -> Verdict {
    let (chat, id) = (c.user()?.clone(), c.text(false)?.id.clone());
    for duration in [PinDuration::Day, PinDuration::Week, PinDuration::Month] {
        c.perform(Action::PinMessage { chat: chat.clone(), id: id.clone(), duration }).await?;
        c.perform(Action::UnpinMessage { chat: chat.clone(), id: id.clone() }).await?;
    }
    Ok(())
}

/// Sets and unsets a flag of a chat, twice each: the second time it is so already.
async fn flag(c: &Context, on: Action, off: Action, told: fn(&Chat) -> Option<bool>, what: &str) -> Verdict {
    for (action, wanted) in [(on.clone(), true), (on, true), (off.clone(), false), (off, false)] {
        let (chat, operation) = (action.chat().cloned(), action.operation());
        c.perform(action).await?;
        let Some(chat) = chat else { return fail("the action names no chat") };
        if let Some(now) = chat_now(c, &chat).await?.filter(|_| c.shows(operation)) {
            shows(told(&now), wanted, what)?;
        }
    }
    Ok(())
}

pub(super) async fn archive(c: &Context) -> Verdict {
    let chat = c.user()?.clone();
    flag(c, Action::Archive { chat: chat.clone() }, Action::Unarchive { chat }, |c| c.archived, "archived")
        .await
}

pub(super) async fn pin_chat(c: &Context) -> Verdict {
    let chat = c.user()?.clone();
    flag(c, Action::PinChat { chat: chat.clone() }, Action::UnpinChat { chat }, |c| c.pinned, "pinned").await
}

pub(super) async fn unread(c: &Context) -> Verdict {
    let chat = c.user()?.clone();
    let told = |chat: &Chat| match (chat.marked_unread, chat.unread_count) {
        (None, None) => None,
        (marked, count) => Some(marked == Some(true) || count.is_some_and(|count| count > 0)),
    };
    flag(c, Action::MarkUnread { chat: chat.clone() }, Action::MarkRead { chat }, told, "unread").await
}

pub(super) async fn mark_read(c: &Context) -> Verdict {
    let chat = c.user()?;
    c.perform(Action::MarkRead { chat: chat.clone() }).await?;
    match chat_now(c, chat).await?.filter(|_| c.shows(Operation::MarkRead)) {
        Some(now) => shows(now.unread_count, 0, "the number of unread messages"),
        None => Ok(()),
    }
}

pub(super) async fn disappearing(c: &Context) -> Verdict {
    let chat = c.user()?;
    let timers =
        [DisappearingTimer::Day, DisappearingTimer::Week, DisappearingTimer::Quarter, DisappearingTimer::Off];
    for timer in timers {
        c.perform(Action::Disappearing { chat: chat.clone(), timer }).await?;
        if let Some(now) = chat_now(c, chat).await?.filter(|_| c.shows(Operation::Disappearing)) {
            shows(now.ephemeral_seconds, timer.seconds(), "the disappearing timer")?;
        }
    }
    Ok(())
}

pub(super) async fn clear(c: &Context) -> Verdict {
    let chat = c.spare()?;
    c.perform(Action::ClearMessages { chat: chat.clone() }).await?;
    if !c.shows(Operation::ClearMessages) {
        return Ok(());
    }
    let left = c.chats().chat(chat)?.messages().collect().await?;
    ensure(left.is_empty(), || format!("{} messages are left", left.len()))
}

pub(super) async fn delete_chat(c: &Context) -> Verdict {
    let chat = c.spare()?;
    c.perform(Action::DeleteChat { chat: chat.clone() }).await?;
    if !c.shows(Operation::DeleteChat) {
        return Ok(());
    }
    ensure(chat_now(c, chat).await?.is_none(), || "the chat is still in the list".into())?;
    match c.chats().chat(chat)?.messages().limit(3).collect().await {
        Ok(left) => {
            ensure(left.is_empty(), || format!("{} messages of the deleted chat are left", left.len()))
        }
        Err(error) => c.expect_error::<()>(Err(error), &[ErrorKind::NotFound], "a deleted chat").map(drop),
    }
}
