//! Commands that change something.

use serde::Serialize;
use wachats::{Action, ChatId, Error, MessageId, Operation, Outcome};

use crate::args::{ChatArg, Command, MessageArg};
use crate::failure::Run;
use crate::input;
use crate::run::Session;

/// The action that a command means; `None` for one that only reads.
pub(crate) fn action(command: &Command) -> Run<Option<Action>> {
    Ok(Some(match command {
        Command::Archive(arg) => Action::Archive { chat: of_chat(arg)? },
        Command::Unarchive(arg) => Action::Unarchive { chat: of_chat(arg)? },
        Command::MarkRead(arg) => Action::MarkRead { chat: of_chat(arg)? },
        Command::MarkUnread(arg) => Action::MarkUnread { chat: of_chat(arg)? },
        Command::DeleteChat(arg) => Action::DeleteChat { chat: of_chat(arg)? },
        Command::Clear(arg) => Action::ClearMessages { chat: of_chat(arg)? },
        Command::PinChat(arg) => Action::PinChat { chat: of_chat(arg)? },
        Command::UnpinChat(arg) => Action::UnpinChat { chat: of_chat(arg)? },
        Command::Disappearing { chat, timer } => {
            Action::Disappearing { chat: of_chat(chat)?, timer: timer.parse::<_>().map_err(|e: Error| e)? }
        }
        Command::Pin { message, time } => {
            let (chat, id) = of_message(message)?;
            Action::PinMessage { chat, id, duration: time.parse().map_err(|e: Error| e)? }
        }
        Command::Unpin(arg) => {
            let (chat, id) = of_message(arg)?;
            Action::UnpinMessage { chat, id }
        }
        Command::Star(arg) => {
            let (chat, id) = of_message(arg)?;
            Action::Star { chat, id }
        }
        Command::Unstar(arg) => {
            let (chat, id) = of_message(arg)?;
            Action::Unstar { chat, id }
        }
        Command::Edit { message, text } => {
            let (chat, id) = of_message(message)?;
            Action::EditMessage { chat, id, text: text.clone() }
        }
        Command::Delete { message, for_me } => {
            let (chat, id) = of_message(message)?;
            Action::DeleteMessage { chat, id, for_me: *for_me }
        }
        Command::React { message, emoji } => {
            let (chat, id) = of_message(message)?;
            Action::React { chat, id, emoji: emoji.clone() }
        }
        _ => return Ok(None),
    }))
}

pub(crate) fn of_chat(arg: &ChatArg) -> Run<ChatId> {
    input::chat(&arg.chat)
}

pub(crate) fn of_message(arg: &MessageArg) -> Run<(ChatId, MessageId)> {
    Ok((input::chat(&arg.chat)?, input::message(&arg.id)?))
}

pub(crate) async fn run(session: Session, action: Action) -> Run {
    let outcome = session.chats.perform(action).await?;
    told(session, &outcome)
}

/// Prints what became of an action.
pub(crate) fn told(mut session: Session, outcome: &Outcome) -> Run {
    for warning in &outcome.warnings {
        session.progress.line(&format!("warning: {warning}"));
    }
    session.out.object(&Changed::from(outcome))
}

#[derive(Serialize)]
struct Changed<'a> {
    ok: bool,
    operation: Operation,
    chat_id: Option<&'a ChatId>,
    message_id: Option<&'a MessageId>,
    /// Of an edit alone: the id that the gateway gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_message_id: Option<Option<&'a MessageId>>,
    /// Of a send alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    queued: Option<bool>,
}

const fn is_send(operation: Operation) -> bool {
    use Operation as O;
    matches!(
        operation,
        O::SendText | O::SendMedia | O::SendLocation | O::SendContact | O::SendPoll | O::Forward | O::Typing
    )
}

impl<'a> From<&'a Outcome> for Changed<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        Self {
            ok: true,
            operation: outcome.operation,
            chat_id: outcome.chat_id.as_ref(),
            message_id: outcome.message_id.as_ref(),
            new_message_id: (outcome.operation == Operation::EditMessage)
                .then_some(outcome.new_message_id.as_ref()),
            queued: is_send(outcome.operation).then_some(outcome.queued),
        }
    }
}
