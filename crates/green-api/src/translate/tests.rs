use serde_json::{Value, json};
use wachats_core::transport::Answer;
use wachats_core::{Ack, Message, MessageKind, Operation, Page, Source, decode};

use super::{fold, row};

const ANN: &str = "5511911111111@c.us";
const FAMILY: &str = "120363000000000001@g.us";

fn window(entries: &Value, raw: bool) -> Page<Message> {
    let answer = Answer {
        operation: Operation::ListMessages,
        status: 200,
        headers: Default::default(),
        body: entries.to_string().into(),
    };
    let mut page = decode::page(&answer, &[], raw, |entry, raw| row(entry, raw, None)).unwrap();
    let rows = std::mem::take(&mut page.items);
    let mut folded = Page::new(fold(rows).into_iter().map(|placed| placed.message).collect());
    (folded.skipped, folded.notes) = (page.skipped, page.notes);
    folded
}

/// An entry of Ann's chat with these members beside the common ones.
fn entry(id: &str, at: i64, kind: &str, more: Value) -> Value {
    let mut entry = json!({
        "type": "incoming", "idMessage": id, "timestamp": at, "typeMessage": kind, "chatId": ANN,
        "senderId": ANN, "senderName": "Ann", "senderContactName": "",
    });
    if let (Value::Object(entry), Value::Object(more)) = (&mut entry, more) {
        entry.extend(more);
    }
    entry
}

fn one(entry: Value) -> Message {
    let mut page = window(&json!([entry]), false);
    assert_eq!((page.items.len(), page.skipped.len(), page.notes.len()), (1, 0, 0));
    page.items.remove(0)
}

fn text(id: &str, at: i64, text: &str) -> Value {
    entry(id, at, "textMessage", json!({ "textMessage": text }))
}

#[test]
fn a_text_and_who_wrote_it() {
    let message = one(text("3EB0A1", 1_760_000_000, "Hello"));
    assert_eq!(message.id.to_string(), format!("false_{ANN}_3EB0A1"));
    assert_eq!((message.kind, message.text.as_deref()), (MessageKind::Text, Some("Hello")));
    assert_eq!(message.sender_id.unwrap().as_str(), ANN);
    assert_eq!(message.sender_name.as_deref(), Some("Ann"));
    assert_eq!(message.sent_at.unwrap().timestamp(), 1_760_000_000);
    assert_eq!((message.ack, message.source, message.edited, message.forwarded), (None, None, None, None));
    assert!(message.reactions.is_none() && message.media.is_none() && message.contacts.unwrap().is_empty());
}

#[test]
fn own_messages_tell_how_far_they_got_and_where_they_came_from() {
    for (word, ack) in [
        ("pending", Ack::Pending),
        ("sent", Ack::Server),
        ("delivered", Ack::Device),
        ("read", Ack::Read),
        ("failed", Ack::Error),
        ("noAccount", Ack::Error),
        ("notInGroup", Ack::Error),
        ("yellowCard", Ack::Error),
    ] {
        let own = json!({"type": "outgoing", "textMessage": "x", "statusMessage": word, "sendByApi": word == "sent"});
        let message = one(entry("3EB0A1", 5, "textMessage", own));
        assert_eq!((message.from_me, message.ack), (true, Some(ack)), "{word}");
        assert_eq!(message.source, Some(if word == "sent" { Source::Api } else { Source::App }));
        assert!(message.sender_id.is_none(), "the account isn't known, and the chat is not it");
    }
    let untyped = json!({"idMessage": "3EB0A2", "chatId": ANN, "textMessage": "x", "statusMessage": "read"});
    assert!(one(untyped).from_me);
}

#[test]
fn in_a_group_the_sender_is_part_of_the_id() {
    let message = one(entry("3EB0A1", 5, "textMessage", json!({"chatId": FAMILY, "textMessage": "x"})));
    assert_eq!(message.id.to_string(), format!("false_{FAMILY}_3EB0A1_{ANN}"));
    let unsigned =
        one(entry("3EB0A1", 5, "textMessage", json!({"chatId": FAMILY, "senderId": "", "textMessage": "x"})));
    assert!(unsigned.sender_id.is_none() && unsigned.id.participant().is_none());
}

