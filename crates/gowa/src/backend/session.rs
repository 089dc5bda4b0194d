//! Pairing a phone, connecting again, unlinking. The gateway does all of it by `GET`.

use std::time::Duration;

use chrono::{SubsecRound as _, TimeDelta, Utc};
use wachats_core::{
    Action, Capability, ChatId, Effect, Error, ErrorKind, Operation, PairingPicture, PairingQr, Result,
};

use super::{Gowa, results};
use crate::error::local;
use crate::wire_people::{Login, LoginCode};

/// The gateway waits for WhatsApp's codes this long before it gives up.
const LOGIN: Duration = Duration::from_secs(48);

impl Gowa {
    /// Begins a pairing and fetches the picture of its first code. Later codes of the same pairing can't be
    /// reached: each call begins anew.
    pub(super) async fn read_qr(&self) -> Result<PairingQr> {
        let operation = Operation::PairQr;
        let call = self.look(operation, "/app/login", &["app", "login"]).attempt(LOGIN);
        let login = self.transport.send(call, results::<Login>).await.map_err(paired_already)?;
        let asked = Utc::now().trunc_subsecs(0);
        let broken = |message| local(ErrorKind::Decode, operation, message).with_effect(Effect::Unknown);
        let link = login.qr_link.unwrap_or_default();
        // the gateway's idea of its own address may be another than ours
        let path = link.find("/statics/").and_then(|at| link.get(at + 1..));
        let path = path.ok_or_else(|| broken("the gateway tells no place of the picture"))?;
        let file = self.look(operation, "/statics/qrcode/{file}", &path.split('/').collect::<Vec<_>>());
        let picture =
            self.transport.send(file, |answer| Ok(PairingPicture::png(answer.body.clone()))).await?;
        let mut qr = PairingQr::of_picture(picture.ok_or_else(|| broken("the QR code's picture is no PNG"))?);
        qr.voids_former = true;
        let seconds = login.qr_duration.and_then(|seconds| i64::try_from(seconds).ok());
        qr.expires_at =
            seconds.and_then(TimeDelta::try_seconds).and_then(|time| asked.checked_add_signed(time));
        Ok(qr)
    }

    pub(super) async fn request_code(&self, phone: &ChatId) -> Result<String> {
        let operation = Operation::PairCode;
        let path = ["app", "login-with-code"];
        let call = self
            .transport
            .call(operation, reqwest::Method::GET, "/app/login-with-code")
            .path(path)
            .query("phone", phone.user());
        let told = self.transport.send(call, |answer| {
            let login: LoginCode = results(answer)?;
            let code = login.pair_code.filter(|code| !code.is_empty());
            code.ok_or_else(|| crate::error::unexpected(answer, "the answer holds no code"))
        });
        told.await.map_err(paired_already)
    }

    /// Connects again, or unlinks the phone. There is neither a start nor a stop.
    pub(super) async fn control(&self, action: &Action) -> Result<()> {
        let operation = action.operation();
        let (route, verb) = match action {
            Action::SessionRestart => ("/app/reconnect", "reconnect"),
            Action::SessionLogout => ("/app/logout", "logout"),
            _ => {
                return Err(self
                    .refuse(operation, Capability::SessionControl)
                    .with_message("the gateway connects by itself: it has no start and no stop"));
            }
        };
        let call = self.transport.call(operation, reqwest::Method::GET, route).path(["app", verb]);
        self.transport.send(call, |answer| answer.json::<serde::de::IgnoredAny>().map(drop)).await?;
        if *action == Action::SessionLogout {
            self.known(|known| known.account = None);
        }
        Ok(())
    }
}

fn paired_already(error: Error) -> Error {
    match error.code() {
        Some("ALREADY_LOGGED_IN") => error
            .with_kind(ErrorKind::Conflict)
            .with_effect(Effect::Refused)
            .with_message("a phone is paired already: log the session out first"),
        Some("SESSION_SAVED_ERROR") => error
            .with_kind(ErrorKind::SessionNotReady)
            .with_effect(Effect::Refused)
            .with_state("STARTING")
            .with_message("a stored session is still warming up: look at the status in two seconds"),
        _ => error,
    }
}
