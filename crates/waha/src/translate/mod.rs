//! From the wire to the model: no input or output, nothing guessed. What an engine doesn't say is `None`.

mod chat;
mod contents;
mod message;
mod people;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use url::Url;
use wachats_core::ChatId;

pub(crate) use chat::{chat, chat_id, summary, summary_id};
pub(crate) use message::message;
pub(crate) use people::{contact, group, number, participants};

use crate::engine::Engine;
use crate::wire::Number;

/// What a translation needs beside the wire's item.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    /// The engine, where known: it tells what the absence of a field means.
    pub(crate) engine: Option<Engine>,
    /// The account's own id, where known.
    pub(crate) account: Option<ChatId>,
    /// The chat asked for: the chat of messages whose id doesn't tell it.
    pub(crate) chat: Option<ChatId>,
    /// The gateway's address, which media are offered under.
    pub(crate) base: &'a Url,
    pub(crate) now: DateTime<Utc>,
}

/// Seconds since 1970, with a fraction in some of WEBJS' objects; 0 stands for "never".
fn time(seconds: Option<Number>) -> Option<DateTime<Utc>> {
    let seconds = seconds?.0;
    if !(seconds > 0.0 && seconds < 1e12) {
        return None;
    }
    let whole = seconds.floor();
    DateTime::from_timestamp(whole as i64, ((seconds - whole) * 1e9) as u32)
}

fn time_ms(milliseconds: Option<Number>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds.map(|n| n.0).filter(|n| *n > 0.0 && *n < 1e15)? as i64)
}

fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Where the bytes of a media address are to be fetched: WAHA writes its own host from a setting that is
/// `http://localhost:3000` unless someone changed it, so that files of its own are asked for at `base`.
pub(crate) fn media_url(base: &Url, named: &str) -> Option<Url> {
    let url = Url::parse(named).or_else(|_| base.join(named)).ok()?;
    let prefix = base.path().trim_end_matches('/');
    let path = url.path();
    let own = path
        .strip_prefix(prefix)
        .filter(|p| p.starts_with("/api/files/"))
        .or_else(|| path.starts_with("/api/files/").then_some(path));
    let Some(tail) = own else { return Some(url) };
    let mut own = base.clone();
    own.set_path(&format!("{prefix}{tail}"));
    Some(own)
}
