//! What is shown on stderr while it works: bars on a terminal, notices always.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar and lines on stderr that don't spoil each other. There is no bar until one is asked for.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Mutex<ProgressBar>>);

impl Progress {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(ProgressBar::hidden())))
    }

    /// A count of what arrives.
    pub(crate) fn show_items(&self, what: &str) {
        self.show(None, &format!("{{spinner}} {{human_pos}} {what} ({{per_sec}})"));
    }

    /// Bytes, of how many there will be where it is known.
    pub(crate) fn show_bytes(&self, total: Option<u64>) {
        let template = match total {
            Some(_) => "{bar:30} {bytes} of {total_bytes} ({bytes_per_sec}, {eta} left)",
            None => "{spinner} {bytes} ({bytes_per_sec})",
        };
        self.show(total, template);
    }

    /// Chats, with a message beside.
    pub(crate) fn show_chats(&self) {
        self.show(Some(1), "{bar:30} {pos} of {len} chats, {msg}");
    }

    fn show(&self, total: Option<u64>, template: &str) {
        if !io::stderr().is_terminal() {
            return;
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }

    fn bar(&self) -> ProgressBar {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn inc(&self, by: u64) {
        self.bar().inc(by);
    }

    pub(crate) fn set(&self, done: u64, total: u64, message: String) {
        let bar = self.bar();
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(message);
    }

    /// A line on stderr; whoever closed it doesn't want it.
    pub(crate) fn line(&self, line: &str) {
        self.bar().suspend(|| writeln!(io::stderr().lock(), "{line}").ok());
    }

    pub(crate) fn finish(&self) {
        self.bar().finish_and_clear();
    }
}
