//! A client for the tests. Built beside crates that ask reqwest for rustls, it needs a provider even for plain http.
#![allow(unreachable_pub, missing_docs, reason = "a helper of tests")]

pub fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::new()
}
