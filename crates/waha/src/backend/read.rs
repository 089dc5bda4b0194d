use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use wachats_core::transport::Call;
use wachats_core::{
    Ack, Capability, Chat, ChatId, ChatKind, ChatScope, ChatSort, Effect, Error, ErrorKind, ListChats,
    ListMessages, Message, MessageId, Missing, Operation, OverviewQuery, Page, PageToken, Paging,
    PictureQuery, Resolved, Result, SortOrder, decode,
};

use super::Waha;
use crate::engine::Engine;
use crate::translate;
use crate::wire::{Lid, Picture, Summary, WireChat, WireMessage};

/// The server fetches media before it answers: 12 s for each that fails.
pub(super) const WITH_MEDIA: Duration = Duration::from_secs(60);
/// The page of an overview where none is asked for: a picture and a message are looked up for each chat.
const OVERVIEW: u32 = 20;
/// Ids that fit in a query; more are sent in a body.
const IDS_IN_QUERY: usize = 40;
/// Where engines can't look up a bare key in a group, this many messages are searched for it.
const SCAN: (u64, u32) = (1_000, 100);

/// Where a list goes on: rows to leave out, and how many pages in a row were empty.
#[derive(Serialize, Deserialize)]
struct Cursor {
    offset: u64,
    empty: u8,
}

impl Waha {
    fn cursor(
        &self,
        page: Option<&PageToken>,
        query: u64,
        offset: u64,
        operation: Operation,
    ) -> Result<Cursor> {
        match page {
            Some(token) => token.open(&self.dialect.gateway, query, operation),
            None => Ok(Cursor { offset, empty: 0 }),
        }
    }

    fn token(&self, query: u64, cursor: &Cursor) -> Result<Option<PageToken>> {
        PageToken::new(self.dialect.gateway.clone(), query, cursor).map(Some)
    }

    /// The end of a list of chats is a page with fewer rows than asked for.
    fn end_chats<T>(&self, page: &mut Page<T>, query: u64, at: &Cursor, limit: u32) -> Result<()> {
        let rows = page.items.len() + page.skipped.len();
        if rows >= limit as usize {
            page.next = self.token(query, &Cursor { offset: at.offset + u64::from(limit), empty: 0 })?;
        }
        Ok(())
    }

    pub(super) async fn read_chats(&self, query: &ListChats) -> Result<Page<Chat>> {
        let operation = Operation::ListChats;
        let sorted = query.sort != ChatSort::Activity || query.order != SortOrder::Desc;
        self.native(
            operation,
            &[
                (sorted, Capability::ChatsSort),
                (query.archived.is_some(), Capability::FilterArchived),
                (query.name.is_some(), Capability::FilterName),
            ],
        )?;
        let paging = self.current().chats;
        let at = self.cursor(query.page.as_ref(), query.fingerprint(), query.offset, operation)?;
        let limit = paging.page_size(query.limit);
        // both are always sent: GOWS sorts by id otherwise
        let call = self
            .chats(operation, Method::GET, "/api/{session}/chats", &[])
            .query("limit", limit)
            .query_opt("offset", (at.offset > 0).then_some(at.offset))
            .query("sortBy", sort_word(query.sort))
            .query("sortOrder", if query.order == SortOrder::Asc { "asc" } else { "desc" });
        let mut page = self
            .transport
            .send(call, |answer| {
                let rows = decode::page(answer, &[], query.raw, |wire, raw| {
                    Ok((translate::chat_id(&wire)?, wire, raw))
                })?;
                self.notice(rows.items.iter().map(|(_, wire, _)| wire));
                let cx = self.context(None);
                Ok(rows.map(|(id, wire, raw)| translate::chat(id, wire, raw, &cx)))
            })
            .await?;
        self.end_chats(&mut page, query.fingerprint(), &at, limit)?;
        Ok(page)
    }

    pub(super) async fn read_overview(&self, query: &OverviewQuery) -> Result<Page<Chat>> {
        let operation = Operation::Overview;
        let at = self.cursor(query.page.as_ref(), query.fingerprint(), query.offset, operation)?;
        let limit = self.current().chats.page_size(query.limit.or(Some(OVERVIEW)));
        let call = self.overview_call(query, limit, at.offset);
        let mut page = self
            .transport
            .send(call, |answer| {
                let rows = decode::page(answer, &[], query.raw, |wire, raw| {
                    Ok((translate::summary_id(&wire)?, wire, raw))
                })?;
                self.notice(
                    rows.items.iter().filter_map(|(_, wire, _): &(_, Summary, _)| wire.chat.as_ref()),
                );
                let cx = self.context(None);
                Ok(rows.map(|(id, wire, raw)| translate::summary(id, wire, raw, &cx)))
            })
            .await?;
        self.end_chats(&mut page, query.fingerprint(), &at, limit)?;
        if !query.ids.is_empty() {
            // a server before 2025.5.5 ignores them in silence
            let asked = |id: &ChatId| query.ids.contains(id);
            page.items.retain(|chat| asked(&chat.id) || chat.alternate_id.as_ref().is_some_and(asked));
        }
        Ok(page)
    }

