//! Pages of chats and of messages.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wachats_core::transport::Answer;
use wachats_core::{
    Capability, Chat, ChatId, ChatSort, Error, ErrorKind, Gateway, ListChats, ListMessages, Message, Missing,
    Operation, Page, PageToken, RawJson, Result, SortOrder, Support, decode,
};

use super::Gowa;
use crate::error::local;
use crate::translate::{self, Context};
use crate::version::V8_6;

/// Where a list of chats goes on.
#[derive(Serialize, Deserialize)]
struct ChatsCursor {
    offset: u64,
}

/// Where a list of messages goes on: a second, and how many of the rows up to it were given already. New
/// messages don't shift it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct MessagesCursor {
    pub(super) until: Option<i64>,
    pub(super) offset: u64,
}

impl Gowa {
    pub(super) async fn page_of_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let operation = Operation::ListChats;
        if query.sort != ChatSort::Activity || query.order != SortOrder::Desc {
            return Err(self.refuse(operation, Capability::ChatsSort));
        }
        if query.name.is_some() {
            return Err(self.refuse(operation, Capability::FilterName));
        }
        // an older server ignores the filter without a word
        if query.archived.is_some()
            && self.probed(operation).await?.support(Capability::FilterArchived) == Support::No
        {
            return Err(self.refuse(operation, Capability::FilterArchived));
        }
        let paging = self.known(|known| known.capabilities.chats);
        let size = paging.page_size(query.limit);
        let offset = match &query.page {
            Some(token) => token.open::<ChatsCursor>(&Gateway::GOWA, query.fingerprint(), operation)?.offset,
            None => query.offset,
        };
        let call = self
            .look(operation, "/chats", &["chats"])
            .query("limit", size)
            .query_opt("offset", (offset > 0).then_some(offset))
            .query_opt("archived", query.archived);
        let mut page = self.transport.send(call, |answer| rows(answer, query.raw, translate::chat)).await?;
        let read = length(&page);
        if read == 0 && offset == 0 {
            self.believe_empty(operation).await?;
        }
        if read >= u64::from(size) {
            let cursor = ChatsCursor { offset: offset.saturating_add(read) };
            page.next = Some(PageToken::new(Gateway::GOWA, query.fingerprint(), &cursor)?);
        }
        Ok(page)
    }

    pub(super) async fn page_of_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let operation = Operation::ListMessages;
        let Some(chat) = query.chat.chat() else {
            return Err(self.refuse(operation, Capability::AllMessages));
        };
        if query.ack.is_some() {
            return Err(self.refuse(operation, Capability::FilterAck));
        }
        if query.fetch_media {
            return Err(local(
                ErrorKind::Unsupported,
                operation,
                "the gateway fetches no media with a list: open the media of a message instead",
            ));
        }
        if query.search.is_some() {
            return self.page_of_matches(query, chat).await;
        }
        let paging = self.known(|known| known.capabilities.messages);
        let size = paging.page_size(query.limit);
        let cursor = match &query.page {
            Some(token) => token.open(&Gateway::GOWA, query.fingerprint(), operation)?,
            None => MessagesCursor { until: query.until.map(|t| t.timestamp()), offset: query.offset },
        };
        let filter = Filter { query, until: cursor.until, offset: cursor.offset, size };
        let mut page = self.rows_of(operation, chat, &filter).await?;
        let read = length(&page);
        if read == 0 && cursor.offset == 0 {
            self.believe_empty(operation).await?;
        }
        if read >= u64::from(size) {
            let next = cursor.after(&page);
            page.next = Some(PageToken::new(Gateway::GOWA, query.fingerprint(), &next)?);
        }
        Ok(page)
    }

    /// The rows of a chat; none where the gateway doesn't know it.
    pub(super) async fn rows_of(
        &self,
        operation: Operation,
        chat: &ChatId,
        filter: &Filter<'_>,
    ) -> Result<Page<Message>> {
        let query = filter.query;
        let call = self
            .look(operation, "/chat/{jid}/messages", &["chat", &chat.to_jid(), "messages"])
            .query("limit", filter.size)
            .query_opt("offset", (filter.offset > 0).then_some(filter.offset))
            .query_opt("start_time", query.since.as_ref().and_then(start))
            .query_opt("end_time", filter.until.and_then(end))
            .query_opt("is_from_me", query.from_me)
            .query_opt("media_only", query.media_only.then_some(true));
        let known = self.context(chat);
        let read = self
            .transport
            .send(call, |answer| rows(answer, query.raw, |wire, raw| translate::message(wire, raw, &known)));
        known_chat(read.await)
    }

    /// What is known when messages of a chat are read.
    pub(super) fn context(&self, chat: &ChatId) -> Context {
        self.known(|known| Context {
            chat: chat.clone(),
            account: known.account.clone(),
            reactions_told: known.version.at_least(V8_6) == Some(true),
        })
    }
}

