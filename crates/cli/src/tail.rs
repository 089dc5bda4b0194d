//! `tail`: what happens, as it happens. Pulled where the gateway lets it be pulled, else received.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wachats::webhook::Window;
use wachats::{Capability, ErrorKind, EventStream, Support};
use wachats_receiver::{Inbox, Receiver};

use crate::args::{Checking, Command, Global};
use crate::failure::{Failure, Run};
use crate::input;
use crate::output::Told;
use crate::run::Session;
use crate::webhook::{self, Unverified};

/// Where deliveries are received unless `--bind` says otherwise: this machine alone, whichever port is free.
const BIND: &str = "127.0.0.1:0";

pub(crate) struct Wish {
    limit: Option<u64>,
    time: Option<Duration>,
    bind: Option<String>,
    checking: Checking,
    base: Option<String>,
    raw: bool,
}

pub(crate) fn wish(command: &Command, global: &Global) -> Run<Option<Wish>> {
    let Command::Tail { limit, seconds, bind, checking } = command else { return Ok(None) };
    let base = global.gateway.as_deref().and_then(|uri| uri.split_once('+')).map(|(_, base)| base);
    Ok(Some(Wish {
        limit: input::count(*limit, "--limit")?,
        time: input::seconds(*seconds, "--for")?,
        bind: bind.clone(),
        checking: checking.clone(),
        base: base.and_then(|base| base.split('?').next()).map(str::to_owned),
        raw: global.raw,
    }))
}

/// Where the events come from.
struct Source {
    events: EventStream,
    /// Ends the receiver when it is dropped.
    _receiving: Option<oneshot::Sender<()>>,
}

pub(crate) async fn run(mut session: Session, wish: Wish) -> Run {
    let mut stop = std::pin::pin!(stop(wish.time, interrupted()));
    let mut source = tokio::select! {
        biased;
        stopped = &mut stop => return stopped.and_then(|()| session.out.list::<Told>()?.end()),
        source = open(&session, &wish) => source?,
    };
    let mut printer = Printer::new(&mut session)?;
    let mut left = wish.limit;
    let ended = async {
        while left != Some(0) {
            let Some(event) = source.events.next().await? else { break };
            // acknowledged it comes no more: it must have been printed
            printer.push(&Told::from(event))?;
            if let Err(error) = source.events.ack().await {
                session
                    .progress
                    .line(&format!("warning: an event was not acknowledged and may come again: {error}"));
            }
            left = left.map(|left| left.saturating_sub(1));
        }
        Ok(())
    };
    let ended = tokio::select! {
        biased;
        stopped = &mut stop => stopped,
        ended = ended => ended,
    };
    match ended {
        Ok(()) => printer.end(),
        Err(error) => {
            printer.break_off();
            Err(error)
        }
    }
}

async fn open(session: &Session, wish: &Wish) -> Run<Source> {
    let pulls = session.chats.info().capabilities.support(Capability::PollEvents) != Support::No;
    if pulls && wish.bind.is_none() {
        return Ok(Source { events: session.chats.events().open().await?, _receiving: None });
    }
    let failed = |error: io::Error| {
        Failure::new(ErrorKind::Io, format!("no webhook can be received: {}", error.kind()))
    };
    let gateway = session.chats.gateway();
    // whoever watches wants to see what comes, however late it is
    let keys = webhook::keys(&wish.checking)?.window(Window::new(Duration::MAX));
    let webhook = webhook::of(gateway.as_str(), wish.base.as_deref(), wish.raw)?;
    let inbox = Inbox::in_memory();
    let receiver = if wish.checking.insecure {
        Receiver::boxed(Box::new(Unverified(webhook)), keys, inbox.clone())?
    } else {
        Receiver::boxed(webhook, keys, inbox.clone())?
    };
    let listener = TcpListener::bind(wish.bind.as_deref().unwrap_or(BIND)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    session.progress.line(&format!("waiting for webhooks of {gateway} at http://{address}/"));
    let (receiving, ended) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let ended = async {
            // dropped is as good as told
            let _ = ended.await;
        };
        receiver.serve(listener, ended).await
    });
    Ok(Source { events: inbox.events(gateway), _receiving: Some(receiving) })
}

/// Ready at Ctrl-C, when the process is asked to end, or when the time is over.
async fn stop(time: Option<Duration>, interrupted: impl Future<Output = io::Result<()>>) -> Run {
    let heard = match time {
        // the time is over
        Some(time) => tokio::time::timeout(time, interrupted).await.unwrap_or(Ok(())),
        None => interrupted.await,
    };
    heard.map_err(|error| {
        Failure::new(ErrorKind::Io, format!("signals can't be heard: {}", error.kind())).into()
    })
}

async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut asked = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = asked.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// A table would wait for rows to find its widths by: events are told at once, a line each.
enum Printer {
    Lines(crate::output::Output),
    List(crate::output::List<Told>),
}

impl Printer {
    fn new(session: &mut Session) -> Run<Self> {
        if session.out.is_table() {
            return Ok(Self::Lines(session.out));
        }
        Ok(Self::List(session.out.list_at_once()?))
    }

    fn push(&mut self, event: &Told) -> Run {
        match self {
            Self::Lines(out) => out.text(&event.line()),
            Self::List(list) => list.push(event),
        }
    }

    fn end(self) -> Run {
        match self {
            Self::Lines(_) => Ok(()),
            Self::List(list) => list.end(),
        }
    }

    fn break_off(self) {
        if let Self::List(list) = self {
            list.break_off();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    /// Without signals nobody could stop it: that is told at once, with a time as without.
    #[tokio::test]
    async fn signals_that_cant_be_heard_are_a_failure() {
        for time in [None, Some(Duration::from_secs(60))] {
            assert!(stop(time, ready(Err(io::ErrorKind::Other.into()))).await.is_err(), "{time:?}");
            assert!(stop(time, ready(Ok(()))).await.is_ok(), "{time:?}");
        }
        assert!(stop(Some(Duration::from_millis(1)), pending()).await.is_ok());
    }
}
