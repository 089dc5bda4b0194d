//! Row 63 over what the other tests of redaction leave out: every exported type is looked at, and every fault at TRACE.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wachats::transport::HttpOptions;
use wachats::*;
use wachats_simulator::Fault;

use crate::common::{CANARY, ONE_OF_EACH, quick, worlds};
use crate::support::{at_rest_with, list, send};

const PHONE: &str = "5511911111111";
const TEXT: &str = "Xylophone at midnight";
const CANARIES: [&str; 7] = [CANARY, "YzRuNHJ5S0VZ", PHONE, TEXT, "3EB0A0", "Anna", "See you at 8"];

fn innocent(text: &str, what: &str) {
    for (number, canary) in CANARIES.iter().enumerate() {
        assert!(!text.contains(canary), "{what} shows canary {number}");
    }
}

/// Everything that any span or event says, as it is said.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<String>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = self.0.lock().unwrap();
        text.push_str(&format!("\n{} {}", span.metadata().target(), span.metadata().name()));
        span.record(&mut Fields(&mut text));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap()));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        text.push_str(&format!("\n{}", event.metadata().target()));
        event.record(&mut Fields(&mut text));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn faults() -> Vec<Fault> {
    let page = format!("<html>{CANARY} {PHONE} {TEXT}</html>");
    let gzip = Fault::body(200, "application/json", page.clone()).header("Content-Encoding", "gzip");
    vec![
        Fault::reset(),
        Fault::close(),
        Fault::hang(),
        Fault::slow_body(1),
        Fault::truncate(3),
        Fault::truncate(3).chunked(),
        Fault::truncate_json(9),
        Fault::status(200),
        Fault::body(200, "application/json", "null"),
        Fault::body(200, "text/html", page.clone()),
        Fault::body(200, "application/json", format!("[{{\"id\":\"{PHONE}\",\"{TEXT}\":\"{CANARY}\"}}]")),
        Fault::body(502, "text/html", page.clone()),
        Fault::body(503, "text/plain", page.clone()).header("Retry-After", "0"),
        Fault::body(429, "text/plain", page.clone()).header("Retry-After", PHONE),
        Fault::body(466, "text/plain", page.clone()),
        Fault::body(401, "text/plain", page.clone()),
        Fault::body(404, "text/plain", page),
        Fault::raw(format!("HTTP/1.1 {PHONE} {TEXT}\r\n\r\n{CANARY}")),
        Fault::redirect(302, &format!("http://{CANARY}.example/{PHONE}?{TEXT}")),
        Fault::redirect(302, &format!("/{PHONE}/{CANARY}")),
        gzip,
    ]
}

fn shown(answer: &Result<impl Debug>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(error) => {
            let mut text = format!(
                "{error} {error:?} {error:#?} {:?} {:?} {:?}",
                error.snippet(),
                error.code(),
                error.state()
            );
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                text.push_str(&format!(" {cause} {cause:?}"));
                source = cause.source();
            }
            text
        }
    }
}

/// One thread, so that everything is heard: the HTTP client's own spans and events too.
#[tokio::test]
async fn nothing_is_told_over_any_fault_at_trace() {
    let ear = Ear::default();
    // while there is one dispatcher alone, a thread that isn't its own could switch a callsite off for all
    let _second = tracing::Dispatch::new(Ear::default());
    let _on = tracing::subscriber::set_default(ear.clone());
    let mut lines = 0;
    for gateway in ONE_OF_EACH {
        let retried = Arc::new(Mutex::new(String::new()));
        let told = retried.clone();
        let http = quick()
            .read_attempt(Duration::from_millis(60))
            .attempts(2)
            .on_retry(move |event| told.lock().unwrap().push_str(&format!("{event:?}")));
        let (_, opened) = at_rest_with(gateway, http).await;
        let pool = Pool::builder().member("only", opened.chats.clone()).build().unwrap();
        let chats = Chats::new(pool.clone()).timeout(Duration::from_millis(150));
        let text =
            Action::SendText { chat: worlds::ANNA.parse().unwrap(), text: TEXT.into(), reply_to: None };
        for (number, fault) in faults().into_iter().enumerate() {
            opened.server.faults().clear();
            opened.server.faults().push(fault);
            let mut seen = shown(&list(&chats).await);
            seen += &shown(&send(&chats, TEXT).await);
            seen += &shown(&chats.list().name("Anna").limit(3).collect().await);
            seen += &shown(
                &chats
                    .chat(worlds::ANNA)
                    .unwrap()
                    .message("3EB0A000000000000003")
                    .unwrap()
                    .media()
                    .open()
                    .await,
            );
            seen += &shown(&chats.reconcile(&Attempt::new(text.clone())).await);
            seen += &shown(&chats.wait_until_working(Duration::from_millis(10)).await);
            seen += &format!("{pool:?} {:?}", pool.health());
            innocent(&seen, &format!("{} with fault {number}", gateway.name()));
            let mut heard = ear.0.lock().unwrap();
            lines += heard.lines().count();
            // other libraries' events are theirs, and the command line doesn't let them through
            let ours: String = heard.lines().filter(|l| l.starts_with("wachats")).collect();
            innocent(&ours, &format!("the log of {} with fault {number}", gateway.name()));
            heard.clear();
        }
        innocent(&retried.lock().unwrap(), "the hook of retries");
    }
    assert!(lines > 500, "only {lines} lines were heard");
}

