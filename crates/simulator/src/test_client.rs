//! A client for the unit tests. Built beside crates that ask reqwest for rustls, it needs a provider even for plain http.

pub(crate) fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::new()
}
