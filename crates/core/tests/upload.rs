//! Files on their way out: whole, of a declared length, read anew for each attempt, broken off when they fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::Method;
use scripted::{Server, ok, quick, reply, transport};
use serde_json::{Value, json};
#[cfg(feature = "fetch")]
use wachats_core::Missing;
use wachats_core::sending::{Body, Content, Prepared};
use wachats_core::transport::{Transport, Upload};
use wachats_core::{Attachment, Effect, Error, ErrorKind, Operation, Result};

const MOST: u64 = 1 << 30;

fn content(prepared: &Prepared) -> Content {
    match &prepared.body {
        Body::Content(content) => content.clone(),
        other => panic!("{other:?}"),
    }
}

async fn send(t: &Transport, upload: Upload) -> Result<Value> {
    let call = t.call(Operation::SendMedia, Method::POST, "/send").path(["send"]).upload(upload);
    t.send(call, |answer| answer.json()).await
}

async fn send_file(t: &Transport, attachment: &Attachment) -> Result<Value> {
    let prepared = t.attachment(attachment, MOST).await?;
    let form = Upload::form().text("chat", "1@c.us");
    send(t, form.file("file", &prepared.file_name, prepared.mime_type, content(&prepared))).await
}

fn facts(error: &Error) -> (ErrorKind, Effect) {
    (error.kind(), error.effect())
}

/// A file of so many bytes, of no type that is known.
fn file(len: usize) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::with_suffix(".dat").unwrap();
    std::fs::write(file.path(), vec![7; len]).unwrap();
    file
}

#[tokio::test]
async fn a_form_is_whole_and_its_length_declared() {
    let server = Server::start(vec![ok("{}")]).await;
    let t = transport(&server.url, &quick());
    let attachment = Attachment::bytes("a,b\n").file_name("q\"uo\r\nte.csv");
    let prepared = t.attachment(&attachment, MOST).await.unwrap();
    let form = Upload::form().text("caption", "Größe").text_opt("reply", None::<&str>);
    send(&t, form.file("file", &prepared.file_name, prepared.mime_type, content(&prepared))).await.unwrap();
    let [request] = &server.requests()[..] else { panic!("one request") };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.contains(&format!("content-length: {}", body.len())) && !head.contains("chunked"), "{head}");
    assert!(head.contains("multipart/form-data; boundary=wachats-"), "{head}");
    assert!(body.contains("name=\"caption\"\r\n\r\nGröße\r\n--"), "{body}");
    assert!(
        body.contains(
            "name=\"file\"; filename=\"q%22uote.csv\"\r\nContent-Type: text/plain\r\n\r\na,b\n\r\n--"
        ),
        "{body}"
    );
    assert!(body.trim_end().ends_with("--") && !body.contains("reply"), "{body}");
}

#[tokio::test]
async fn json_holds_the_file_in_base64() {
    let server = Server::start(vec![ok("{}")]).await;
    let t = transport(&server.url, &quick());
    let prepared = t.attachment(&Attachment::bytes("hello"), MOST).await.unwrap();
    let marker = Upload::marker();
    let body = json!({"caption": "\"quoted\"", "file": {"data": marker, "filename": "a.txt"}});
    send(&t, Upload::json(&body, &marker, content(&prepared)).unwrap()).await.unwrap();
    let requests = server.requests();
    let (_, sent) = requests[0].split_once("\r\n\r\n").unwrap();
    let sent: Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent["file"]["data"], "aGVsbG8=");
    assert_eq!(sent["caption"], "\"quoted\"");
    assert!(Upload::json(&json!({}), &marker, content(&prepared)).is_err());
}

#[tokio::test]
async fn a_refused_attempt_is_repeated_with_the_whole_file() {
    let busy = reply("503 Service Unavailable", "retry-after: 0\r\n", "");
    let server = Server::start(vec![busy, ok("{}")]).await;
    let (t, file) = (transport(&server.url, &quick()), file(200_000));
    let told = Arc::new(AtomicU64::new(0));
    let most = told.clone();
    let attachment = Attachment::file(file.path()).on_progress(move |done, len| {
        assert!(done <= len);
        most.fetch_max(done, Ordering::Relaxed);
    });
    send_file(&t, &attachment).await.unwrap();
    let lengths: Vec<usize> = server.requests().iter().map(String::len).collect();
    assert!(lengths.len() == 2 && lengths.iter().all(|len| *len > 200_000), "{lengths:?}");
    assert_eq!(told.load(Ordering::Relaxed), 200_000);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_outcome_unknown() {
    let server = Server::start(vec![scripted::Act::Close]).await;
    let (t, file) = (transport(&server.url, &quick()), file(10_000));
    let error = send_file(&t, &Attachment::file(file.path())).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::OutcomeUnknown, Effect::Unknown));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_file_that_shrinks_breaks_the_request_off() {
    let server = Server::start(vec![ok("{}")]).await;
    let (t, file) = (transport(&server.url, &quick()), file(2_000_000));
    let path = file.path().to_owned();
    let attachment = Attachment::file(&path).on_progress(move |_, _| {
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100_000).unwrap();
    });
    let error = send_file(&t, &attachment).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::InvalidInput, Effect::Unknown), "{error}");
    assert!(error.message().contains("shorter"), "{error}");
    assert!(server.requests().len() <= 1);
}