    fn overview_call(&self, query: &OverviewQuery, limit: u32, offset: u64) -> Call {
        const ROUTE: &str = "/api/{session}/chats/overview";
        if query.ids.len() > IDS_IN_QUERY {
            let ids: Vec<_> = query.ids.iter().map(ChatId::as_str).collect();
            let body =
                serde_json::json!({"pagination": {"limit": limit, "offset": offset}, "filter": {"ids": ids}});
            return self.chats(Operation::Overview, Method::POST, ROUTE, &["overview"]).json(&body);
        }
        let call = self
            .chats(Operation::Overview, Method::GET, ROUTE, &["overview"])
            .query("limit", limit)
            .query_opt("offset", (offset > 0).then_some(offset));
        query.ids.iter().fold(call, |call, id| call.query("ids", id))
    }

    pub(super) async fn read_picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        let route = "/api/{session}/chats/{chat}/picture";
        let call = self
            .chats(Operation::ChatPicture, Method::GET, route, &[query.chat.as_str(), "picture"])
            .query_opt("refresh", query.refresh.then_some(true));
        let picture = self
            .transport
            .send(call, |answer| if answer.is_empty() { Ok(Picture::default()) } else { answer.json() })
            .await?;
        Ok(picture.url.filter(|url| !url.is_empty()))
    }

    pub(super) async fn read_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let operation = Operation::ListMessages;
        let all = query.chat == ChatScope::All;
        self.native(
            operation,
            &[
                (all, Capability::AllMessages),
                (query.offset > 0, Capability::MessagesOffset),
                (query.since.is_some(), Capability::FilterSince),
                (query.until.is_some(), Capability::FilterUntil),
                (query.from_me.is_some(), Capability::FilterFromMe),
                (query.ack.is_some(), Capability::FilterAck),
                (query.media_only, Capability::FilterMedia),
                (query.search.is_some(), Capability::Search),
            ],
        )?;
        let ack = query.ack.as_ref().map(|ack| self.ack_word(ack)).transpose()?;
        let paging: Paging = self.current().messages;
        let at = self.cursor(query.page.as_ref(), query.fingerprint(), query.offset, operation)?;
        let limit = paging.page_size(query.limit);
        let call = self
            .messages_call(operation, query.chat.chat(), limit, at.offset, query.fetch_media)
            .query_opt("filter.timestamp.gte", query.since.map(|time| time.timestamp()))
            .query_opt("filter.timestamp.lte", query.until.map(|time| time.timestamp()))
            .query_opt("filter.fromMe", query.from_me)
            .query_opt("filter.ack", ack);
        let page = self.messages_page(call, query.chat.chat(), query.raw).await;
        // of all chats it is another capability that the engine lacks
        let mut page = page.map_err(|error| match error.kind() {
            ErrorKind::Unsupported if all => error.with_capability(Capability::AllMessages),
            _ => error,
        })?;
        let empty = if page.items.is_empty() && page.skipped.is_empty() { at.empty + 1 } else { 0 };
        if empty < 2 {
            // by what was asked for: rows that are no messages are dropped after the page was cut
            let next = Cursor { offset: at.offset + u64::from(limit), empty };
            page.next = self.token(query.fingerprint(), &next)?;
        }
        Ok(page)
    }

    fn messages_call(
        &self,
        operation: Operation,
        chat: Option<&ChatId>,
        limit: u32,
        offset: u64,
        media: bool,
    ) -> Call {
        let chat = chat.map_or("all", ChatId::as_str);
        let call = self
            .look_up(operation, "/api/{session}/chats/{chat}/messages", &[chat, "messages"])
            .query("limit", limit)
            .query_opt("offset", (offset > 0).then_some(offset))
            .query("downloadMedia", media);
        if media { call.attempt(WITH_MEDIA) } else { call }
    }

    async fn messages_page(&self, call: Call, chat: Option<&ChatId>, raw: bool) -> Result<Page<Message>> {
        let cx = self.context(chat);
        self.transport
            .send(call, |answer| {
                decode::page(answer, &[], raw, |wire: WireMessage, raw| translate::message(wire, raw, &cx))
            })
            .await
    }

    fn ack_word(&self, ack: &Ack) -> Result<&'static str> {
        Ok(match ack {
            // its filter finds what was never set instead
            Ack::Error if self.engine() == Some(Engine::Gows) => {
                return Err(self
                    .unsupported(Operation::ListMessages, Capability::FilterAck)
                    .with_message("GOWS doesn't tell which messages failed"));
            }
            Ack::Error => "ERROR",
            Ack::Pending => "PENDING",
            Ack::Server => "SERVER",
            Ack::Device => "DEVICE",
            Ack::Read => "READ",
            Ack::Played => "PLAYED",
            _ => {
                return Err(Error::new(ErrorKind::InvalidInput, Operation::ListMessages)
                    .with_gateway(self.dialect.gateway.clone())
                    .with_message(
                        "messages are filtered by error, pending, server, device, read or played",
                    ));
            }
        })
    }

    /// One message by its id, in full or bare.
    pub(super) async fn find(
        &self,
        operation: Operation,
        chat: &ChatId,
        id: &MessageId,
        media: bool,
        raw: bool,
    ) -> Result<Message> {
        let cx = self.context(Some(chat));
        let route = "/api/{session}/chats/{chat}/messages/{message}";
        let wanted = id.to_string();
        let call = self
            .look_up(operation, route, &[chat.as_str(), "messages", &wanted])
            .query("downloadMedia", media);
        let call = if media { call.attempt(WITH_MEDIA) } else { call };
        let found = self
            .transport
            .send(call, |answer| {
                if answer.is_empty() || answer.body.trim_ascii() == b"null" {
                    return Err(self.no_message(operation));
                }
                decode::item(answer, &[], raw, |wire: WireMessage, raw| translate::message(wire, raw, &cx))
            })
            .await;
        match found {
            Ok(message) if belongs(&message, chat, id) => Ok(message),
            // GOWS looks ids up without the chat, NOWEB without asking whose it is
            Ok(_) => Err(self.no_message(operation)),
            Err(error) if self.may_hide(&error, chat, id) => self.scan(operation, chat, id, raw).await,
            Err(error) => match error.kind() {
                ErrorKind::Unsupported => Err(error.with_capability(Capability::GetMessage)),
                _ => Err(error),
            },
        }
    }

    /// WEBJS and WPP try a bare key as one of a direct chat alone.
    fn may_hide(&self, error: &Error, chat: &ChatId, id: &MessageId) -> bool {
        let in_browser = !matches!(self.engine(), Some(Engine::Noweb | Engine::Gows));
        let answered = error.missing() == Some(Missing::Message) || error.kind() == ErrorKind::InvalidInput;
        in_browser && answered && !id.is_full() && chat.kind() != ChatKind::User
    }

    async fn scan(&self, operation: Operation, chat: &ChatId, id: &MessageId, raw: bool) -> Result<Message> {
        let (most, step) = SCAN;
        let mut offset = 0;
        while offset < most {
            let call = self.messages_call(operation, Some(chat), step, offset, false);
            let page = self.messages_page(call, Some(chat), raw).await?;
            if page.items.is_empty() && page.skipped.is_empty() {
                return Err(self.no_message(operation));
            }
            if let Some(found) = page.items.into_iter().find(|message| message.key == *id.key()) {
                return Ok(found);
            }
            offset += u64::from(step);
        }
        Err(self
            .unsupported(operation, Capability::GetMessage)
            .with_message(format!("the engine finds no bare key in a group, and it isn't among the newest {most} messages: give the full id")))
    }

    fn no_message(&self, operation: Operation) -> Error {
        Error::new(ErrorKind::NotFound, operation)
            .with_gateway(self.dialect.gateway.clone())
            .with_missing(Missing::Message)
            .with_effect(Effect::Refused)
            .with_message("there is no such message")
    }

    pub(super) async fn read_lid(&self, id: &ChatId) -> Result<Resolved> {
        let call = |route, tail: &[&str]| {
            let path = ["api", self.session.as_str(), "lids"];
            self.transport
                .call(Operation::ResolveLid, Method::GET, route)
                .path(path)
                .path(tail.iter().copied())
        };
        let call = if id.is_lid() {
            call("/api/{session}/lids/{lid}", &[id.as_str()])
        } else {
            call("/api/{session}/lids/pn/{phone}", &["pn", id.user()])
        };
        let found: Lid = self
            .transport
            .send(call, |answer| if answer.is_empty() { Ok(Lid::default()) } else { answer.json() })
            .await?;
        let of = |jid: Option<crate::wire::Jid>| jid.and_then(|jid| jid.id);
        let lid = of(found.lid).filter(ChatId::is_lid);
        let phone =
            [found.pn, found.phone, found.jid].into_iter().find_map(|jid| of(jid).filter(ChatId::is_phone));
        // the server repeats the id asked for, known or not
        Ok(match id.is_lid() {
            true => Resolved::new(phone, Some(id.clone())),
            false => Resolved::new(Some(id.clone()), lid),
        })
    }

    /// Keeps the engine that a page of chats shows, where it wasn't asked for.
    fn notice<'a>(&self, chats: impl Iterator<Item = &'a WireChat>) {
        if self.engine().is_none()
            && let Some(engine) = Engine::sniff(chats)
        {
            self.learn(|known| known.sniffed = Some(engine));
        }
    }
}

/// Is the message found the one asked for? A lid and a phone chat may be one person's.
fn belongs(message: &Message, chat: &ChatId, id: &MessageId) -> bool {
    let other_half = message.chat_id.is_lid() != chat.is_lid() && message.chat_id.kind() == chat.kind();
    message.key == *id.key()
        && id.from_me().is_none_or(|from_me| from_me == message.from_me)
        && (message.chat_id == *chat || id.chat() == Some(&message.chat_id) || other_half)
}

fn sort_word(sort: ChatSort) -> &'static str {
    match sort {
        ChatSort::Id => "id",
        ChatSort::Name => "name",
        _ => "conversationTimestamp",
    }
}
