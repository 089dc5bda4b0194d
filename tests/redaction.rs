//! Nothing that is printed for people or logs shows a key, a number, a name or a text: every public type's `Debug`,
//! every error over all faults, and every span and event at TRACE.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::error::Error as StdError;
use std::io::Write;
use std::sync::{Arc, Mutex};

use common::{ALL, CANARY, Gateway, Opened, worlds};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use wachats::*;
use wachats_simulator::{Fault, World};

const PHONE: &str = "5511911111111";
const NAME: &str = "Canaria Zwingli";
const TEXT: &str = "Xylophone at midnight";
const KEY: &str = "3EB0A000000000000002";

/// What must be found nowhere.
const CANARIES: [&str; 6] = [CANARY, PHONE, NAME, TEXT, KEY, "79001234567"];

fn innocent(text: &str, what: &str) {
    for canary in CANARIES {
        assert!(
            !text.contains(canary),
            "{what} shows a canary (number {})",
            CANARIES.iter().position(|c| c == &canary).unwrap()
        );
    }
    // Basic credentials travel as base64.
    assert!(!text.contains("YzRuNHJ5S0VZ"), "{what} shows encoded credentials");
}

fn world() -> World {
    let world = worlds::common();
    world.change_chat(worlds::ANNA, |chat| chat.name = Some(NAME.to_owned()));
    world.send(worlds::ANNA, wachats_simulator::world::Content::Text(TEXT.to_owned()));
    world
}

/// An error with all that hangs on it.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.snippet(), error.code());
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn faults() -> Vec<Fault> {
    let echo = format!("{TEXT} to +{PHONE} ({NAME}), key {CANARY}, message true_{PHONE}@c.us_{KEY}");
    let body = json!({
        "statusCode": 400, "message": echo, "error": echo, "path": format!("/waInstance1/sendMessage/{CANARY}"),
        "exception": {"message": echo, "stack": echo, "request": {"path": echo}}, "code": echo, "results": {"data": echo},
    });
    let mut faults: Vec<Fault> = [400, 401, 403, 404, 409, 422, 429, 466, 500, 501, 502, 503]
        .into_iter()
        .map(|status| Fault::json(status, &body))
        .collect();
    faults.extend([
        Fault::json(200, &body),
        Fault::json(200, &json!([{"id": echo, "chatId": {"a": echo}, "idMessage": 7, "typeMessage": echo}])),
        Fault::status(500).text(echo.clone()),
        Fault::body(200, "text/html", format!("<html>{echo}</html>")),
        Fault::truncate_json(90),
        Fault::truncate(60),
        Fault::reset(),
        Fault::redirect(302, &format!("http://127.0.0.1:9/{PHONE}?token={CANARY}")),
    ]);
    faults
}