#[test]
fn media_in_both_spellings() {
    let flat = json!({
        "downloadUrl": "https://media.example/1.jpg", "caption": "Sunset", "fileName": "1.jpg",
        "mimeType": "image/jpeg", "isForwarded": true,
    });
    let journal = one(entry("3EB0A1", 5, "imageMessage", flat.clone()));
    let webhook = one(json!({
        "typeWebhook": "incomingMessageReceived", "idMessage": "3EB0A1", "timestamp": 5,
        "instanceData": {"idInstance": 7103000001_u64, "wid": "5511900000000@c.us", "typeInstance": "whatsapp"},
        "senderData": {"chatId": ANN, "sender": ANN, "senderName": "Ann", "senderContactName": ""},
        "messageData": {"typeMessage": "imageMessage", "fileMessageData": flat},
    }));
    assert_eq!(journal, webhook);
    assert_eq!(
        (journal.kind, journal.text.as_deref(), journal.forwarded),
        (MessageKind::Image, Some("Sunset"), Some(true))
    );
    let media = journal.media.unwrap();
    assert_eq!((media.mime_type.as_deref(), media.file_name.as_deref()), (Some("image/jpeg"), Some("1.jpg")));
    assert_eq!(media.url.as_deref(), Some("https://media.example/1.jpg"));
}

#[test]
fn sound_is_told_apart_by_type_and_mime() {
    for (kind, mime, is) in [
        ("audioMessage", "audio/ogg; codecs=opus", MessageKind::Voice),
        ("audioMessage", "audio/mpeg", MessageKind::Audio),
        ("documentMessage", "audio/mpeg", MessageKind::Audio),
        ("documentMessage", "application/pdf", MessageKind::Document),
        ("videoMessage", "video/mp4", MessageKind::Video),
        ("stickerMessage", "image/webp", MessageKind::Sticker),
    ] {
        let message =
            one(entry("3EB0A1", 5, kind, json!({"mimeType": mime, "downloadUrl": "", "caption": ""})));
        assert_eq!(message.kind, is, "{kind} {mime}");
        assert!(message.text.is_none() && message.media.unwrap().url.is_none());
    }
}

#[test]
fn places_contacts_polls_and_answers() {
    let place =
        json!({"location": {"nameLocation": "Museum", "address": "", "latitude": -23.5, "longitude": 1.25}});
    let message = one(entry("3EB0A1", 5, "locationMessage", place));
    let location = message.location.unwrap();
    assert_eq!(
        (location.latitude, location.name.as_deref(), location.address),
        (-23.5, Some("Museum"), None)
    );
    assert!(message.text.is_none(), "a text is never a place's name");

    let several =
        json!({"messageData": {"contacts": [{"displayName": "A", "vcard": "V"}, {"displayName": "B"}]}});
    let message = one(entry("3EB0A1", 5, "contactsArrayMessage", several));
    assert_eq!(message.contacts.unwrap().len(), 2);
    let single =
        one(entry("3EB0A1", 5, "contactMessage", json!({"contact": {"displayName": "A", "vcard": "V"}})));
    assert_eq!(single.contacts.unwrap()[0].vcard.as_deref(), Some("V"));

    let poll = json!({"pollMessageData": {"name": "Tea?", "options": [{"optionName": "yes"}], "multipleAnswers": false}});
    let message = one(entry("3EB0A1", 5, "pollMessage", poll));
    assert_eq!((message.kind, message.text.as_deref()), (MessageKind::Poll, Some("Tea?")));

    let chosen = json!({"templateButtonReplyMessage": {"stanzaId": "3EB0A0", "selectedDisplayText": "Yes"}});
    let message = one(entry("3EB0A1", 5, "templateButtonsReplyMessage", chosen));
    assert_eq!((message.text.as_deref(), message.reply_to.unwrap().key.as_str()), (Some("Yes"), "3EB0A0"));

    let quoted = json!({"stanzaId": "3EB0A0", "participant": ANN, "typeMessage": "textMessage", "textMessage": "Hello"});
    for (kind, more) in [
        ("quotedMessage", json!({"extendedTextMessage": {"text": "Hi"}, "quotedMessage": quoted})),
        ("textMessage", json!({"textMessage": "Hi", "quotedMessage": quoted})),
        (
            "extendedTextMessage",
            json!({"extendedTextMessageData": {"text": "Hi", "stanzaId": "3EB0A0", "participant": ANN}}),
        ),
    ] {
        let message = one(entry("3EB0A1", 5, kind, more));
        let reply = message.reply_to.unwrap();
        assert_eq!((message.text.as_deref(), reply.key.as_str()), (Some("Hi"), "3EB0A0"), "{kind}");
        assert_eq!(reply.sender_id.unwrap().as_str(), ANN);
        assert_eq!(reply.text.as_deref(), (kind != "extendedTextMessage").then_some("Hello"));
    }
}

