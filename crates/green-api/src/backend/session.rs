//! Pairing a phone, restarting the instance, unpairing. An instance has no start and no stop.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wachats_core::transport::Answer;
use wachats_core::{
    Action, Capability, ChatId, Effect, Error, ErrorKind, Operation, PairingPicture, PairingQr, Repeat,
    Result, Retry, SessionState,
};

use super::{GreenApi, state_of};
use crate::verb;
use crate::wire::{AuthorizationCode, Qr, State};

impl GreenApi {
    /// The code changes every 20 s and is told midway: when it lapses isn't known.
    pub(super) async fn read_qr(&self) -> Result<PairingQr> {
        self.send(self.call(Operation::PairQr, verb::QR), code_in).await
    }

    pub(super) async fn request_code(&self, phone: &ChatId) -> Result<String> {
        let operation = Operation::PairCode;
        let number: u64 = phone.user().parse().map_err(|_| {
            self.error(ErrorKind::InvalidInput, operation).with_message("a phone number has 5 to 15 digits")
        })?;
        // a paired instance may give a code all the same
        let state = self.call(operation, verb::GET_STATE_INSTANCE).repeat(Repeat::Read);
        let state: State = self.send(state, |answer| answer.json()).await?;
        if state_of(state.state_instance.as_deref()) == SessionState::Working {
            return Err(self
                .error(ErrorKind::Conflict, operation)
                .with_effect(Effect::NotSent)
                .with_message("a phone is paired already: log the session out first"));
        }
        let call = self.post(operation, verb::GET_AUTHORIZATION_CODE, &json!({ "phoneNumber": number }));
        self.send(call, |answer| {
            let told: AuthorizationCode = answer.json()?;
            match told.code.filter(|code| !code.is_empty() && told.status != Some(false)) {
                Some(code) => Ok(halved(code)),
                None => Err(Error::new(ErrorKind::SessionNotReady, answer.operation)
                    .with_status(answer.status)
                    .with_effect(Effect::Refused)
                    .with_retry(Retry::After(None))
                    .with_message("the instance gives no code now: ask again later, or use the QR code")),
            }
        })
        .await
    }

    pub(super) async fn control(&self, action: &Action) -> Result<()> {
        let operation = action.operation();
        let (verb, done) = match action {
            Action::SessionRestart => (verb::REBOOT, "isReboot"),
            Action::SessionLogout => (verb::LOGOUT, "isLogout"),
            _ => {
                return Err(self
                    .not_here(operation, Capability::SessionControl)
                    .with_message("an instance runs by itself: it has no start and no stop"));
            }
        };
        self.send(self.call(operation, verb), |answer| match answer.json::<Value>()?.get(done) {
            Some(Value::Bool(false)) => Err(Error::new(ErrorKind::ServerFault, operation)
                .with_status(answer.status)
                .with_effect(Effect::Refused)
                .with_retry(Retry::Never)
                .with_message("the instance answered that it was not done")),
            _ => Ok(()),
        })
        .await?;
        if *action == Action::SessionLogout {
            self.forget_account();
        }
        Ok(())
    }
}

/// Eight letters as WhatsApp shows them on the phone, `ABCD-EFGH`.
fn halved(code: String) -> String {
    match code.split_at_checked(4) {
        Some((head, tail)) if tail.len() == 4 && code.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            format!("{head}-{tail}")
        }
        _ => code,
    }
}

/// A picture alone: the value is nowhere told over HTTP.
fn code_in(answer: &Answer) -> Result<PairingQr> {
    let qr: Qr = answer.json()?;
    let text = qr.message.unwrap_or_default();
    let error = |kind: ErrorKind| Error::new(kind, answer.operation).with_status(answer.status);
    match qr.kind.as_deref() {
        Some("qrCode") => {
            let data = text.split_once("base64,").map_or(text.as_str(), |(_, data)| data);
            let picture = STANDARD.decode(data.trim()).ok().and_then(PairingPicture::png);
            picture
                .map(PairingQr::of_picture)
                .ok_or_else(|| error(ErrorKind::Decode).with_message("the QR code is no PNG in base64"))
        }
        Some("alreadyLogged") => Err(error(ErrorKind::Conflict)
            .with_effect(Effect::Refused)
            .with_message("a phone is paired already: log the session out first")),
        Some("error") => Err(error(ErrorKind::SessionNotReady)
            .with_effect(Effect::Refused)
            .with_state("STARTING")
            .with_message("the instance has no QR code now: it may be starting, which takes minutes")),
        _ => Err(error(ErrorKind::Decode).with_message("the answer is of a type that is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Result<PairingQr> {
        let headers = Default::default();
        code_in(&Answer { operation: Operation::PairQr, status: 200, headers, body: body.to_owned().into() })
    }

    #[test]
    fn a_code_is_told_in_two_halves() {
        for (told, shown) in
            [("ABCD1234", "ABCD-1234"), ("ABCD-1234", "ABCD-1234"), ("ABC", "ABC"), ("ABéDEFGH", "ABéDEFGH")]
        {
            assert_eq!(halved(told.to_owned()), shown);
        }
    }

    #[test]
    fn the_three_types() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";
        let qr = of(&format!(r#"{{"type":"qrCode","message":"{}"}}"#, STANDARD.encode(PNG))).unwrap();
        assert_eq!((qr.value, qr.picture.unwrap().bytes), (None, PNG.into()));
        let kind = |body| of(body).unwrap_err().kind();
        assert_eq!(
            kind(r#"{"type":"alreadyLogged","message":"instance account already authorized"}"#),
            ErrorKind::Conflict
        );
        assert_eq!(kind(r#"{"type":"error","message":"x"}"#), ErrorKind::SessionNotReady);
        assert_eq!(kind(r#"{"type":"qrCode","message":"no picture"}"#), ErrorKind::Decode);
        assert_eq!(kind(r#"{"type":"new"}"#), ErrorKind::Decode);
    }
}
