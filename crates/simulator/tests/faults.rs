//! Every fault as a client meets it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod client;

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wachats_simulator::waha::{Engine, Profile, serve};
use wachats_simulator::{Fault, Server, World};

async fn server(world: &World) -> Server {
    serve(world.clone(), Profile::new(Engine::Noweb)).await.unwrap()
}

fn chats(server: &Server) -> String {
    format!("{}/api/default/chats", server.url())
}

#[tokio::test]
async fn a_status_strikes_as_often_as_it_says() {
    let server = server(&World::sample()).await;
    server
        .faults()
        .push(Fault::status(503).header("Retry-After", "1").text("busy").on("GET", "/chats").times(1));
    let client = crate::client::client();
    let ping = client.get(format!("{}/ping", server.url())).send().await.unwrap();
    assert_eq!(ping.status(), 200, "the rule names another path");
    let first = client.get(chats(&server)).send().await.unwrap();
    assert_eq!(first.status(), 503);
    assert_eq!(first.headers()["retry-after"], "1");
    assert_eq!(first.text().await.unwrap(), "busy");
    assert_eq!(client.get(chats(&server)).send().await.unwrap().status(), 200);
    assert_eq!(server.faults().pending(), 0);
    let statuses: Vec<_> = server.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(200), Some(503), Some(200)]);
    server.stop().await;
}

#[tokio::test]
async fn rules_can_wait_for_their_turn() {
    let server = server(&World::sample()).await;
    server.faults().push(Fault::html(502).on("get", "/chats").after(1).times(1));
    let client = crate::client::client();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(client.get(chats(&server)).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 502, 200]);
}

#[tokio::test]
async fn a_reset_comes_with_no_answer() {
    let server = server(&World::sample()).await;
    server.faults().push(Fault::reset());
    let mut socket = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
    socket.write_all(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let error = socket.read_to_end(&mut answer).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(answer.is_empty());
    assert_eq!(server.requests()[0].status, None);
}

#[tokio::test]
async fn closing_and_garbage_are_no_http() {
    let server = server(&World::sample()).await;
    server.faults().push(Fault::close().times(1));
    server.faults().push(Fault::raw("\x16\x03\x01 not http").times(1));
    let address = server.url().trim_start_matches("http://").to_owned();
    for expected in [&b""[..], b"\x16\x03\x01 not http"] {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_all(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn bodies_end_early() {
    let server = server(&World::sample()).await;
    let client = crate::client::client();
    for fault in [Fault::truncate(10), Fault::truncate(10).chunked()] {
        server.faults().push(fault.times(1));
        let answer = client.get(chats(&server)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.bytes().await.is_err(), "the body is shorter than it said");
    }
    server.faults().push(Fault::truncate_json(10).times(1));
    let answer = client.get(chats(&server)).send().await.unwrap();
    assert_eq!(answer.bytes().await.unwrap().len(), 10, "a complete body of half a JSON text");
}

#[tokio::test]
async fn slowness_is_measured() {
    let server = server(&World::sample()).await;
    let client = crate::client::client();
    let ping = format!("{}/ping", server.url());
    server.faults().push(Fault::delay(Duration::from_millis(120)).times(1));
    let start = Instant::now();
    assert_eq!(client.get(&ping).send().await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(120));
    // {"message":"pong"} has 18 bytes.
    server.faults().push(Fault::slow_body(90).times(1));
    let start = Instant::now();
    assert_eq!(client.get(&ping).send().await.unwrap().bytes().await.unwrap().len(), 18);
    assert!(start.elapsed() >= Duration::from_millis(150));
    server.faults().push(Fault::hang().times(1));
    let patience = Duration::from_millis(100);
    assert!(client.get(&ping).timeout(patience).send().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_lost_answer_leaves_its_effect() {
    let world = World::sample();
    let server = server(&world).await;
    let client = crate::client::client();
    let archive = format!("{}/5511911111111%40c.us/archive", chats(&server));
    server.faults().push(Fault::status(502).on("POST", "/archive").times(1));
    client.post(&archive).send().await.unwrap();
    assert!(!world.chat("5511911111111").unwrap().archived, "the handler never ran");
    server.faults().push(Fault::close().after_effect().on("POST", "/archive").times(1));
    assert!(client.post(&archive).send().await.is_err());
    assert!(world.chat("5511911111111").unwrap().archived, "the change was made, its answer lost");
}

#[tokio::test]
async fn redirects_and_other_bodies() {
    let server = server(&World::sample()).await;
    server.faults().push(Fault::redirect(302, "/elsewhere").times(1));
    server.faults().push(Fault::body(200, "text/html", "<p>login</p>").times(1));
    drop(crate::client::client()); // it installs a provider
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(chats(&server)).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (302, "/elsewhere")
    );
    let answer = client.get(chats(&server)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html");
    assert_eq!(answer.text().await.unwrap(), "<p>login</p>");
}

#[tokio::test]
async fn paths_match_with_and_without_escapes() {
    let server = server(&World::sample()).await;
    server.faults().push(Fault::status(418).on("", "5511911111111@c.us").times(1));
    let client = crate::client::client();
    let url = format!("{}/5511911111111%40c.us/picture", chats(&server));
    assert_eq!(client.get(url).send().await.unwrap().status(), 418);
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = server(&World::sample()).await;
    let url = format!("{}/ping", server.url());
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(crate::client::client().get(url).send().await.is_err());
}
