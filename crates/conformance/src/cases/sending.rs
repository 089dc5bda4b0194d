//! Files, places, contact cards, polls, forwards: judged by what the gateway shows of them and by the witness.

use wachats_core::{
    Action, Attachment, AttachmentKind, Capability, ChatId, Effect, ErrorKind, Location, Message, MessageId,
    MessageKind, Outcome, Typing,
};

use super::claims::act;
use crate::check::{Context, Verdict, ensure, fail, skip};

/// The beginning of a JPEG, which is as much as anybody looks at here.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";

fn media(chat: &ChatId, attachment: Attachment, reply_to: Option<MessageId>) -> Action {
    Action::SendMedia { chat: chat.clone(), attachment, reply_to }
}

fn picture() -> Attachment {
    Attachment::bytes(JPEG).caption("The sea, море")
}

fn place(chat: &ChatId) -> Action {
    let location = Location::new(-23.5505, -46.6333);
    Action::SendLocation { chat: chat.clone(), location, reply_to: None }
}

fn card(chat: &ChatId) -> Action {
    let (name, phone) = ("Анна Smith".to_owned(), "+7 900 123-45-67".to_owned());
    Action::SendContact { chat: chat.clone(), name, phone, reply_to: None }
}

fn poll(chat: &ChatId, multiple: bool) -> Action {
    let options = ["Tea", "Coffee", "Чай"].map(str::to_owned).to_vec();
    Action::SendPoll { chat: chat.clone(), question: "What?".into(), options, multiple, reply_to: None }
}

fn typing(chat: &ChatId, typing: Typing) -> Action {
    Action::Typing { chat: chat.clone(), typing, time: None }
}

pub(super) async fn claim_media(c: &Context) -> Verdict {
    act(c, Capability::SendMedia, media(c.user()?, picture(), None)).await
}

pub(super) async fn claim_location(c: &Context) -> Verdict {
    act(c, Capability::SendLocation, place(c.user()?)).await
}

pub(super) async fn claim_contact(c: &Context) -> Verdict {
    act(c, Capability::SendContact, card(c.user()?)).await
}

pub(super) async fn claim_poll(c: &Context) -> Verdict {
    act(c, Capability::SendPoll, poll(c.user()?, false)).await
}

pub(super) async fn claim_forward(c: &Context) -> Verdict {
    let (chat, id) = (c.user()?.clone(), c.text(false)?.id.clone());
    act(c, Capability::Forward, Action::Forward { to: chat.clone(), chat, id }).await
}

pub(super) async fn claim_typing(c: &Context) -> Verdict {
    act(c, Capability::Typing, typing(c.user()?, Typing::Composing)).await
}

/// The message just sent, as the gateway lists it; `None` where it only queued it or doesn't show it.
async fn shown(c: &Context, action: Action) -> Verdict<Option<Message>> {
    let operation = action.operation();
    let Some(chat) = action.chat().cloned() else { return fail("nothing is sent to nobody") };
    let before = c.chats().chat(&chat)?.messages().limit(5).collect().await?;
    let outcome: Outcome = c.perform(action).await?;
    if outcome.queued || !c.shows(operation) {
        return Ok(None);
    }
    let newest = c.chats().chat(&chat)?.messages().limit(5).collect().await?;
    let known = |m: &Message| before.iter().any(|old| old.key == m.key);
    let Some(sent) = newest.into_iter().find(|m| m.from_me && !known(m)) else {
        return fail("what was sent is not among the newest messages");
    };
    let named = outcome.message_id.is_none_or(|id| id.key() == &sent.key);
    ensure(named, || "the outcome names another message than the one that is there".into())?;
    Ok(Some(sent))
}

fn is(message: &Message, kinds: &[MessageKind]) -> Verdict {
    ensure(kinds.contains(&message.kind), || format!("it is shown as {}", message.kind))
}

pub(super) async fn picture_with_caption(c: &Context) -> Verdict {
    let Some(sent) = shown(c, media(c.user()?, picture(), None)).await? else { return Ok(()) };
    is(&sent, &[MessageKind::Image])?;
    ensure(sent.text.as_deref() == Some("The sea, море"), || "its caption is another one".into())?;
    if !c.offers(Capability::DownloadMedia) {
        return Ok(());
    }
    let bytes = c.chats().media(&sent).bytes(1 << 20).await?;
    ensure(bytes == JPEG, || format!("{} bytes come back, {} were sent", bytes.len(), JPEG.len()))
}

