//! Pairing, start and stop, beginning with an account that works.

use std::time::Duration;

use wachats_core::{Action, Capability, Effect, Error, ErrorKind, PairingQr, Result, SessionState};

use crate::check::{Context, Stop, Verdict, ensure, fail, skip};

/// How long a session may take to work again.
const READY: Duration = Duration::from_secs(60);

/// A paired account has no code: what is offered says so, what isn't is refused before any request.
async fn of_a_paired_account<T>(
    c: &Context,
    capability: Capability,
    ask: impl Future<Output = Result<T>>,
) -> Verdict {
    let before = c.requests();
    let Err(error) = ask.await else { return fail("a paired account was given a code") };
    if c.offers(capability) {
        return ensure(error.kind() == ErrorKind::Conflict, || format!("a paired account gave {error}"));
    }
    refused(&error, capability)?;
    c.nothing_sent_since(before, "the refusal")
}

fn refused(error: &Error, capability: Capability) -> Verdict {
    let right = error.kind() == ErrorKind::Unsupported
        && error.capability() == Some(capability)
        && error.effect() == Effect::NotSent
        && !error.message().trim().is_empty();
    ensure(right, || format!("denied, but the refusal is {error}"))
}

pub(super) async fn claim_qr(c: &Context) -> Verdict {
    of_a_paired_account(c, Capability::PairQr, c.chats().session().pairing_qr()).await
}

pub(super) async fn claim_code(c: &Context) -> Verdict {
    let session = c.chats().session();
    let code = session.pairing_code(c.user()?);
    of_a_paired_account(c, Capability::PairCode, code).await
}

pub(super) async fn claim_control(c: &Context) -> Verdict {
    super::claims::act(c, Capability::SessionControl, Action::SessionRestart).await
}

/// What of it the gateway lacks is refused by name.
async fn control(c: &Context, action: Action) -> Verdict {
    let operation = action.operation();
    match c.chats().perform(action).await {
        Ok(outcome) => {
            ensure(outcome.operation == operation, || "the outcome names another operation".into())?;
            ensure(outcome.chat_id.is_none(), || "a session's outcome names a chat".into())
        }
        // by a gateway of which this one route isn't known to be missing
        Err(error) if error.kind() == ErrorKind::Unsupported && error.effect() == Effect::Refused => {
            skip(format!("{operation}: {}", error.message()))
        }
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            refused(&error, Capability::SessionControl)?;
            skip(format!("{operation}: {}", error.message()))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn restarted(c: &Context) -> Verdict {
    control(c, Action::SessionRestart).await?;
    c.chats().wait_until_working(READY).await?;
    Ok(())
}

pub(super) async fn stopped_and_started(c: &Context) -> Verdict {
    control(c, Action::SessionStop).await?;
    let state = c.chats().status().await?.state;
    ensure(state == SessionState::Stopped, || format!("after a stop, the state is {state}"))?;
    control(c, Action::SessionStart).await?;
    c.chats().wait_until_working(READY).await?;
    // it runs: that is what is asked for
    control(c, Action::SessionStart).await
}

/// Before v8.10, GOWA forgets the slot with the pairing: there is nothing to pair with then.
fn slot_is_gone(error: Error) -> Stop {
    if matches!(error.kind(), ErrorKind::ConfigInvalid | ErrorKind::NotFound) {
        return Stop::Skip(format!("nothing to pair is left after a logout: {error}"));
    }
    error.into()
}

async fn logged_out(c: &Context) -> Verdict {
    control(c, Action::SessionLogout).await?;
    match c.chats().status().await {
        Ok(status) => ensure(status.state != SessionState::Working, || "it works on after a logout".into()),
        Err(error) => Err(slot_is_gone(error)),
    }
}

pub(super) async fn qr_after_logout(c: &Context) -> Verdict {
    logged_out(c).await?;
    let qr: PairingQr = c.chats().session().pairing_qr().await.map_err(slot_is_gone)?;
    ensure(qr.value.is_some() || qr.picture.is_some(), || "the QR code is neither value nor picture".into())?;
    ensure(qr.value.as_deref().is_none_or(|value| value.len() > 20), || "the value is too short".into())?;
    let png = |bytes: &[u8]| bytes.starts_with(b"\x89PNG");
    let right = qr.picture.as_ref().is_none_or(|p| p.mime_type == "image/png" && png(&p.bytes));
    ensure(right, || "the picture is no PNG".into())?;
    let shown = format!("{qr:?}");
    ensure(qr.value.is_none_or(|value| !shown.contains(&value)), || "Debug shows the code".into())
}

pub(super) async fn code_after_logout(c: &Context) -> Verdict {
    logged_out(c).await?;
    let outcome = c.chats().session().pairing_code(c.user()?).await.map_err(slot_is_gone)?;
    let code = outcome.code.clone().unwrap_or_default();
    let letters = code.chars().filter(|c| c.is_ascii_alphanumeric()).count();
    ensure(letters == 8, || format!("the code has {letters} letters, 8 are usual"))?;
    ensure(!format!("{outcome:?}").contains(&code), || "Debug shows the code".into())
}

pub(super) async fn no_phone(c: &Context) -> Verdict {
    let before = c.requests();
    for wrong in ["120363000000000099@g.us", "222@lid", "not a phone", "+55 11 9x"] {
        let answer = c.chats().session().pairing_code(wrong).await;
        let kind = answer.err().map(|error| error.kind());
        ensure(kind == Some(ErrorKind::InvalidInput), || format!("what is no phone gave {kind:?}"))?;
    }
    c.nothing_sent_since(before, "a code for what is no phone")
}
