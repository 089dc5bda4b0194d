//! What each engine sends, read into the model. The NOWEB fixtures were recorded from a 2026.4.1 server; those
//! of the other engines are built from its documentation.

use serde::de::DeserializeOwned;
use wachats_core::{Ack, Chat, ChatId, Message, MessageKind, Source};

use super::*;
use crate::wire::{Summary, WireChat, WireMessage};

macro_rules! fixture {
    ($name:literal) => {
        parse(include_str!(concat!("../../tests/fixtures/", $name, ".json")))
    };
}

fn parse<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn base() -> Url {
    "https://waha.example/base".parse().unwrap()
}

fn context<'a>(base: &'a Url, engine: Option<Engine>) -> Context<'a> {
    Context {
        engine,
        account: None,
        chat: None,
        base,
        now: DateTime::from_timestamp(1_760_000_500, 0).unwrap(),
    }
}

fn messages(wires: Vec<WireMessage>) -> Vec<Message> {
    let base = base();
    wires.into_iter().map(|wire| message(wire, None, &context(&base, None)).unwrap()).collect()
}

fn chats(wires: Vec<WireChat>) -> Vec<Chat> {
    let base = base();
    let engine = Engine::sniff(&wires);
    let one = |wire: WireChat| chat(chat_id(&wire).unwrap(), wire, None, &context(&base, engine));
    wires.into_iter().map(one).collect()
}

fn keyed<'a>(messages: &'a [Message], key: &str) -> &'a Message {
    messages.iter().find(|message| message.key.as_str() == key).unwrap()
}

fn id(text: &str) -> ChatId {
    text.parse().unwrap()
}

#[test]
fn noweb_messages() {
    let all = messages(fixture!("noweb_messages"));
    let by = |key: &str| keyed(&all, key);
    let kinds: Vec<_> = ["3EB0DOC", "3EB0POLL", "3EB0VCARD", "3EB0LOC", "3EB0IMG", "3EB0REPLY"]
        .into_iter()
        .map(|key| by(key).kind.to_string())
        .collect();
    assert_eq!(kinds.join(" "), "document poll contact location image text");
    let doc = by("3EB0DOC").media.as_ref().unwrap();
    assert_eq!(
        (doc.mime_type.as_deref(), doc.file_name.as_deref()),
        (Some("application/pdf"), Some("a.pdf"))
    );
    assert_eq!(by("3EB0DOC").text.as_deref(), Some("doc cap"));
    assert_eq!(by("3EB0IMG").media.as_ref().unwrap().size_bytes, Some(123));
    let place = by("3EB0LOC").location.clone().unwrap();
    assert_eq!((place.latitude, place.longitude, place.name.as_deref()), (-23.5, -46.6, Some("Place")));
    assert_eq!(by("3EB0VCARD").contacts.as_ref().unwrap()[0].name.as_deref(), Some("Bob"));
    let reaction = &by("3EB0REACTED").reactions.as_ref().unwrap()[0];
    assert_eq!((reaction.emoji.as_str(), reaction.from_me), ("❤️", Some(false)));
    assert_eq!(reaction.sender_id, Some(id("5511911111111@c.us")));
    assert_eq!(reaction.at.unwrap().timestamp_millis(), 1_760_000_010_123);
    let reply = by("3EB0REPLY").reply_to.as_ref().unwrap();
    assert_eq!((reply.key.as_str(), reply.text.as_deref()), ("3EB0TEXTOUT", Some("hi there")));
    assert_eq!(by("3EB0REPLY").reactions, Some(Vec::new()));
}

#[test]
fn noweb_states_of_delivery() {
    let all = messages(fixture!("noweb_messages"));
    let ack = |key: &str| keyed(&all, key).ack.clone();
    assert_eq!(ack("3EB0ERR"), Some(Ack::Error));
    assert_eq!(ack("3EB0TEXTOUT"), Some(Ack::Read));
    assert_eq!(ack("3EB0NOSTATUS"), None);
    assert_eq!(ack("3EB0STRSTATUS"), Some(Ack::Pending));
}

#[test]
fn noweb_senders() {
    let all = messages(fixture!("noweb_messages"));
    let sender = |key: &str| keyed(&all, key).sender_id.as_ref().map(ToString::to_string);
    assert_eq!(sender("3EB0GRP").unwrap(), "444444444444444@lid");
    assert_eq!(sender("3EB0GRPME").unwrap(), "5511900000001@c.us");
    assert_eq!(sender("3EB0STATUS").unwrap(), "5511911111111@c.us");
    assert_eq!(sender("3EB0LIDIN").unwrap(), "222222222222222@lid");
    assert_eq!(sender("3EB0TEXTOUT"), None);
    let base = base();
    let known = Context { account: Some(id("5511900000001@c.us")), ..context(&base, None) };
    let wires: Vec<WireMessage> = fixture!("noweb_messages");
    let own = wires
        .into_iter()
        .map(|w| message(w, None, &known).unwrap())
        .find(|m| m.key.as_str() == "3EB0TEXTOUT");
    assert_eq!(own.unwrap().sender_id, known.account);
    assert_eq!(
        keyed(&all, "3EB0GRP").id.to_string(),
        "false_120363000000000001@g.us_3EB0GRP_444444444444444@lid"
    );
}