pub(super) async fn document(c: &Context) -> Verdict {
    let file = Attachment::bytes("a,b\n1,2\n").file_name("table.csv").kind(AttachmentKind::Document);
    let Some(sent) = shown(c, media(c.user()?, file, None)).await? else { return Ok(()) };
    is(&sent, &[MessageKind::Document])?;
    let name = sent.media.and_then(|media| media.file_name);
    ensure(name.is_none_or(|name| name == "table.csv"), || "it has another name".into())
}

pub(super) async fn reply_with_a_file(c: &Context) -> Verdict {
    let asked = c.text(false)?;
    let action = media(c.user()?, picture(), Some(asked.id.clone()));
    match c.chats().perform(action.clone()).await {
        // Old versions of GOWA quote in texts alone; they say so.
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            return ensure(error.capability() == Some(Capability::Reply), || format!("refused by {error}"));
        }
        answer => answer.map(drop)?,
    }
    let Some(sent) = shown(c, action).await? else { return Ok(()) };
    let quoted = sent.reply_to.is_none_or(|reply| reply.key == asked.key);
    ensure(quoted, || "it is shown as an answer to another message".into())
}

/// Each kind is sent, or refused with a reason before anything is sent.
pub(super) async fn every_kind(c: &Context) -> Verdict {
    let mut note = b"OggS\0\x02".to_vec();
    note.resize(28, 0);
    note.extend(b"OpusHead\x01\x01\0\0");
    let files: [(AttachmentKind, &[u8]); 6] = [
        (AttachmentKind::Image, JPEG),
        (AttachmentKind::Video, b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41"),
        (AttachmentKind::Audio, b"ID3\x04\0\0\0\0\0\0sound"),
        (AttachmentKind::Voice, &note),
        (AttachmentKind::Document, b"%PDF-1.7\n%%EOF"),
        (AttachmentKind::Sticker, b"RIFF\x24\0\0\0WEBPVP8 "),
    ];
    for (kind, bytes) in files {
        let action = media(c.user()?, Attachment::bytes(bytes.to_vec()).kind(kind), None);
        let before = c.requests();
        let Err(error) = c.chats().perform(action).await else { continue };
        let refused = error.kind() == ErrorKind::Unsupported && !error.message().trim().is_empty();
        ensure(refused, || format!("{kind}: {error}"))?;
        ensure(error.effect() == Effect::NotSent, || {
            format!("{kind}: the refusal's effect is not not_sent")
        })?;
        c.nothing_sent_since(before, "the refusal of a kind")?;
    }
    Ok(())
}

pub(super) async fn location(c: &Context) -> Verdict {
    let Some(sent) = shown(c, place(c.user()?)).await? else { return Ok(()) };
    is(&sent, &[MessageKind::Location])?;
    let Some(there) = sent.location else { return fail("the place is not told") };
    let near = (there.latitude + 23.5505).abs() < 1e-4 && (there.longitude + 46.6333).abs() < 1e-4;
    ensure(near, || "it is another place".into())
}

pub(super) async fn contact(c: &Context) -> Verdict {
    let Some(sent) = shown(c, card(c.user()?)).await? else { return Ok(()) };
    is(&sent, &[MessageKind::Contact])?;
    let cards = sent.contacts.unwrap_or_default();
    let vcard = cards.first().and_then(|card| card.vcard.clone());
    ensure(vcard.is_none_or(|card| card.contains("79001234567") && card.contains("Анна Smith")), || {
        "the card holds another name or number".into()
    })
}

pub(super) async fn poll_of_one_or_several(c: &Context) -> Verdict {
    for multiple in [false, true] {
        if let Some(sent) = shown(c, poll(c.user()?, multiple)).await? {
            is(&sent, &[MessageKind::Poll])?;
        }
    }
    Ok(())
}

pub(super) async fn forward(c: &Context) -> Verdict {
    let (chat, text, to) = (c.user()?, c.text(false)?, c.spare()?);
    let forward = Action::Forward { chat: chat.clone(), id: text.id.clone(), to: to.clone() };
    let Some(sent) = shown(c, forward).await? else { return Ok(()) };
    ensure(sent.text == text.text, || "another text arrived".into())?;
    ensure(sent.forwarded != Some(false), || "it is shown as not forwarded".into())
}

pub(super) async fn forward_of_nothing(c: &Context) -> Verdict {
    let (chat, to) = (c.user()?, c.spare()?);
    let id: MessageId = match "3EB0FFFFFFFFFFFFFFFFFF".parse() {
        Ok(id) => id,
        Err(_) => return skip("the key can't be made"),
    };
    let forward = Action::Forward { chat: chat.clone(), id, to: to.clone() };
    c.expect_error(c.chats().perform(forward).await, &[ErrorKind::NotFound], "a message that isn't there")
        .map(drop)
}

/// What another chat holds must not leave it by a wrong argument.
pub(super) async fn forward_of_another_chats(c: &Context) -> Verdict {
    let (chat, to) = (c.user()?, c.spare()?);
    let elsewhere = |m: &&Message| m.chat_id != *chat && (m.chat_id.is_phone() || m.chat_id.is_group());
    let Some(other) = c.expected().messages.iter().find(elsewhere) else {
        return skip("no message of another chat is known");
    };
    let forward = |id| Action::Forward { chat: chat.clone(), id, to: to.clone() };
    let before = c.requests();
    let named = c.chats().perform(forward(other.id.clone())).await;
    c.expect_error(named, &[ErrorKind::InvalidInput], "an id that names another chat")?;
    c.nothing_sent_since(before, "an id that names another chat")?;
    // neither by its key alone nor under the name of this chat
    let key = other.key.clone();
    for id in [key.clone().into(), MessageId::full(other.from_me, chat.clone(), key, None)] {
        let missed = c.chats().perform(forward(id)).await;
        c.expect_error(missed, &[ErrorKind::NotFound], "a message of another chat")?;
    }
    Ok(())
}

pub(super) async fn typing_and_stopped(c: &Context) -> Verdict {
    let chat = c.user()?;
    c.perform(typing(chat, Typing::Composing)).await?;
    for more in [Typing::Recording, Typing::Paused] {
        // What a gateway can't show, it says.
        match c.chats().perform(typing(chat, more)).await {
            Err(error) if error.kind() == ErrorKind::Unsupported => {}
            answer => answer.map(drop)?,
        }
    }
    Ok(())
}

/// What no gateway could send is refused before any request, whatever the gateway can.
pub(super) async fn bad_input(c: &Context) -> Verdict {
    let chat = c.user()?;
    let poll_of = |options: &[&str]| Action::SendPoll {
        chat: chat.clone(),
        question: "What?".into(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        multiple: false,
        reply_to: None,
    };
    let card_of = |name: &str, phone: &str| Action::SendContact {
        chat: chat.clone(),
        name: name.into(),
        phone: phone.into(),
        reply_to: None,
    };
    let place_of = |latitude, longitude| Action::SendLocation {
        chat: chat.clone(),
        location: Location::new(latitude, longitude),
        reply_to: None,
    };
    let folder = std::env::temp_dir();
    let wrong = [
        ("an empty file", media(chat, Attachment::bytes(""), None)),
        ("a folder", media(chat, Attachment::file(&folder), None)),
        ("a missing file", media(chat, Attachment::file(folder.join("there is no such file.jpg")), None)),
        ("a text as a picture", media(chat, Attachment::bytes("text").kind(AttachmentKind::Image), None)),
        ("a latitude of 91", place_of(91.0, 0.0)),
        ("a longitude of -181", place_of(0.0, -181.0)),
        ("no latitude", place_of(f64::NAN, 0.0)),
        ("a poll with one option", poll_of(&["one"])),
        ("a poll with equal options", poll_of(&["one", "one"])),
        ("a name with a line break", card_of("A\nTEL:+1", "79001234567")),
        ("a phone with letters", card_of("Anna", "7900CALLME")),
    ];
    for (what, action) in wrong {
        let before = c.requests();
        let error = c.expect_error(c.chats().perform(action).await, &[ErrorKind::InvalidInput], what)?;
        ensure(error.effect() == Effect::NotSent, || format!("{what}: the effect is not not_sent"))?;
        c.nothing_sent_since(before, what)?;
    }
    Ok(())
}
