//! What Wappfy delivers: WAHA's deliveries under its name, until shown otherwise. None was ever recorded, and neither
//! payloads nor the signature are documented.

use wachats_core::{Event, Result};
pub use wachats_waha::event::WahaEvents;

use crate::config::DIALECT;

/// Reads what Wappfy delivers.
pub fn events() -> WahaEvents {
    WahaEvents::of(&DIALECT)
}

/// [`WahaEvents::decode`] of Wappfy's deliveries, without raw JSON.
///
/// # Errors
/// `Decode` for a body that is no JSON.
pub fn decode(body: &[u8]) -> Result<Vec<Event>> {
    events().decode(body)
}

/// [`WahaEvents::verify`] of Wappfy's deliveries.
///
/// # Errors
/// `Unauthenticated` and `ConfigInvalid`, as there.
#[cfg(feature = "webhook")]
pub fn verify(
    keys: &wachats_core::webhook::WebhookKeys,
    headers: &dyn wachats_core::webhook::HeaderView,
    body: &[u8],
) -> Result<()> {
    events().verify(keys, headers, body)
}

#[cfg(test)]
mod tests {
    use wachats_core::Gateway;

    #[test]
    fn events_bear_wappfys_name() {
        let body = br#"{"event":"session.status","session":"shop","payload":{"status":"SCAN_QR_CODE"}}"#;
        let events = super::decode(body).unwrap();
        assert_eq!((events[0].name(), &events[0].gateway), ("session_state", &Gateway::WAPPFY));
        assert_eq!(super::decode(b"no").unwrap_err().gateway(), Some(&Gateway::WAPPFY));
    }
}
