//! Events that are pulled.

use std::time::Duration;

use wachats_core::{Action, Event, EventKind, EventStream};

use crate::check::{Context, Verdict, ensure, fail};

/// How long an event may take.
const TIME: Duration = Duration::from_secs(30);

/// The next event that tells of this own text; those before it are acknowledged.
async fn told(events: &mut EventStream, text: &str) -> Verdict<Event> {
    let waiting = async {
        while let Some(event) = events.next().await? {
            let own = matches!(&event.kind, EventKind::MessageSent { message } if message.text.as_deref() == Some(text));
            if own {
                return Ok(event);
            }
            events.ack().await?;
        }
        fail("the events ended")
    };
    tokio::time::timeout(TIME, waiting)
        .await
        .unwrap_or_else(|_| fail("nothing was told of a text that was sent"))
}

async fn send(c: &Context, text: &str) -> Verdict {
    let action = Action::SendText { chat: c.user()?.clone(), text: text.into(), reply_to: None };
    c.perform(action).await.map(drop)
}

pub(super) async fn sent(c: &Context) -> Verdict {
    let mut events = c.chats().events().open().await?;
    send(c, "Told as it happens").await?;
    let event = told(&mut events, "Told as it happens").await?;
    events.ack().await?;
    ensure(event.chat_id.as_ref() == Some(c.user()?), || "the event names another chat".into())?;
    ensure(event.gateway == c.capabilities.gateway, || "the event names another gateway".into())?;
    ensure(!event.dedupe_key.is_empty(), || "the event has no key".into())?;
    ensure(event.at.is_some(), || "the event has no time".into())?;
    ensure(event.message().is_some_and(|message| message.from_me), || {
        "the message isn't the account's own".into()
    })
}

pub(super) async fn again(c: &Context) -> Verdict {
    let mut events = c.chats().events().open().await?;
    send(c, "Not acknowledged").await?;
    let first = told(&mut events, "Not acknowledged").await?;
    let Some(second) = events.next().await? else { return fail("the events ended") };
    ensure(first == second, || "another event came before the first was acknowledged".into())?;
    events.ack().await?;
    send(c, "The next one").await?;
    let next = told(&mut events, "The next one").await?;
    ensure(next.dedupe_key != first.dedupe_key, || "two events have one key".into())
}
