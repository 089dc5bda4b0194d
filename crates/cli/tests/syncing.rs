//! `sync` and `diff`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use common::{ALICE, Folder, Ran, both, command, gowa, run, waha, waha_with};
use serde_json::{Value, json};
use wachats_simulator::Fault;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::Message;

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

fn identities(lines: &[Value]) -> BTreeSet<String> {
    lines.iter().map(|line| format!("{}{}{}", line["chat_id"], line["key"], line["from_me"])).collect()
}

#[tokio::test]
async fn it_prints_what_is_new_oldest_first_and_keeps_the_place() {
    for gateway in both().await {
        let folder = Folder::new();
        let file = folder.file("cursor");
        let first = gateway.run(&["sync", "--cursor", &file, "--since", LONG_AGO]).await.ok();
        let lines = first.lines();
        assert!(lines.len() > 250, "{}: {}", gateway.name, lines.len());
        let times: Vec<_> = lines.iter().map(|line| line["sent_at"].as_str().unwrap().to_owned()).collect();
        assert!(times.is_sorted(), "{}", gateway.name);
        assert_eq!(identities(&lines).len(), lines.len());
        assert_eq!(folder.names(), ["cursor"]);

        // nothing is new: nothing is printed, and the place is kept all the same
        std::fs::rename(&file, folder.file("moved")).unwrap();
        std::fs::copy(folder.file("moved"), &file).unwrap();
        let none = gateway.run(&["sync", "--cursor", &file, "--format", "jsonl"]).await.ok();
        assert_eq!(none.out, "", "{}", gateway.name);

        let now = gateway.world.now() + 1;
        gateway.world.add_message(Message::text(ALICE, "3EB0FFFF000000000001", "New").at(now));
        // with a file, it counts, whatever --since says
        let args = ["sync", "--cursor", &file, "--since", LONG_AGO, "--raw"];
        let new = gateway.run(&args).await.ok().lines();
        assert_eq!(new.len(), 1, "{}", gateway.name);
        assert_eq!(new[0]["text"], "New");
        assert!(new[0]["raw"].is_object());
        assert_eq!(gateway.run(&["sync", "--cursor", &file]).await.ok().out, "");
    }
}

#[tokio::test]
async fn a_first_run_that_finds_nothing_writes_the_file() {
    let gateway = gowa().await;
    let folder = Folder::new();
    let file = folder.file("cursor");
    let later = (gateway.world.now() + 1).to_string();
    gateway.run(&["sync", "--cursor", &file, "--since", &later]).await.ok();
    assert_eq!(folder.names(), ["cursor"]);
    assert_eq!(gateway.run(&["sync", "--cursor", &file]).await.ok().out, "");
}

/// Its cursor would pass over all that arrives until then.
#[tokio::test]
async fn a_time_to_come_is_refused_and_writes_nothing() {
    let gateway = gowa().await;
    let folder = Folder::new();
    let ran =
        gateway.run(&["sync", "--cursor", &folder.file("cursor"), "--since", "2099-01-01T00:00:00Z"]).await;
    assert_eq!(ran.failed(2, "invalid_input")["operation"], "sync");
    assert!(folder.names().is_empty() && gateway.server.requests().is_empty());
}

/// Two runs with one file print each message once between them: the second one is told, before any request.
#[tokio::test]
async fn one_run_at_a_time_works_with_a_cursor() {
    let gateway = gowa().await;
    let folder = Folder::new();
    let file = folder.file("cursor");
    let args = ["sync", "--cursor", &file, "--since", LONG_AGO];
    gateway.server.faults().push(Fault::hang().on("GET", "/chats"));
    let mut first = command(&args)
        .env("WACHATS_GATEWAY", &gateway.uri)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !gateway.server.requests().iter().any(|request| request.path_and_query.contains("/chats")) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = gateway.server.requests().len();
    let told = gateway.run(&args).await.failed(1, "conflict");
    assert_eq!((&told["operation"], &told["effect"]), (&json!("sync"), &json!("not_sent")));
    assert_eq!(gateway.server.requests().len(), before);
    // whoever is killed holds nothing any more
    first.kill().await.unwrap();
    gateway.server.faults().clear();
    gateway.run(&args).await.ok();
    assert_eq!(folder.names(), ["cursor"]);

    let args = ["sync", "--cursor", &file];
    let ran = futures::future::join_all((0..12).map(|_| gateway.run(&args))).await;
    for run in &ran {
        assert!(run.code == 0 || run.code == 1 && run.err.starts_with("error: conflict: "), "{run:?}");
    }
    assert!(ran.iter().any(|run| run.code == 0));
    assert_eq!(folder.names(), ["cursor"]);
    gateway.run(&["sync", "--cursor", &file]).await.ok();
}

