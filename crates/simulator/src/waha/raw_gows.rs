//! Raw messages of GOWS, as whatsmeow's structs are encoded.

use serde_json::{Value, json};

use super::app::App;
use super::proto;
use crate::world::{Ack, Content, MediaKind, Message, ids};

pub(crate) fn data(app: &App, message: &Message) -> Value {
    let world = &app.world;
    let sender = world.sender_of(message);
    let by_lid = ids::server_of(&sender) == "lid";
    let other = message.sender_alt.clone().or_else(|| if by_lid { world.phone_of(&sender) } else { None });
    let time = chrono::DateTime::from_timestamp(message.sent_at(), 0).unwrap_or_default();
    let media = message.content.media();
    let status = match message.ack {
        None | Some(Ack::Error) => Value::Null,
        Some(ack) => json!(ack.level()),
    };
    json!({
        "Info": {
            "Chat": ids::protocol(&message.chat),
            "Sender": ids::protocol(&sender),
            "SenderAlt": other.map(|id| ids::protocol(&id)).unwrap_or_default(),
            "RecipientAlt": "",
            "AddressingMode": if by_lid { "lid" } else { "pn" },
            "IsFromMe": message.from_me,
            "IsGroup": ids::is_group(&message.chat),
            "ID": message.key,
            "ServerID": 0,
            "Type": if media.is_some() { "media" } else { "text" },
            "PushName": message.sender_name.clone().unwrap_or_default(),
            "Timestamp": time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "Category": "",
            "Multicast": false,
            "MediaType": media.map_or("", |media| media_type(media.kind)),
            "Edit": if message.edited_at_ms.is_some() { "1" } else { "" },
        },
        "Message": proto::message(world, message, true),
        "IsEphemeral": message.ephemeral_seconds > 0,
        "IsViewOnce": false,
        "IsEdit": message.edited_at_ms.is_some() && message.content != Content::Revoked,
        "Status": status,
    })
}

fn media_type(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::Voice => "ptt",
        MediaKind::Document => "document",
        MediaKind::Sticker => "sticker",
    }
}
