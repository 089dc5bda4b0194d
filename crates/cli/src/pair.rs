//! `pair`: from a session in any state to one with a phone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::Instant;
use wachats::{ChatId, Chats, Effect, Error, ErrorKind, Operation, PairingQr, SessionState, Status};

use crate::args::{Command, FormatArg, Global};
use crate::failure::{Failure, Run};
use crate::output::Output;
use crate::progress::Progress;
use crate::run::Session;
use crate::{input, qr};

/// Between two looks at the state.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two QR codes where the gateway doesn't tell how long one holds.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// One request with its retries, unless less is left of the whole.
const STEP: Duration = Duration::from_secs(50);
/// Failures in a row, once something was answered, before it is given up.
const PATIENCE: u32 = 10;

/// Whom to pair, and how to show it.
pub(crate) struct Wish {
    phone: Option<ChatId>,
    time: Option<Duration>,
    show: Show,
}

#[derive(Clone, Copy, PartialEq)]
enum Show {
    /// Drawn on stdout.
    Drawn,
    /// A line for every change.
    Lines,
    /// The end alone on stdout, what is to be scanned on stderr.
    End,
}

pub(crate) fn wish(command: &Command, global: &Global) -> Run<Option<Wish>> {
    let Command::Pair { phone } = command else { return Ok(None) };
    let phone = phone.as_deref().map(input::phone).transpose()?;
    let show = match global.format {
        None | Some(FormatArg::Table) => Show::Drawn,
        Some(FormatArg::Jsonl) => Show::Lines,
        Some(FormatArg::Json | FormatArg::Csv) => Show::End,
    };
    Ok(Some(Wish { phone, time: input::timeout(global.timeout)?, show }))
}

/// What is told of each change.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Told {
    state: SessionState,
    qr: Option<String>,
    code: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    account_id: Option<ChatId>,
}

pub(crate) async fn run(session: Session, wish: Wish) -> Run {
    let Session { chats, out, progress } = session;
    let end = wish.time.map(|time| Instant::now() + time);
    let told =
        Told { state: SessionState::Unknown, qr: None, code: None, expires_at: None, account_id: None };
    Pairing { chats, out, progress, wish, end, told, next: Instant::now(), failures: 0, fruitless: 0 }
        .run()
        .await
}

struct Pairing {
    chats: Chats,
    out: Output,
    progress: Progress,
    wish: Wish,
    end: Option<Instant>,
    told: Told,
    /// When to ask for the next code.
    next: Instant,
    failures: u32,
    /// Starts since the last code.
    fruitless: u32,
}

impl Pairing {
    async fn run(mut self) -> Run {
        let mut first = true;
        loop {
            self.in_time()?;
            match self.now().status().await {
                Ok(status) => {
                    self.failures = 0;
                    if status.state == SessionState::Working {
                        return self.paired(status, first);
                    }
                    self.step(&status).await?;
                }
                Err(error) if first => return Err(error.into()),
                Err(error) => self.bear(error)?,
            }
            first = false;
            let pause = self.left().map_or(PAUSE, |left| left.min(PAUSE));
            tokio::time::sleep(pause).await;
        }
    }

    /// One step towards a phone.
    async fn step(&mut self, status: &Status) -> Run {
        let state = &status.state;
        if *state != self.told.state {
            let mut told = Told { qr: None, code: None, expires_at: None, ..self.told.clone() };
            told.state = state.clone();
            self.tell(told)?;
        }
        match state {
            SessionState::NeedsPairing if self.wish.phone.is_some() => self.code().await,
            SessionState::NeedsPairing => self.qr().await,
            SessionState::Stopped | SessionState::Failed => self.start(status).await,
            _ => Ok(()),
        }
    }