/// A link stays one, and what it leads to is written, whether it is there yet or not.
#[cfg(unix)]
#[tokio::test]
async fn a_cursor_behind_a_link_is_written_there() {
    let gateway = gowa().await;
    let folder = Folder::new();
    let link = folder.file("link");
    std::os::unix::fs::symlink("cursor", &link).unwrap();
    for more in [&["--since", LONG_AGO][..], &[]] {
        gateway.run(&[&["sync", "--cursor", &link], more].concat()).await.ok();
        assert_eq!(folder.names(), ["cursor", "link"]);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(std::fs::symlink_metadata(folder.file("cursor")).unwrap().is_file());
    }
}

/// Whichever of its reads failed.
#[tokio::test]
async fn its_errors_are_its_own() {
    let gateway = waha().await;
    let folder = Folder::new();
    let mut command = command(&["sync", "--cursor", &folder.file("cursor"), "--since", LONG_AGO]);
    command.env("WACHATS_GATEWAY", &gateway.uri).env("WAHA_API_KEY", "wrong");
    let told = Ran::of(command).await.failed(4, "unauthenticated");
    assert_eq!(told["operation"], "sync");
}

#[tokio::test]
async fn it_goes_on_after_it_was_stopped() {
    for gateway in both().await {
        let folder = Folder::new();
        let (file, whole) = (folder.file("cursor"), folder.file("whole"));
        let whole = gateway.run(&["sync", "--cursor", &whole, "--since", LONG_AGO]).await.ok().lines();
        let mut printed = Vec::new();
        let mut args = vec!["sync", "--cursor", &file, "--since", LONG_AGO];
        for stop_after in [1, 60, 100] {
            let mut child = command(&args)
                .env("WACHATS_GATEWAY", &gateway.uri)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut out = child.stdout.take().unwrap();
            for _ in 0..stop_after {
                printed.push(serde_json::from_str(&common::first_line(&mut out).await).unwrap());
            }
            // killed: what it had printed beyond is in the pipe
            child.kill().await.unwrap();
            loop {
                let line = common::first_line(&mut out).await;
                match serde_json::from_str::<Value>(&line) {
                    Ok(message) => printed.push(message),
                    Err(_) => break,
                }
            }
            if std::fs::exists(&file).unwrap() {
                args.truncate(3);
            }
        }
        printed.extend(gateway.run(&args).await.ok().lines());
        // the line that was printed when it was killed before it could say so may come once more for each kill
        assert!(printed.len() <= whole.len() + 3, "{}: {} of {}", gateway.name, printed.len(), whole.len());
        assert_eq!(identities(&printed), identities(&whole), "{}", gateway.name);
    }
}

#[tokio::test]
async fn a_failure_keeps_the_lines_and_the_place() {
    let gateway = waha().await;
    let folder = Folder::new();
    let file = folder.file("cursor");
    let whole = folder.file("whole");
    let whole = gateway.run(&["sync", "--cursor", &whole, "--since", LONG_AGO]).await.ok().lines();
    gateway.server.faults().push(Fault::status(403).on("GET", "/messages").after(2).times(1));
    let failed = gateway.run(&["sync", "--cursor", &file, "--since", LONG_AGO]).await;
    assert_eq!(failed.code, 4, "{failed:?}");
    let mut lines = failed.lines();
    let args: &[&str] = match lines.is_empty() {
        true => &["sync", "--cursor", &file, "--since", LONG_AGO],
        false => &["sync", "--cursor", &file],
    };
    lines.extend(gateway.run(args).await.ok().lines());
    assert_eq!(lines.len(), whole.len());
    assert_eq!(identities(&lines), identities(&whole));
}

#[tokio::test]
async fn wrong_cursors_are_told_before_any_request() {
    let (waha, gowa) = (waha().await, gowa().await);
    let folder = Folder::new();
    let (file, none) = (folder.file("cursor"), folder.file("none"));
    waha.run(&["sync", "--cursor", &file, "--since", LONG_AGO]).await.ok();
    gowa.server.clear_requests();
    let foreign = gowa.run(&["sync", "--cursor", &file]).await.failed(2, "invalid_input");
    assert_eq!((&foreign["operation"], &foreign["gateway"]), (&json!("sync"), &json!("gowa")));
    let missing = gowa.run(&["sync", "--cursor", &none]).await.failed(2, "invalid_input");
    assert_eq!(missing["operation"], "sync");
    for format in ["json", "csv", "table"] {
        let args = ["sync", "--cursor", &none, "--since", LONG_AGO, "--format", format];
        let ran = gowa.run(&args).await;
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    }
    for wrong in [&folder.file(""), &folder.file("no/such"), ""] {
        let ran = gowa.run(&["sync", "--cursor", wrong, "--since", LONG_AGO]).await;
        ran.failed(2, "invalid_input");
    }
    let text = std::fs::read_to_string(&file).unwrap();
    for damaged in ["", "{}", "nonsense", &text[..text.len() / 2], &text.replace("waha", "gowa")] {
        std::fs::write(folder.file("damaged"), damaged).unwrap();
        let ran = gowa.run(&["sync", "--cursor", &folder.file("damaged"), "--since", LONG_AGO]).await;
        ran.failed(2, "invalid_input");
        assert_eq!(std::fs::read_to_string(folder.file("damaged")).unwrap(), damaged);
    }
    assert!(gowa.server.requests().is_empty());
    run(&["sync", "--since", LONG_AGO, "--format", "jsonl"]).await.failed(2, "invalid_input");
}

