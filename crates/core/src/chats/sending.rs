use std::time::Duration;

use super::Chat;
use crate::{Action, Attachment, Error, ErrorKind, Location, MessageId, Operation, Outcome, Result, Typing};

/// Sending more than texts.
///
/// One attempt each, as of every send: where no answer comes the outcome is `OutcomeUnknown`, and it is not
/// sent again. Green-API only queues what is sent ([`Outcome::queued`]).
impl Chat {
    /// Sends a file. The outcome has the new message's id where the gateway tells it.
    ///
    /// # Errors
    /// See [`Chat`]; `InvalidInput` for a file that is missing, unreadable, empty, no regular file, or of another
    /// type than its kind; `Forbidden` for an address in a private place; `TooLarge` for more than the gateway
    /// takes; `Unsupported` for a kind that the gateway lacks. All of these before anything is sent.
    ///
    /// # Examples
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use wachats_core::{Attachment, Chats, Memory};
    /// # let chats = Chats::new(Memory::new([], []));
    /// let chat = chats.chat("79001234567")?;
    /// let photo = Attachment::bytes(&b"\xff\xd8\xff\xe0\x00\x10JFIF"[..]).caption("The sea");
    /// let sent = chat.send_media(photo).await?;
    /// if let Some(id) = sent.message_id {
    ///     chat.message(id)?.forward_to("5511911111111").await?;
    /// }
    /// # Ok::<(), wachats_core::Error>(()) }).unwrap();
    /// ```
    pub async fn send_media(&self, attachment: Attachment) -> Result<Outcome> {
        self.chats.perform(Action::SendMedia { chat: self.id.clone(), attachment, reply_to: None }).await
    }

    /// Sends a file in answer to a message of this chat.
    ///
    /// # Errors
    /// As [`send_media`](Self::send_media); `InvalidInput` for what is no message id.
    pub async fn reply_media<I>(&self, id: I, attachment: Attachment) -> Result<Outcome>
    where
        I: TryInto<MessageId>,
        Error: From<I::Error>,
    {
        let id = id.try_into().map_err(|e| Error::from(e).with_operation(Operation::SendMedia))?;
        self.chats.perform(Action::SendMedia { chat: self.id.clone(), attachment, reply_to: Some(id) }).await
    }

    /// Sends a place. WAHA and Wappfy have no address, GOWA neither name nor address: `Unsupported` there.
    ///
    /// # Errors
    /// See [`Chat`]; `InvalidInput` for degrees that are not on the earth.
    pub async fn send_location(&self, location: Location) -> Result<Outcome> {
        self.chats.perform(Action::SendLocation { chat: self.id.clone(), location, reply_to: None }).await
    }

    /// Sends a contact card with one name and one phone number, as it is typed.
    ///
    /// # Errors
    /// See [`Chat`]; `InvalidInput` for a name of more than one line and a number with letters.
    pub async fn send_contact(&self, name: impl Into<String>, phone: impl Into<String>) -> Result<Outcome> {
        let (chat, name, phone) = (self.id.clone(), name.into(), phone.into());
        self.chats.perform(Action::SendContact { chat, name, phone, reply_to: None }).await
    }

    /// Sends a poll of 2 to 12 different options, of which one may be chosen, or several.
    ///
    /// # Errors
    /// See [`Chat`]; `InvalidInput` for a question or options that WhatsApp doesn't take: the question has up to
    /// 255 characters, an option up to 100.
    pub async fn send_poll<T: Into<String>>(
        &self,
        question: impl Into<String>,
        options: impl IntoIterator<Item = T>,
        multiple: bool,
    ) -> Result<Outcome> {
        let (chat, question) = (self.id.clone(), question.into());
        let options = options.into_iter().map(Into::into).collect();
        self.chats.perform(Action::SendPoll { chat, question, options, multiple, reply_to: None }).await
    }

    /// Shows the other side that the account is writing or recording, or stopped: one request. It ends by itself
    /// after about 25 s, and with the next message.
    ///
    /// # Errors
    /// See [`Chat`]; `Unsupported` where the gateway lacks what is to be shown.
    pub async fn typing(&self, typing: Typing) -> Result<Outcome> {
        self.chats.perform(Action::Typing { chat: self.id.clone(), typing, time: None }).await
    }

    /// Shows it for a time of up to 10 minutes, renewed every 10 s, and ends it then where the gateway can.
    /// Returns when the time is over.
    ///
    /// # Errors
    /// As [`typing`](Self::typing); `InvalidInput` for [`Typing::Paused`], no time or more than 10 minutes.
    ///
    /// # Cancel safety
    /// Dropped midway, it ends by itself after about 25 s.
    pub async fn typing_for(&self, typing: Typing, time: Duration) -> Result<Outcome> {
        if typing == Typing::Paused || time.is_zero() || time > Typing::LONGEST {
            return Err(Error::new(ErrorKind::InvalidInput, Operation::Typing)
                .with_gateway(self.chats.gateway())
                .with_message("typing or recording is shown for more than 0 and at most 600 seconds"));
        }
        let mut left = time;
        loop {
            let slice = left.min(Typing::SLICE);
            let show = Action::Typing { chat: self.id.clone(), typing, time: Some(slice) };
            let outcome = self.chats.perform(show).await?;
            tokio::time::sleep(slice).await;
            left = left.saturating_sub(slice);
            if left.is_zero() {
                let stop = Action::Typing { chat: self.id.clone(), typing: Typing::Paused, time: None };
                return match self.chats.perform(stop).await {
                    // there it ended by itself
                    Err(error) if error.kind() == ErrorKind::Unsupported => Ok(outcome),
                    stopped => stopped,
                };
            }
        }
    }
}
