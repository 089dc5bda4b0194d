use super::open_enum;

open_enum! {
    /// How far a message got.
    ///
    /// Of an own message: its delivery. Of others' messages: our own reading of them, told by WAHA alone.
    /// GOWA tells none.
    Ack {
        /// It failed.
        Error = "error",
        /// It waits here.
        Pending = "pending",
        /// WhatsApp has it.
        Server = "server",
        /// The other phone has it.
        Device = "device",
        /// It was read.
        Read = "read",
        /// The voice note or video was played. Green-API never tells it.
        Played = "played",
    }
}

impl Ack {
    /// WhatsApp's own number for it, −1 to 4; `None` for unknown words.
    pub fn level(&self) -> Option<i8> {
        match self {
            Self::Error => Some(-1),
            Self::Pending => Some(0),
            Self::Server => Some(1),
            Self::Device => Some(2),
            Self::Read => Some(3),
            Self::Played => Some(4),
            Self::Other(_) => None,
        }
    }

    /// The ack of a number, −1 to 4; `None` for any other.
    pub fn from_level(level: i64) -> Option<Self> {
        Some(match level {
            -1 => Self::Error,
            0 => Self::Pending,
            1 => Self::Server,
            2 => Self::Device,
            3 => Self::Read,
            4 => Self::Played,
            _ => return None,
        })
    }
}
