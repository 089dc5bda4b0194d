//! Contacts, numbers and groups.

use serde::{Deserialize, Serialize};
use serde_json::json;
use wachats_core::{
    ChatId, Contact, Effect, ErrorKind, Gateway, GetContact, GetGroup, GroupInfo, ListContacts, Missing,
    NumberCheck, Operation, Page, PageToken, Result, decode,
};

use super::GreenApi;
use crate::wire::{ContactInfo, Existence, Group};
use crate::{translate, verb};

/// Where a list of contacts goes on: after this one, by id.
#[derive(Serialize, Deserialize)]
struct Cursor {
    after: ChatId,
}

impl GreenApi {
    /// `getContacts` takes a count and no place to begin at: it gives all, sorted and cut here.
    pub(super) async fn read_contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        let operation = Operation::Contacts;
        let print = query.fingerprint();
        let after = match &query.page {
            Some(token) => Some(token.open::<Cursor>(&Gateway::GREEN_API, print, operation)?.after),
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
                page.next =
                    Some(PageToken::new(Gateway::GREEN_API, print, &Cursor { after: last.id.clone() })?);
            }
        }
        Ok(page)
    }

    /// Its rows as the service gives them; those that are no person are `None`.
    async fn address_book(&self, operation: Operation, raw: bool) -> Result<Page<Option<Contact>>> {
        let call = self.call(operation, verb::GET_CONTACTS).query("group", false);
        self.send(call, |answer| decode::page(answer, &[], raw, translate::contact)).await
    }

    /// Who has no name is told like somebody unknown: the address book is asked whether they are in it.
    pub(super) async fn read_contact(&self, query: &GetContact) -> Result<Contact> {
        let operation = Operation::Contact;
        let body = json!({ "chatId": query.id.as_str() });
        let call = self.post(operation, verb::GET_CONTACT_INFO, &body);
        let found = self.send(call, |answer| {
            decode::item(answer, &[], query.raw, |info: ContactInfo, raw| {
                Ok(translate::person(&query.id, info, raw))
            })
        });
        if let Some(found) = found.await? {
            return Ok(found);
        }
        let rows = self.address_book(operation, query.raw).await?;
        rows.items.into_iter().flatten().find(|contact| contact.id == query.id).ok_or_else(|| {
            self.error(ErrorKind::NotFound, operation)
                .with_missing(Missing::Other)
                .with_effect(Effect::Refused)
                .with_message("Green-API knows nothing of such a contact")
        })
    }

    pub(super) async fn read_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        let operation = Operation::CheckNumber;
        let number: u64 = phone.user().parse().map_err(|_| {
            self.error(ErrorKind::InvalidInput, operation).with_message("a phone number has 5 to 15 digits")
        })?;
        let call = self.post(operation, verb::CHECK_WHATSAPP, &json!({ "phoneNumber": number }));
        self.send(call, |answer| Ok(translate::number(phone, &answer.json::<Existence>()?))).await
    }

    pub(super) async fn read_group(&self, query: &GetGroup) -> Result<GroupInfo> {
        let body = json!({ "groupId": query.id.as_str() });
        let call = self.post(Operation::GroupInfo, verb::GET_GROUP_DATA, &body);
        self.send(call, |answer| {
            decode::item(answer, &[], query.raw, |wire: Group, raw| {
                Ok(translate::group(query.id.clone(), wire, raw))
            })
        })
        .await
    }
}