#[test]
fn what_is_not_known_is_kept() {
    assert_eq!(
        one(entry("3EB0A1", 5, "somethingNew", json!({}))).kind,
        MessageKind::Other("somethingNew".into())
    );
    let invite = one(entry("3EB0A1", 5, "groupInviteMessage", json!({"groupInviteMessage": null})));
    assert_eq!(invite.kind, MessageKind::Other("groupInviteMessage".into()));
    let call =
        one(entry("3EB0A1", 1_754_455_763_386, "outgoingCall", json!({"type": "outgoing", "senderId": ""})));
    assert_eq!((call.kind, call.sent_at.unwrap().timestamp()), (MessageKind::Call, 1_754_455_763));
}

#[test]
fn markers_are_no_texts_and_the_readable_message_takes_their_place() {
    for marker in ["{{SWE001}}", "{{SWE003}}"] {
        let message = one(text("3EB0A1", 5, marker));
        assert_eq!((message.kind, message.text), (MessageKind::Unknown, None));
    }
    let large = one(entry(
        "3EB0A1",
        5,
        "documentMessage",
        json!({"downloadUrl": "{{SWE002}}", "mimeType": "application/pdf"}),
    ));
    assert_eq!((large.kind, large.media.unwrap().url), (MessageKind::Document, None));
    let page = window(&json!([text("3EB0A1", 6, "{{SWE001}}"), text("3EB0A1", 5, "Hello")]), false);
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].text.as_deref(), Some("Hello"));
}

