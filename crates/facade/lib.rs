#![doc = include_str!("../../docs/crate.md")]

pub use wachats_core::*;

#[cfg(feature = "gowa")]
pub use wachats_gowa as gowa;
#[cfg(feature = "green-api")]
pub use wachats_green_api as green_api;
#[cfg(feature = "waha")]
pub use wachats_waha as waha;
#[cfg(feature = "wappfy")]
pub use wachats_wappfy as wappfy;

/// The drivers of the gateways whose features are enabled.
pub const DRIVERS: &[&dyn Driver] = &[
    #[cfg(feature = "waha")]
    &wachats_waha::WahaDriver,
    #[cfg(feature = "wappfy")]
    &wachats_wappfy::WappfyDriver,
    #[cfg(feature = "green-api")]
    &wachats_green_api::GreenApiDriver,
    #[cfg(feature = "gowa")]
    &wachats_gowa::GowaDriver,
];

/// Opens the gateway at an address like `waha+http://localhost:3000?session=default`; sends nothing.
///
/// For drivers of your own see [`wachats_core::connect`](fn@wachats_core::connect), which takes them.
///
/// # Errors
/// `ConfigInvalid` for an unknown scheme or option, a missing secret, a secret in the address, or plain
/// http to another machine.
pub fn connect(uri: &str, options: impl Into<ConnectOptions>) -> Result<Chats> {
    wachats_core::connect(uri, options, DRIVERS)
}
