//! What is claimed is served; what is denied is refused before any request, with a reason.

use std::future::Future;

use wachats_core::{
    Ack, Action, Capability, ChatSort, DisappearingTimer, Effect, Error, ErrorKind, MessageId, PinDuration,
    PollEvents, Result, Support,
};

use crate::check::{Context, Verdict, ensure, fail};

/// Asks for it and judges the answer by the claim.
pub(super) async fn judge<T>(
    context: &Context,
    capability: Capability,
    ask: impl Future<Output = Result<T>>,
) -> Verdict {
    let before = context.requests();
    let answer = ask.await;
    if context.offers(capability) {
        return match answer {
            Ok(_) => emulation_is_explained(context, capability),
            Err(error) => fail(format!("claimed, but {error}")),
        };
    }
    let error = match answer {
        Ok(_) => return fail("denied, but served"),
        Err(error) => error,
    };
    refused(&error, capability)?;
    context.nothing_sent_since(before, "the refusal")?;
    let gateway = error.gateway() == Some(&context.capabilities.gateway);
    ensure(gateway, || "the refusal doesn't name its gateway".into())
}

fn refused(error: &Error, capability: Capability) -> Verdict {
    ensure(error.kind() == ErrorKind::Unsupported, || format!("denied, but the error is {error}"))?;
    ensure(error.capability() == Some(capability), || {
        format!("the refusal is about another capability: {error}")
    })?;
    ensure(error.effect() == Effect::NotSent, || "the refusal's effect is not not_sent".into())?;
    ensure(!error.message().trim().is_empty(), || "the refusal gives no reason".into())
}

fn emulation_is_explained(context: &Context, capability: Capability) -> Verdict {
    let emulated = context.capabilities.support(capability) == Support::Emulated;
    let explained = context.capabilities.reason(capability).is_some_and(|reason| !reason.trim().is_empty());
    ensure(!emulated || explained, || "it is emulated, but no reason says at what cost".into())
}

pub(super) async fn list_chats(c: &Context) -> Verdict {
    judge(c, Capability::ListChats, c.chats().list().limit(1).page()).await
}

pub(super) async fn chats_offset(c: &Context) -> Verdict {
    judge(c, Capability::ChatsOffset, c.chats().list().offset(1).limit(1).page()).await
}

pub(super) async fn chats_sort(c: &Context) -> Verdict {
    judge(c, Capability::ChatsSort, c.chats().list().sort(ChatSort::Id).limit(1).page()).await
}

pub(super) async fn overview(c: &Context) -> Verdict {
    judge(c, Capability::Overview, c.chats().overview().limit(1).page()).await
}

pub(super) async fn chat_picture(c: &Context) -> Verdict {
    judge(c, Capability::ChatPicture, c.chats().chat(c.user()?)?.picture(false)).await
}

pub(super) async fn picture_refresh(c: &Context) -> Verdict {
    // Where there are no pictures at all, that is what is refused.
    let offered = c.offers(Capability::ChatPicture);
    let capability = if offered { Capability::PictureRefresh } else { Capability::ChatPicture };
    judge(c, capability, c.chats().chat(c.user()?)?.picture(true)).await
}

pub(super) async fn list_messages(c: &Context) -> Verdict {
    judge(c, Capability::ListMessages, c.chats().chat(c.user()?)?.messages().limit(1).page()).await
}

pub(super) async fn messages_offset(c: &Context) -> Verdict {
    judge(c, Capability::MessagesOffset, c.chats().chat(c.user()?)?.messages().offset(1).limit(1).page())
        .await
}

pub(super) async fn filter_since(c: &Context) -> Verdict {
    let at = c.text(false)?.sent_at.unwrap_or_default();
    judge(c, Capability::FilterSince, c.chats().chat(c.user()?)?.messages().since(at).limit(1).page()).await
}

pub(super) async fn filter_until(c: &Context) -> Verdict {
    let at = c.text(false)?.sent_at.unwrap_or_default();
    judge(c, Capability::FilterUntil, c.chats().chat(c.user()?)?.messages().until(at).limit(1).page()).await
}

pub(super) async fn filter_from_me(c: &Context) -> Verdict {
    judge(c, Capability::FilterFromMe, c.chats().chat(c.user()?)?.messages().from_me(true).limit(1).page())
        .await
}

pub(super) async fn filter_ack(c: &Context) -> Verdict {
    judge(c, Capability::FilterAck, c.chats().chat(c.user()?)?.messages().ack(Ack::Read).limit(1).page())
        .await
}

pub(super) async fn filter_media(c: &Context) -> Verdict {
    judge(c, Capability::FilterMedia, c.chats().chat(c.user()?)?.messages().media_only(true).limit(1).page())
        .await
}

pub(super) async fn search(c: &Context) -> Verdict {
    judge(c, Capability::Search, c.chats().chat(c.user()?)?.messages().search("a").limit(1).page()).await
}

pub(super) async fn all_messages(c: &Context) -> Verdict {
    judge(c, Capability::AllMessages, c.chats().messages().limit(1).page()).await
}

pub(super) async fn filter_archived(c: &Context) -> Verdict {
    judge(c, Capability::FilterArchived, c.chats().list().archived(false).limit(1).page()).await
}

pub(super) async fn filter_name(c: &Context) -> Verdict {
    judge(c, Capability::FilterName, c.chats().list().name("a").limit(1).page()).await
}

