use futures::TryStreamExt;

use super::{Chats, Message, MessageList};
use crate::{
    Action, ChatId, DisappearingTimer, Error, ErrorKind, MessageId, Operation, Outcome, PictureQuery, Result,
};

/// One chat, to be read and managed. Made by [`Chats::chat`].
///
/// # Errors
/// Of each verb: `Unsupported`, before any request, where the gateway can't do it; `NotFound` where the chat
/// isn't there and the gateway tells; `OutcomeUnknown` when a change was sent and no answer came. What was
/// sent and may have taken effect is repeated only where twice is the same as once
/// ([`Operation::repeat`](crate::Operation::repeat)).
///
/// # Cancel safety
/// A verb whose future is dropped midway is done or not done.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use wachats_core::{Chat, ChatId, Chats, Memory};
/// # let id: ChatId = "79001234567@c.us".parse()?;
/// # let chats = Chats::new(Memory::new([Chat::new(id)], []));
/// let chat = chats.chat("+7 900 123-45-67")?;
/// chat.archive().await?;
/// let sent = chat.send("Hello").await?;
/// if let Some(id) = sent.message_id {
///     chat.message(id)?.edit("Hello again").await?;
/// }
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Chat {
    pub(super) chats: Chats,
    pub(super) id: ChatId,
}

impl Chat {
    pub(crate) fn new(chats: &Chats, id: ChatId) -> Self {
        Self { chats: chats.clone(), id }
    }

    /// Its id.
    pub fn id(&self) -> &ChatId {
        &self.id
    }

    /// Is it in the gateway's list of chats? Where that can't be told, it is taken to be. An overview tells less: WAHA's
    /// leaves channels out, and looks up a picture and a message of each chat.
    pub(crate) async fn is_listed(&self) -> Result<bool> {
        let most = self.chats.options.max_scan.unwrap_or(self.chats.default_scan);
        let mut chats = self.chats.list().raw(false).limit(most).page_size(1_000).stream();
        // not every list tells a person's other id
        let other = match self.id.is_lid() {
            true => self.chats.resolve(self.id.clone()).await.ok().and_then(|person| person.phone_id),
            false => None,
        };
        let is_this = |id: &ChatId| *id == self.id || other.as_ref() == Some(id);
        let mut seen = 0;
        loop {
            match chats.try_next().await {
                Ok(Some(chat)) if is_this(&chat.id) || chat.alternate_id.as_ref().is_some_and(is_this) => {
                    return Ok(true);
                }
                Ok(Some(_)) => seen += 1,
                Ok(None) => return Ok(seen >= most),
                Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    /// Its messages.
    pub fn messages(&self) -> MessageList {
        MessageList::new(&self.chats, self.id.clone().into())
    }

    /// One of its messages, by its full id or its bare key. Nothing is sent.
    ///
    /// # Errors
    /// `InvalidInput` for what is no message id.
    pub fn message<I>(&self, id: I) -> Result<Message>
    where
        I: TryInto<MessageId>,
        Error: From<I::Error>,
    {
        Ok(Message::new(&self.chats, self.id.clone(), id.try_into()?))
    }

    /// The address of its picture; `None` where there is none or it is hidden. `refresh`: ask WhatsApp anew.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn picture(&self, refresh: bool) -> Result<Option<String>> {
        let mut query = PictureQuery::new(self.id.clone());
        query.refresh = refresh;
        self.chats.run(self.chats.stack.chat_picture(&query)).await
    }

    /// Archives it.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn archive(&self) -> Result<Outcome> {
        self.chats.perform(Action::Archive { chat: self.id.clone() }).await
    }

    /// Takes it out of the archive.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn unarchive(&self) -> Result<Outcome> {
        self.chats.perform(Action::Unarchive { chat: self.id.clone() }).await
    }

    /// Marks it as read.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn mark_read(&self) -> Result<Outcome> {
        self.chats.perform(Action::MarkRead { chat: self.id.clone() }).await
    }

    /// Marks it as unread.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn mark_unread(&self) -> Result<Outcome> {
        self.chats.perform(Action::MarkUnread { chat: self.id.clone() }).await
    }

    /// Deletes it.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn delete(&self) -> Result<Outcome> {
        self.chats.perform(Action::DeleteChat { chat: self.id.clone() }).await
    }

    /// Deletes all of its messages.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn clear(&self) -> Result<Outcome> {
        self.chats.perform(Action::ClearMessages { chat: self.id.clone() }).await
    }

    /// Pins it to the top of the list.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn pin(&self) -> Result<Outcome> {
        self.chats.perform(Action::PinChat { chat: self.id.clone() }).await
    }

    /// Unpins it.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn unpin(&self) -> Result<Outcome> {
        self.chats.perform(Action::UnpinChat { chat: self.id.clone() }).await
    }

    /// Sets its disappearing timer.
    ///
    /// # Errors
    /// See [`Chat`].
    pub async fn disappearing(&self, timer: DisappearingTimer) -> Result<Outcome> {
        self.chats.perform(Action::Disappearing { chat: self.id.clone(), timer }).await
    }

    /// Sends a text. The outcome has the new message's id where the gateway tells it.
    ///
    /// # Errors
    /// See [`Chat`]; `InvalidInput` for an empty text.
    pub async fn send(&self, text: impl Into<String>) -> Result<Outcome> {
        self.chats
            .perform(Action::SendText { chat: self.id.clone(), text: text.into(), reply_to: None })
            .await
    }

    /// Sends a text in answer to a message of this chat.
    ///
    /// # Errors
    /// See [`Chat`]; `InvalidInput` for an empty text or what is no message id.
    pub async fn reply<I>(&self, id: I, text: impl Into<String>) -> Result<Outcome>
    where
        I: TryInto<MessageId>,
        Error: From<I::Error>,
    {
        let id = id.try_into().map_err(|e| Error::from(e).with_operation(Operation::SendText))?;
        let action = Action::SendText { chat: self.id.clone(), text: text.into(), reply_to: Some(id) };
        self.chats.perform(action).await
    }
}
