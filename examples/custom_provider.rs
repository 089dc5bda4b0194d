//! A gateway of your own, judged by the conformance suite: `cargo run --example custom_provider`.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use async_trait::async_trait;
use futures::lock::Mutex;
use wachats::*;
use wachats_conformance::{Expected, Fixture, Suite};

const ME: Gateway = Gateway::new("notes");

/// Notes to oneself, newest first.
struct Notes(Mutex<Vec<Message>>);

fn note(chat: &ChatId, n: usize, text: &str) -> Result<Message> {
    let mut message = Message::new(chat.clone(), format!("NOTE{n}").parse()?, n % 2 == 1);
    message.sent_at = chrono::DateTime::from_timestamp(1_790_000_000 + n as i64, 0);
    (message.kind, message.text) = (MessageKind::Text, Some(text.to_owned()));
    Ok(message)
}

fn cant(operation: Operation) -> Error {
    Error::new(ErrorKind::Unsupported, operation).with_gateway(ME)
}

#[async_trait]
impl ChatsProvider for Notes {
    fn info(&self) -> ProviderInfo {
        use Capability as C;
        let mut can = Capabilities::none(ME, "notes have no such thing");
        can.set_all(&[C::ListChats, C::ListMessages, C::SendText], &Entry::native());
        // What is declared emulated is done by the emulation layer, over the plain list.
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
        Ok(Page::new(
            self.0.lock().await.first().map(|note| Chat::new(note.chat_id.clone())).into_iter().collect(),
        ))
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        if query.search.is_some() {
            return Err(cant(Operation::ListMessages)); // asked whether it could search after all
        }
        let notes = self.0.lock().await;
        let asked = notes.iter().filter(|note| query.chat.chat() == Some(&note.chat_id));
        Ok(Page::new(asked.take(query.limit.unwrap_or(100) as usize).cloned().collect()))
    }
    async fn perform(&self, action: Action) -> Result<Outcome> {
        let Action::SendText { chat, text, reply_to: None } = &action else {
            return Err(cant(action.operation()));
        };
        let mut notes = self.0.lock().await;
        let n = notes.len() * 2 + 1;
        notes.insert(0, note(chat, n, text)?);
        Ok(Outcome::of(&action))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let chat: ChatId = "5511900000001".parse()?;
    let texts = ["Привет", "Yes, tomorrow", "Call the Café", "Done", "Buy bread"].iter().enumerate();
    let notes = texts.map(|(n, text)| note(&chat, 5 - n, text)).collect::<Result<Vec<_>>>()?;
    let expected = Expected::new(vec![Chat::new(chat)], notes.clone());
    let suite = Suite::new(move || {
        std::future::ready(Ok(Fixture::new(Chats::new(Notes(Mutex::new(notes.clone()))), expected.clone())))
    });
    let report = suite.run().await;
    print!("{report}");
    if report.is_ok() { Ok(()) } else { Err("the provider doesn't keep its promises".into()) }
}