/// Every operation once; what they print is collected.
async fn everything(opened: &Opened, seen: &mut String) {
    fn keep<T: std::fmt::Debug>(seen: &mut String, answer: Result<T>) {
        match answer {
            Ok(value) => seen.push_str(&format!("{value:?}\n")),
            Err(error) => seen.push_str(&format!("{}\n", shown(&error))),
        }
    }
    let chats = &opened.chats;
    let (chat, id): (ChatId, MessageId) = (PHONE.parse().unwrap(), KEY.parse().unwrap());
    let handle = chats.chat(&chat).unwrap();
    let message = handle.message(&id).unwrap();
    keep(seen, chats.capabilities().await);
    keep(seen, chats.status().await);
    keep(seen, chats.list().name(NAME).limit(5).collect().await);
    keep(seen, chats.list().limit(5).raw(true).page().await);
    keep(seen, chats.overview().limit(2).collect().await);
    keep(seen, handle.picture(false).await.map(|url| url.is_some()));
    keep(seen, handle.messages().search(TEXT).limit(3).collect().await);
    keep(seen, handle.messages().limit(5).raw(true).page().await);
    keep(seen, chats.messages().limit(3).collect().await);
    keep(seen, message.get().await);
    keep(seen, message.media().open().await);
    keep(seen, chats.resolve(&chat).await);
    let timer = DisappearingTimer::Week;
    let text = TEXT.to_owned();
    for action in [
        Action::Archive { chat: chat.clone() },
        Action::Unarchive { chat: chat.clone() },
        Action::MarkRead { chat: chat.clone() },
        Action::MarkUnread { chat: chat.clone() },
        Action::PinChat { chat: chat.clone() },
        Action::UnpinChat { chat: chat.clone() },
        Action::Disappearing { chat: chat.clone(), timer },
        Action::Star { chat: chat.clone(), id: id.clone() },
        Action::Unstar { chat: chat.clone(), id: id.clone() },
        Action::React { chat: chat.clone(), id: id.clone(), emoji: "👍".into() },
        Action::PinMessage { chat: chat.clone(), id: id.clone(), duration: PinDuration::Day },
        Action::UnpinMessage { chat: chat.clone(), id: id.clone() },
        Action::SendText { chat: chat.clone(), text: text.clone(), reply_to: None },
        Action::SendText { chat: chat.clone(), text: text.clone(), reply_to: Some(id.clone()) },
        Action::EditMessage { chat: chat.clone(), id: id.clone(), text },
        Action::DeleteMessage { chat: chat.clone(), id: id.clone(), for_me: true },
        Action::DeleteMessage { chat: chat.clone(), id, for_me: false },
        Action::ClearMessages { chat: chat.clone() },
        Action::DeleteChat { chat },
    ] {
        seen.push_str(&format!("{action:?}\n"));
        keep(seen, chats.perform(action).await);
    }
}

#[tokio::test]
async fn no_operation_over_any_fault_shows_a_canary() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("it is the only one of this program");
    for gateway in ALL {
        let mut seen = String::new();
        let opened = fast(gateway).await;
        everything(&opened, &mut seen).await;
        innocent(&seen, &format!("{} without a fault", gateway.name()));
        for (number, fault) in faults().into_iter().enumerate() {
            let opened = fast(gateway).await;
            opened.server.faults().push(fault);
            let mut seen = String::new();
            everything(&opened, &mut seen).await;
            innocent(&seen, &format!("{} with fault {number}", gateway.name()));
        }
        let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
        assert!(logged.contains("operation"), "spans were captured");
        innocent(&logged, &format!("the log of {}", gateway.name()));
        log.0.lock().unwrap().clear();
    }
}

/// One attempt each: this test is about words, not about patience.
async fn fast(gateway: Gateway) -> Opened {
    gateway.open_with(&world(), |options| options.http(common::quick().attempts(1))).await
}

