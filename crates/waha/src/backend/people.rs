//! Contacts, numbers and groups.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wachats_core::transport::{Answer, Call};
use wachats_core::{
    ChatId, Contact, Effect, Error, ErrorKind, GetContact, GetGroup, GroupInfo, ListContacts, Missing,
    NumberCheck, Operation, Page, PageToken, Participant, PictureQuery, Result, decode,
};

use super::Waha;
use crate::translate;
use crate::wire::{Existence, WireContact};

/// Contacts of a page: WAHA sets no bound, and a row is small.
const PAGE: (u32, u32) = (500, 2_000);

/// Where a list of contacts goes on.
#[derive(Serialize, Deserialize)]
struct Cursor {
    offset: u64,
    /// How the page before began: one that begins in the same way is the same page again.
    first: Option<ChatId>,
}

impl Waha {
    fn contacts_call(&self, operation: Operation, route: &'static str, tail: &[&str]) -> Call {
        self.transport
            .call(operation, Method::GET, route)
            .path(["api", "contacts"])
            .path(tail.iter().copied())
            .query("session", &self.session)
    }

    pub(super) async fn read_contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        let operation = Operation::Contacts;
        let gateway = &self.dialect.gateway;
        let at = match &query.page {
            Some(token) => token.open(gateway, query.fingerprint(), operation)?,
            None => Cursor { offset: 0, first: None },
        };
        let limit = query.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
        let call = self
            .contacts_call(operation, "/api/contacts/all", &["all"])
            .query("limit", limit)
            .query_opt("offset", (at.offset > 0).then_some(at.offset))
            .query("sortBy", "id")
            .query("sortOrder", "asc");
        let rows = self.transport.send(call, |answer| contact_rows(answer, query.raw)).await?;
        let read = rows.items.len() + rows.skipped.len();
        let first = rows.items.first().map(|(id, _)| id.clone());
        if first.is_some() && first == at.first {
            return Ok(Page::default()); // the offset is ignored: that was all
        }
        // more than was asked for is all there are: the limit is ignored
        let full = read == limit as usize;
        let mut page = Page::new(rows.items.into_iter().filter_map(|(_, contact)| contact).collect());
        (page.skipped, page.notes) = (rows.skipped, rows.notes);
        if full {
            let next = Cursor { offset: at.offset + u64::from(limit), first };
            page.next = Some(PageToken::new(gateway.clone(), query.fingerprint(), &next)?);
        }
        Ok(page)
    }

    pub(super) async fn read_contact(&self, query: &GetContact) -> Result<Contact> {
        let operation = Operation::Contact;
        let call = self.contacts_call(operation, "/api/contacts", &[]).query("contactId", query.id.as_str());
        let mut contact = self
            .transport
            .send(call, |answer| one_contact(answer, query)?.ok_or_else(|| self.nobody(operation)))
            .await?;
        // what else is known stands without the picture
        match self.read_picture(&PictureQuery::new(query.id.clone())).await {
            Ok(url) => contact.picture_url = url,
            Err(error) => {
                tracing::warn!(kind = error.kind().as_str(), "the picture of a contact could not be read")
            }
        }
        Ok(contact)
    }

    fn nobody(&self, operation: Operation) -> Error {
        Error::new(ErrorKind::NotFound, operation)
            .with_gateway(self.dialect.gateway.clone())
            .with_missing(Missing::Other)
            .with_effect(Effect::Refused)
            .with_message("there is no such contact")
    }

    pub(super) async fn read_number(&self, phone: &ChatId) -> Result<NumberCheck> {
        let call = self
            .contacts_call(Operation::CheckNumber, "/api/contacts/check-exists", &["check-exists"])
            .query("phone", phone.user());
        self.transport.send(call, |answer| answer.json::<Existence>().map(translate::number)).await
    }

    pub(super) async fn read_group(&self, query: &GetGroup) -> Result<GroupInfo> {
        let operation = Operation::GroupInfo;
        let call = self.group_call("/api/{session}/groups/{group}", &[query.id.as_str()]);
        let mut group = self
            .transport
            .send(call, |answer| {
                if matches!(answer.body.trim_ascii(), b"" | b"null" | b"false" | b"{}") {
                    return Err(Error::new(ErrorKind::NotFound, operation)
                        .with_status(answer.status)
                        .with_missing(Missing::Chat)
                        .with_effect(Effect::Refused)
                        .with_message("there is no such group"));
                }
                decode::item(answer, &[], query.raw, |wire: Value, raw| {
                    Ok(translate::group(query.id.clone(), &wire, raw))
                })
            })
            .await?;
        let hidden = |all: &Vec<Participant>| all.iter().any(|member| member.id.is_lid());
        if group.participants.as_ref().is_none_or(hidden) {
            // the list knows phones that the group doesn't tell; without it stands what the group tells
            match (self.read_participants(&query.id).await, &group.participants) {
                (Ok(None), _) => {}
                (Ok(Some(list)), Some(own)) if list.is_empty() && !own.is_empty() => {}
                (Ok(list), _) => group.participants = list,
                (Err(error), Some(_)) => {
                    tracing::warn!(
                        kind = error.kind().as_str(),
                        "the list of a group's members could not be read"
                    );
                }
                (Err(error), None) => return Err(error),
            }
        }
        Ok(group)
    }

    fn group_call(&self, route: &'static str, tail: &[&str]) -> Call {
        let path = ["api", self.session.as_str(), "groups"];
        self.transport.call(Operation::GroupInfo, Method::GET, route).path(path).path(tail.iter().copied())
    }

    /// Where the group doesn't hold them (an engine whose shape isn't known) or hides phones behind lids: the list that is the same on every
    /// engine since 2025.11.1, else the engine's own.
    async fn read_participants(&self, group: &ChatId) -> Result<Option<Vec<Participant>>> {
        let routes = [
            ("/api/{session}/groups/{group}/participants/v2", &[group.as_str(), "participants", "v2"][..]),
            ("/api/{session}/groups/{group}/participants", &[group.as_str(), "participants"]),
        ];
        for (route, tail) in routes {
            let answer =
                self.transport.send(self.group_call(route, tail), |answer| answer.json::<Value>()).await;
            match answer {
                Ok(list) => {
                    return Ok(translate::participants(list.get("participants").unwrap_or(&list)));
                }
                Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// The rows of a list, bare or as `{"contacts": […]}`; what is no person has an id alone.
fn contact_rows(answer: &Answer, raw: bool) -> Result<Page<(ChatId, Option<Contact>)>> {
    let wrapped = answer.body.trim_ascii_start().first() == Some(&b'{');
    let path: &[&str] = if wrapped { &["contacts"] } else { &[] };
    decode::page(answer, path, raw, |wire: WireContact, raw| {
        let id = wire.id().cloned().ok_or("it has no usable id")?;
        Ok((id, translate::contact(wire, raw)?))
    })
}

/// The contact asked for: an object, or a list of one or more. WAHA answers nothing at all for one that it doesn't
/// know.
fn one_contact(answer: &Answer, query: &GetContact) -> Result<Option<Contact>> {
    if matches!(answer.body.trim_ascii(), b"" | b"null" | b"{}") {
        return Ok(None);
    }
    let listed = answer.body.trim_ascii_start().first() == Some(&b'[')
        || decode::locate(&answer.body, &["contacts"]).is_some();
    if !listed {
        return decode::item(answer, &[], query.raw, translate::contact);
    }
    let rows = contact_rows(answer, query.raw)?.items;
    let is_it = |contact: &Contact| contact.id == query.id || contact.lid.as_ref() == Some(&query.id);
    Ok(rows.into_iter().filter_map(|(_, contact)| contact).find(is_it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer {
            operation: Operation::Contact,
            status: 200,
            headers: reqwest::header::HeaderMap::new(),
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn one_contact_in_every_wrapping() {
        let query = GetContact::new("5511911111111@c.us".parse().unwrap());
        let of =
            |body: &str| one_contact(&answer(body), &query).unwrap().map(|contact| contact.id.to_string());
        let id = Some("5511911111111@c.us".to_owned());
        assert_eq!(of(r#"{"id":"5511911111111@c.us"}"#), id);
        assert_eq!(of(r#"{"contacts":[{"jid":"1@lid"},{"jid":"5511911111111@s.whatsapp.net"}]}"#), id);
        assert_eq!(of(r#"[{"id":"5511911111111@c.us"}]"#), id);
        for nobody in ["", " ", "null", "{}", "[]", r#"{"contacts":[]}"#, r#"[{"id":"5511922222222@c.us"}]"#]
        {
            assert_eq!(of(nobody), None, "{nobody}");
        }
    }
}