#[test]
fn noweb_chats() {
    let all = chats(fixture!("noweb_chats"));
    let ana = &all[1];
    assert_eq!((ana.id.as_str(), ana.name.as_deref()), ("5511911111111@c.us", Some("Ana")));
    assert_eq!((ana.archived, ana.pinned, ana.muted), (Some(false), Some(true), Some(true)));
    assert_eq!((ana.unread_count, ana.marked_unread, ana.ephemeral_seconds), (None, None, Some(86_400)));
    assert_eq!(ana.alternate_id, Some(id("111111111111111@lid")));
    assert_eq!((all[0].archived, all[0].pinned, all[0].muted), (Some(false), Some(false), Some(false)));
    assert_eq!(all[2].archived, Some(true));
    let overview: Vec<Summary> = fixture!("noweb_overview");
    let base = base();
    for wire in overview {
        let chat = summary(summary_id(&wire).unwrap(), wire, None, &context(&base, Some(Engine::Noweb)));
        assert_eq!(chat.last_message.unwrap().text.as_deref(), Some("page 24"));
        assert_eq!((chat.pinned, chat.picture_url), (Some(true), None));
    }
}

#[test]
fn webjs_chats() {
    let all = chats(fixture!("webjs_chats"));
    let [ana, bare, group] = &all[..] else { panic!() };
    assert_eq!((ana.marked_unread, ana.unread_count), (Some(true), None));
    assert_eq!((ana.archived, ana.muted), (Some(true), None), "muted without a time is not known");
    let last = ana.last_message.as_ref().unwrap();
    assert_eq!(
        (last.id.to_string().as_str(), last.ack.clone()),
        ("true_5511911111111@c.us_3EB0WTEXT", Some(Ack::Read))
    );
    assert_eq!(last.edited, Some(true));
    assert_eq!((bare.id.as_str(), bare.name.as_deref()), ("5511922222222@c.us", None));
    assert_eq!((bare.unread_count, bare.marked_unread, bare.muted), (Some(3), Some(false), Some(true)));
    assert_eq!((group.muted, group.ephemeral_seconds), (Some(false), Some(604_800)));
    assert_eq!(bare.ephemeral_seconds, None);
}

#[test]
fn webjs_messages() {
    let all = messages(fixture!("webjs_messages"));
    let by = |key: &str| keyed(&all, key);
    let text = by("3EB0WTEXT");
    assert_eq!((text.edited, text.forwarded, text.reactions.clone()), (Some(true), Some(true), None));
    assert_eq!(
        text.sender_id,
        Some(id("5511900000001@c.us")),
        "the sender's side of an own message is the account"
    );
    assert_eq!(text.source, Some(Source::App));
    let doc = by("3EB0WDOC");
    assert_eq!(
        (doc.kind.clone(), doc.media.as_ref().unwrap().size_bytes),
        (MessageKind::Document, Some(1234))
    );
    assert_eq!(doc.sender_id, Some(id("5511911111111@c.us")));
    let voice = by("3EB0WVOICE");
    let url = voice.media.as_ref().unwrap().url.as_deref();
    assert_eq!(url, Some("https://waha.example/base/api/files/default/3EB0WVOICE.oga"));
    assert_eq!((voice.kind.clone(), voice.text.as_deref()), (MessageKind::Voice, None));
    assert_eq!(by("3EB0WGONE").revoked, Some(true));
    assert_eq!(by("3EB0WGONE").kind, MessageKind::Revoked);
    let place = by("3EB0WLOC");
    assert_eq!(
        (place.text.as_deref(), place.location.as_ref().unwrap().address.as_deref()),
        (None, Some("Street 1"))
    );
    let card = by("3EB0WCARD");
    assert_eq!((card.text.as_deref(), card.contacts.as_ref().unwrap().len()), (None, 1));
    assert_eq!(by("3EB0WCALL").kind, MessageKind::Call);
    assert_eq!(by("3EB0WREPLY").reply_to.as_ref().unwrap().text.as_deref(), Some("hello"));
    assert_eq!((text.contacts.clone(), by("3EB0WREPLY").edited), (Some(Vec::new()), Some(false)));
}

#[test]
fn wpp() {
    let all = messages(fixture!("wpp_messages"));
    let place = keyed(&all, "3EB0PLOC").location.as_ref().unwrap();
    assert_eq!(
        (place.latitude, place.name.as_deref(), place.address.as_deref()),
        (-23.5, Some("Place"), Some("Street 1"))
    );
    let text = keyed(&all, "3EB0PTEXT");
    assert_eq!(text.reply_to.as_ref().unwrap().key.as_str(), "3EB0PLOC", "from the full id");
    assert_eq!(text.ack, None, "0 is what WPP fills in");
    let all = chats(fixture!("wpp_chats"));
    assert_eq!((all[0].name.as_deref(), all[0].pinned, all[0].archived), (None, Some(true), Some(false)));
    assert_eq!((all[0].muted, all[0].ephemeral_seconds), (Some(false), Some(86_400)));
    assert_eq!((all[1].marked_unread, all[1].archived, all[1].pinned), (Some(true), Some(true), Some(false)));
    assert_eq!(all[1].muted, Some(false), "the time is over");
}

