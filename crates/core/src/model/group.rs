use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ChatId, RawJson, open_enum};

open_enum! {
    /// What a member of a group may do.
    Role {
        /// Write, where the group lets everybody.
        Member = "member",
        /// Change the group.
        Admin = "admin",
        /// Change the group; its creator, whom nobody can remove.
        Superadmin = "superadmin",
    }
}

impl Role {
    /// Of the two flags that gateways tell. The creator has both: the stronger one counts.
    pub const fn of_flags(admin: bool, superadmin: bool) -> Self {
        match (admin, superadmin) {
            (_, true) => Self::Superadmin,
            (true, false) => Self::Admin,
            (false, false) => Self::Member,
        }
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Participant {
    /// The person: by phone where the gateway tells it, else by lid.
    pub id: ChatId,
    /// What the person may do.
    pub role: Role,
}

impl Participant {
    /// A member with a role.
    pub fn new(id: ChatId, role: Role) -> Self {
        Self { id, role }
    }
}

/// A group, as one of its members sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupInfo {
    /// Its id, `…@g.us`.
    pub id: ChatId,
    /// Its name.
    pub subject: Option<String>,
    /// Its description; `None` also where there is none. Green-API tells none.
    pub description: Option<String>,
    /// Who made it.
    pub owner_id: Option<ChatId>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// Only admins write. Green-API doesn't tell.
    pub announce: Option<bool>,
    /// Only admins change name, picture and description. Green-API doesn't tell.
    pub locked: Option<bool>,
    /// Its members; `None` where they aren't told.
    pub participants: Option<Vec<Participant>>,
    /// The JSON the gateway sent, on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawJson>,
}

impl GroupInfo {
    /// A group of which only the id is known.
    pub fn new(id: ChatId) -> Self {
        Self {
            id,
            subject: None,
            description: None,
            owner_id: None,
            created_at: None,
            announce: None,
            locked: None,
            participants: None,
            raw: None,
        }
    }
}

impl fmt::Debug for GroupInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupInfo")
            .field("id", &self.id)
            .field("announce", &self.announce)
            .field("locked", &self.locked)
            .field("participants", &self.participants.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_prints_every_key() {
        let mut group = GroupInfo::new("120363000000000001@g.us".parse().unwrap());
        group.participants =
            Some(vec![Participant::new("7900123@c.us".parse().unwrap(), Role::of_flags(true, true))]);
        assert_eq!(
            serde_json::to_string(&group).unwrap(),
            r#"{"id":"120363000000000001@g.us","subject":null,"description":null,"owner_id":null,"created_at":null,"announce":null,"locked":null,"participants":[{"id":"7900123@c.us","role":"superadmin"}]}"#
        );
        assert!(!format!("{group:?}").contains("7900123"));
    }
}
