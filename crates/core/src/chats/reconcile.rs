use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;

use super::Chats;
use crate::{
    Action, Capability, ErrorKind, Gateway, Message, MessageId, MessageKey, Missing, Pool, Repeat, Result,
    SessionState,
};

/// How many own messages are looked at after a send, newest first.
const LOOK_AT: u64 = 1_000;

/// A change as it was tried, for [`Chats::reconcile`]. Made **before** it is tried: it keeps the time.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use wachats_core::{Action, Attempt, Chat, ChatId, Chats, Effect, Memory, Verdict};
/// # let anna: ChatId = "79001234567@c.us".parse()?;
/// # let chats = Chats::new(Memory::new([Chat::new(anna.clone())], []));
/// let send = Action::SendText { chat: anna, text: "Hello".into(), reply_to: None };
/// let attempt = Attempt::new(send.clone());
/// match chats.perform(send).await {
///     Err(error) if error.effect() == Effect::Unknown => match chats.reconcile(&attempt).await? {
///         Verdict::Done { message_id } => println!("it was sent after all: {message_id:?}"),
///         Verdict::NotDone => println!("it was not sent: it may be sent anew"),
///         other => println!("somebody has to look: {other:?}"),
///     },
///     other => drop(other?),
/// }
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Attempt {
    action: Action,
    started_at: DateTime<Utc>,
    id: Option<MessageId>,
    others: Vec<MessageKey>,
    clocks: Duration,
    settle: Duration,
}

impl Attempt {
    /// This action, about to be tried now.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            started_at: Utc::now(),
            id: None,
            others: Vec::new(),
            clocks: Duration::from_secs(120),
            settle: Duration::from_secs(60),
        }
    }

    /// It was begun at this time, as an application stored it.
    pub fn started_at(mut self, time: DateTime<Utc>) -> Self {
        self.started_at = time;
        self
    }

    /// A send to which the caller gave an id of its own (WAHA from 2026.4.3): it is looked for by that alone.
    pub fn with_id(mut self, id: MessageId) -> Self {
        self.id = Some(id);
        self
    }

    /// A message of the same text that is known to come of another send.
    pub fn not(mut self, key: MessageKey) -> Self {
        self.others.push(key);
        self
    }

    /// How far this machine's clock and WhatsApp's may lie apart: 2 minutes unless told otherwise. Of a
    /// message with the same text from within that time before the attempt it can't be told which it is.
    pub fn clocks_apart(mut self, time: Duration) -> Self {
        self.clocks = time;
        self
    }

    /// How long a gateway may still be at it: 60 s unless told otherwise. Before that, what isn't there yet
    /// is [`Verdict::TooEarly`].
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// The action.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// It isn't there: is that final?
    fn absent(&self) -> Verdict {
        let since = (Utc::now() - self.started_at).to_std().unwrap_or_default();
        match self.settle.checked_sub(since) {
            Some(wait) if !wait.is_zero() => Verdict::TooEarly { wait },
            _ => Verdict::NotDone,
        }
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("action", &self.action)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

/// Whether a change took effect, as far as the gateway lets one look.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It took effect.
    Done {
        /// The message: of a send the new one, else the one it was about.
        message_id: Option<MessageId>,
    },
    /// It took no effect, and none is to be expected.
    NotDone,
    /// It isn't there, and the gateway may still be at it.
    TooEarly {
        /// After this time the answer is final.
        wait: Duration,
    },
    /// The gateway doesn't show it.
    CantTell {
        /// Why; it holds no content.
        reason: Cow<'static, str>,
    },
}

fn cant_tell(reason: &'static str) -> Verdict {
    Verdict::CantTell { reason: Cow::Borrowed(reason) }
}

