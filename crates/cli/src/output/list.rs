//! Lists, printed as they arrive where the format allows it.

use std::marker::PhantomData;

use wachats::csv::Columns;

use super::table::Table;
use super::{Format, Row, print};
use crate::failure::Run;

/// A list on its way to stdout.
pub(crate) struct List<T> {
    state: State,
    raw: bool,
    items: PhantomData<fn(&T)>,
}

enum State {
    /// An array is printed whole or not at all.
    Json(String),
    /// An array of what comes once only: each item is printed at once. True once there was one.
    JsonAtOnce(bool),
    Jsonl,
    Csv(Columns),
    Table(Table),
}

impl<T: Row> List<T> {
    pub(super) fn begin(format: Format, raw: bool) -> Run<Self> {
        let state = match format {
            Format::Json => State::Json("[".to_owned()),
            Format::Jsonl => State::Jsonl,
            Format::Csv => State::Csv(columns::<T>(raw)?),
            Format::Table => State::Table(Table::new(T::COLUMNS)),
        };
        if let State::Csv(columns) = &state {
            print(&columns.header())?;
        }
        Ok(Self { state, raw, items: PhantomData })
    }

    /// Prints each item at once, whatever the format.
    pub(super) fn begin_at_once(format: Format, raw: bool) -> Run<Self> {
        match format {
            Format::Json => Ok(Self { state: State::JsonAtOnce(false), raw, items: PhantomData }),
            _ => Self::begin(format, raw),
        }
    }

    pub(crate) fn push(&mut self, item: &T) -> Run {
        match &mut self.state {
            State::Json(array) => {
                if array.len() > 1 {
                    array.push(',');
                }
                array.push_str(&json(item, self.raw)?);
                Ok(())
            }
            State::JsonAtOnce(begun) => {
                let mark = if std::mem::replace(begun, true) { ',' } else { '[' };
                print(&format!("{mark}{}", json(item, self.raw)?))
            }
            State::Jsonl => print(&(json(item, self.raw)? + "\n")),
            State::Csv(columns) => print(&columns.line(item)?),
            State::Table(table) => {
                let text = table.push(item.cells());
                if text.is_empty() { Ok(()) } else { print(&text) }
            }
        }
    }

    pub(crate) fn end(self) -> Run {
        match self.state {
            State::Json(array) => print(&(array + "]\n")),
            State::JsonAtOnce(begun) => print(if begun { "]\n" } else { "[]\n" }),
            State::Table(mut table) => print(&table.end()),
            State::Jsonl | State::Csv(_) => Ok(()),
        }
    }

    /// It failed midway: what a person has to see is shown, half an array is not. One that was printed at once is
    /// closed.
    pub(crate) fn break_off(self) {
        match self.state {
            State::Table(mut table) => print(&table.break_off()).ok(),
            State::JsonAtOnce(true) => print("]\n").ok(),
            _ => None,
        };
    }
}

pub(super) fn columns<T: Row>(raw: bool) -> Run<Columns> {
    let columns = Columns::of(&T::sample()?)?;
    Ok(if raw { columns.and("raw") } else { columns })
}

/// With `raw` even where the gateway gave none.
pub(super) fn json<T: Row>(item: &T, raw: bool) -> Run<String> {
    let mut text = super::json(item)?;
    if raw && !item.has_raw() && text.pop() == Some('}') {
        text.push_str(",\"raw\":null}");
    }
    Ok(text)
}
