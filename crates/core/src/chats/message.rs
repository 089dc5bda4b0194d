use super::{Chats, Media};
use crate::{
    Action, ChatId, Error, GetMessage, MessageId, OpenMedia, Operation, Outcome, PinDuration, Result,
};

/// One message, to be read and managed. Made by [`Chat::message`](super::Chat::message).
///
/// # Errors
/// Of each verb: `Unsupported`, before any request, where the gateway can't do it; `NotFound` where the
/// message isn't there and the gateway tells; `OutcomeUnknown` when a change was sent and no answer came:
/// it was not repeated then.
///
/// # Cancel safety
/// A verb whose future is dropped midway is done or not done.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use wachats_core::{ChatId, Chats, Memory, Message};
/// # let anna: ChatId = "79001234567@c.us".parse()?;
/// # let chats = Chats::new(Memory::new([], [Message::new(anna, "3EB0C431".parse()?, true)]));
/// let message = chats.chat("79001234567")?.message("3EB0C431")?;
/// message.edit("Hello").await?;
/// message.react("👍").await?;
/// assert_eq!(message.get().await?.text.as_deref(), Some("Hello"));
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Message {
    chats: Chats,
    chat: ChatId,
    id: MessageId,
}

impl Message {
    pub(super) fn new(chats: &Chats, chat: ChatId, id: MessageId) -> Self {
        Self { chats: chats.clone(), chat, id }
    }

    /// Its id, as given.
    pub fn id(&self) -> &MessageId {
        &self.id
    }

    /// The message itself.
    ///
    /// # Errors
    /// `NotFound` when the chat doesn't hold it; `Unsupported` when the gateway can't look it up and the
    /// newest [`max_scan`](Chats::max_scan) messages don't hold it; those of a read.
    pub async fn get(&self) -> Result<crate::Message> {
        let mut query = GetMessage::new(self.chat.clone(), self.id.clone());
        query.raw = self.chats.options.raw;
        query.max_scan = self.chats.options.max_scan;
        self.chats.run(self.chats.stack.get_message(&query)).await
    }

    /// Changes its text or caption; it must be an own message.
    ///
    /// # Errors
    /// See [`Message`]; `InvalidInput` for an empty text.
    pub async fn edit(&self, text: impl Into<String>) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::EditMessage { chat, id, text: text.into() }).await
    }

    /// Deletes it for everyone.
    ///
    /// # Errors
    /// See [`Message`].
    pub async fn delete_for_everyone(&self) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::DeleteMessage { chat, id, for_me: false }).await
    }

    /// Deletes it on this account alone.
    ///
    /// # Errors
    /// See [`Message`].
    pub async fn delete_for_me(&self) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::DeleteMessage { chat, id, for_me: true }).await
    }

    /// Pins it for a time.
    ///
    /// # Errors
    /// See [`Message`].
    pub async fn pin(&self, duration: PinDuration) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::PinMessage { chat, id, duration }).await
    }

    /// Unpins it.
    ///
    /// # Errors
    /// See [`Message`].
    pub async fn unpin(&self) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::UnpinMessage { chat, id }).await
    }

    /// Reacts with an emoji; an empty one takes the reaction back.
    ///
    /// # Errors
    /// See [`Message`]; `InvalidInput` for what is no emoji.
    pub async fn react(&self, emoji: impl Into<String>) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::React { chat, id, emoji: emoji.into() }).await
    }

    /// Stars it.
    ///
    /// # Errors
    /// See [`Message`].
    pub async fn star(&self) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::Star { chat, id }).await
    }

    /// Takes the star away.
    ///
    /// # Errors
    /// See [`Message`].
    pub async fn unstar(&self) -> Result<Outcome> {
        let (chat, id) = self.place();
        self.chats.perform(Action::Unstar { chat, id }).await
    }

    /// Forwards it to another chat; the outcome's chat is that one, its message the copy. The gateway must have
    /// the message: WAHA and GOWA in their store, Green-API in its journal.
    ///
    /// # Errors
    /// See [`Message`]; `InvalidInput` for what is no chat id.
    pub async fn forward_to<I>(&self, chat: I) -> Result<Outcome>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let to = chat.try_into().map_err(|e| Error::from(e).with_operation(Operation::Forward))?;
        let (chat, id) = self.place();
        self.chats.perform(Action::Forward { chat, id, to }).await
    }

    /// Its media. Where the message was read already, [`Chats::media`] saves a look-up.
    pub fn media(&self) -> Media {
        Media::new(&self.chats, OpenMedia::new(self.chat.clone(), self.id.clone()))
    }

    fn place(&self) -> (ChatId, MessageId) {
        (self.chat.clone(), self.id.clone())
    }
}
