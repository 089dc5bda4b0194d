//! Spellings of WhatsApp ids.
//!
//! The world keeps one spelling per id: `digits@c.us` for people, `@g.us`, `@lid`, `@newsletter`, `@broadcast` for the
//! rest. Dialects translate to and from the spelling of their gateway.

/// Brings any accepted spelling of an id to the one the world uses.
///
/// `…@s.whatsapp.net` becomes `…@c.us`, a device suffix (`:12`) is dropped, bare digits become a person's id. Anything
/// else is returned as it is, trimmed of a leading `+`.
///
/// ```
/// use wachats_simulator::world::ids::canonical;
/// assert_eq!(canonical("5511911111111:12@s.whatsapp.net"), "5511911111111@c.us");
/// assert_eq!(canonical("+5511911111111"), "5511911111111@c.us");
/// assert_eq!(canonical("120363000000000001@g.us"), "120363000000000001@g.us");
/// ```
#[must_use]
pub fn canonical(id: &str) -> String {
    let id = id.trim().trim_start_matches('+');
    match id.split_once('@') {
        None => format!("{id}@c.us"),
        Some((user, server)) => {
            let user = user.split_once(':').map_or(user, |(user, _device)| user);
            let server = if server == "s.whatsapp.net" { "c.us" } else { server };
            format!("{user}@{server}")
        }
    }
}

/// Spells a canonical id the way WhatsApp's own protocol does: `…@s.whatsapp.net` for people.
#[must_use]
pub fn protocol(id: &str) -> String {
    match id.strip_suffix("@c.us") {
        Some(user) => format!("{user}@s.whatsapp.net"),
        None => id.to_owned(),
    }
}

/// The part before the `@`.
#[must_use]
pub fn user_of(id: &str) -> &str {
    id.split_once('@').map_or(id, |(user, _)| user)
}

/// The part after the `@`, empty when there is none.
#[must_use]
pub fn server_of(id: &str) -> &str {
    id.split_once('@').map_or("", |(_, server)| server)
}

/// Whether the id is a group's.
#[must_use]
pub fn is_group(id: &str) -> bool {
    server_of(id) == "g.us"
}

/// Whether the id is a person's, by phone or by lid.
#[must_use]
pub fn is_person(id: &str) -> bool {
    matches!(server_of(id), "c.us" | "lid")
}

/// Whether messages of the chat carry a participant: groups and the status chat do.
#[must_use]
pub fn has_participants(id: &str) -> bool {
    matches!(server_of(id), "g.us" | "broadcast")
}
