//! `export`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Serialize;
use wachats::{ChatScope, ExportFormat};

use crate::args::{Command, FormatArg, Global};
use crate::failure::{Failure, Run};
use crate::input;
use crate::run::Session;

/// What to write where.
pub(crate) struct Wish {
    scope: ChatScope,
    path: PathBuf,
    format: ExportFormat,
    raw: bool,
    resume: bool,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

pub(crate) fn wish(command: &Command, global: &Global) -> Run<Option<Wish>> {
    let Command::Export { chat, all: _, output, resume, since, until } = command else { return Ok(None) };
    let scope = match chat {
        Some(chat) => input::chat(chat)?.into(),
        None => ChatScope::All,
    };
    input::file(output)?;
    let (since, until) = input::span(since.as_deref(), until.as_deref())?;
    Ok(Some(Wish {
        scope,
        format: format(global.format, output)?,
        path: output.clone(),
        raw: global.raw,
        resume: *resume,
        since,
        until,
    }))
}

/// `json` and `table` are for the report alone.
fn format(asked: Option<FormatArg>, path: &Path) -> Run<ExportFormat> {
    match asked {
        Some(FormatArg::Jsonl) => Ok(ExportFormat::Jsonl),
        Some(FormatArg::Csv) => Ok(ExportFormat::Csv),
        _ => ExportFormat::of_path(path).ok_or_else(|| {
            Failure::usage("the file's ending is neither .jsonl nor .csv: say --format jsonl or --format csv")
                .into()
        }),
    }
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    path: PathBuf,
    chats: u64,
    messages: u64,
    skipped: u64,
}

pub(crate) async fn run(mut session: Session, wish: Wish) -> Run {
    let mut export =
        session.chats.export(wish.scope, wish.path).format(wish.format).raw(wish.raw).resume(wish.resume);
    if let Some(since) = wish.since {
        export = export.since(since);
    }
    if let Some(until) = wish.until {
        export = export.until(until);
    }
    session.progress.show_chats();
    let (bar, lines) = (session.progress.clone(), session.progress.clone());
    let mut shown = Instant::now();
    let export = export
        .on_progress(move |now| {
            if shown.elapsed() >= Duration::from_millis(100) || now.chats == now.chats_total {
                shown = Instant::now();
                let rate = now.rate();
                let told = format!("{} messages ({rate:.0}/s), {} skipped", now.messages, now.skipped);
                bar.set(now.chats, now.chats_total, told);
            }
        })
        .on_skipped(move |skipped| lines.line(&format!("skipped: {skipped}")));
    let report = export.run().await;
    session.progress.finish();
    let report = report?;
    session.out.object(&Report {
        ok: true,
        path: report.path,
        chats: report.chats,
        messages: report.messages,
        skipped: report.skipped,
    })
}
