//! The content of a message in WhatsApp's own protocol: an object whose one key tells what it is, with
//! wrappers around it. NOWEB and GOWS hand it out.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use wachats_core::MessageKind;

use super::message::Code;
use super::scalar::Number;

/// What a message holds, its wrappers taken off.
#[derive(Default)]
pub(crate) struct Proto {
    /// `None` where no key is a content's.
    pub(crate) kind: Option<MessageKind>,
    /// It stands in the wrapper of an edit.
    pub(crate) edited: bool,
    pub(crate) inner: Option<Box<Inner>>,
}

/// The fields of contents that are looked at, of all kinds together.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Inner {
    /// Of wrappers.
    message: Option<Box<Proto>>,
    #[serde(rename = "type")]
    code: Option<Code>,
    pub(crate) context_info: Option<ContextInfo>,
    pub(crate) mimetype: Option<String>,
    pub(crate) file_name: Option<String>,
    /// Baileys writes it as text.
    pub(crate) file_length: Option<Number>,
    #[serde(alias = "PTT")]
    ptt: Option<bool>,
    pub(crate) degrees_latitude: Option<Number>,
    pub(crate) degrees_longitude: Option<Number>,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) vcard: Option<String>,
    pub(crate) contacts: Option<Vec<Card>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ContextInfo {
    pub(crate) is_forwarded: Option<bool>,
}

/// A contact card.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Card {
    pub(crate) display_name: Option<String>,
    pub(crate) vcard: Option<String>,
}

enum Name {
    Content(MessageKind),
    Protocol,
    Wrapper {
        edit: bool,
    },
    /// Stands beside a content.
    Beside,
    Unknown,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content's name")
            }
            fn visit_str<E>(self, word: &str) -> Result<Name, E> {
                Ok(name(word))
            }
        }
        deserializer.deserialize_identifier(Visit)
    }
}

fn name(word: &str) -> Name {
    use MessageKind as K;
    Name::Content(match word {
        "conversation" | "extendedTextMessage" => K::Text,
        "imageMessage" => K::Image,
        "videoMessage" | "ptvMessage" => K::Video,
        "audioMessage" => K::Audio,
        "documentMessage" => K::Document,
        "stickerMessage" => K::Sticker,
        "locationMessage" | "liveLocationMessage" => K::Location,
        "contactMessage" | "contactsArrayMessage" => K::Contact,
        "reactionMessage" | "encReactionMessage" => K::Reaction,
        // three s: the protocol's own spelling
        "callLogMesssage" | "callLogMessage" | "call" => K::Call,
        "protocolMessage" => return Name::Protocol,
        "editedMessage" => return Name::Wrapper { edit: true },
        "ephemeralMessage"
        | "viewOnceMessage"
        | "viewOnceMessageV2"
        | "viewOnceMessageV2Extension"
        | "documentWithCaptionMessage"
        | "lottieStickerMessage"
        | "associatedChildMessage"
        | "deviceSentMessage" => return Name::Wrapper { edit: false },
        "messageContextInfo" | "senderKeyDistributionMessage" => return Name::Beside,
        _ if word.starts_with("pollCreationMessage") => K::Poll,
        _ => return Name::Unknown,
    })
}

impl<'de> Deserialize<'de> for Proto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Proto;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message's content")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Proto, A::Error> {
                let mut proto = Proto::default();
                while let Some(name) = map.next_key::<Name>()? {
                    match name {
                        Name::Content(kind) => proto.take(kind, map.next_value()?),
                        Name::Protocol => {
                            let inner = map.next_value::<Option<Content>>()?;
                            let kind = if inner.as_ref().is_some_and(Content::revokes) {
                                MessageKind::Revoked
                            } else {
                                MessageKind::System
                            };
                            proto.take(kind, inner);
                        }
                        Name::Wrapper { edit } => {
                            let inner = map.next_value::<Option<Box<Inner>>>()?;
                            if let Some(wrapped) = inner.and_then(|inner| inner.message) {
                                proto = Proto { edited: edit || proto.edited || wrapped.edited, ..*wrapped };
                            }
                        }
                        Name::Beside => drop(map.next_value::<IgnoredAny>()?),
                        Name::Unknown => {
                            map.next_value::<IgnoredAny>()?;
                            proto.kind.get_or_insert(MessageKind::Unknown);
                        }
                    }
                }
                Ok(proto)
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

impl Proto {
    fn take(&mut self, kind: MessageKind, content: Option<Content>) {
        // encoders may write every content they know, all but one of them as null
        let Some(content) = content else { return };
        let inner = match content {
            Content::Object(inner) => Some(inner),
            Content::Text => None,
        };
        let voice = kind == MessageKind::Audio && inner.as_ref().is_some_and(|i| i.ptt == Some(true));
        self.kind = Some(if voice { MessageKind::Voice } else { kind });
        self.inner = inner;
    }
}

/// An object, or a plain text (`conversation`), whose words the message object has already.
enum Content {
    Object(Box<Inner>),
    Text,
}

impl Content {
    fn revokes(&self) -> bool {
        let Self::Object(inner) = self else { return false };
        match &inner.code {
            Some(Code::Number(code)) => *code == 0,
            Some(Code::Word(word)) => word == "REVOKE",
            None => false,
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Content;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content")
            }
            fn visit_str<E>(self, _: &str) -> Result<Content, E> {
                Ok(Content::Text)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Content, A::Error> {
                let inner = Inner::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Content::Object(Box::new(inner)))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}