pub(super) async fn get_message(c: &Context) -> Verdict {
    judge(c, Capability::GetMessage, c.chats().chat(c.user()?)?.message(&c.text(false)?.id)?.get()).await
}

pub(super) async fn download_media(c: &Context) -> Verdict {
    if let Some(sample) = &c.expected().media {
        return judge(
            c,
            Capability::DownloadMedia,
            c.chats().chat(&sample.chat)?.message(&sample.id)?.media().open(),
        )
        .await;
    }
    let ask = c.chats().chat(c.user()?)?.message(&c.text(false)?.id)?.media();
    if c.offers(Capability::DownloadMedia) {
        return crate::check::skip("no message with media is known");
    }
    judge(c, Capability::DownloadMedia, ask.open()).await
}

pub(super) async fn status(c: &Context) -> Verdict {
    judge(c, Capability::Status, c.chats().status()).await
}

pub(super) async fn resolve_lid(c: &Context) -> Verdict {
    judge(c, Capability::ResolveLid, c.chats().resolve(c.user()?)).await
}

/// Counted as a change: what is pulled from a queue is gone from it.
pub(super) async fn poll_events(c: &Context) -> Verdict {
    judge(c, Capability::PollEvents, c.chats().provider().poll_events(&PollEvents::new())).await
}

/// An action on the chat with a person.
pub(super) async fn act(c: &Context, capability: Capability, action: Action) -> Verdict {
    judge(c, capability, c.chats().perform(action)).await
}

fn own(c: &Context) -> Verdict<MessageId> {
    Ok(c.text(true)?.id.clone())
}

pub(super) async fn mark_read(c: &Context) -> Verdict {
    act(c, Capability::MarkRead, Action::MarkRead { chat: c.user()?.clone() }).await
}

pub(super) async fn mark_unread(c: &Context) -> Verdict {
    act(c, Capability::MarkUnread, Action::MarkUnread { chat: c.user()?.clone() }).await
}

pub(super) async fn archive(c: &Context) -> Verdict {
    act(c, Capability::Archive, Action::Archive { chat: c.user()?.clone() }).await?;
    act(c, Capability::Archive, Action::Unarchive { chat: c.user()?.clone() }).await
}

pub(super) async fn delete_chat(c: &Context) -> Verdict {
    act(c, Capability::DeleteChat, Action::DeleteChat { chat: c.spare()?.clone() }).await
}

pub(super) async fn clear_messages(c: &Context) -> Verdict {
    act(c, Capability::ClearMessages, Action::ClearMessages { chat: c.spare()?.clone() }).await
}

pub(super) async fn pin_message(c: &Context) -> Verdict {
    let (chat, id) = (c.user()?.clone(), c.text(false)?.id.clone());
    let pin = Action::PinMessage { chat: chat.clone(), id: id.clone(), duration: PinDuration::Week };
    act(c, Capability::PinMessage, pin).await?;
    act(c, Capability::PinMessage, Action::UnpinMessage { chat, id }).await
}

pub(super) async fn pin_chat(c: &Context) -> Verdict {
    act(c, Capability::PinChat, Action::PinChat { chat: c.user()?.clone() }).await?;
    act(c, Capability::PinChat, Action::UnpinChat { chat: c.user()?.clone() }).await
}

pub(super) async fn edit_message(c: &Context) -> Verdict {
    let edit = Action::EditMessage { chat: c.user()?.clone(), id: own(c)?, text: "Changed".into() };
    act(c, Capability::EditMessage, edit).await
}

pub(super) async fn delete_for_everyone(c: &Context) -> Verdict {
    let delete = Action::DeleteMessage { chat: c.user()?.clone(), id: own(c)?, for_me: false };
    act(c, Capability::DeleteForEveryone, delete).await
}

pub(super) async fn delete_for_me(c: &Context) -> Verdict {
    let delete = Action::DeleteMessage { chat: c.user()?.clone(), id: own(c)?, for_me: true };
    act(c, Capability::DeleteForMe, delete).await
}

pub(super) async fn disappearing(c: &Context) -> Verdict {
    let set = Action::Disappearing { chat: c.user()?.clone(), timer: DisappearingTimer::Week };
    act(c, Capability::Disappearing, set).await
}

pub(super) async fn star(c: &Context) -> Verdict {
    let (chat, id) = (c.user()?.clone(), own(c)?);
    act(c, Capability::Star, Action::Star { chat: chat.clone(), id: id.clone() }).await?;
    act(c, Capability::Star, Action::Unstar { chat, id }).await
}

pub(super) async fn react(c: &Context) -> Verdict {
    let react =
        Action::React { chat: c.user()?.clone(), id: c.text(false)?.id.clone(), emoji: "👍".into() };
    act(c, Capability::React, react).await
}

pub(super) async fn send_text(c: &Context) -> Verdict {
    let send = Action::SendText { chat: c.user()?.clone(), text: "Hello".into(), reply_to: None };
    act(c, Capability::SendText, send).await
}

pub(super) async fn reply(c: &Context) -> Verdict {
    let reply_to = Some(c.text(false)?.id.clone());
    let send = Action::SendText { chat: c.user()?.clone(), text: "Yes".into(), reply_to };
    // A reply is a text first: where none can be sent, that is what is refused.
    let capability = if c.offers(Capability::SendText) { Capability::Reply } else { Capability::SendText };
    act(c, capability, send).await
}