/// What of a query goes to the wire, and from where on.
pub(super) struct Filter<'a> {
    pub(super) query: &'a ListMessages,
    pub(super) until: Option<i64>,
    pub(super) offset: u64,
    pub(super) size: u32,
}

impl MessagesCursor {
    /// The place behind a page: its oldest second and the rows of that second that were given.
    fn after(self, page: &Page<Message>) -> Self {
        let second = |message: &Message| message.sent_at.map(|at| at.timestamp());
        let oldest = page.items.last().and_then(second);
        let timed = page.skipped.is_empty() && page.items.iter().all(|m| second(m).is_some());
        match oldest.filter(|_| timed) {
            Some(oldest) if self.until != Some(oldest) => {
                let given = page.items.iter().rev().take_while(|m| second(m) == Some(oldest)).count();
                Self { until: Some(oldest), offset: given as u64 }
            }
            _ => Self { until: self.until, offset: self.offset.saturating_add(length(page)) },
        }
    }
}

/// How many rows the gateway gave, those that can't be read included.
pub(super) fn length<T>(page: &Page<T>) -> u64 {
    (page.items.len() + page.skipped.len()) as u64
}

/// Up to v8.8 a chat that isn't there is an error, since v8.9.0 an empty list.
pub(super) fn known_chat<T>(read: Result<Page<T>>) -> Result<Page<T>> {
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound && error.missing() == Some(Missing::Chat) => {
            Ok(Page::default())
        }
        read => read,
    }
}

/// The rows of a list. Go writes an empty list as `null` where it never made one.
pub(super) fn rows<W, T>(
    answer: &Answer,
    raw: bool,
    translate: impl FnMut(W, Option<RawJson>) -> Result<T, Cow<'static, str>>,
) -> Result<Page<T>>
where
    W: DeserializeOwned,
{
    const PATH: &[&str] = &["results", "data"];
    decode::page(answer, PATH, raw, translate).or_else(|error: Error| {
        let place = decode::locate(&answer.body, PATH).and_then(|place| answer.body.get(place));
        if place == Some(b"null") { Ok(Page::default()) } else { Err(error) }
    })
}

/// Always UTC with `Z`: the server compares times as texts. A time that RFC 3339 can't write bounds nothing.
fn start(since: &DateTime<Utc>) -> Option<String> {
    (since.year() >= 0).then(|| since.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The end of a second: what is shown in it may be stored with a fraction.
fn end(until: i64) -> Option<String> {
    let until = DateTime::from_timestamp(until, 0).filter(|t| t.year() <= 9999)?;
    Some(until.format("%Y-%m-%dT%H:%M:%S.999999999Z").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: &[i64]) -> Page<Message> {
        let chat: ChatId = "5511900000000".parse().unwrap();
        let items = seconds.iter().enumerate().map(|(n, second)| {
            let mut message = Message::new(chat.clone(), format!("K{n}").parse().unwrap(), false);
            message.sent_at = DateTime::from_timestamp(*second, 0);
            message
        });
        Page::new(items.collect())
    }

    #[test]
    fn a_list_goes_on_behind_the_rows_of_its_oldest_second() {
        let first = MessagesCursor { until: None, offset: 0 };
        let next = first.after(&at(&[9, 8, 7, 7]));
        assert_eq!((next.until, next.offset), (Some(7), 2));
        let next = next.after(&at(&[7, 7]));
        assert_eq!((next.until, next.offset), (Some(7), 4));
        let next = next.after(&at(&[7, 6]));
        assert_eq!((next.until, next.offset), (Some(6), 1));
    }

    #[test]
    fn rows_without_time_are_counted() {
        let mut page = at(&[9, 8]);
        page.items[1].sent_at = None;
        let next = MessagesCursor { until: Some(20), offset: 3 }.after(&page);
        assert_eq!((next.until, next.offset), (Some(20), 5));
    }

    #[test]
    fn times_are_sent_in_utc_and_cover_their_second() {
        let time = "2026-08-20T12:04:30.7+02:00".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(start(&time).as_deref(), Some("2026-08-20T10:04:30Z"));
        assert_eq!(end(time.timestamp()).as_deref(), Some("2026-08-20T10:04:30.999999999Z"));
        assert_eq!(end(i64::MAX), None);
    }
}
