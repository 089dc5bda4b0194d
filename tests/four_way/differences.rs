//! What a gateway tells differently from the world, and why.

/// Gateways (by the beginning of their name), what differs, and the reason.
pub(crate) const DIFFERENCES: &[(&[&str], &str, &str)] = &[];
