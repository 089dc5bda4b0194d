//! The address book, one person, the check of numbers.

use wachats_core::{Capability, ChatId, Contact, ErrorKind};

use crate::check::{Context, Verdict, ensure, fail, skip, unique};

pub(super) async fn claim_contacts(c: &Context) -> Verdict {
    super::claims::judge(c, Capability::Contacts, c.chats().contacts().limit(1).page()).await
}

pub(super) async fn claim_check(c: &Context) -> Verdict {
    super::claims::judge(c, Capability::CheckNumber, c.chats().check_number(c.user()?)).await
}

fn known(c: &Context) -> Verdict<&[Contact]> {
    match c.expected().contacts.as_slice() {
        [] => skip("no contact is known"),
        some => Ok(some),
    }
}

fn same(found: &Contact, wanted: &Contact) -> Verdict {
    fn differs<T: PartialEq>(found: Option<&T>, wanted: Option<&T>) -> bool {
        found.zip(wanted).is_some_and(|(found, wanted)| found != wanted)
    }
    // where the address book has no name, some gateways put the person's own there
    let name = wanted.name.as_ref();
    let rows = [
        ("name", differs(found.name.as_ref(), name)),
        ("push_name", differs(found.push_name.as_ref(), wanted.push_name.as_ref())),
        ("phone", differs(found.phone.as_ref(), wanted.phone.as_ref())),
        ("lid", differs(found.lid.as_ref(), wanted.lid.as_ref())),
        ("is_business", differs(found.is_business.as_ref(), wanted.is_business.as_ref())),
        ("is_my_contact", differs(found.is_my_contact.as_ref(), wanted.is_my_contact.as_ref())),
    ];
    let fields: Vec<_> = rows.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect();
    ensure(fields.is_empty(), || format!("a contact differs in {}", fields.join(", ")))
}

pub(super) async fn complete(c: &Context) -> Verdict {
    let wanted = known(c)?;
    let found = c.chats().contacts().collect().await?;
    unique(&found, |contact| contact.id.clone(), "contacts")?;
    ensure(found.iter().all(|contact| contact.id.is_phone() || contact.id.is_lid()), || {
        "a contact is no person".into()
    })?;
    ensure(found.is_sorted_by(|a, b| a.id < b.id), || {
        "the contacts are not in the order of their ids".into()
    })?;
    for wanted in wanted {
        match found.iter().find(|found| found.id == wanted.id) {
            Some(found) => same(found, wanted)?,
            None => return fail(format!("a contact is missing among {}", found.len())),
        }
    }
    let complete = c.expected().complete;
    ensure(!complete || found.len() == wanted.len(), || {
        format!("{} contacts, {} wanted", found.len(), wanted.len())
    })
}

pub(super) async fn pages(c: &Context) -> Verdict {
    known(c)?;
    let all = c.chats().contacts().collect().await?;
    let mut found = Vec::new();
    let mut list = c.chats().contacts().page_size(2);
    for _ in 0..all.len() + 2 {
        let page = list.page().await?;
        ensure(page.items.len() <= 2, || format!("{} contacts in a page of two", page.items.len()))?;
        found.extend(page.items);
        match page.next {
            Some(token) => list = c.chats().contacts().page_size(2).after(token),
            None => break,
        }
    }
    let ids = |contacts: &[Contact]| contacts.iter().map(|contact| contact.id.clone()).collect::<Vec<_>>();
    ensure(ids(&found) == ids(&all), || format!("{} contacts by pages, {} at once", found.len(), all.len()))?;
    let some = c.chats().contacts().limit(2).collect().await?;
    ensure(some.len() == all.len().min(2), || format!("a limit of two gave {}", some.len()))?;
    let none = c.chats().contacts().limit(0).page().await;
    ensure(none.is_err_and(|e| e.kind() == ErrorKind::InvalidInput), || "a limit of 0 was accepted".into())
}

pub(super) async fn one(c: &Context) -> Verdict {
    for wanted in known(c)? {
        let found = c.chats().contact(&wanted.id).await?;
        ensure(found.id == wanted.id, || "another contact than the one asked for".into())?;
        same(&found, wanted)?;
        ensure(!format!("{found:?}").contains(found.id.user()), || "Debug shows the number".into())?;
    }
    Ok(())
}

/// A number that nobody has: the account's own part of the world ends before it.
fn nobodys() -> Verdict<ChatId> {
    ChatId::phone("5511900009999").or_else(|_| fail("a phone number is refused"))
}

/// Of an account that isn't known to the last, somebody may have the number: nothing is known of them then.
pub(super) async fn unknown(c: &Context) -> Verdict {
    match c.chats().contact(nobodys()?).await {
        Err(error) => {
            ensure(error.kind() == ErrorKind::NotFound, || format!("an unknown contact gave {error}"))
        }
        Ok(_) if c.expected().complete => fail("an unknown contact was found"),
        Ok(contact) => ensure(contact.name.is_none() && contact.push_name.is_none(), || {
            "an unknown contact has a name".into()
        }),
    }
}

pub(super) async fn no_person(c: &Context) -> Verdict {
    let before = c.requests();
    for wrong in ["120363000000000099@g.us", "status@broadcast"] {
        let answer = c.chats().contact(wrong).await;
        c.expect_error(answer, &[ErrorKind::InvalidInput], "a contact that is no person")?;
    }
    for wrong in ["120363000000000099@g.us", "222@lid"] {
        let answer = c.chats().check_number(wrong).await;
        c.expect_error(answer, &[ErrorKind::InvalidInput], "checking what is no number")?;
    }
    for wrong in ["+55 11 9x", "letters", "1234"] {
        let kind = c.chats().check_number(wrong).await.err().map(|error| error.kind());
        ensure(kind == Some(ErrorKind::InvalidInput), || format!("a number with letters gave {kind:?}"))?;
    }
    c.nothing_sent_since(before, "what is no person")
}

pub(super) async fn checked(c: &Context) -> Verdict {
    let user = c.user()?;
    let found = c.chats().check_number(user).await?;
    ensure(found.exists != Some(false), || "a number with a chat is said not to exist".into())?;
    ensure(found.chat_id.as_ref().is_none_or(|id| id == user || id.is_lid()), || {
        "the number is known under another id".into()
    })?;
    let nobody = c.chats().check_number(nobodys()?).await?;
    // a server that takes every number for one says yes
    ensure(nobody.exists != Some(false) || nobody.chat_id.is_none(), || {
        "a number that isn't there has an id".into()
    })
}