/// What the other test of `Debug` doesn't name: by type, so that a new one has to be thought of.
#[test]
fn debug_of_the_other_public_types_is_innocent() {
    let chat: ChatId = PHONE.parse().unwrap();
    let group: ChatId = "5511911111111-1600000000@g.us".parse().unwrap();
    let key: MessageKey = "3EB0A000000000000002".parse().unwrap();
    let action = Action::SendText { chat: chat.clone(), text: TEXT.into(), reply_to: None };
    let full: MessageId = format!("true_{PHONE}@c.us_{key}").parse().unwrap();
    let memory = Memory::new([Chat::new(chat.clone())], [Message::new(chat.clone(), key.clone(), true)]);
    let chats = Chats::new(memory.clone());
    let mut contact = Contact::new(chat.clone());
    (contact.name, contact.push_name) = (Some("Anna".into()), Some("Anna".into()));
    let mut info = GroupInfo::new(group.clone());
    let participant = Participant::new(chat.clone(), Role::Admin);
    (info.subject, info.description) = (Some(TEXT.into()), Some(TEXT.into()));
    info.participants = Some(vec![participant.clone()]);
    let picture = PairingPicture::new("image/png", TEXT.as_bytes().to_vec());
    let mut outcome = Outcome::of(&action);
    outcome.message_id = Some(full.clone());
    let token = PageToken::new(wachats::Gateway::WAHA, 1, &PHONE).unwrap();
    let mut contacts = ListContacts::new();
    contacts.page = Some(token);
    let attachment = Attachment::bytes(TEXT).caption(TEXT).file_name("Anna.jpg");
    let diff = json!({"equal": false, "only_here": [key], "only_there": [], "different": [
        {"key": key, "field": "text", "here": TEXT, "there": PHONE}]});
    let diff: ChatDiff = serde_json::from_value(diff).unwrap();
    let sync = chats.sync(chrono::DateTime::UNIX_EPOCH);
    let pool = Pool::builder().member("main", chats.clone());
    let types: Vec<(&str, String)> = vec![
        ("Attempt", format!("{:?}", Attempt::new(action.clone()).not(key.clone()).with_id(full.clone()))),
        ("Verdict", format!("{:?}", Verdict::Done { message_id: Some(full) })),
        ("Memory", format!("{memory:?}")),
        ("ChatsBuilder", format!("{:?}", Chats::builder(memory.clone()))),
        ("PoolBuilder", format!("{pool:?}")),
        ("Pool", format!("{:?}", pool.build().unwrap())),
        ("PoolMember", format!("{:?}", health(&chats))),
        ("HttpOptions", format!("{:?}", HttpOptions::new().allow_media_host(PHONE))),
        ("ProviderInfo", format!("{:?}", chats.info())),
        ("DecodeNote", format!("{:?}", DecodeNote::new(1, "body"))),
        ("Contact", format!("{contact:?}")),
        ("GroupInfo", format!("{info:?}")),
        ("Participant", format!("{participant:?}")),
        ("NumberCheck", format!("{:?}", NumberCheck::new(Some(true), Some(chat.clone())))),
        ("PairingPicture", format!("{picture:?}")),
        ("PairingQr", format!("{:?} {:?}", PairingQr::of_value(TEXT), PairingQr::of_picture(picture))),
        ("Outcome", format!("{outcome:?}")),
        ("ListContacts", format!("{contacts:?}")),
        ("GetContact", format!("{:?}", GetContact::new(chat.clone()))),
        ("GetGroup", format!("{:?}", GetGroup::new(group))),
        ("ContactList", format!("{:?}", chats.contacts())),
        ("Session", format!("{:?}", chats.session())),
        ("Events", format!("{:?}", chats.events())),
        ("PollEvents", format!("{:?}", PollEvents::new())),
        ("Attachment", format!("{attachment:?}")),
        ("ChatDiff", format!("{diff:?} {diff:#?}")),
        ("FieldDiff", format!("{:?}", diff.different)),
        ("Comparison", format!("{:?}", chats.diff(&chats, &chat).unwrap())),
        ("SyncRun", format!("{sync:?}")),
        ("SyncStream", format!("{:?}", sync.stream())),
    ];
    for (name, text) in types {
        innocent(&text, name);
    }
}

