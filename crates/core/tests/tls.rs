//! Row 3: what answers on https and can't be trusted is refused at once, and never spoken to in plain text.
#![cfg(feature = "rustls")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod scripted;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use scripted::{KEY, quick, transport};
use serde_json::Value;
use wachats_core::{Effect, ErrorKind, Operation, Retry};

/// What a server saw of its connections: the raw bytes, and what came through a handshake.
type Seen = Arc<Mutex<Vec<Vec<u8>>>>;

fn serve(mut talk: impl FnMut(std::net::TcpStream) -> Vec<u8> + Send + 'static) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let log = seen.clone();
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            socket.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
            log.lock().unwrap().push(talk(socket));
        }
    });
    (url, seen)
}

/// What the server saw, once it has seen two connections.
async fn both(seen: &Seen) -> Vec<Vec<u8>> {
    for _ in 0..200 {
        if seen.lock().unwrap().len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    seen.lock().unwrap().clone()
}

async fn refused(url: &str) {
    let t = transport(url, &quick());
    for (operation, method) in [(Operation::ListChats, Method::GET), (Operation::SendText, Method::POST)] {
        let call = t.call(operation, method, "/chats").path(["chats"]).json(&"CANARY-TEXT");
        let error = t.send(call, |a| a.json::<Value>()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.effect(), error.retry()),
            (ErrorKind::Network, Effect::NotSent, Retry::Never)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_03_a_certificate_that_nobody_vouches_for() {
    let certificate = CertificateDer::from(&include_bytes!("fixtures/untrusted_certificate.der")[..]);
    let key = PrivateKeyDer::try_from(&include_bytes!("fixtures/untrusted_certificate_key.der")[..]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let (url, seen) = serve(move |socket| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), socket);
        let mut bytes = vec![0; 4096];
        let n = stream.read(&mut bytes).unwrap_or(0);
        bytes.truncate(n);
        bytes
    });
    refused(&url).await;
    let seen = both(&seen).await;
    assert_eq!(seen.len(), 2, "one attempt each");
    assert!(seen.iter().all(Vec::is_empty), "nothing came through: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_03_a_handshake_that_fails() {
    // a TLS alert: handshake failure
    let (url, seen) = serve(|mut socket| {
        let mut bytes = vec![0; 4096];
        let n = socket.read(&mut bytes).unwrap_or(0);
        bytes.truncate(n);
        socket.write_all(&[0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]).ok();
        bytes
    });
    refused(&url).await;
    let seen = both(&seen).await;
    assert_eq!(seen.len(), 2, "one attempt each");
    for bytes in seen.iter() {
        assert_eq!(bytes.first(), Some(&0x16), "a handshake, not plain text");
        assert!(!String::from_utf8_lossy(bytes).contains(KEY));
    }
}
