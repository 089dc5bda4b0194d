use crate::{DedupeKey, Event, EventKind, Gateway, RawJson};

/// The event for a delivery of which nothing can be read: [`EventKind::Unknown`], with all bytes as its raw JSON.
/// It is acknowledged like any other, so that it doesn't stand in the way of what comes behind it.
pub fn unreadable(gateway: &Gateway, account: &str, body: &[u8]) -> Event {
    let key = DedupeKey::new("unknown", account).digest(body);
    let mut event = Event::new(gateway.clone(), EventKind::Unknown, key);
    event.raw = Some(RawJson::new(String::from_utf8_lossy(body).into_owned().into_bytes()));
    event
}
