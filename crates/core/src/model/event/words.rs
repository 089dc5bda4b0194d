use crate::model::open_enum;

open_enum! {
    /// What someone does at the moment.
    PresenceState {
        /// They are there. WAHA: `online`.
        Available = "available",
        /// They are not. WAHA: `offline`.
        Unavailable = "unavailable",
        /// They write. WAHA: `typing`.
        Composing = "composing",
        /// They record a voice note. GOWA: `composing` with the medium `audio`.
        Recording = "recording",
        /// They stopped writing.
        Paused = "paused",
    }
}

open_enum! {
    /// How a group changed.
    GroupAction {
        /// Members came, or the account itself did.
        Join = "join",
        /// Members left or were taken out.
        Leave = "leave",
        /// Members became admins.
        Promote = "promote",
        /// Admins became members.
        Demote = "demote",
        /// Its name changed.
        Subject = "subject",
        /// Its description changed.
        Description = "description",
        /// Who may write, add or edit changed, or anything else of it.
        Settings = "settings",
    }
}

open_enum! {
    /// What became of a call.
    CallAction {
        /// It rings.
        Offer = "offer",
        /// It was taken. Green-API: `pickUp`.
        Accept = "accept",
        /// It was refused. Green-API: `declined`.
        Reject = "reject",
        /// It is over, taken or not. Green-API: `hangUp`, `missed`.
        End = "end",
    }
}

open_enum! {
    /// What happened to a label.
    LabelAction {
        /// It was put on a chat.
        Added = "added",
        /// It was taken off a chat.
        Removed = "removed",
        /// The label itself was made or changed.
        Upserted = "upserted",
        /// The label itself was deleted.
        Deleted = "deleted",
    }
}
