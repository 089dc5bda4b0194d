//! Messages of one chat or of all, written to a file that can be resumed.

mod file;
mod place;
mod run;
mod state;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ChatScope, Chats, Error, ErrorKind, Operation, Result, Skipped};
use run::Run;
use state::Query;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExportFormat {
    /// One message a line, as JSON.
    Jsonl,
    /// A header, then one message a line; see [`csv`](crate::csv).
    Csv,
}

impl ExportFormat {
    /// By the ending of a file's name: `.jsonl`, `.ndjson` or `.csv`, letter case aside.
    pub fn of_path(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.parse().ok()
    }
}

impl FromStr for ExportFormat {
    type Err = Error;

    /// `jsonl` (or `ndjson`) or `csv`.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            _ => Err(invalid("an export is jsonl or csv")),
        }
    }
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportProgress {
    /// Chats written whole.
    pub chats: u64,
    /// Chats there are to write.
    pub chats_total: u64,
    /// Messages written, those of earlier runs included.
    pub messages: u64,
    /// Items that could not be decoded.
    pub skipped: u64,
    /// Messages written by this run.
    pub new_messages: u64,
    /// How long this run takes so far.
    pub elapsed: Duration,
}

impl ExportProgress {
    /// Messages a second in this run.
    pub fn rate(&self) -> f64 {
        self.new_messages as f64 / self.elapsed.as_secs_f64().max(0.001)
    }
}

/// What an export wrote, all of its runs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportReport {
    /// The file.
    pub path: PathBuf,
    /// How many chats.
    pub chats: u64,
    /// How many messages.
    pub messages: u64,
    /// How many items could not be decoded, chats among them.
    pub skipped: u64,
}

type OnProgress = Box<dyn FnMut(&ExportProgress) + Send>;
type OnSkipped = Arc<dyn Fn(&Skipped) + Send + Sync>;

/// An export that is about to run: see [`Chats::export`].
#[must_use = "nothing is written until it runs"]
pub struct Export {
    chats: Chats,
    scope: ChatScope,
    path: PathBuf,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    format: Option<ExportFormat>,
    raw: bool,
    resume: bool,
    on_progress: Option<OnProgress>,
    on_skipped: Option<OnSkipped>,
}

impl Chats {
    /// Writes the messages of a chat, or of all chats one after the other, to a file; newest first in each
    /// chat. Memory stays small however many there are.
    ///
    /// It grows as `FILE.part`, with `FILE.state` beside it, and takes its name only once it is whole. After
    /// an interruption of any kind, [`resume`](Export::resume) goes on where the state says. An export is a
    /// picture of each chat at the moment its walk began: what arrives later is not in it.
    ///
    /// ```
    /// use wachats_core::{Chat, Chats, Memory, Message};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> wachats_core::Result<()> {
    /// let alice = Chat::new("79001234567".parse()?);
    /// let hello = Message::new(alice.id.clone(), "3EB0".parse()?, true);
    /// let chats = Chats::new(Memory::new(vec![alice.clone()], vec![hello]));
    /// let file = std::env::temp_dir().join(format!("wachats-doc-{}.jsonl", std::process::id()));
    /// let report = chats.export(alice.id, &file).resume(true).run().await?;
    /// assert_eq!((report.chats, report.messages), (1, 1));
    /// # std::fs::remove_file(file).ok();
    /// # Ok(()) }
    /// ```
    pub fn export(&self, scope: impl Into<ChatScope>, path: impl Into<PathBuf>) -> Export {
        Export {
            chats: self.clone(),
            scope: scope.into(),
            path: path.into(),
            since: None,
            until: None,
            format: None,
            raw: false,
            resume: false,
            on_progress: None,
            on_skipped: None,
        }
    }
}

impl Export {
    /// Only messages not older than this (inclusive).
    pub fn since(mut self, time: DateTime<Utc>) -> Self {
        self.since = Some(time);
        self
    }

    /// Only messages not newer than this (inclusive).
    pub fn until(mut self, time: DateTime<Utc>) -> Self {
        self.until = Some(time);
        self
    }

    /// How to write; by the file's ending where it isn't said.
    pub fn format(mut self, format: ExportFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Writes each message's raw JSON too, as `raw`.
    pub fn raw(mut self, raw: bool) -> Self {
        self.raw = raw;
        self
    }

    /// Goes on with an interrupted export at the same place; begins where there is none. Without it, what an
    /// interrupted one left is overwritten.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Told after every message and chat.
    pub fn on_progress(mut self, hook: impl FnMut(&ExportProgress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(hook));
        self
    }

    /// Told of every item that could not be decoded; a warning in the log where it isn't set.
    pub fn on_skipped(mut self, hook: impl Fn(&Skipped) + Send + Sync + 'static) -> Self {
        self.on_skipped = Some(Arc::new(hook));
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// `InvalidInput` for a file whose ending tells no format, or an interrupted export of another query;
    /// `Io` when writing fails; those of a read. What was read before the error is kept for
    /// [`resume`](Self::resume).
    ///
    /// # Cancel safety
    /// Dropping the future is an interruption: at most the last second's work is read again.
    pub async fn run(self) -> Result<ExportReport> {
        let format = self
            .format
            .or_else(|| ExportFormat::of_path(&self.path))
            .ok_or_else(|| invalid("the file's ending tells neither jsonl nor csv: name the format"))?;
        let query = Query {
            gateway: self.chats.gateway(),
            chat: self.scope.chat().cloned(),
            since: self.since,
            until: self.until,
            format,
            raw: self.raw,
        };
        Run::begin(self, query).await?.finish().await
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("scope", &self.scope)
            .field("format", &self.format)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, Operation::ListMessages).with_message(message)
}

fn io(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, Operation::ListMessages)
        .with_message(format!("writing the export failed: {}", error.kind()))
}