    async fn start(&mut self, status: &Status) -> Run {
        self.fruitless += 1;
        if self.fruitless > 3 {
            return Err(self.not_ready("the session doesn't come to a code, started three times").into());
        }
        let session = self.now().session();
        // a failed session has to be restarted: it counts as started
        let started = match status.state {
            SessionState::Stopped => session.start().await,
            _ => session.restart().await,
        };
        (self.told.code, self.next) = (None, Instant::now());
        match started {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                let detail = status.detail.as_deref().unwrap_or("it can't be started from here");
                Err(self.not_ready(&format!("the session is {}: {detail}", status.state)).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn qr(&mut self) -> Run {
        if Instant::now() < self.next {
            return Ok(());
        }
        let found = match self.now().session().pairing_qr().await {
            Ok(found) => found,
            Err(error) => return self.bear(error),
        };
        self.failures = 0;
        let value = value(&found).ok_or_else(|| {
            Failure::new(
                ErrorKind::Decode,
                "the QR code can't be read from the picture that the gateway gives",
            )
        })?;
        let holds = found.expires_at.map(|at| (at - Utc::now()).to_std().unwrap_or_default());
        self.next = Instant::now() + holds.unwrap_or(LOOK_AGAIN).max(PAUSE);
        self.fruitless = 0;
        if self.told.qr.as_ref() == Some(&value) {
            return Ok(());
        }
        let (state, account_id) = (self.told.state.clone(), None);
        self.tell(Told { state, qr: Some(value), code: None, expires_at: found.expires_at, account_id })
    }

    /// One code: a second one voids it, and Green-API's instances have been seen to hang after one.
    async fn code(&mut self) -> Run {
        let Some(phone) = self.wish.phone.clone() else { return Ok(()) };
        if self.told.code.is_some() || Instant::now() < self.next {
            return Ok(());
        }
        match self.now().session().pairing_code(phone).await {
            Ok(outcome) => {
                (self.failures, self.fruitless) = (0, 0);
                let (state, code) = (self.told.state.clone(), outcome.code);
                self.tell(Told { state, qr: None, code, expires_at: None, account_id: None })
            }
            Err(error) => {
                self.next = Instant::now() + LOOK_AGAIN;
                self.bear(error)
            }
        }
    }

    /// It was paired, now or before.
    fn paired(mut self, status: Status, before: bool) -> Run {
        if before && self.wish.phone.is_some() {
            return Err(Error::new(ErrorKind::Conflict, Operation::PairCode)
                .with_gateway(status.gateway)
                .with_effect(Effect::NotSent)
                .with_message("a phone is paired already: log the session out first")
                .into());
        }
        let account_id = status.account_id;
        self.tell(Told { state: status.state, qr: None, code: None, expires_at: None, account_id })?;
        if self.wish.show == Show::End { self.out.object(&self.told) } else { Ok(()) }
    }

    fn tell(&mut self, told: Told) -> Run {
        self.told = told;
        let told = &self.told;
        if self.wish.show == Show::Lines {
            return self.out.object(told);
        }
        let text = match (&told.qr, &told.code) {
            (Some(value), _) => {
                let drawn = qr::draw(value)
                    .ok_or_else(|| Failure::new(ErrorKind::Decode, "the QR code is too large to draw"))?;
                let until =
                    told.expires_at.map(|at| format!("It holds until {} UTC.\n", at.format("%H:%M:%S")));
                let how = "Scan this on the phone: WhatsApp, Linked devices, Link a device.\n";
                format!("{how}{drawn}{}", until.unwrap_or_default())
            }
            (None, Some(code)) => {
                format!(
                    "{code}\nType this on the phone: WhatsApp, Linked devices, Link with phone number instead.\n"
                )
            }
            (None, None) if told.state == SessionState::Working => match &told.account_id {
                Some(id) => format!("paired: {id}\n"),
                None => "paired\n".to_owned(),
            },
            (None, None) => {
                self.progress.line(&format!("the session is {}", told.state));
                return Ok(());
            }
        };
        match self.wish.show {
            Show::Drawn => self.out.text(&text),
            // the end is told as an object
            _ if told.state == SessionState::Working => Ok(()),
            _ => {
                self.progress.line(text.trim_end());
                Ok(())
            }
        }
    }

    /// What may pass: the next look tells.
    fn bear(&mut self, error: Error) -> Run {
        use ErrorKind as K;
        let passes = match error.kind() {
            // paired, or stopped, between two requests
            K::Conflict | K::SessionNotReady => true,
            K::Network | K::Timeout | K::Unavailable | K::ServerFault | K::RateLimited => {
                error.effect() != Effect::Unknown || error.operation().is_read()
            }
            _ => false,
        };
        self.failures += 1;
        if passes && self.failures <= PATIENCE { Ok(()) } else { Err(error.into()) }
    }

    /// The handle, with the time that one step may take.
    fn now(&self) -> Chats {
        self.chats.timeout(self.left().map_or(STEP, |left| left.min(STEP)).max(Duration::from_millis(1)))
    }

    fn left(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    fn in_time(&self) -> Run {
        match (self.left(), self.wish.time) {
            (Some(Duration::ZERO), Some(time)) => {
                let text = format!("no phone was paired within {} s", time.as_secs_f32());
                Err(self.not_ready(&text).into())
            }
            _ => Ok(()),
        }
    }

    fn not_ready(&self, message: &str) -> Error {
        let by_code = self.wish.phone.is_some();
        let operation = if by_code { Operation::PairCode } else { Operation::PairQr };
        Error::new(ErrorKind::SessionNotReady, operation)
            .with_gateway(self.chats.gateway())
            .with_state(self.told.state.as_str())
            .with_effect(Effect::NotSent)
            .with_message(message.to_owned())
    }
}

/// What the code says, told or read from its picture.
fn value(found: &PairingQr) -> Option<String> {
    found.value.clone().or_else(|| qr::read(&found.picture.as_ref()?.bytes))
}
