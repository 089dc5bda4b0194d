use async_trait::async_trait;
use chrono::Utc;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Data, Memory};
use crate::events::{Batch, EventSource};
use crate::{
    Capability, DedupeKey, Event, EventKind, EventStream, Gateway, Message, Operation, PollEvents, Result,
};

/// The account, in keys.
const ACCOUNT: &str = "memory";

impl Data {
    /// Tells everybody who listens.
    pub(super) fn tell(&mut self, kind: EventKind, chat: &crate::ChatId) {
        self.told += 1;
        let key = match &kind {
            EventKind::MessageReceived { message } | EventKind::MessageSent { message } => {
                DedupeKey::message(ACCOUNT, chat, message)
            }
            _ => DedupeKey::new(kind.name(), ACCOUNT).part(chat).part(self.told),
        };
        let mut event = Event::new(Gateway::MEMORY, kind, key);
        event.chat_id = Some(chat.clone());
        event.at = event.message().and_then(|message| message.sent_at).or_else(|| Some(Utc::now()));
        self.listeners.retain(|listener| listener.send(event.clone()).is_ok());
    }

    pub(super) fn tell_message(&mut self, message: &Message) {
        let (chat, from_me, message) = (message.chat_id.clone(), message.from_me, Box::new(message.clone()));
        let kind =
            if from_me { EventKind::MessageSent { message } } else { EventKind::MessageReceived { message } };
        self.tell(kind, &chat);
    }
}

impl Memory {
    pub(super) fn listen(&self, query: &PollEvents) -> Result<EventStream> {
        let mut data = self.begin(Operation::PollEvents, &[(true, Capability::PollEvents)])?;
        let (listener, told) = unbounded_channel();
        if let Some(since) = query.since {
            let missed = data.messages.iter().rev().filter(|m| m.sent_at.is_some_and(|at| at >= since));
            let missed: Vec<Message> = missed.cloned().collect();
            let others = std::mem::replace(&mut data.listeners, vec![listener]);
            missed.iter().for_each(|message| data.tell_message(message));
            data.listeners.extend(others);
        } else {
            data.listeners.push(listener);
        }
        Ok(EventStream::new(Gateway::MEMORY, Told(told)).patience(query.patience))
    }
}

struct Told(UnboundedReceiver<Event>);

#[async_trait]
impl EventSource for Told {
    async fn fetch(&mut self) -> Result<Option<Batch>> {
        Ok(self.0.recv().await.map(|event| Batch::new(vec![event])))
    }
}
