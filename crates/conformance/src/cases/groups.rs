//! A group and its members.

use wachats_core::{Capability, ChatId, Error, ErrorKind, GroupInfo, Missing};

use crate::check::{Context, Verdict, ensure, fail, skip};

/// A group that nobody has.
const NOBODYS: &str = "120363000000000099@g.us";

fn nobodys() -> Verdict<ChatId> {
    Ok(NOBODYS.parse::<ChatId>().map_err(Error::from)?)
}

pub(super) async fn claim(c: &Context) -> Verdict {
    let Some(group) = c.expected().groups.first().map(|group| &group.id) else {
        if c.offers(Capability::GroupInfo) {
            return skip("no group is known with its members");
        }
        return super::claims::judge(c, Capability::GroupInfo, c.chats().group(nobodys()?)).await;
    };
    super::claims::judge(c, Capability::GroupInfo, c.chats().group(group)).await
}

fn differing(found: &GroupInfo, wanted: &GroupInfo) -> Vec<&'static str> {
    fn differs<T: PartialEq>(found: Option<&T>, wanted: Option<&T>) -> bool {
        found.zip(wanted).is_some_and(|(found, wanted)| found != wanted)
    }
    let members = |group: &GroupInfo| {
        let mut all = group.participants.clone()?;
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Some(all)
    };
    let rows = [
        ("id", found.id != wanted.id),
        ("subject", differs(found.subject.as_ref(), wanted.subject.as_ref())),
        ("description", differs(found.description.as_ref(), wanted.description.as_ref())),
        ("owner_id", differs(found.owner_id.as_ref(), wanted.owner_id.as_ref())),
        ("created_at", differs(found.created_at.as_ref(), wanted.created_at.as_ref())),
        ("announce", differs(found.announce.as_ref(), wanted.announce.as_ref())),
        ("locked", differs(found.locked.as_ref(), wanted.locked.as_ref())),
        ("participants", differs(members(found).as_ref(), members(wanted).as_ref())),
    ];
    rows.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}

pub(super) async fn as_it_is(c: &Context) -> Verdict {
    if c.expected().groups.is_empty() {
        return skip("no group is known with its members");
    }
    for wanted in &c.expected().groups {
        let found = c.chats().group(&wanted.id).await?;
        let fields = differing(&found, wanted);
        ensure(fields.is_empty(), || format!("a group differs in {}", fields.join(", ")))?;
        ensure(found.participants.as_ref().is_some_and(|all| !all.is_empty()), || {
            "a group has no members".into()
        })?;
    }
    Ok(())
}

pub(super) async fn not_there(c: &Context) -> Verdict {
    let answer = c.chats().group(nobodys()?).await;
    let kinds = [ErrorKind::NotFound, ErrorKind::Forbidden];
    let error = c.expect_error(answer, &kinds, "a group that isn't there")?;
    ensure(error.kind() == ErrorKind::Forbidden || error.missing() == Some(Missing::Chat), || {
        format!("of a group that isn't there, {:?} is said to be missing", error.missing())
    })
}

pub(super) async fn no_group(c: &Context) -> Verdict {
    let before = c.requests();
    let answer = c.chats().group(c.user()?).await;
    c.expect_error(answer, &[ErrorKind::InvalidInput], "a person as a group")?;
    match c.chats().group("x@g.us/..").await {
        Err(error) if error.kind() == ErrorKind::InvalidInput => {}
        _ => return fail("a hostile id is not refused"),
    }
    c.nothing_sent_since(before, "what is no group")
}
