use std::future::Future;
use std::io;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use wachats_core::{Error, ErrorKind, Operation, Result};

use crate::Receiver;

/// How long a request's head may take to come, and how long a connection may be kept without one: strangers who say
/// nothing must not hold connections until there are none left.
const HEAD: Duration = Duration::from_secs(30);
/// Where no connection can be accepted, as with too many open, it is tried again after this long, so often.
const REST: Duration = Duration::from_secs(1);
const TRIES: u32 = 60;

impl Receiver {
    /// Serves a listener of its own until `stop` is ready, whatever the path: it is the signature that counts. What is
    /// being answered then is answered. A connection of which no request comes is closed after 30 s.
    ///
    /// # Errors
    /// `Io` where the listener fails for a minute; what is being answered then is answered before.
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections; what was not answered comes again.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        self.serve_with(listener, stop, HEAD, REST).await
    }

    async fn serve_with(
        &self,
        listener: impl Accept,
        stop: impl Future<Output = ()>,
        head: Duration,
        rest: Duration,
    ) -> Result<()> {
        let mut stop = std::pin::pin!(stop);
        let (stopping, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        let mut faults = 0;
        let mut not_before = Instant::now();
        let ended = loop {
            let accept = async {
                sleep_until(not_before).await;
                listener.accept().await
            };
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break Ok(()),
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
                accepted = accept => accepted,
            };
            match accepted {
                Ok(stream) => {
                    faults = 0;
                    connections.spawn(connection(self.clone(), stream, stopped.clone(), head));
                }
                Err(error) if of_one_connection(&error) => {}
                Err(error) if faults < TRIES => {
                    faults += 1;
                    tracing::warn!(kind = %error.kind(), "no connection can be accepted");
                    not_before = Instant::now() + rest;
                }
                Err(error) => {
                    break Err(Error::new(ErrorKind::Io, Operation::WebhookEvents)
                        .with_message(format!("the listener failed: {}", error.kind())));
                }
            }
        };
        drop((listener, stopping));
        while connections.join_next().await.is_some() {}
        ended
    }
}

/// Where connections come from.
trait Accept {
    async fn accept(&self) -> io::Result<TcpStream>;
}

impl Accept for TcpListener {
    async fn accept(&self) -> io::Result<TcpStream> {
        Self::accept(self).await.map(|(stream, _)| stream)
    }
}

async fn connection(receiver: Receiver, stream: TcpStream, mut stopped: watch::Receiver<()>, head: Duration) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let serving = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(receiver));
    let mut serving = std::pin::pin!(serving);
    // how a connection ends is its peer's business
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = stopped.changed() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

fn of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(error.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use wachats_core::webhook::{HeaderView, Webhook, WebhookKeys};
    use wachats_core::{Event, Gateway};

    use super::*;
    use crate::Inbox;

    #[derive(Debug)]
    struct Any;

    impl Webhook for Any {
        fn gateway(&self) -> Gateway {
            Gateway::MEMORY
        }
        fn verify(&self, _: &WebhookKeys, _: &dyn HeaderView, _: &[u8]) -> Result<()> {
            Ok(())
        }
        fn decode(&self, _: &dyn HeaderView, _: &[u8]) -> Result<Vec<Event>> {
            Ok(Vec::new())
        }
    }

    /// Each byte of a head comes in time, the head never does.
    #[tokio::test]
    async fn slow_heads_and_silent_connections_are_closed_and_hold_up_no_end() {
        let receiver = Receiver::new(Any, WebhookKeys::default(), Inbox::in_memory()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            receiver.serve_with(listener, stopped, Duration::from_millis(300), REST).await
        });
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        let dripped = async {
            for byte in b"POST / HTTP/1.1\r\nhost: localhost\r\nx-slow: yes\r\n".iter().cycle() {
                if slow.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let limit = Duration::from_secs(10);
        tokio::time::timeout(limit, dripped).await.expect("a head that never ends is ended");
        let mut told = Vec::new();
        let closed = tokio::time::timeout(limit, silent.read_to_end(&mut told)).await;
        assert!(closed.is_ok(), "so is a connection that says nothing");

        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{").await.unwrap();
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"POST / HT").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        client.write_all(b"}").await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "what was begun is answered");
        tokio::time::timeout(limit, serving).await.expect("it ends").unwrap().unwrap();
    }

    /// Brings one connection, then fails for good, as where too many files are open.
    struct Failing(std::sync::Mutex<Option<TcpStream>>);

    impl Accept for Failing {
        async fn accept(&self) -> io::Result<TcpStream> {
            self.0.lock().unwrap().take().ok_or_else(|| io::Error::from_raw_os_error(24))
        }
    }

    async fn failing() -> (TcpStream, Failing) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let stream = Accept::accept(&listener).await.unwrap();
        (client, Failing(std::sync::Mutex::new(Some(stream))))
    }

    #[tokio::test]
    async fn a_listener_that_fails_ends_no_delivery_that_is_being_answered() {
        let receiver = Receiver::new(Any, WebhookKeys::default(), Inbox::in_memory()).unwrap();
        let (mut client, listener) = failing().await;
        client.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{").await.unwrap();
        let rest = Duration::from_millis(5);
        let serving = receiver.serve_with(listener, std::future::pending(), HEAD, rest);
        let asking = async {
            // much longer than the listener is tried
            tokio::time::sleep(Duration::from_secs(1)).await;
            client.write_all(b"}").await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            answer
        };
        let (served, answer) = tokio::join!(serving, asking);
        assert!(answer.starts_with(b"HTTP/1.1 200"), "what was begun is answered");
        assert_eq!(served.unwrap_err().kind(), ErrorKind::Io);
    }

    #[tokio::test]
    async fn a_stop_is_heard_while_a_listener_that_fails_rests() {
        let receiver = Receiver::new(Any, WebhookKeys::default(), Inbox::in_memory()).unwrap();
        let (_client, listener) = failing().await;
        let stop = tokio::time::sleep(Duration::from_millis(100));
        let serving = receiver.serve_with(listener, stop, HEAD, Duration::from_secs(60));
        tokio::time::timeout(Duration::from_secs(10), serving).await.expect("it ends").unwrap();
    }
}