#[test]
fn gows() {
    let all = messages(fixture!("gows_messages"));
    let own = keyed(&all, "3EB0GTEXT");
    assert_eq!(
        (own.sender_id.clone(), own.source.clone()),
        (Some(id("5511900000001@c.us")), Some(Source::Api))
    );
    assert_eq!((own.reactions.clone(), own.forwarded, own.edited), (None, Some(false), Some(false)));
    let voice = keyed(&all, "3EB0GVOICE");
    assert_eq!((voice.kind.clone(), voice.forwarded), (MessageKind::Voice, Some(true)));
    assert_eq!(voice.media.as_ref().unwrap().size_bytes, Some(321));
    assert_eq!(voice.sender_id, Some(id("444444444444444@lid")));
    assert_eq!(
        (keyed(&all, "3EB0GEDIT").edited, keyed(&all, "3EB0GEDIT").kind.clone()),
        (Some(true), MessageKind::Text)
    );
    assert_eq!(
        (keyed(&all, "3EB0GODD").kind.clone(), keyed(&all, "3EB0GODD").ack.clone()),
        (MessageKind::Unknown, None)
    );
    let all = chats(fixture!("gows_chats"));
    assert_eq!(
        (all[0].name.as_deref(), all[0].archived, all[0].pinned, all[0].muted),
        (None, None, None, None)
    );
    assert_eq!((all[1].last_message_at, all[1].ephemeral_seconds), (None, None));
}

#[test]
fn a_message_without_a_usable_id_is_told_and_nothing_else_is_needed() {
    let base = base();
    let read = |json: &str| message(parse(json), None, &context(&base, None));
    assert!(read(r#"{"body":"x"}"#).is_err());
    assert!(read(r#"{"id":"","body":"x"}"#).is_err());
    assert!(read(r#"{"id":"../../x"}"#).is_err());
    let bare = read(r#"{"id":"true_5511911111111@c.us_3EB0"}"#).unwrap();
    assert_eq!((bare.kind, bare.text, bare.edited, bare.reactions), (MessageKind::Unknown, None, None, None));
}

#[test]
fn recorded_pages_decode_without_loss() {
    let folder = std::env::var_os("WACHATS_CORPUS")
        .map(std::path::PathBuf::from)
        .unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"));
    let Ok(files) = std::fs::read_dir(folder.join("waha")) else { return };
    let base = base();
    let mut read = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let recorded: serde_json::Value = parse(&std::fs::read_to_string(&file).unwrap());
        let target = recorded.pointer("/request/path").and_then(|p| p.as_str()).unwrap_or_default();
        let Some(body) = recorded.pointer("/response/body").filter(|body| body.is_array()) else { continue };
        let body = body.to_string();
        let path = target.split('?').next().unwrap();
        if path.ends_with("/messages") {
            let wires: Vec<WireMessage> = parse(&body);
            read += messages(wires).len();
        } else if path.ends_with("/chats") {
            read += chats(parse(&body)).len();
        } else if path.ends_with("/overview") {
            for wire in parse::<Vec<Summary>>(&body) {
                let told = wire.last_message.is_some();
                let chat =
                    summary(summary_id(&wire).unwrap(), wire, None, &context(&base, Some(Engine::Noweb)));
                assert_eq!(chat.last_message.is_some(), told);
                read += 1;
            }
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn own_files_are_fetched_from_the_gateways_real_address() {
    let at = |base: &str, named: &str| media_url(&base.parse().unwrap(), named).unwrap().to_string();
    let file = "http://localhost:3000/api/files/default/3EB0.jpeg";
    assert_eq!(
        at("https://waha.example/base", file),
        "https://waha.example/base/api/files/default/3EB0.jpeg"
    );
    assert_eq!(at("https://waha.example", "/api/files/a/b.jpg"), "https://waha.example/api/files/a/b.jpg");
    let under = "http://localhost:3000/base/api/files/a/b.jpg";
    assert_eq!(at("https://waha.example/base", under), "https://waha.example/base/api/files/a/b.jpg");
    let signed = "https://s3.example/bucket/x.jpg?X-Amz-Signature=1";
    assert_eq!(at("https://waha.example", signed), signed);
    // dot segments are gone before the prefix is looked at
    let climbing = "http://localhost:3000/api/files/../sessions";
    assert_eq!(at("https://waha.example", climbing), "http://localhost:3000/api/sessions");
}

#[test]
fn times_are_seconds_and_zero_is_never() {
    assert_eq!(time(Some(Number(1_760_000_000.5))).unwrap().timestamp_millis(), 1_760_000_000_500);
    assert_eq!(time(Some(Number(0.0))), None);
    assert_eq!(time(Some(Number(-5.0))), None);
    assert_eq!(time(Some(Number(f64::INFINITY))), None);
}
