use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Which kind of gateway answers: the word printed in errors, spans and JSON.
///
/// The four that wachats ships are constants; a third party names its own with [`Gateway::new`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gateway(Cow<'static, str>);

impl Gateway {
    /// WAHA, `waha`.
    pub const WAHA: Self = Self::new("waha");
    /// Wappfy, `wappfy`.
    pub const WAPPFY: Self = Self::new("wappfy");
    /// Green-API, `green-api`.
    pub const GREEN_API: Self = Self::new("green-api");
    /// go-whatsapp-web-multidevice, `gowa`.
    pub const GOWA: Self = Self::new("gowa");
    /// The provider without sockets, [`Memory`](crate::Memory).
    pub const MEMORY: Self = Self::new("memory");

    /// A gateway of your own; lower-case words joined by hyphens read best.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name, as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
