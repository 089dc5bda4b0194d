//! One message, its media, the account's state, a person's ids.

use wachats_core::{
    Capability, ChatId, ErrorKind, Message, MessageId, MessageKey, Missing, SessionState, Support,
};

use crate::check::{Context, Verdict, ensure, fail, skip};
use crate::model::differing_message_fields;

pub(super) async fn by_id(c: &Context) -> Verdict {
    let mut wanted = vec![c.text(false)?, c.text(true)?];
    let group = c.expected().group.as_ref().and_then(|group| c.expected().messages_of(group).next());
    wanted.extend(group);
    let sample = c.expected().media.as_ref();
    wanted.extend(sample.and_then(|s| c.expected().messages_of(&s.chat).find(|m| m.key == *s.id.key())));
    for wanted in wanted {
        for (id, form) in [(wanted.id.clone(), "full"), (MessageId::from(wanted.key.clone()), "bare")] {
            let found: Message = c.chats().chat(&wanted.chat_id)?.message(id)?.get().await?;
            ensure(found.id.is_full(), || "the id of a message found is not in full".into())?;
            let fields = differing_message_fields(&found, wanted);
            ensure(fields.is_empty(), || {
                format!("a {} by its {form} id differs in {}", wanted.kind, fields.join(", "))
            })?;
        }
    }
    Ok(())
}

/// A key that no message has.
fn nobodys() -> Verdict<MessageKey> {
    "3EB0FFFFFFFFFFFFFFFF".parse().or_else(|_| fail("a key of the usual form is refused"))
}

pub(super) async fn not_there(c: &Context) -> Verdict {
    let chat = c.user()?;
    let full = MessageId::full(false, chat.clone(), nobodys()?, None);
    for id in [full, MessageId::from(nobodys()?)] {
        let answer = c.chats().chat(chat)?.message(id)?.get().await;
        let error = c.expect_error(answer, &[ErrorKind::NotFound], "a message that isn't there")?;
        ensure(error.missing() == Some(Missing::Message), || {
            format!("of a message that isn't there, {:?} is said to be missing", error.missing())
        })?;
    }
    Ok(())
}

pub(super) async fn media_bytes(c: &Context) -> Verdict {
    let Some(sample) = &c.expected().media else { return skip("no message with media is known") };
    let cap = sample.bytes.len() + 1024;
    let by_id = c.chats().chat(&sample.chat)?.message(&sample.id)?.media().bytes(cap).await?;
    ensure(by_id == sample.bytes, || {
        format!("{} bytes, {} wanted, or others", by_id.len(), sample.bytes.len())
    })?;
    let listed = c.listed(&sample.chat).await?;
    let Some(message) = listed.iter().find(|m| m.key == *sample.id.key()) else {
        return fail("the message with media is not in the list");
    };
    let of_message = c.chats().media(message).bytes(cap).await?;
    ensure(of_message == by_id, || "the media of the listed message is another than by its id".into())?;
    let small = c.chats().media(message).bytes(sample.bytes.len().saturating_sub(1)).await;
    match small {
        Err(error) if error.kind() == ErrorKind::TooLarge => Ok(()),
        _ => fail("a cap one byte too small is not TooLarge"),
    }
}

pub(super) async fn media_of_text(c: &Context) -> Verdict {
    let text = c.text(false)?;
    let answer = c.chats().chat(&text.chat_id)?.message(&text.id)?.media().open().await;
    let kinds = [ErrorKind::NotFound, ErrorKind::InvalidInput];
    c.expect_error(answer, &kinds, "the media of a text").map(drop)
}

pub(super) async fn status(c: &Context) -> Verdict {
    let status = c.chats().status().await?;
    ensure(status.gateway == c.capabilities.gateway, || "the status names another gateway".into())?;
    ensure(status.state == SessionState::Working, || {
        format!("the account works, the status says {}", status.state)
    })
}

pub(super) async fn resolve(c: &Context) -> Verdict {
    let Some((phone, lid)) = &c.expected().lid_pair else { return skip("no pair of phone and lid is known") };
    for (id, word) in [(phone, "phone"), (lid, "lid")] {
        let found = c.chats().resolve(id).await?;
        // An emulated look-up may not know the other half; it never gives a wrong one.
        let partly = c.capabilities.support(Capability::ResolveLid) == Support::Emulated;
        let right = |told: Option<&ChatId>, wanted: &ChatId| match told {
            Some(told) => told == wanted,
            None => partly && id != wanted,
        };
        ensure(right(found.phone_id.as_ref(), phone), || {
            format!("by the {word}, the phone is missing or another")
        })?;
        ensure(right(found.lid.as_ref(), lid), || format!("by the {word}, the lid is missing or another"))?;
    }
    Ok(())
}

pub(super) async fn resolve_unknown(c: &Context) -> Verdict {
    let lid: ChatId = match "999999999999999@lid".parse() {
        Ok(lid) => lid,
        Err(_) => return fail("a lid is refused"),
    };
    let found = c.chats().resolve(&lid).await?;
    ensure(found.phone_id.is_none(), || "a lid that nobody has gives a phone".into())?;
    let before = c.requests();
    let group: ChatId = match "120363000000000099@g.us".parse() {
        Ok(group) => group,
        Err(_) => return fail("a group's id is refused"),
    };
    c.expect_error(c.chats().resolve(&group).await, &[ErrorKind::InvalidInput], "resolving a group")?;
    c.nothing_sent_since(before, "resolving a group")
}
