use wachats_core::webhook::HeaderView;
use wachats_core::{DedupeKey, Event, EventKind, Gateway};

use super::*;
use crate::InboxOptions;

/// A gateway whose deliveries are their time alone, in milliseconds since 1970, and all tell of one event.
#[derive(Debug)]
struct Timed;

impl Webhook for Timed {
    fn gateway(&self) -> Gateway {
        Gateway::MEMORY
    }
    fn verify(&self, _: &WebhookKeys, _: &dyn HeaderView, _: &[u8]) -> Result<()> {
        Ok(())
    }
    fn told_at(&self, body: &[u8]) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(std::str::from_utf8(body).ok()?.parse().ok()?)
    }
    fn decode(&self, _: &dyn HeaderView, _: &[u8]) -> Result<Vec<Event>> {
        Ok(vec![happened()])
    }
}

fn happened() -> Event {
    let kind = EventKind::ChatArchived { archived: true };
    Event::new(Gateway::MEMORY, kind, DedupeKey::new("chat_archived", "a"))
}

/// Ages in minutes, of an inbox that keeps for an hour.
#[tokio::test]
async fn a_time_counts_for_as_long_as_is_promised_and_nothing_that_was_forgotten_is_let_in() {
    let new = |new| Verdict::Accepted { new };
    let cases = [
        (None, 45, new(1)),
        (None, 59, new(1)),
        (None, 61, Verdict::Forged),
        (None, -59, new(1)),
        (None, -61, Verdict::Forged),
        // told an hour ahead of the time at which it was handled
        (Some(119), 59, new(0)),
        (Some(121), 61, Verdict::Forged),
    ];
    for (handled, told, verdict) in cases {
        let mut options = InboxOptions::new();
        options.keep = Duration::from_secs(3600);
        let receiver = Receiver::new(Timed, WebhookKeys::default(), Inbox::in_memory_with(options)).unwrap();
        let ago = |minutes: i64| Utc::now().timestamp_millis() - minutes * 60_000;
        // what is due to be forgotten is, together with the first job of an inbox
        let before = receiver.inbox().worker().run(move |store| {
            if let Some(handled) = handled.map(ago) {
                let key = format!("{}|{}", Gateway::MEMORY, happened().dedupe_key);
                store.put(&key, "", handled)?;
                let claimed = store.claim(7, handled, handled)?;
                store.finish(claimed.unwrap().ticket, handled)?;
            }
            Ok(())
        });
        before.await.unwrap();
        let remembered = receiver.inbox().counts().await.unwrap().done;
        assert_eq!(remembered == 1, verdict == new(0), "{handled:?}");
        let body = ago(told).to_string();
        let came = receiver.receive(&HeaderMap::new(), body.as_bytes()).await;
        assert_eq!(came, verdict, "handled {handled:?} minutes ago, told {told} ago");
    }
}
