//! Changes of chats and messages.

use serde_json::{Value, json};

use super::app::Call;
use super::profile::Engine;
use super::reply::{Done, Outcome, Reply, not_implemented, refused};
use super::{dto, ids as message_ids, raw_noweb, raw_web};
use crate::world::{Message, ids};

pub(crate) async fn archive(call: &Call<'_>, session: &str, chat: &str, archived: bool) -> Outcome {
    call.working(session).await?;
    let engine = call.app.engine();
    if engine == Engine::Gows {
        return Err(not_implemented(call.app, ""));
    }
    call.with_store()?;
    let known = call.app.world.archive(chat, archived);
    // NOWEB silently accepts chats it doesn't know.
    Ok(if engine == Engine::Noweb { Done::Empty } else { json!(known).into() })
}

pub(crate) async fn unread(call: &Call<'_>, session: &str, chat: &str) -> Outcome {
    call.working(session).await?;
    call.with_store()?;
    call.app.world.mark_unread(chat);
    Ok(match call.app.engine() {
        Engine::Gows => json!({"success": true}).into(),
        Engine::Wpp => json!(true).into(),
        Engine::Webjs | Engine::Noweb => Done::Empty,
    })
}

fn only_browsers(call: &Call<'_>) -> Result<(), Reply> {
    if call.app.engine().in_browser() { Ok(()) } else { Err(not_implemented(call.app, "")) }
}

pub(crate) async fn delete_chat(call: &Call<'_>, session: &str, chat: &str) -> Outcome {
    call.working(session).await?;
    only_browsers(call)?;
    Ok(json!(call.app.world.delete_chat(chat)).into())
}

pub(crate) async fn clear(call: &Call<'_>, session: &str, chat: &str) -> Outcome {
    call.working(session).await?;
    only_browsers(call)?;
    Ok(json!(call.app.world.clear_messages(chat)).into())
}

/// The message that a full id names.
fn named(call: &Call<'_>, id: &str, chat: Option<&str>, place: &str) -> Result<Option<Message>, Reply> {
    let id = message_ids::parse(call, id, place)?;
    let world = &call.app.world;
    let chats = [id.chat.clone(), chat.map(ids::canonical)];
    let found = chats.iter().flatten().find_map(|chat| world.message(chat, &id.key));
    // One person's two chats share their messages.
    Ok(found.or_else(|| {
        let chat = id.chat.as_deref()?;
        let other = world.phone_of(chat).or_else(|| world.lid_of(chat))?;
        world.message(&other, &id.key)
    }))
}

pub(crate) async fn pin(call: &Call<'_>, session: &str, chat: &str, id: &str, pinned: bool) -> Outcome {
    call.working(session).await?;
    let duration = call.field("duration").and_then(Value::as_i64);
    if pinned && !matches!(duration, Some(86_400 | 604_800 | 2_592_000)) {
        return Err(refused(
            400,
            json!(["duration must be one of the following values: 86400, 604800, 2592000"]),
        ));
    }
    if matches!(call.app.engine(), Engine::Wpp | Engine::Gows) {
        return Err(not_implemented(call.app, ""));
    }
    let message = named(call, id, Some(chat), "pinMessage")?;
    if let Some(message) = &message {
        call.app.world.pin_message(&message.chat, &message.key, duration.filter(|_| pinned));
    }
    // NOWEB never looks whether the message is there.
    Ok(json!({"success": message.is_some() || call.app.engine() == Engine::Noweb}).into())
}

pub(crate) async fn edit(call: &Call<'_>, session: &str, chat: &str, id: &str) -> Outcome {
    call.working(session).await?;
    let app = call.app;
    let message = named(call, id, Some(chat), "editMessage")?;
    let Some(message) = message.filter(|message| message.from_me) else { return Ok(Done::Empty) };
    if let Some(text) = call.text_field("text") {
        app.world.edit_message(&message.chat, &message.key, text);
    }
    let Some(message) = app.world.message(&message.chat, &message.key) else { return Ok(Done::Empty) };
    Ok(match app.engine() {
        Engine::Noweb => Done::Empty,
        Engine::Webjs => raw_web::library_message(app, &message).into(),
        Engine::Wpp => dto::message(app, &message, false).into(),
        Engine::Gows => {
            json!({"id": message_ids::full_id(&app.world, &message), "_data": dto::raw(app, &message)}).into()
        }
    })
}

pub(crate) async fn delete(call: &Call<'_>, session: &str, chat: &str, id: &str) -> Outcome {
    call.working(session).await?;
    let app = call.app;
    let message = named(call, id, Some(chat), "deleteMessage")?;
    if let Some(message) = &message {
        app.world.revoke_message(&message.chat, &message.key);
    }
    Ok(match app.engine() {
        Engine::Noweb | Engine::Webjs => Done::Empty,
        Engine::Wpp => json!(true).into(),
        Engine::Gows => match message {
            Some(message) => json!({"id": message_ids::full_id(&app.world, &message), "_data": {}}).into(),
            None => Done::Empty,
        },
    })
}

async fn body_session(call: &Call<'_>) -> Result<(), Reply> {
    match call.text_field("session") {
        Some(session) => call.working(session).await,
        None => Err(refused(400, "Session name is required")),
    }
}

pub(crate) async fn react(call: &Call<'_>) -> Outcome {
    body_session(call).await?;
    let app = call.app;
    let message = named(call, call.text_field("messageId").unwrap_or_default(), None, "setReaction")?;
    let emoji = call.text_field("reaction").unwrap_or_default();
    let Some(message) = message else { return Ok(Done::Empty) };
    let key = app.world.new_key();
    app.world.react_as(&message.chat, &message.key, None, emoji, &key);
    let made = Message::new(
        &message.chat,
        &key,
        crate::world::Content::Reaction { target: message.key.clone(), emoji: emoji.to_owned() },
    )
    .from_me(true)
    .at_ms(app.world.now_ms());
    Ok(match app.engine() {
        Engine::Noweb => raw_noweb::sent(app, &made).into(),
        Engine::Gows => json!({"id": message_ids::full_id(&app.world, &made), "_data": {}}).into(),
        Engine::Webjs | Engine::Wpp => Done::Empty,
    })
}

pub(crate) async fn star(call: &Call<'_>) -> Outcome {
    body_session(call).await?;
    let message =
        named(call, call.text_field("messageId").unwrap_or_default(), call.text_field("chatId"), "setStar")?;
    if let Some(message) = message {
        let starred = call.field("star").and_then(Value::as_bool).unwrap_or(false);
        call.app.world.star_message(&message.chat, &message.key, starred);
    }
    Ok(Done::Empty)
}