#[tokio::test]
async fn a_file_that_is_gone_before_it_is_sent_sends_nothing() {
    let server = Server::start(vec![ok("{}")]).await;
    let (t, file) = (transport(&server.url, &quick()), file(1000));
    let prepared = t.attachment(&Attachment::file(file.path()), MOST).await.unwrap();
    let upload = Upload::form().file("file", "a", "b/c", content(&prepared));
    file.close().unwrap();
    let error = send(&t, upload).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::InvalidInput, Effect::NotSent));
    assert!(server.requests().is_empty());
}

#[cfg(feature = "fetch")]
#[tokio::test]
async fn an_address_is_fetched_without_credentials_and_its_bytes_are_sent() {
    let files =
        Server::start(vec![reply("302 Found", "location: /b/sea.png\r\n", ""), ok("{\"a\":1}")]).await;
    let server = Server::start(vec![ok("{}")]).await;
    let t = transport(&server.url, &quick());
    // the files are on the gateway's own host
    let attachment = Attachment::url(format!("{}/a/data.json?x=1", files.url)).unwrap();
    let prepared = t.attachment(&attachment, MOST).await.unwrap();
    assert_eq!((prepared.file_name.as_str(), prepared.mime_type), ("data.json", "text/plain"));
    assert_eq!(content(&prepared).bytes().await.unwrap(), "{\"a\":1}");
    assert!(files.requests().iter().all(|request| !request.contains(scripted::KEY)));
    assert_eq!(t.attachment(&attachment, 3).await.unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(server.requests().is_empty());
}

#[cfg(feature = "fetch")]
#[tokio::test]
async fn private_places_are_forbidden() {
    let away = reply("302 Found", "location: http://169.254.169.254/latest\r\n", "");
    let redirecting = Server::start(vec![away]).await;
    let server = Server::start(vec![ok("{}")]).await;
    let t = transport(&server.url, &quick());
    for url in [
        "http://169.254.169.254/x",
        "http://10.0.0.1/x",
        "http://[::1]/x",
        "http://localhost:1/x",
        &redirecting.url,
    ] {
        let error = t.attachment(&Attachment::url(url).unwrap(), MOST).await.unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::Forbidden, Effect::NotSent), "{url}: {error}");
    }
}

#[cfg(feature = "fetch")]
#[tokio::test]
async fn an_address_without_a_file_is_told() {
    use ErrorKind as K;
    let server = Server::start(vec![ok("{}")]).await;
    let t = transport(&server.url, &quick());
    for (status, kind) in [
        ("404 Not Found", K::NotFound),
        ("401 Unauthorized", K::Forbidden),
        ("500 Internal Server Error", K::ServerFault),
        ("200 OK", K::InvalidInput),
    ] {
        let files = Server::start(vec![reply(status, "", "")]).await;
        let error = t.attachment(&Attachment::url(&files.url).unwrap(), MOST).await.unwrap_err();
        assert_eq!(facts(&error), (kind, Effect::NotSent), "{status}: {error}");
        if kind == K::NotFound {
            assert_eq!(error.missing(), Some(Missing::Media));
        }
    }
}

#[cfg(not(feature = "fetch"))]
#[tokio::test]
async fn without_the_feature_an_address_is_unsupported_before_any_request() {
    let server = Server::start(vec![ok("{}")]).await;
    let t = transport(&server.url, &quick());
    let attachment = Attachment::url(&server.url).unwrap();
    let error = t.attachment(&attachment, MOST).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Unsupported, Effect::NotSent), "{error}");
    assert!(server.requests().is_empty());
    assert!(t.attachment(&attachment.gateway_fetches(true), MOST).await.is_ok());
}
