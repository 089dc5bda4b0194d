//! Files that are named by their address.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wachats::{Attachment, Effect, ErrorKind};
use wachats_simulator::world::{Content, MediaKind};

use super::common::{CANARY, Gateway, ONE_OF_EACH, worlds};
use super::{JPEG, json, newest, quick, sends, text};

/// A server of one file, which tells what it was asked.
async fn file_server(body: &'static [u8]) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pictures/sea.dat?sig=1", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8192];
        let n = socket.read(&mut request).await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body).await.unwrap();
        String::from_utf8_lossy(&request[..n]).into_owned()
    });
    (url, served)
}

#[tokio::test]
async fn an_address_is_fetched_here_and_its_bytes_are_sent() {
    for gateway in ONE_OF_EACH {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let (url, served) = file_server(JPEG).await;
        let attachment = Attachment::url(&url).unwrap().caption("Sea");
        opened.chats.chat(worlds::ANNA).unwrap().send_media(attachment).await.unwrap();
        let Content::Media(media) = newest(&world).content else { panic!("a file") };
        assert_eq!(
            (media.kind, media.bytes.as_deref()),
            (MediaKind::Image, Some(JPEG)),
            "{}",
            gateway.name()
        );
        let asked = served.await.unwrap();
        assert!(!asked.contains(CANARY) && !asked.to_lowercase().contains("authorization"), "{asked}");
        assert!(
            sends(&opened).iter().all(|request| !text(request).contains("sig=1")),
            "the address isn't passed on"
        );
    }
}

#[tokio::test]
async fn a_gateway_fetches_an_address_only_when_it_is_told_to() {
    let url = "https://example.com/pictures/sea.jpg";
    for gateway in ONE_OF_EACH {
        let world = worlds::common();
        let opened = quick(gateway, &world).await;
        let attachment = Attachment::url(url).unwrap().caption("Sea").gateway_fetches(true);
        opened.chats.chat(worlds::ANNA).unwrap().send_media(attachment).await.unwrap();
        let body = json(&sends(&opened)[0]);
        let named = match gateway {
            Gateway::GreenApi => (&body["urlFile"], &body["fileName"]),
            Gateway::Gowa(_) => (&body["image_url"], &Value::Null),
            _ => (&body["file"]["url"], &body["file"]["filename"]),
        };
        assert_eq!(named.0, url, "{}: {body}", gateway.name());
        assert!(named.1.is_null() || named.1 == "sea.jpg", "{}: {body}", gateway.name());
        let Content::Media(media) = newest(&world).content else { panic!("a file") };
        assert_eq!(
            (media.kind, media.caption.as_deref()),
            (MediaKind::Image, Some("Sea")),
            "{}",
            gateway.name()
        );
    }
}

/// Green-API accepts any address and fails later, where nobody is told.
#[tokio::test]
async fn an_address_that_green_api_cannot_fetch_is_refused() {
    let opened = quick(Gateway::GreenApi, &worlds::common()).await;
    let chat = opened.chats.chat(worlds::ANNA).unwrap();
    let send = |url: &str| chat.send_media(Attachment::url(url).unwrap().gateway_fetches(true));
    for path in [
        "my sea.jpg",
        "море.jpg",
        "a%20b.jpg",
        "sea+sun.jpg",
        "sea(1).jpg",
        "a@b.jpg",
        "a,b.jpg",
        "~me/a.jpg",
    ] {
        let error = send(&format!("https://example.com/{path}")).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::InvalidInput, Effect::NotSent),
            "{path}: {error}"
        );
        assert!(error.message().contains("Latin letters"), "{path}: {error}");
    }
    for host in [
        "localhost",
        "localhost.",
        "127.0.0.1:8080",
        "0.0.0.0",
        "10.0.0.7",
        "100.64.0.1",
        "192.168.1.2",
        "169.254.169.254",
        "[::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
    ] {
        let error = send(&format!("http://{host}/sea.jpg")).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::Forbidden, Effect::NotSent),
            "{host}: {error}"
        );
        assert!(error.message().contains("public"), "{host}: {error}");
    }
    assert!(opened.server.requests().is_empty());
    send("https://example.com/pictures-2026/the_sea.jpg?sig=a%2Bb").await.unwrap();
}
