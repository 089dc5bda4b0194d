//! Looks into the world whether a change that a gateway accepted was really made.

use wachats::{Action, ChatId, MessageId};
use wachats_simulator::World;
use wachats_simulator::world::{Chat, Content, Message};

use super::sending;

/// What is wrong, if anything.
pub fn look(world: &World, action: &Action) -> Result<(), String> {
    let chat = action.chat().and_then(|chat| world.chat(chat.as_str()));
    let flag = |holds: fn(&Chat) -> bool| chat.as_ref().is_some_and(holds);
    let message = |chat: &ChatId, id: &MessageId| world.message(chat.as_str(), id.key().as_str());
    let done = match action {
        Action::Archive { .. } => flag(|chat| chat.archived),
        Action::Unarchive { .. } => flag(|chat| !chat.archived),
        Action::MarkRead { .. } => flag(|chat| chat.unread == 0 && !chat.marked_unread),
        Action::MarkUnread { .. } => flag(|chat| chat.marked_unread || chat.unread > 0),
        Action::PinChat { .. } => flag(|chat| chat.pinned_at.is_some()),
        Action::UnpinChat { .. } => flag(|chat| chat.pinned_at.is_none()),
        Action::DeleteChat { .. } => chat.is_none(),
        Action::ClearMessages { chat } => world.messages(chat.as_str()).is_empty(),
        Action::Disappearing { timer, .. } => {
            chat.is_some_and(|chat| u64::from(chat.ephemeral_seconds) == timer.seconds())
        }
        Action::PinMessage { chat, id, .. } => message(chat, id).is_some_and(|m| m.pinned_until_ms.is_some()),
        Action::UnpinMessage { chat, id } => message(chat, id).is_some_and(|m| m.pinned_until_ms.is_none()),
        Action::Star { chat, id } => message(chat, id).is_some_and(|m| m.starred),
        Action::Unstar { chat, id } => message(chat, id).is_some_and(|m| !m.starred),
        Action::EditMessage { chat, id, text, .. } => message(chat, id).is_some_and(|m| has_text(&m, text)),
        Action::DeleteMessage { chat, id, .. } => {
            message(chat, id).is_none_or(|m| m.content == Content::Revoked)
        }
        Action::React { chat, id, emoji } => message(chat, id).is_some_and(|m| {
            let own =
                m.reactions.iter().find(|reaction| reaction.from_me).map(|reaction| reaction.emoji.as_str());
            own == Some(emoji.as_str()).filter(|emoji| !emoji.is_empty())
        }),
        Action::SendText { chat, text, reply_to } => world.messages(chat.as_str()).iter().any(|m| {
            let quoted = m.quoted.as_ref().map(|quote| quote.key.as_str());
            m.from_me && has_text(m, text) && quoted == reply_to.as_ref().map(|id| id.key().as_str())
        }),
        Action::SendMedia { .. }
        | Action::SendLocation { .. }
        | Action::SendContact { .. }
        | Action::SendPoll { .. }
        | Action::Forward { .. } => sending::look(world, action)?,
        // nobody's world remembers that somebody typed
        Action::Typing { .. } => true,
        _ => return Err(format!("no witness knows {}", action.operation())),
    };
    if done { Ok(()) } else { Err(format!("{} was accepted and didn't take effect", action.operation())) }
}

fn has_text(message: &Message, text: &str) -> bool {
    message.content.text() == Some(text)
}
