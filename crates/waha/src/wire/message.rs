use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};
use wachats_core::{MessageKind, Source};

use super::proto::{Card, Proto};
use super::scalar::{Jid, Key, Number};

/// WAHA's message object; also the raw one of whatsapp-web.js, which WEBJS puts into its chats.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireMessage {
    pub(crate) id: Option<Key>,
    /// Seconds.
    pub(crate) timestamp: Option<Number>,
    /// WEBJS and WPP: the sender's side; NOWEB and GOWS: always the chat.
    pub(crate) from: Option<Jid>,
    pub(crate) from_me: Option<bool>,
    pub(crate) source: Option<SourceWord>,
    pub(crate) body: Option<String>,
    pub(crate) participant: Option<Jid>,
    pub(crate) author: Option<Jid>,
    pub(crate) has_media: Option<bool>,
    pub(crate) media: Option<WireMedia>,
    pub(crate) ack: Option<Number>,
    pub(crate) location: Option<WireLocation>,
    pub(crate) v_cards: Option<Vec<String>>,
    pub(crate) reply_to: Option<WireReply>,
    #[serde(rename = "_data")]
    pub(crate) data: Option<Box<Data>>,
    /// Of the raw message alone.
    #[serde(rename = "type")]
    pub(crate) kind: Option<WebKind>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireMedia {
    pub(crate) url: Option<String>,
    pub(crate) mimetype: Option<String>,
    pub(crate) filename: Option<String>,
    /// The server could not fetch it.
    pub(crate) error: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireLocation {
    /// Degrees, as text.
    pub(crate) latitude: Option<Number>,
    /// Degrees, as text.
    pub(crate) longitude: Option<Number>,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    /// WEBJS: name and address, each on a line.
    pub(crate) description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireReply {
    /// The bare key; WPP: the full id.
    pub(crate) id: Option<Key>,
    pub(crate) participant: Option<Jid>,
    pub(crate) body: Option<String>,
}

/// The engine's own object of a message: WhatsApp Web's (WEBJS, WPP), Baileys' (NOWEB) or whatsmeow's (GOWS).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Data {
    // WhatsApp Web
    #[serde(rename = "type")]
    pub(crate) kind: Option<WebKind>,
    pub(crate) notify_name: Option<String>,
    pub(crate) is_forwarded: Option<bool>,
    pub(crate) has_reaction: Option<bool>,
    pub(crate) latest_edit_sender_timestamp_ms: Option<Number>,
    pub(crate) latest_edit_msg_key: Option<IgnoredAny>,
    pub(crate) mimetype: Option<String>,
    pub(crate) size: Option<Number>,
    pub(crate) filename: Option<String>,
    pub(crate) lat: Option<Number>,
    pub(crate) lng: Option<Number>,
    /// Name and address, each on a line.
    pub(crate) loc: Option<String>,
    pub(crate) vcard_list: Option<Vec<Card>>,
    pub(crate) ack: Option<Number>,

    // Baileys
    pub(crate) key: Option<RawKey>,
    #[serde(alias = "Message")]
    pub(crate) message: Option<Proto>,
    pub(crate) push_name: Option<String>,
    pub(crate) reactions: Option<Vec<RawReaction>>,
    pub(crate) message_stub_type: Option<Code>,
    pub(crate) status: Option<Code>,

    // whatsmeow
    #[serde(rename = "Info")]
    pub(crate) info: Option<Info>,
    #[serde(rename = "IsEdit")]
    pub(crate) is_edit: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RawKey {
    pub(crate) remote_jid: Option<Jid>,
    /// The phone behind a lid, or the reverse.
    pub(crate) remote_jid_alt: Option<Jid>,
    pub(crate) from_me: Option<bool>,
    pub(crate) participant: Option<Jid>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RawReaction {
    pub(crate) key: Option<RawKey>,
    pub(crate) text: Option<String>,
    /// Milliseconds.
    pub(crate) sender_timestamp_ms: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Info {
    pub(crate) sender: Option<Jid>,
    /// The sender's phone behind a lid, or the reverse.
    pub(crate) sender_alt: Option<Jid>,
    pub(crate) push_name: Option<String>,
    pub(crate) edit: Option<String>,
}

/// A number of an enum, or its word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Code {
    Number(i64),
    Word(String),
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Code;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a word")
            }
            fn visit_i64<E>(self, n: i64) -> Result<Code, E> {
                Ok(Code::Number(n))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Code, E> {
                Ok(Code::Number(i64::try_from(n).unwrap_or(i64::MAX)))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Code, E> {
                Ok(Code::Number(n as i64))
            }
            fn visit_str<E>(self, word: &str) -> Result<Code, E> {
                Ok(Code::Word(word.to_owned()))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident($inner:ty) by $from:path) => {
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visit;
                impl Visitor<'_> for Visit {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a word")
                    }
                    fn visit_str<E>(self, word: &str) -> Result<$name, E> {
                        Ok($name($from(word)))
                    }
                }
                deserializer.deserialize_str(Visit)
            }
        }
    };
}

word! {
    /// `api` or `app`.
    SourceWord(Source) by Source::from
}

word! {
    /// WhatsApp Web's word for what a message is.
    WebKind(MessageKind) by web_kind
}

fn web_kind(word: &str) -> MessageKind {
    use MessageKind as K;
    match word {
        "chat" => K::Text,
        "image" => K::Image,
        "video" | "ptv" => K::Video,
        "audio" => K::Audio,
        "ptt" => K::Voice,
        "document" => K::Document,
        "sticker" => K::Sticker,
        "location" | "live_location" => K::Location,
        "vcard" | "multi_vcard" => K::Contact,
        "poll_creation" => K::Poll,
        "reaction" | "reaction_enc" => K::Reaction,
        "call_log" => K::Call,
        "revoked" => K::Revoked,
        "gp2"
        | "notification"
        | "notification_template"
        | "e2e_notification"
        | "broadcast_notification"
        | "newsletter_notification"
        | "protocol"
        | "pinned_message"
        | "debug" => K::System,
        _ => K::Unknown,
    }
}
