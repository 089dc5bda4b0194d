use super::Chats;
use crate::{Action, ChatId, Error, Operation, Outcome, PairingQr, Result};

impl Chats {
    /// The session behind the account: pairing, start and stop. Sends nothing by itself.
    pub fn session(&self) -> Session {
        Session { chats: self.clone() }
    }
}

/// The session of an account with WhatsApp. Made by [`Chats::session`].
///
/// Which verbs there are differs: WAHA and Wappfy have all of them, Green-API and GOWA restart and log out but
/// know no start and no stop. Whether it came to anything is told by
/// [`wait_until_working`](Chats::wait_until_working).
///
/// # Errors
/// Of each verb: `Unsupported`, before any request, where the gateway can't do it; `NotFound` for a session that
/// isn't there; `OutcomeUnknown` when a change was sent and no answer came.
///
/// # Examples
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # use std::time::Duration;
/// # use wachats_core::{Chats, Memory, SessionState};
/// # let memory = Memory::new([], []);
/// # memory.set_state(SessionState::NeedsPairing);
/// # let chats = Chats::new(memory.clone());
/// if chats.status().await?.state == SessionState::NeedsPairing {
///     let qr = chats.session().pairing_qr().await?;
///     println!("scan this: {}", qr.value.as_deref().unwrap_or("(a picture)"));
/// #   memory.set_state(SessionState::Working);
///     chats.wait_until_working(Duration::from_secs(120)).await?;
/// }
/// # Ok::<(), wachats_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    chats: Chats,
}

impl Session {
    /// The QR code that pairs a phone, as it is now: it changes every 10 to 60 s. On GOWA each call begins the
    /// pairing anew and voids the code before: [`PairingQr::voids_former`].
    ///
    /// # Errors
    /// `Conflict` where a phone is paired already; `SessionNotReady` with the state where the session is
    /// stopped, starts or failed (WAHA gives up after about six codes: [`restart`](Self::restart) it then);
    /// those of a read.
    pub async fn pairing_qr(&self) -> Result<PairingQr> {
        self.chats.run(self.chats.stack.pairing_qr()).await
    }

    /// Asks for the code that pairs a phone without a camera: [`Outcome::code`]. It is typed in on the phone of
    /// this number, and a new one voids it. WhatsApp refuses at times: offer the QR code as well.
    ///
    /// # Errors
    /// See [`Session`]; `InvalidInput`, before any request, for what is no phone number; `Conflict` where a
    /// phone is paired already; `SessionNotReady` as of [`pairing_qr`](Self::pairing_qr).
    pub async fn pairing_code<I>(&self, phone: I) -> Result<Outcome>
    where
        I: TryInto<ChatId>,
        Error: From<I::Error>,
    {
        let phone = phone.try_into().map_err(|e| Error::from(e).with_operation(Operation::PairCode))?;
        self.chats.perform(Action::PairCode { phone }).await
    }

    /// Starts it. One that runs already is a success.
    ///
    /// # Errors
    /// See [`Session`].
    pub async fn start(&self) -> Result<Outcome> {
        self.chats.perform(Action::SessionStart).await
    }

    /// Stops it and starts it again. The phone stays paired.
    ///
    /// # Errors
    /// See [`Session`].
    pub async fn restart(&self) -> Result<Outcome> {
        self.chats.perform(Action::SessionRestart).await
    }

    /// Stops it. The phone stays paired.
    ///
    /// # Errors
    /// See [`Session`].
    pub async fn stop(&self) -> Result<Outcome> {
        self.chats.perform(Action::SessionStop).await
    }

    /// Unpairs the phone: only its owner can pair it again.
    ///
    /// # Errors
    /// See [`Session`].
    pub async fn logout(&self) -> Result<Outcome> {
        self.chats.perform(Action::SessionLogout).await
    }
}
