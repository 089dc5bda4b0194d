//! A gateway of your own, judged by the conformance suite: `cargo run --example custom_provider`.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use wachats::*;
use wachats_conformance::{Expected, Fixture, Suite};

const ME: Gateway = Gateway::new("notes");

/// Notes to oneself, newest first.
struct Notes(Mutex<Vec<Message>>);

impl Notes {
    fn all(&self) -> MutexGuard<'_, Vec<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(chat: &ChatId, n: usize, text: &str) -> Result<Message> {
    let mut message = Message::new(chat.clone(), format!("NOTE{n}").parse()?, n % 2 == 1);
    message.sent_at = chrono::DateTime::from_timestamp(1_790_000_000 + n as i64, 0);
    (message.kind, message.text) = (MessageKind::Text, Some(text.to_owned()));
    Ok(message)
}

#[async_trait]
impl ChatsProvider for Notes {
    fn info(&self) -> ProviderInfo {
        use Capability as C;
        let mut can = Capabilities::none(ME, "notes have no such thing");
        can.set_all(&[C::ListChats, C::ListMessages, C::SendText], &Entry::native());
        // What is declared emulated never arrives here: the emulation layer does it over the plain list.
        let filters =
            [C::FilterSince, C::FilterUntil, C::FilterFromMe, C::Search, C::MessagesOffset, C::GetMessage];
        can.set_all(&filters, &Entry::emulated("looks at all notes: one call"));
        can.messages = Paging::new(Pager::Window, Ending::ShortPage, 100, 10_000);
        ProviderInfo::new(Arc::new(can))
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        Ok(self.info().capabilities)
    }
    async fn list_chats(&self, _: &ListChats) -> Result<Page<Chat>> {
        Ok(Page::new(self.all().first().map(|note| Chat::new(note.chat_id.clone())).into_iter().collect()))
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let limit = query.limit.unwrap_or(100) as usize;
        let notes = self.all();
        let asked = notes.iter().filter(|note| query.chat.chat() == Some(&note.chat_id));
        Ok(Page::new(asked.take(limit).cloned().collect()))
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(&action);
        let Action::SendText { chat, text, reply_to: None } = &action else {
            return Err(Error::new(ErrorKind::Unsupported, action.operation()).with_gateway(ME));
        };
        let mut notes = self.all();
        let message = note(chat, notes.len() * 2 + 1, text)?;
        outcome.message_id = Some(message.id.clone());
        notes.insert(0, message);
        Ok(outcome)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let chat: ChatId = "5511900000001".parse()?;
    let texts = ["Buy bread", "Done", "Call the Café", "Yes, tomorrow", "Привет"];
    let notes =
        texts.iter().enumerate().rev().map(|(n, text)| note(&chat, n, text)).collect::<Result<Vec<_>>>()?;
    let open = |notes| Chats::new(Notes(Mutex::new(notes)));
    let expected = Expected::new(vec![Chat::new(chat)], notes.clone());
    let suite =
        Suite::new(move || std::future::ready(Ok(Fixture::new(open(notes.clone()), expected.clone()))));
    let report = suite.run().await;
    print!("{report}");
    if report.is_ok() { Ok(()) } else { Err("the provider doesn't keep its promises".into()) }
}
