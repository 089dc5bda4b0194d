//! Events by websocket. It keeps nothing: what happens while it is down is lost to it, so that the messages since the
//! last event are read anew once it is up again.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{SinkExt, StreamExt};
use reqwest::{Method, Upgraded};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message as Frame, Role, WebSocketConfig};
use wachats_core::events::{Batch, EventSource, unreadable};
use wachats_core::{Capability, Effect, Error, ErrorKind, Event, EventStream, Operation, PollEvents, Result};

use super::{Waha, catch_up};
use crate::event::{LastTold, WahaEvents};

/// The server pings every 60 s: what is silent for longer than two of these is dead.
const SILENCE: Duration = Duration::from_secs(150);
/// How long the gateway may take to tell its time.
const CLOCK: Duration = Duration::from_secs(5);
/// How exactly the gateway's clock is known: it tells whole seconds, and they are under way for a while.
const SLACK: TimeDelta = TimeDelta::seconds(2);
/// The largest frame taken: a webhook's body is never larger.
const LARGEST: usize = 16 << 20;
/// The close code for a key that isn't accepted; the handshake succeeds all the same.
const POLICY: u16 = 1008;

impl Waha {
    pub(super) async fn open_socket(&self, query: &PollEvents) -> Result<EventStream> {
        self.native(Operation::PollEvents, &[(true, Capability::PollEvents)])?;
        let events = WahaEvents::of(&self.dialect).base(self.transport.base().as_str())?.raw(query.raw);
        let mut socket = Socket {
            waha: self.twin(),
            events,
            raw: query.raw,
            link: None,
            heard: Instant::now(),
            opened: Utc::now(),
            since: query.since.map(whole_second),
            last: None,
            ahead: self.clock().await,
            gap: query.since.map(whole_second),
            missed: None,
            told: LastTold::default(),
        };
        socket.connect().await?;
        Ok(EventStream::new(self.dialect.gateway.clone(), socket).patience(query.patience))
    }

    /// How far the gateway's clock is ahead of this machine's, where it tells. Its events tell it better.
    async fn clock(&self) -> Option<TimeDelta> {
        let call = self.transport.call(Operation::PollEvents, Method::GET, "/api/sessions/{session}").path([
            "api",
            "sessions",
            self.session(),
        ]);
        let asked = self.transport.send(call, |answer| {
            let date = answer.headers.get("date").and_then(|date| date.to_str().ok());
            let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
            Ok(date.map(|date| date.to_utc() - Utc::now()))
        });
        let told = tokio::time::timeout(CLOCK, asked).await;
        told.ok().and_then(Result::ok).flatten()
    }

    fn socket_error(&self, kind: ErrorKind, message: &'static str) -> Error {
        Error::new(kind, Operation::PollEvents)
            .with_gateway(self.dialect.gateway.clone())
            .with_effect(Effect::Unknown)
            .with_message(message)
    }
}

struct Socket {
    waha: Waha,
    events: WahaEvents,
    raw: bool,
    link: Option<WebSocketStream<Upgraded>>,
    /// When the server was heard last.
    heard: Instant,
    /// When it was opened, by this machine's clock. All other times are the gateway's, as those of its messages are:
    /// the two clocks may be minutes apart.
    opened: DateTime<Utc>,
    /// Since when what happened was asked for.
    since: Option<DateTime<Utc>>,
    /// When the newest delivery was made.
    last: Option<DateTime<Utc>>,
    /// How far the gateway's clock is ahead; `None` while it hasn't told.
    ahead: Option<TimeDelta>,
    /// Since when something may have been missed, and nobody reads it yet.
    gap: Option<DateTime<Utc>>,
    missed: Option<Missed>,
    told: LastTold,
}

/// What is being read of a gap.
struct Missed {
    since: DateTime<Utc>,
    began: Instant,
    events: mpsc::Receiver<Result<Event>>,
    task: JoinHandle<()>,
}

