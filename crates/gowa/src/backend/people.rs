//! Contacts, numbers and groups.

use serde::{Deserialize, Serialize};
use wachats_core::{
    ChatId, Contact, Effect, Error, ErrorKind, Gateway, GetContact, GetGroup, GroupInfo, ListContacts,
    Missing, NumberCheck, Operation, Page, PageToken, PictureQuery, Result, decode,
};

use super::{Gowa, results};
use crate::error::INVALID_JID;
use crate::wire_people::{Check, Group, Info};
use crate::{translate_people, wire_people};

/// Where a list of contacts goes on: after this one, by id.
#[derive(Serialize, Deserialize)]
struct Cursor {
    after: ChatId,
}

impl Gowa {
    /// The gateway gives the whole address book at once, in another order each time: it is sorted and cut here.
    pub(super) async fn page_of_contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        let operation = Operation::Contacts;
        let after = match &query.page {
            Some(token) => Some(token.open::<Cursor>(&Gateway::GOWA, query.fingerprint(), operation)?.after),
            None => None,
        };
        let rows = self.address_book(operation, query.raw).await?;
        let mut page: Page<Contact> = Page::new(rows.items.into_iter().flatten().collect());
        if after.is_none() {
            (page.skipped, page.notes) = (rows.skipped, rows.notes); // the first page tells them
        }
        page.total = Some(page.items.len() as u64);
        page.items.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(after) = after {
            page.items.retain(|contact| contact.id > after);
        }
        if let Some(limit) = query.limit.map(|limit| limit as usize).filter(|limit| page.items.len() > *limit)
        {
            page.items.truncate(limit);
            if let Some(last) = page.items.last() {
                let cursor = Cursor { after: last.id.clone() };
                page.next = Some(PageToken::new(Gateway::GOWA, query.fingerprint(), &cursor)?);
            }
        }
        Ok(page)
    }

    /// Its rows as the gateway gives them; those that are no person are `None`.
    async fn address_book(&self, operation: Operation, raw: bool) -> Result<Page<Option<Contact>>> {
        let call = self.look(operation, "/user/my/contacts", &["user", "my", "contacts"]);
        let rows = self.transport.send(call, |answer| {
            // no contacts are null
            if results::<wire_people::NoRows>(answer).is_ok_and(|none| none.data.is_none()) {
                return Ok(Page::default());
            }
            decode::page(answer, &["results", "data"], raw, translate_people::contact)
        });
        rows.await
    }

    /// Somebody's row in the address book, where there is one.
    async fn listed(&self, query: &GetContact) -> Result<Option<Contact>> {
        let rows = self.address_book(Operation::Contact, query.raw).await?;
        Ok(rows.items.into_iter().flatten().find(|contact| contact.id == query.id))
    }

    /// The address book may hold somebody of whom WhatsApp tells nothing: a lid, or a number that is not there any
    /// more. It is asked before anybody is said to be unknown.
    pub(super) async fn read_contact(&self, query: &GetContact) -> Result<Contact> {
        let operation = Operation::Contact;
        let call = self.look(operation, "/user/info", &["user", "info"]).query("phone", query.id.to_jid());
        let read = self.transport.send(call, |answer| {
            decode::item(answer, &["results"], query.raw, |info: Info, raw| {
                let known = translate_people::is_known(&info);
                Ok((translate_people::person(&query.id, info, raw), known))
            })
        });
        let (mut contact, mut known) = match read.await {
            Ok(read) => read,
            Err(error) if error.code() == Some(INVALID_JID) => {
                return self.listed(query).await?.ok_or_else(|| {
                    error
                        .with_kind(ErrorKind::NotFound)
                        .with_missing(Missing::Other)
                        .with_message("WhatsApp knows no such number, or could not be asked about it")
                });
            }
            Err(error) => return Err(error),
        };
        if !known && let Some(listed) = self.listed(query).await? {
            (contact, known) = (listed, true);
        }
        // what else is known stands without the picture
        match self.picture(&PictureQuery::new(query.id.clone())).await {
            Ok(None) if !known => {
                return Err(Error::new(ErrorKind::NotFound, operation)
                    .with_gateway(Gateway::GOWA)
                    .with_missing(Missing::Other)
                    .with_effect(Effect::Refused)
                    .with_message("nothing is known of such a contact"));
            }
            Ok(url) => contact.picture_url = url,
            Err(error) if !known => return Err(error.with_operation(operation)),
            Err(error) => {
                tracing::warn!(kind = error.kind().as_str(), "the picture of a contact could not be read")
            }
        }
        Ok(contact)
    }

    /// A "no" may be any failure at the gateway: it is told as not known. The number as WhatsApp knows it takes
    /// a second request.
    pub(super) async fn read_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        let operation = Operation::CheckNumber;
        let call = self.look(operation, "/user/check", &["user", "check"]).query("phone", phone.user());
        let check = self.transport.send(call, results::<Check>).await?;
        if check.is_on_whatsapp != Some(true) {
            return Ok(NumberCheck::new(None, None));
        }
        let call = self.look(operation, "/user/info", &["user", "info"]).query("phone", phone.to_jid());
        let known = match self.transport.send(call, results::<Info>).await {
            Ok(info) => translate_people::number(&info),
            Err(error) => {
                tracing::debug!(kind = error.kind().as_str(), "the id of a number could not be read");
                None
            }
        };
        Ok(NumberCheck::new(Some(true), known))
    }

    pub(super) async fn read_group(&self, query: &GetGroup) -> Result<GroupInfo> {
        let operation = Operation::GroupInfo;
        let call =
            self.look(operation, "/group/info", &["group", "info"]).query("group_id", query.id.as_str());
        self.transport
            .send(call, |answer| {
                decode::item(answer, &["results"], query.raw, |wire: Group, raw| {
                    Ok(translate_people::group(query.id.clone(), wire, raw))
                })
            })
            .await
            .map_err(|error: Error| match error.missing() {
                Some(Missing::Other) => error.with_missing(Missing::Chat),
                _ => error,
            })
    }
}
