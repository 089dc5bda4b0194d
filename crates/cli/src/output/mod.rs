//! What is printed on stdout, and nothing else is.

mod list;
mod people;
mod rows;
mod table;
mod terminal;
mod told;

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use wachats::csv::{self, Columns};
use wachats::{Capability, Entry};

use crate::args::FormatArg;
use crate::failure::{Run, Stop};
pub(crate) use list::List;
pub(crate) use rows::Row;
use table::{Column, Table};
pub(crate) use told::Told;

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
}

impl Format {
    /// The one asked for; else a table on a terminal, JSON for programs.
    pub(crate) fn of(asked: Option<FormatArg>) -> Self {
        match asked {
            Some(FormatArg::Table) => Self::Table,
            Some(FormatArg::Json) => Self::Json,
            Some(FormatArg::Jsonl) => Self::Jsonl,
            Some(FormatArg::Csv) => Self::Csv,
            None if io::stdout().is_terminal() => Self::Table,
            None => Self::Json,
        }
    }

    /// Does a program read it as JSON?
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }
}

/// Stdout in one format.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    format: Format,
    raw: bool,
}

impl Output {
    pub(crate) fn new(format: Format, raw: bool) -> Self {
        Self { format, raw }
    }

    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Is the terminal free for a bar while a list arrives?
    pub(crate) fn is_quiet(&self) -> bool {
        self.format == Format::Json || !io::stdout().is_terminal()
    }

    /// Text as it is.
    pub(crate) fn text(&mut self, text: &str) -> Run {
        print(text)
    }

    /// One object.
    pub(crate) fn object(&mut self, object: &impl Serialize) -> Run {
        let text = match self.format {
            Format::Json | Format::Jsonl => json(object)? + "\n",
            Format::Csv => {
                let columns = Columns::of(object)?;
                columns.header() + &columns.line(object)?
            }
            Format::Table => facts(csv::fields(object)?),
        };
        print(&text)
    }

    /// One item of a list, alone.
    pub(crate) fn item<T: Row>(&mut self, item: &T) -> Run {
        if self.format == Format::Table {
            return self.object(item);
        }
        let raw = self.raw;
        let text = match self.format {
            Format::Csv => {
                let columns = list::columns::<T>(raw)?;
                columns.header() + &columns.line(item)?
            }
            _ => list::json(item, raw)? + "\n",
        };
        print(&text)
    }

    /// A list, item by item.
    pub(crate) fn list<T: Row>(&mut self) -> Run<List<T>> {
        List::begin(self.format, self.raw)
    }

    /// A list of what comes once only: an item that was pushed has been printed.
    pub(crate) fn list_at_once<T: Row>(&mut self) -> Run<List<T>> {
        List::begin_at_once(self.format, self.raw)
    }

    /// What a gateway can do: an object, or a table of its operations.
    pub(crate) fn capabilities<'a>(
        &mut self,
        object: &wachats::Capabilities,
        rows: impl Iterator<Item = (Capability, &'a Entry)>,
    ) -> Run {
        if self.format != Format::Table {
            return self.object(object);
        }
        let told = [Some(object.gateway.as_str()), object.engine.as_deref(), object.version.as_deref()];
        let told: Vec<_> = told.into_iter().flatten().map(terminal::plain).collect();
        let mut text = told.join(" ") + "\n\n";
        let mut table =
            Table::new(&[Column::new("OPERATION"), Column::new("SUPPORT"), Column::uncut("REASON")]);
        for (capability, entry) in rows {
            let support = match entry.support {
                wachats::Support::Native => "native",
                wachats::Support::Emulated => "emulated",
                _ => "no",
            };
            let reason = entry.reason.as_deref().unwrap_or_default();
            text += &table.push(vec![
                capability.as_str().to_owned(),
                support.to_owned(),
                terminal::plain(reason),
            ]);
        }
        text += &table.end();
        print(&text)
    }
}

fn json(item: &impl Serialize) -> Run<String> {
    serde_json::to_string(item).map_err(|error| Stop::stdout(&io::Error::from(error)))
}

/// Writes and flushes: whoever reads gets each item when it is there.
fn print(text: &str) -> Run {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Stop::stdout(&error))
}

/// An object for eyes: a line for every fact that is known.
fn facts(fields: Vec<(String, Option<String>)>) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in fields {
        text +=
            &format!("{name:width$}  {}\n", value.as_deref().map_or_else(|| "-".to_owned(), terminal::plain));
    }
    text
}
