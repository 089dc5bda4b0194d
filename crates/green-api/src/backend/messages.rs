use chrono::{DateTime, Utc};
use serde_json::json;
use wachats_core::transport::Answer;
use wachats_core::{
    Capability, ChatId, ChatScope, Gateway, ListMessages, Message, MessageId, Operation, Page, PageToken,
    Result, decode,
};

use super::GreenApi;
use super::window::{Cursor, MAX_GROWTH, rows};
use crate::capabilities::MESSAGES;
use crate::translate::{self, Placed, Row};
use crate::verb;

/// How far back the messages of all chats go where no time is given.
const DAY: i64 = 24 * 60;

impl GreenApi {
    pub(super) async fn read_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let operation = Operation::ListMessages;
        let all = query.chat == ChatScope::All;
        let emulated = [
            (query.page.is_none() && query.offset > 0, Capability::MessagesOffset),
            (!all && query.since.is_some(), Capability::FilterSince),
            (query.until.is_some(), Capability::FilterUntil),
            (query.from_me.is_some(), Capability::FilterFromMe),
            (query.ack.is_some(), Capability::FilterAck),
            (query.media_only, Capability::FilterMedia),
            (query.search.is_some(), Capability::Search),
        ];
        if let Some((_, capability)) = emulated.into_iter().find(|(given, _)| *given) {
            return Err(self.not_here(operation, capability));
        }
        let cursor = match &query.page {
            Some(token) => token.open(&Gateway::GREEN_API, query.fingerprint(), operation)?,
            None => Cursor::default(),
        };
        match &query.chat {
            ChatScope::One(chat) => self.history(query, chat, cursor).await,
            _ => self.everywhere(query, cursor).await,
        }
    }

    /// `getChatHistory` takes a count and nothing else.
    async fn history(
        &self,
        query: &ListMessages,
        chat: &ChatId,
        mut cursor: Cursor,
    ) -> Result<Page<Message>> {
        let limit = MESSAGES.page_size(query.limit);
        let account = self.account_id();
        let mut count = cursor.window.saturating_add(limit).min(MESSAGES.max_page_size);
        for growth in 0.. {
            let body = json!({ "chatId": chat.as_str(), "count": count });
            let call = self.post(Operation::ListMessages, verb::GET_CHAT_HISTORY, &body);
            let mut read = self.send(call, |answer| entries(answer, query.raw, account.as_ref())).await?;
            let full = rows(&read) >= count && count < MESSAGES.max_page_size;
            let window = translate::fold(std::mem::take(&mut read.items));
            let (items, left) = cursor.take(window, limit);
            cursor.window = count;
            if items.is_empty() && full && growth < MAX_GROWTH {
                count = count.saturating_mul(2).min(MESSAGES.max_page_size);
                continue;
            }
            return finish(query, cursor, read, items, left || full);
        }
        Ok(Page::default())
    }

    /// The two journals, which take a number of minutes.
    async fn everywhere(&self, query: &ListMessages, mut cursor: Cursor) -> Result<Page<Message>> {
        let limit = MESSAGES.page_size(query.limit);
        let since = cursor.since.or(query.since.or(query.look_back).map(|since| since.timestamp()));
        let mut read =
            self.journal(Operation::ListMessages, minutes_since(since, Utc::now()), query.raw).await?;
        let mut window = std::mem::take(&mut read.items);
        if let Some(since) = since {
            window.retain(|placed| placed.at >= since);
        }
        // the next page looks back to the same moment, although time passes
        cursor.since = since.or_else(|| Some(Utc::now().timestamp() - DAY * 60));
        let (items, left) = cursor.take(window, limit);
        finish(query, cursor, read, items, left)
    }

    /// Both journals of the last minutes, folded, newest first.
    pub(super) async fn journal(
        &self,
        operation: Operation,
        minutes: i64,
        raw: bool,
    ) -> Result<Page<Placed>> {
        let account = self.account_id();
        let of = |verb| {
            let call = self.call(operation, verb).query("minutes", minutes);
            self.send(call, |answer| entries(answer, raw, account.as_ref()))
        };
        let (incoming, outgoing) = futures::try_join!(of(verb::LAST_INCOMING), of(verb::LAST_OUTGOING))?;
        let mut page = Page::new(translate::fold(incoming.items.into_iter().chain(outgoing.items).collect()));
        page.skipped = incoming.skipped.into_iter().chain(outgoing.skipped).collect();
        page.notes = incoming.notes.into_iter().chain(outgoing.notes).collect();
        Ok(page)
    }

    /// `getMessage` takes the bare key. (The entry it gives is that of the message alone: reactions, edits and
    /// deletions are entries of their own.)
    pub(super) async fn read_message(
        &self,
        operation: Operation,
        chat: &ChatId,
        id: &MessageId,
        raw: bool,
    ) -> Result<Message> {
        let account = self.account_id();
        let body = json!({ "chatId": chat.as_str(), "idMessage": id.key().as_str() });
        let call = self.post(operation, verb::GET_MESSAGE, &body).repeat(wachats_core::Repeat::Read);
        self.send(call, |answer| {
            decode::item(answer, &[], raw, |entry, kept| {
                Ok(translate::row(entry, kept, account.as_ref())?.message)
            })
        })
        .await
    }
}

fn entries(answer: &Answer, raw: bool, account: Option<&ChatId>) -> Result<Page<Row>> {
    decode::page(answer, &[], raw, |entry, kept| translate::row(entry, kept, account))
}

fn finish(
    query: &ListMessages,
    mut cursor: Cursor,
    read: Page<impl Sized>,
    items: Vec<Message>,
    more: bool,
) -> Result<Page<Message>> {
    let mut page = Page::new(items);
    page.skipped = cursor.take_skipped(read.skipped);
    page.notes = read.notes;
    if more {
        page.next = Some(PageToken::new(Gateway::GREEN_API, query.fingerprint(), &cursor)?);
    }
    Ok(page)
}

/// How many minutes reach back to a time, rounded up and with one to spare for clocks that differ.
fn minutes_since(since: Option<i64>, now: DateTime<Utc>) -> i64 {
    since.map_or(DAY, |since| now.timestamp().saturating_sub(since).max(0).div_euclid(60) + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_reach_back_to_the_time_asked_for() {
        let now = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
        assert_eq!(minutes_since(None, now), 1440);
        assert_eq!(minutes_since(Some(1_760_000_000 - 61), now), 3);
        assert_eq!(minutes_since(Some(1_760_000_000), now), 2);
        assert_eq!(minutes_since(Some(1_760_000_500), now), 2);
        assert!(minutes_since(Some(i64::MIN), now) > 0);
    }
}
