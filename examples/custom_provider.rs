//! A gateway of your own: `cargo run --example custom_provider`.
//!
//! The provider below keeps notes in memory and serves three reads and one action; layers, streams, filters and
//! refusals come with [`Chats`]. Then the conformance suite judges it: what it claims must hold.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::DateTime;
use wachats::{
    Action, Capabilities, Capability as C, Chat, ChatId, Chats, ChatsProvider, Entry, Error, ErrorKind,
    Gateway, ListChats, ListMessages, Message, MessageKind, Operation, Outcome, Page, ProviderInfo, Result,
};
use wachats_conformance::{Expected, Fixture, Suite};

struct Notes(Mutex<Vec<Message>>);

fn chat() -> Chat {
    Chat::new(ChatId::phone("5511900000001").unwrap_or_else(|_| unreachable!("it is a number")))
}

fn note(n: usize, text: &str, from_me: bool) -> Result<Message> {
    let mut message = Message::new(chat().id, format!("NOTE{n}").parse()?, from_me);
    message.sent_at = DateTime::from_timestamp(1_790_000_000 + n as i64, 0);
    message.kind = MessageKind::Text;
    message.text = Some(text.to_owned());
    Ok(message)
}

#[async_trait]
impl ChatsProvider for Notes {
    fn info(&self) -> ProviderInfo {
        let mut can = Capabilities::none(Gateway::new("notes"), "notes have no such thing");
        can.set_all(&[C::ListChats, C::ListMessages, C::SendText], &Entry::native());
        // Declared emulated, an argument never arrives here: the emulation layer does it.
        let filters =
            [C::FilterSince, C::FilterUntil, C::FilterFromMe, C::Search, C::MessagesOffset, C::GetMessage];
        can.set_all(&filters, &Entry::emulated("reads all notes: one call"));
        ProviderInfo::new(Arc::new(can))
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        Ok(self.info().capabilities)
    }
    async fn list_chats(&self, _: &ListChats) -> Result<Page<Chat>> {
        Ok(Page::new(vec![chat()]))
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gateway = Gateway::new("notes");
        let skip: usize = match &query.page {
            Some(token) => token.open(&gateway, query.fingerprint(), Operation::ListMessages)?,
            None => query.offset as usize,
        };
        let asked = query.chat.chat() == Some(&chat().id);
        let end = skip + query.limit.unwrap_or(100) as usize;
        let mut page =
            Page::new(notes.iter().rev().filter(|_| asked).skip(skip).take(end - skip).cloned().collect());
        if asked && end < notes.len() {
            page.next = Some(wachats::PageToken::new(gateway, query.fingerprint(), &end)?);
        }
        Ok(page)
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(&action);
        let Action::SendText { text, reply_to: None, .. } = &action else {
            return Err(
                Error::new(ErrorKind::Unsupported, action.operation()).with_gateway(Gateway::new("notes"))
            );
        };
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let message = note(notes.len(), text, true)?;
        outcome.message_id = Some(message.id.clone());
        notes.push(message);
        Ok(outcome)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let texts = ["Buy bread", "Done", "Call the Café", "Yes, tomorrow", "Привет"];
    let notes =
        texts.iter().enumerate().map(|(n, text)| note(n, text, n % 2 == 1)).collect::<Result<Vec<_>>>()?;
    let chats = Chats::new(Notes(Mutex::new(notes.clone())));
    println!("Found: {}", chats.chat(chat().id)?.messages().search("café").collect().await?.len());
    let report = Suite::new(move || {
        let notes = notes.clone();
        async move {
            let world = notes.iter().rev().cloned().collect();
            Ok(Fixture::new(Chats::new(Notes(Mutex::new(notes))), Expected::new(vec![chat()], world)))
        }
    })
    .run()
    .await;
    print!("{report}");
    if report.is_ok() { Ok(()) } else { Err("the provider doesn't keep its promises".into()) }
}
