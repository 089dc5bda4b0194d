//! Secrets and redirects. `WACHATS_REDIRECTS=1000 cargo test --test figures -- --nocapture redirects` runs the whole, for
//! each gateway.

use wachats_simulator::Fault;

use crate::common::{CANARY, Gateway, ONE_OF_EACH};
use crate::support::{Act, Rng, Wire, at_rest, count, list, send};

/// Ways to say the same other place, and some that are none.
fn location(rng: &mut Rng, elsewhere: &str, home: &str) -> String {
    let (there, here) = (elsewhere.trim_start_matches("http://"), home.trim_start_matches("http://"));
    let port = there.rsplit(':').next().unwrap();
    let path =
        *rng.pick(&["", "/", "/api", "/../x", "?a=b", "#f", "/%2e%2e/", "/api/sendText?x=http://127.0.0.1"]);
    match rng.below(14) {
        0 => format!("http://{there}{path}"),
        1 => format!("//{there}{path}"),
        2 => format!("HTTP://{there}{path}"),
        3 => format!("http:/\\{there}{path}"),
        4 => format!("\\\\{there}{path}"),
        5 => format!("http://{here}@{there}{path}"),
        6 => format!("http://user:pw@{there}{path}"),
        7 => format!("http://localhost:{port}{path}"),
        8 => format!("http://0x7f000001:{port}{path}"),
        9 => format!("http://127.1:{port}{path}"),
        10 => format!("https://{there}{path}"),
        11 => format!("http://{here}.{there}{path}"),
        12 => format!("http:{there}{path}"),
        _ => format!("///{there}{path}"),
    }
}

async fn tried(gateway: Gateway) {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]".to_vec();
    let elsewhere = Wire::start(Act::Bytes(answer)).await;
    let (_, opened) = at_rest(gateway).await;
    let page = list(&opened.chats).await.unwrap();
    let media = page.items.iter().find(|m| m.media.is_some()).unwrap();
    let shapes = count("WACHATS_REDIRECTS", 100);
    for seed in 0..shapes {
        let mut rng = Rng::new(seed as u64);
        let status = *rng.pick(&[300, 301, 302, 303, 305, 307, 308]);
        let fault = Fault::redirect(status, &location(&mut rng, &elsewhere.url, opened.server.url()));
        opened.server.faults().clear();
        opened.server.faults().push(if rng.below(2) == 0 {
            fault
        } else {
            fault.header("Refresh", &format!("0; url={}", elsewhere.url))
        });
        let before = elsewhere.connections();
        list(&opened.chats).await.unwrap_err();
        send(&opened.chats, "CANARY-TEXT").await.unwrap_err();
        assert_eq!(
            elsewhere.connections(),
            before,
            "{} {seed}: reads and changes never follow",
            gateway.name()
        );
        // media may come from elsewhere, without credentials
        opened.chats.media(media).bytes(1 << 20).await.ok();
    }
    let token = base64_of_canary();
    for request in elsewhere.seen() {
        let lower = request.to_lowercase();
        assert!(
            !request.contains(CANARY) && !request.contains(token) && !request.contains("CANARY-TEXT"),
            "{request}"
        );
        assert!(
            !lower.contains("authorization:") && !lower.contains("referer:") && !lower.contains("cookie:"),
            "{request}"
        );
    }
    println!(
        "{}: {shapes} redirects, {} media requests elsewhere, no secret in any",
        gateway.name(),
        elsewhere.seen().len()
    );
}

/// How Basic credentials of the canary begin.
fn base64_of_canary() -> &'static str {
    "YzRuNHJ5S0VZ"
}

#[tokio::test]
async fn no_secret_follows_a_redirect() {
    for gateway in ONE_OF_EACH {
        tried(gateway).await;
    }
}