impl Drop for Missed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Socket {
    /// Connects. What may have been missed is read after that, so that nothing falls in between.
    async fn connect(&mut self) -> Result<()> {
        let key = generate_key();
        let call = self
            .waha
            .transport
            .call(Operation::PollEvents, Method::GET, "/ws")
            .segment("ws")
            .query(self.waha.dialect.key_header, secret(&self.waha.key))
            .query("session", self.waha.session())
            .query("events", "*")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", key.clone());
        let (headers, connection) = self.waha.transport.upgrade(call).await?;
        let accepted = headers.get("sec-websocket-accept").map(|value| value.as_bytes());
        if accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(self.waha.socket_error(ErrorKind::NotAGateway, "what answered speaks no websocket"));
        }
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
        self.link = Some(WebSocketStream::from_raw_socket(connection, Role::Client, Some(config)).await);
        self.heard = Instant::now();
        Ok(())
    }

    /// Reads the gap beside the websocket, which must be answered meanwhile.
    fn catch_up(&mut self, since: DateTime<Utc>) {
        let (told, events) = mpsc::channel(64);
        let task = tokio::spawn(catch_up::run(self.waha.twin(), since, self.raw, told));
        self.missed = Some(Missed { since, began: Instant::now(), events, task });
    }

    /// The websocket is gone, and with it what happens until there is another.
    fn lose(&mut self) {
        self.link = None;
        let unread = self.missed.take().map(|missed| missed.since);
        let opened = self.opened + self.ahead.unwrap_or_default();
        let since = unread.unwrap_or_else(|| {
            let margin = whole_second(self.last.or(self.since).unwrap_or(opened) - catch_up::MARGIN);
            self.begin().map_or(margin, |begin| margin.max(begin))
        });
        self.gap = Some(self.gap.map_or(since, |gap| gap.min(since)));
    }

    /// From when on events were asked for: nothing sent before that is read anew. `None` where the gateway's clock isn't
    /// known: rather something too old is told than something missed.
    fn begin(&self) -> Option<DateTime<Utc>> {
        self.since.or_else(|| Some(whole_second(self.opened + self.ahead? - SLACK)))
    }

    fn take(&mut self, body: &[u8]) -> Batch {
        let gateway = &self.waha.dialect.gateway;
        let (events, made_at) = self
            .events
            .read(body)
            .unwrap_or_else(|_| (vec![unreadable(gateway, self.waha.session(), body)], None));
        // the newest, not the latest: a clock that was ahead and was put right must hide nothing
        if let Some(made_at) = made_at {
            self.last = Some(made_at);
            self.ahead = Some(made_at - Utc::now());
        }
        events.iter().for_each(|event| self.told.remember(event));
        Batch::new(events)
    }

    fn closed(&self, frame: Option<&CloseFrame>) -> Error {
        match frame {
            Some(frame) if u16::from(frame.code) == POLICY && frame.reason.contains("Forbidden") => {
                self.waha.socket_error(ErrorKind::Forbidden, "the key may not have this session's events")
            }
            Some(frame) if u16::from(frame.code) == POLICY => {
                self.waha.socket_error(ErrorKind::Unauthenticated, "the API key was not accepted")
            }
            _ => self.waha.socket_error(ErrorKind::Network, "the websocket was closed"),
        }
    }
}

enum Came {
    Frame(Frame),
    Missed(Option<Result<Event>>),
    Broken,
    Silent,
}

#[async_trait]
impl EventSource for Socket {
    async fn fetch(&mut self) -> Result<Option<Batch>> {
        if self.link.is_none() {
            self.connect().await?;
            return Ok(Some(Batch::empty()));
        }
        if let Some(since) = self.gap.take() {
            self.catch_up(since);
        }
        let Some(link) = &mut self.link else { return Ok(Some(Batch::empty())) };
        let missed = async {
            match &mut self.missed {
                Some(missed) => missed.events.recv().await,
                None => std::future::pending().await,
            }
        };
        let came = tokio::select! {
            biased;
            event = missed => Came::Missed(event),
            frame = tokio::time::timeout_at(self.heard + SILENCE, link.next()) => match frame {
                Ok(Some(Ok(frame))) => Came::Frame(frame),
                Ok(_) => Came::Broken,
                Err(_) => Came::Silent,
            },
        };
        if let Came::Frame(_) = came {
            self.heard = Instant::now();
        }
        match came {
            Came::Frame(Frame::Text(text)) => Ok(Some(self.take(text.as_bytes()))),
            Came::Frame(Frame::Binary(bytes)) => Ok(Some(self.take(&bytes))),
            Came::Frame(Frame::Close(frame)) => {
                let error = self.closed(frame.as_ref());
                self.lose();
                Err(error)
            }
            Came::Frame(_) => {
                // the answer to a ping waits to be sent
                if let Some(link) = &mut self.link
                    && link.flush().await.is_err()
                {
                    self.lose();
                }
                Ok(Some(Batch::empty()))
            }
            Came::Missed(Some(Ok(event))) => {
                let began = self.missed.as_ref().map_or_else(Instant::now, |missed| missed.began);
                let now = Utc::now() + self.ahead.unwrap_or_default();
                Ok(Some(Batch::new(self.told.missed(event, began, now).into_iter().collect())))
            }
            Came::Missed(Some(Err(error))) => {
                if let Some(missed) = self.missed.take()
                    && catch_up::may_pass(&error)
                {
                    self.gap = Some(missed.since);
                }
                Err(error)
            }
            Came::Missed(None) => {
                self.missed = None;
                Ok(Some(Batch::empty()))
            }
            Came::Broken => {
                self.lose();
                Err(self.waha.socket_error(ErrorKind::Network, "the websocket broke"))
            }
            Came::Silent => {
                self.lose();
                Err(self.waha.socket_error(ErrorKind::Network, "the websocket has been silent for too long"))
            }
        }
    }
}

/// Messages are told by the whole second.
fn whole_second(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time)
}

fn secret(key: &SecretString) -> &str {
    key.expose_secret()
}
