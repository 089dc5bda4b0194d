use std::sync::atomic::Ordering;

use wachats_core::{
    Action, Capability, Effect, Error, ErrorKind, MessageId, Operation, Outcome, Result, Support,
};

use crate::Inbound;
use crate::inbox::ReplyState;

/// What became of an answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Replied {
    /// It was sent just now.
    Sent(Outcome),
    /// It was sent by an earlier attempt, and not again.
    Before {
        /// Its message, where the gateway told its id.
        message_id: Option<MessageId>,
    },
    /// It may have been sent, now or by an earlier attempt: that is written down with the event, and it is not sent
    /// again. [`Inbox::unknown_replies`](crate::Inbox::unknown_replies) tells of it.
    Unknown,
}

impl Inbound {
    /// Answers in the event's chat, quoting its message where there is one and the gateway can: at most once, whatever
    /// happens. A handler that answers several times in one run has each answer kept apart by its number, so it
    /// should ask for the same ones in every attempt.
    ///
    /// # Errors
    /// `ConfigInvalid` where [`Handling::replies_through`](crate::Handling::replies_through) named no account;
    /// `InvalidInput` for an event of no chat; `Io` where it could not be written down, and then nothing was sent;
    /// those of a send that certainly took no effect: it may be tried again by a later attempt.
    ///
    /// # Cancel safety
    /// A future dropped midway leaves an answer whose outcome is unknown.
    pub async fn reply(&self, text: impl Into<String>) -> Result<Replied> {
        let error = |kind, message: &'static str| {
            Error::new(kind, Operation::SendText)
                .with_gateway(self.gateway.clone())
                .with_effect(Effect::NotSent)
                .with_message(message)
        };
        let Some(chats) = &self.chats else {
            return Err(error(ErrorKind::ConfigInvalid, "no account is named to answer through"));
        };
        let Some(chat) = self.chat_id.clone() else {
            return Err(error(ErrorKind::InvalidInput, "the event belongs to no chat"));
        };
        let number = self.replies.fetch_add(1, Ordering::AcqRel);
        match self.begin(number).await? {
            Some(ReplyState::Sent(id)) => {
                return Ok(Replied::Before { message_id: id.and_then(|id| id.parse().ok()) });
            }
            Some(_) => return Ok(Replied::Unknown),
            None => {}
        }
        let quotes = chats.info().capabilities.support(Capability::Reply) != Support::No;
        let reply_to = self.message().filter(|_| quotes).map(|message| message.id.clone());
        let sent = chats.perform(Action::SendText { chat, text: text.into(), reply_to }).await;
        let (state, result) = match sent {
            Ok(outcome) => {
                let id = outcome.message_id.as_ref().map(ToString::to_string);
                (Some(ReplyState::Sent(id)), Ok(Replied::Sent(outcome)))
            }
            Err(error) if error.effect() == Effect::Unknown => {
                tracing::warn!(kind = error.kind().as_str(), "it is not known whether an answer was sent");
                (Some(ReplyState::Unknown), Ok(Replied::Unknown))
            }
            Err(error) => (None, Err(error)),
        };
        let event = self.id();
        let kept = self.inbox.worker().run(move |store| store.set_reply(event, number, state.as_ref())).await;
        if let Err(error) = kept {
            // what stands written is "being sent", which counts as unknown from now on
            tracing::warn!(
                kind = error.kind().as_str(),
                "the outcome of an answer could not be written down"
            );
        }
        result
    }

    /// Writes down that the answer is about to be sent, unless it was before; gives what was known of it then. The disk
    /// has it before anything is sent.
    async fn begin(&self, number: u32) -> Result<Option<ReplyState>> {
        let event = self.id();
        let job = move |store: &mut dyn crate::inbox::Store| {
            let known = store.reply(event, number)?;
            match &known {
                None => store.set_reply(event, number, Some(&ReplyState::Sending))?,
                Some(ReplyState::Sending) => store.set_reply(event, number, Some(&ReplyState::Unknown))?,
                Some(_) => {}
            }
            Ok(known)
        };
        self.inbox.worker().run_safely(job).await
    }
}