/// What a run of catching up gives shows no more than the messages themselves.
#[tokio::test]
async fn debug_of_a_cursor_is_innocent() {
    let chat: ChatId = PHONE.parse().unwrap();
    let mut message = Message::new(chat.clone(), "3EB0A000000000000002".parse().unwrap(), true);
    (message.sent_at, message.text) = (Some(chrono::Utc::now()), Some(TEXT.into()));
    let chats = Chats::new(Memory::new([], [message]));
    let since = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    let synced: Vec<Synced> = chats.sync(since).stream().try_collect().await.unwrap();
    let cursor: SyncCursor = synced.last().expect("one message").cursor();
    let start = SyncStart::from(cursor.clone());
    innocent(&format!("{synced:?} {cursor:?} {start:?}"), "Synced, SyncCursor or SyncStart");
}

fn health(chats: &Chats) -> Vec<PoolMember> {
    Pool::builder().member("main", chats.clone()).build().unwrap().health()
}

/// A type that is exported and that no test of redaction names is one nobody thought of.
#[test]
fn every_exported_type_was_thought_of() {
    const HOLDS_NO_CONTENT: &[&str] = &[
        // words, numbers and names of ours
        "Ack",
        "CallAction",
        "Capabilities",
        "Capability",
        "ChangeKind",
        "ChatKind",
        "ChatSort",
        "DisappearingTimer",
        "Effect",
        "Elsewhere",
        "Ending",
        "Entry",
        "ErrorKind",
        "ExportFormat",
        "ExportProgress",
        "ExportReport",
        "GatewayUri",
        "GroupAction",
        "IdError",
        "LabelAction",
        "MemberState",
        "MessageKind",
        "Missing",
        "Operation",
        "Pager",
        "Paging",
        "PinDuration",
        "Prefer",
        "AttachmentKind",
        "Role",
        "Typing",
        "PresenceState",
        "Repeat",
        "Retry",
        "SessionState",
        "SortOrder",
        "Source",
        "Support",
        // traits, and results of types that are looked at
        "ChatsProvider",
        "Driver",
        "Result",
        // Debug is tried where they are written: model::event, upserts, export
        "EventStream",
        "Event",
        "EventKind",
        "DedupeKey",
        "Change",
        "Upserts",
        "Export",
    ];
    let sources = [include_str!("../redaction.rs"), include_str!("secrets.rs")].concat();
    let named = |name: &str| {
        [format!("\"{name}\""), format!("{name}::"), format!("<{name}>"), format!(": {name} =")]
            .iter()
            .any(|form| sources.contains(form))
    };
    let Ok(core) = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/crates/core/src/lib.rs"))
    else {
        return; // a published package is without the other crates
    };
    let exported: BTreeSet<&str> = core
        .split("pub use ")
        .skip(1)
        .flat_map(|uses| uses.split(';').next().unwrap_or_default().split([',', '{', '}', ' ', '\n', ':']))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        .collect();
    let missing: Vec<_> =
        exported.iter().filter(|name| !HOLDS_NO_CONTENT.contains(name) && !named(name)).collect();
    assert!(exported.len() > 60, "{exported:?}");
    assert!(missing.is_empty(), "exported and never looked at: {missing:?}");
}
