//! The account's state, and whether an empty list may be trusted.

use wachats_core::{ChatId, Error, ErrorKind, Gateway, Operation, Result, Retry, SessionState, Status};

use super::{Gowa, results};
use crate::error::{DISCONNECTED, NOT_PAIRED};
use crate::version::Version;
use crate::{translate, wire};

impl Gowa {
    pub(super) async fn app_status(&self, operation: Operation) -> Result<wire::AppStatus> {
        let call = self.look(operation, "/app/status", &["app", "status"]);
        let status = self.transport.send(call, results::<wire::AppStatus>).await?;
        if let Some(account) = translate::account(&status) {
            self.known(|known| known.account = Some(account));
        }
        Ok(status)
    }

    pub(super) async fn read_status(&self) -> Result<Status> {
        let operation = Operation::Status;
        let (wire, state, detail) = match self.app_status(operation).await {
            Ok(wire) => {
                let (state, detail) = translate::state(&wire);
                (wire, state, detail)
            }
            // a slot without a client, or whose client is down, may answer with an error
            Err(error) if error.kind() == ErrorKind::SessionNotReady => {
                let wire = wire::AppStatus::default();
                match error.state() {
                    Some(DISCONNECTED) => {
                        (wire, SessionState::Starting, Some("paired, not connected to WhatsApp"))
                    }
                    _ => (wire, SessionState::NeedsPairing, Some("no phone is paired")),
                }
            }
            Err(error) => return Err(error),
        };
        let mut status = Status::new(Gateway::GOWA, state);
        status.detail = detail.map(str::to_owned);
        status.version = match self.version(operation).await {
            Ok(version) => version.shown(),
            Err(_) => None,
        };
        status.account_id = match translate::account(&wire) {
            Some(account) => Some(account),
            None if status.state != SessionState::NeedsPairing => self.account_of_slot(&wire).await,
            None => None,
        };
        Ok(status)
    }

    /// From v8.0.0 to v8.8.0 the status names the slot alone; the list of slots knows the account.
    async fn account_of_slot(&self, wire: &wire::AppStatus) -> Option<ChatId> {
        let v8 = self.known(|known| {
            known.version.at_least((8, 0, 0)) == Some(true) && known.version != Version::UNKNOWN
        });
        let slot = wire.device_id.as_deref().filter(|id| v8 && !id.is_empty())?;
        let call = self.look(Operation::Status, "/devices", &["devices"]);
        let devices = self.transport.send(call, results::<Vec<wire::Device>>).await.ok()?;
        let device = devices.into_iter().find(|device| device.id.as_deref() == Some(slot))?;
        let account = translate::id(device.jid.as_deref())?;
        self.known(|known| known.account = Some(account.clone()));
        Some(account)
    }

    /// Of a logged-out device the history is hidden, not gone: its lists are empty without a word. An empty
    /// list is only believed where a phone is paired.
    pub(super) async fn believe_empty(&self, operation: Operation) -> Result<()> {
        let (state, _) = translate::state(&self.app_status(operation).await?);
        if state != SessionState::NeedsPairing {
            return Ok(());
        }
        Err(Error::new(ErrorKind::SessionNotReady, operation)
            .with_gateway(Gateway::GOWA)
            .with_state(NOT_PAIRED)
            .with_retry(Retry::Never)
            .with_message("no phone is paired: the history is hidden until the same number is paired again"))
    }
}
