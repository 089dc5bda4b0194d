use std::io::SeekFrom;
use std::path::Path;

use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt, AsyncWriteExt, BufWriter};

use super::state::beside;
use super::{ExportFormat, invalid, io};
use crate::csv::Columns;
use crate::{ChatId, Message, MessageKey, Result};

/// The file of messages while it grows, `FILE.part`.
pub(super) struct Part {
    out: BufWriter<File>,
    columns: Option<Columns>,
    bytes: u64,
}

impl Part {
    /// A new one, with CSV's header; an old one at its place is emptied.
    pub(super) async fn create(file: &Path, format: ExportFormat, raw: bool) -> Result<Self> {
        let out = File::create(beside(file, ".part")).await.map_err(|e| io(&e))?;
        let mut part = Self { out: BufWriter::new(out), columns: columns(format, raw)?, bytes: 0 };
        if let Some(columns) = &part.columns {
            let header = columns.header();
            part.write(&header).await?;
        }
        Ok(part)
    }

    /// The one an interrupted export left, cut to the bytes that its state counts.
    pub(super) async fn open(file: &Path, format: ExportFormat, raw: bool, bytes: u64) -> Result<Self> {
        let gone = || invalid("the .part file of the interrupted export is gone or too short; export anew");
        let part = OpenOptions::new().write(true).open(beside(file, ".part")).await;
        let mut out = match part {
            Ok(out) => out,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(gone()),
            Err(error) => return Err(io(&error)),
        };
        if out.metadata().await.map_err(|e| io(&e))?.len() < bytes {
            return Err(gone());
        }
        out.set_len(bytes).await.map_err(|e| io(&e))?;
        out.seek(SeekFrom::Start(bytes)).await.map_err(|e| io(&e))?;
        Ok(Self { out: BufWriter::new(out), columns: columns(format, raw)?, bytes })
    }

    /// Adds a message.
    pub(super) async fn add(&mut self, message: &Message) -> Result<()> {
        let line = match &self.columns {
            Some(columns) => columns.line(message)?,
            None => {
                let mut line = serde_json::to_string(message)
                    .map_err(|_| invalid("a message can't be written as JSON"))?;
                line.push('\n');
                line
            }
        };
        self.write(&line).await
    }

    async fn write(&mut self, line: &str) -> Result<()> {
        self.out.write_all(line.as_bytes()).await.map_err(|e| io(&e))?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Brings what was written to the disk and tells how many bytes there are.
    pub(super) async fn sync(&mut self) -> Result<u64> {
        self.out.flush().await.map_err(|e| io(&e))?;
        self.out.get_ref().sync_data().await.map_err(|e| io(&e))?;
        Ok(self.bytes)
    }
}

/// Gives the finished part its name and removes the state.
pub(super) async fn publish(file: &Path) -> Result<()> {
    match tokio::fs::rename(beside(file, ".part"), file).await {
        Ok(()) => {}
        // An earlier run was stopped between the two steps.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.exists() => {}
        Err(error) => return Err(io(&error)),
    }
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder).await {
        // Not every system can sync a folder; the file itself is on the disk.
        folder.sync_all().await.ok();
    }
    tokio::fs::remove_file(beside(file, ".state")).await.ok();
    Ok(())
}

fn columns(format: ExportFormat, raw: bool) -> Result<Option<Columns>> {
    if format != ExportFormat::Csv {
        return Ok(None);
    }
    let chat: ChatId = "10000".parse()?;
    let key: MessageKey = "0".parse()?;
    let columns = Columns::of(&Message::new(chat, key, false))?;
    Ok(Some(if raw { columns.and("raw") } else { columns }))
}
