//! The token stands in every path and is echoed by error bodies: none of it may come out.

use std::sync::{Arc, Mutex};

use serde_json::json;
use wachats::ErrorKind;
use wachats::green_api::{GreenApi, Method};
use wachats_simulator::Fault;

use super::{ALICE, TOKEN, connect_as, sample};

/// Everything that was traced in this process, at the finest level.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_token_is_in_no_output_of_any_operation_or_fault() {
    let traced = Traced::default();
    let writer = traced.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    let (_world, server, chats) = sample().await;
    let mut shown = format!("{chats:?} {:?}", chats.backend::<GreenApi>().unwrap());
    let echo = json!({"statusCode": 400, "path": format!("/waInstance7103000001/x/{TOKEN}"), "message": format!("no {TOKEN}"), (TOKEN): 1});
    let faults: Vec<Box<dyn Fn() -> Fault>> = vec![
        Box::new(|| Fault::status(404)),
        Box::new(Fault::reset),
        Box::new(|| Fault::html(502)),
        Box::new(|| Fault::truncate_json(20)),
        Box::new(|| Fault::redirect(302, &format!("http://127.0.0.1:9/{TOKEN}"))),
        Box::new(|| Fault::body(200, "text/html", format!("<html>{TOKEN}</html>"))),
        Box::new(|| Fault::body(200, "application/json", format!("\"{TOKEN}\""))),
        Box::new(move || Fault::json(400, &echo)),
        Box::new(|| Fault::body(500, "text/plain", TOKEN)),
        Box::new(|| Fault::body(429, "application/json", format!("{{\"{TOKEN}\":1}}"))),
    ];
    for fault in faults {
        server.faults().clear();
        server.faults().push(fault().times(1000));
        let chat = chats.chat(ALICE).unwrap();
        let message = chat.message("3EB0A000000000000002").unwrap();
        let errors = [
            chats.list().page().await.err(),
            chats.overview().page().await.err(),
            chats.status().await.err(),
            chats.resolve(ALICE).await.err(),
            chats.messages().page().await.err(),
            chat.messages().page().await.err(),
            chat.picture(false).await.err(),
            message.get().await.err(),
            message.media().open().await.err(),
            chat.archive().await.err(),
            chat.mark_read().await.err(),
            chat.send("x").await.err(),
            message.edit("x").await.err(),
            message.delete_for_everyone().await.err(),
            chats.backend::<GreenApi>().unwrap().request(Method::GET, "getSettings").value().await.err(),
        ];
        for error in errors.into_iter().flatten() {
            let mut source: Option<&dyn std::error::Error> = Some(&error);
            while let Some(cause) = source {
                shown.push_str(&format!("{cause} {cause:?}\n"));
                source = cause.source();
            }
            shown.push_str(&format!("{:?} {:?} {:?}\n", error.snippet(), error.code(), error.state()));
        }
    }
    server.faults().clear();
    for chats in [
        connect_as(&server, "7103000001", &TOKEN.replace('5', "6")),
        connect_as(&server, "7103000002", TOKEN),
    ] {
        let error = chats.list().page().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::Forbidden));
        shown.push_str(&format!("{error} {error:?} {:?}", error.snippet()));
    }
    shown.push_str(&String::from_utf8_lossy(&traced.0.lock().unwrap()));
    assert!(shown.contains("/waInstance{instance}/getChats/{token}"), "spans were captured");
    for part in [TOKEN, &TOKEN.replace('5', "6")] {
        let found = shown.find(part).map(|at| &shown[at.saturating_sub(200)..at]);
        assert!(found.is_none(), "the token is shown after: {found:?}");
    }
    let headers: Vec<_> = server.requests().into_iter().map(|r| format!("{:?}", r.headers)).collect();
    assert!(headers.iter().all(|h| !h.contains(TOKEN) && !h.contains("referer")));
}