impl Chats {
    /// Looks whether a change whose outcome is unknown took effect. It only reads: nothing is ever sent again.
    ///
    /// A send is looked for among the own messages of its chat since it was begun, by its text and what it
    /// answers, or by its own id; an edit, a deletion for everyone and a reaction show in the message, clearing in
    /// the chat. Of the rest, what is the same done twice can be done again, and a pinned message can't be seen.
    /// Behind a [`Pool`], the member is asked that the chat stays with.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn reconcile(&self, attempt: &Attempt) -> Result<Verdict> {
        let chat = attempt.action.chat();
        let pool = self.backend::<Pool>().zip(chat).and_then(|(pool, chat)| pool.handle_of(chat));
        let looked = Box::pin(pool.unwrap_or(self).look(attempt)).await;
        match looked {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                Ok(cant_tell("the gateway doesn't let one look: it can't list or look up messages that way"))
            }
            looked => looked,
        }
    }

    async fn look(&self, attempt: &Attempt) -> Result<Verdict> {
        match &attempt.action {
            Action::SendText { text, reply_to, .. } => match &attempt.id {
                Some(id) => self.look_for_id(attempt, id).await,
                None => self.look_for_text(attempt, text, reply_to.as_ref()).await,
            },
            Action::EditMessage { id, text, .. } => {
                let Some(found) = self.message_now(attempt, id).await? else {
                    return Ok(cant_tell("the message isn't there"));
                };
                Ok(if same_text(&found, text) {
                    done(found)
                } else if found.edited == Some(false) {
                    attempt.absent()
                } else {
                    cant_tell("the gateway doesn't show edits, or it was edited otherwise")
                })
            }
            Action::DeleteMessage { id, for_me, .. } => match self.message_now(attempt, id).await? {
                None => Ok(Verdict::Done { message_id: Some(id.clone()) }),
                Some(found) if found.revoked == Some(true) && !for_me => Ok(done(found)),
                Some(found) if found.revoked == Some(false) => Ok(attempt.absent()),
                Some(_) => Ok(cant_tell("the gateway goes on to list what was deleted")),
            },
            Action::React { id, emoji, .. } => {
                let Some(found) = self.message_now(attempt, id).await? else {
                    return Ok(cant_tell("the message isn't there"));
                };
                let Some(reactions) = &found.reactions else {
                    return Ok(cant_tell("the gateway doesn't show reactions"));
                };
                let own = reactions.iter().find(|r| r.from_me == Some(true)).map(|r| r.emoji.as_str());
                let there = own.unwrap_or("") == emoji;
                Ok(if there { done(found) } else { attempt.absent() })
            }
            Action::ClearMessages { chat } => {
                let left = self.chat(chat)?.messages().until(attempt.started_at).limit(1).collect().await?;
                Ok(if left.is_empty() { Verdict::Done { message_id: None } } else { attempt.absent() })
            }
            other if other.operation().repeat() == Repeat::Same => {
                Ok(cant_tell("done twice it is the same: it may be done again"))
            }
            _ => Ok(cant_tell("no gateway shows it")),
        }
    }

    async fn look_for_id(&self, attempt: &Attempt, id: &MessageId) -> Result<Verdict> {
        match self.message_now(attempt, id).await? {
            Some(found) => Ok(done(found)),
            None => self.nothing_sent(attempt).await,
        }
    }

    async fn look_for_text(
        &self,
        attempt: &Attempt,
        text: &str,
        reply_to: Option<&MessageId>,
    ) -> Result<Verdict> {
        let clocks = TimeDelta::from_std(attempt.clocks).unwrap_or_else(|_| TimeDelta::hours(1));
        let since = attempt.started_at - clocks;
        let Some(chat) = attempt.action.chat() else { return Ok(cant_tell("it concerns no chat")) };
        let list = self.chat(chat)?.messages().since(since).from_me(true).limit(LOOK_AT);
        let is_it = |message: &Message| {
            let answers = match (&message.reply_to, reply_to) {
                (Some(told), Some(asked)) => told.key == *asked.key(),
                (Some(_), None) => false,
                (None, _) => true, // not every gateway tells
            };
            same_text(message, text) && answers && !attempt.others.contains(&message.key)
        };
        let mut stream = list.stream();
        let (mut before, mut read) = (false, 0);
        while let Some(message) = stream.try_next().await? {
            read += 1;
            if !is_it(&message) {
                continue;
            }
            // times of messages are whole seconds
            match message.sent_at {
                Some(at) if at.timestamp() >= attempt.started_at.timestamp() => return Ok(done(message)),
                _ => before = true,
            }
        }
        if before {
            return Ok(cant_tell(
                "a message of this text was sent shortly before: it may be this one or another",
            ));
        }
        if read >= LOOK_AT {
            return Ok(cant_tell("too much was sent since: the newest thousand messages don't hold it"));
        }
        self.nothing_sent(attempt).await
    }

    /// What is not in the list may still lie where the list doesn't show it.
    async fn nothing_sent(&self, attempt: &Attempt) -> Result<Verdict> {
        if self.gateway() == Gateway::GREEN_API {
            return Ok(cant_tell("Green-API may hold it in its queue, for up to a day"));
        }
        let knows_state = self.info().capabilities.support(Capability::Status) != crate::Support::No;
        if knows_state && self.status().await?.state != SessionState::Working {
            return Ok(cant_tell("the session isn't working: what the gateway holds may still be sent"));
        }
        Ok(attempt.absent())
    }

    async fn message_now(&self, attempt: &Attempt, id: &MessageId) -> Result<Option<Message>> {
        let Some(chat) = attempt.action.chat() else { return Ok(None) };
        match self.chat(chat)?.message(id.clone())?.get().await {
            Ok(message) => Ok(Some(message)),
            Err(error)
                if error.kind() == ErrorKind::NotFound && error.missing() == Some(Missing::Message) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn done(message: Message) -> Verdict {
    Verdict::Done { message_id: Some(message.id) }
}

/// Gateways trim texts.
fn same_text(message: &Message, text: &str) -> bool {
    message.text.as_deref().is_some_and(|found| found.trim() == text.trim())
}