#[tokio::test]
async fn a_cursor_of_another_account_is_refused() {
    let (one, other) = (waha().await, waha_with(Engine::Noweb).await);
    let folder = Folder::new();
    let file = folder.file("cursor");
    one.run(&["sync", "--cursor", &file, "--since", LONG_AGO]).await.ok();
    other.world.set_account(wachats_simulator::world::Account::new("5511911112222", "Somebody"));
    other.run(&["sync", "--cursor", &file]).await.failed(2, "invalid_input");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_could_not_be_printed_is_not_counted() {
    let gateway = gowa().await;
    let folder = Folder::new();
    let file = folder.file("cursor");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = command(&["sync", "--cursor", &file, "--since", LONG_AGO]);
    command.env("WACHATS_GATEWAY", &gateway.uri).stdout(full).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[tokio::test]
async fn two_gateways_are_compared() {
    let (waha, gowa) = (waha().await, gowa().await);
    let same = waha.run(&["diff", ALICE, "--with", &waha.uri]).await.ok().json();
    assert_eq!(same, json!({"equal":true,"only_here":[],"only_there":[],"different":[]}));
    let differs = waha.run(&["diff", ALICE, "--with", &gowa.uri]).await;
    assert_eq!((differs.code, differs.err.as_str()), (1, ""));
    let told = differs.json();
    assert_eq!(told["equal"], false);
    // GOWA stores no poll and no revoked message, and names a call by a key of its own
    assert_eq!(told["only_here"].as_array().unwrap().len(), 3);
    assert_eq!(told["only_there"].as_array().unwrap().len(), 1);
    for difference in told["different"].as_array().unwrap() {
        let keys: Vec<_> = difference.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["field", "here", "key", "there"]);
        let field = difference["field"].as_str().unwrap();
        assert!(!["id", "source", "media.url", "raw"].contains(&field), "{field}");
        assert!(!difference["here"].is_null() && !difference["there"].is_null());
    }
    let back = gowa.run(&["diff", ALICE, "--with", &waha.uri]).await.json();
    assert_eq!(back["only_there"], told["only_here"]);

    let key = "3EB0FFFF000000000002";
    gowa.world.add_message(Message::text(ALICE, key, "New").at(gowa.world.now() + 1));
    let newest = waha.run(&["diff", ALICE, "--with", &gowa.uri, "--limit", "1"]).await;
    assert_eq!(newest.json()["only_there"], json!([key]));
    let later = (gowa.world.now() + 2).to_string();
    waha.run(&["diff", ALICE, "--with", &gowa.uri, "--since", &later]).await.ok();
}

#[tokio::test]
async fn a_chat_unknown_to_one_side_is_all_on_the_other() {
    let (waha, gowa) = (waha().await, gowa().await);
    let chat = "5511999990001@c.us";
    waha.world.add_message(Message::text(chat, "3EB0FFFF000000000003", "Alone").at(waha.world.now()));
    let told = waha.run(&["diff", chat, "--with", &gowa.uri]).await;
    assert_eq!(told.code, 1);
    assert_eq!(told.json()["only_here"], json!(["3EB0FFFF000000000003"]));
}

#[tokio::test]
async fn a_wrong_second_gateway_is_told_as_such() {
    let waha = waha().await;
    for wrong in ["", "smtp://x", "gowa+http://192.0.2.1"] {
        let error = waha.run(&["diff", ALICE, "--with", wrong]).await.failed(2, "config_invalid");
        assert!(error["message"].as_str().unwrap().starts_with("--with: "), "{error}");
    }
    waha.run(&["diff", ALICE, "--with", &waha.uri, "--limit", "0"]).await.failed(2, "invalid_input");
    // its secrets have names of their own
    let prefixed = format!("{}&env_prefix=NEW_", waha.uri);
    let missing = waha.run(&["diff", ALICE, "--with", &prefixed]).await.failed(2, "config_invalid");
    assert!(missing["message"].as_str().unwrap().contains("NEW_WAHA_API_KEY"), "{missing}");
    let mut command = command(&["diff", ALICE, "--with", &prefixed]);
    command.env("WACHATS_GATEWAY", &waha.uri).env("NEW_WAHA_API_KEY", "wrong");
    let refused = Ran::of(command).await;
    refused.failed(4, "unauthenticated");
}