#[test]
fn ghosts_are_skipped_and_a_damaged_entry_never_loses_its_page() {
    let page = window(
        &json!([
            {"type": "outgoing", "typeMessage": ""},
            entry("3EB0A3", 7, "textMessage", json!({"textMessage": 5, "timestamp": [1]})),
            {"type": "outgoing", "idMessage": "3EB0A2", "chatId": "71234567890@с.us", "typeMessage": ""},
        ]),
        false,
    );
    assert_eq!(page.skipped[0].raw.get(), r#"{"type":"outgoing","typeMessage":""}"#);
    assert_eq!((page.items.len(), page.notes.len()), (2, 2));
    let cyrillic = page.items.iter().find(|m| m.key.as_str() == "3EB0A2").unwrap();
    assert_eq!(cyrillic.chat_id.as_str(), "71234567890@c.us");
}

fn reaction(id: &str, at: i64, emoji: &str, target: &str, more: Value) -> Value {
    let mut body = json!({"extendedTextMessageData": {"text": emoji}, "quotedMessage": {"stanzaId": target, "participant": ANN}});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    entry(id, at, "reactionMessage", body)
}

#[test]
fn reactions_edits_and_deletions_go_into_their_message() {
    let edit = |id: &str, at, target: &str, new: &str| {
        entry(
            id,
            at,
            "extendedTextMessage",
            json!({"textMessage": new, "extendedTextMessage": {"text": new}, "isEdited": true, "editedMessageId": target}),
        )
    };
    let deletion =
        entry("3EB0F9", 90, "deletedMessage", json!({"deletedMessageData": {"stanzaId": "3EB0A2"}}));
    let entries = json!([
        // the order of the documents' own example is not that of time
        text("3EB0A1", 10, "first"),
        deletion,
        edit("3EB0E2", 40, "3EB0E1", "third"),
        edit("3EB0E1", 30, "3EB0A1", "second"),
        text("3EB0A2", 20, "gone soon"),
        reaction("3EB0R1", 50, "👍", "3EB0A1", json!({})),
        reaction("3EB0R2", 60, "❤️", "3EB0A1", json!({})),
        reaction("3EB0R3", 61, "🎉", "3EB0A1", json!({"type": "outgoing"})),
        reaction("3EB0R4", 70, "👀", "3EB0A9", json!({})),
    ]);
    let page = window(&entries, true);
    let keys: Vec<_> = page.items.iter().map(|m| m.key.as_str()).collect();
    assert_eq!(keys, ["3EB0R4", "3EB0A2", "3EB0A1"]);

    let alone = &page.items[0];
    assert_eq!((&alone.kind, alone.text.as_deref()), (&MessageKind::Reaction, Some("👀")));
    assert_eq!(alone.reply_to.as_ref().unwrap().key.as_str(), "3EB0A9");

    let gone = &page.items[1];
    assert_eq!((&gone.kind, gone.revoked, &gone.text), (&MessageKind::Revoked, Some(true), &None));
    let raw: Value = serde_json::from_str(gone.raw.as_ref().unwrap().get()).unwrap();
    assert_eq!((&raw[0]["textMessage"], &raw[1]["idMessage"]), (&json!("gone soon"), &json!("3EB0F9")));

    let edited = &page.items[2];
    assert_eq!((edited.text.as_deref(), edited.edited, edited.revoked), (Some("third"), Some(true), None));
    let reactions: Vec<_> =
        edited.reactions.as_ref().unwrap().iter().map(|r| (r.emoji.as_str(), r.from_me)).collect();
    assert_eq!(reactions, [("❤️", Some(false)), ("🎉", Some(true))]);
    let raw: Value = serde_json::from_str(edited.raw.as_ref().unwrap().get()).unwrap();
    assert_eq!(raw.as_array().unwrap().len(), 6);
}

#[test]
fn a_reaction_that_was_taken_back_leaves_none() {
    let page = window(
        &json!([
            reaction("3EB0R2", 8, "", "3EB0A1", json!({})),
            reaction("3EB0R1", 7, "👍", "3EB0A1", json!({})),
            text("3EB0A1", 5, "x")
        ]),
        false,
    );
    assert_eq!(page.items[0].reactions.as_ref().map(Vec::len), Some(0));
}

#[test]
fn flags_alone_mark_a_message_and_changes_alone_stay_in_the_list() {
    let flagged =
        entry("3EB0A1", 5, "textMessage", json!({"textMessage": "", "isDeleted": true, "isEdited": false}));
    assert_eq!(one(flagged).kind, MessageKind::Revoked);
    let edited = entry(
        "3EB0A1",
        5,
        "textMessage",
        json!({"textMessage": "x", "isEdited": true, "editedMessageId": ""}),
    );
    assert_eq!(one(edited).edited, Some(true));
    let alone = one(entry(
        "3EB0E1",
        5,
        "textMessage",
        json!({"textMessage": "new", "isEdited": true, "editedMessageId": "3EB0A1"}),
    ));
    assert_eq!((alone.edited, alone.text.as_deref(), alone.reply_to), (Some(true), Some("new"), None));
    let deletion =
        one(entry("3EB0D1", 5, "deletedMessage", json!({"deletedMessageData": {"stanzaId": "3EB0A1"}})));
    assert_eq!((deletion.kind, deletion.reply_to.unwrap().key.as_str()), (MessageKind::Revoked, "3EB0A1"));
    let cycle = json!([
        entry("3EB0E1", 5, "textMessage", json!({"textMessage": "a", "editedMessageId": "3EB0E2"})),
        entry("3EB0E2", 6, "textMessage", json!({"textMessage": "b", "editedMessageId": "3EB0E1"})),
    ]);
    assert_eq!(window(&cycle, false).items.len(), 2);
}
