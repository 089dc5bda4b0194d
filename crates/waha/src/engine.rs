use wachats_core::ChatId;

use crate::wire::{Spelling, WireChat};

/// The library inside WAHA that speaks to WhatsApp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// whatsapp-web.js in a browser.
    Webjs,
    /// WPPConnect in a browser.
    Wpp,
    /// Baileys.
    Noweb,
    /// whatsmeow.
    Gows,
}

impl Engine {
    pub(crate) fn from_wire(word: &str) -> Option<Self> {
        match word.to_ascii_uppercase().as_str() {
            "WEBJS" => Some(Self::Webjs),
            "WPP" => Some(Self::Wpp),
            "NOWEB" => Some(Self::Noweb),
            "GOWS" => Some(Self::Gows),
            _ => None,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Webjs => "WEBJS",
            Self::Wpp => "WPP",
            Self::Noweb => "NOWEB",
            Self::Gows => "GOWS",
        }
    }

    /// The engine that a page of chats comes from, where one of them shows it: a NOWEB group of which
    /// nothing was ever changed looks like a GOWS one.
    pub(crate) fn sniff<'a>(chats: impl IntoIterator<Item = &'a WireChat>) -> Option<Self> {
        chats.into_iter().find_map(Self::of_chat)
    }

    fn of_chat(chat: &WireChat) -> Option<Self> {
        let spelling = chat.id.as_ref().map(|id| id.spelling)?;
        if spelling == Spelling::Object || chat.is_muted.is_some() {
            return Some(Self::Webjs);
        }
        if chat.t.is_some() || chat.formatted_title.is_some() || chat.archive.is_some() || chat.pin.is_some()
        {
            return Some(Self::Wpp);
        }
        let noweb = spelling == Spelling::Protocol
            || chat.archived.is_some()
            || chat.pinned.is_some()
            || chat.mute_end_time.is_some()
            || chat.ephemeral_expiration.is_some()
            || chat.lid_jid.is_some()
            || chat.disappearing_mode.is_some()
            || chat.not_spam.is_some()
            || chat.last_message_recv_timestamp.is_some();
        if noweb {
            return Some(Self::Noweb);
        }
        (spelling == Spelling::Public && chat.name.is_some()).then_some(Self::Gows)
    }
}

/// WAHA's version, as `2026.7.1`; what follows is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

impl Version {
    pub(crate) const fn new(year: u32, month: u32, number: u32) -> Self {
        Self(year, month, number)
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
        let mut next = || parts.next().and_then(Result::ok);
        Some(Self(next()?, next()?, next().unwrap_or(0)))
    }
}

/// What is known of the server from a look at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) engine: Option<Engine>,
    pub(crate) version: Option<String>,
    pub(crate) account: Option<ChatId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniff(json: &str) -> Option<Engine> {
        Engine::sniff(&serde_json::from_str::<Vec<WireChat>>(json).unwrap())
    }

    #[test]
    fn a_page_of_chats_shows_its_engine() {
        let webjs =
            r#"[{"id":{"server":"c.us","user":"5511911111111","$1":"5511911111111@c.us"},"timestamp":1}]"#;
        assert_eq!(sniff(webjs), Some(Engine::Webjs));
        assert_eq!(sniff(r#"[{"id":"5511911111111@c.us","t":1}]"#), Some(Engine::Wpp));
        let noweb = r#"[{"id":"120@g.us","conversationTimestamp":1,"name":"x"},{"id":"5511911111111@s.whatsapp.net"}]"#;
        assert_eq!(sniff(noweb), Some(Engine::Noweb));
        assert_eq!(
            sniff(r#"[{"id":"5511911111111@c.us","name":"","conversationTimestamp":null}]"#),
            Some(Engine::Gows)
        );
        assert_eq!(sniff(r#"[{"id":"120@g.us","conversationTimestamp":1,"name":"x"}]"#), None);
    }

    #[test]
    fn versions_are_compared_part_by_part() {
        let at = |text: &str| Version::from_wire(text).unwrap();
        assert!(at("2026.4.1") > at("2025.12.2"));
        assert!(at("2024.10.9-beta") >= Version::new(2024, 10, 9));
        assert_eq!(Version::from_wire("latest"), None);
    }
}
