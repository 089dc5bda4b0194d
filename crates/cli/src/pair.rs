//! `pair`: from a session in any state to one with a phone.

mod failures;

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
use failures::{Failures, passes};

/// Between two looks at the state.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two looks at the QR code where a look voids nothing: a code may be near its end when it is first seen.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// Between two QR codes where each voids the one before, and how long it holds isn't told.
const HOLDS: Duration = Duration::from_secs(20);
/// One request with its retries, unless less is left of the whole.
const STEP: Duration = Duration::from_secs(50);
/// The failure in a row, once something was answered, with which it is given up.
const PATIENCE: u32 = 10;
/// The same of a typed code that the gateway refuses: instances have been seen to hang after more.
const REFUSALS: u32 = 3;
/// A wait that looks like a halt to whoever watches.
const LONG: Duration = Duration::from_secs(10);

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
    let (looks, steps) = (Failures::default(), Failures::default());
    Pairing { chats, out, progress, wish, end, told, next: Instant::now(), looks, steps, fruitless: 0 }
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
    /// Looks at the state that failed.
    looks: Failures,
    /// Requests for a code that failed: the state is told all the same.
    steps: Failures,
    /// Starts since the last code.
    fruitless: u32,
}

impl Pairing {
    async fn run(mut self) -> Run {
        let mut first = true;
        loop {
            self.in_time()?;
            let pause = match self.now().status().await {
                Ok(status) => {
                    self.looks = Failures::default();
                    if status.state == SessionState::Working {
                        return self.paired(status, first);
                    }
                    self.step(&status).await?;
                    PAUSE
                }
                Err(error) if first || !passes(&error) => return Err(self.of_pairing(error).into()),
                Err(error) => {
                    let error = self.of_pairing(error);
                    let wait = self.looks.bear(error, PATIENCE, PAUSE, self.left())?;
                    self.announced(wait)
                }
            };
            first = false;
            tokio::time::sleep(self.left().map_or(pause, |left| left.min(pause))).await;
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
        let because = |text: &str| match &status.detail {
            Some(detail) => format!("{text}: {detail}"),
            None => text.to_owned(),
        };
        if status.state == SessionState::Failed && !status.restart_mends {
            return Err(self.not_ready(&because("the session is failed")).into());
        }
        self.fruitless += 1;
        if self.fruitless > 3 {
            let text = because("the session doesn't come to a code, started three times");
            return Err(self.not_ready(&text).into());
        }
        let session = self.now().session();
        // a failed session has to be restarted: it counts as started
        let mut started = match status.state {
            SessionState::Stopped => session.start().await,
            _ => session.restart().await,
        };
        let unsupported = |error: &Error| error.kind() == ErrorKind::Unsupported;
        if status.state == SessionState::Stopped && started.as_ref().is_err_and(unsupported) {
            started = session.restart().await; // some gateways know that one alone
        }
        (self.told.code, self.next) = (None, Instant::now());
        match started {
            Ok(_) => Ok(()),
            Err(error) if unsupported(&error) => {
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
            Err(error) => return self.bear(error, PATIENCE),
        };
        self.steps = Failures::default();
        let value = value(&found).ok_or_else(|| {
            Failure::new(
                ErrorKind::Decode,
                "the QR code can't be read from the picture that the gateway gives",
            )
        })?;
        let wait = if found.voids_former {
            let holds = found.expires_at.map(|at| (at - Utc::now()).to_std().unwrap_or_default());
            holds.unwrap_or(HOLDS).max(PAUSE)
        } else {
            LOOK_AGAIN
        };
        self.next = Instant::now() + wait;
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
                (self.steps, self.fruitless) = (Failures::default(), 0);
                let (state, code) = (self.told.state.clone(), outcome.code);
                self.tell(Told { state, qr: None, code, expires_at: None, account_id: None })
            }
            Err(error) if error.kind() == ErrorKind::SessionNotReady => self.bear(error, REFUSALS),
            Err(error) => self.bear(error, PATIENCE),
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

    /// A request for a code that failed and may be made again.
    fn bear(&mut self, error: Error, patience: u32) -> Run {
        if !passes(&error) {
            return Err(error.into());
        }
        let wait = self.steps.bear(error, patience, LOOK_AGAIN, self.left())?;
        self.next = Instant::now() + self.announced(wait);
        Ok(())
    }

    /// A wait, said where it is long and nothing tells when it all ends.
    fn announced(&self, wait: Duration) -> Duration {
        if self.end.is_none() && wait >= LONG {
            self.progress.line(&format!("the gateway asks to wait {} s", wait.as_secs_f32().ceil()));
        }
        wait
    }

    /// A look at the state that failed, told of what it was for.
    fn of_pairing(&self, error: Error) -> Error {
        let operation = self.operation();
        // a look asks for no code
        let untouched = operation == Operation::PairCode && self.told.code.is_none();
        let error = error.with_operation(operation);
        if untouched { error.with_effect(Effect::NotSent) } else { error }
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
                let last = self.looks.last.as_ref().or(self.steps.last.as_ref());
                let last = last.map(|last| format!("; the last failure was {last}")).unwrap_or_default();
                let text = format!("no phone was paired within {} s{last}", time.as_secs_f32());
                Err(self.not_ready(&text).into())
            }
            _ => Ok(()),
        }
    }

    fn operation(&self) -> Operation {
        if self.wish.phone.is_some() { Operation::PairCode } else { Operation::PairQr }
    }

    fn not_ready(&self, message: &str) -> Error {
        Error::new(ErrorKind::SessionNotReady, self.operation())
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
