//! `RUST_LOG` on stderr: only what wachats itself says. The HTTP client below it prints addresses.

use std::io;

use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

pub(crate) fn start() {
    let asked = std::env::var_os("RUST_LOG").is_some_and(|filter| !filter.is_empty());
    let wanted = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let wanted = match std::env::var("RUST_LOG") {
        Ok(filter) => wanted.parse_lossy(filter),
        Err(_) => wanted.parse_lossy(""),
    };
    let own = filter_fn(|metadata| metadata.target().starts_with("wachats"));
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
    let registry = tracing_subscriber::registry().with(wanted).with(own);
    // Unasked, only warnings come: they read better without a date.
    if asked {
        // An operation and each of its attempts is a line when it ends.
        registry.with(lines.with_span_events(FmtSpan::CLOSE)).try_init().ok();
    } else {
        registry.with(lines.without_time().with_target(false)).try_init().ok();
    }
}
