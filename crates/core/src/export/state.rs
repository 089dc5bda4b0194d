use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

use super::place::Place;
use super::{ExportFormat, invalid, io};
use crate::{ChatId, ChatScope, Gateway, Result};

/// What an export was asked for: a resumed one must be the same.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Query {
    pub(super) gateway: Gateway,
    /// `None` for all chats.
    pub(super) chat: Option<ChatId>,
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) format: ExportFormat,
    pub(super) raw: bool,
}

/// The file beside an unfinished export that tells how far it got.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct State {
    version: u32,
    pub(super) query: Query,
    /// The chats, in the order in which they are read.
    pub(super) chats: Vec<ChatId>,
    /// How many of them are written.
    pub(super) done: usize,
    /// Where the next one stands.
    pub(super) place: Place,
    pub(super) messages: u64,
    pub(super) skipped: u64,
    /// How much of the file of messages counts; what lies beyond was written after this state.
    pub(super) bytes: u64,
    /// Only the file's name is left to be changed.
    pub(super) complete: bool,
}

impl State {
    pub(super) fn new(query: Query, chats: Vec<ChatId>, skipped: u64) -> Self {
        Self {
            version: 1,
            query,
            chats,
            done: 0,
            place: Place::default(),
            messages: 0,
            skipped,
            bytes: 0,
            complete: false,
        }
    }

    /// The state beside `file`, if there is one.
    pub(super) async fn load(file: &Path, query: &Query) -> Result<Option<Self>> {
        let bytes = match tokio::fs::read(beside(file, ".state")).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(&error)),
        };
        let state: Self = serde_json::from_slice(&bytes).map_err(|_| {
            invalid("the .state file of the interrupted export can't be read; remove it to begin anew")
        })?;
        if state.version != 1 || state.query != *query {
            return Err(invalid(
                "the interrupted export at this place was of another gateway, chat, time or format",
            ));
        }
        Ok(Some(state))
    }

    /// Replaces the state beside `file`, whole or not at all.
    pub(super) async fn save(&self, file: &Path) -> Result<()> {
        let json =
            serde_json::to_vec(self).map_err(|_| invalid("the state of the export can't be written"))?;
        let new = beside(file, ".state.new");
        let written = async {
            let mut out = tokio::fs::File::create(&new).await?;
            out.write_all(&json).await?;
            out.sync_all().await?;
            tokio::fs::rename(&new, beside(file, ".state")).await
        };
        written.await.map_err(|error| io(&error))
    }
}

/// The file's name with an ending more.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl Query {
    pub(super) fn scope(&self) -> ChatScope {
        self.chat.clone().map_or(ChatScope::All, ChatScope::One)
    }
}