/// Spelled out type by type, so that a new field has to be thought of.
#[test]
fn debug_of_every_public_type_is_innocent() {
    let chat_id: ChatId = PHONE.parse().unwrap();
    let key: MessageKey = KEY.parse().unwrap();
    let raw = RawJson::new(format!("{{\"body\":\"{TEXT}\"}}"));
    let mut message = Message::new(chat_id.clone(), key.clone(), true);
    message.sender_id = Some(chat_id.clone());
    message.sender_name = Some(NAME.into());
    message.text = Some(TEXT.into());
    let mut media = MediaInfo::new();
    media.file_name = Some(NAME.into());
    media.url = Some(format!("https://h/{PHONE}?token={CANARY}"));
    message.media = Some(media.clone());
    let mut place = Location::new(1.0, 2.0);
    place.name = Some(NAME.into());
    message.location = Some(place.clone());
    let card = ContactCard::new(Some(NAME.into()), Some(format!("TEL:{PHONE}")));
    message.contacts = Some(vec![card.clone()]);
    let mut reply = Reply::new(key.clone());
    reply.text = Some(TEXT.into());
    message.reply_to = Some(reply.clone());
    let mut reaction = Reaction::new("👍");
    reaction.sender_id = Some(chat_id.clone());
    message.raw = Some(raw.clone());
    let mut chat = Chat::new(chat_id.clone());
    chat.name = Some(NAME.into());
    chat.last_message = Some(Box::new(message.clone()));
    chat.picture_url = Some(format!("https://h/{PHONE}"));
    let mut status = Status::new(wachats::Gateway::WAHA, SessionState::Working);
    status.account_id = Some(chat_id.clone());
    status.detail = Some(NAME.into());
    let mut list = ListMessages::new(chat_id.clone());
    list.search = Some(TEXT.into());
    let mut chats = ListChats::new();
    chats.name = Some(NAME.into());
    let mut overview = OverviewQuery::new();
    overview.ids = vec![chat_id.clone()];
    let send =
        Action::SendText { chat: chat_id.clone(), text: TEXT.into(), reply_to: Some(message.id.clone()) };
    let token = PageToken::new(wachats::Gateway::WAHA, 1, &format!("{PHONE} {KEY}")).unwrap();
    let mut page = Page::new(vec![message.clone()]);
    page.next = Some(token.clone());
    page.skipped.push(Skipped::new("no id", raw.clone()));
    let error = Error::new(ErrorKind::ServerFault, Operation::SendText)
        .with_code(&format!("CODE {PHONE}"))
        .with_state(PHONE)
        .with_body(
            format!("{{\"message\":\"{TEXT}\",\"key\":\"{CANARY}\",\"id\":\"{PHONE}@c.us\"}}").as_bytes(),
        );
    let secrets = Secrets::waha(CANARY).with("GOWA_PASS", CANARY);
    let options = ConnectOptions::new(secrets.clone());
    let opened = wachats::connect("waha+http://127.0.0.1:9?session=default", Secrets::waha(CANARY)).unwrap();
    let handle = opened.chat(&chat_id).unwrap();
    let mut stream = MediaStream::new(futures::stream::empty());
    stream.file_name = Some(NAME.into());
    let types: Vec<(&str, String)> = vec![
        ("ChatId", format!("{chat_id:?}")),
        ("MessageKey", format!("{key:?}")),
        ("MessageId", format!("{:?}", message.id)),
        ("Message", format!("{message:?}")),
        ("MediaInfo", format!("{media:?}")),
        ("Location", format!("{place:?}")),
        ("ContactCard", format!("{card:?}")),
        ("Reply", format!("{reply:?}")),
        ("Reaction", format!("{reaction:?}")),
        ("Chat", format!("{chat:?}")),
        ("Status", format!("{status:?}")),
        ("Resolved", format!("{:?}", Resolved::new(Some(chat_id.clone()), None))),
        ("RawJson", format!("{raw:?}")),
        ("Skipped", format!("{:?} {}", page.skipped, Skipped::new("no id", raw.clone()))),
        ("PageToken", format!("{token:?}")),
        ("Page", format!("{page:?}")),
        ("ListMessages", format!("{list:?}")),
        ("ListChats", format!("{chats:?}")),
        ("OverviewQuery", format!("{overview:?}")),
        ("PictureQuery", format!("{:?}", PictureQuery::new(chat_id.clone()))),
        ("GetMessage", format!("{:?}", GetMessage::new(chat_id.clone(), message.id.clone()))),
        ("OpenMedia", format!("{:?}", OpenMedia::of(&message))),
        ("ChatScope", format!("{:?}", ChatScope::from(chat_id.clone()))),
        ("Action", format!("{send:?}")),
        ("Outcome", format!("{:?}", Outcome::of(&send))),
        ("Error", shown(&error)),
        ("Secrets", format!("{secrets:?}")),
        ("ConnectOptions", format!("{options:?}")),
        ("Chats", format!("{opened:?}")),
        ("ChatHandle", format!("{handle:?}")),
        ("MessageHandle", format!("{:?}", handle.message(&message.id).unwrap())),
        ("MessageList", format!("{:?}", handle.messages().search(TEXT))),
        ("ChatList", format!("{:?}", opened.list().name(NAME))),
        ("OverviewList", format!("{:?}", opened.overview().ids([chat_id.clone()]))),
        ("Media", format!("{:?}", opened.media(&message))),
        ("MediaStream", format!("{stream:?}")),
    ];
    for (name, text) in types {
        innocent(&text, name);
    }
}
